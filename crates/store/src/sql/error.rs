//! What either driver says went wrong.

use super::value::Kind;

/// A statement was not run, or its rows are not what they should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    #[error(transparent)]
    File(#[from] rusqlite::Error),
    /// A value of another kind than was asked for, in the column of this place.
    #[error("column {place} holds no {kind:?}")]
    Kind { place: usize, kind: Kind },
    #[error("there is no column '{0}'")]
    Column(String),
    #[error("there is no row")]
    NoRow,
    /// The database was closed, or a thread that worked on it broke off.
    #[error("the database is closed")]
    Closed,
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
