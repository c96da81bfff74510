//! The files of gettext: the template that translators begin with, and what they make of it.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::extract::{Message, Messages};

/// The beginning of the template; a translation fills it in.
const HEADER: &str = r#"# What Waymark says in the browser. Made by `cargo xtask messages` from the sources.
# A translation is a file LANG.po beside this one, with LANG as in `de` or `pt-BR`.
# X-Language-Name is what the language calls itself. X-Plural-Categories names, by the CLDR's words
# (zero, one, two, few, many, other), what each msgstr[N] is for.
msgid ""
msgstr ""
"Project-Id-Version: Waymark\n"
"Language: \n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"X-Plural-Categories: one other\n"
"X-Language-Name: \n"
"#;

/// One message as a file has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The line of its `msgid`, counted from one.
    pub(crate) line: usize,
    pub(crate) english: String,
    pub(crate) many: Option<String>,
    pub(crate) forms: Vec<String>,
    /// Its translator, or a program, was not sure.
    pub(crate) is_fuzzy: bool,
}

impl Entry {
    pub(crate) fn is_translated(&self) -> bool {
        !self.is_fuzzy && !self.forms.is_empty() && self.forms.iter().all(|form| !form.is_empty())
    }
}

/// The template: by the first file of each message, then by its English, without line numbers.
pub(crate) fn template(messages: &Messages) -> String {
    let mut sorted: Vec<(&String, &Message)> = messages.iter().collect();
    sorted.sort_by_key(|(english, message)| (message.files.first(), *english));
    let mut text = HEADER.to_owned();
    for (english, message) in sorted {
        text.push('\n');
        for file in &message.files {
            let _ = writeln!(text, "#: {file}");
        }
        if message.is_filled {
            text.push_str("#, rust-format\n");
        }
        let _ = writeln!(text, "msgid {}", quoted(english));
        let _ = match &message.many {
            Some(many) => {
                writeln!(text, "msgid_plural {}\nmsgstr[0] \"\"\nmsgstr[1] \"\"", quoted(many))
            }
            None => writeln!(text, "msgstr \"\""),
        };
    }
    text
}

/// Every entry of a file, the header with its empty `msgid` first; what is obsolete (`#~`) is left out.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut is_fuzzy, mut part) = (false, Part::English);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let told = || format!("line {}", index + 1);
        if line.is_empty() || line.starts_with('#') {
            is_fuzzy |= line.starts_with("#,") && line.contains("fuzzy");
            continue;
        }
        let (keyword, string) = line.split_once('"').with_context(told)?;
        let string = unquoted(string.strip_suffix('"').with_context(told)?);
        match keyword.trim() {
            "" => {}
            "msgid" => {
                part = Part::English;
                entries.push(Entry { line: index + 1, is_fuzzy, ..Entry::default() });
                is_fuzzy = false;
            }
            "msgid_plural" => part = Part::Many,
            word if word.starts_with("msgstr") => {
                part = Part::Form;
                entries.last_mut().with_context(told)?.forms.push(String::new());
            }
            word => bail!("line {}: `{word}` is not read", index + 1),
        }
        entries.last_mut().with_context(told)?.extend(part, &string);
    }
    Ok(entries)
}

/// What a line goes on with.
#[derive(Clone, Copy)]
enum Part {
    English,
    Many,
    Form,
}

impl Entry {
    fn extend(&mut self, part: Part, string: &str) {
        match part {
            Part::English => self.english.push_str(string),
            Part::Many => self.many.get_or_insert_default().push_str(string),
            Part::Form => {
                if let Some(form) = self.forms.last_mut() {
                    form.push_str(string);
                }
            }
        }
    }
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\t', "\\t"))
}

fn unquoted(text: &str) -> String {
    let mut plain = String::new();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        if sign != '\\' {
            plain.push(sign);
            continue;
        }
        match signs.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            other => plain.extend(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::extract::extract;
    use super::*;

    #[test]
    fn the_template_is_read_as_it_was_written() {
        let source = r#"t!("Say \"{word}\"\n\\", word) t!("Home") plural!(n, "{count} step", "{count} steps")"#;
        let (messages, _) = extract([("designer/src/a.rs", source)]);
        let text = template(&messages);
        assert!(text.contains("#: designer/src/a.rs\n#, rust-format\nmsgid \"Say \\\"{word}\\\"\\n\\\\\"\nmsgstr \"\"\n"), "{text}");
        let entries = parse(&text).unwrap();
        let found: Vec<_> =
            entries.iter().map(|entry| (entry.english.as_str(), entry.many.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("", None),
                ("Home", None),
                ("Say \"{word}\"\n\\", None),
                ("{count} step", Some("{count} steps")),
            ]
        );
        assert!(!entries[1].is_translated());
    }

    #[test]
    fn a_translation_may_go_over_several_lines_and_be_unsure() {
        let text = "#, fuzzy\nmsgid \"a\"\nmsgstr \"b\"\n\nmsgid \"\"\n\"c\"\nmsgstr[0] \"d\"\n\"e\"\nmsgstr[1] \"f\"\n#~ msgid \"old\"\n";
        let entries = parse(text).unwrap();
        assert!(entries[0].is_fuzzy && !entries[0].is_translated());
        assert_eq!((entries[1].english.as_str(), entries[1].line), ("c", 5));
        assert_eq!(entries[1].forms, ["de", "f"]);
        assert!(entries[1].is_translated());
        assert!(parse("msgid a").is_err());
        assert!(parse("msgctxt \"a\"").is_err());
    }
}
