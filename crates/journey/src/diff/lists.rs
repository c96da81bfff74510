//! Sentences about settings that hold several things: each entry that came, went or changed.

use super::{
    rows::Entries,
    schemas,
    words::{self, duration, expression, list, owner, plain, quoted},
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What changed among the entries of a setting.
pub(super) fn said(
    subject: &str,
    label: &str,
    entries: Entries,
    (from, to): (Option<&Value>, Option<&Value>),
) -> String {
    let (before, now) = (from.unwrap_or(&Value::Null), to.unwrap_or(&Value::Null));
    let clauses = match entries {
        Entries::Schema => schemas::clauses(before, now),
        Entries::Mapping => mapping(before, now),
        Entries::Outcomes => keyed(before, now, "id", outcome),
        Entries::Timers => keyed(before, now, "id", timer),
        Entries::Assigns => keyed(before, now, "to", assign),
        Entries::Lanes => keyed(before, now, "id", lane),
        Entries::Groups => keyed(before, now, "id", group),
        Entries::Tests => keyed(before, now, "name", test),
        Entries::Ladder => bag(before, now, rung),
        Entries::Exits => bag(before, now, exit),
        Entries::Formulas => bag(before, now, expression),
        Entries::Rules => bag(before, now, rule),
    };
    if clauses.is_empty() {
        return format!("There is a change in the {label} of {subject}.");
    }
    format!("In the {label} of {subject}, {}.", clauses.join("; "))
}

fn mapping(before: &Value, now: &Value) -> Vec<String> {
    let (empty, mut clauses) = (Map::new(), Vec::new());
    let (before, now) = (before.as_object().unwrap_or(&empty), now.as_object().unwrap_or(&empty));
    for (name, value) in now {
        match before.get(name) {
            None => clauses.push(format!("{} is added as {}", quoted(name), expression(value))),
            Some(was) if was != value => clauses.push(format!(
                "{} is now {} instead of {}",
                quoted(name),
                expression(value),
                expression(was)
            )),
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    clauses.extend(gone.map(|name| format!("{} is removed", quoted(name))));
    clauses
}

fn test(_: &Value, was: Option<&Value>) -> String {
    was.map_or_else(String::new, |_| "is played another way".to_owned())
}

/// What is said of an entry: on its own, and against what it was.
type Speaker = fn(&Value, Option<&Value>) -> String;

/// A list whose entries are told apart by a member; nothing when they cannot be.
fn keyed(before: &Value, now: &Value, key: &str, say: Speaker) -> Vec<String> {
    let (Some(before), Some(now)) = (by(before, key), by(now, key)) else { return Vec::new() };
    let was: HashMap<&str, &Value> = before.iter().copied().collect();
    let is: HashMap<&str, &Value> = now.iter().copied().collect();
    let mut clauses = Vec::new();
    for (name, entry) in &now {
        match was.get(name) {
            None => clauses.push(format!("{} is added{}", quoted(name), say(entry, None))),
            Some(was) if was != entry => {
                clauses.push(format!("{} {}", quoted(name), say(entry, Some(was))));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(name, _)| !is.contains_key(name));
    clauses.extend(gone.map(|(name, _)| format!("{} is removed", quoted(name))));
    if clauses.is_empty() {
        clauses.push("the order changes".to_owned());
    }
    clauses
}

/// The entries under their names; `None` when one has none, or shares it.
fn by<'a>(list: &'a Value, key: &str) -> Option<Vec<(&'a str, &'a Value)>> {
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| Some((entry.get(key)?.as_str()?, entry)))
        .collect::<Option<_>>()?;
    let names: HashMap<&str, &Value> = entries.iter().copied().collect();
    (names.len() == entries.len()).then_some(entries)
}

/// A list whose entries have no names: what it has more, and what less.
fn bag(before: &Value, now: &Value, say: fn(&Value) -> String) -> Vec<String> {
    let (gone, come) = (beyond(before, now), beyond(now, before));
    let gone: Vec<_> = gone.into_iter().map(say).collect();
    let come: Vec<_> = come.into_iter().map(say).collect();
    let is = |entries: &[String]| if entries.len() == 1 { "is" } else { "are" };
    vec![match (come.is_empty(), gone.is_empty()) {
        (true, true) => "the order changes".to_owned(),
        (false, true) => format!("{} {} added", list(&come), is(&come)),
        (true, false) => format!("{} {} removed", list(&gone), is(&gone)),
        (false, false) => format!("{} now stands instead of {}", list(&come), list(&gone)),
    }]
}

/// The entries a list has more often than another.
fn beyond<'a>(entries: &'a Value, others: &Value) -> Vec<&'a Value> {
    let entries = entries.as_array().into_iter().flatten();
    let mut left: HashMap<String, usize> = HashMap::new();
    for other in others.as_array().into_iter().flatten() {
        *left.entry(other.to_string()).or_default() += 1;
    }
    let is_new = |entry: &&Value| match left.get_mut(&entry.to_string()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        Some(_) | None => true,
    };
    entries.filter(is_new).collect()
}

fn outcome(entry: &Value, was: Option<&Value>) -> String {
    let label = |entry: &Value| entry.get("label").map_or_else(|| "nothing".to_owned(), plain);
    match was {
        None => format!(", labelled {}", label(entry)),
        Some(was) if entry.get("label") != was.get("label") => {
            format!("is now labelled {} instead of {}", label(entry), label(was))
        }
        Some(_) => "changes".to_owned(),
    }
}

fn timer(entry: &Value, was: Option<&Value>) -> String {
    let after = |entry: &Value| entry.get("after").map_or_else(|| "no time".to_owned(), duration);
    let interrupts = |entry: &Value| entry.get("interrupting").and_then(Value::as_bool);
    let verb = |holds: Option<bool>| {
        if holds == Some(true) { "ends the task" } else { "leaves the task open" }
    };
    let Some(was) = was else {
        return format!("; it {} after {}", verb(interrupts(entry)), after(entry));
    };
    let mut clauses = Vec::new();
    if entry.get("after") != was.get("after") {
        clauses.push(format!("fires after {} instead of {}", after(entry), after(was)));
    }
    if interrupts(entry) != interrupts(was) {
        clauses.push(format!("now {}", verb(interrupts(entry))));
    }
    if clauses.is_empty() { "changes".to_owned() } else { clauses.join(" and ") }
}

fn assign(entry: &Value, was: Option<&Value>) -> String {
    let value = |entry: &Value| entry.get("value").map(expression).unwrap_or_default();
    match was {
        None => format!(" as {}", value(entry)),
        Some(was) => format!("is now {} instead of {}", value(entry), value(was)),
    }
}

fn lane(entry: &Value, was: Option<&Value>) -> String {
    let team = |entry: &Value| entry.get("team").map(plain).unwrap_or_default();
    match was {
        None => format!(" for the team {}", team(entry)),
        Some(was) => format!("now belongs to the team {} instead of {}", team(entry), team(was)),
    }
}

fn group(entry: &Value, was: Option<&Value>) -> String {
    let name = |entry: &Value| entry.get("name").map(plain).unwrap_or_default();
    match was {
        None => format!(" as {}", name(entry)),
        Some(was) if entry.get("name") == was.get("name") => {
            let is_collapsed = entry.get("collapsed").and_then(Value::as_bool) == Some(true);
            if is_collapsed { "is collapsed" } else { "is shown step by step" }.to_owned()
        }
        Some(was) => format!("is called {} instead of {}", name(entry), name(was)),
    }
}

fn rung(entry: &Value) -> String {
    let at = match entry.get("at") {
        Some(Value::String(at)) if at == "warning" => "at the warning".to_owned(),
        Some(Value::String(at)) if at == "breach" => "at the breach".to_owned(),
        Some(at) => format!("after {}", duration(at)),
        None => "at no time".to_owned(),
    };
    let to = entry.get("to").map(owner).unwrap_or_default();
    let act = match entry.get("do").and_then(Value::as_str) {
        Some("remind") => format!("remind {to}"),
        Some("reassign") => format!("give it to {to}"),
        Some("notify") => format!("tell {to}"),
        Some(act) => format!("{act} {to}"),
        None => to,
    };
    format!("“{at}, {act}”")
}

fn exit(entry: &Value) -> String {
    let outcome = entry.get("outcome").map(plain).unwrap_or_default();
    let when = entry.get("when").map(expression).unwrap_or_default();
    format!("the exit {outcome} when {when}")
}

fn rule(entry: &Value) -> String {
    let when = entry.get("when").and_then(Value::as_array);
    let when: Vec<_> = when.into_iter().flatten().map(expression).collect();
    let port = entry.get("port").map(plain);
    let to = port.map(|port| format!(" to {port}")).unwrap_or_default();
    format!("the rule {}{to}", words::list(&when))
}
