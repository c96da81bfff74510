//! Facts about an instance. Append only: an old record must read the same for ever.

use crate::{
    Document, Position, Timestamp,
    effect::{Act, Call, Ending, Failure, Owner, Parent, Seed},
    instance::On,
    migrate::Migrated,
    sla,
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
    /// Opened below another instance; `seed` is what a part of a drawing reads beside its input.
    StartedBelow {
        node: String,
        input: Document,
        parent: Parent,
        seed: Option<Box<Seed>>,
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
    TaskDelegated {
        position: Position,
        by: String,
        to: String,
    },
    /// One of several people who must approve did; the task is open for the others.
    Approved {
        position: Position,
        by: String,
        form: Document,
    },
    /// What a handoff hands over was there already.
    HandedOver {
        position: Position,
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
    /// The clock of a task's promise was paused, resumed, reset, stopped or cancelled.
    SlaChanged {
        position: Position,
        by: String,
        change: sla::What,
    },
    /// A step of the task's escalation ladder was taken, by its place in the draft.
    TaskEscalated {
        position: Position,
        step: u32,
        /// What the step did; absent in records from before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        did: Option<Escalated>,
    },
    /// An escalation gave the task to someone else; nobody has claimed it now unless `to` names a person.
    TaskReassigned {
        position: Position,
        to: Owner,
    },
    /// A person or a team was told something inside the product.
    Told {
        position: Position,
        to: Owner,
        about: String,
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
    /// The instance is ended at an incident.
    IncidentEnded {
        position: Position,
        by: String,
    },
    /// An event a wait waited for.
    Received {
        position: Position,
        received: Document,
    },
    /// What a wait waited for did not come in time.
    TimedOut {
        position: Position,
    },
    /// The condition a wait waited for holds.
    ConditionHeld {
        position: Position,
    },
    /// An instance below was asked for.
    ChildAsked {
        position: Position,
        index: u32,
    },
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
    ItemAdded {
        position: Position,
        item: Value,
        by: String,
    },
    /// What the instances below left, for expressions to read.
    Returned {
        position: Position,
        output: Document,
    },
    /// Which rules of a decision table held, by their places.
    RulesHeld {
        position: Position,
        rules: Vec<u32>,
    },
    /// How an AI check's answer was read.
    Judged {
        position: Position,
        outcome: String,
        why: String,
    },
    /// A milestone was reached this long after the start.
    MilestoneReached {
        position: Position,
        milestone: String,
        elapsed_ms: i64,
    },
    /// A node that waited for its turn has it.
    TurnCame {
        position: Position,
    },
    /// A branch was withdrawn.
    Withdrawn {
        position: Position,
        why: String,
    },
    /// How to take back what an action did, should the instance be cancelled.
    UndoKept {
        position: Position,
        undo: Call,
    },
    /// Cancelling began: nothing else waits, and what was done is undone.
    CancelBegan {
        reason: String,
        by: String,
    },
    Undone {
        position: Position,
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

/// What a step of an escalation ladder did, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalated {
    pub act: Act,
    /// Absent when its rule found nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Owner>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_escalation_from_before_it_was_kept_what_it_did_reads_and_stays_as_it_was() {
        let old =
            json!({ "sequence": 4, "at": 0, "fact": "task_escalated", "position": 1, "step": 2 });
        let record: Record = serde_json::from_value(old.clone()).unwrap();
        let Fact::TaskEscalated { did: None, .. } = record.fact else { panic!("{record:?}") };
        assert_eq!(serde_json::to_value(&record).unwrap(), old);
    }
}
