//! The store in a database: one SQLite file, or PostgreSQL shared by many nodes. All statements are written once, for both.

use crate::{
    Failure, FailureKind, Ids, Store,
    failure::Doing,
    planted::{Mistake, makes},
    sql::{Dialect, Pool, Write, query, query_scalar},
};
use async_trait::async_trait;
use hints::Ear;
use keys::Key;
use membership::Membership;
use std::sync::Arc;
use tokio::sync::Semaphore;

mod accounts;
mod audit;
mod backtests;
mod calendars;
mod commits;
mod connectors;
mod copying;
mod directory;
mod directory_changes;
mod doubts;
mod events;
mod foreign;
mod hints;
mod hooks;
mod idempotency;
mod instances;
mod inventory;
mod journeys;
mod keys;
mod listens;
mod membership;
mod messages;
mod migrations;
mod nodes;
mod notices;
mod opening;
mod records;
mod registry;
mod reviews;
mod schema;
mod settings;
mod tasks;
mod triggers;
mod work;
mod would_have;
mod written;

pub use copying::{Copied, Moved};
pub use opening::Upkeep;

/// A workspace in a database.
#[derive(Debug)]
pub struct Database {
    /// SQLite has one writer, and waiting for its one connection is fairer than its busy handler.
    writer: Pool,
    reader: Pool,
    /// For the life of a node: what it does there waits for nobody's work.
    keeper: Pool,
    ear: Ear,
    membership: Membership,
    ids: Ids,
    /// One token is marked as used at a time.
    marking: Arc<Semaphore>,
}

impl Database {
    fn new((writer, reader, keeper): (Pool, Pool, Pool), ids: Ids) -> Self {
        let (ear, membership) = (Ear::default(), Membership::none());
        let marking = Arc::new(Semaphore::new(1));
        Self { writer, reader, keeper, ear, membership, ids, marking }
    }

    /// Starts a transaction that nothing else writes beside, so that what it reads stays true.
    async fn write(&self) -> Result<Write, Failure> {
        let mut tx = self.write_as_nobody().await?;
        self.fence(&mut tx).await?;
        idempotency::mark_asked(&mut tx).await?;
        Ok(tx)
    }

    /// As [`Self::write`], for a node that is about to be one.
    async fn write_as_nobody(&self) -> Result<Write, Failure> {
        let mut tx = self.begin().await?;
        if tx.dialect() == Dialect::Postgres {
            gate(&mut tx).await?;
        }
        Ok(tx)
    }

    /// Starts a transaction beside others of this kind, on whichever node; it locks the rows it decides by.
    async fn write_beside(&self) -> Result<Write, Failure> {
        let mut tx = self.begin().await?;
        if tx.dialect() == Dialect::Postgres {
            let beside = query("SELECT pg_advisory_xact_lock_shared($1)").bind(GATE);
            beside.execute(&mut tx).await.doing("begin a transaction")?;
        }
        self.fence(&mut tx).await?;
        idempotency::mark_asked(&mut tx).await?;
        Ok(tx)
    }

    /// As [`Self::write_beside`], and alone with these.
    async fn write_holding(
        &self,
        keys: impl IntoIterator<Item = Key<'_>>,
        doing: &'static str,
    ) -> Result<Write, Failure> {
        let mut tx = self.write_beside().await?;
        if keys::hold(&mut tx, keys, doing).await? == keys::Holds::Events {
            events::go_past(&mut tx, &self.ids).await?;
        }
        Ok(tx)
    }

    /// Whoever takes a node for gone writes alone, so a node that lives once its transaction has begun lives until that is over.
    async fn fence(&self, tx: &mut Write) -> Result<(), Failure> {
        let node = self.membership.number();
        if node == 0 || makes(Mistake::NoFence) {
            return Ok(());
        }
        let doing = "write as a node";
        let lives = query_scalar("SELECT id FROM nodes WHERE id = $1 AND ended_at IS NULL");
        let lives: Option<i64> = lives.bind(node).fetch_optional(tx).await.doing(doing)?;
        lives.map(|_| ()).ok_or_else(|| Failure::bare(FailureKind::Fenced, doing))
    }

    async fn begin(&self) -> Result<Write, Failure> {
        self.writer.begin().await.doing("begin a transaction")
    }
}

/// Waits in PostgreSQL until nothing else is written.
async fn gate(tx: &mut Write) -> Result<(), Failure> {
    let alone = query("SELECT pg_advisory_xact_lock($1)").bind(GATE);
    alone.execute(tx).await.doing("begin a transaction").map(drop)
}

/// The advisory lock that transactions share, and that one that is alone holds.
const GATE: i64 = 0x7761_796d;

#[async_trait]
impl Store for Database {
    fn ids(&self) -> &Ids {
        &self.ids
    }

    async fn ping(&self) -> Result<(), Failure> {
        query("SELECT 1").fetch_all(&self.reader).await.doing("reach the database")?;
        Ok(())
    }

    async fn close(&self) {
        self.reader.close().await;
        self.ear.close().await;
        self.keeper.close().await;
        self.writer.close().await;
    }
}

/// Cuts a list of rows into pieces, one for each statement: in PostgreSQL of few different sizes, so that few different statements are
/// prepared; in SQLite of one row, since a statement costs next to nothing there, and one of many rows keeps a journal of its own.
fn pieces<T>(dialect: Dialect, mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    let sizes: &[usize] = match dialect {
        Dialect::Sqlite => &[1],
        Dialect::Postgres => &[64, 16, 4, 1],
    };
    std::iter::from_fn(move || {
        let size = *sizes.iter().find(|size| **size <= rows.len())?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests;
