//! The way one instance took, to be drawn over its journey.

use journey::{Fact, Position, migrate::Moved};
use std::collections::{BTreeMap, BTreeSet};

/// What to draw over a journey: where the instance has been, where it stands, where it is stuck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// How often each node was entered, by node id.
    pub entered: BTreeMap<String, u32>,
    /// Ids of the edges that were taken.
    pub edges: BTreeSet<String>,
    /// Nodes the instance waits at now.
    pub waits: BTreeSet<String>,
    /// Nodes that stand still until a person moves them on.
    pub incidents: BTreeSet<String>,
}

/// The nodes entered and not left, by position.
type Places = BTreeMap<Position, String>;

impl Path {
    /// Reads the way from the facts of an instance's records, in order.
    pub fn from_facts<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut path = Self::default();
        let mut places = BTreeMap::new();
        for fact in facts {
            path.take(fact, &mut places);
        }
        path
    }

    /// Takes in the way of another instance of the same drawing.
    pub fn join(&mut self, other: Self) {
        for (node, times) in other.entered {
            *self.entered.entry(node).or_default() += times;
        }
        self.edges.extend(other.edges);
        self.waits.extend(other.waits);
        self.incidents.extend(other.incidents);
    }

    fn take(&mut self, fact: &Fact, places: &mut Places) {
        match fact {
            Fact::Entered { position, node, edge } => {
                places.insert(*position, node.clone());
                *self.entered.entry(node.clone()).or_default() += 1;
                self.edges.extend(edge.clone());
            }
            Fact::Arrived { edge, .. } | Fact::Absorbed { edge, .. } => {
                self.edges.insert(edge.clone());
            }
            Fact::Waiting { position, .. } => self.waits.extend(node(places, *position)),
            Fact::IncidentRaised { position, .. } => self.incidents.extend(node(places, *position)),
            Fact::IncidentRetried { position, .. }
            | Fact::IncidentSkipped { position, .. }
            | Fact::IncidentEnded { position, .. } => self.forget(places.get(position)),
            Fact::Left { position, edges } => {
                self.edges.extend(edges.iter().cloned());
                self.leave(*position, places);
            }
            Fact::Migrated(migrated) => self.go_over(&migrated.waits, places),
            Fact::Withdrawn { position, .. } => self.leave(*position, places),
            Fact::Ended { .. } | Fact::CancelBegan { .. } | Fact::Cancelled { .. } => self.stop(),
            Fact::Started { .. }
            | Fact::VariableSet { .. }
            | Fact::AccountFieldSet { .. }
            | Fact::CallSucceeded { .. }
            | Fact::CallFailed { .. }
            | Fact::CallRetried { .. }
            | Fact::TaskClaimed { .. }
            | Fact::TaskReleased { .. }
            | Fact::TaskCompleted { .. }
            | Fact::SlaWarned { .. }
            | Fact::SlaBreached { .. }
            | Fact::Joined { .. }
            | Fact::EndReached { .. }
            | Fact::TaskEscalated { .. }
            | Fact::TaskReassigned { .. }
            | Fact::Told { .. }
            | Fact::TimerFired { .. }
            | Fact::StartedBelow { .. }
            | Fact::TaskDelegated { .. }
            | Fact::SlaChanged { .. }
            | Fact::Approved { .. }
            | Fact::HandedOver { .. }
            | Fact::Received { .. }
            | Fact::ConditionHeld { .. }
            | Fact::TimedOut { .. }
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

    /// What waited goes on waiting at the nodes of another version.
    fn go_over(&mut self, waits: &[Moved], places: &mut Places) {
        for moved in waits {
            places.insert(moved.position, moved.to.clone());
        }
        for set in [&mut self.waits, &mut self.incidents] {
            let gone = std::mem::take(set);
            let now = waits.iter().filter(|moved| gone.contains(&moved.from));
            set.extend(now.map(|moved| moved.to.clone()));
        }
    }

    /// Nothing is at this place any more; its node is marked while another visit of it goes on.
    fn leave(&mut self, position: Position, places: &mut Places) {
        let node = places.remove(&position);
        let stays = node.as_ref().is_some_and(|node| places.values().any(|other| other == node));
        if let Some(node) = node.filter(|_| !stays) {
            self.waits.remove(&node);
            self.incidents.remove(&node);
        }
    }

    /// Nothing is waited for any more.
    fn stop(&mut self) {
        self.waits.clear();
        self.incidents.clear();
    }

    fn forget(&mut self, node: Option<&String>) {
        if let Some(node) = node {
            self.incidents.remove(node);
        }
    }
}

fn node(places: &Places, position: Position) -> Option<String> {
    places.get(&position).cloned()
}
