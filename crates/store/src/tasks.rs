//! Tasks as people see them, to read. They are written by `Commits` alone.

use crate::{
    AccountId, Failure, JourneyId, Page, Paging, TaskCursor, TaskId, instances::AccountRef, words,
};
use async_trait::async_trait;
use journey::{
    Timestamp,
    effect::{Outcome, SlaState},
};
use serde_json::Value;

words! {
    /// Where a task stands.
    State { Offered = "offered", Claimed = "claimed", Completed = "completed", Cancelled = "cancelled", }
}

impl State {
    /// Whether it is still to be done.
    pub fn is_open(self) -> bool {
        match self {
            Self::Offered | Self::Claimed => true,
            Self::Completed | Self::Cancelled => false,
        }
    }
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub id: TaskId,
    pub journey: JourneyId,
    pub journey_name: String,
    pub account: Option<AccountRef>,
    pub node: String,
    pub title: String,
    pub instructions: String,
    pub state: State,
    pub team: Option<String>,
    /// Who claimed or completed it, by e-mail address.
    pub assignee: Option<String>,
    /// The one person it is offered to, by e-mail address.
    pub offered_to: Option<String>,
    /// In whose own queue it is: who claimed it, or else the one person it is offered to.
    pub holder: Option<String>,
    pub sla: SlaState,
    pub due: Timestamp,
    pub priority: i64,
    /// JSON Schema of the form, or null.
    pub form: Value,
    pub outcomes: Vec<Outcome>,
    pub outcome: Option<String>,
    pub answers: Option<Value>,
    /// Why it was withdrawn.
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whose tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Queue {
    /// One person's own, by e-mail address.
    Mine(String),
    /// Those of any of these teams, by name.
    Teams(Vec<String>),
    All,
}

/// Which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    Open,
    Only(State),
}

/// Which tasks; all that is given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub queue: Queue,
    pub which: Which,
    pub account: Option<AccountId>,
}

impl Filter {
    /// The open tasks of a queue.
    pub fn open(queue: Queue) -> Self {
        Self { queue, which: Which::Open, account: None }
    }
}

/// Tasks, to read.
#[async_trait]
pub trait Tasks {
    /// In order of their due dates.
    async fn tasks(
        &self,
        filter: Filter,
        paging: Paging<TaskCursor>,
    ) -> Result<Page<Task, TaskCursor>, Failure>;

    async fn task(&self, id: TaskId) -> Result<Option<Task>, Failure>;
}

pub(crate) fn sla_word(sla: SlaState) -> &'static str {
    match sla {
        SlaState::Ok => "ok",
        SlaState::Warning => "warning",
        SlaState::Breached => "breached",
        SlaState::Paused => "paused",
        SlaState::Met => "met",
        SlaState::Cancelled => "cancelled",
    }
}

pub(crate) fn sla_of(word: &str) -> Option<SlaState> {
    match word {
        "ok" => Some(SlaState::Ok),
        "warning" => Some(SlaState::Warning),
        "breached" => Some(SlaState::Breached),
        "paused" => Some(SlaState::Paused),
        "met" => Some(SlaState::Met),
        "cancelled" => Some(SlaState::Cancelled),
        _ => None,
    }
}
