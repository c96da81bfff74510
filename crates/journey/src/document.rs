//! A JSON document that a record and the instance made from it hold together.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::{ops::Deref, sync::Arc};

/// A JSON document that never changes: what a trigger got, a connector answered, a person filled in. Copying it copies a pointer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document(Arc<Value>);

impl Deref for Document {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self(Arc::new(value))
    }
}

impl PartialEq<Value> for Document {
    fn eq(&self, other: &Value) -> bool {
        **self == *other
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

/// Reads a member that is there, and null is a value: it is not a member that is absent.
pub(crate) fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
