//! Migration: whether a living instance can go on with another version, and what becomes of what it waits for.
//!
//! A move keeps everything an instance has done and knows. Its waits go on at the same nodes of the other version, or at the
//! ones a [`Mapping`] names; nothing is done again. docs/decisions/0005 says what is kept and what is reckoned anew.

use crate::{
    Context, Draft, Event, Instance, Journey, Position, Record, Timestamp,
    effect::{SlaState, Timer},
};
use mapping::Names;
use needs::Needs;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

mod mapping;
mod migrated;
mod needs;
mod planner;
mod replay;
mod roll_back;
mod tasks;
#[cfg(test)]
mod tests;
mod waits;

pub use migrated::{Migrated, Moved, NewDue, Rescheduled, TaskMove};
pub use replay::Replay;
pub use roll_back::roll_back;

/// A published version: what was drawn, and what was compiled from it.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    pub number: u64,
    pub draft: &'a Draft,
    pub journey: &'a Journey,
}

/// What has another id in the other version, old id to new id. What is not named keeps its id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// Whether an instance can move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    MovesCleanly,
    /// It can once the mapping says more.
    NeedsMapping,
    /// No mapping helps, for now or for good.
    MustStay,
}

/// Why an instance cannot move, or something to know about its move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, documented in docs/decisions/0005.
    pub code: String,
    /// The node it is about, by its id in the version the instance follows now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    pub sentence: String,
}

/// What a move would do to one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub verdict: Verdict,
    /// How many records the instance had.
    pub sequence: u64,
    /// Why it does not move cleanly; empty when it does.
    pub reasons: Vec<Reason>,
    /// What does not stand in the way but may surprise.
    pub notes: Vec<Reason>,
    pub waits: Vec<WaitPlan>,
    /// Variables that get another name, old to new.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What the instance's history would have come to under the other version.
    pub replay: Replay,
    /// The move itself; there when it moves cleanly.
    #[serde(skip)]
    pub migrated: Option<Migrated>,
}

/// What becomes of one wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitPlan {
    pub position: Position,
    pub from_node: String,
    /// `None` when there is nowhere for it to go on.
    pub to_node: Option<String>,
    pub timers: Vec<TimerPlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskPlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaPlan>,
}

/// What becomes of one timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerPlan {
    #[serde(flatten)]
    pub timer: Timer,
    pub change: TimerChange,
    /// Absent for a timer that is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
    /// Absent for a timer that is dropped. A time that has passed fires at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerChange {
    Kept,
    Recomputed,
    Dropped,
    Added,
}

/// What becomes of an open task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPlan {
    /// Whoever claimed it keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Settings whose new values people will see: of `title`, `instructions`, `form`, `outcomes`, `priority`, `owner`.
    pub changes: Vec<String>,
    /// Whether it is offered anew to whom the new owner rule names: nobody has claimed it and no escalation has moved it.
    pub is_offered_anew: bool,
}

/// What becomes of a promise's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaPlan {
    pub before: Timestamp,
    pub after: Timestamp,
    /// It stays as it is: a breach is not undone by a later due date.
    pub state: SlaState,
}

/// A move from one version to another, prepared once for all instances.
#[derive(Debug)]
pub struct Migration<'a> {
    from: Version<'a>,
    to: Version<'a>,
    names: Names<'a>,
    needs: Needs,
    /// The nodes of the new version from which an end can be reached.
    finishing: HashSet<usize>,
}

impl<'a> Migration<'a> {
    /// Prepares a move.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the mapping itself.
    pub fn new(
        from: Version<'a>,
        to: Version<'a>,
        mapping: &'a Mapping,
    ) -> Result<Self, Vec<Reason>> {
        let names = Names::new(from, to, mapping)?;
        let (needs, finishing) = (Needs::of(from, to), to.journey.finishing());
        Ok(Self { from, to, names, needs, finishing })
    }

    /// What the move would do to an instance of the first version that is not over.
    ///
    /// `records` are all of the instance's records, `by` is who moves it.
    pub fn plan(
        &self,
        instance: &Instance,
        records: &[Record],
        context: Context<'_>,
        by: &str,
    ) -> Plan {
        let replay = replay::replay(self, records, context);
        planner::Planner::new(self, instance, records, context).plan(replay, by)
    }
}

impl Plan {
    /// What to bring to the instance; `None` unless it moves cleanly.
    pub fn event(&self) -> Option<Event> {
        let migrated = Box::new(self.migrated.clone()?);
        Some(Event::Migrated { migrated, sequence: self.sequence })
    }
}

impl Reason {
    fn of(code: &str, node: Option<&str>, sentence: String) -> Self {
        Self { code: code.to_owned(), node: node.map(str::to_owned), sentence }
    }
}
