//! What the world is asked to do, when, and under which key.

use crate::{Position, Timestamp, instance::Left};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One row of due work or of a projection, committed together with the records that asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub position: Position,
    /// Not before this time.
    pub due: Timestamp,
    pub ask: Ask,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// Call a connector. The idempotency key is `<instance id>:<position>`, the same for every attempt.
    Call(Call),
    /// Come back with `Event::TimerFired` when due.
    Timer { timer: Timer },
    /// Put a task before people.
    OfferTask(Box<Offer>),
    /// The task has other texts, form, outcomes, priority or due date; it stays with whom it is.
    RenewTask(Box<Offer>),
    /// The task changed hands; `None` puts it back before the team.
    AssignTask { assignee: Option<String> },
    /// An escalation gives the task to another person or team; whoever claimed it no longer has it.
    ReassignTask { owner: Owner },
    /// The task is done or withdrawn.
    CloseTask { close: Close },
    /// The SLA state that people see.
    MarkTask {
        sla: SlaState,
        /// The new due date, when it is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    /// Write fields of the instance's account.
    WriteAccount { fields: Map<String, Value> },
    /// Tell a person something, inside the product.
    Notify { to: Owner, about: String },
    /// Send a message; the answer comes as that of a call. The idempotency key is `<instance id>:<position>`.
    Send(Box<Message>),
    /// Bring the events of this name whose key is this one.
    Listen { name: String, key: String },
    /// Start an instance below this one; its end comes as `Event::ChildEnded`. Started twice under the same position and index, it is the same one.
    StartChild(Box<StartChild>),
    /// Cancel the instances below a position; nobody waits for them any more.
    StopChildren { reason: String },
    /// Tell the instance above that this one is over.
    Report { parent: Parent, ending: Ending },
}

/// A message to a person or team outside the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its recipients' addresses are the workspace's to find.
    pub to: Owner,
    pub subject: String,
    pub body: String,
    /// The node it comes from; the cap counts its messages.
    pub node: String,
    /// Most messages of the node one recipient gets in 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<u32>,
    /// Counts from 1.
    pub attempt: u32,
}

/// An instance to be started below another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartChild {
    /// Which of the position's instances.
    pub index: u32,
    pub follows: Follows,
    pub input: Value,
    /// What a part of this journey's drawing reads beside its input; `None` for another journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Box<Seed>>,
    /// How deep below the first instance it is; the first is 0.
    pub depth: u32,
    /// How many instances may run below it.
    #[serde(default = "all_room")]
    pub room: u32,
}

/// What an instance below another follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "follows", rename_all = "snake_case")]
pub enum Follows {
    /// A journey by its id or name, the live version when `version` is `None`.
    Journey {
        journey: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
    },
    /// A part of the same version's drawing, from this node.
    Part { from: String },
}

/// What a part of a drawing reads of the instance above it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    pub vars: Map<String, Value>,
    pub nodes: BTreeMap<String, Left>,
}

/// The instance above, where it waits, and which of its instances this is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Its id, which only the driver reads.
    pub instance: String,
    pub position: Position,
    pub index: u32,
    pub depth: u32,
    /// How many instances may run below the one this is the parent of.
    #[serde(default = "all_room")]
    pub room: u32,
}

fn all_room() -> u32 {
    crate::limits::BELOW
}

/// How an instance below came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
pub enum Ending {
    Ended {
        outcome: String,
        vars: Map<String, Value>,
    },
    Cancelled {
        reason: String,
    },
    /// It could not be started.
    NotStarted {
        message: String,
    },
}

/// One connector call, with its input already computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub connection: String,
    pub operation: String,
    pub input: Value,
    pub timeout_ms: u64,
    /// Counts from 1.
    pub attempt: u32,
}

/// Which timer of a position fires.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "timer", rename_all = "snake_case")]
pub enum Timer {
    /// A wait is over.
    Wait,
    /// A task's SLA warning time.
    Warning,
    /// A task's due date.
    Due,
    /// A step of a task's escalation ladder, by its place in the draft.
    Escalation { step: u32 },
    /// A boundary timer of a task, by its id.
    Boundary { id: String },
    /// What a wait waits for has not come in time.
    Timeout,
    /// A condition that reads the time is looked at again.
    Recheck,
}

/// A task as people see it: texts filled in, form and outcomes ready to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub node: String,
    pub title: String,
    pub instructions: String,
    pub owner: Owner,
    /// JSON Schema of the form; null when there is none.
    pub form: Value,
    pub outcomes: Vec<Outcome>,
    pub due: Timestamp,
    pub priority: i64,
}

/// One way to complete a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub id: String,
    pub label: String,
}

/// Who should have a task, as far as the engine can tell without asking the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The one person, by e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The team that may claim it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// What a step of an escalation ladder does with those it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Reminds them of the task.
    Remind,
    /// Gives the task to them.
    Reassign,
    /// Tells them of the task.
    Notify,
}

/// Why a task is no longer open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "close", rename_all = "snake_case")]
pub enum Close {
    Completed { by: String, outcome: String },
    Cancelled { reason: String },
}

/// How a task stands against its due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaState {
    Ok,
    Warning,
    Breached,
    Paused,
    /// Its promise was kept.
    Met,
    /// Its promise was cancelled.
    Cancelled,
}

/// Why a step did not succeed, and what may follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// Machine-readable, from the connector or the host (`limit.cpu`, `connector.trap`, …).
    pub code: String,
    pub message: String,
    /// The other side asked to be left alone for this long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The kinds of the connector contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    InvalidInput,
    Auth,
    NotFound,
    Conflict,
    RateLimited,
    Transient,
    Permanent,
    Internal,
}

impl FailureKind {
    /// Whether the same call may succeed later.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Transient)
    }
}
