//! The PostgreSQL that a server keeps its workspace in, seen from outside.

use anyhow::{Context, Result};
use sqlx::{Connection, PgConnection};

use crate::process;

/// A running PostgreSQL, by its first process.
pub(crate) struct Cluster(u32);

impl Cluster {
    /// The one behind an address on this machine.
    pub(crate) async fn of(address: &str) -> Result<Self> {
        let mut connection = PgConnection::connect(address).await?;
        let id: i32 =
            sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        let first = process::parent_of(u32::try_from(id).context("a process id")?)?;
        connection.close().await?;
        Ok(Self(first))
    }

    /// What all its processes have used until now.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        process::family_cpu_seconds(self.0)
    }
}

/// What a database takes on the disk, with its indexes and without the log that all databases share.
pub(crate) async fn bytes(address: &str) -> Result<u64> {
    let mut connection = PgConnection::connect(address).await?;
    let size = "SELECT pg_database_size(current_database())";
    let bytes: i64 = sqlx::query_scalar(size).fetch_one(&mut connection).await?;
    connection.close().await?;
    u64::try_from(bytes).context("a size")
}
