//! Opens either database and brings its schema up to date.

use super::{Database, GATE, foreign};
use crate::{
    Failure, FailureKind, Ids,
    failure::Doing,
    limits,
    sql::{File, FileReads, Opening, Pool, Server},
};
use failpoints::Point;
use sqlx::{
    Acquire, ConnectOptions, Connection, SqlSafeStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use std::{ops::Deref, path::Path, str::FromStr, time::Duration};
use tokio::time::{Instant, sleep, timeout};

const OPENING: &str = "open the database";

/// How soon PostgreSQL gives up on a node that stands still or is cut off, since what it has begun would keep all others waiting; and that it
/// need not say what is there already.
const MANNERS: [(&str, &str); 7] = [
    ("client_min_messages", "warning"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

/// What may be done to the schema of a database that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// A workspace is made, or brought up to date.
    Full,
    /// A workspace is made where there is none; one of an older release is left as it is.
    Make,
    /// As [`Self::Make`], to be filled with another one: what is made is none to be served until it is.
    Fill,
    /// Nothing: it must be there and up to date.
    Nothing,
}

impl Database {
    /// Opens the SQLite file, makes it when it is not there, and brings its schema up to date.
    ///
    /// `seed` keeps the ids of two processes apart; take it from the system's random source.
    ///
    /// # Errors
    ///
    /// The directory cannot be written, the file is no database or another program's, or a newer release has migrated it.
    pub async fn open(file: &Path, seed: u64) -> Result<Self, Failure> {
        Self::open_as(file, seed, Upkeep::Full).await
    }

    /// As [`Self::open`], with as much upkeep as is wanted.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; or it is not there, or of an older release, and that is not to be changed.
    pub async fn open_as(file: &Path, seed: u64, upkeep: Upkeep) -> Result<Self, Failure> {
        let patience = Duration::from_millis(limits::BUSY_TIMEOUT_MS);
        Self::open_patiently(file, seed, (patience, upkeep)).await
    }

    /// As [`Self::open_as`]; `patience` is how long a write waits for another process that holds the file.
    pub(super) async fn open_patiently(
        file: &Path,
        seed: u64,
        (patience, upkeep): (Duration, Upkeep),
    ) -> Result<Self, Failure> {
        foreign::refuse_file(file).await?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(patience);
        migrate_file(&options, patience, upkeep).await?;
        let opening =
            |reads, connections| Opening { file: file.to_path_buf(), connections, reads, patience };
        let writer = File::open(opening(FileReads::AndWrites, 1)).await.doing(OPENING)?;
        let reader = File::open(opening(FileReads::Only, limits::READERS)).await.doing(OPENING)?;
        let (writer, reader) = (Pool::File(writer), Pool::File(reader));
        Ok(Self::new((writer.clone(), reader, writer), Ids::new(seed)))
    }

    /// Connects to PostgreSQL by a `postgres://` address and brings the schema of its database up to date.
    ///
    /// # Errors
    ///
    /// The address is none, the server is not reached, the database is another program's or not in UTF-8, or a newer release has migrated it.
    pub async fn connect(address: &str, seed: u64) -> Result<Self, Failure> {
        Self::connect_as(address, seed, Upkeep::Full).await
    }

    /// As [`Self::connect`], with as much upkeep as is wanted.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`]; or there is no workspace, or one of an older release, and that is not to be changed.
    pub async fn connect_as(address: &str, seed: u64, upkeep: Upkeep) -> Result<Self, Failure> {
        let options = PgConnectOptions::from_str(address)
            .doing(OPENING)?
            .application_name("waymark")
            .options(MANNERS)
            .statement_cache_capacity(limits::STATEMENTS);
        // A pool would go on trying where nobody listens, and wait for ever for who stands still.
        let looked = timeout(limits::CONNECT, look_at_server(&options)).await;
        looked.map_err(|_| Failure::bare(FailureKind::Silent, OPENING))??;
        let pool = |connections| {
            PgPoolOptions::new()
                .max_connections(connections)
                .test_before_acquire(false)
                .before_acquire(|lent, since| {
                    Box::pin(async move {
                        Ok(since.idle_for < limits::FRESH || lent.ping().await.is_ok())
                    })
                })
        };
        let writer = pool(limits::WRITERS).connect_with(options.clone()).await.doing(OPENING)?;
        let newest = match sqlx::query_scalar(NEWEST).fetch_one(&writer).await {
            Err(sqlx::Error::Database(said)) if said.code().as_deref() == Some(NO_TABLE) => None,
            newest => newest.doing(OPENING)?,
        };
        allow(newest, POSTGRES, upkeep)?;
        // What is up to date is left alone: it may be there to be read only.
        let is_newest = newest == POSTGRES.last().map(|(number, ..)| *number);
        match newest {
            None => make_on_server(&writer, upkeep).await?,
            Some(_) if upkeep != Upkeep::Nothing && !is_newest => {
                migrate(&writer, POSTGRES).await?;
            }
            Some(_) => {}
        }
        let read_only = options.clone().options([("default_transaction_read_only", "on")]);
        let reader = pool(limits::READERS).connect_with(read_only).await.doing(OPENING)?;
        let keeper = pool(limits::KEEPERS).connect_with(options).await.doing(OPENING)?;
        let writer = Server::new(writer);
        let (reader, keeper) = (writer.beside(reader), writer.beside(keeper));
        let pools = (Pool::Postgres(writer), Pool::Postgres(reader), Pool::Postgres(keeper));
        Ok(Self::new(pools, Ids::new(seed)))
    }
}

/// That a workspace comes from elsewhere, and is not all here.
const COMING_TO_FILE: &str = "INSERT INTO moved (target, at, is_done) VALUES ('', CAST(unixepoch('subsec') * 1000 AS INTEGER), 0)";
const COMING_TO_SERVER: &str = "INSERT INTO moved (target, at, is_done) VALUES ('', CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT), 0)";

/// Makes a workspace in a server's database that is empty, whole or not at all; of several who do so at the same time one makes it.
async fn make_on_server(writer: &PgPool, upkeep: Upkeep) -> Result<(), Failure> {
    let mut alone = writer.begin().await.doing(OPENING)?;
    let gate = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(GATE);
    gate.execute(&mut *alone).await.doing(OPENING)?;
    let there: Option<String> = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::TEXT")
        .fetch_one(&mut *alone)
        .await
        .doing(OPENING)?;
    migrate(&mut *alone, POSTGRES).await?;
    if there.is_none() && upkeep == Upkeep::Fill {
        sqlx::query(COMING_TO_SERVER).execute(&mut *alone).await.doing(OPENING)?;
    }
    alone.commit().await.doing(OPENING)
}

/// Refuses a server's database that is not for us.
async fn look_at_server(options: &PgConnectOptions) -> Result<(), Failure> {
    let mut first = options.connect().await.doing(OPENING)?;
    foreign::refuse_server(&mut first).await?;
    foreign::refuse_encoding(&mut first).await?;
    first.close().await.doing(OPENING)
}

/// Brings a file up to date, whole or not at all, while nobody else does; two that make one workspace at the same time do it one after the
/// other. What is up to date needs nobody to wait.
async fn migrate_file(
    options: &SqliteConnectOptions,
    patience: Duration,
    upkeep: Upkeep,
) -> Result<(), Failure> {
    let mut migrating = connect_file(options, patience).await?;
    let newest = sqlx::query_scalar(NEWEST).fetch_one(&mut migrating).await.ok();
    let newest: Option<i64> = newest.flatten();
    allow(newest, SQLITE, upkeep)?;
    if newest == SQLITE.last().map(|(number, ..)| *number) {
        migrate(&mut migrating, SQLITE).await?;
    } else {
        let mut alone = migrating.begin_with("BEGIN IMMEDIATE").await.doing(OPENING)?;
        migrate(&mut *alone, SQLITE).await?;
        if newest.is_none() && upkeep == Upkeep::Fill {
            sqlx::query(COMING_TO_FILE).execute(&mut *alone).await.doing(OPENING)?;
        }
        alone.commit().await.doing(OPENING)?;
    }
    migrating.close().await.doing(OPENING)
}

/// SQLite does not wait for another that gives the file its log at the same time.
async fn connect_file(
    options: &SqliteConnectOptions,
    patience: Duration,
) -> Result<SqliteConnection, Failure> {
    let until = Instant::now() + patience;
    loop {
        let connected = options.connect().await.doing(OPENING);
        match connected {
            Err(failure) if failure.kind() == FailureKind::Busy && Instant::now() < until => {
                sleep(limits::BUSY_PAUSE).await;
            }
            connected => return connected,
        }
    }
}

/// What PostgreSQL says of a table that is not there.
const NO_TABLE: &str = "42P01";
const LAST_KEY: &str = "SELECT key FROM nodes ORDER BY id DESC LIMIT 1";
const NEWEST: &str = "SELECT MAX(version) FROM _sqlx_migrations";

impl Database {
    /// The fingerprint of the key with which the last server sealed secrets, of a workspace of this release or an older one, before anything is
    /// done to it; none where there is no workspace yet, or nobody has taken part.
    ///
    /// # Errors
    ///
    /// The file is another program's, or the server's database is not reached.
    pub async fn sealed_with_before(file: &Path) -> Result<Option<String>, Failure> {
        if !file.exists() {
            return Ok(None);
        }
        foreign::refuse_file(file).await?;
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut looking = options.connect().await.doing(OPENING)?;
        // A table that is not there yet names no key.
        let last = sqlx::query_scalar(LAST_KEY).fetch_optional(&mut looking).await;
        looking.close().await.doing(OPENING)?;
        Ok(last.ok().flatten())
    }
}

/// Refuses what would have to be done to the schema, and is not to be.
fn allow(newest: Option<i64>, steps: &[Step], upkeep: Upkeep) -> Result<(), Failure> {
    let own = steps.last().map(|(number, ..)| *number);
    match (newest, upkeep) {
        _ if newest > own => Err(Failure::bare(FailureKind::NewerSchema, OPENING)),
        (None, Upkeep::Nothing) => Err(Failure::bare(FailureKind::Absent, OPENING)),
        (Some(_), Upkeep::Make | Upkeep::Fill | Upkeep::Nothing) if newest < own => {
            Err(Failure::bare(FailureKind::OlderSchema, OPENING))
        }
        _ => Ok(()),
    }
}

/// A migration's number, name and text.
pub(super) type Step = (i64, &'static str, &'static str);

/// The migrations of one database, in order; both have the same numbers and names.
macro_rules! steps {
    ($database:literal) => {
        &[
            step!($database, 1, "workspace", "0001_workspace.sql"),
            step!($database, 2, "triggers", "0002_triggers.sql"),
            step!($database, 3, "versions", "0003_versions.sql"),
            step!($database, 4, "effects", "0004_effects.sql"),
            step!($database, 5, "calendars", "0005_calendars.sql"),
            step!($database, 6, "notices", "0006_notices.sql"),
            step!($database, 7, "team calendars", "0007_team_calendars.sql"),
            step!($database, 8, "begun below", "0008_begun_below.sql"),
            step!($database, 9, "nodes", "0009_nodes.sql"),
            step!($database, 12, "audit chain", "0012_audit_chain.sql"),
            step!($database, 13, "lanes", "0013_lanes.sql"),
            step!($database, 14, "in time", "0014_in_time.sql"),
            step!($database, 15, "steps", "0015_steps.sql"),
            step!($database, 16, "askers", "0016_askers.sql"),
            step!($database, 17, "lists", "0017_lists.sql"),
            step!($database, 18, "moved", "0018_moved.sql"),
            step!($database, 19, "search", "0019_search.sql"),
            step!($database, 20, "moving", "0020_moving.sql"),
            step!($database, 21, "reviews", "0021_reviews.sql"),
            step!($database, 22, "answered", "0022_answered.sql"),
            step!($database, 23, "trying", "0023_trying.sql"),
            step!($database, 24, "backtests", "0024_backtests.sql"),
        ]
    };
}

macro_rules! step {
    ($database:literal, $number:literal, $name:literal, $file:literal) => {
        ($number, $name, include_str!(concat!("../../../../migrations/", $database, "/", $file)))
    };
}

pub(super) const SQLITE: &[Step] = steps!("sqlite");
pub(super) const POSTGRES: &[Step] = steps!("postgres");

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign enum that may grow")]
async fn migrate<'a, A>(writer: A, steps: &[Step]) -> Result<(), Failure>
where
    A: Acquire<'a>,
    <A::Connection as Deref>::Target: Migrate,
{
    let steps = steps.iter().map(|(number, name, sql)| {
        Migration::new(*number, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(steps.collect());
    let doing = "bring the database up to date";
    let run = failpoints::around(Point::Migrate, migrator.run(writer));
    run.await.map_err(|error| match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
            Failure::bare(FailureKind::NewerSchema, doing)
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Failure::of_sql(doing, error)
        }
        other => Failure::new(FailureKind::Corrupt, doing, other),
    })
}
