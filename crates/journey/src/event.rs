//! What happened outside the engine.

use crate::{
    Position,
    effect::{Failure, Timer},
    migrate::Migrated,
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
        outcome: String,
        form: Value,
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
    /// Goes on with the version this step is taken with, as planned.
    Migrated {
        migrated: Box<Migrated>,
    },
    Cancelled {
        reason: String,
        by: String,
    },
}
