//! Where a test keeps a workspace of its own: a file in a new folder, or a new database of the PostgreSQL that the test command starts.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

static MADE: AtomicU32 = AtomicU32::new(0);

/// Says which database the tests of the runtime use: `postgres`, or SQLite when it says nothing.
pub const CHOICE: &str = "WAYMARK_TEST_STORE";

/// Names a PostgreSQL without a database: `postgres://USER@HOST:PORT`.
pub const ADDRESS: &str = "WAYMARK_POSTGRES_URL";

/// A place for one workspace; what is in it outlives those who open it.
#[derive(Debug)]
pub enum Place {
    /// The folder of an SQLite file.
    File(TempDir),
    /// The address of a PostgreSQL database.
    Postgres(String),
}

impl Place {
    /// A new place on the database that was chosen for this run.
    ///
    /// # Panics
    ///
    /// There is no room for a folder, or no PostgreSQL where one was chosen.
    pub async fn chosen() -> Self {
        match std::env::var(CHOICE).as_deref() {
            Ok("postgres") => Self::Postgres(database().await),
            _ => Self::File(tempfile::tempdir().unwrap()),
        }
    }

    /// The file in its folder, or else the address.
    ///
    /// # Errors
    ///
    /// It is no file: the address.
    pub fn file(&self) -> Result<PathBuf, &str> {
        match self {
            Self::File(folder) => Ok(folder.path().join("waymark.db")),
            Self::Postgres(address) => Err(address),
        }
    }
}

/// The address of a new, empty database.
///
/// # Panics
///
/// No PostgreSQL is named, or it makes none.
pub async fn database() -> String {
    let server = std::env::var(ADDRESS).unwrap_or_else(|_| {
        panic!("{ADDRESS} names a PostgreSQL for tests; `cargo xtask test` starts one")
    });
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("waymark_{}_{number}", std::process::id());
    let mut maker = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let make = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(make).execute(&mut maker).await.unwrap();
    maker.close().await.unwrap();
    format!("{server}/{name}")
}
