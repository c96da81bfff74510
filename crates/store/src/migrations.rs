//! Migrations: moves of a journey's living instances from one version to another, and rehearsals of them. Not to be taken for the steps of the database's schema.

use crate::{Failure, InstanceId, JourneyId, MigrationId, Page, Paging, words};
use async_trait::async_trait;
use journey::{Timestamp, migrate::Mapping};
use serde_json::Value;
use std::collections::BTreeMap;

words! {
    /// Whether instances are moved, or only looked at.
    Purpose { Preview = "preview", Move = "move", }
}

words! {
    /// How far a migration is.
    State { Running = "running", Done = "done", Failed = "failed", }
}

words! {
    /// What became of one instance.
    Outcome {
        /// Its move may be on its way; after a restart it is looked at again.
        Moving = "moving",
        Moved = "moved",
        /// A preview found nothing in its way.
        MovesCleanly = "moves_cleanly",
        NeedsMapping = "needs_mapping",
        MustStay = "must_stay",
        /// It ended, or was moved by another, before its turn came.
        Gone = "gone",
        /// It was moved, and taken back.
        RolledBack = "rolled_back",
    }
}

/// A migration to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMigration {
    pub journey: JourneyId,
    pub from: u64,
    pub to: u64,
    pub mapping: Mapping,
    pub purpose: Purpose,
    /// E-mail address.
    pub by: String,
}

/// What became of beginning one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    Migration(MigrationId),
    /// The journey's instances are being moved already.
    Busy(MigrationId),
}

/// A migration and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    pub id: MigrationId,
    pub journey: JourneyId,
    pub from: u64,
    pub to: u64,
    pub mapping: Mapping,
    pub purpose: Purpose,
    pub state: State,
    /// Why it failed; empty otherwise.
    pub note: String,
    pub by: String,
    /// The last instance that was looked at.
    pub through: Option<InstanceId>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// What became of one instance, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    pub instance: InstanceId,
    pub outcome: Outcome,
    /// The plan that was made for it; null when there was none.
    pub detail: Value,
    pub at: Timestamp,
}

/// Migrations of instances.
#[async_trait]
pub trait Migrations {
    /// Begins a migration; a journey has one move at a time, and any number of previews.
    async fn create_migration(
        &self,
        migration: &NewMigration,
        now: Timestamp,
    ) -> Result<Begun, Failure>;

    async fn migration(&self, id: MigrationId) -> Result<Option<Migration>, Failure>;

    /// Newest first.
    async fn migrations(
        &self,
        journey: JourneyId,
        paging: Paging<MigrationId>,
    ) -> Result<Page<Migration, MigrationId>, Failure>;

    /// Those that are running, oldest first, at most `limit`.
    async fn unfinished_migrations(&self, limit: u32) -> Result<Vec<Migration>, Failure>;

    /// Living instances on a version, in order of their ids.
    async fn living_on(
        &self,
        journey: JourneyId,
        version: u64,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure>;

    /// Living instances on a version, counted.
    async fn count_living_on(&self, journey: JourneyId, version: u64) -> Result<u64, Failure>;

    /// Writes down what became of instances; what was written of them before is replaced. All up to `through` have been looked at.
    async fn note_looked(
        &self,
        id: MigrationId,
        looked: &[Looked],
        through: Option<InstanceId>,
    ) -> Result<(), Failure>;

    async fn finish_migration(
        &self,
        id: MigrationId,
        state: State,
        note: &str,
        now: Timestamp,
    ) -> Result<(), Failure>;

    /// How many instances had each outcome.
    async fn outcomes(&self, id: MigrationId) -> Result<BTreeMap<&'static str, u64>, Failure>;

    /// What became of the instances, in order of their ids; of one outcome when it is given.
    async fn looked(
        &self,
        id: MigrationId,
        outcome: Option<Outcome>,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Looked, InstanceId>, Failure>;

    async fn looked_at(
        &self,
        id: MigrationId,
        instance: InstanceId,
    ) -> Result<Option<Looked>, Failure>;
}
