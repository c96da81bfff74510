//! Connections to either database.

use super::{Row, Statement, value::Value};
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, PgPool, Postgres, Sqlite, SqlitePool, Transaction, postgres::PgArguments,
    sqlite::SqliteArguments,
};
use std::{borrow::Cow, future::Future};

/// What the two databases say differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The key of an instance: SQLite's is its number alone, by which its rows lie in the file.
    pub(crate) fn when_the_instance_is_there(self) -> &'static str {
        match self {
            Self::Sqlite => " ON CONFLICT (id)",
            Self::Postgres => " ON CONFLICT (slot, id)",
        }
    }

    /// The database's own clock, in milliseconds since 1970: what all nodes share.
    pub(crate) fn clock(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// Keeps the rows a statement reads as they are until the transaction is over; SQLite's one writer needs nothing for that.
    pub(crate) fn locking(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE",
        }
    }

    /// As [`Self::locking`], but rows that somebody else keeps are passed by.
    pub(crate) fn locking_what_is_free(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// Connections that statements run on one by one.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction; what is not committed did not happen.
#[derive(Debug)]
pub(crate) enum Write {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Pool {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction; SQLite's holds the write lock from the beginning.
    pub(crate) async fn begin(&self) -> Result<Write, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Write::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => Ok(Write::Postgres(pool.begin().await?)),
        }
    }

    /// Begins a transaction in which all that is read is as it is at one moment.
    pub(crate) async fn begin_snapshot(&self) -> Result<Write, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => Ok(Write::Sqlite(pool.begin().await?)),
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Ok(Write::Postgres(pool.begin_with(begin).await?))
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Write {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The rows of a statement one after the other, never all at once.
    pub(crate) fn stream(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<BoxStream<'_, Result<Row, sqlx::Error>>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(tx) => sqlite(statement)?.fetch(&mut **tx).map_ok(Row::Sqlite).boxed(),
            Self::Postgres(tx) => {
                postgres(statement)?.fetch(&mut **tx).map_ok(Row::Postgres).boxed()
            }
        })
    }

    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    /// Undoes the transaction and waits until what it held is free; one that is dropped is undone some time later.
    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}

/// What statements run on.
pub(crate) trait Runs: Send {
    fn write(
        self,
        statement: Statement<'_>,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    fn rows(
        self,
        statement: Statement<'_>,
    ) -> impl Future<Output = Result<Vec<Row>, sqlx::Error>> + Send;
}

impl Runs for &Pool {
    async fn write(self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        match self {
            Pool::Sqlite(pool) => Ok(sqlite(statement)?.execute(pool).await?.rows_affected()),
            Pool::Postgres(pool) => Ok(postgres(statement)?.execute(pool).await?.rows_affected()),
        }
    }

    async fn rows(self, statement: Statement<'_>) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Pool::Sqlite(pool) => {
                let rows = sqlite(statement)?.fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Pool::Postgres(pool) => {
                let rows = postgres(statement)?.fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

impl Runs for &mut Write {
    async fn write(self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        match self {
            Write::Sqlite(tx) => Ok(sqlite(statement)?.execute(&mut **tx).await?.rows_affected()),
            Write::Postgres(tx) => {
                Ok(postgres(statement)?.execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    async fn rows(self, statement: Statement<'_>) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Write::Sqlite(tx) => {
                let rows = sqlite(statement)?.fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Write::Postgres(tx) => {
                let rows = postgres(statement)?.fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

type Bound<DB, A> = sqlx::query::Query<'static, DB, A>;

fn sqlite(statement: Statement<'_>) -> Result<Bound<Sqlite, SqliteArguments>, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in statement.values {
        Value::add::<Sqlite>(value, &mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(match statement.text {
        Cow::Borrowed(text) => sqlx::query_with(text, arguments),
        Cow::Owned(text) => sqlx::query_with(AssertSqlSafe(text), arguments),
    })
}

fn postgres(statement: Statement<'_>) -> Result<Bound<Postgres, PgArguments>, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in statement.values {
        Value::add::<Postgres>(value, &mut arguments).map_err(sqlx::Error::Encode)?;
    }
    Ok(match statement.text {
        Cow::Borrowed(text) => sqlx::query_with(text, arguments),
        Cow::Owned(text) => sqlx::query_with(AssertSqlSafe(text), arguments),
    })
}
