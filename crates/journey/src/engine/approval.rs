//! An approval: people with the right to decide say yes or no; the last yes that is needed, or the first no, decides.

use super::{Ask, Fact, On, Position, Rejection, Turn, task::Completion};
use crate::{
    expr::{Expression, Root},
    journey::Node,
    settings::Sort,
};
use serde_json::{Value, json};

const APPROVED: &str = "approved";

impl<'a> Turn<'a> {
    /// Whether the approval's limit lets this person decide.
    pub(super) fn may_decide(
        &self,
        limit: Option<&Expression>,
        done: &Completion,
    ) -> Result<(), Rejection> {
        let Some(limit) = limit else { return Ok(()) };
        let mut by = json!({ "email": done.by, "role": "", "teams": [] });
        if let (Value::Object(by), Value::Object(person)) = (&mut by, &done.person) {
            by.extend(person.clone());
        }
        let refused = match limit.holds(&self.scope().with("by", Root::Json(&by))) {
            Ok(true) => return Ok(()),
            Ok(false) => format!("{} may not decide this: {}", done.by, limit.source()),
            Err(error) => format!("whether {} may decide this is not known: {error}", done.by),
        };
        Err(Rejection::NotAllowed { message: refused })
    }

    /// A move to another version may ask for no more approvals than there are.
    pub(super) fn go_on_if_enough_approved(&mut self, position: Position) {
        let Ok((node, task, _)) = self.open_task(position) else { return };
        let Sort::Approval { quorum, .. } = task.sort else { return };
        let Some(On::Task { approved, .. }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        if let Some(by) = approved.last().filter(|_| approved.len() >= quorum).cloned() {
            let (person, outcome, form) = (Value::Null, APPROVED.to_owned(), json!({}));
            self.close_completed(position, Completion { by, person, outcome, form });
            self.leave(node, position, APPROVED);
        }
    }

    /// Who has approved leaves it to others.
    pub(super) fn must_not_have_approved(
        &self,
        position: Position,
        by: &str,
    ) -> Result<(), Rejection> {
        match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { approved, .. }) if approved.iter().any(|one| one == by) => {
                let message = format!("{by} has approved already; someone else must, too");
                Err(Rejection::NotAllowed { message })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn decided(
        &mut self,
        node: &'a Node,
        position: Position,
        quorum: usize,
        done: Completion,
    ) -> Result<(), Rejection> {
        let Some(On::Task { approved, .. }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return Err(Rejection::WrongEvent(position));
        };
        let approved = approved.len();
        self.must_not_have_approved(position, &done.by)?;
        if done.outcome == APPROVED && approved + 1 < quorum {
            let Completion { by, form, .. } = done;
            self.record(Fact::Approved { position, by, form: form.into() });
            self.ask(position, Ask::AssignTask { assignee: None });
            return Ok(());
        }
        let outcome = done.outcome.clone();
        self.close_completed(position, done);
        self.leave(node, position, &outcome);
        Ok(())
    }
}
