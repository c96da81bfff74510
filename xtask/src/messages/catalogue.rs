//! What a browser loads of a translation, and the language that only tests read.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::json;

use super::extract::{self, Messages};
use super::po::{self, Entry};

/// The categories of numbers by the CLDR.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// The translations into one language.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// A tag such as `de` or `pt-BR`.
    pub(crate) tag: String,
    /// What the language calls itself.
    pub(crate) name: String,
    categories: Vec<String>,
    texts: BTreeMap<String, Vec<String>>,
}

/// What is wrong with a translation, and in which line of its file.
pub(crate) type Mistake = (usize, String);

impl Catalogue {
    /// What a translator made of `messages`; what is not translated, or not said any more, is left out.
    pub(crate) fn read(tag: &str, text: &str, messages: &Messages) -> Result<(Self, Vec<Mistake>)> {
        let entries = po::parse(text)?;
        let header = entries.iter().find(|entry| entry.english.is_empty());
        let header = header.and_then(|entry| entry.forms.first()).context("it has no header")?;
        let mut catalogue = Self {
            tag: tag.to_owned(),
            name: field(header, "X-Language-Name").context("X-Language-Name is missing")?,
            categories: field(header, "X-Plural-Categories")
                .context("X-Plural-Categories is missing")?
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            texts: BTreeMap::new(),
        };
        let mut mistakes = catalogue.header_mistakes();
        for entry in entries.into_iter().filter(Entry::is_translated) {
            let Some(message) = messages.get(&entry.english) else { continue };
            if entry.many != message.many {
                continue;
            }
            mistakes.extend(catalogue.mistake(&entry).map(|sentence| (entry.line, sentence)));
            catalogue.texts.insert(entry.english, entry.forms);
        }
        Ok((catalogue, mistakes))
    }

    /// English that shows what is not translated yet and where longer words do not fit.
    pub(crate) fn pseudo(messages: &Messages) -> Self {
        let texts = messages.iter().map(|(english, message)| {
            let forms = [Some(english), message.many.as_ref()].into_iter().flatten();
            let disguised = forms.map(|form| disguised(form, message.is_filled)).collect();
            (english.clone(), disguised)
        });
        Self {
            tag: "en-XA".to_owned(),
            name: "⟦Pseudo⟧".to_owned(),
            categories: vec!["one".to_owned(), "other".to_owned()],
            texts: texts.collect(),
        }
    }

    /// As the designer reads it.
    pub(crate) fn json(&self) -> Vec<u8> {
        json!({ "language": self.tag, "categories": self.categories, "texts": self.texts })
            .to_string()
            .into_bytes()
    }

    fn header_mistakes(&self) -> Vec<Mistake> {
        let mut sentences = Vec::new();
        if self.name.contains([';', '"', '<', '&']) {
            sentences.push(format!("`{}` is no name of a language", self.name));
        }
        let foreign = |category: &&String| !CATEGORIES.contains(&category.as_str());
        if let Some(category) = self.categories.iter().find(foreign) {
            sentences.push(format!("`{category}` is no category of numbers"));
        }
        sentences.into_iter().map(|sentence| (1, sentence)).collect()
    }

    fn mistake(&self, entry: &Entry) -> Option<String> {
        let wanted = if entry.many.is_some() { self.categories.len() } else { 1 };
        if entry.forms.len() != wanted {
            return Some(format!("it has {} forms and needs {wanted}", entry.forms.len()));
        }
        let mut known = extract::placeholders(&entry.english);
        known.extend(entry.many.iter().flat_map(|many| extract::placeholders(many)));
        entry.forms.iter().find_map(|form| {
            let own = extract::placeholders(form);
            let is_whole = entry.many.is_some() || own == known;
            (!own.is_subset(&known) || !is_whole)
                .then(|| format!("the placeholders are {}, not {}", listed(&known), listed(&own)))
        })
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("{{{}}}", names.join("}, {"))
}

fn field(header: &str, name: &str) -> Option<String> {
    let lines = header.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(own, _)| *own == name).map(|(_, value)| value.trim());
    values.next().filter(|value| !value.is_empty()).map(str::to_owned)
}

