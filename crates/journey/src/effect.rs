//! What the world is asked to do, when, and under which key.

use crate::{Position, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    MarkTask { sla: SlaState },
    /// Write fields of the instance's account.
    WriteAccount { fields: Map<String, Value> },
    /// Tell a person about a task (an escalation step), inside the product.
    Notify { to: Owner, about: String },
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
