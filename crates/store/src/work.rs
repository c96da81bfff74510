//! Due work: what was committed as wanted from the world, or from other instances, and not yet answered.

use crate::{Failure, InstanceId, LeaseId};
use async_trait::async_trait;
use journey::{
    Position, Timestamp,
    effect::{Call, Ending, Message, Parent, StartChild, Timer},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which row of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkKey {
    pub instance: InstanceId,
    pub position: Position,
    /// What [`Job::name`] gives.
    pub name: String,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    Call(Call),
    Timer(Timer),
    /// Send a message; answered like a call.
    Send(Box<Message>),
    /// Start an instance below this one.
    StartChild(Box<StartChild>),
    /// Cancel the instances below this position.
    StopChildren {
        reason: String,
    },
    /// Take for granted, in a shadow run, what a call or a person would have answered.
    Assume(Box<Assumption>),
    /// Tell the instance above that this one is over. Stays when everything else of an instance that is over is gone.
    Report {
        parent: Parent,
        ending: Ending,
        /// What a shadow run would have written to the account.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        written: Map<String, Value>,
    },
}

/// What a shadow run takes for granted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Assumption {
    Call { output: Value },
    Task { outcome: String, form: Value, team: Option<String> },
}

impl Job {
    /// Tells the work of one position apart; a later attempt of a call has the name of the first.
    pub fn name(&self) -> String {
        match self {
            Self::Call(_) => "call".to_owned(),
            Self::Timer(Timer::Wait) => "wait".to_owned(),
            Self::Timer(Timer::Warning) => "warning".to_owned(),
            Self::Timer(Timer::Due) => "due".to_owned(),
            Self::Timer(Timer::Escalation { step }) => format!("escalation:{step}"),
            Self::Timer(Timer::Boundary { id }) => format!("boundary:{id}"),
            Self::Timer(Timer::Timeout) => "timeout".to_owned(),
            Self::Timer(Timer::Recheck) => "recheck".to_owned(),
            Self::Send(_) => "send".to_owned(),
            Self::StartChild(start) => format!("start:{}", start.index),
            Self::Assume(_) => "assume".to_owned(),
            Self::StopChildren { .. } => "stop".to_owned(),
            Self::Report { .. } => "report".to_owned(),
        }
    }
}

/// Work a commit asks for; it replaces work of the same name at the same position.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWork {
    pub position: Position,
    pub due: Timestamp,
    pub job: Job,
    /// Set when whoever commits will do it at once: claimed as it is written.
    pub lease: Option<Lease>,
}

/// A claim on work, until a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub id: LeaseId,
    pub until: Timestamp,
}

/// Work that was claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    pub key: WorkKey,
    pub due: Timestamp,
    pub job: Job,
    pub lease: LeaseId,
}

/// Due work.
#[async_trait]
pub trait WorkQueue {
    /// Takes the oldest work that may be taken at `now`, for `until`. Work whose lease has ended may be taken again.
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, Failure>;

    /// Gives claimed work back: it may be taken again from `now`.
    async fn release(&self, work: &[(WorkKey, LeaseId)], now: Timestamp) -> Result<(), Failure>;

    /// Removes claimed work that nothing waits for any more.
    async fn forget(&self, work: &[(WorkKey, LeaseId)]) -> Result<(), Failure>;

    /// When the next work may be taken; in the past when some waits already.
    async fn next_due(&self) -> Result<Option<Timestamp>, Failure>;

    /// How much work may be taken at `now`, counted up to `limit`, and since when the oldest has waited.
    async fn backlog(&self, now: Timestamp, limit: u32) -> Result<Backlog, Failure>;
}

/// How far work is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: u64,
    pub oldest: Option<Timestamp>,
}
