//! Which language the interface is read in: what a person chose on this browser, else what the browser asks for, else English.

use crate::messages::{self, Catalogue, ENGLISH};
use gloo_net::http::Request;
use leptos::prelude::{document, window};

const KEY: &str = "waymark-language";

/// A language there is a catalogue for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Language {
    /// A tag such as `de` or `pt-BR`.
    pub(crate) tag: String,
    /// What it calls itself.
    pub(crate) name: String,
    /// Where its catalogue is.
    path: String,
}

/// Every language but English, as the page itself names them: `<meta name="languages" content="TAG PATH NAME; …">`.
pub(crate) fn offered() -> Vec<Language> {
    let meta = document().query_selector("meta[name=languages]").ok().flatten();
    read(&meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default())
}

/// Fetches what is to be said, before anything is; English takes no request, and stands in for what does not come.
pub(crate) async fn settle() {
    let offered = offered();
    let chosen = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let asked: Vec<String> =
        window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect();
    let wanted = chosen.map_or(asked, |chosen| vec![chosen]);
    let Some(language) = pick(&wanted, &offered) else { return };
    let Some(catalogue) = fetch(&language.path).await else { return };
    messages::speak(catalogue);
    if let Some(root) = document().document_element() {
        // Cannot fail on the root element of a page.
        let _ = root.set_attribute("lang", &language.tag);
    }
}

/// Remembers a language and shows the page anew in it; a browser without storage stays as it is.
pub(crate) fn choose(tag: &str) {
    let kept = storage().is_some_and(|storage| storage.set_item(KEY, tag).is_ok());
    if kept {
        // A browser that may not load its own page again shows the language next time.
        let _ = window().location().reload();
    }
}

async fn fetch(path: &str) -> Option<Catalogue> {
    let response = Request::get(path).send().await.ok()?;
    if response.ok() { response.json().await.ok() } else { None }
}

/// The catalogue for the first wanted language that is there; none when that is English.
fn pick<'a>(wanted: &[String], offered: &'a [Language]) -> Option<&'a Language> {
    wanted.iter().find_map(|wanted| {
        let language = offered.iter().find(|language| is_or_is_part_of(wanted, &language.tag));
        if language.is_none() && is_or_is_part_of(wanted, ENGLISH) {
            return Some(None);
        }
        language.map(Some)
    })?
}

/// Whether `wanted` is `tag`, or a kind of it such as `de-AT` is of `de`.
fn is_or_is_part_of(wanted: &str, tag: &str) -> bool {
    let (head, rest) = wanted.split_at_checked(tag.len()).unwrap_or((wanted, ""));
    head.eq_ignore_ascii_case(tag) && (rest.is_empty() || rest.starts_with('-'))
}

fn read(content: &str) -> Vec<Language> {
    let one = |words: &str| {
        let mut words = words.trim().splitn(3, ' ').map(str::to_owned);
        Some(Language { tag: words.next()?, path: words.next()?, name: words.next()? })
    };
    content.split(';').filter_map(one).collect()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(wanted: &[&str]) -> Option<String> {
        let offered = read(
            "de /assets/de-1.json Deutsch; en-XA /assets/x.json Pseudo; pt-BR /assets/p.json Português do Brasil",
        );
        let wanted: Vec<String> = wanted.iter().map(|&tag| tag.to_owned()).collect();
        pick(&wanted, &offered).map(|language| language.tag.clone())
    }

    #[test]
    fn the_first_language_that_is_there_is_read() {
        assert_eq!(picked(&["fr", "de-AT", "pt-BR"]), Some("de".to_owned()));
        assert_eq!(picked(&["pt-br"]), Some("pt-BR".to_owned()));
        assert_eq!(picked(&["pt", "fr"]), None);
        assert_eq!(picked(&["en-GB", "de"]), None);
        assert_eq!(picked(&["en-XA"]), Some("en-XA".to_owned()));
        assert_eq!(picked(&["den"]), None);
        assert_eq!(picked(&[]), None);
    }

    #[test]
    fn the_page_names_its_languages() {
        assert_eq!(read(""), []);
        let [language] = &read("pt-BR /assets/p.json Português do Brasil")[..] else {
            panic!("one language")
        };
        assert_eq!(language.name, "Português do Brasil");
        assert_eq!(language.path, "/assets/p.json");
    }
}
