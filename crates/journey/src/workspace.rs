//! What only a workspace knows, and `check` needs: connections and their operations, teams, users, calendars.

use crate::{Timestamp, engine::type_of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The names and schemas a draft may refer to. Without one, `check` reports such names as `unknown-here` warnings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// By connection name.
    pub connections: BTreeMap<String, Connection>,
    pub teams: BTreeSet<String>,
    /// E-mail addresses.
    pub users: BTreeSet<String>,
    pub calendars: BTreeSet<String>,
    /// Journeys with a live version, by id and by name.
    #[serde(default)]
    pub journeys: BTreeSet<String>,
    /// Names that several of those have: which one is meant, only its id says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_names: BTreeSet<String>,
    /// What accounts have beside what every account has: by name, a JSON Schema of what was seen in some. They are offered, never checked
    /// against: the next account may have something else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub account_fields: BTreeMap<String, Value>,
    /// When it was asked: what is over by then never comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
}

/// A configured connector: what its operations take and give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    pub connector: String,
    pub operations: BTreeMap<String, Operation>,
}

/// One operation of a connector, as its manifest states it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    #[serde(default)]
    pub title: String,
    /// JSON Schemas.
    pub input: Value,
    pub output: Value,
    #[serde(default)]
    pub idempotent: bool,
}

/// What some accounts have of their own, each member with a JSON Schema of the values seen.
pub fn fields_of(
    accounts: impl IntoIterator<Item = Map<String, Value>>,
) -> BTreeMap<String, Value> {
    let mut fields: BTreeMap<String, Seen> = BTreeMap::new();
    for (name, value) in accounts.into_iter().flatten() {
        fields.entry(name).or_default().note(&value);
    }
    fields.into_iter().map(|(name, seen)| (name, seen.schema())).collect()
}

/// The values that were seen in one field.
#[derive(Default)]
struct Seen {
    types: BTreeSet<&'static str>,
    /// Texts that are no date.
    has_words: bool,
}

impl Seen {
    fn note(&mut self, value: &Value) {
        self.types.insert(type_of(value));
        let is_word = |text: &str| Timestamp::from_date_or_time(text).is_none();
        self.has_words |= value.as_str().is_some_and(is_word);
    }

    /// A field of an account can always be null.
    fn schema(mut self) -> Value {
        self.types.insert("null");
        let mut schema = json!({ "type": self.types });
        if self.types.contains("string") && !self.has_words {
            schema["format"] = json!("date");
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::fields_of;
    use serde_json::{Value, json};

    #[test]
    fn what_accounts_have_is_said_by_what_was_seen() {
        let accounts = [
            json!({ "renewal": "2026-01-31", "plan": "2026-01-31", "tags": ["a"], "seats": 4 }),
            json!({ "renewal": null, "plan": "pro", "seats": "many" }),
        ];
        let accounts = accounts.map(|account| match account {
            Value::Object(fields) => fields,
            other => panic!("{other} is no object"),
        });
        let expected = json!({
            "renewal": { "type": ["null", "string"], "format": "date" },
            "plan": { "type": ["null", "string"] },
            "tags": { "type": ["array", "null"] },
            "seats": { "type": ["null", "number", "string"] },
        });
        assert_eq!(json!(fields_of(accounts)), expected);
    }
}
