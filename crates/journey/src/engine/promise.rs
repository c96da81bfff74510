//! The promise of a task: its clock warns and breaches by itself, and people pause, resume, reset, stop and cancel it.

use super::{Ask, Fact, On, Position, Rejection, Turn, failure};
use crate::{
    Timestamp,
    calendar::{self, Calendar, Duration, NoMoment},
    effect::{Failure, SlaState, Timer},
    event::SlaChange,
    instance,
    journey::Node,
    settings::{At, Task},
    sla::{Clock, Promise, Refusal, What},
};

/// Part of the promised time after which to warn, when the task does not say.
pub(super) const WARN_AT: f64 = 0.8;

/// What a task promises.
pub(super) fn promise(task: &Task) -> Promise<'_> {
    Promise {
        kind: task.sla.kind,
        due: &task.sla.due,
        warn_at: task.sla.warn_at.unwrap_or(WARN_AT),
    }
}

/// The timers of a clock that runs.
pub(super) fn clock_timers(clock: &Clock) -> Vec<(Timestamp, Timer)> {
    let next = clock.next_times();
    let warning = next.warning.map(|at| (at, Timer::Warning));
    warning.into_iter().chain(next.due.map(|at| (at, Timer::Due))).collect()
}

pub(super) fn no_moment(error: &NoMoment) -> Failure {
    failure("time.unreachable", error.to_string())
}

impl<'a> Turn<'a> {
    pub(super) fn clock(&self, position: Position) -> Option<&Clock> {
        self.instance.wait(position)?.clock()
    }

    /// The time to warn has come: a clock that does not run has none, and what fires for it says nothing.
    pub(super) fn warn(&mut self, node: &'a Node, position: Position) {
        if self.clock(position).is_some_and(|clock| clock.next_times().warning.is_none()) {
            return;
        }
        let breached = self.has_fired(position, &Timer::Due);
        self.record(Fact::SlaWarned { position });
        if !breached {
            self.ask(position, Ask::MarkTask { sla: SlaState::Warning, due: None });
        }
        self.escalate_all(node, position, &At::Warning);
    }

    /// The due date has passed: the promise is broken then, whenever that is noticed. Where the wall clock was set back behind it
    /// since its timer fired, it is yet to pass, and is waited for again.
    pub(super) fn breach(&mut self, node: &'a Node, position: Position) {
        let due = match (self.clock(position), self.instance.wait(position).map(|wait| &wait.on)) {
            (Some(clock), _) => clock.next_times().due,
            (None, Some(On::Task { due, .. })) => Some(*due),
            (None, _) => None,
        };
        let Some(due) = due else { return };
        if due > self.now {
            return self.ask_at(due, position, Ask::Timer { timer: Timer::Due });
        }
        self.record(Fact::SlaBreached { position, due });
        self.ask(position, Ask::MarkTask { sla: SlaState::Breached, due: None });
        self.escalate_all(node, position, &At::Breach);
    }

    pub(super) fn sla_changed(
        &mut self,
        position: Position,
        by: &str,
        change: SlaChange,
    ) -> Result<(), Rejection> {
        let (node, task, _) = self.open_task(position)?;
        if self.instance.wait(position).is_some_and(instance::Wait::is_unsent) {
            let message = "its clock starts when it is handed over".to_owned();
            return Err(Rejection::SlaRefused { message });
        }
        let clock = self.clock(position).cloned().ok_or(Rejection::WrongEvent(position))?;
        let refused = |refusal: Refusal| Rejection::SlaRefused { message: refusal.to_string() };
        let calendar = || {
            let named = self.calendar_named(clock.calendar());
            named.map_err(|error| refused(error.into()))
        };
        let facts = match change {
            SlaChange::Pause { reason } => clock.pause(reason, self.now, calendar()?),
            SlaChange::Resume => clock.resume(self.now, calendar()?),
            SlaChange::Stop => clock.stop(self.now),
            SlaChange::Cancel { reason } => clock.cancel(&reason, self.now),
            SlaChange::Reset => {
                let calendar = self
                    .calendar_of(node, &task.sla.due)
                    .map_err(|failure| Rejection::SlaRefused { message: failure.message })?;
                clock.reset(&promise(task), self.now, calendar)
            }
        };
        for fact in facts.map_err(refused)? {
            match fact.what {
                What::Warned { .. } => self.warn(node, position),
                What::Breached { .. } => self.breach(node, position),
                change => self.record(Fact::SlaChanged { position, by: by.to_owned(), change }),
            }
        }
        self.set_clock_anew(position);
        Ok(())
    }

    /// People see how the promise stands now, and its timers are set for what is left.
    fn set_clock_anew(&mut self, position: Position) {
        let Some(clock) = self.clock(position) else { return };
        let (sla, due, timers) = (clock.standing(), clock.due(), clock_timers(clock));
        self.ask(position, Ask::MarkTask { sla, due: Some(due) });
        for (due, timer) in timers {
            self.ask_at(due, position, Ask::Timer { timer });
        }
    }

    /// The calendar a duration of a node is measured over: the one it names, else the journey's, else the standard one.
    pub(super) fn calendar_of(
        &self,
        node: &Node,
        duration: &Duration,
    ) -> Result<&'a Calendar, Failure> {
        let journey = self.journey.calendar.as_deref();
        let own = match duration.calendar().or(journey) {
            Some(calendar::ACCOUNT) => Some(self.account_calendar()),
            Some(calendar::TEAM) => {
                Some(node.team.as_deref().and_then(|team| self.calendars.of_team(team)))
            }
            _ => None,
        };
        let named = match own {
            None => duration.calendar().or(journey),
            // Who keeps none keeps the journey's time, or else the standard one.
            Some(own) => own.or(journey.filter(|name| !calendar::is_relative(name))),
        };
        let calendar = self.calendars.get(named);
        calendar.map(AsRef::as_ref).map_err(|error| no_moment(&error))
    }

    fn calendar_named(&self, name: &str) -> Result<&'a Calendar, NoMoment> {
        self.calendars.get(Some(name)).map(AsRef::as_ref)
    }
}
