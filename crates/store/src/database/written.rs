//! Values as they are written.

use crate::{Failure, failure::Doing};
use serde::Serialize;

/// What we store as JSON text.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).doing("write a value as JSON")
}

/// A count for a column.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `part` anywhere in a text in lower case, as both databases make it: the letters A to Z.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.to_ascii_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
