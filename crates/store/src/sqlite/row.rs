//! Reading stored rows: a value that is not what we wrote is a corrupt database, never a panic.

use crate::{Failure, failure::Doing};
use journey::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, sqlite::SqliteRow};

const READING: &str = "read a stored row";

/// Columns by name, in our types.
pub(crate) trait Columns {
    fn int(&self, column: &str) -> Result<i64, Failure>;
    fn opt_int(&self, column: &str) -> Result<Option<i64>, Failure>;
    fn text(&self, column: &str) -> Result<String, Failure>;
    fn opt_text(&self, column: &str) -> Result<Option<String>, Failure>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, Failure>;
    fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, Failure>;
    fn opt_double(&self, column: &str) -> Result<Option<f64>, Failure>;

    fn count(&self, column: &str) -> Result<u64, Failure> {
        u64::try_from(self.int(column)?).ok().doing(READING)
    }

    fn time(&self, column: &str) -> Result<Timestamp, Failure> {
        self.int(column).map(Timestamp)
    }

    fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.text(column)?).doing(READING)
    }

    fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, Failure> {
        self.opt_text(column)?.map(|text| serde_json::from_str(&text).doing(READING)).transpose()
    }

    /// A column that holds one of a few words.
    fn word<T>(&self, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
        read(&self.text(column)?).doing(READING)
    }
}

impl Columns for SqliteRow {
    fn int(&self, column: &str) -> Result<i64, Failure> {
        self.try_get(column).doing(READING)
    }

    fn opt_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        self.try_get(column).doing(READING)
    }

    fn text(&self, column: &str) -> Result<String, Failure> {
        self.try_get(column).doing(READING)
    }

    fn opt_text(&self, column: &str) -> Result<Option<String>, Failure> {
        self.try_get(column).doing(READING)
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, Failure> {
        self.try_get(column).doing(READING)
    }

    fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.try_get(column).doing(READING)
    }

    fn opt_double(&self, column: &str) -> Result<Option<f64>, Failure> {
        self.try_get(column).doing(READING)
    }
}

/// What we store as JSON text.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).doing("write a value as JSON")
}

/// A count for a column.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `part` anywhere.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
