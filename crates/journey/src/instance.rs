//! One life of a journey, and the only function that changes it.

use crate::{
    Document, Journey, Timestamp, document,
    effect::{Call, Ending, Failure, Parent, SlaState, Timer},
    record::Record,
    sla::Clock,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

mod apply;
mod migrated;

/// Where in its instance a node was entered; doubles as the idempotency key of what that visit asked for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u32);

/// The state of one instance: what it knows and what it waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub(crate) status: Status,
    pub(crate) outcome: Option<String>,
    pub(crate) waits: Vec<Wait>,
    /// What the trigger got.
    pub(crate) input: Document,
    pub(crate) vars: Map<String, Value>,
    /// What each node left behind, by node id.
    pub(crate) nodes: BTreeMap<String, Left>,
    pub(crate) next: Position,
    /// The node entered last, while it is neither waiting nor left: only ever within a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) entered: Option<Entered>,
    /// The outcome of the first end that was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reached: Option<String>,
    /// Edges that may still arrive at joins that have gone on without them, by join.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) owed: BTreeMap<String, Vec<String>>,
    /// The instance above, when this one runs for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<Parent>,
    /// When it was opened.
    #[serde(default)]
    pub(crate) started: Timestamp,
    /// What is called to take back what was done, in the order it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) undo: Vec<Undo>,
    /// Why and by whom it is being cancelled, while what was done is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cancelling: Option<Cancelling>,
    /// How many records made this state; the next record's number.
    pub(crate) sequence: u64,
}

/// How to take back what the action at a position did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Undo {
    pub(crate) node: String,
    pub(crate) call: Call,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cancelling {
    pub(crate) reason: String,
    pub(crate) by: String,
}

/// Lifecycle of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Running,
    Incident,
    Ended,
    Cancelled,
}

/// What a node left behind for expressions to read as `nodes.<id>.…`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Left {
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub output: Option<Document>,
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub form: Option<Document>,
}

/// A node the instance has entered and not left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    pub position: Position,
    pub node: String,
    pub since: Timestamp,
    pub on: On,
}

/// A node on its way from being entered to waiting or being left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entered {
    pub(crate) position: Position,
    pub(crate) node: String,
    pub(crate) since: Timestamp,
}

/// What a wait is waiting for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum On {
    /// A connector's answer; `attempt` counts from 1 and every attempt sends the same input.
    Call {
        attempt: u32,
        #[serde(default)]
        input: Value,
        /// When it is made, if not at once: a message waits for its hours, and what failed for a pause.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// A person.
    Task {
        task: Task,
        due: Timestamp,
        /// The task's timers that have fired; none fires twice.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fired: Vec<Timer>,
        /// Who has approved so far, where several must.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approved: Vec<String>,
        /// The clock of its promise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<Box<Clock>>,
        /// Which half of a handoff it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        half: Option<Half>,
    },
    /// A time.
    Timer { due: Timestamp },
    /// An event of this name with this key.
    Event {
        name: String,
        key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// A condition that does not hold yet.
    Condition {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// Instances below this one.
    Children { children: Vec<Child> },
    /// Its turn: another node with the same one is at work.
    Turn,
    /// The answer to a call that takes back what was done.
    Undo { call: Call },
    /// Other branches; the edges that have arrived, in order.
    Join { arrived: Vec<String> },
    /// A person who decides what becomes of a step that failed.
    Incident { failure: Failure, attempt: u32 },
}

/// The two halves of a handoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// The sending team fills in what the receiving one needs.
    Sending,
    /// The receiving team accepts it, or sends it back.
    Accepting,
}

/// One instance below this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Child {
    /// The item it runs for, or the input of a sub-journey.
    pub item: Value,
    pub state: ChildState,
}

/// How an instance below stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ChildState {
    /// Not asked for yet.
    Ahead,
    Asked,
    Running {
        instance: String,
    },
    Over {
        ending: Ending,
    },
}

/// A task is offered or claimed by one person, never both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Task {
    Offered,
    Claimed { assignee: String },
}

impl Wait {
    /// When this wait moves on by itself or lapses; `None` when it has no such time.
    pub fn due(&self) -> Option<Timestamp> {
        match &self.on {
            On::Task { due, .. } | On::Timer { due } => Some(*due),
            On::Event { due, .. } | On::Condition { due } | On::Call { due, .. } => *due,
            On::Undo { .. }
            | On::Children { .. }
            | On::Turn
            | On::Join { .. }
            | On::Incident { .. } => None,
        }
    }

    /// The clock of a task's promise; `None` when this is no task.
    pub fn clock(&self) -> Option<&Clock> {
        let On::Task { clock, .. } = &self.on else { return None };
        clock.as_deref()
    }

    /// Whether it is a handoff that is not handed over yet: what it promises has not begun.
    pub fn is_unsent(&self) -> bool {
        matches!(&self.on, On::Task { half: Some(Half::Sending), .. })
    }

    /// How a task stands against its due date; `None` when this is no task.
    pub fn sla(&self) -> Option<SlaState> {
        let On::Task { fired, clock, .. } = &self.on else { return None };
        if let Some(clock) = clock {
            return Some(clock.standing());
        }
        Some(if fired.contains(&Timer::Due) {
            SlaState::Breached
        } else if fired.contains(&Timer::Warning) {
            SlaState::Warning
        } else {
            SlaState::Ok
        })
    }
}

impl Instance {
    pub fn new() -> Self {
        Self::default()
    }

    /// The only place an instance changes, for a live step and a replay alike.
    ///
    /// # Errors
    ///
    /// The record does not follow from the records before it: the history is corrupt, and nothing has changed.
    pub fn apply(&mut self, record: &Record) -> Result<(), Corrupt> {
        apply::apply(self, record)
    }

    pub fn status(&self) -> Status {
        self.status
    }

    pub fn outcome(&self) -> Option<&str> {
        self.outcome.as_deref()
    }

    pub fn waits(&self) -> &[Wait] {
        &self.waits
    }

    pub fn wait(&self, position: Position) -> Option<&Wait> {
        self.waits.iter().find(|wait| wait.position == position)
    }

    pub fn input(&self) -> &Value {
        &self.input
    }

    pub fn vars(&self) -> &Map<String, Value> {
        &self.vars
    }

    pub fn nodes(&self) -> &BTreeMap<String, Left> {
        &self.nodes
    }

    /// The number the next record will carry; also how many there are.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Ended | Status::Cancelled)
    }

    /// Whether it stands still until a person, a timer or the outside moves it: no wait is on a connector's answer.
    pub fn is_at_rest(&self) -> bool {
        !self.waits.iter().any(|wait| matches!(wait.on, On::Call { .. } | On::Undo { .. }))
    }

    /// The instance above, when this one runs for it.
    pub fn parent(&self) -> Option<&Parent> {
        self.parent.as_ref()
    }

    /// Why and by whom it is being cancelled, while what was done is undone.
    pub fn cancelling(&self) -> Option<(&str, &str)> {
        let cancelling = self.cancelling.as_ref()?;
        Some((&cancelling.reason, &cancelling.by))
    }

    /// Whether it must hear when its account changes, given whether its journey has exits.
    pub fn watches_account(&self, journey: &Journey) -> bool {
        let waits = self.waits.iter().any(|wait| matches!(wait.on, On::Condition { .. }));
        !self.is_over() && (waits || !journey.exits.is_empty())
    }
}

/// A record that cannot follow the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence} does not fit the instance: {why}")]
pub struct Corrupt {
    pub sequence: u64,
    pub why: &'static str,
}
