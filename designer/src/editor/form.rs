//! A form as a list of fields, and as the JSON Schema a draft keeps.

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
            Self::Text => "Text",
            Self::Number => "Number",
            Self::YesNo => "Yes or no",
            Self::Choice => "Choice",
            Self::Date => "Date",
        }
    }
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub kind: FieldType,
    pub required: bool,
    /// What a choice offers.
    pub options: Vec<String>,
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
        let (kind, options) = field_type(property)?;
        let required = required.contains(&name.as_str());
        fields.push(Field { name: name.clone(), kind, required, options });
    }
    fields.sort_by_key(|field| {
        order.iter().position(|name| *name == field.name).unwrap_or(usize::MAX)
    });
    Some(fields)
}

/// The schema of a list of fields; `None` when there are none.
pub fn write(fields: &[Field]) -> Option<Value> {
    if fields.is_empty() {
        return None;
    }
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), property(field))).collect();
    let required: Vec<&str> =
        fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    let order: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    Some(
        json!({ "type": "object", "properties": properties, "required": required, "x-order": order }),
    )
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

fn field_type(property: &Value) -> Option<(FieldType, Vec<String>)> {
    let known = ["type", "title", "format", "enum"];
    if !property.as_object()?.keys().all(|key| known.contains(&key.as_str())) {
        return None;
    }
    if let Some(options) = property.get("enum") {
        let options = options.as_array()?.iter().map(|option| option.as_str().map(str::to_owned));
        return Some((FieldType::Choice, options.collect::<Option<_>>()?));
    }
    let kind =
        match (property.get("type")?.as_str()?, property.get("format").and_then(Value::as_str)) {
            ("string", Some("date")) => FieldType::Date,
            ("string", None) => FieldType::Text,
            ("number" | "integer", None) => FieldType::Number,
            ("boolean", None) => FieldType::YesNo,
            _ => return None,
        };
    Some((kind, Vec::new()))
}

fn property(field: &Field) -> Value {
    match field.kind {
        FieldType::Text => json!({ "type": "string" }),
        FieldType::Number => json!({ "type": "number" }),
        FieldType::YesNo => json!({ "type": "boolean" }),
        FieldType::Choice => json!({ "type": "string", "enum": field.options }),
        FieldType::Date => json!({ "type": "string", "format": "date" }),
    }
}