/// A text in ⟦ ⟧ with other letters; its placeholders stay.
fn disguised(text: &str, is_filled: bool) -> String {
    let mut is_name = false;
    let letters = text.chars().map(|letter| {
        is_name = is_filled && (letter == '{' || is_name && letter != '}');
        if is_name { letter } else { accented(letter) }
    });
    format!("⟦{}⟧", letters.collect::<String>())
}

fn accented(letter: char) -> char {
    const PLAIN: &str = "aceinosuyzACEINOSUYZ";
    const ACCENTED: &str = "áçéîñöšüýžÁÇÉÎÑÖŠÜÝŽ";
    let place = PLAIN.chars().position(|plain| plain == letter);
    place.and_then(|place| ACCENTED.chars().nth(place)).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::super::extract::extract;
    use super::*;

    const SOURCE: &str = r#"t!("Home") t!("Hello {name}", name) t!("Inbox") plural!(n, "{count} step", "{count} steps")"#;

    fn messages() -> Messages {
        extract([("designer/src/a.rs", SOURCE)]).0
    }

    fn read(entries: &str) -> (Catalogue, Vec<Mistake>) {
        let header = "msgid \"\"\nmsgstr \"\"\n\"X-Plural-Categories: one few many\\n\"\n\"X-Language-Name: Polski\\n\"\n";
        Catalogue::read("pl", &format!("{header}{entries}"), &messages()).unwrap()
    }

    #[test]
    fn a_translation_becomes_what_the_browser_reads() {
        let (catalogue, mistakes) = read(
            "msgid \"Home\"\nmsgstr \"Start\"\nmsgid \"Inbox\"\nmsgstr \"\"\nmsgid \"Gone\"\nmsgstr \"Nie ma\"\n\
             msgid \"{count} step\"\nmsgid_plural \"{count} steps\"\nmsgstr[0] \"{count} krok\"\nmsgstr[1] \"{count} kroki\"\nmsgstr[2] \"{count} kroków\"\n",
        );
        assert_eq!(mistakes, []);
        assert_eq!(catalogue.name, "Polski");
        let json: serde_json::Value = serde_json::from_slice(&catalogue.json()).unwrap();
        assert_eq!(
            json,
            json!({
                "language": "pl", "categories": ["one", "few", "many"],
                "texts": { "Home": ["Start"], "{count} step": ["{count} krok", "{count} kroki", "{count} kroków"] },
            })
        );
    }

    #[test]
    fn a_translation_that_cannot_be_filled_is_told_with_its_line() {
        let (_, mistakes) = read(
            "msgid \"Hello {name}\"\nmsgstr \"Witaj {imie}\"\n\
             msgid \"{count} step\"\nmsgid_plural \"{count} steps\"\nmsgstr[0] \"krok\"\nmsgstr[1] \"kroki\"\n",
        );
        assert_eq!(
            mistakes,
            [
                (5, "the placeholders are {name}, not {imie}".to_owned()),
                (7, "it has 2 forms and needs 3".to_owned()),
            ]
        );
        assert!(Catalogue::read("pl", "msgid \"Home\"\nmsgstr \"Start\"\n", &messages()).is_err());
    }

    #[test]
    fn the_disguise_keeps_placeholders() {
        let pseudo = Catalogue::pseudo(&messages());
        assert_eq!(pseudo.texts["Hello {name}"], ["⟦Héllö {name}⟧"]);
        assert_eq!(pseudo.texts["{count} step"], ["⟦{count} štép⟧", "⟦{count} štépš⟧"]);
        assert_eq!(disguised("{once}", false), "⟦{öñçé}⟧");
    }
}
