//! Sentences about settings: what a node, or the journey, does now and did before.

use super::{
    element, lists,
    rows::{self, How, Phrase},
    words,
};
use crate::draft::Node;
use serde_json::Value;
use std::collections::BTreeSet;

/// Whose setting a sentence is about.
pub(super) struct Subject {
    /// Empty for the journey.
    kind: String,
    before: String,
    now: String,
}

impl Subject {
    pub(super) fn journey() -> Self {
        let journey = "the journey".to_owned();
        Self { kind: String::new(), before: journey.clone(), now: journey }
    }

    pub(super) fn node(from: &Node, to: &Node) -> Self {
        let (before, now) = (element::node(from), element::node(to));
        Self { kind: to.kind.clone(), before, now }
    }
}

pub(super) fn renamed(element: &str, from: &str, to: &str) -> String {
    let (from, to) = (words::quoted(from), words::quoted(to));
    format!("{} has the new id {to} instead of {from}.", capital(element))
}

/// A sentence begins with a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What changed in one member of a node or of the journey.
pub(super) fn of(
    subject: &Subject,
    name: &str,
    from: Option<&Value>,
    to: Option<&Value>,
) -> String {
    match name {
        "name" => {
            let name = to.map_or_else(|| "nothing".to_owned(), words::plain);
            return format!("{} is now called {name}.", capital(&subject.before));
        }
        "kind" => {
            let kind = to.and_then(Value::as_str).map_or("", element::kind_word);
            return format!("{} becomes a node of the kind {kind}.", capital(&subject.before));
        }
        _ => {}
    }
    let mut sentences = Vec::new();
    // Last in, first out: members are spoken of in their order.
    let mut open = vec![(name.to_owned(), from, to)];
    while let Some((path, from, to)) = open.pop() {
        if from == to {
            continue;
        }
        match (members(subject, &path, from, to), rows::find(&subject.kind, &path)) {
            (Some(below), _) => open.extend(below.into_iter().rev()),
            (None, Some(row)) => {
                sentences.push(said(&subject.now, row.phrase, row.how, (from, to)));
            }
            (None, None) => sentences.push(unknown(&subject.now, &path, (from, to))),
        }
    }
    sentences.join(" ")
}

type Member<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// The members of a group of settings, when they are to be spoken of one by one.
fn members<'a>(
    subject: &Subject,
    path: &str,
    from: Option<&'a Value>,
    to: Option<&'a Value>,
) -> Option<Vec<Member<'a>>> {
    let is_object = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if !rows::is_group(&subject.kind, path) || !is_object(from) || !is_object(to) {
        return None;
    }
    let named = |value: Option<&'a Value>, name: &str| value.and_then(|value| value.get(name));
    // A trigger of another type is another trigger; so is one by another hook or event.
    let heads = ["type", "hook", "event", "object", "field", "segment", "change"];
    if path == "on" && heads.iter().any(|head| named(from, head) != named(to, head)) {
        return None;
    }
    let objects = [from, to].into_iter().flatten().filter_map(Value::as_object);
    let names: BTreeSet<&String> = objects.flat_map(serde_json::Map::keys).collect();
    let member = |name: &String| (format!("{path}/{name}"), named(from, name), named(to, name));
    Some(names.into_iter().map(member).collect())
}

fn said(
    subject: &str,
    phrase: Phrase,
    how: How,
    values: (Option<&Value>, Option<&Value>),
) -> String {
    if let (How::Entries(entries), Phrase::Label(label)) = (how, phrase) {
        return lists::said(subject, label, entries, values);
    }
    match phrase {
        Phrase::Flag(yes, no) => {
            let holds = values.1.and_then(Value::as_bool).unwrap_or_default();
            format!("{} now {}.", capital(subject), if holds { yes } else { no })
        }
        Phrase::Verb(verb) => {
            let subject = capital(subject);
            match (values.0.map(|from| word(how, from)), values.1.map(|to| word(how, to))) {
                (Some(from), Some(to)) => {
                    let from = instead_of(&from, &to);
                    format!("{subject} {verb} {to} instead of {from}.")
                }
                (None, Some(to)) => format!("{subject} now {verb} {to}."),
                (Some(from), None) => format!("{subject} no longer {verb} {from}."),
                (None, None) => String::new(),
            }
        }
        Phrase::Label(label) => labelled(subject, label, how, values),
    }
}

fn labelled(
    subject: &str,
    label: &str,
    how: How,
    values: (Option<&Value>, Option<&Value>),
) -> String {
    let is_long = |value: Option<&Value>| value.is_some_and(words::is_long);
    if matches!(how, How::Prose)
        && (is_long(values.0) || is_long(values.1))
        && values.0.is_some()
        && values.1.is_some()
    {
        return format!("There is a new text for the {label} of {subject}.");
    }
    let is_one = label.split(' ').next().is_some_and(|word| !word.ends_with('s'));
    let changes = if is_one { "changes" } else { "change" };
    match (values.0.map(|from| word(how, from)), values.1.map(|to| word(how, to))) {
        (Some(from), Some(to)) => {
            format!("The {label} of {subject} {changes} from {from} to {to}.")
        }
        (None, Some(to)) => format!("{} now has the {label} {to}.", capital(subject)),
        (Some(from), None) => {
            format!("{} no longer has the {label} {from}.", capital(subject))
        }
        (None, None) => String::new(),
    }
}

/// A setting the format does not know, or not in this place.
fn unknown(subject: &str, path: &str, values: (Option<&Value>, Option<&Value>)) -> String {
    let label = format!("setting {}", words::quoted(&path.replace('/', ".")));
    labelled(subject, &label, How::Plain, values)
}

pub(super) fn word(how: How, value: &Value) -> String {
    match how {
        How::Plain | How::Prose | How::Entries(_) => words::plain(value),
        How::Expression => words::expression(value),
        How::Duration => words::duration(value),
        How::Owner => words::owner(value),
        How::Start => words::start(value),
        How::Percent => words::percent(value),
        How::Ways => words::ways(value),
        How::Count(noun) => words::count(value, noun),
        How::Choice(choices) => {
            let chosen = choices.iter().find(|(name, _)| value.as_str() == Some(name));
            chosen.map_or_else(|| words::plain(value), |(_, meaning)| (*meaning).to_owned())
        }
    }
}

/// `5` instead of `5 business days` when the other is so many business days, too.
fn instead_of(from: &str, to: &str) -> String {
    let amount = |text: &str| -> Option<(String, String)> {
        let (amount, unit) = text.split_once(' ')?;
        amount.parse::<f64>().ok()?;
        Some((amount.to_owned(), unit.to_owned()))
    };
    match (amount(from), amount(to)) {
        (Some((from, unit)), Some((_, other))) if unit == other && unit != "%" => from,
        _ => from.to_owned(),
    }
}
