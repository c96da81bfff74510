//! What the interface says, in the language of whoever reads it: the English text in the code is the key of its translation.
//!
//! ```text
//! t!("Tidy up")                                                      &'static str, shown as it is written, braces too
//! t!("{label}: {step}", label = node.label(), step)                  String; `step` alone is the variable of that name
//! plural!(steps.len(), "{count} step", "{count} steps")              String, in the form the language has for this number
//! plural!(failed, "{count} of {all} failed", "{count} of {all} failed", all = total)
//! phrase!("Asked by {name}", name = view! { <b>{name}</b> })          AnyView, with parts of the page in it
//! text!("Team")                                                      Text, for tables: looked up only when it is shown
//! ```
//!
//! In texts with arguments `{{` and `}}` are braces. `cargo xtask messages` collects all texts into `designer/messages/waymark.pot`.

use crate::words::grouped;
use leptos::prelude::{AnyView, IntoAny};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fmt::{self, Display},
    sync::OnceLock,
};

/// The language of the texts in the code.
pub(crate) const ENGLISH: &str = "en";

/// What is said instead of the English texts; nothing while English is read.
static SPOKEN: OnceLock<Catalogue> = OnceLock::new();

/// The translations into one language, as `cargo xtask web` writes them.
#[derive(Debug, Deserialize)]
pub(crate) struct Catalogue {
    /// A tag such as `de` or `pt-BR`.
    language: String,
    /// The categories of numbers by the CLDR, in the order in which the forms of a text with a number come.
    categories: Vec<String>,
    /// The forms of each text by its English; one for a text without a number.
    texts: HashMap<String, Vec<String>>,
}

impl Catalogue {
    /// The translation of a text without a number.
    fn text(&self, english: &str) -> Option<&str> {
        self.texts.get(english)?.first().map(String::as_str)
    }

    /// The translation for numbers of a category; that of the last for a category the language's translators did not name.
    fn form(&self, english: &str, category: &str) -> Option<&str> {
        let forms = self.texts.get(english)?;
        let place = self.categories.iter().position(|known| known == category);
        place.and_then(|place| forms.get(place)).or_else(|| forms.last()).map(String::as_str)
    }
}

/// From now on everything is said in the language of this catalogue; the first one stays.
pub(crate) fn speak(catalogue: Catalogue) {
    // What was said before is on the page already; another language takes a new page.
    let _ = SPOKEN.set(catalogue);
}

/// The language everything is said in.
pub(crate) fn language() -> &'static str {
    SPOKEN.get().map_or(ENGLISH, |catalogue| &catalogue.language)
}

/// A text in the language that is read.
pub(crate) fn said(english: &'static str) -> &'static str {
    SPOKEN.get().and_then(|catalogue| catalogue.text(english)).unwrap_or(english)
}

/// A text with a number in it, in the form the language has for it.
pub(crate) fn counted(
    count: u64,
    one: &'static str,
    many: &'static str,
    given: &[(&str, &dyn Display)],
) -> String {
    let translated = SPOKEN
        .get()
        .and_then(|catalogue| catalogue.form(one, &category(&catalogue.language, count)));
    let text = translated.unwrap_or(if count == 1 { one } else { many });
    let number = grouped(count);
    let mut given = given.to_vec();
    given.push(("count", &number));
    fill(text, &given)
}

/// An English text that a table of the program keeps; it is looked up when it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text(&'static str);

impl Text {
    /// Only `text!` makes one, so that every text is in the template for translators.
    pub(crate) const fn new(english: &'static str) -> Self {
        Self(english)
    }

    /// The text in the language that is read.
    pub fn said(self) -> &'static str {
        said(self.0)
    }
}

impl Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.said())
    }
}

/// How many things there are, of whatever type their number is.
pub(crate) fn amount(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(u64::MAX)
}

/// A text with its placeholders filled; one that nothing is given for stays as it is written.
pub(crate) fn fill(text: &str, given: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    for piece in pieces(text, |name| given.iter().position(|(known, _)| *known == name)) {
        match piece {
            Piece::Words(words) => filled.push_str(words),
            Piece::Place(at) => filled.push_str(&given[at].1.to_string()),
        }
    }
    filled
}

