//! Values in words: durations, owners, triggers, texts and expressions.

use serde_json::Value;

/// Longest text or value that is repeated in a sentence, in characters.
const SHOWN: usize = 60;
/// Most fallbacks of an owner rule that are spelled out.
const FALLBACKS: usize = 4;

pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", short(text))
}

pub(super) fn formula(text: &str) -> String {
    format!("`{}`", short(text))
}

pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether a text is too long to be repeated whole.
pub(super) fn is_long(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.chars().nth(SHOWN).is_some())
}

/// Any value; what is no text is JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            short(&value.to_string())
        }
    }
}

/// An expression, which a draft holds as text.
pub(super) fn expression(value: &Value) -> String {
    value.as_str().map_or_else(|| plain(value), formula)
}

/// A number with its noun, whose first word takes the plural: `1 attempt`, `5 instances a day`.
pub(super) fn count(value: &Value, noun: &str) -> String {
    match value.as_f64() {
        Some(1.0) => format!("1 {noun}"),
        Some(_) => match noun.split_once(' ') {
            Some((word, rest)) => format!("{value} {word}s {rest}"),
            None => format!("{value} {noun}s"),
        },
        None => plain(value),
    }
}

/// A part between 0 and 1, in per cent.
pub(super) fn percent(value: &Value) -> String {
    match value.as_f64() {
        Some(part) => format!("{} %", (part * 1000.0).round() / 10.0),
        None => plain(value),
    }
}

/// `2 business days by 16:00`, `8 hours`.
pub(super) fn duration(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return amounts(text, "").unwrap_or_else(|| quoted(text));
    }
    let business = value.get("business").and_then(Value::as_str);
    let Some(mut words) = business.and_then(|text| amounts(text, "business ")) else {
        return plain(value);
    };
    if let Some(by) = value.get("by").and_then(Value::as_str) {
        words = if words.starts_with("0 ") {
            format!("the same business day by {by}")
        } else {
            format!("{words} by {by}")
        };
    }
    if let Some(calendar) = value.get("calendar").and_then(Value::as_str) {
        words = format!("{words} of the calendar {}", quoted(calendar));
    }
    words
}

/// The amounts of an ISO 8601 duration in words; `None` when it is not one.
fn amounts(text: &str, of: &str) -> Option<String> {
    let mut words = Vec::new();
    let (mut amount, mut time) = (String::new(), false);
    for letter in text.strip_prefix('P')?.chars() {
        let unit = match (letter, time) {
            ('0'..='9' | '.', _) => {
                amount.push(letter);
                continue;
            }
            ('T', false) if amount.is_empty() => {
                time = true;
                continue;
            }
            ('Y', false) => "year",
            ('M', false) => "month",
            ('W', false) => "week",
            ('D', false) => "day",
            ('H', true) => "hour",
            ('M', true) => "minute",
            ('S', true) => "second",
            _ => return None,
        };
        let plural = if amount == "1" { "" } else { "s" };
        words.push(format!("{amount} {of}{unit}{plural}"));
        amount.clear();
    }
    (amount.is_empty() && !words.is_empty()).then(|| words.join(" "))
}

/// Who an owner rule names, its fallbacks after it. An expression instead of a rule is allowed where a notice goes.
pub(super) fn owner(value: &Value) -> String {
    if value.is_string() {
        return format!("whoever {} names", expression(value));
    }
    let mut words = Vec::new();
    let mut next = Some(value);
    while let Some(rule) = next.filter(|_| words.len() < FALLBACKS) {
        words.push(one_owner(rule));
        next = rule.get("fallback");
    }
    words.join(", or else ")
}

fn one_owner(rule: &Value) -> String {
    let named = |member: &str| rule.get(member).map(plain).unwrap_or_default();
    match rule.get("rule").and_then(Value::as_str) {
        Some("account_owner") => "the account's owner".to_owned(),
        Some("team") => format!("the team {}", named("team")),
        Some("user") => named("user"),
        Some("expression") => {
            let value = rule.get("value").map(expression).unwrap_or_default();
            format!("whoever {value} names")
        }
        Some(rule) => format!("the rule {}", quoted(rule)),
        None => plain(rule),
    }
}

/// How a trigger opens instances.
pub(super) fn start(on: &Value) -> String {
    let named = |member: &str| on.get(member).map(plain).unwrap_or_default();
    match on.get("type").and_then(Value::as_str) {
        Some("manual") => "by hand".to_owned(),
        Some("webhook") => format!("by the webhook {}", named("hook")),
        Some("event") => format!("by the event {}", named("event")),
        Some("change") => format!("by a change of {} of {}", named("field"), named("object")),
        Some("schedule") => format!("on the schedule {}", named("rrule")),
        Some("date") => format!("by the date in {}", named("field")),
        Some("segment") => {
            format!("by an account that has {} the segment {}", on_change(on), named("segment"))
        }
        Some("health") => format!("by an account whose health turns {}", named("to")),
        Some("journey") => "by another journey".to_owned(),
        Some(_) | None => plain(on),
    }
}

fn on_change(on: &Value) -> &str {
    on.get("change").and_then(Value::as_str).unwrap_or("entered or left")
}

/// `all`, `any` or a number of a join's ways.
pub(super) fn ways(need: &Value) -> String {
    match need.as_str() {
        Some("all") => "all ways".to_owned(),
        Some("any") => "any one way".to_owned(),
        Some(_) | None => count(need, "way"),
    }
}

/// Names one after another, at most so many that a sentence stays one.
pub(super) fn list(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
