//! Connections to either database.

use super::{
    Error, Plan, Row, Statement,
    file::{File, FileWrite},
    server::Server,
};
use crate::{Failure, failure::Doing, limits};
use failpoints::Point;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{AssertSqlSafe, Postgres, Transaction, postgres::PgArguments};
use std::{borrow::Cow, future::Future, time::Duration};
use tokio::time::timeout;

/// What the two databases say differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The key of an instance: SQLite's is its number alone, by which its rows lie in the file.
    pub(crate) fn key_of_an_instance(self) -> &'static str {
        match self {
            Self::Sqlite => "id",
            Self::Postgres => "slot, id",
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
    File(File),
    Postgres(Server),
}

/// A transaction; what is not committed did not happen.
#[derive(Debug)]
pub(crate) enum Write {
    File(FileWrite),
    Postgres(Transaction<'static, Postgres>),
}

impl Pool {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::File(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction; SQLite's holds the write lock from the beginning.
    pub(crate) async fn begin(&self) -> Result<Write, Error> {
        match self {
            Self::File(file) => Ok(Write::File(file.begin().await?)),
            Self::Postgres(server) => Ok(Write::Postgres(server.begin().await?)),
        }
    }

    /// Begins a transaction in which all that is read is as it is at one moment.
    pub(crate) async fn begin_snapshot(&self) -> Result<Write, Error> {
        match self {
            Self::File(file) => Ok(Write::File(file.begin_snapshot().await?)),
            Self::Postgres(server) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Ok(Write::Postgres(server.begin_with(begin).await?))
            }
        }
    }

    /// A statement that is a transaction of its own; how many rows it wrote.
    pub(super) async fn write(&self, statement: Statement<'_>) -> Result<u64, Error> {
        note(&statement);
        match self {
            Self::File(file) => file.write(statement).await,
            Self::Postgres(server) => {
                let mut lent = server.lend().await?;
                let wrote = postgres(statement)?.execute(&mut *lent);
                let wrote = within(limits::COMMIT, wrote).await?;
                Ok(wrote.rows_affected())
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::File(file) => file.close().await,
            Self::Postgres(server) => server.pool().close().await,
        }
    }
}

impl Write {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::File(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The rows of a statement one after the other, never all at once.
    pub(crate) fn stream(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<BoxStream<'_, Result<Row, Error>>, Error> {
        note(&statement);
        Ok(match self {
            Self::File(tx) => tx.stream(statement)?,
            Self::Postgres(tx) => {
                let rows = postgres(statement)?.fetch(&mut **tx);
                rows.map_ok(Row::Postgres).map_err(Error::from).boxed()
            }
        })
    }

    pub(super) async fn write(&mut self, statement: Statement<'_>) -> Result<u64, Error> {
        note(&statement);
        match self {
            Self::File(tx) => tx.write(statement).await,
            Self::Postgres(tx) => {
                Ok(postgres(statement)?.execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// Makes durable what was done.
    pub(crate) async fn commit(self, point: Point) -> Result<(), Failure> {
        let limit = match point {
            Point::Copy => limits::COMMIT_OF_A_COPY,
            _ => limits::COMMIT,
        };
        failpoints::around(point, self.commit_within(limit)).await.doing(point.name())
    }

    async fn commit_within(self, limit: Duration) -> Result<(), Error> {
        match self {
            Self::File(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => within(limit, transaction.commit()).await,
        }
    }

    /// Undoes the transaction and waits until what it held is free; one that is dropped is undone some time later.
    pub(crate) async fn rollback(self) -> Result<(), Error> {
        match self {
            // Undone as it is dropped.
            Self::File(_) => Ok(()),
            Self::Postgres(transaction) => Ok(transaction.rollback().await?),
        }
    }
}

/// What statements run on.
pub(crate) trait Runs: Send {
    fn rows(self, statement: Statement<'_>)
    -> impl Future<Output = Result<Vec<Row>, Error>> + Send;
}

impl Runs for &Pool {
    async fn rows(self, statement: Statement<'_>) -> Result<Vec<Row>, Error> {
        note(&statement);
        match self {
            Pool::File(file) => file.rows(statement).await,
            Pool::Postgres(server) => {
                let mut lent = server.lend().await?;
                let rows = postgres(statement)?.fetch_all(&mut *lent).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

impl Runs for &mut Write {
    async fn rows(self, statement: Statement<'_>) -> Result<Vec<Row>, Error> {
        note(&statement);
        match self {
            Write::File(tx) => tx.rows(statement).await,
            Write::Postgres(tx) => {
                let rows = postgres(statement)?.fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }
}

/// What PostgreSQL does not make durable for long may be or not, as when the connection is lost; the connection is lent to nobody before it is known.
async fn within<T>(
    limit: Duration,
    done: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Error> {
    Ok(timeout(limit, done).await.map_err(|_| Error::Late)??)
}

/// For tests that listen.
fn note(statement: &Statement<'_>) {
    #[cfg(debug_assertions)]
    crate::statements::note(statement);
    let _ = statement;
}

fn postgres(
    statement: Statement<'_>,
) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>, Error> {
    let mut arguments = PgArguments::default();
    for value in statement.values {
        value.add(&mut arguments).map_err(sqlx::Error::Encode)?;
    }
    let query = match statement.text {
        Cow::Borrowed(text) => sqlx::query_with(text, arguments),
        Cow::Owned(text) => sqlx::query_with(AssertSqlSafe(text), arguments),
    };
    Ok(query.persistent(statement.plan == Plan::Kept))
}
