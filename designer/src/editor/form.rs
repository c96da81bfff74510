//! A form as a list of fields, and as the JSON Schema a draft keeps.

use crate::messages::t;
use crate::words::spoken;
use serde_json::{Map, Value, json};

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    Text,
    Number,
    YesNo,
    Choice,
    Date,
}

impl FieldType {
    /// Every type in the order it is offered.
    pub const ALL: [Self; 5] = [Self::Text, Self::Number, Self::YesNo, Self::Choice, Self::Date];

    /// Its words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Text => t!("Text"),
            Self::Number => t!("Number"),
            Self::YesNo => t!("Yes or no"),
            Self::Choice => t!("Choice"),
            Self::Date => t!("Date"),
        }
    }
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// What people read; empty where the name says it.
    pub title: String,
    pub kind: FieldType,
    pub required: bool,
    /// What a choice offers.
    pub options: Vec<String>,
    /// What else the schema says of it, such as its bounds; it is kept as it is.
    pub kept: Map<String, Value>,
}

impl Field {
    /// A text that may be left out, named and titled by a person's words; `None` when there are no letters to name it by.
    pub fn called(words: &str) -> Option<Self> {
        let (name, words) = (slug(words), words.trim());
        let title = if spoken(&name) == words { String::new() } else { words.to_owned() };
        let field = Self {
            name,
            title,
            kind: FieldType::Text,
            required: false,
            options: Vec::new(),
            kept: Map::new(),
        };
        (!field.name.is_empty()).then_some(field)
    }

    /// It takes something else from now on; what was said of what it took is gone.
    pub fn take(&mut self, kind: FieldType) {
        self.kind = kind;
        self.kept.retain(|key, _| key == "description");
        if kind == FieldType::Choice && self.options.is_empty() {
            self.options = vec![t!("First").to_owned(), t!("Second").to_owned()];
        }
    }
}

/// The fields of a schema; `None` when it says more than a list of fields can (it is then left as it is).
pub fn read(schema: Option<&Value>) -> Option<Vec<Field>> {
    let Some(schema) = schema else {
        return Some(Vec::new());
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let Some(properties) = schema.get("properties") else {
        return schema
            .as_object()
            .filter(|members| members.keys().all(|key| key == "type"))
            .map(|_| Vec::new());
    };
    let order: Vec<&str> = schema
        .get("x-order")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mut fields = Vec::new();
    for (name, property) in properties.as_object()? {
        let required = required.contains(&name.as_str());
        fields.push(Field { name: name.clone(), required, ..field(property)? });
    }
    fields.sort_by_key(|field| {
        order.iter().position(|name| *name == field.name).unwrap_or(usize::MAX)
    });
    Some(fields)
}

/// The schema of a list of fields, with whatever else `before` says; `None` when there are no fields.
pub fn write(fields: &[Field], before: Option<&Value>) -> Option<Value> {
    if fields.is_empty() {
        return None;
    }
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), property(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let order: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let mut schema = before.and_then(Value::as_object).cloned().unwrap_or_default();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), json!(required));
    schema.insert("x-order".to_owned(), json!(order));
    Some(Value::Object(schema))
}

/// A member name made of a person's words: `Go-live date` becomes `go_live_date`.
pub fn slug(words: &str) -> String {
    let mut slug = String::new();
    for letter in words.trim().to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.starts_with(|first: char| first.is_ascii_digit()) {
        format!("x_{slug}")
    } else {
        slug.to_owned()
    }
}

/// What a property says, without its name; `None` when it is no plain field.
fn field(property: &Value) -> Option<Field> {
    let mut kept = property.as_object()?.clone();
    let title = match kept.remove("title") {
        None => String::new(),
        Some(title) => title.as_str()?.to_owned(),
    };
    let mut options = Vec::new();
    let kind = if let Some(values) = kept.remove("enum") {
        let values = values.as_array()?.iter().map(|value| value.as_str().map(str::to_owned));
        options = values.collect::<Option<_>>()?;
        FieldType::Choice
    } else {
        plain_type(&kept)?
    };
    let says_more =
        ["$ref", "oneOf", "anyOf", "allOf", "not", "const", "if", "properties", "items"];
    if says_more.iter().any(|key| kept.contains_key(*key)) {
        return None;
    }
    kept.retain(|key, value| written(kind).get(key) != Some(value));
    Some(Field { name: String::new(), title, kind, required: false, options, kept })
}

fn plain_type(property: &Map<String, Value>) -> Option<FieldType> {
    let format = property.get("format").and_then(Value::as_str);
    Some(match (property.get("type")?.as_str()?, format) {
        ("string", Some("date")) => FieldType::Date,
        ("string", _) => FieldType::Text,
        ("number" | "integer", _) => FieldType::Number,
        ("boolean", _) => FieldType::YesNo,
        _ => return None,
    })
}

/// What a schema says of each field of a type.
fn written(kind: FieldType) -> Value {
    match kind {
        FieldType::Text | FieldType::Choice => json!({ "type": "string" }),
        FieldType::Number => json!({ "type": "number" }),
        FieldType::YesNo => json!({ "type": "boolean" }),
        FieldType::Date => json!({ "type": "string", "format": "date" }),
    }
}

fn property(field: &Field) -> Value {
    let mut property = written(field.kind);
    if !field.title.is_empty() {
        property["title"] = json!(field.title);
    }
    if field.kind == FieldType::Choice {
        property["enum"] = json!(field.options);
    }
    for (key, value) in &field.kept {
        property[key] = value.clone();
    }
    property
}
