//! The deep difference of two JSON values, as pointers and values.

use super::Field;
use serde_json::Value;

/// A part of a JSON pointer, as RFC 6901 writes it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Every value that differs below `pointer`. Lists of different lengths differ as a whole.
pub(super) fn between(pointer: &str, from: Option<&Value>, to: Option<&Value>) -> Vec<Field> {
    let mut fields = Vec::new();
    // A pile of work instead of calls: values may be nested as deeply as their reader allows.
    let mut open = vec![(pointer.to_owned(), from, to)];
    while let Some((pointer, from, to)) = open.pop() {
        if from == to {
            continue;
        }
        match (from, to) {
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let added = b.keys().filter(|name| !a.contains_key(*name));
                let below = a.keys().chain(added);
                open.extend(below.map(|name| {
                    (format!("{pointer}/{}", escaped(name)), a.get(name), b.get(name))
                }));
            }
            (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
                let pairs = a.iter().zip(b).enumerate();
                open.extend(
                    pairs.map(|(at, (a, b))| (format!("{pointer}/{at}"), Some(a), Some(b))),
                );
            }
            (from, to) => {
                fields.push(Field { pointer, from: from.cloned(), to: to.cloned() });
            }
        }
    }
    fields.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    fields
}
