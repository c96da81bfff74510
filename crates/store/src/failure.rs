//! What the world can do to a store, and whether to ask again.

use crate::sql::Error;
use sqlx::postgres::PgDatabaseError;
use std::fmt;

/// The database could not do what was asked; nothing of it was written unless `kind` is [`FailureKind::Unknown`].
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    doing: &'static str,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What is wrong with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The data directory or file cannot be written, or the database only reads: a standby that is about to take over.
    NotWritable,
    /// The database holds what another program keeps; nothing in it was touched.
    Foreign,
    /// The database keeps texts in an encoding that has not every letter.
    Encoding,
    /// A newer release has migrated this database.
    NewerSchema,
    /// An older release has kept this database, and it is not to be migrated by the way.
    OlderSchema,
    /// There is no workspace in the database, and none is to be made.
    Absent,
    /// Another process held the database too long.
    Busy,
    /// The disk is full.
    Full,
    /// This node was not heard of and taken for gone; it joins anew.
    Fenced,
    /// What is stored cannot be read: a damaged file or a row no release wrote.
    Corrupt,
    /// The database's server takes connections and answers nothing.
    Silent,
    /// The database could not be reached or answered oddly; a commit may have happened.
    Unknown,
}

impl Failure {
    pub(crate) fn new(
        kind: FailureKind,
        doing: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self { kind, doing, source: Some(Box::new(source)) }
    }

    pub(crate) fn bare(kind: FailureKind, doing: &'static str) -> Self {
        Self { kind, doing, source: None }
    }

    pub(crate) fn of_sql(doing: &'static str, error: impl Into<Error>) -> Self {
        let error = error.into();
        Self::new(kind_of(&error), doing, error)
    }

    /// What is wrong.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the database did not make durable in time what was written, and may do so yet.
    pub fn is_late(&self) -> bool {
        let source = self.source.as_ref().and_then(|source| source.downcast_ref::<Error>());
        matches!(source, Some(Error::Late))
    }

    /// Whether the same request may succeed later without anyone mending the database.
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            FailureKind::NotWritable
            | FailureKind::Busy
            | FailureKind::Full
            | FailureKind::Fenced
            | FailureKind::Silent
            | FailureKind::Unknown => true,
            FailureKind::Foreign
            | FailureKind::Encoding
            | FailureKind::NewerSchema
            | FailureKind::OlderSchema
            | FailureKind::Absent
            | FailureKind::Corrupt => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            FailureKind::NotWritable => "the data directory or database cannot be written",
            FailureKind::Foreign => {
                "the database holds what another program keeps; give Waymark a database of its own"
            }
            FailureKind::Encoding => {
                "the encoding of the database is not UTF8; make another one with `createdb --encoding UTF8 --template template0`"
            }
            FailureKind::NewerSchema => {
                "a newer release of Waymark has used this workspace; use that one, or restore a backup from before"
            }
            FailureKind::OlderSchema => {
                "an older release of Waymark has used this workspace, or it was not made to its end; back it up with that one, then serve it once with this one, which brings it up to date"
            }
            FailureKind::Absent => "there is no workspace in it",
            FailureKind::Busy => "another process holds the database",
            FailureKind::Full => "the disk is full",
            FailureKind::Fenced => "other servers have taken this one for gone; it joins them anew",
            FailureKind::Corrupt => "what is stored cannot be read",
            FailureKind::Silent => "the database's server does not answer",
            FailureKind::Unknown => "the database did not answer as expected",
        };
        write!(f, "could not {}: {why}", self.doing)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| {
            let source: &(dyn std::error::Error + 'static) = source.as_ref();
            source
        })
    }
}

/// Says what was being done when it failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, Error> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        // Whatever a database answers comes through here, and no other way.
        failpoints::amid(doing);
        self.map_err(|error| Failure::of_sql(doing, error))
    }
}

impl<T> Doing<T> for Result<T, sqlx::Error> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        self.map_err(|error| Failure::of_sql(doing, error))
    }
}

impl<T> Doing<T> for Result<T, serde_json::Error> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(FailureKind::Corrupt, doing, error))
    }
}

impl<T> Doing<T> for Option<T> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::bare(FailureKind::Corrupt, doing))
    }
}

fn kind_of(error: &Error) -> FailureKind {
    match error {
        Error::Driver(error) => of_driver(error),
        Error::File(error) => of_file(error),
        Error::Kind { .. } => FailureKind::Corrupt,
        Error::Column(_) | Error::NoRow | Error::Late | Error::Closed => FailureKind::Unknown,
    }
}

fn of_driver(error: &sqlx::Error) -> FailureKind {
    let sqlx::Error::Database(error) = error else {
        return if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) {
            FailureKind::Corrupt
        } else {
            FailureKind::Unknown
        };
    };
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        of_sql_state(&code)
    } else {
        of_sqlite_code(code.parse().unwrap_or(0))
    }
}

fn of_file(error: &rusqlite::Error) -> FailureKind {
    match error.sqlite_error() {
        Some(error) => of_sqlite_code(error.extended_code.unsigned_abs()),
        None if matches!(error, rusqlite::Error::FromSqlConversionFailure(..)) => {
            FailureKind::Corrupt
        }
        None => FailureKind::Unknown,
    }
}

/// `SQLite`'s result codes: the low byte is the kind, the rest says more.
fn of_sqlite_code(code: u32) -> FailureKind {
    match code & 0xff {
        5 | 6 => FailureKind::Busy,
        8 | 14 => FailureKind::NotWritable,
        13 => FailureKind::Full,
        11 | 26 => FailureKind::Corrupt,
        _ => FailureKind::Unknown,
    }
}

/// `PostgreSQL`'s codes: the first two characters are the class.
fn of_sql_state(code: &str) -> FailureKind {
    match code {
        // What waited too long for a lock, or was chosen to give way; nothing of it was written.
        "40001" | "40P01" | "55P03" | "57014" => FailureKind::Busy,
        "53100" => FailureKind::Full,
        "25006" | "42501" => FailureKind::NotWritable,
        _ if code.starts_with("XX") || code.starts_with("58") => FailureKind::Corrupt,
        _ => FailureKind::Unknown,
    }
}
