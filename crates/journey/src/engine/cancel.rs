//! Withdrawing branches, and cancelling: what was done is undone in reverse, then the instance is over.

use super::{Ask, Fact, On, Position, Rejection, Turn};
use crate::effect::{Close, Ending, Failure};

impl Turn<'_> {
    pub(super) fn cancelled(&mut self, reason: String, by: String) -> Result<(), Rejection> {
        if self.instance.sequence == 0 {
            return Err(Rejection::NotWaiting(Position(0)));
        }
        if self.instance.cancelling.is_some() {
            return Err(Rejection::Cancelling);
        }
        self.let_go_of_all(&reason);
        if self.instance.undo.is_empty() {
            self.over(reason, by);
        } else {
            self.record(Fact::CancelBegan { reason, by });
            self.undo_last();
        }
        Ok(())
    }

    fn over(&mut self, reason: String, by: String) {
        self.record(Fact::Cancelled { reason: reason.clone(), by });
        if let Some(parent) = self.instance.parent.clone() {
            self.ask(Position(0), Ask::Report { parent, ending: Ending::Cancelled { reason } });
        }
    }

    /// Calls what takes back the last thing that was done; the instance is over when nothing is left.
    fn undo_last(&mut self) {
        let Some(undo) = self.instance.undo.last().cloned() else { return self.undone() };
        let position = self.instance.next;
        self.record(Fact::Entered { position, node: undo.node, edge: None });
        self.begin_undo(position);
    }

    pub(super) fn begin_undo(&mut self, position: Position) {
        let Some(undo) = self.instance.undo.last().cloned() else { return self.undone() };
        self.wait(position, On::Undo { call: undo.call.clone() });
        self.ask(position, Ask::Call(undo.call));
    }

    fn undone(&mut self) {
        if let Some(cancelling) = self.instance.cancelling.clone() {
            self.over(cancelling.reason, cancelling.by);
        }
    }

    pub(super) fn undo_succeeded(&mut self, position: Position) {
        self.record(Fact::Undone { position });
        self.undo_last();
    }

    /// Tries again while that may help; after that a person decides.
    pub(super) fn undo_failed(&mut self, position: Position, failure: Failure) {
        let Some(On::Undo { call }) = self.instance.wait(position).map(|wait| wait.on.clone())
        else {
            return;
        };
        let attempt = call.attempt;
        self.record(Fact::CallFailed { position, failure: failure.clone(), attempt });
        match self.undo_retry(position, attempt, &failure) {
            Some(due) => {
                let attempt = attempt + 1;
                self.record(Fact::CallRetried { position, attempt, due });
                let call = crate::effect::Call { attempt, ..call };
                self.ask_at(due, position, Ask::Call(call));
            }
            None => self.raise(position, failure),
        }
    }

    /// Takes everything back that was asked of the world and not answered; the waits go with the record that follows.
    pub(super) fn let_go_of_all(&mut self, reason: &str) {
        let waits: Vec<_> = self.instance.waits.iter().map(|wait| wait.position).collect();
        for position in waits {
            self.let_go(position, reason);
        }
        self.open.clear();
    }

    /// Withdraws every branch there is.
    pub(super) fn withdraw_all(&mut self, why: &str) {
        let waits: Vec<_> = self.instance.waits.iter().map(|wait| wait.position).collect();
        for position in waits {
            self.withdraw(position, why);
        }
        self.open.clear();
    }

    /// Withdraws one branch that waits.
    pub(super) fn withdraw(&mut self, position: Position, why: &str) {
        self.let_go(position, why);
        self.record(Fact::Withdrawn { position, why: why.to_owned() });
    }

    /// Nobody is to work for it any more.
    pub(super) fn let_go(&mut self, position: Position, reason: &str) {
        let reason = reason.to_owned();
        match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { .. }) => {
                self.ask(position, Ask::CloseTask { close: Close::Cancelled { reason } });
            }
            Some(On::Children { .. }) => self.ask(position, Ask::StopChildren { reason }),
            Some(
                On::Call { .. }
                | On::Undo { .. }
                | On::Timer { .. }
                | On::Event { .. }
                | On::Condition { .. }
                | On::Turn
                | On::Join { .. }
                | On::Incident { .. },
            )
            | None => {}
        }
    }
}
