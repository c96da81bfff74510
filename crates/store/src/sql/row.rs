//! Reading stored rows: a value that is not what we wrote is a corrupt database, never a panic.

use super::{
    Error,
    value::{Kind, Value},
};
use crate::{Failure, failure::Doing};
use journey::Timestamp;
use rusqlite::types::Value as Cell;
use serde::de::DeserializeOwned;
use sqlx::{Row as _, TypeInfo, ValueRef, postgres::PgRow};
use std::{borrow::Cow, sync::Arc};

const READING: &str = "read a stored row";

/// A row of either database.
#[derive(Debug)]
pub(crate) enum Row {
    File(Cells),
    Postgres(PgRow),
}

/// A row of a file, and its columns' names, which all rows of a statement share.
#[derive(Debug)]
pub(crate) struct Cells {
    pub(super) names: Arc<[String]>,
    pub(super) values: Vec<Cell>,
}

impl Cells {
    fn at(&self, place: usize) -> Result<&Cell, Error> {
        self.values.get(place).ok_or_else(|| Error::Column(place.to_string()))
    }
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
    pub(crate) fn any(&self, place: usize, kind: Kind) -> Result<Value<'static>, Error> {
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

    fn place(&self, column: &str) -> Result<usize, Error> {
        match self {
            Self::File(row) => {
                let place = row.names.iter().position(|name| name.eq_ignore_ascii_case(column));
                place.ok_or_else(|| Error::Column(column.to_owned()))
            }
            Self::Postgres(row) => Ok(sqlx::ColumnIndex::index(&column, row)?),
        }
    }
}

/// A value of a row, by the place of its column.
pub(crate) trait Column: Sized {
    fn at(row: &Row, place: usize) -> Result<Self, Error>;
}

impl Column for Option<String> {
    fn at(row: &Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::File(row) => match row.at(place)? {
                Cell::Null => Ok(None),
                Cell::Text(text) => Ok(Some(text.clone())),
                Cell::Integer(_) | Cell::Real(_) | Cell::Blob(_) => {
                    Err(Error::Kind { place, kind: Kind::Text })
                }
            },
            Row::Postgres(row) => Ok(row.try_get(place)?),
        }
    }
}

impl Column for Option<Vec<u8>> {
    fn at(row: &Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::File(row) => match row.at(place)? {
                Cell::Null => Ok(None),
                Cell::Blob(bytes) => Ok(Some(bytes.clone())),
                Cell::Text(text) => Ok(Some(text.clone().into_bytes())),
                Cell::Integer(_) | Cell::Real(_) => Err(Error::Kind { place, kind: Kind::Bytes }),
            },
            Row::Postgres(row) => Ok(row.try_get(place)?),
        }
    }
}

impl Column for Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a whole number where a fraction was meant")]
    fn at(row: &Row, place: usize) -> Result<Self, Error> {
        match row {
            Row::File(row) => match row.at(place)? {
                Cell::Null => Ok(None),
                Cell::Real(number) => Ok(Some(*number)),
                Cell::Integer(number) => Ok(Some(*number as f64)),
                Cell::Text(_) | Cell::Blob(_) => Err(Error::Kind { place, kind: Kind::Double }),
            },
            Row::Postgres(row) => Ok(row.try_get(place)?),
        }
    }
}

impl Column for Option<i64> {
    /// PostgreSQL gives what is reckoned in a statement other types of numbers than what is stored.
    fn at(row: &Row, place: usize) -> Result<Self, Error> {
        let row = match row {
            Row::File(row) => {
                return match row.at(place)? {
                    Cell::Null => Ok(None),
                    Cell::Integer(number) => Ok(Some(*number)),
                    Cell::Real(_) | Cell::Text(_) | Cell::Blob(_) => {
                        Err(Error::Kind { place, kind: Kind::Int })
                    }
                };
            }
            Row::Postgres(row) => row,
        };
        match row.try_get_raw(place).map_err(Error::from)?.type_info().name() {
            "INT4" => Ok(row.try_get::<Option<i32>, _>(place)?.map(i64::from)),
            "BOOL" => Ok(row.try_get::<Option<bool>, _>(place)?.map(i64::from)),
            _ => Ok(row.try_get(place)?),
        }
    }
}

/// What must be there.
macro_rules! required {
    ($($type:ty: $kind:expr),*) => {
        $(impl Column for $type {
            fn at(row: &Row, place: usize) -> Result<Self, Error> {
                Option::<Self>::at(row, place)?.ok_or(Error::Kind { place, kind: $kind })
            }
        })*
    };
}

required!(i64: Kind::Int, String: Kind::Text, Vec<u8>: Kind::Bytes);

/// A few columns in order.
pub(crate) trait Tuple: Sized {
    fn of(row: &Row) -> Result<Self, Error>;
}

impl<A: Column> Tuple for (A,) {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok((A::at(row, 0)?,))
    }
}

impl<A: Column, B: Column> Tuple for (A, B) {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok((A::at(row, 0)?, B::at(row, 1)?))
    }
}

impl<A: Column, B: Column, C: Column> Tuple for (A, B, C) {
    fn of(row: &Row) -> Result<Self, Error> {
        Ok((A::at(row, 0)?, B::at(row, 1)?, C::at(row, 2)?))
    }
}
