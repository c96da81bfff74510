//! One way to run SQL on both databases: statements and values of ours, bound and read by the driver that is behind a pool.
//!
//! Statements are written once for both: `$1` for values, whole numbers of 64 bits, texts, bytes and doubles, no booleans.
//! What the two say differently is in [`Dialect`].

mod builder;
mod error;
mod file;
mod many;
mod pool;
mod row;
mod server;
mod value;

pub(crate) use builder::Builder;
pub(crate) use error::Error;
pub(crate) use file::{File, Opening, Reads as FileReads};
pub(crate) use many::{Insert, Keyed};
pub(crate) use pool::{Dialect, Pool, Write};
pub(crate) use row::{Column, Row, Tuple};
pub(crate) use server::Server;
pub(crate) use value::{Bind, Kind, Value as AnyValue};

use crate::{Failure, failure::Doing};
use failpoints::Point;
use pool::Runs;
use std::{borrow::Cow, marker::PhantomData};
use value::Value;

/// The values of a row, or of the key of one.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Bind::value($value)),*] };
}
pub(crate) use values;

/// A statement and its values.
#[derive(Debug)]
pub(crate) struct Statement<'q> {
    text: Cow<'static, str>,
    values: Vec<Value<'q>>,
    plan: Plan,
}

/// How PostgreSQL goes about a statement that it is given again and again; SQLite does not look at values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// In one way, whatever the values, once that seems as good.
    Kept,
    /// As it seems best for the values, each time.
    ByValues,
}

/// How many rows a statement wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written(u64);

impl Written {
    pub(crate) fn rows_affected(self) -> u64 {
        self.0
    }
}

/// A statement to be run.
pub(crate) fn query<'q>(text: &'static str) -> Statement<'q> {
    Statement::new(Cow::Borrowed(text), Vec::new())
}

/// A statement that gives one column.
pub(crate) fn query_scalar<'q, T: Column>(text: &'static str) -> Read<'q, T, One> {
    Read { statement: query(text), reads: PhantomData }
}

/// A statement that gives a few columns, in order.
pub(crate) fn query_as<'q, T: Tuple>(text: &'static str) -> Read<'q, T, Several> {
    Read { statement: query(text), reads: PhantomData }
}

impl<'q> Statement<'q> {
    fn new(text: Cow<'static, str>, values: Vec<Value<'q>>) -> Self {
        Self { text, values, plan: Plan::Kept }
    }

    pub(crate) fn bind(mut self, value: impl Bind<'q>) -> Self {
        self.values.push(value.value());
        self
    }

    /// Has PostgreSQL look at the values each time: they decide which way is the quick one.
    pub(crate) fn planned_by_values(self) -> Self {
        Self { plan: Plan::ByValues, ..self }
    }

    /// The text as SQLite takes it: a value named by a number is found by that, one named by a word by looking through all names.
    fn numbered(&self) -> Cow<'_, str> {
        if !self.text.contains('$') {
            return Cow::Borrowed(&self.text);
        }
        let mut text = String::with_capacity(self.text.len());
        let mut parts = self.text.split('$');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            text.push(if part.starts_with(|first: char| first.is_ascii_digit()) {
                '?'
            } else {
                '$'
            });
            text.push_str(part);
        }
        Cow::Owned(text)
    }

    #[cfg(debug_assertions)]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// PostgreSQL's words for the types of its values.
    #[cfg(debug_assertions)]
    pub(crate) fn kinds(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(Value::word)
    }

    fn into_owned(self) -> Statement<'static> {
        let values = self.values.into_iter().map(Value::into_owned).collect();
        Statement { text: self.text, values, plan: self.plan }
    }

    /// How the database would go about it.
    #[cfg(test)]
    pub(crate) fn explained(self, dialect: Dialect) -> Self {
        let explain = match dialect {
            Dialect::Sqlite => "EXPLAIN QUERY PLAN",
            Dialect::Postgres => "EXPLAIN (ANALYZE, BUFFERS)",
        };
        Self { text: Cow::Owned(format!("{explain} {}", self.text)), ..self }
    }

    /// Runs it as a part of a transaction.
    pub(crate) async fn execute(self, on: &mut Write) -> Result<Written, Error> {
        on.write(self).await.map(Written)
    }

    /// Runs it as a transaction of its own.
    pub(crate) async fn execute_alone(self, on: &Pool, point: Point) -> Result<Written, Failure> {
        let written = failpoints::around(point, on.write(self)).await;
        written.map(Written).doing(point.name())
    }

    pub(crate) async fn fetch_all(self, on: impl Runs) -> Result<Vec<Row>, Error> {
        on.rows(self).await
    }

    pub(crate) async fn fetch_optional(self, on: impl Runs) -> Result<Option<Row>, Error> {
        Ok(on.rows(self).await?.into_iter().next())
    }

    pub(crate) async fn fetch_one(self, on: impl Runs) -> Result<Row, Error> {
        self.fetch_optional(on).await?.ok_or(Error::NoRow)
    }
}

/// How a row is read: its one column.
#[derive(Debug)]
pub(crate) struct One;

/// How a row is read: its columns in order.
#[derive(Debug)]
pub(crate) struct Several;

/// Reads a row.
pub(crate) trait Reads<T> {
    fn read(row: &Row) -> Result<T, Error>;
}

impl<T: Column> Reads<T> for One {
    fn read(row: &Row) -> Result<T, Error> {
        T::at(row, 0)
    }
}

impl<T: Tuple> Reads<T> for Several {
    fn read(row: &Row) -> Result<T, Error> {
        T::of(row)
    }
}

/// A statement and what its rows are read as.
#[derive(Debug)]
pub(crate) struct Read<'q, T, R> {
    statement: Statement<'q>,
    reads: PhantomData<fn() -> (T, R)>,
}

impl<'q, T, R: Reads<T>> Read<'q, T, R> {
    pub(crate) fn bind(self, value: impl Bind<'q>) -> Self {
        Self { statement: self.statement.bind(value), ..self }
    }

    pub(crate) async fn fetch_all(self, on: impl Runs) -> Result<Vec<T>, Error> {
        self.statement.fetch_all(on).await?.iter().map(R::read).collect()
    }

    pub(crate) async fn fetch_optional(self, on: impl Runs) -> Result<Option<T>, Error> {
        self.statement.fetch_optional(on).await?.as_ref().map(R::read).transpose()
    }

    pub(crate) async fn fetch_one(self, on: impl Runs) -> Result<T, Error> {
        R::read(&self.statement.fetch_one(on).await?)
    }
}
