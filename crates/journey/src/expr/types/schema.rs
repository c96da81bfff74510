//! Types from JSON Schemas.

use super::{Rest, Type};
use serde_json::{Map, Value};

/// How deep a schema is read; what lies deeper is `Dyn`.
const DEPTH: usize = 16;
/// How many schemas within one are read; a schema may refer to itself.
const PARTS: usize = 4_096;

impl Type {
    /// The type of what fits a schema. What a schema says beyond types is left out, so a type takes no less than its schema.
    pub fn of_schema(schema: &Value) -> Self {
        Reader { whole: schema, left: PARTS }.read(schema, 0)
    }
}

struct Reader<'a> {
    /// What `#/…` refers to.
    whole: &'a Value,
    left: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, schema: &'a Value, depth: usize) -> Type {
        let Value::Object(schema) = schema else { return Type::Dyn };
        if depth >= DEPTH || self.left == 0 {
            return Type::Dyn;
        }
        self.left -= 1;
        let depth = depth + 1;
        if let Some(Value::String(to)) = schema.get("$ref") {
            let found = to.strip_prefix('#').and_then(|pointer| self.whole.pointer(pointer));
            return found.map_or(Type::Dyn, |found| self.read(found, depth));
        }
        if let Some(value) = schema.get("const") {
            return of_values(std::slice::from_ref(value));
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return of_values(values);
        }
        let of = match schema.get("type") {
            Some(Value::String(name)) => self.named(name, schema, depth),
            Some(Value::Array(names)) => {
                let names = names.iter().filter_map(Value::as_str);
                Type::one_of(names.map(|name| self.named(name, schema, depth)).collect::<Vec<_>>())
            }
            _ => self.unnamed(schema, depth),
        };
        match schema.get("nullable") {
            Some(Value::Bool(true)) => of.or(Type::Null),
            _ => of,
        }
    }

    /// A schema without a type: it says what it is by what it lists.
    fn unnamed(&mut self, schema: &'a Map<String, Value>, depth: usize) -> Type {
        if schema.contains_key("properties") {
            return self.object(schema, depth);
        }
        let listed = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        match listed {
            Some(Value::Array(alternatives)) => {
                let read = alternatives.iter().map(|of| self.read(of, depth));
                Type::one_of(read.collect::<Vec<_>>())
            }
            _ => Type::Dyn,
        }
    }

    fn named(&mut self, name: &str, schema: &'a Map<String, Value>, depth: usize) -> Type {
        match name {
            "null" => Type::Null,
            "boolean" => Type::Bool,
            "integer" | "number" => Type::Number,
            "string" => match schema.get("format").and_then(Value::as_str) {
                Some("date" | "date-time") => Type::Date,
                _ => Type::Text,
            },
            "array" => {
                let of = schema.get("items").map_or(Type::Dyn, |items| self.read(items, depth));
                Type::list(if schema.contains_key("prefixItems") { Type::Dyn } else { of })
            }
            "object" => self.object(schema, depth),
            _ => Type::Dyn,
        }
    }

    fn object(&mut self, schema: &'a Map<String, Value>, depth: usize) -> Type {
        let listed = schema.get("properties").and_then(Value::as_object);
        let members: std::collections::BTreeMap<_, _> = listed
            .into_iter()
            .flatten()
            .map(|(name, of)| (name.clone(), self.read(of, depth)))
            .collect();
        let combined = ["patternProperties", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"];
        let rest = if combined.iter().any(|key| schema.contains_key(*key)) {
            Rest::Open(Type::Dyn)
        } else {
            match schema.get("additionalProperties").or(schema.get("unevaluatedProperties")) {
                Some(Value::Bool(false)) => Rest::Closed,
                None if !members.is_empty() => Rest::Unlisted,
                Some(further @ Value::Object(_)) => Rest::Open(self.read(further, depth)),
                None | Some(_) => Rest::Open(Type::Dyn),
            }
        };
        Type::object(members, rest)
    }
}

/// The type of some values; of texts alone, which they are.
fn of_values(values: &[Value]) -> Type {
    let texts: Vec<_> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let others = values.iter().filter(|value| !value.is_string()).map(|value| match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::String(_) => Type::Text,
        Value::Array(_) => Type::list(Type::Dyn),
        Value::Object(_) => Type::object(std::collections::BTreeMap::new(), Rest::Open(Type::Dyn)),
    });
    let words = (!texts.is_empty()).then(|| Type::words(texts));
    Type::one_of(words.into_iter().chain(others))
}