/// A text with parts of the page in its placeholders, each once.
pub(crate) fn weave(text: &str, given: Vec<(&str, AnyView)>) -> AnyView {
    let (names, views): (Vec<_>, Vec<_>) = given.into_iter().unzip();
    let mut views: Vec<Option<AnyView>> = views.into_iter().map(Some).collect();
    let woven = pieces(text, |name| names.iter().position(|known| *known == name));
    let woven = woven.into_iter().filter_map(|piece| match piece {
        Piece::Words(words) => Some(words.to_owned().into_any()),
        Piece::Place(at) => views[at].take(),
    });
    woven.collect::<Vec<_>>().into_any()
}

/// A piece of a text: what is shown as it is, or the place of the value that is filled in.
enum Piece<'a> {
    Words(&'a str),
    Place(usize),
}

/// A text in pieces; `place` knows the values by their names.
fn pieces(text: &str, place: impl Fn(&str) -> Option<usize>) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        pieces.push(Piece::Words(before));
        let named = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let value = named.and_then(|(name, after)| Some((place(name)?, after)));
        rest = if let Some((value, after)) = value {
            pieces.push(Piece::Place(value));
            after
        } else {
            let (brace, after) = from.split_at(1);
            pieces.push(Piece::Words(brace));
            after.strip_prefix(brace).unwrap_or(after)
        };
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// The category of a number in a language, by the CLDR.
#[cfg(target_arch = "wasm32")]
#[expect(
    clippy::cast_precision_loss,
    reason = "no list on a page is longer than a double is exact"
)]
fn category(language: &str, count: u64) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};
    use std::cell::OnceCell;
    thread_local! {
        static RULES: OnceCell<PluralRules> = const { OnceCell::new() };
    }
    let rules = || PluralRules::new(&Array::of1(&language.into()), &Object::new());
    RULES.with(|held| held.get_or_init(rules).select(count as f64).into())
}

/// The category of a number; outside of a browser only English is known.
#[cfg(not(target_arch = "wasm32"))]
fn category(_language: &str, count: u64) -> String {
    (if count == 1 { "one" } else { "other" }).to_owned()
}

/// Whether there is a value for each placeholder of a text; asked while the program is compiled.
pub(crate) const fn knows(text: &str, names: &[&str]) -> bool {
    let mut rest = text.as_bytes();
    while let Some((name, after)) = next_name(rest) {
        if !is_among(name, names) {
            return false;
        }
        rest = after;
    }
    true
}

/// Whether each of the values has a placeholder in a text; asked while the program is compiled.
pub(crate) const fn uses(text: &str, mut names: &[&str]) -> bool {
    while let [name, others @ ..] = names {
        if !has_placeholder(text.as_bytes(), name.as_bytes()) {
            return false;
        }
        names = others;
    }
    true
}

const fn has_placeholder(mut text: &[u8], wanted: &[u8]) -> bool {
    while let Some((name, after)) = next_name(text) {
        if is_same(name, wanted) {
            return true;
        }
        text = after;
    }
    false
}

/// The name in the first placeholder, and the text behind it.
const fn next_name(mut text: &[u8]) -> Option<(&[u8], &[u8])> {
    loop {
        text = match text {
            [] => return None,
            [b'{', b'{', rest @ ..] | [b'}', b'}', rest @ ..] => rest,
            [b'{', rest @ ..] => {
                let (name, after) = rest.split_at(name_length(rest));
                if let (false, [b'}', after @ ..]) = (name.is_empty(), after) {
                    return Some((name, after));
                }
                rest
            }
            [_, rest @ ..] => rest,
        };
    }
}

const fn name_length(mut text: &[u8]) -> usize {
    let mut length = 0;
    while let [b'a'..=b'z' | b'0'..=b'9' | b'_', rest @ ..] = text {
        length += 1;
        text = rest;
    }
    length
}

const fn is_among(name: &[u8], mut names: &[&str]) -> bool {
    while let [known, others @ ..] = names {
        if is_same(name, known.as_bytes()) {
            return true;
        }
        names = others;
    }
    false
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, rest @ ..], [first_of_other, rest_of_other @ ..]) = (one, other) {
        if *first != *first_of_other {
            return false;
        }
        (one, other) = (rest, rest_of_other);
    }
    one.is_empty() && other.is_empty()
}

