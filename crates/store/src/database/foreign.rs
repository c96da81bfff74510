//! Whose database it is: one that another program has filled, or that cannot keep what we write, is refused before anything in it is touched.

use crate::{Failure, FailureKind, failure::Doing};
use sqlx::{ConnectOptions, Connection, PgConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

const LOOKING: &str = "see whose database it is";

/// Where migrations are kept; other programs that use the same library call it that, too.
const MIGRATIONS: &str = "_sqlx_migrations";

/// Migrations in their order, by what they are called; ours begin with [`FIRST`].
const NAMES: &str = "SELECT description FROM _sqlx_migrations ORDER BY version LIMIT 1";

const FIRST: &str = "workspace";

const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// Tables of extensions are nobody's.
const TABLES_OF_SERVER: &str = "SELECT relname::TEXT FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')";

/// Refuses a SQLite file that another program keeps; one that is not there is nobody's.
pub(super) async fn refuse_file(file: &Path) -> Result<(), Failure> {
    if file.metadata().is_ok_and(|file| file.len() == 0) || !file.exists() {
        return Ok(());
    }
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut looking = options.connect().await.doing(LOOKING)?;
    let tables: Vec<String> =
        sqlx::query_scalar(TABLES).fetch_all(&mut looking).await.doing(LOOKING)?;
    let first: Option<String> = if tables.iter().any(|table| table == MIGRATIONS) {
        sqlx::query_scalar(NAMES).fetch_optional(&mut looking).await.doing(LOOKING)?
    } else {
        None
    };
    looking.close().await.doing(LOOKING)?;
    judge(&tables, first.as_deref())
}

/// Refuses a PostgreSQL database that another program keeps.
pub(super) async fn refuse_server(looking: &mut PgConnection) -> Result<(), Failure> {
    let tables: Vec<String> =
        sqlx::query_scalar(TABLES_OF_SERVER).fetch_all(&mut *looking).await.doing(LOOKING)?;
    let first: Option<String> = if tables.iter().any(|table| table == MIGRATIONS) {
        sqlx::query_scalar(NAMES).fetch_optional(looking).await.doing(LOOKING)?
    } else {
        None
    };
    judge(&tables, first.as_deref())
}

/// Refuses a PostgreSQL database that cannot keep every letter.
pub(super) async fn refuse_encoding(looking: &mut PgConnection) -> Result<(), Failure> {
    let doing = "open the database";
    let encoding: String =
        sqlx::query_scalar("SHOW server_encoding").fetch_one(looking).await.doing(doing)?;
    if encoding == "UTF8" { Ok(()) } else { Err(Failure::bare(FailureKind::Encoding, doing)) }
}

/// Ours is one whose migrations begin with our first, and one in which there is nothing yet.
fn judge(tables: &[String], first: Option<&str>) -> Result<(), Failure> {
    let is_ours = match first {
        Some(first) => first == FIRST,
        None => tables.iter().all(|table| table == MIGRATIONS),
    };
    if is_ours { Ok(()) } else { Err(Failure::bare(FailureKind::Foreign, LOOKING)) }
}
