//! Where a test keeps a workspace of its own: a file in a new folder, a new database of the PostgreSQL that the test command starts, or memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod partitioned;
#[cfg(debug_assertions)]
pub mod plans;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::{AssertSqlSafe, Connection, PgConnection, error::DatabaseError};
use store::{Database, Memory, Store};
use tempfile::TempDir;

pub use partitioned::partitioned;

static MADE: AtomicU32 = AtomicU32::new(0);

/// Says which store the tests of the runtime use: `postgres`, `partitioned`, `memory`, or SQLite when it says nothing.
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
    /// A workspace in memory.
    Memory(Memory),
}

impl Place {
    /// A new place of the kind that was chosen for this run.
    ///
    /// # Panics
    ///
    /// There is no room for a folder, or no PostgreSQL where one was chosen.
    pub async fn chosen() -> Self {
        match std::env::var(CHOICE).as_deref() {
            Ok("postgres") => Self::Postgres(database().await),
            Ok("partitioned") => Self::Postgres(partitioned().await),
            Ok("memory") => Self::Memory(Memory::new(0)),
            _ => Self::File(tempfile::tempdir().unwrap()),
        }
    }

    /// Opens the workspace, as one more process does; `seed` tells processes apart.
    ///
    /// # Panics
    ///
    /// The file or the database does not open.
    pub async fn open(&self, seed: u64) -> Arc<dyn Store> {
        match self {
            Self::File(folder) => Arc::new(Database::open(&file(folder), seed).await.unwrap()),
            Self::Postgres(address) => Arc::new(Database::connect(address, seed).await.unwrap()),
            Self::Memory(workspace) => Arc::new(workspace.opened_again(seed)),
        }
    }

    /// The file in its folder, or else the address: for tests that reach around the store.
    ///
    /// # Errors
    ///
    /// It is no file: the address.
    ///
    /// # Panics
    ///
    /// It is in memory, where nothing is beside the store.
    pub fn file(&self) -> Result<PathBuf, &str> {
        match self {
            Self::File(folder) => Ok(file(folder)),
            Self::Postgres(address) => Err(address),
            Self::Memory(_) => panic!("a workspace in memory has neither a file nor an address"),
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("waymark.db")
}

/// The address of a new, empty database.
///
/// # Panics
///
/// No PostgreSQL is named, or it makes none.
pub async fn database() -> String {
    made_from("template1").await
}

/// The address of a new, empty database that keeps texts in another encoding, such as `LATIN1`.
///
/// # Panics
///
/// As [`database`], or it knows no such encoding.
pub async fn encoded(encoding: &str) -> String {
    made_from(&format!("template0 ENCODING '{encoding}' LOCALE 'C'")).await
}

/// What PostgreSQL answers to who would copy a database that somebody is in.
const IN_USE: &str = "55006";

async fn made_from(template: &str) -> String {
    let server = server();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("waymark_{}_{number}", std::process::id());
    let mut maker = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    if number == 0 {
        drop_those_of_the_dead(&mut maker).await;
    }
    drop_what_was_given_back(&mut maker).await;
    let make = format!("CREATE DATABASE {name} TEMPLATE {template}");
    // Whoever has left the template may be there still for a moment.
    while let Err(refused) = sqlx::query(AssertSqlSafe(make.clone())).execute(&mut maker).await {
        let code = refused.as_database_error().and_then(DatabaseError::code);
        assert_eq!(code.as_deref(), Some(IN_USE), "{refused}");
    }
    maker.close().await.unwrap();
    format!("{server}/{name}")
}

/// A database of [`database`] or [`partitioned`] that goes when the next is made after this is dropped: those of thousands of lives would
/// fill a disk.
#[derive(Debug)]
pub struct Dropped(String);

/// Names of databases that nobody needs any more.
static GIVEN_BACK: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Dropped {
    /// The database at an address.
    pub fn when_over(address: &str) -> Self {
        Self(address.rsplit('/').next().unwrap_or_default().to_owned())
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        GIVEN_BACK.lock().unwrap().push(std::mem::take(&mut self.0));
    }
}

async fn drop_what_was_given_back(maker: &mut PgConnection) {
    let names = std::mem::take(&mut *GIVEN_BACK.lock().unwrap());
    for name in names {
        // Whoever used it may be leaving it still. One that stays is removed when the next program begins.
        let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let _ = sqlx::query(drop).execute(&mut *maker).await;
    }
}

/// Removes the databases of test programs that are over: together those of all programs would fill a disk.
async fn drop_those_of_the_dead(maker: &mut PgConnection) {
    let ours = "SELECT datname::TEXT FROM pg_database WHERE datname LIKE 'waymark\\_%'";
    let names: Vec<String> = sqlx::query_scalar(ours).fetch_all(&mut *maker).await.unwrap();
    let is_over = |name: &&String| {
        let id = name.split('_').nth(1).filter(|id| id.bytes().all(|digit| digit.is_ascii_digit()));
        id.is_some_and(|id| !Path::new("/proc").join(id).exists())
    };
    for name in names.iter().filter(is_over) {
        // Another program that has begun may be at it, too.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let _ = sqlx::query(AssertSqlSafe(drop)).execute(&mut *maker).await;
    }
}

fn server() -> String {
    std::env::var(ADDRESS).unwrap_or_else(|_| {
        panic!("{ADDRESS} names a PostgreSQL for tests; `cargo xtask test` starts one")
    })
}
