//! The store in memory: ordered maps behind one lock, for simulations of the runtime and as a model that the databases are compared with.
//!
//! It has no clock, no thread and no randomness but its ids' seed, and every method answers when it is first asked, so that the same calls
//! give the same answers to the letter. It says what each trait promises in as few words as it can: what is written is checked first and
//! written after, and nothing can fail between. What a transaction of a database undoes is never begun here.

use crate::{Failure, FailureKind, Ids, NodeId, Page, Paging, Store};
use async_trait::async_trait;
use std::{
    ops::Bound,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

mod accounts;
mod audit;
mod backtests;
mod calendars;
mod commits;
mod connectors;
mod directory;
mod events;
mod hooks;
mod idempotency;
mod instances;
mod inventory;
mod journeys;
mod listens;
mod messages;
mod migrations;
mod nodes;
mod notices;
pub mod past;
mod registry;
mod reviews;
mod settings;
mod tasks;
mod teams;
mod triggers;
mod work;
mod would_have;

/// A workspace in memory. It is gone with the last of those who have it open.
#[derive(Debug)]
pub struct Memory {
    ids: Ids,
    /// As which node it writes.
    node: Mutex<Option<NodeId>>,
    /// How many writes still reach the workspace; as many as there are when it is all of them.
    reaching: AtomicU64,
    kept: Arc<Mutex<Kept>>,
}

/// All that is kept.
#[derive(Debug, Default)]
struct Kept {
    accounts: accounts::Kept,
    audit: audit::Kept,
    backtests: backtests::Kept,
    calendars: calendars::Kept,
    connectors: connectors::Kept,
    directory: directory::Kept,
    events: events::Kept,
    hooks: hooks::Kept,
    idempotency: idempotency::Kept,
    instances: instances::Kept,
    journeys: journeys::Kept,
    listens: listens::Kept,
    messages: messages::Kept,
    migrations: migrations::Kept,
    nodes: nodes::Kept,
    notices: notices::Kept,
    reviews: reviews::Kept,
    settings: settings::Kept,
    tasks: tasks::Kept,
    teams: teams::Kept,
    triggers: triggers::Kept,
    work: work::Kept,
    would_have: would_have::Kept,
}

impl Memory {
    /// An empty workspace; `seed` makes its ids what they are.
    pub fn new(seed: u64) -> Self {
        Self::over(seed, Arc::default())
    }

    /// The same workspace, opened once more: as another node opens it, or the same one after a restart. `seed` keeps their ids apart.
    #[must_use]
    pub fn opened_again(&self, seed: u64) -> Self {
        Self::over(seed, Arc::clone(&self.kept))
    }

    fn over(seed: u64, kept: Arc<Mutex<Kept>>) -> Self {
        let (node, reaching) = (Mutex::default(), AtomicU64::new(u64::MAX));
        Self { ids: Ids::new(seed), node, reaching, kept }
    }

    /// From now on so many writes reach the workspace, and no more: as when the process is killed between two of them, or its network is.
    /// If the last is a commit it is written, and its answer is lost. Then it is not told how an instance stands, either; what else is read is
    /// still answered. With `u64::MAX` all reach it again.
    pub fn cut_off_after(&self, writes: u64) {
        self.reaching.store(writes, Ordering::Relaxed);
    }

    /// One write less reaches the workspace.
    fn reach(&self) -> Result<(), Failure> {
        let less = |left| match left {
            0 => None,
            u64::MAX => Some(u64::MAX),
            left => Some(left - 1),
        };
        let reached = self.reaching.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        reached.map(drop).map_err(|_| out_of_reach())
    }

    fn is_cut_off(&self) -> bool {
        self.reaching.load(Ordering::Relaxed) == 0
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody panics while the workspace is theirs")
    }
}

#[async_trait]
impl Store for Memory {
    fn ids(&self) -> &Ids {
        &self.ids
    }

    async fn ping(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn close(&self) {}
}

fn out_of_reach() -> Failure {
    Failure::bare(FailureKind::Unknown, "reach the workspace")
}

/// What must be unique is there already, which no caller that keeps to the traits brings about. A database says the same of it.
fn clash(doing: &'static str) -> Failure {
    Failure::bare(FailureKind::Unknown, doing)
}

/// The rows of an ordered map after a cursor.
fn after<K>(cursor: Option<K>) -> (Bound<K>, Bound<K>) {
    (cursor.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

/// The rows of an ordered map before a cursor.
fn before<K>(cursor: Option<K>) -> (Bound<K>, Bound<K>) {
    (Bound::Unbounded, cursor.map_or(Bound::Unbounded, Bound::Excluded))
}

/// A page of rows that begin after its cursor.
fn page<T, C>(
    rows: impl Iterator<Item = T>,
    paging: &Paging<C>,
    key: impl Fn(&T) -> C,
) -> Page<T, C> {
    Page::cut(rows.take(paging.limit() as usize + 1).collect(), paging, key)
}

#[cfg(test)]
mod tests;
