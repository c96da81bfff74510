//! An incident: a node that only a person can move on, by trying again or by skipping it.

use super::{Fact, On, Position, Rejection, Turn};
use crate::{
    journey::{Node, Way},
    settings::Kind,
};

impl<'a> Turn<'a> {
    pub(super) fn incident_retried(
        &mut self,
        position: Position,
        by: String,
    ) -> Result<(), Rejection> {
        let node = self.failed(position)?;
        self.record(Fact::IncidentRetried { position, by });
        self.act(node, position);
        Ok(())
    }

    /// Leaves by the port `outcome` names; a decision's ways are named by their edges, too.
    pub(super) fn incident_skipped(
        &mut self,
        position: Position,
        by: String,
        outcome: String,
    ) -> Result<(), Rejection> {
        let node = self.failed(position)?;
        let decides = matches!(node.kind, Kind::Decision { .. });
        let named = |way: &&Way| {
            let by_port = way.port == outcome && !(decides && outcome == "out");
            by_port || (decides && way.edge == outcome)
        };
        let ways: Vec<&'a Way> = node.ways.iter().filter(named).collect();
        if ways.is_empty() {
            return Err(Rejection::UnknownOutcome(outcome));
        }
        self.record(Fact::IncidentSkipped { position, by, outcome });
        self.leave_by(position, ways);
        Ok(())
    }

    fn failed(&self, position: Position) -> Result<&'a Node, Rejection> {
        let (node, wait) = self.waiting(position)?;
        match wait.on {
            On::Incident { .. } => Ok(node),
            On::Call { .. } | On::Task { .. } | On::Timer { .. } | On::Join { .. } => {
                Err(Rejection::WrongEvent(position))
            }
        }
    }
}
