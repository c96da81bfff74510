//! An action: one connector call whose answer is an event; it is tried again while that may help.

use super::{Ask, Fact, On, Position, Rejection, Turn, failure, payload};
use crate::{
    effect::{Call, Failure},
    journey::Node,
    settings::{Action, Kind, Retry},
};
use serde_json::{Map, Value};

impl<'a> Turn<'a> {
    pub(super) fn call(&mut self, position: Position, action: &Action) {
        let input = match self.call_input(action) {
            Ok(input) => input,
            Err((name, error)) => {
                return self.raise_error(position, &format!("the input '{name}'"), &error);
            }
        };
        if let Err(why) = payload::is_bounded(&input) {
            return self
                .raise(position, failure("limit.input", format!("the input of the call: {why}")));
        }
        self.wait(position, On::Call { attempt: 1, input: input.clone() });
        self.ask(position, ask(action, input, 1));
    }

    fn call_input(&self, action: &Action) -> Result<Value, (String, crate::expr::EvalError)> {
        let scope = self.scope();
        let mut input = Map::new();
        for (name, expression) in &action.input {
            let value = expression.evaluate(&scope).map_err(|error| (name.clone(), error))?;
            input.insert(name.clone(), value);
        }
        Ok(Value::Object(input))
    }

    pub(super) fn call_succeeded(
        &mut self,
        position: Position,
        output: Value,
    ) -> Result<(), Rejection> {
        let (node, action, _) = self.calling(position)?;
        if let Err(why) = payload::is_bounded(&output) {
            return self
                .call_failed(position, failure("limit.output", format!("the answer: {why}")));
        }
        let variable = action.output.clone().map(|name| (name, output.clone()));
        self.record(Fact::CallSucceeded { position, output: output.into() });
        if let Some((name, value)) = variable {
            self.record(Fact::VariableSet { name, value });
        }
        self.leave(node, position, "out");
        Ok(())
    }

    pub(super) fn call_failed(
        &mut self,
        position: Position,
        failure: Failure,
    ) -> Result<(), Rejection> {
        let (node, action, attempt) = self.calling(position)?;
        self.record(Fact::CallFailed { position, failure: failure.clone(), attempt });
        if failure.kind.is_retryable() && attempt < action.retry.attempts {
            self.call_again(position, action, &failure);
        } else if node.ways.iter().any(|way| way.port == "error") {
            self.leave(node, position, "error");
        } else {
            self.raise(position, failure);
        }
        Ok(())
    }

    /// The connector may have acted before it failed, so the same input goes out under the same idempotency key.
    fn call_again(&mut self, position: Position, action: &Action, failure: &Failure) {
        let Some(On::Call { attempt, input }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let (next, input) = (attempt + 1, input.clone());
        let due = self.now.plus(pause(&action.retry, *attempt, failure));
        self.record(Fact::CallRetried { position, attempt: next, due });
        self.ask_at(due, position, ask(action, input, next));
    }

    fn calling(&self, position: Position) -> Result<(&'a Node, &'a Action, u32), Rejection> {
        let (node, wait) = self.waiting(position)?;
        match (&node.kind, &wait.on) {
            (Kind::Action(action), On::Call { attempt, .. }) => Ok((node, action, *attempt)),
            _ => Err(Rejection::WrongEvent(position)),
        }
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

/// Doubles with every attempt up to the most, and is never shorter than the other side asked for.
fn pause(retry: &Retry, attempt: u32, failure: &Failure) -> i64 {
    let doubled = retry.backoff_ms.saturating_mul(1_i64 << attempt.saturating_sub(1).min(40));
    let asked = failure.retry_after_ms.map_or(0, |asked| i64::try_from(asked).unwrap_or(i64::MAX));
    doubled.min(retry.max_ms).max(asked)
}
