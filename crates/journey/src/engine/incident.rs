//! An incident: a node that only a person can move on, by trying again or by skipping it.

use super::{Fact, On, Position, Rejection, Turn, failure};
use crate::{
    check::is_id,
    journey::{Node, Way},
    settings::Kind,
};

impl<'a> Turn<'a> {
    /// What waits there is withdrawn: only a person can go on.
    pub(super) fn step_refused(
        &mut self,
        position: Position,
        message: String,
    ) -> Result<(), Rejection> {
        let (_, wait) = self.waiting(position)?;
        if matches!(wait.on, On::Incident { .. }) {
            return Err(Rejection::WrongEvent(position));
        }
        self.let_go(position, &message);
        self.raise(position, failure("limit.step", message));
        Ok(())
    }

    pub(super) fn incident_retried(
        &mut self,
        position: Position,
        by: String,
    ) -> Result<(), Rejection> {
        let node = self.failed(position)?;
        self.record(Fact::IncidentRetried { position, by });
        if self.instance.cancelling.is_some() {
            self.begin_undo(position);
        } else if matches!(node.kind, Kind::ForEach(_) | Kind::Journey(_)) {
            // Instances below are known by their position: new ones need a new one.
            self.leave_by(position, Vec::new());
            return self.enter(node, None);
        } else {
            self.act(node, position);
        }
        Ok(())
    }

    /// Ends the instance here, with an outcome a person chooses.
    pub(super) fn incident_ended(
        &mut self,
        position: Position,
        by: String,
        outcome: String,
    ) -> Result<(), Rejection> {
        self.failed(position)?;
        if !is_id(&outcome) {
            return Err(Rejection::BadOutcome(outcome.chars().take(80).collect()));
        }
        self.record(Fact::IncidentEnded { position, by: by.clone() });
        self.let_go_of_all(&format!("{by} ended the instance at an incident"));
        self.end(outcome);
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
        if self.instance.cancelling.is_some() {
            self.record(Fact::IncidentSkipped { position, by, outcome });
            self.undo_succeeded(position);
            return Ok(());
        }
        let decides = matches!(node.kind, Kind::Decision(_));
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
            On::Call { .. }
            | On::Undo { .. }
            | On::Task { .. }
            | On::Timer { .. }
            | On::Event { .. }
            | On::Condition { .. }
            | On::Children { .. }
            | On::Turn
            | On::Join { .. } => Err(Rejection::WrongEvent(position)),
        }
    }
}
