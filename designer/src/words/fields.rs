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

/// The fields of an object schema in the order it names them; none when it describes no object.
pub fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let mut fields: Vec<Field> = properties
        .iter()
        .map(|(name, schema)| field(name, schema, required.contains(&name.as_str())))
        .collect();
    // An object's members have no order of their own: what must be answered comes first, as `required` lists it.
    let place = |field: &Field| {
        required.iter().position(|name| *name == field.name).unwrap_or(required.len())
    };
    fields.sort_by_key(place);
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
    match schema["type"].as_str() {
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

/// What was answered, typed as the schema has it; fields left empty are left out. The error names the field and what is wrong.
pub fn answers(
    fields: &[Field],
    given: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, (String, String)> {
    let mut answers = Map::new();
    for field in fields {
        let text = given.get(&field.name).map_or("", String::as_str);
        if let Some(value) = answer(field, text).map_err(|message| (field.name.clone(), message))? {
            answers.insert(field.name.clone(), value);
        }
    }
    Ok(answers)
}

fn answer(field: &Field, text: &str) -> Result<Option<Value>, String> {
    if let Kind::Yes = field.kind {
        return Ok(Some(Value::Bool(text == "true")));
    }
    if text.trim().is_empty() {
        return if field.required { Err(format!("{} is needed.", field.label)) } else { Ok(None) };
    }
    match &field.kind {
        Kind::Line { .. } | Kind::Text { .. } | Kind::Yes => {
            Ok(Some(Value::String(text.to_owned())))
        }
        Kind::Number { whole, .. } => number(text.trim(), *whole).map(Some).ok_or_else(|| {
            format!("{} must be a {}number.", field.label, if *whole { "whole " } else { "" })
        }),
        Kind::Choice(values) => values
            .iter()
            .find(|value| super::shown(value) == text)
            .cloned()
            .map(Some)
            .ok_or_else(|| format!("{} must be one of the choices.", field.label)),
        Kind::Json => serde_json::from_str(text)
            .map(Some)
            .map_err(|_| format!("{} must be JSON, such as [1, 2] or \"text\".", field.label)),
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
    }

    #[test]
    fn kinds_follow_the_schema() {
        let fields = visit();
        assert_eq!(fields[0].kind, Kind::Number { whole: true, min: Some(1.0), max: None });
        assert_eq!(fields[0].label, "Speed");
        assert_eq!(fields[3].kind, Kind::Text { min: None, max: Some(2000) });
        assert!(super::fields(&json!({"type": "string"})).is_empty());
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
    fn a_missing_or_wrong_answer_names_its_field() {
        assert_eq!(answers(&visit(), &given(&[("line", "dsl")])).unwrap_err().0, "speed");
        assert_eq!(
            answers(&visit(), &given(&[("speed", "1.5"), ("line", "dsl")])).unwrap_err(),
            ("speed".to_owned(), "Speed must be a whole number.".to_owned())
        );
        assert_eq!(
            answers(&visit(), &given(&[("speed", "1"), ("line", "isdn")])).unwrap_err().0,
            "line"
        );
    }
}