/// A text in the language that is read, with its placeholders filled.
macro_rules! t {
    ($text:literal $(,)?) => {{
        const { assert!($crate::messages::knows($text, &[]), "a placeholder without a value") };
        $crate::messages::said($text)
    }};
    ($text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {{
        const {
            let names = &[$(stringify!($name)),+];
            assert!($crate::messages::knows($text, names), "a placeholder without a value");
            assert!($crate::messages::uses($text, names), "a value without a placeholder");
        };
        $crate::messages::fill(
            $crate::messages::said($text),
            &[$((stringify!($name), $crate::messages::given!($name $(= $value)?))),+],
        )
    }};
}

/// A text for a table, which is looked up when it is shown.
macro_rules! text {
    ($text:literal) => {{
        const { assert!($crate::messages::knows($text, &[]), "a placeholder without a value") };
        $crate::messages::Text::new($text)
    }};
}

/// A text in the form the language has for a number, with `{count}` and its other placeholders filled.
macro_rules! plural {
    ($count:expr, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        const {
            let names = &["count", $(stringify!($name)),*];
            assert!($crate::messages::knows($one, names), "a placeholder without a value");
            assert!($crate::messages::knows($many, names), "a placeholder without a value");
            assert!($crate::messages::uses($many, names), "a value without a placeholder");
        };
        $crate::messages::counted(
            $crate::messages::amount($count),
            $one,
            $many,
            &[$((stringify!($name), $crate::messages::given!($name $(= $value)?))),*],
        )
    }};
}

/// A text in the language that is read, with views in its placeholders.
macro_rules! phrase {
    ($text:literal, $($name:ident = $value:expr),+ $(,)?) => {{
        const {
            let names = &[$(stringify!($name)),+];
            assert!($crate::messages::knows($text, names), "a placeholder without a value");
            assert!($crate::messages::uses($text, names), "a value without a placeholder");
        };
        $crate::messages::weave(
            $crate::messages::said($text),
            ::std::vec![$((stringify!($name), ::leptos::prelude::IntoAny::into_any($value))),+],
        )
    }};
}

macro_rules! given {
    ($name:ident) => {
        &$name as &dyn ::std::fmt::Display
    };
    ($name:ident = $value:expr) => {
        &$value as &dyn ::std::fmt::Display
    };
}

pub(crate) use {given, phrase, plural, t, text};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_said_as_it_is_written() {
        let (label, keys) = ("Check", "Enter");
        assert_eq!(t!("Tidy up"), "Tidy up");
        assert_eq!(t!("Write {{ account.name }}"), "Write {{ account.name }}");
        assert_eq!(t!("{label}: {step} ({keys})", label, step = 3, keys), "Check: 3 (Enter)");
        assert_eq!(t!("{{{label}}}", label), "{Check}");
    }

    #[test]
    fn a_number_takes_its_form() {
        assert_eq!(plural!(1, "{count} step", "{count} steps"), "1 step");
        assert_eq!(plural!(7043_usize, "{count} step", "{count} steps"), "7,043 steps");
        let team = "Sales";
        assert_eq!(
            plural!(1, "one task of {team}", "{count} tasks of {team}", team),
            "one task of Sales"
        );
        assert_eq!(
            plural!(2, "one task of {team}", "{count} tasks of {team}", team),
            "2 tasks of Sales"
        );
    }

    #[test]
    fn placeholders_and_values_are_held_against_each_other() {
        assert!(knows("{a} and {{b}} and { c }", &["a"]));
        assert!(!knows("{a} and {b}", &["a"]));
        assert!(uses("{a} and {b}", &["b", "a"]));
        assert!(!uses("{a} and {{b}}", &["a", "b"]));
        assert!(!uses("{ab}", &["a"]));
    }

    #[test]
    fn what_is_given_is_not_read_again() {
        assert_eq!(fill("{a}{b}", &[("a", &"{b}"), ("b", &"}}")]), "{b}}}");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }

    #[test]
    fn a_translation_is_found_by_its_english_and_its_category() {
        let catalogue: Catalogue = serde_json::from_str(
            r#"{"language": "pl", "categories": ["one", "few", "many"],
                "texts": {"Home": ["Start"], "{count} step": ["{count} krok", "{count} kroki", "{count} kroków"]}}"#,
        )
        .unwrap();
        assert_eq!(catalogue.text("Home"), Some("Start"));
        assert_eq!(catalogue.text("Inbox"), None);
        assert_eq!(catalogue.form("{count} step", "few"), Some("{count} kroki"));
        assert_eq!(catalogue.form("{count} step", "other"), Some("{count} kroków"));
        assert_eq!(catalogue.form("{count} task", "one"), None);
    }
}
