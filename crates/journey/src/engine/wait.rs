//! A wait: for time, for an event with a key, or until a condition holds; and the timers that end it.

use super::{Ask, Fact, On, Position, Rejection, Turn, failure, payload};
use crate::{
    Timestamp,
    effect::{Failure, Timer},
    expr::{EvalError, Expression},
    journey::{Node, text_of},
    settings::{Kind, Until, Wait},
};
use serde_json::Value;

/// How often a condition that reads the time is looked at again.
const RECHECK_MS: i64 = 3_600_000;

impl<'a> Turn<'a> {
    pub(super) fn begin_wait(&mut self, node: &'a Node, position: Position, wait: &'a Wait) {
        match &wait.until {
            Until::Elapsed(duration) => match self.later(node, duration) {
                Ok(due) => self.wait_until(position, due),
                Err(failure) => self.raise(position, failure),
            },
            Until::Moment(expression) => self.wait_for_moment(position, expression),
            Until::Event { name, mine, .. } => {
                let due = self.timeout(node, wait);
                self.wait_for_event(position, (name, mine), due);
            }
            Until::Condition(condition) => match self.has_come(condition) {
                Ok(true) => self.go_on_since_it_holds(node, position),
                Ok(false) => self.wait_for_condition(position, condition, self.timeout(node, wait)),
                Err(error) => self.raise_error(position, "the condition", &error),
            },
        }
    }

    /// Always waits, even for a time that has passed: a loop through it is never endless within one step.
    fn wait_until(&mut self, position: Position, due: Timestamp) {
        self.wait(position, On::Timer { due });
        self.ask_at(due, position, Ask::Timer { timer: Timer::Wait });
    }

    fn wait_for_moment(&mut self, position: Position, expression: &Expression) {
        match expression.evaluate(&self.scope()) {
            Ok(value) => {
                if let Some(due) = moment(&value) {
                    return self.wait_until(position, due);
                }
                let message = format!(
                    "the wait ends at a time such as 2026-01-31T09:00:00Z, up to 9999-12-30, not {value}"
                );
                self.raise(position, failure("expression.failed", message));
            }
            Err(error) => self.raise_error(position, "the end of the wait", &error),
        }
    }

    fn wait_for_event(
        &mut self,
        position: Position,
        (name, mine): (&str, &Expression),
        due: Result<Option<Timestamp>, Failure>,
    ) {
        let key = match mine.evaluate(&self.scope()) {
            Ok(value) => text_of(value),
            Err(error) => return self.raise_error(position, "the key of the wait", &error),
        };
        let Some(key) = key else {
            let message = "the key of the wait is empty, so no event could be told to be its own";
            return self.raise(position, failure("key.missing", message.to_owned()));
        };
        let due = match due {
            Ok(due) => due,
            Err(failure) => return self.raise(position, failure),
        };
        self.wait(position, On::Event { name: name.to_owned(), key: key.clone(), due });
        self.ask(position, Ask::Listen { name: name.to_owned(), key });
        self.set_timeout(position, due);
    }

    fn wait_for_condition(
        &mut self,
        position: Position,
        condition: &Expression,
        due: Result<Option<Timestamp>, Failure>,
    ) {
        let due = match due {
            Ok(due) => due,
            Err(failure) => return self.raise(position, failure),
        };
        self.wait(position, On::Condition { due });
        self.set_timeout(position, due);
        if reads_now(condition) {
            self.look_again(position);
        }
    }

    fn timeout(&self, node: &Node, wait: &Wait) -> Result<Option<Timestamp>, Failure> {
        wait.timeout.as_ref().map(|timeout| self.later(node, timeout)).transpose()
    }

    fn set_timeout(&mut self, position: Position, due: Option<Timestamp>) {
        if let Some(due) = due {
            self.ask_at(due, position, Ask::Timer { timer: Timer::Timeout });
        }
    }

    fn look_again(&mut self, position: Position) {
        let due = self.now.plus(RECHECK_MS);
        self.ask_at(due, position, Ask::Timer { timer: Timer::Recheck });
    }

    /// What is not there yet does not hold yet.
    fn has_come(&self, condition: &Expression) -> Result<bool, EvalError> {
        match condition.holds(&self.scope()) {
            Err(EvalError::Missing(_)) => Ok(false),
            held => held,
        }
    }

    fn go_on_since_it_holds(&mut self, node: &'a Node, position: Position) {
        self.record(Fact::ConditionHeld { position });
        self.leave(node, position, "out");
    }

    /// Lets go of one wait whose condition holds now; whether there was one.
    pub(super) fn settle_conditions(&mut self) -> bool {
        if self.instance.cancelling.is_some() {
            return false;
        }
        let waits = self.instance.waits.iter();
        let waits = waits.filter(|wait| matches!(wait.on, On::Condition { .. }));
        let waits = waits.filter_map(|wait| Some((self.journey.find(&wait.node)?, wait.position)));
        let held = waits.into_iter().find(|(node, _)| match &node.kind {
            Kind::Wait(wait) => match &wait.until {
                Until::Condition(condition) => self.has_come(condition) == Ok(true),
                Until::Elapsed(_) | Until::Moment(_) | Until::Event { .. } => false,
            },
            _ => false,
        });
        let Some((node, position)) = held else { return false };
        self.go_on_since_it_holds(node, position);
        true
    }

    /// An event with the key this position waits for.
    pub(super) fn received(
        &mut self,
        position: Position,
        received: Value,
    ) -> Result<(), Rejection> {
        let (node, wait) = self.waiting(position)?;
        if !matches!(wait.on, On::Event { .. }) {
            return Err(Rejection::WrongEvent(position));
        }
        payload::is_bounded(&received).map_err(|why| Rejection::InvalidInput {
            pointer: String::new(),
            message: why.to_owned(),
        })?;
        self.record(Fact::Received { position, received: received.into() });
        self.leave(node, position, "out");
        Ok(())
    }

    pub(super) fn timer_fired(
        &mut self,
        position: Position,
        timer: Timer,
    ) -> Result<(), Rejection> {
        let (node, wait) = self.waiting(position)?;
        match (&wait.on, timer) {
            (On::Timer { .. }, Timer::Wait) => {
                self.leave(node, position, "out");
                Ok(())
            }
            // A wait that lost its time-out to a migration has no due time; what comes of the old one is late.
            (On::Event { due: Some(_), .. } | On::Condition { due: Some(_) }, Timer::Timeout) => {
                self.timed_out(node, position);
                Ok(())
            }
            // Whether it holds now is looked at when the step settles.
            (On::Condition { .. }, Timer::Recheck) => {
                self.look_again(position);
                Ok(())
            }
            (On::Task { .. }, timer) => self.task_timer_fired(position, timer),
            _ => Err(Rejection::WrongEvent(position)),
        }
    }

    fn timed_out(&mut self, node: &'a Node, position: Position) {
        const PORT: &str = "timeout";
        if Self::has_way(node, PORT) {
            self.record(Fact::TimedOut { position });
            self.leave(node, position, PORT);
        } else {
            let message =
                "what the wait waits for did not come in time, and no way leads on from that";
            self.raise(position, failure("wait.timeout", message.to_owned()));
        }
    }
}

/// Whether a condition may come to hold by time alone.
pub(crate) fn reads_now(condition: &Expression) -> bool {
    condition.reads().iter().any(|read| read.path.first().is_some_and(|root| root == "now"))
}

/// RFC 3339, or a date, which begins at midnight UTC.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    Timestamp::from_rfc3339(text).or_else(|| Timestamp::from_rfc3339(&format!("{text}T00:00:00Z")))
}
