//! Due work: what was committed as wanted from the world, or from other instances, and not yet answered.

use crate::{Failure, InstanceId, JourneyId, LeaseId, limits};
use async_trait::async_trait;
use journey::{
    Position, Timestamp,
    effect::{Call, Ending, Message, Parent, StartChild, Timer},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

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

/// What must not keep others waiting: the work of one kind and one journey, and for what goes outside also one connection and one
/// share of the accounts. Work is taken from all lanes in turn, in each the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(String);

impl Lane {
    /// Where work of an instance waits.
    pub fn of(instance: InstanceId, journey: JourneyId, job: &Job) -> Self {
        let (name, journey) = (job.name(), journey.number());
        let kind = name.split(':').next().unwrap_or_default();
        let share = instance.slot().number() % limits::SHARES;
        Self(match job {
            Job::Call(call) => format!("{kind}/{journey:x}/{share:x}/{}", call.connection),
            Job::Send(_) => format!("{kind}/{journey:x}/{share:x}"),
            Job::Timer(_)
            | Job::StartChild(_)
            | Job::Assume(_)
            | Job::StopChildren { .. }
            | Job::Report { .. } => format!("{kind}/{journey:x}/0"),
        })
    }

    /// The lane of a text that was kept.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// For the database.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// What work is in it: what stands before the colon of [`Job::name`], and `other` for what an older release wrote.
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The connection whose calls are in it.
    pub fn connection(&self) -> Option<&str> {
        self.0.splitn(4, '/').nth(3)
    }
}

/// Every kind of work: what [`Lane::kind`] gives.
pub const KINDS: [&str; 14] = [
    "call",
    "send",
    "wait",
    "warning",
    "due",
    "escalation",
    "boundary",
    "timeout",
    "recheck",
    "start",
    "stop",
    "report",
    "assume",
    "other",
];

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
    /// The lanes that hold work, in order and after `after`, and from when the first of each may be taken. Costs a look or two for each
    /// lane, however much is in it.
    async fn lanes(
        &self,
        after: Option<&Lane>,
        limit: u32,
    ) -> Result<Vec<(Lane, Timestamp)>, Failure>;

    /// Takes so much from each of these lanes, the oldest that may be taken at `now`, under `lease`; the oldest of all comes first. Work
    /// whose lease has ended may be taken again.
    async fn claim(
        &self,
        now: Timestamp,
        lease: Lease,
        from: &[(Lane, u32)],
    ) -> Result<Vec<Claimed>, Failure>;

    /// Gives claimed work back: it may be taken again from `now`.
    async fn release(&self, work: &[(WorkKey, LeaseId)], now: Timestamp) -> Result<(), Failure>;

    /// Gives back all that this node holds under these leases, if there is any: it may be taken again from `now`.
    async fn free(&self, leases: &[LeaseId], now: Timestamp) -> Result<(), Failure>;

    /// Removes claimed work that nothing waits for any more.
    async fn forget(&self, work: &[(WorkKey, LeaseId)]) -> Result<(), Failure>;

    /// When the next work may be taken; in the past when some waits already.
    async fn next_due(&self) -> Result<Option<Timestamp>, Failure>;

    /// By kind, how much work may be taken at `now`, counted up to `limit`, and since when the oldest of what was counted is due.
    async fn backlog(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<BTreeMap<String, Backlog>, Failure>;
}

/// How far work is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: u64,
    pub oldest: Option<Timestamp>,
}
