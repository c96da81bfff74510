//! What follows for a clock at a moment: decisions, which change nothing.

use super::{Clock, Fact, Kind, Measure, Phase, Reason, Refusal, Terms, Times, What};
use crate::{
    Timestamp,
    calendar::{Business, Calendar, Duration, NoMoment},
    limits,
};

/// A promise as a journey states it.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'a> {
    pub kind: Kind,
    pub due: &'a Duration,
    /// The part of the promised time after which to warn, from 0 to 1.
    pub warn_at: f64,
}

impl Promise<'_> {
    /// Starts a clock for it.
    ///
    /// # Errors
    ///
    /// It is never due: see [`NoMoment`].
    pub fn start(&self, now: Timestamp, calendar: &Calendar) -> Result<Fact, NoMoment> {
        let (kind, measure) = (self.kind, self.measure());
        let times = self.times(now, calendar)?;
        let calendar = calendar.name().to_owned();
        Ok(Fact { at: now, what: What::Started { kind, measure, calendar, times } })
    }

    fn measure(&self) -> Measure {
        match self.due {
            Duration::Elapsed(_) => Measure::Elapsed,
            Duration::Business(_) => Measure::Working,
        }
    }

    /// The warning comes after its part of the time that is measured, not of the time on the clock.
    fn times(&self, now: Timestamp, calendar: &Calendar) -> Result<Times, NoMoment> {
        let due = self.due.after(now, calendar)?;
        let promised = passed(self.measure(), now, due, calendar);
        let part = if self.warn_at.is_finite() { self.warn_at.clamp(0.0, 1.0) } else { 1.0 };
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a part of at most a hundred years, to the millisecond"
        )]
        let until_warning = (promised as f64 * part).round() as i64;
        let warning = match until_warning {
            // Nothing of it lies in working time, or everything has passed: there is nothing to warn of before.
            all if all >= promised => due,
            part => later(self.measure(), now, part, calendar)?,
        };
        Ok(Times { warning: warning.min(due), due })
    }
}

/// The times still to come, for timers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextTimes {
    pub warning: Option<Timestamp>,
    pub due: Option<Timestamp>,
}

impl Clock {
    /// When it warns and breaches next; nothing while it does not run. A time that has passed unnoticed is included.
    pub fn next_times(&self) -> NextTimes {
        match self.phase {
            Phase::Running => NextTimes {
                warning: if self.warned.is_none() { Some(self.times.warning) } else { None },
                due: if self.breach.is_none() { Some(self.times.due) } else { None },
            },
            Phase::Paused { .. } | Phase::Stopped { .. } | Phase::Cancelled { .. } => {
                NextTimes::default()
            }
        }
    }

    /// What is left of the promised time, in milliseconds as the promise measures it; 0 when it is late or over.
    pub fn remaining_ms(&self, now: Timestamp, calendar: &Calendar) -> i64 {
        match self.phase {
            Phase::Running => passed(self.measure, now, self.times.due, calendar),
            Phase::Paused { remaining_ms, .. } => remaining_ms,
            Phase::Stopped { .. } | Phase::Cancelled { .. } => 0,
        }
    }

    /// What has happened by now that no fact tells yet: a warning, a breach. A timer that fires for a time the clock no
    /// longer has finds nothing.
    pub fn observe(&self, now: Timestamp) -> Vec<Fact> {
        let at = now.max(self.last_change());
        let next = self.next_times();
        let mut facts = Vec::new();
        if let Some(warning) = next.warning.filter(|warning| *warning <= at) {
            facts.push(Fact { at, what: What::Warned { warning } });
        }
        if let Some(due) = next.due.filter(|due| *due <= at) {
            facts.push(Fact { at, what: What::Breached { due } });
        }
        facts
    }

