//! I7: a timer fires once for one wait, and never before it is due.

use crate::report::{Findings, Invariant::I7};
use journey::{Fact, Instance, Position, Record, Timestamp, Wait, instance::On, sla::What};
use std::collections::BTreeSet;

/// The timers that have fired.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// A shadow run takes answers for granted when it likes.
    pub(crate) is_shadow: bool,
    fired: BTreeSet<(Position, Timer)>,
}

/// What fires at a task beside its promise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Own(String),
    Step(u32),
}

impl Timers {
    /// `before` is the instance as it was before the record, where that is known.
    pub(crate) fn record(
        &mut self,
        record: &Record,
        before: Option<&Instance>,
        findings: &mut Findings,
    ) {
        self.repeated(record, findings);
        let Some((position, due, what)) = before.and_then(|before| self.due(record, before)) else {
            return;
        };
        findings.looked(I7);
        let number = record.sequence;
        match due {
            Some(due) if due > record.at => findings.found_at(
                I7,
                position,
                format_args!(
                    "record {number}: {what} at {}, which was due at {}",
                    record.at.to_rfc3339(),
                    due.to_rfc3339()
                ),
            ),
            Some(_) => {}
            None => findings.found_at(
                I7,
                position,
                format_args!("record {number}: {what}, and nothing was due"),
            ),
        }
    }

    fn repeated(&mut self, record: &Record, findings: &mut Findings) {
        let (position, timer) = match &record.fact {
            Fact::TimerFired { position, timer } => (*position, Timer::Own(timer.clone())),
            Fact::TaskEscalated { position, step, .. } => (*position, Timer::Step(*step)),
            // A promise that begins anew climbs its ladder anew; a task that is offered again has its timers again.
            Fact::SlaChanged { position, change: What::Reset { .. }, .. } => {
                return self
                    .fired
                    .retain(|(at, timer)| at != position || matches!(timer, Timer::Own(_)));
            }
            Fact::IncidentRaised { position, .. } => {
                return self.fired.retain(|(at, _)| at != position);
            }
            // The steps of the ladder have other numbers in another version.
            Fact::Migrated(_) => return self.fired.clear(),
            _ => return,
        };
        findings.looked(I7);
        if !self.fired.insert((position, timer.clone())) {
            let timer = match timer {
                Timer::Own(id) => format!("the timer '{id}'"),
                Timer::Step(step) => format!("step {step} of the escalation"),
            };
            let number = record.sequence;
            findings.found_at(I7, position, format_args!("record {number}: {timer} fired again"));
        }
    }

    /// What fired with a record and when it was due, if that is known.
    fn due(
        &self,
        record: &Record,
        before: &Instance,
    ) -> Option<(Position, Option<Timestamp>, &'static str)> {
        let wait = |position: &Position| before.wait(*position);
        match &record.fact {
            Fact::Left { position, .. } => match wait(position)?.on {
                On::Timer { due } => Some((*position, Some(due), "the wait ended")),
                _ => None,
            },
            Fact::TimedOut { position } => {
                Some((*position, wait(position)?.due(), "the wait timed out"))
            }
            Fact::SlaWarned { position } => {
                Some((*position, warning(wait(position)?, record.at), "the task warned"))
            }
            Fact::SlaBreached { position, .. } => {
                Some((*position, breach(wait(position)?), "the task's promise broke"))
            }
            Fact::CallSucceeded { position, .. } | Fact::CallFailed { position, .. }
                if !self.is_shadow =>
            {
                match wait(position)?.on {
                    On::Call { due: Some(due), .. } => {
                        Some((*position, Some(due), "the call was answered"))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn breach(wait: &Wait) -> Option<Timestamp> {
    match wait.clock() {
        Some(clock) => clock.next_times().due,
        None => wait.due(),
    }
}

/// Tasks from before there were clocks do not say when they warn.
fn warning(wait: &Wait, at: Timestamp) -> Option<Timestamp> {
    match wait.clock() {
        Some(clock) => clock.next_times().warning,
        None => Some(at),
    }
}
