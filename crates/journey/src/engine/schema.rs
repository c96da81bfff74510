//! Whether a value is as a JSON Schema says, the same in a browser and on a server.
//!
//! Held are `type`, `nullable`, `enum`, `const`, bounds of numbers, lengths of texts and lists, `items`, `uniqueItems`, `properties`,
//! `required`, `additionalProperties`, `allOf`, `anyOf`, `oneOf`, `not` and references within the schema (JSON Schema, draft 2020-12).
//! Patterns, formats and conditional schemas say nothing here: whoever takes a payload in holds it to those.

use serde_json::{Map, Value};

/// How deep a schema is followed; what lies deeper holds.
const DEPTH: usize = 32;

/// Why a member of an object may not have a value, as the end of a sentence; nothing when it may.
pub(super) fn misfit(object: &Value, member: &str, value: &Value) -> Option<String> {
    let reader = Reader { whole: object };
    if let Some(schema) = object.get("properties").and_then(|listed| listed.get(member)) {
        return reader.misfit(schema, value, 0);
    }
    match object.get("additionalProperties") {
        Some(Value::Bool(false)) => Some("is not among the declared ones".to_owned()),
        Some(schema) => reader.misfit(schema, value, 0),
        None => None,
    }
}

struct Reader<'a> {
    /// What `#/…` refers to.
    whole: &'a Value,
}

impl Reader<'_> {
    fn misfit(&self, schema: &Value, value: &Value, depth: usize) -> Option<String> {
        let schema = match schema {
            Value::Bool(false) => return Some("may not be there".to_owned()),
            Value::Object(schema) if depth < DEPTH => schema,
            _ => return None,
        };
        if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
            return None;
        }
        self.referred(schema, value, depth)
            .or_else(|| kind(schema, value))
            .or_else(|| choice(schema, value))
            .or_else(|| match value {
                Value::Number(number) => bounds(schema, number.as_f64()?),
                Value::String(text) => length(schema, "Length", text.chars().count(), "characters"),
                Value::Array(items) => self.list(schema, items, depth),
                Value::Object(members) => self.object(schema, members, depth),
                Value::Null | Value::Bool(_) => None,
            })
            .or_else(|| self.combined(schema, value, depth))
    }

    fn referred(&self, schema: &Map<String, Value>, value: &Value, depth: usize) -> Option<String> {
        let to = schema.get("$ref")?.as_str()?;
        self.misfit(self.whole.pointer(to.strip_prefix('#')?)?, value, depth + 1)
    }

    fn list(&self, schema: &Map<String, Value>, items: &[Value], depth: usize) -> Option<String> {
        if let Some(why) = length(schema, "Items", items.len(), "items") {
            return Some(why);
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true))
            && items.iter().enumerate().any(|(at, item)| items[..at].contains(item))
        {
            return Some("must not have an item twice".to_owned());
        }
        let each = schema.get("items")?;
        items.iter().enumerate().find_map(|(at, item)| {
            let why = self.misfit(each, item, depth + 1)?;
            Some(format!("has an item, number {}, that {why}", at + 1))
        })
    }

    fn object(
        &self,
        schema: &Map<String, Value>,
        members: &Map<String, Value>,
        depth: usize,
    ) -> Option<String> {
        let mut required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        if let Some(name) =
            required.find_map(|name| name.as_str().filter(|name| !members.contains_key(*name)))
        {
            return Some(format!("must have '{name}'"));
        }
        let listed = schema.get("properties");
        let further = schema.get("additionalProperties");
        members.iter().find_map(|(name, value)| {
            let of = listed.and_then(|listed| listed.get(name)).or(further)?;
            let why = self.misfit(of, value, depth + 1)?;
            Some(format!("has a '{name}' that {why}"))
        })
    }

    fn combined(&self, schema: &Map<String, Value>, value: &Value, depth: usize) -> Option<String> {
        let of = |key: &str| schema.get(key).and_then(Value::as_array);
        let holds = |schema: &Value| self.misfit(schema, value, depth + 1).is_none();
        if let Some(why) = of("allOf")
            .and_then(|all| all.iter().find_map(|one| self.misfit(one, value, depth + 1)))
        {
            return Some(why);
        }
        if of("anyOf").is_some_and(|any| !any.iter().any(holds)) {
            return Some("is none of what it may be".to_owned());
        }
        if of("oneOf").is_some_and(|one| one.iter().filter(|one| holds(one)).count() != 1) {
            return Some("must be exactly one of what it may be".to_owned());
        }
        if schema.get("not").is_some_and(holds) {
            return Some("is what it may not be".to_owned());
        }
        None
    }
}

fn kind(schema: &Map<String, Value>, value: &Value) -> Option<String> {
    let names: Vec<&str> = match schema.get("type")? {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    if names.iter().any(|name| is(name, value)) {
        return None;
    }
    let names: Vec<_> = names.into_iter().map(in_words).collect();
    Some(format!("must be {}, and is {}", names.join(" or "), in_words(type_of(value))))
}

/// Whether a value is of a type that a schema names. A name that is none holds: the schema was looked at before.
fn is(name: &str, value: &Value) -> bool {
    match name {
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" | "string" | "boolean" | "null" | "array" | "object" => name == type_of(value),
        _ => true,
    }
}

/// The type of a value, as a schema names it.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn in_words(name: &str) -> &str {
    match name {
        "null" => "nothing",
        "boolean" => "true or false",
        "number" => "a number",
        "integer" => "a whole number",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn choice(schema: &Map<String, Value>, value: &Value) -> Option<String> {
    let one = schema.get("const").map(std::slice::from_ref);
    let all = one.or_else(|| schema.get("enum")?.as_array().map(Vec::as_slice))?;
    if all.contains(value) {
        return None;
    }
    let all: Vec<_> = all.iter().take(12).map(Value::to_string).collect();
    Some(format!("must be one of {}", all.join(", ")))
}

fn bounds(schema: &Map<String, Value>, number: f64) -> Option<String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let broken = |key: &str, words: &str, breaks: fn(f64, f64) -> bool| {
        let bound = bound(key).filter(|bound| breaks(number, *bound))?;
        Some(format!("must be {words} {bound}, and is {number}"))
    };
    broken("minimum", "at least", |number, bound| number < bound)
        .or_else(|| broken("maximum", "at most", |number, bound| number > bound))
        .or_else(|| broken("exclusiveMinimum", "above", |number, bound| number <= bound))
        .or_else(|| broken("exclusiveMaximum", "below", |number, bound| number >= bound))
        .or_else(|| {
            broken("multipleOf", "a multiple of", |number, of| {
                of > 0.0
                    && ((number / of).round() * of - number).abs() > 1e-9 * number.abs().max(of)
            })
        })
}

/// Bounds of a size, `min…` and `max…` of what is counted.
fn length(schema: &Map<String, Value>, of: &str, size: usize, unit: &str) -> Option<String> {
    let bound = |key: &str| schema.get(&format!("{key}{of}")).and_then(Value::as_u64);
    let size = size as u64;
    if let Some(least) = bound("min").filter(|least| size < *least) {
        return Some(format!("must have at least {least} {unit}, and has {size}"));
    }
    let most = bound("max").filter(|most| size > *most)?;
    Some(format!("must have at most {most} {unit}, and has {size}"))
}
