//! How much it takes to check a value against a schema: alternatives within alternatives multiply, and a validator has no limit of its own.

use serde_json::Value;

/// Most pairs of a schema and a value that are looked at; beyond them the check is not begun.
const STEPS: usize = 200_000;

/// Keywords with a list of schemas for the value itself.
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords with one schema for the value itself.
const SINGLES: [&str; 4] = ["if", "then", "else", "not"];
/// Keywords with one schema for every member or item.
const INNER: [&str; 5] =
    ["items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"];

/// Whether a value can be checked against a schema in a bounded number of steps, whatever comes of it.
pub(super) fn is_bounded(whole: &Value, value: &Value) -> bool {
    let mut left = STEPS;
    let mut open = vec![(whole, value)];
    while let Some((schema, value)) = open.pop() {
        if left == 0 {
            return false;
        }
        left -= 1;
        here(whole, schema, |schema| open.push((schema, value)));
        within(schema, value, |schema, value| open.push((schema, value)));
        if open.len() > STEPS {
            return false;
        }
    }
    true
}

/// The schemas that a schema holds the same value to.
fn here<'a>(whole: &'a Value, schema: &'a Value, mut also: impl FnMut(&'a Value)) {
    for list in LISTS {
        schema.get(list).and_then(Value::as_array).into_iter().flatten().for_each(&mut also);
    }
    SINGLES.iter().filter_map(|single| schema.get(*single)).for_each(&mut also);
    let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
    dependent.into_iter().flat_map(|of| of.values()).for_each(&mut also);
    let pointer = schema.get("$ref").and_then(Value::as_str);
    if let Some(target) = pointer.and_then(|to| whole.pointer(to.strip_prefix('#')?)) {
        also(target);
    }
}

/// The schemas that a schema holds the members or items of a value to.
fn within<'a>(schema: &'a Value, value: &'a Value, mut also: impl FnMut(&'a Value, &'a Value)) {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => return,
    };
    for key in INNER {
        if let Some(of) = schema.get(key) {
            for value in &inner {
                also(of, value);
            }
        }
    }
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    for of in patterns.into_iter().flat_map(|patterns| patterns.values()) {
        for value in &inner {
            also(of, value);
        }
    }
    let listed = schema.get("properties").and_then(Value::as_object);
    for (name, of) in listed.into_iter().flatten() {
        if let Some(value) = value.get(name) {
            also(of, value);
        }
    }
    let places = schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten();
    for (of, value) in places.zip(inner) {
        also(of, value);
    }
}

#[cfg(test)]
mod tests {
    use super::is_bounded;
    use serde_json::{Value, json};

    /// Each of so many schemas is either of two that are the next.
    fn doubling(count: usize, through: impl Fn(Value) -> Value) -> Value {
        let name = |at: usize| json!({ "$ref": format!("#/$defs/d{at}") });
        let mut defs = json!({ "d0": { "type": "string" } });
        for at in 1..=count {
            let next = through(name(at - 1));
            defs[format!("d{at}")] = json!({ "anyOf": [next.clone(), next] });
        }
        let mut schema = name(count);
        schema["$defs"] = defs;
        schema
    }

    #[test]
    fn alternatives_within_alternatives_have_an_end() {
        let value = json!({ "a": 1 });
        assert!(is_bounded(&doubling(8, |next| next), &value));
        assert!(!is_bounded(&doubling(30, |next| next), &value));
        let deep = (0..40).fold(json!(1), |inner, _| json!({ "a": inner }));
        let members = doubling(30, |next| json!({ "properties": { "a": next } }));
        assert!(!is_bounded(&members, &deep));
        assert!(is_bounded(&members, &value), "there is little to check");
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        assert!(!is_bounded(&json!({ "$ref": "#" }), &json!(1)));
        let tree = json!({ "properties": { "left": { "$ref": "#" }, "right": { "$ref": "#" } } });
        let leaf = json!({ "left": { "left": {} }, "right": {} });
        assert!(is_bounded(&tree, &leaf));
    }

    #[test]
    fn a_long_list_is_no_reason() {
        let list: Vec<Value> = (0..50_000).map(|at| json!(at)).collect();
        assert!(is_bounded(&json!({ "items": { "type": "number" } }), &json!(list)));
    }
}
