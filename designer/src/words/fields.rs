//! Form fields from a JSON Schema, and the answers read back from them.

use crate::messages::{plural, t};
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
    /// A text or a number, as an id is. What reads as a number is one; between quotation marks it is a text.
    TextOrNumber,
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
    let (title, kind) = (text("title"), kind(schema));
    Field {
        name: name.to_owned(),
        label: if title.is_empty() { super::spoken(name) } else { title },
        hint: text("description"),
        required,
        preset: written(&kind, &schema["default"]),
        kind,
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
    if is_text_or_number(schema) {
        return Kind::TextOrNumber;
    }
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

/// Whether it is a text or a number, and nothing else but null.
fn is_text_or_number(schema: &Value) -> bool {
    let either = [&schema["anyOf"], &schema["oneOf"]].into_iter().find_map(Value::as_array);
    let types: Vec<&str> = match either {
        // What says more of one of them is asked for as it is.
        Some(either)
            if either.iter().all(|one| one.as_object().is_some_and(|one| one.len() == 1)) =>
        {
            either.iter().map(|one| one["type"].as_str().unwrap_or_default()).collect()
        }
        _ => schema["type"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    let is_number = |kind: &&str| matches!(*kind, "number" | "integer");
    types.contains(&"string")
        && types.iter().any(is_number)
        && types.iter().all(|kind| is_number(kind) || matches!(*kind, "string" | "null"))
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
            (Kind::Choice(_), true) => Err(t!("Choose one.").to_owned()),
            (_, true) => Err(t!("This is needed.").to_owned()),
        };
    }
    let value = match &field.kind {
        Kind::Line { input, min, max, .. } => {
            fits(text, *min, *max)?;
            if *input == "email" && !text.contains('@') {
                return Err(t!("Enter an e-mail address.").to_owned());
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
            let number = number.ok_or_else(|| t!("Enter a {whole_one}number.", whole_one))?;
            within(&number, *min, *max)?;
            number
        }
        Kind::Choice(values) => {
            let chosen = values.iter().find(|value| super::shown(value) == text);
            chosen.cloned().ok_or_else(|| t!("Choose one.").to_owned())?
        }
        Kind::TextOrNumber => text_or_number(text.trim()),
        Kind::Json => serde_json::from_str(text)
            .map_err(|_| t!("Enter JSON, such as [1, 2] or \"text\".").to_owned())?,
        Kind::Yes => Value::Bool(text == "true"),
    };
    Ok(Some(value))
}

/// A value as its field has it, so that it is read back as the same.
pub fn written(kind: &Kind, value: &Value) -> String {
    match (kind, value) {
        (_, Value::Null) => String::new(),
        (Kind::TextOrNumber, Value::String(text)) if text_or_number(text) == *value => text.clone(),
        (Kind::Json | Kind::TextOrNumber, _) => value.to_string(),
        (_, Value::String(text)) => text.clone(),
        _ => value.to_string(),
    }
}

/// A number that is written as one, or a text; a number between quotation marks is a text.
fn text_or_number(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Number(number)) if number.to_string() == text => Value::Number(number),
        Ok(Value::String(quoted)) => Value::String(quoted),
        _ => Value::String(text.to_owned()),
    }
}

fn fits(text: &str, min: Option<u64>, max: Option<u64>) -> Result<(), String> {
    let long = text.chars().count() as u64;
    let characters = |number| plural!(number, "{count} character", "{count} characters");
    match (min, max) {
        (Some(min), _) if long < min => Err(t!("Write at least {min}.", min = characters(min))),
        (_, Some(max)) if long > max => Err(t!(
            "Write at most {max}; these are {long}.",
            max = characters(max),
            long = super::grouped(long)
        )),
        _ => Ok(()),
    }
}

fn within(number: &Value, min: Option<f64>, max: Option<f64>) -> Result<(), String> {
    let number = number.as_f64().unwrap_or_default();
    match (min, max) {
        (Some(min), _) if number < min => Err(t!("Enter {min} or more.", min)),
        (_, Some(max)) if number > max => Err(t!("Enter {max} or less.", max)),
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
    fn what_may_be_a_text_or_a_number_is_taken_as_it_is_written() {
        let list = json!({"properties": {"id": {"type": ["integer", "string", "null"]}}});
        let either =
            json!({"properties": {"id": {"oneOf": [{"type": "string"}, {"type": "number"}]}}});
        for schema in [list, either] {
            let fields = super::fields(&schema);
            assert_eq!(fields[0].kind, Kind::TextOrNumber);
            let answer =
                |text: &str| answers(&fields, &given(&[("id", text)])).unwrap()["id"].clone();
            assert_eq!(answer("12"), json!(12));
            assert_eq!(answer("1.5"), json!(1.5));
            assert_eq!(answer("\"12\""), json!("12"));
            assert_eq!(
                (answer("0012"), answer("1e3"), answer(" c-1 ")),
                (json!("0012"), json!("1e3"), json!("c-1"))
            );
        }
        for value in [json!("12"), json!(12), json!("c-1")] {
            let text = written(&Kind::TextOrNumber, &value);
            assert_eq!(text_or_number(&text), value, "{text}");
        }
        let more = json!({"properties": {"id": {"oneOf": [{"type": "string", "minLength": 3}, {"type": "number"}]}}});
        assert_eq!(super::fields(&more)[0].kind, Kind::Json);
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
