//! An action: one connector call whose answer is an event; it is tried again while that may help.

use super::{Ask, Fact, On, Position, Rejection, Turn, failure, payload};
use crate::{
    Document, Timestamp,
    effect::{Call, Failure},
    expr::{EvalError, Expression},
    journey::Node,
    settings::{Action, Kind, Retry, Undo},
};
use serde_json::{Map, Value};

impl<'a> Turn<'a> {
    pub(super) fn call(&mut self, position: Position, action: &Action) {
        let input = match self.mapping(&action.input) {
            Ok(input) => input,
            Err((name, error)) => {
                return self.raise_error(position, &format!("the input '{name}'"), &error);
            }
        };
        if let Err(why) = payload::is_bounded(&input) {
            return self
                .raise(position, failure("limit.input", format!("the input of the call: {why}")));
        }
        self.wait(position, On::Call { attempt: 1, input: input.clone(), due: None });
        self.ask(position, ask(action, input, 1));
    }

    /// The object a mapping makes; otherwise the member that has no value, and why.
    pub(super) fn mapping(
        &self,
        mapping: &[(String, Expression)],
    ) -> Result<Value, (String, EvalError)> {
        let scope = self.scope();
        let mut object = Map::new();
        for (name, expression) in mapping {
            let value = expression.evaluate(&scope).map_err(|error| (name.clone(), error))?;
            object.insert(name.clone(), value);
        }
        Ok(Value::Object(object))
    }

    pub(super) fn call_succeeded(
        &mut self,
        position: Position,
        output: Value,
    ) -> Result<(), Rejection> {
        let node = self.calling(position)?;
        if let Err(why) = payload::is_bounded(&output) {
            return self
                .call_failed(position, failure("limit.output", format!("the answer: {why}")));
        }
        match (&node.kind, self.instance.cancelling.is_some()) {
            (_, true) => self.undo_succeeded(position),
            (Kind::Action(action), false) => self.acted(node, position, action, output),
            _ => {
                self.record(Fact::CallSucceeded { position, output: output.into() });
                self.leave(node, position, "out");
            }
        }
        Ok(())
    }

    fn acted(&mut self, node: &'a Node, position: Position, action: &'a Action, output: Value) {
        let document = Document::from(output);
        self.record(Fact::CallSucceeded { position, output: document.clone() });
        if let Some(name) = &action.output
            && !self.set_variable(position, name, (*document).clone())
        {
            return;
        }
        if let Some(judge) = &action.judge {
            return self.judge(node, position, judge, &document);
        }
        if let Some(undo) = &action.undo {
            match self.mapping(&undo.input) {
                Ok(input) => {
                    let undo = undoing(action, undo, input);
                    self.record(Fact::UndoKept { position, undo });
                }
                Err((name, error)) => {
                    let what = format!("the undo's input '{name}'");
                    return self.raise_error(position, &what, &error);
                }
            }
        }
        self.leave(node, position, "out");
    }

    pub(super) fn call_failed(
        &mut self,
        position: Position,
        failure: Failure,
    ) -> Result<(), Rejection> {
        let node = self.calling(position)?;
        match (&node.kind, self.instance.cancelling.is_some()) {
            (_, true) => self.undo_failed(position, failure),
            (Kind::Notify(notify), false) => self.message_failed(node, position, notify, failure),
            (Kind::Action(action), false) => self.action_failed(node, position, action, failure),
            _ => return Err(Rejection::WrongEvent(position)),
        }
        Ok(())
    }

    fn action_failed(
        &mut self,
        node: &'a Node,
        position: Position,
        action: &'a Action,
        failure: Failure,
    ) {
        let Some(On::Call { attempt, .. }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let attempt = *attempt;
        self.record(Fact::CallFailed { position, failure: failure.clone(), attempt });
        if failure.kind.is_retryable() && attempt < action.retry.attempts {
            self.call_again(position, action, &failure);
        } else if action.judge.is_some() {
            self.judge_without_answer(node, position, failure.message);
        } else if Self::has_way(node, "error") {
            self.leave(node, position, "error");
        } else {
            self.raise(position, failure);
        }
    }

    /// The connector may have acted before it failed, so the same input goes out under the same idempotency key.
    fn call_again(&mut self, position: Position, action: &Action, failure: &Failure) {
        let Some(On::Call { attempt, input, .. }) =
            self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let (next, input) = (attempt + 1, input.clone());
        let due = self.now.plus(action.retry.pause(*attempt, failure));
        self.record(Fact::CallRetried { position, attempt: next, due });
        self.ask_at(due, position, ask(action, input, next));
    }

    /// When a call that undoes is made again; `None` when it is not.
    pub(super) fn undo_retry(
        &self,
        position: Position,
        attempt: u32,
        failure: &Failure,
    ) -> Option<Timestamp> {
        let (node, _) = self.waiting(position).ok()?;
        let Kind::Action(action) = &node.kind else { return None };
        let again = failure.kind.is_retryable() && attempt < action.retry.attempts;
        again.then(|| self.now.plus(action.retry.pause(attempt, failure)))
    }

    fn calling(&self, position: Position) -> Result<&'a Node, Rejection> {
        let (node, wait) = self.waiting(position)?;
        match wait.on {
            On::Call { .. } | On::Undo { .. } => Ok(node),
            _ => Err(Rejection::WrongEvent(position)),
        }
    }
}

fn undoing(action: &Action, undo: &Undo, input: Value) -> Call {
    Call {
        connection: action.connection.clone(),
        operation: undo.operation.clone(),
        input,
        timeout_ms: action.timeout_ms,
        attempt: 1,
    }
}

fn ask(action: &Action, input: Value, attempt: u32) -> Ask {
    Ask::Call(Call {
        connection: action.connection.clone(),
        operation: action.operation.clone(),
        input,
        timeout_ms: action.timeout_ms,
        attempt,
    })
}

impl Retry {
    /// How long to leave the other side alone, in milliseconds: doubles with every attempt up to the most, and is never shorter than it asked for.
    pub(super) fn pause(&self, attempt: u32, failure: &Failure) -> i64 {
        let doubled = self.backoff_ms.saturating_mul(1_i64 << attempt.saturating_sub(1).min(40));
        let asked =
            failure.retry_after_ms.map_or(0, |asked| i64::try_from(asked).unwrap_or(i64::MAX));
        doubled.min(self.max_ms).max(asked)
    }
}
