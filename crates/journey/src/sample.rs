//! An example of what a JSON Schema describes: the one it gives itself, or else the least that fits.

use serde_json::{Map, Value, json};

/// How deep an example goes; a schema may describe itself.
const DEPTH: u32 = 16;
/// Most items of an example list, whatever the schema asks for.
const ITEMS: u64 = 100;

/// Which members of an object are filled in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    All,
    Required,
}

/// What an operation gives: every member the schema names, so that whatever reads it finds something. A schema that says nothing
/// gives an empty object, as nearly every operation gives an object.
pub fn output(schema: &Value) -> Value {
    match value(schema, schema, Fill::All, DEPTH) {
        Value::Null if kind(schema).is_empty() => Value::Object(Map::new()),
        output => output,
    }
}

/// What a trigger gets: as [`output`], with a word in every text that must not be empty to be of use as a key or a name.
pub fn input(schema: &Value) -> Value {
    let mut input = output(schema);
    fill_texts(&mut input);
    input
}

fn fill_texts(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => "example".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(fill_texts),
        Value::Object(members) => members.values_mut().for_each(fill_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a message gives that was sent to one recipient.
pub fn sent() -> Value {
    json!({ "sent": true, "recipients": 1 })
}

/// What a person fills in: what they must.
pub fn form(schema: &Value) -> Value {
    match value(schema, schema, Fill::Required, DEPTH) {
        Value::Null => Value::Object(Map::new()),
        form => form,
    }
}

fn value(root: &Value, schema: &Value, fill: Fill, depth: u32) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(said) = said(schema) {
        return said;
    }
    if let Some(pointer) = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
        let target = root.pointer(pointer).unwrap_or(&Value::Null);
        return value(root, target, fill, depth - 1);
    }
    if let Some(one) = ["oneOf", "anyOf", "allOf"].iter().find_map(|name| schema[name].get(0)) {
        return value(root, one, fill, depth - 1);
    }
    match kind(schema) {
        "object" => object(root, schema, fill, depth),
        "array" => {
            let items = schema["minItems"].as_u64().unwrap_or(0).min(ITEMS);
            (0..items).map(|_| value(root, &schema["items"], fill, depth - 1)).collect()
        }
        "string" => json!(text(schema)),
        "integer" | "number" => number(schema),
        "boolean" => json!(false),
        _ => Value::Null,
    }
}

/// The example, default or only value the schema gives itself.
fn said(schema: &Value) -> Option<Value> {
    let first = |name: &str| schema[name].get(0).cloned();
    let member = |name: &str| schema.get(name).cloned();
    let example = member("example").or_else(|| first("examples"));
    example.or_else(|| member("default")).or_else(|| member("const")).or_else(|| first("enum"))
}

fn kind(schema: &Value) -> &str {
    let named = schema["type"].as_str().or_else(|| schema["type"].get(0)?.as_str());
    let implied = if schema["properties"].is_object() { "object" } else { "" };
    named.unwrap_or(implied)
}

fn object(root: &Value, schema: &Value, fill: Fill, depth: u32) -> Value {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let named = schema["properties"].as_object().into_iter().flatten();
    let wanted = named.filter(|(name, _)| fill == Fill::All || required.contains(&name.as_str()));
    let filled = wanted.map(|(name, member)| (name.clone(), value(root, member, fill, depth - 1)));
    Value::Object(filled.collect())
}

fn text(schema: &Value) -> String {
    match schema["format"].as_str() {
        Some("date") => return "2000-01-01".to_owned(),
        Some("date-time") => return "2000-01-01T00:00:00Z".to_owned(),
        Some("email") => return "someone@example.com".to_owned(),
        Some("uri") => return "https://example.com/".to_owned(),
        _ => {}
    }
    let letters = schema["minLength"].as_u64().unwrap_or(0);
    "x".repeat(usize::try_from(letters.min(1_000)).unwrap_or(0))
}

fn number(schema: &Value) -> Value {
    let above = schema["exclusiveMinimum"].as_f64().map(|least| json!(least.floor() + 1.0));
    let least = schema.get("minimum").cloned().or(above);
    let least = least.filter(|least| least.as_f64().is_some_and(|least| least > 0.0));
    let at_most = schema.get("maximum").filter(|most| most.as_f64().is_some_and(|most| most < 0.0));
    let number = least.or_else(|| at_most.cloned()).unwrap_or(json!(0));
    match (schema["type"] == "integer", number.as_f64()) {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that a schema names")]
        (true, Some(number)) => json!(number.ceil() as i64),
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_has_every_member_the_schema_names() {
        let schema = json!({
            "type": "object", "required": ["id"],
            "properties": {
                "id": { "type": "string", "minLength": 3 }, "count": { "type": "integer", "minimum": 2 },
                "plan": { "enum": ["fiber", "dsl"] }, "when": { "type": "string", "format": "date" },
                "ok": { "type": ["boolean", "null"] }, "list": { "type": "array", "items": { "type": "number" }, "minItems": 2 },
                "more": { "$ref": "#/$defs/more" }
            },
            "$defs": { "more": { "properties": { "seen": { "example": "here" } } } }
        });
        assert_eq!(
            output(&schema),
            json!({ "id": "xxx", "count": 2, "plan": "fiber", "when": "2000-01-01", "ok": false, "list": [0, 0], "more": { "seen": "here" } })
        );
        assert_eq!(form(&schema), json!({ "id": "xxx" }));
    }

    #[test]
    fn a_schema_that_describes_itself_has_an_end() {
        let schema = json!({ "properties": { "next": { "$ref": "#" } } });
        assert!(output(&schema).to_string().len() < 1_000);
        assert_eq!(form(&Value::Null), json!({}));
        assert_eq!((output(&json!({})), output(&json!(true))), (json!({}), json!({})));
        assert_eq!(output(&json!({ "type": "null" })), Value::Null);
    }

    #[test]
    fn an_input_has_words_in_its_texts() {
        let schema = json!({ "properties": {
            "key": { "type": "string" }, "kind": { "enum": ["a", "b"] }, "count": { "type": "number" },
            "more": { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 2 } }
        } });
        assert_eq!(
            input(&schema),
            json!({ "key": "example", "kind": "a", "count": 0, "more": ["xx"] })
        );
    }

    #[test]
    fn an_example_stands_before_everything_else() {
        assert_eq!(output(&json!({ "type": "object", "example": { "a": 1 } })), json!({ "a": 1 }));
        assert_eq!(output(&json!({ "type": "number", "exclusiveMinimum": 4 })), json!(5.0));
    }
}
