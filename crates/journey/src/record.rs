//! Facts about an instance. Append only: an old record must read the same for ever.

use crate::{
    Document, Position, Timestamp,
    effect::{Failure, Owner},
    instance::On,
    migrate::Migrated,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One fact, numbered from 0 within its instance without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub sequence: u64,
    pub at: Timestamp,
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    Started {
        trigger: String,
        input: Document,
    },
    /// A node was entered, by an edge unless it is the trigger.
    Entered {
        position: Position,
        node: String,
        edge: Option<String>,
    },
    /// An entered node now waits.
    Waiting {
        position: Position,
        on: On,
    },
    /// Another way reached a join that already waits.
    Arrived {
        position: Position,
        edge: String,
    },
    /// A join that had enough ways went on; the ways that may still arrive are owed and will be absorbed.
    Joined {
        position: Position,
        node: String,
        owed: Vec<String>,
    },
    /// A way a join no longer waits for arrived and ended there.
    Absorbed {
        node: String,
        edge: String,
    },
    /// An end was reached; the first one decides the outcome of the instance.
    EndReached {
        position: Position,
        outcome: String,
    },
    VariableSet {
        name: String,
        value: Value,
    },
    /// A field of the account was written; the account itself lives outside the instance.
    AccountFieldSet {
        field: String,
        value: Value,
    },
    CallSucceeded {
        position: Position,
        output: Document,
    },
    CallFailed {
        position: Position,
        failure: Failure,
        attempt: u32,
    },
    /// The same call goes out again, at `due`, under the same idempotency key.
    CallRetried {
        position: Position,
        attempt: u32,
        due: Timestamp,
    },
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
        form: Document,
    },
    /// The SLA's warning time passed with the task still open.
    SlaWarned {
        position: Position,
    },
    /// The due date passed with the task still open.
    SlaBreached {
        position: Position,
        due: Timestamp,
    },
    /// A step of the task's escalation ladder was taken, by its place in the draft.
    TaskEscalated {
        position: Position,
        step: u32,
    },
    /// An escalation gave the task to someone else; nobody has claimed it now unless `to` names a person.
    TaskReassigned {
        position: Position,
        to: Owner,
    },
    /// A boundary timer of a task fired.
    TimerFired {
        position: Position,
        timer: String,
    },
    IncidentRaised {
        position: Position,
        failure: Failure,
    },
    IncidentRetried {
        position: Position,
        by: String,
    },
    IncidentSkipped {
        position: Position,
        by: String,
        outcome: String,
    },
    /// A node was left by these edges (none from an end).
    Left {
        position: Position,
        edges: Vec<String>,
    },
    /// It goes on with another version of its journey.
    Migrated(Box<Migrated>),
    Ended {
        outcome: String,
    },
    Cancelled {
        reason: String,
        by: String,
    },
}
