//! What comes in from outside: small enough, not too deep, and with the members its schema requires.
//!
//! Whole JSON Schema validation happens before the event is made; this is what holds even without it.

use crate::limits;
use serde_json::Value;

pub(super) struct Wrong {
    pub(super) pointer: String,
    pub(super) message: String,
}

/// Whether a payload may be kept, and has every member its schema requires.
pub(super) fn fits(payload: &Value, schema: &Value) -> Result<(), Wrong> {
    let whole = |message: String| Wrong { pointer: String::new(), message };
    is_bounded(payload).map_err(|message| whole(message.to_owned()))?;
    let Some(required) = schema.get("required").and_then(Value::as_array) else { return Ok(()) };
    for name in required.iter().filter_map(Value::as_str) {
        if payload.get(name).is_none_or(Value::is_null) {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            return Err(Wrong { pointer, message: format!("'{name}' is required") });
        }
    }
    Ok(())
}

/// Whether a value is within the limits of size and depth.
pub(super) fn is_bounded(value: &Value) -> Result<(), &'static str> {
    let mut bytes = 0_usize;
    let mut open = vec![(value, 0_usize)];
    while let Some((value, depth)) = open.pop() {
        if depth > limits::VALUE_DEPTH {
            return Err("it is nested too deeply");
        }
        bytes += match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 8,
            Value::String(text) => text.len() + 2,
            Value::Array(items) => {
                open.extend(items.iter().map(|item| (item, depth + 1)));
                items.len() + 2
            }
            Value::Object(members) => {
                open.extend(members.values().map(|member| (member, depth + 1)));
                members.keys().map(|name| name.len() + 4).sum::<usize>() + 2
            }
        };
        if bytes > limits::PAYLOAD_BYTES {
            return Err("it is larger than 1 MiB");
        }
    }
    Ok(())
}
