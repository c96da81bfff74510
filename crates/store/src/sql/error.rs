//! What either driver says went wrong.

use super::value::Kind;

/// A statement was not run, or its rows are not what they should be. What a driver says has all that its causes say.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}", of_driver(.0))]
    Driver(sqlx::Error),
    #[error("{0}")]
    File(rusqlite::Error),
    /// A value of another kind than was asked for, in the column of this place.
    #[error("column {place} holds no {kind:?}")]
    Kind { place: usize, kind: Kind },
    #[error("there is no column '{0}'")]
    Column(String),
    #[error("there is no row")]
    NoRow,
    /// The database took too long to make durable what was written; it may do so yet.
    #[error("what was written was not acknowledged in time; a synchronous standby may be gone")]
    Late,
    /// The database was closed, or a thread that worked on it broke off.
    #[error("the database is closed")]
    Closed,
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

/// What a database answers is its sentence alone: the driver adds a line of the server's own source text, or a number for the sentence.
fn of_driver(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}

impl Error {
    /// The file is held by another connection.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::File(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy))
    }

    /// The statement was broken off, since it would have taken long.
    pub(super) fn is_broken_off(&self) -> bool {
        matches!(self, Self::File(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
    }
}
