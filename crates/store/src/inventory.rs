//! What is kept of instances, to be gone through as a whole and compared with their records: for checking a workspace.

use crate::{
    AccountId, EventId, Failure, InstanceId, JourneyId, NodeId, Page, Paging, ReactionId,
    listens::Ear,
    nodes::Takeover,
    tasks::Task,
    triggers::TriggerKey,
    work::{Job, Lane, WorkKey},
};
use async_trait::async_trait;
use journey::{Position, Status, Timestamp};

/// A kind of rows that instances have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// The instances themselves.
    States,
    Records,
    Work,
    /// Tasks, closed ones included.
    Tasks,
    Listens,
}

/// What is kept beside the state of an instance, for queries and guards; the state says the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub status: Status,
    pub outcome: Option<String>,
    pub sequence: u64,
    /// Whether it hears when its account changes.
    pub watches_account: bool,
}

/// Work that is not done yet, whoever holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub key: WorkKey,
    pub due: Timestamp,
    /// When a node may take it up: while one holds it, when its lease lapses.
    pub available: Timestamp,
    /// Where it waits among the others.
    pub lane: Lane,
    pub job: Job,
}

/// A key under which an instance was opened; of one journey, no two keys are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub journey: JourneyId,
    pub key: String,
    pub instance: InstanceId,
}

/// An event that opened or woke an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handled {
    pub reaction: ReactionId,
    pub event: EventId,
    /// The account the event is about.
    pub account: Option<AccountId>,
}

/// A position that waits for events; also the cursor of their list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listening {
    pub position: Position,
    pub ear: Ear,
    pub key: String,
}

/// What is wrong with a trigger's place in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IllListed {
    /// The version has it, and it is not listed as what it is: nothing comes to it.
    Missing(TriggerKey),
    /// It is listed, and new instances follow no version that has it.
    Stray(TriggerKey),
}

/// Instances and what is kept of them, to read.
#[async_trait]
pub trait Inventory {
    /// Every instance that has rows of a kind, once, in the order in which the database keeps them.
    async fn instances_with(
        &self,
        rows: Rows,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure>;

    async fn columns(&self, id: InstanceId) -> Result<Option<Columns>, Failure>;

    /// An instance's work; the cursor is its position and name.
    async fn work_of(
        &self,
        id: InstanceId,
        paging: Paging<(Position, String)>,
    ) -> Result<Page<Pending, (Position, String)>, Failure>;

    /// An instance's tasks that people may still take or complete, by their positions.
    async fn open_tasks_of(
        &self,
        id: InstanceId,
        paging: Paging<Position>,
    ) -> Result<Page<Task, Position>, Failure>;

    /// Which node wrote each record of an instance, by their numbers; `None` for a command beside the servers.
    async fn writers_of(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<(u64, Option<NodeId>), u64>, Failure>;

    /// What nodes held of an instance when they were taken for gone.
    async fn takeovers_of(&self, id: InstanceId) -> Result<Vec<Takeover>, Failure>;

    /// What events opened and woke, in the order in which it was written.
    async fn handled(
        &self,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Handled, ReactionId>, Failure>;

    /// What opened instances under keys; the cursor is the journey and the key.
    async fn starts(
        &self,
        paging: Paging<(JourneyId, String)>,
    ) -> Result<Page<Start, (JourneyId, String)>, Failure>;

    /// What is wrong with what the database is made of, a sentence each: pages, where they are not another program's to check, and tables
    /// and indexes that are gone.
    async fn damage(&self) -> Result<Vec<String>, Failure>;

    /// Triggers on which the registry and the versions that new instances follow do not agree; none while another release's list stands.
    async fn ill_listed(&self) -> Result<Vec<IllListed>, Failure>;

    /// The events an instance waits for.
    async fn listens_of(
        &self,
        id: InstanceId,
        paging: Paging<Listening>,
    ) -> Result<Page<Listening, Listening>, Failure>;
}
