//! The store in one SQLite file: WAL, every commit synced to disk, one writer, several readers.

use crate::{Failure, FailureKind, Ids, Store, failure::Doing, limits};
use async_trait::async_trait;
use sqlx::{
    Connection, SqlSafeStr, Sqlite, SqlitePool, Transaction,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

mod accounts;
mod audit;
mod calendars;
mod commits;
mod connectors;
mod directory;
mod directory_changes;
mod events;
mod hooks;
mod idempotency;
mod instances;
mod journeys;
mod listens;
mod messages;
mod migrations;
mod notices;
mod registry;
mod row;
mod tasks;
mod triggers;
mod work;
mod would_have;

type Write = Transaction<'static, Sqlite>;

/// A workspace in one file.
#[derive(Debug)]
pub struct SqliteStore {
    /// One connection: SQLite has one writer, and waiting here is fairer than its busy handler.
    writer: SqlitePool,
    reader: SqlitePool,
    ids: Ids,
}

impl SqliteStore {
    /// Opens the file, makes it when it is not there, and brings its schema up to date.
    ///
    /// `seed` keeps the ids of two processes apart; take it from the system's random source.
    ///
    /// # Errors
    ///
    /// The directory cannot be written, the file is no database, or a newer release has migrated it.
    pub async fn open(file: &Path, seed: u64) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_millis(limits::BUSY_TIMEOUT_MS))
            .statement_cache_capacity(limits::STATEMENTS);
        let writer = pool(1).connect_with(options.clone()).await.doing("open the database")?;
        migrate(&writer).await?;
        let reader = pool(limits::READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .doing("open the database")?;
        Ok(Self { writer, reader, ids: Ids::new(seed) })
    }

    /// Starts a transaction that holds the write lock from the beginning, so that what it reads stays true.
    async fn write(&self) -> Result<Write, Failure> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.doing("begin a transaction")
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn ids(&self) -> &Ids {
        &self.ids
    }

    async fn ping(&self) -> Result<(), Failure> {
        sqlx::query("SELECT 1").execute(&self.reader).await.doing("reach the database")?;
        Ok(())
    }

    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // A full disk makes SQLite roll back by itself, which sqlx does not notice: such a connection counts as in a transaction for ever.
        .after_release(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
async fn migrate(writer: &SqlitePool) -> Result<(), Failure> {
    let migrator = Migrator::with_migrations(vec![
        step(1, "workspace", include_str!("../../../migrations/sqlite/0001_workspace.sql")),
        step(2, "triggers", include_str!("../../../migrations/sqlite/0002_triggers.sql")),
        step(3, "versions", include_str!("../../../migrations/sqlite/0003_versions.sql")),
        step(4, "effects", include_str!("../../../migrations/sqlite/0004_effects.sql")),
        step(5, "calendars", include_str!("../../../migrations/sqlite/0005_calendars.sql")),
        step(6, "notices", include_str!("../../../migrations/sqlite/0006_notices.sql")),
        step(
            7,
            "team calendars",
            include_str!("../../../migrations/sqlite/0007_team_calendars.sql"),
        ),
        step(8, "begun below", include_str!("../../../migrations/sqlite/0008_begun_below.sql")),
    ]);
    let doing = "bring the database up to date";
    migrator.run(writer).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
            Failure::new(FailureKind::NewerSchema, doing, error)
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Failure::of_sqlx(doing, error)
        }
        other => Failure::new(FailureKind::Corrupt, doing, other),
    })
}

fn step(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
}

/// Cuts a list of rows into pieces of few different sizes, so that few different statements are prepared.
fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = [64, 16, 4, 1].into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests;
