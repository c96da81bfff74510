//! What the interface says and how forms are read: plain functions, tested without a browser.

pub mod due;
pub mod fields;
pub mod hours;
pub mod moves;
pub mod operators;
pub mod past;
pub mod rehearsal;
pub mod timeline;

use crate::messages::t;
use serde_json::Value;

/// An identifier as a person would say it: `first_call` becomes `First call`, `base_url` becomes `Base URL`.
pub fn spoken(id: &str) -> String {
    let words = id.replace(['_', '-', '.'], " ");
    let word = |word: &str| match word {
        "api" | "arr" | "crm" | "id" | "mrr" | "sla" | "url" => word.to_uppercase(),
        _ => word.to_owned(),
    };
    let words = words.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount of money to its whole unit; below nothing is nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and not below zero; what is over the range is shown as its end"
)]
pub fn whole(amount: f64) -> String {
    grouped(amount.round().max(0.0) as u64)
}

/// A value as a table shows it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => t!("Yes").to_owned(),
        Value::Bool(false) => t!("No").to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => plain(&number.to_string()),
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A number without the decimal that says nothing.
fn plain(number: &str) -> String {
    number.strip_suffix(".0").unwrap_or(number).to_owned()
}

/// Words from elsewhere as a sentence: with a full stop and a capital letter, unless they begin with a name such as `account.arr`.
pub fn sentence(words: &str) -> String {
    let words = words.trim();
    let mut letters = words.chars();
    let Some(first) = letters.next() else { return String::new() };
    let is_name = words
        .split(' ')
        .next()
        .is_some_and(|word| word.trim_end_matches(['.', '!', '?']).contains(['.', '_']));
    let stop = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    let first = if is_name { first.to_string() } else { first.to_uppercase().to_string() };
    first.chars().chain(letters).chain(stop.chars()).collect()
}

/// A text with each moment in it (`2026-11-25T22:47:38.818Z`) written by `moment`.
pub fn with_moments(text: &str, moment: impl Fn(&str) -> String) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches(['.', ',', ';', ')']);
        let is_moment = (bare.contains('T') || bare.ends_with("ms")) && instant(bare).is_some();
        if is_moment { word.replacen(bare, &moment(bare), 1) } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The moment that a text says: in RFC 3339, or, after the last day that can be said so, as `to_rfc3339` counts its milliseconds.
pub fn instant(text: &str) -> Option<journey::Timestamp> {
    let counted = || {
        let at = journey::Timestamp(text.strip_suffix("ms")?.parse().ok()?);
        (at.to_rfc3339() == text).then_some(at)
    };
    journey::Timestamp::from_rfc3339(text).or_else(counted)
}

/// Up to two letters that stand for a person.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .take(2)
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}

/// The name of a status in addresses and attributes.
pub fn status_name(status: journey::Status) -> &'static str {
    match status {
        journey::Status::Running => "running",
        journey::Status::Incident => "incident",
        journey::Status::Ended => "ended",
        journey::Status::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_numbers_read_like_words() {
        assert_eq!(spoken("first_call"), "First call");
        assert_eq!(spoken("base_url"), "Base URL");
        assert_eq!(spoken(""), "");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(initials("ada de lovelace"), "AD");
    }

    #[test]
    fn what_other_systems_say_reads_as_a_sentence() {
        assert_eq!(sentence(" the CRM said no "), "The CRM said no.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence("account.arr is too low"), "account.arr is too low.");
        assert_eq!(sentence("done."), "Done.");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn moments_in_a_text_are_written_as_everywhere_else() {
        let told = |text: &str| with_moments(text, |_| "on Friday".to_owned());
        let text = "Would give 'T 1' to team x, due 2026-11-25T22:47:38.818Z.";
        assert_eq!(told(text), "Would give 'T 1' to team x, due on Friday.");
        assert_eq!(told("The 2026-11-25 is  a day"), "The 2026-11-25 is  a day");
        assert_eq!(told("Goes on 253402207260000ms."), "Goes on on Friday.");
        assert_eq!(told("It took 30ms"), "It took 30ms");
    }

    #[test]
    fn moments_after_the_last_day_of_rfc_3339_are_moments_too() {
        let late = journey::Timestamp(253_402_207_260_000);
        assert_eq!(instant(&late.to_rfc3339()), Some(late));
        assert_eq!(instant("1970-01-01T00:00:00.005Z"), Some(journey::Timestamp(5)));
        assert_eq!(instant("5ms"), None, "that is a length of time");
        assert_eq!(instant("some time"), None);
    }

    #[test]
    fn values_never_show_as_null_or_true() {
        assert_eq!(shown(&Value::Null), "–");
        assert_eq!(shown(&serde_json::json!(true)), "Yes");
        assert_eq!(shown(&serde_json::json!("DSL")), "DSL");
        assert_eq!(shown(&serde_json::json!(8.0)), "8");
        assert_eq!(shown(&serde_json::json!(1820.5)), "1820.5");
    }
}
