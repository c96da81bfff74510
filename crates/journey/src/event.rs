//! What happened outside the engine.

use crate::{
    Position,
    effect::{Ending, Failure, Parent, Seed, Timer},
    migrate::Migrated,
    sla,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One happening, for one instance. A late or repeated one is rejected and changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Opens an instance at a trigger node.
    Started {
        trigger: String,
        input: Value,
    },
    /// Opens an instance below another, at the trigger or, for a part of a drawing, at another node.
    StartedBelow {
        node: String,
        input: Value,
        parent: Parent,
        seed: Option<Box<Seed>>,
    },
    CallSucceeded {
        position: Position,
        output: Value,
    },
    CallFailed {
        position: Position,
        failure: Failure,
    },
    /// `by` is the user's e-mail address, here and below.
    TaskClaimed {
        position: Position,
        by: String,
    },
    TaskReleased {
        position: Position,
        by: String,
    },
    TaskCompleted {
        position: Position,
        by: String,
        /// What the workspace knows of them, for an approval's limit: an object with `role` and `teams`.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        person: Value,
        outcome: String,
        form: Value,
    },
    /// The assignee gives the task to another person.
    TaskDelegated {
        position: Position,
        by: String,
        to: String,
    },
    SlaChanged {
        position: Position,
        by: String,
        change: SlaChange,
    },
    TimerFired {
        position: Position,
        timer: Timer,
    },
    IncidentRetried {
        position: Position,
        by: String,
    },
    /// Leaves the failed node by the port `outcome`.
    IncidentSkipped {
        position: Position,
        by: String,
        outcome: String,
    },
    /// Ends the instance there, with this outcome.
    IncidentEnded {
        position: Position,
        by: String,
        outcome: String,
    },
    /// An event with the key the position waits for arrived, as [`crate::journey::event_scope`] makes it.
    Received {
        position: Position,
        received: Value,
    },
    /// The account's record is another one now: conditions and exits are looked at again.
    AccountChanged,
    /// The answer to `Ask::StartChild`, with the id of the instance.
    ChildStarted {
        position: Position,
        index: u32,
        instance: String,
    },
    ChildEnded {
        position: Position,
        index: u32,
        ending: Ending,
    },
    /// What came to a position cannot be taken in: the step that follows from it reaches a limit of the engine.
    StepRefused {
        position: Position,
        /// Which limit, as a sentence.
        message: String,
    },
    /// One more item for a for-each that still waits.
    ItemAdded {
        position: Position,
        item: Value,
        by: String,
    },
    /// Goes on with the version this step is taken with, as planned for the instance when it had so many records.
    Migrated {
        migrated: Box<Migrated>,
        sequence: u64,
    },
    /// What the instance did is undone where its actions say how; then it is cancelled.
    Cancelled {
        reason: String,
        by: String,
    },
}

impl Event {
    /// Where the world moves an instance; `None` for what a person does and is told of at once, and for what has no place.
    pub fn moved_by_the_world(&self) -> Option<Position> {
        match self {
            Self::CallSucceeded { position, .. }
            | Self::CallFailed { position, .. }
            | Self::TimerFired { position, .. }
            | Self::Received { position, .. }
            | Self::ChildStarted { position, .. }
            | Self::ChildEnded { position, .. } => Some(*position),
            Self::Started { .. }
            | Self::StartedBelow { .. }
            | Self::TaskClaimed { .. }
            | Self::TaskReleased { .. }
            | Self::TaskCompleted { .. }
            | Self::TaskDelegated { .. }
            | Self::SlaChanged { .. }
            | Self::IncidentRetried { .. }
            | Self::IncidentSkipped { .. }
            | Self::IncidentEnded { .. }
            | Self::AccountChanged
            | Self::StepRefused { .. }
            | Self::ItemAdded { .. }
            | Self::Migrated { .. }
            | Self::Cancelled { .. } => None,
        }
    }
}

/// What a person does to the clock of a task's promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum SlaChange {
    Pause {
        reason: sla::Reason,
    },
    Resume,
    /// The promise begins anew.
    Reset,
    /// The promise is kept, though the task goes on.
    Stop,
    /// There is no promise any more.
    Cancel {
        reason: String,
    },
}
