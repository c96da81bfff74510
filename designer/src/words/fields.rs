//! Form fields from a JSON Schema, and the answers read back from them.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One question of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The property it answers.
    pub name: String,
    pub label: String,
    pub hint: String,
    pub required: bool,
    pub kind: Kind,
    /// What stands in it at first, as text.
    pub preset: String,
}

/// How a question is asked; limits become the platform's own validation.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Line {
        input: &'static str,
        min: Option<u64>,
        max: Option<u64>,
        pattern: Option<String>,
    },
    Text {
        min: Option<u64>,
        max: Option<u64>,
    },
    Number {
        whole: bool,
        min: Option<f64>,
        max: Option<f64>,
    },
    Yes,
    Choice(Vec<Value>),
    /// Anything else is asked for as JSON.
    Json,
}

/// The fields of an object schema in its order; none when it describes no object.
pub fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let mut fields: Vec<Field> = properties
        .iter()
        .map(|(name, schema)| field(name, schema, required.contains(&name.as_str())))
        .collect();
    // An object's members have no order of their own: they come as `x-order` lists them, which whoever draws a form decides. Of what it
    // does not list, what must be answered comes first, as `required` lists it.
    let order: Vec<&str> =
        schema["x-order"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let place = |names: &[&str], field: &Field| {
        names.iter().position(|name| *name == field.name).unwrap_or(names.len())
    };
    fields.sort_by_key(|field| (place(&order, field), place(&required, field)));
    fields
}

fn field(name: &str, schema: &Value, required: bool) -> Field {
    let text = |key: &str| schema[key].as_str().unwrap_or_default().to_owned();
    let title = text("title");
    Field {
        name: name.to_owned(),
        label: if title.is_empty() { super::spoken(name) } else { title },
        hint: text("description"),
        required,
        kind: kind(schema),
        preset: match &schema["default"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        },
    }
}

fn kind(schema: &Value) -> Kind {
    if let Some(values) = schema["enum"].as_array() {
        return Kind::Choice(values.clone());
    }
    let (min, max) = (schema["minLength"].as_u64(), schema["maxLength"].as_u64());
    let number = |whole| Kind::Number {
        whole,
        min: schema["minimum"].as_f64(),
        max: schema["maximum"].as_f64(),
    };
    let format = schema["format"].as_str().unwrap_or_default();
    // `["string", "null"]` is a string that may be left out.
    let several = schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let kind = schema["type"].as_str().or_else(|| several.clone().find(|kind| *kind != "null"));
    match kind {
        Some("boolean") => Kind::Yes,
        Some("integer") => number(true),
        Some("number") => number(false),
        Some("string") if format == "textarea" || max.is_some_and(|max| max > 200) => {
            Kind::Text { min, max }
        }
        Some("string") => {
            let pattern = schema["pattern"].as_str().map(str::to_owned);
            Kind::Line { input: input(format), min, max, pattern }
        }
        _ => Kind::Json,
    }
}

fn input(format: &str) -> &'static str {
    match format {
        "date" => "date",
        "time" => "time",
        "email" => "email",
        "uri" | "url" => "url",
        "password" => "password",
        _ => "text",
    }
}

