//! Time travel: how an instance stood after any of its records, and the way it took through the drawing.

use crate::{Fact, Instance, Position, Record, Timestamp, instance::Corrupt, migrate::Migrated};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// Why there is no state at a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoState {
    #[error("the instance has {count} records; there is none numbered {sequence}")]
    Beyond { sequence: u64, count: u64 },
    #[error(transparent)]
    Corrupt(Corrupt),
}

/// The instance as it stood right after one of its records. `records` are all of its records up to that one, or more.
///
/// # Errors
///
/// There is no such record, or the history is corrupt before it.
pub fn state_at(records: &[Record], sequence: u64) -> Result<Instance, NoState> {
    let count = records.len() as u64;
    let wanted = usize::try_from(sequence).ok().and_then(|at| records.get(..=at));
    let Some(wanted) = wanted else { return Err(NoState::Beyond { sequence, count }) };
    let mut instance = Instance::new();
    for record in wanted {
        instance.apply(record).map_err(NoState::Corrupt)?;
    }
    Ok(instance)
}

/// The way an instance took: its visits and the edges between them, in order. Ids are those of the version it follows at the last record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Path {
    pub visits: Vec<Visit>,
    pub edges: Vec<Taken>,
}

/// One visit of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub position: Position,
    pub node: String,
    /// Number of the record that tells of its beginning.
    pub sequence: u64,
    pub entered: Timestamp,
    /// `None` while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Timestamp>,
    pub became: Became,
}

/// What became of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It waits for something.
    Waiting,
    /// It has failed and waits for a person.
    Failed,
    /// It was left by its ways.
    Left,
    /// It was withdrawn, or the instance ended around it.
    Withdrawn,
}

/// One time an edge was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub edge: String,
    /// Number of the record that tells of its end.
    pub sequence: u64,
    pub at: Timestamp,
}

/// The way the records of an instance tell of.
pub fn path(records: &[Record]) -> Path {
    let mut walk = Walk::default();
    for record in records {
        walk.take(record);
    }
    walk.path
}

#[derive(Default)]
struct Walk {
    path: Path,
    /// Where in the path each position's visit is.
    places: HashMap<Position, usize>,
}

impl Walk {
    fn take(&mut self, record: &Record) {
        match &record.fact {
            Fact::Entered { position, node, edge } => {
                self.enter(record, *position, node);
                self.edge(record, edge.as_deref());
            }
            Fact::Arrived { edge, .. } | Fact::Absorbed { edge, .. } => {
                self.edge(record, Some(edge));
            }
            Fact::IncidentRaised { position, .. } => self.became(*position, Became::Failed),
            Fact::IncidentRetried { position, .. } => self.became(*position, Became::Waiting),
            Fact::Left { position, .. } => self.leave(*position, Became::Left, record.at),
            Fact::Withdrawn { position, .. } => {
                self.leave(*position, Became::Withdrawn, record.at);
            }
            Fact::Ended { .. } | Fact::Cancelled { .. } | Fact::CancelBegan { .. } => {
                self.leave_all(record.at);
            }
            Fact::Migrated(migrated) => self.rename(migrated),
            Fact::Started { .. }
            | Fact::StartedBelow { .. }
            | Fact::Waiting { .. }
            | Fact::Joined { .. }
            | Fact::EndReached { .. }
            | Fact::VariableSet { .. }
            | Fact::AccountFieldSet { .. }
            | Fact::CallSucceeded { .. }
            | Fact::CallFailed { .. }
            | Fact::CallRetried { .. }
            | Fact::TaskClaimed { .. }
            | Fact::TaskReleased { .. }
            | Fact::TaskCompleted { .. }
            | Fact::TaskDelegated { .. }
            | Fact::Approved { .. }
            | Fact::HandedOver { .. }
            | Fact::SlaWarned { .. }
            | Fact::SlaBreached { .. }
            | Fact::SlaChanged { .. }
            | Fact::TaskEscalated { .. }
            | Fact::TaskReassigned { .. }
            | Fact::Told { .. }
            | Fact::TimerFired { .. }
            | Fact::IncidentSkipped { .. }
            | Fact::IncidentEnded { .. }
            | Fact::Received { .. }
            | Fact::TimedOut { .. }
            | Fact::ConditionHeld { .. }
            | Fact::ChildAsked { .. }
            | Fact::ChildStarted { .. }
            | Fact::ChildEnded { .. }
            | Fact::ItemAdded { .. }
            | Fact::Returned { .. }
            | Fact::RulesHeld { .. }
            | Fact::Judged { .. }
            | Fact::MilestoneReached { .. }
            | Fact::TurnCame { .. }
            | Fact::UndoKept { .. }
            | Fact::Undone { .. } => {}
        }
    }

    fn enter(&mut self, record: &Record, position: Position, node: &str) {
        self.places.insert(position, self.path.visits.len());
        self.path.visits.push(Visit {
            position,
            node: node.to_owned(),
            sequence: record.sequence,
            entered: record.at,
            left: None,
            became: Became::Waiting,
        });
    }

    fn edge(&mut self, record: &Record, edge: Option<&str>) {
        if let Some(edge) = edge {
            let (edge, sequence, at) = (edge.to_owned(), record.sequence, record.at);
            self.path.edges.push(Taken { edge, sequence, at });
        }
    }

    fn became(&mut self, position: Position, became: Became) {
        if let Some(place) = self.places.get(&position) {
            self.path.visits[*place].became = became;
        }
    }

    fn leave(&mut self, position: Position, became: Became, at: Timestamp) {
        if let Some(place) = self.places.remove(&position) {
            let visit = &mut self.path.visits[place];
            (visit.became, visit.left) = (became, Some(at));
        }
    }

    fn leave_all(&mut self, at: Timestamp) {
        for position in self.places.keys().copied().collect::<Vec<_>>() {
            self.leave(position, Became::Withdrawn, at);
        }
    }

    /// A move to another version gives what came before new names where the drawing has them.
    fn rename(&mut self, migrated: &Migrated) {
        for visit in &mut self.path.visits {
            if let Some(to) = migrated.nodes.get(&visit.node) {
                visit.node.clone_from(to);
            }
        }
        for taken in &mut self.path.edges {
            if let Some(to) = migrated.edges.get(&taken.edge) {
                taken.edge.clone_from(to);
            }
        }
        for moved in &migrated.waits {
            if let Some(place) = self.places.get(&moved.position) {
                self.path.visits[*place].node.clone_from(&moved.to);
            }
        }
    }
}
