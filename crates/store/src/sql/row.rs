//! Reading stored rows: a value that is not what we wrote is a corrupt database, never a panic.

use super::value::{Kind, Value};
use crate::{Failure, failure::Doing};
use journey::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::{Row as _, TypeInfo, ValueRef, postgres::PgRow, sqlite::SqliteRow};
use std::borrow::Cow;

const READING: &str = "read a stored row";

/// A row of either database.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// Columns by name, in our types.
impl Row {
    pub(crate) fn int(&self, column: &str) -> Result<i64, Failure> {
        self.get(column)
    }

    pub(crate) fn opt_int(&self, column: &str) -> Result<Option<i64>, Failure> {
        self.get(column)
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, Failure> {
        self.get(column)
    }

    pub(crate) fn opt_text(&self, column: &str) -> Result<Option<String>, Failure> {
        self.get(column)
    }

    pub(crate) fn bytes(&self, column: &str) -> Result<Vec<u8>, Failure> {
        self.get(column)
    }

    pub(crate) fn opt_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.get(column)
    }

    pub(crate) fn opt_double(&self, column: &str) -> Result<Option<f64>, Failure> {
        self.get(column)
    }

    pub(crate) fn count(&self, column: &str) -> Result<u64, Failure> {
        u64::try_from(self.int(column)?).ok().doing(READING)
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, Failure> {
        self.int(column).map(Timestamp)
    }

    pub(crate) fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, Failure> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, Failure> {
        serde_json::from_str(&self.text(column)?).doing(READING)
    }

    pub(crate) fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, Failure> {
        self.opt_text(column)?.map(|text| serde_json::from_str(&text).doing(READING)).transpose()
    }

    /// A column that holds one of a few words.
    pub(crate) fn word<T>(
        &self,
        column: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        read(&self.text(column)?).doing(READING)
    }

    /// A value of whatever kind, by the place of its column.
    pub(crate) fn any(&self, place: usize, kind: Kind) -> Result<Value<'static>, sqlx::Error> {
        Ok(match kind {
            Kind::Int => Value::Int(Column::at(self, place)?),
            Kind::Double => Value::Double(Column::at(self, place)?),
            Kind::Text => Value::Text(Option::<String>::at(self, place)?.map(Cow::Owned)),
            Kind::Bytes => Value::Bytes(Option::<Vec<u8>>::at(self, place)?.map(Cow::Owned)),
        })
    }

    fn get<T: Column>(&self, column: &str) -> Result<T, Failure> {
        self.place(column).and_then(|place| T::at(self, place)).doing(READING)
    }

    fn place(&self, column: &str) -> Result<usize, sqlx::Error> {
        use sqlx::ColumnIndex;
        match self {
            Self::Sqlite(row) => column.index(row),
            Self::Postgres(row) => column.index(row),
        }
    }
}

/// A value of a row, by the place of its column.
pub(crate) trait Column: Sized {
    fn at(row: &Row, place: usize) -> Result<Self, sqlx::Error>;
}

/// Columns that both drivers read alike.
macro_rules! columns {
    ($($type:ty),*) => {
        $(impl Column for $type {
            fn at(row: &Row, place: usize) -> Result<Self, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(place),
                    Row::Postgres(row) => row.try_get(place),
                }
            }
        })*
    };
}

columns!(String, Option<String>, Vec<u8>, Option<Vec<u8>>, Option<f64>);

impl Column for Option<i64> {
    /// PostgreSQL gives what is reckoned in a statement other types of numbers than what is stored.
    fn at(row: &Row, place: usize) -> Result<Self, sqlx::Error> {
        let row = match row {
            Row::Sqlite(row) => return row.try_get(place),
            Row::Postgres(row) => row,
        };
        match row.try_get_raw(place)?.type_info().name() {
            "INT4" => Ok(row.try_get::<Option<i32>, _>(place)?.map(i64::from)),
            "BOOL" => Ok(row.try_get::<Option<bool>, _>(place)?.map(i64::from)),
            _ => row.try_get(place),
        }
    }
}

impl Column for i64 {
    fn at(row: &Row, place: usize) -> Result<Self, sqlx::Error> {
        let value = Option::<Self>::at(row, place)?;
        value.ok_or_else(|| sqlx::Error::Decode("a number is missing".into()))
    }
}

/// A few columns in order.
pub(crate) trait Tuple: Sized {
    fn of(row: &Row) -> Result<Self, sqlx::Error>;
}

impl<A: Column> Tuple for (A,) {
    fn of(row: &Row) -> Result<Self, sqlx::Error> {
        Ok((A::at(row, 0)?,))
    }
}

impl<A: Column, B: Column> Tuple for (A, B) {
    fn of(row: &Row) -> Result<Self, sqlx::Error> {
        Ok((A::at(row, 0)?, B::at(row, 1)?))
    }
}

impl<A: Column, B: Column, C: Column> Tuple for (A, B, C) {
    fn of(row: &Row) -> Result<Self, sqlx::Error> {
        Ok((A::at(row, 0)?, B::at(row, 1)?, C::at(row, 2)?))
    }
}
