//! A wait for time, and the timers that end it.

use super::{Ask, On, Position, Rejection, Turn, failure};
use crate::{Timestamp, effect::Timer, settings::Until};
use serde_json::Value;

impl Turn<'_> {
    /// Always waits, even for a time that has passed: a loop through it is never endless within one step.
    pub(super) fn begin_wait(&mut self, position: Position, until: &Until) {
        let due = match until {
            Until::Elapsed(duration) => duration.after(self.now),
            Until::Moment(expression) => match expression.evaluate(&self.scope()) {
                Ok(value) => {
                    if let Some(due) = moment(&value) {
                        due
                    } else {
                        let message = format!(
                            "the wait ends at a time such as 2026-01-31T09:00:00Z, not {value}"
                        );
                        return self.raise(position, failure("expression.failed", message));
                    }
                }
                Err(error) => return self.raise_error(position, "the end of the wait", &error),
            },
        };
        self.wait(position, On::Timer { due });
        self.ask_at(due, position, Ask::Timer { timer: Timer::Wait });
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
            (On::Task { .. }, timer) => self.task_timer_fired(position, timer),
            _ => Err(Rejection::WrongEvent(position)),
        }
    }
}

/// RFC 3339, or a date, which begins at midnight UTC.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    Timestamp::from_rfc3339(text).or_else(|| Timestamp::from_rfc3339(&format!("{text}T00:00:00Z")))
}
