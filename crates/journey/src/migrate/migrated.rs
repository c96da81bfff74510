//! A move as it is written down: enough to make it again from the records, and to take it back.

use crate::{Position, Timestamp, effect::Timer, sla::Terms};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An instance goes on with another version of its journey. Maps are from old id to new, and hold only what changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrated {
    /// Number of the version it followed.
    pub from: u64,
    /// Number of the version it follows now.
    pub to: u64,
    /// E-mail address of whoever moved it.
    pub by: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Edges that have arrived at joins, or still may.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub edges: BTreeMap<String, String>,
    /// Every wait of the instance.
    pub waits: Vec<Moved>,
}

/// One wait, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub position: Position,
    pub from: String,
    pub to: String,
    #[serde(default, skip_serializing_if = "is_same_due")]
    pub due: NewDue,
    /// What the clock of a task's promise runs by now; `None` when that is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Terms>,
    /// The timers that count as fired now; `None` when they are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<Vec<Timer>>,
    /// Timers that are set anew or for another time. One that is no longer wanted is left to find nothing when it comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<Rescheduled>,
    #[serde(default, skip_serializing_if = "is_kept")]
    pub task: TaskMove,
}

/// What becomes of the due date of a task, the end of a wait for time, or the time-out of another wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewDue {
    #[default]
    Kept,
    At(Timestamp),
    /// It no longer has one.
    Never,
}

/// A timer and its new time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescheduled {
    #[serde(flatten)]
    pub timer: Timer,
    pub due: Timestamp,
}

/// What people see of an open task after the move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskMove {
    /// It is no task, or nothing people see changes.
    #[default]
    Kept,
    /// Its texts, form and outcomes are the new version's; it stays with whom it is.
    Renewed,
    /// It is also offered to whom the new version's owner rule names.
    OfferedAnew,
    /// It stays with who has claimed it; given back, it is offered to whom the new version's owner rule names.
    LeftWithAssignee,
}

impl NewDue {
    /// The due time after the move.
    pub(crate) fn from(self, before: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Self::Kept => before,
            Self::At(due) => Some(due),
            Self::Never => None,
        }
    }
}

fn is_same_due(due: &NewDue) -> bool {
    *due == NewDue::Kept
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_kept(task: &TaskMove) -> bool {
    *task == TaskMove::Kept
}