    /// Stops the time until [`Self::resume`].
    ///
    /// # Errors
    ///
    /// The clock is over or already paused, or has been paused too often; the reason is too long.
    pub fn pause(
        &self,
        reason: Reason,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Result<Vec<Fact>, Refusal> {
        self.must_not_be_over()?;
        if matches!(self.phase, Phase::Paused { .. }) {
            return Err(Refusal::AlreadyPaused);
        }
        if self.turns.len() >= limits::SLA_TURNS {
            return Err(Refusal::TooManyPauses);
        }
        if matches!(&reason, Reason::Other(text) if text.len() > limits::SLA_REASON_BYTES) {
            return Err(Refusal::LongReason);
        }
        let remaining_ms = self.remaining_ms(now.max(self.last_change()), calendar);
        Ok(self.followed_by(now, What::Paused { reason, remaining_ms }))
    }

    /// Goes on with what was left: it is due as much working time later as passed while it was paused.
    ///
    /// When no working time was left ("by 18:00" of an office that closes at 17:00), what was left on the clock counts. A
    /// promise that had been broken stays broken.
    ///
    /// # Errors
    ///
    /// The clock is not paused; the due time is out of reach.
    pub fn resume(&self, now: Timestamp, calendar: &Calendar) -> Result<Vec<Fact>, Refusal> {
        self.must_not_be_over()?;
        let Phase::Paused { since, .. } = self.phase else { return Err(Refusal::NotPaused) };
        let at = now.max(since);
        let carry = |moment: Timestamp| {
            let left = passed(self.measure, since, moment, calendar);
            if moment <= since {
                Ok(moment)
            } else if left == 0 {
                Ok(at.plus(moment.0.saturating_sub(since.0)))
            } else if passed(self.measure, since, at, calendar) == 0 {
                Ok(moment)
            } else {
                later(self.measure, at, left, calendar)
            }
        };
        let due = carry(self.times.due)?;
        let times = Times { warning: carry(self.times.warning)?.min(due), due };
        Ok(self.followed_by(now, What::Resumed { times }))
    }

    /// Begins anew with a promise, running.
    ///
    /// # Errors
    ///
    /// The clock is over or was reset too often; the promise is never due.
    pub fn reset(
        &self,
        promise: &Promise<'_>,
        now: Timestamp,
        calendar: &Calendar,
    ) -> Result<Vec<Fact>, Refusal> {
        self.must_not_be_over()?;
        if self.turns.len() >= limits::SLA_TURNS {
            return Err(Refusal::TooManyPauses);
        }
        let at = now.max(self.last_change());
        let times = promise.times(at, calendar)?;
        let (measure, calendar) = (promise.measure(), calendar.name().to_owned());
        Ok(self.followed_by(now, What::Reset { measure, calendar, times }))
    }

    /// Stops for good: the promise is kept, unless it was broken by now.
    ///
    /// # Errors
    ///
    /// The clock is over.
    pub fn stop(&self, now: Timestamp) -> Result<Vec<Fact>, Refusal> {
        self.must_not_be_over()?;
        Ok(self.followed_by(now, What::Stopped))
    }

    /// Ends the promise: it is neither kept nor broken any more.
    ///
    /// # Errors
    ///
    /// The clock is over; the reason is too long.
    pub fn cancel(&self, reason: &str, now: Timestamp) -> Result<Vec<Fact>, Refusal> {
        self.must_not_be_over()?;
        if reason.len() > limits::SLA_REASON_BYTES {
            return Err(Refusal::LongReason);
        }
        Ok(self.followed_by(now, What::Cancelled { reason: reason.to_owned() }))
    }

    /// What it would run by now, had it begun with another promise: what has passed while it ran is spent, what passed while
    /// it was paused is not.
    ///
    /// # Errors
    ///
    /// The promise is never due: see [`NoMoment`].
    pub(crate) fn under(
        &self,
        promise: &Promise<'_>,
        calendar: &Calendar,
    ) -> Result<Terms, NoMoment> {
        let (kind, measure) = (promise.kind, promise.measure());
        let promised = promise.times(self.started, calendar)?;
        let mut terms = Terms {
            kind,
            measure,
            calendar: calendar.name().to_owned(),
            times: promised,
            remaining_ms: None,
        };
        let begun = self.turns.iter().filter(|turn| turn.from >= self.started);
        let (paused, run): (Vec<_>, Vec<_>) = begun.partition(|turn| turn.paused.is_some());
        if paused.is_empty() {
            return Ok(terms);
        }
        let spent = run.iter().filter_map(|turn| Some((turn.from, turn.to?)));
        let spent: i64 = spent.map(|(from, to)| passed(measure, from, to, calendar)).sum();
        let left = |moment| (passed(measure, self.started, moment, calendar) - spent).max(0);
        let since = self.last_change();
        let carry = |moment| match left(moment) {
            0 => Ok(since),
            left => later(measure, since, left, calendar),
        };
        let due = carry(promised.due)?;
        terms.times = Times { warning: carry(promised.warning)?.min(due), due };
        if matches!(self.phase, Phase::Paused { .. }) {
            terms.remaining_ms = Some(left(promised.due));
        }
        Ok(terms)
    }

    fn must_not_be_over(&self) -> Result<(), Refusal> {
        if self.is_over() { Err(Refusal::Over) } else { Ok(()) }
    }

    /// What was missed, then what is decided. A moment before the last change counts as that change's.
    fn followed_by(&self, now: Timestamp, what: What) -> Vec<Fact> {
        let mut facts = self.observe(now);
        facts.push(Fact { at: now.max(self.last_change()), what });
        facts
    }
}

/// What passes between two moments as a promise measures it, in milliseconds; 0 when the second is not later.
pub(super) fn passed(measure: Measure, from: Timestamp, to: Timestamp, calendar: &Calendar) -> i64 {
    match measure {
        Measure::Elapsed => to.0.saturating_sub(from.0).max(0),
        Measure::Working => calendar.working_time_between(from, to),
    }
}

/// The moment at which so much has passed, counted from a moment.
fn later(
    measure: Measure,
    from: Timestamp,
    milliseconds: i64,
    calendar: &Calendar,
) -> Result<Timestamp, NoMoment> {
    match measure {
        Measure::Elapsed => Ok(from.plus(milliseconds)),
        Measure::Working => {
            let working = Business { milliseconds, ..Business::default() };
            Duration::Business(working).after(from, calendar)
        }
    }
}
