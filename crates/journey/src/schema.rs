//! The JSON Schema of a draft, generated from its types.

use crate::{Draft, check::KINDS, format::FORMAT};
use serde_json::{Value, json};

/// The JSON Schema of the file format, as it is served and kept in docs/draft.schema.json.
///
/// It says what makes a file a draft. The settings of each kind of node are left to `check`, which says more than a schema could.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Draft).to_value();
    schema["title"] = json!("Waymark journey draft, file format 1");
    for (pointer, more) in [
        ("/properties/format", json!({ "const": FORMAT })),
        ("/$defs/Node/properties/kind", json!({ "enum": KINDS })),
        ("/$defs/Node/properties/id", json!({ "pattern": "^[a-z][a-z0-9_]{0,63}$" })),
        ("/$defs/Edge/properties/id", json!({ "minLength": 1, "maxLength": 64 })),
    ] {
        if let (Some(Value::Object(member)), Value::Object(more)) =
            (schema.pointer_mut(pointer), more)
        {
            member.extend(more);
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::schema;

    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/draft.schema.json");

    #[test]
    fn the_schema_in_docs_is_current() {
        let current = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        let kept = std::fs::read_to_string(KEPT).unwrap_or_default();
        assert!(
            kept == current,
            "docs/draft.schema.json is not what the types give; it should be:\n{current}"
        );
    }

    #[test]
    fn the_schema_knows_every_kind() {
        let schema = schema();
        assert_eq!(schema.pointer("/properties/format/const"), Some(&1.into()));
        let kinds = schema.pointer("/$defs/Node/properties/kind/enum").unwrap();
        assert_eq!(kinds.as_array().unwrap().len(), 17);
    }
}
