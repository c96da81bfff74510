//! Sentences about JSON Schemas: forms, inputs, variables.

use super::words::{list, plain, quoted};
use serde_json::{Map, Value};

/// What changed among the properties of an object's schema.
pub(super) fn clauses(before: &Value, now: &Value) -> Vec<String> {
    let (empty, mut clauses) = (Map::new(), Vec::new());
    let properties =
        |schema: &'static str, of: &Value| of.get(schema).and_then(Value::as_object).cloned();
    let was = properties("properties", before).unwrap_or(empty.clone());
    let is = properties("properties", now).unwrap_or(empty);
    for (name, property) in &is {
        let required = (is_required(before, name), is_required(now, name));
        match was.get(name) {
            None => clauses.push(added(name, property, required.1)),
            Some(other) => clauses.extend(changed(name, (other, property), required)),
        }
    }
    let gone = was.keys().filter(|name| !is.contains_key(*name));
    clauses.extend(gone.map(|name| format!("{} is removed", quoted(name))));
    if rest(before) != rest(now) {
        clauses.push("rules for the whole change".to_owned());
    }
    clauses
}

fn added(name: &str, property: &Value, required: bool) -> String {
    let must = if required { ", which must be given" } else { "" };
    format!("{} is added ({}{must})", quoted(name), kind(property))
}

fn changed(name: &str, (was, is): (&Value, &Value), required: (bool, bool)) -> Option<String> {
    let mut clauses = Vec::new();
    match required {
        (false, true) => clauses.push("must now be given".to_owned()),
        (true, false) => clauses.push("may now be left empty".to_owned()),
        (true, true) | (false, false) => {}
    }
    if kind(was) != kind(is) {
        clauses.push(format!("is now {} instead of {}", kind(is), kind(was)));
    }
    if was.get("title") != is.get("title") {
        let title = |property: &Value| property.get("title").map_or("nothing".to_owned(), plain);
        clauses.push(format!("is now titled {} instead of {}", title(is), title(was)));
    }
    if clauses.is_empty() && was != is {
        clauses.push(format!("changes in {}", keywords(was, is)));
    }
    (!clauses.is_empty()).then(|| format!("{} {}", quoted(name), clauses.join(" and ")))
}

/// The keywords of two property schemas that differ.
fn keywords(was: &Value, is: &Value) -> String {
    let (Some(was), Some(is)) = (was.as_object(), is.as_object()) else {
        return "its rules".to_owned();
    };
    let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
    let names: Vec<_> =
        names.filter(|name| was.get(*name) != is.get(*name)).map(|name| quoted(name)).collect();
    list(&names)
}

fn kind(property: &Value) -> String {
    if property.get("enum").is_some() {
        return "a choice".to_owned();
    }
    let format = property.get("format").and_then(Value::as_str);
    let kind = match (property.get("type").and_then(Value::as_str), format) {
        (Some("string"), Some("date")) => "a date",
        (Some("string"), Some("date-time")) => "a time",
        (Some("string"), Some("email")) => "an e-mail address",
        (Some("string"), _) => "text",
        (Some("integer"), _) => "a whole number",
        (Some("number"), _) => "a number",
        (Some("boolean"), _) => "yes or no",
        (Some("array"), _) => "a list",
        (Some("object"), _) => "a group",
        (Some(_) | None, _) => "anything",
    };
    kind.to_owned()
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|other| other == name))
}

/// The schema without what has been spoken of.
fn rest(schema: &Value) -> Vec<(&String, &Value)> {
    let members = schema.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !matches!(name.as_str(), "properties" | "required" | "type"))
        .collect()
}