/// What was answered, typed as the schema has it; fields left empty are left out. The error names every field that is wrong, and how.
pub fn answers(
    fields: &[Field],
    given: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, Vec<(String, String)>> {
    let (mut answers, mut wrong) = (Map::new(), Vec::new());
    for field in fields {
        match answer(field, given.get(&field.name).map_or("", String::as_str)) {
            Ok(Some(value)) => drop(answers.insert(field.name.clone(), value)),
            Ok(None) => {}
            Err(message) => wrong.push((field.name.clone(), message)),
        }
    }
    if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
}

/// What is wrong is said below its field, so it does not name it.
fn answer(field: &Field, text: &str) -> Result<Option<Value>, String> {
    if text.trim().is_empty() && field.kind != Kind::Yes {
        return match (&field.kind, field.required) {
            (_, false) => Ok(None),
            (Kind::Choice(_), true) => Err("Choose one.".to_owned()),
            (_, true) => Err("This is needed.".to_owned()),
        };
    }
    let value = match &field.kind {
        Kind::Line { input, min, max, .. } => {
            fits(text, *min, *max)?;
            if *input == "email" && !text.contains('@') {
                return Err("Enter an e-mail address.".to_owned());
            }
            Value::String(text.to_owned())
        }
        Kind::Text { min, max } => {
            fits(text, *min, *max)?;
            Value::String(text.to_owned())
        }
        Kind::Number { whole, min, max } => {
            let whole_one = if *whole { "whole " } else { "" };
            let number = number(text.trim(), *whole);
            let number = number.ok_or_else(|| format!("Enter a {whole_one}number."))?;
            within(&number, *min, *max)?;
            number
        }
        Kind::Choice(values) => {
            let chosen = values.iter().find(|value| super::shown(value) == text);
            chosen.cloned().ok_or_else(|| "Choose one.".to_owned())?
        }
        Kind::Json => serde_json::from_str(text)
            .map_err(|_| "Enter JSON, such as [1, 2] or \"text\".".to_owned())?,
        Kind::Yes => Value::Bool(text == "true"),
    };
    Ok(Some(value))
}

fn fits(text: &str, min: Option<u64>, max: Option<u64>) -> Result<(), String> {
    let long = text.chars().count() as u64;
    let characters = |number| super::count(number, "character", "characters");
    match (min, max) {
        (Some(min), _) if long < min => Err(format!("Write at least {}.", characters(min))),
        (_, Some(max)) if long > max => {
            Err(format!("Write at most {}; these are {}.", characters(max), super::grouped(long)))
        }
        _ => Ok(()),
    }
}

fn within(number: &Value, min: Option<f64>, max: Option<f64>) -> Result<(), String> {
    let number = number.as_f64().unwrap_or_default();
    match (min, max) {
        (Some(min), _) if number < min => Err(format!("Enter {min} or more.")),
        (_, Some(max)) if number > max => Err(format!("Enter {max} or less.")),
        _ => Ok(()),
    }
}

fn number(text: &str, whole: bool) -> Option<Value> {
    if whole {
        return text.parse::<i64>().ok().map(Value::from);
    }
    text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn visit() -> Vec<Field> {
        fields(&json!({
            "type": "object",
            "required": ["speed", "line"],
            "properties": {
                "line": { "type": "string", "enum": ["dsl", "fiber"], "title": "Line" },
                "notes": { "type": "string", "maxLength": 2000 },
                "speed": { "type": "integer", "minimum": 1 },
                "done": { "type": "boolean" }
            }
        }))
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_must_be_answered_comes_first() {
        let names: Vec<String> = visit().into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["speed", "line", "done", "notes"]);
        let drawn = json!({ "x-order": ["b", "a"], "required": ["a"], "properties": { "a": {}, "b": {}, "c": {} } });
        let names: Vec<String> = fields(&drawn).into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["b", "a", "c"], "a form is asked in the order it was drawn in");
    }

    #[test]
    fn kinds_follow_the_schema() {
        let fields = visit();
        assert_eq!(fields[0].kind, Kind::Number { whole: true, min: Some(1.0), max: None });
        assert_eq!(fields[0].label, "Speed");
        assert_eq!(fields[3].kind, Kind::Text { min: None, max: Some(2000) });
        assert!(super::fields(&json!({"type": "string"})).is_empty());
        let maybe = json!({"properties": {"token": {"type": ["string", "null"]}}});
        assert!(matches!(super::fields(&maybe)[0].kind, Kind::Line { .. }));
    }

    #[test]
    fn answers_are_typed_and_empty_ones_left_out() {
        let answers = answers(
            &visit(),
            &given(&[("speed", "50"), ("line", "fiber"), ("done", "true"), ("notes", " ")]),
        );
        assert_eq!(
            Value::Object(answers.unwrap()),
            json!({"speed": 50, "line": "fiber", "done": true})
        );
    }

    #[test]
    fn every_missing_or_wrong_answer_names_its_field_and_what_is_wrong() {
        let wrong = |pairs: &[(&str, &str)]| answers(&visit(), &given(pairs)).unwrap_err();
        let line = |name: &str, message: &str| (name.to_owned(), message.to_owned());
        assert_eq!(wrong(&[]), [line("speed", "This is needed."), line("line", "Choose one.")]);
        assert_eq!(
            wrong(&[("speed", "1.5"), ("line", "isdn")]),
            [line("speed", "Enter a whole number."), line("line", "Choose one.")]
        );
        assert_eq!(wrong(&[("speed", "0"), ("line", "dsl")]), [line("speed", "Enter 1 or more.")]);
        let notes = "x".repeat(2001);
        assert_eq!(
            wrong(&[("speed", "1"), ("line", "dsl"), ("notes", &notes)]),
            [line("notes", "Write at most 2,000 characters; these are 2,001.")]
        );
    }
}
