//! The clock of a promise: it runs, pauses, warns and breaches; and tells afterwards whose turn it was.
//!
//! One clock serves the customer's SLA, a team's OLA and a vendor's contract. Deciding and changing are apart: the
//! methods in `sla/decide.rs` look at a clock, a moment and a calendar and give [`Fact`]s; only [`Clock::apply`] changes
//! a clock. Facts are what is recorded, so a clock can be rebuilt from them without a calendar.
//!
//! A clock that nobody looked at in time loses nothing: a promise is broken at the due time, itself included, whenever
//! that is noticed, and both moments are kept. Whatever is decided about a clock first says what it has missed.

use crate::{Timestamp, calendar::NoMoment, effect::SlaState, limits};
use serde::{Deserialize, Serialize};

mod decide;
mod past;
mod turns;

pub use decide::{NextTimes, Promise};
pub use past::clock_of;
pub use turns::{Shares, Spent, whose_turn};

#[cfg(test)]
mod tests;

/// Whose promise to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Ours to the customer.
    Sla,
    /// A team's to another team.
    Ola,
    /// A vendor's to us.
    Vendor,
}

/// Whose turn it is while time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    Customer,
    Team,
    Vendor,
}

/// Why a clock does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    WaitingOnCustomer,
    WaitingOnVendor,
    /// In a person's words. The turn stays with the one who promised.
    Other(String),
}

/// What passes while a clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Every millisecond.
    Elapsed,
    /// The hours of a calendar.
    Working,
}

/// When a clock warns and when it breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Not after the due time.
    pub warning: Timestamp,
    pub due: Timestamp,
}

/// What a clock runs by: what its promise has given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub kind: Kind,
    pub measure: Measure,
    /// The calendar's name.
    pub calendar: String,
    pub times: Times,
    /// What is left while it is paused, as the promise measures it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_ms: Option<i64>,
}

/// What happened to a clock, at a moment; the only thing that changes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: What,
}

/// The ways in which a clock changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sla", rename_all = "snake_case")]
pub enum What {
    Started {
        kind: Kind,
        measure: Measure,
        /// The calendar's name.
        calendar: String,
        times: Times,
    },
    /// `remaining_ms` is measured as the promise is.
    Paused {
        reason: Reason,
        remaining_ms: i64,
    },
    Resumed {
        times: Times,
    },
    /// It begins anew.
    Reset {
        measure: Measure,
        calendar: String,
        times: Times,
    },
    Stopped,
    Cancelled {
        reason: String,
    },
    /// The time to warn was reached at `warning`, and noticed at the fact's own moment.
    Warned {
        warning: Timestamp,
    },
    /// The promise was broken at `due`, and noticed at the fact's own moment.
    Breached {
        due: Timestamp,
    },
}

/// The clock of one promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    kind: Kind,
    measure: Measure,
    calendar: String,
    started: Timestamp,
    times: Times,
    phase: Phase,
    /// When the warning was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warned: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    breach: Option<Breach>,
    /// Without gaps, from the start on.
    turns: Vec<Turn>,
}

/// Whether a clock runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
enum Phase {
    Running,
    Paused { reason: Reason, since: Timestamp, remaining_ms: i64 },
    Stopped { at: Timestamp },
    Cancelled { at: Timestamp, reason: String },
}

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// When it was broken: the due time.
    pub at: Timestamp,
    /// When that was noticed; later when nobody looked, as when a node was down.
    pub noticed: Timestamp,
}

/// A stretch of a clock's time in which it was one party's turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub from: Timestamp,
    /// `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    pub party: Party,
    pub kind: Kind,
    /// Why the clock did not run; `None` when it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Reason>,
}

/// How a clock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<'a> {
    Running,
    Paused {
        reason: &'a Reason,
        since: Timestamp,
        remaining_ms: i64,
    },
    /// Stopped in time.
    Met {
        at: Timestamp,
    },
    /// Broken; it may still run.
    Breached(Breach),
    Cancelled {
        at: Timestamp,
        reason: &'a str,
    },
}

/// Why a clock does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the clock is already paused")]
    AlreadyPaused,
    #[error("the clock is not paused")]
    NotPaused,
    #[error("the clock has stopped or was cancelled")]
    Over,
    #[error("the clock has been paused {} times, which is the most", limits::SLA_TURNS / 2)]
    TooManyPauses,
    #[error("the reason is longer than {} bytes; shorten it", limits::SLA_REASON_BYTES)]
    LongReason,
    #[error(transparent)]
    NoMoment(#[from] NoMoment),
}

/// A fact that does not follow from the ones before: the records are damaged or in the wrong order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fact does not follow from the clock's state")]
pub struct OutOfOrder;

impl Clock {
    /// The clock that a [`What::Started`] begins.
    ///
    /// # Errors
    ///
    /// The fact is another one.
    pub fn begin(fact: &Fact) -> Result<Self, OutOfOrder> {
        let What::Started { kind, measure, calendar, times } = &fact.what else {
            return Err(OutOfOrder);
        };
        let mut clock = Self {
            kind: *kind,
            measure: *measure,
            calendar: calendar.clone(),
            started: fact.at,
            times: *times,
            phase: Phase::Running,
            warned: None,
            breach: None,
            turns: Vec::new(),
        };
        clock.turn_to(fact.at, None);
        Ok(clock)
    }

    /// Changes the clock as a fact says.
    ///
    /// # Errors
    ///
    /// The fact does not follow from the clock's state; the clock is unchanged.
    pub fn apply(&mut self, fact: &Fact) -> Result<(), OutOfOrder> {
        let at = fact.at;
        if self.is_over() || at < self.last_change() {
            return Err(OutOfOrder);
        }
        let is_paused = matches!(self.phase, Phase::Paused { .. });
        match &fact.what {
            What::Started { .. } => return Err(OutOfOrder),
            What::Paused { .. } | What::Warned { .. } | What::Breached { .. } if is_paused => {
                return Err(OutOfOrder);
            }
            What::Warned { .. } if self.warned.is_some() => return Err(OutOfOrder),
            What::Breached { .. } if self.breach.is_some() => return Err(OutOfOrder),
            What::Resumed { .. } if !is_paused => return Err(OutOfOrder),
            What::Paused { reason, remaining_ms } => {
                let (reason, remaining_ms) = (reason.clone(), *remaining_ms);
                self.turn_to(at, Some(reason.clone()));
                self.phase = Phase::Paused { reason, since: at, remaining_ms };
            }
            What::Resumed { times } => self.run(at, *times),
            What::Reset { measure, calendar, times } => {
                (self.measure, self.calendar) = (*measure, calendar.clone());
                (self.started, self.warned, self.breach) = (at, None, None);
                self.run(at, *times);
            }
            What::Stopped => self.end(at, Phase::Stopped { at }),
            What::Cancelled { reason } => {
                self.end(at, Phase::Cancelled { at, reason: reason.clone() });
            }
            What::Warned { .. } => self.warned = Some(at),
            What::Breached { due } => self.breach = Some(Breach { at: *due, noticed: at }),
        }
        Ok(())
    }

    /// What it runs by.
    pub(crate) fn terms(&self) -> Terms {
        let remaining_ms = match self.phase {
            Phase::Paused { remaining_ms, .. } => Some(remaining_ms),
            Phase::Running | Phase::Stopped { .. } | Phase::Cancelled { .. } => None,
        };
        let (kind, measure, calendar) = (self.kind, self.measure, self.calendar.clone());
        Terms { kind, measure, calendar, times: self.times, remaining_ms }
    }

    /// Runs by other terms from now on; what has been noticed stays noticed.
    pub(crate) fn take(&mut self, terms: &Terms) {
        (self.kind, self.measure, self.times) = (terms.kind, terms.measure, terms.times);
        self.calendar.clone_from(&terms.calendar);
        if let (Phase::Paused { remaining_ms, .. }, Some(left)) =
            (&mut self.phase, terms.remaining_ms)
        {
            *remaining_ms = left;
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the calendar it is measured over.
    pub fn calendar(&self) -> &str {
        &self.calendar
    }

    /// When it was started or last reset.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// When it is due, or would be had it not been paused.
    pub fn due(&self) -> Timestamp {
        self.times.due
    }

    pub fn breach(&self) -> Option<Breach> {
        self.breach
    }

    /// Its history: whose turn it was, from the start on without gaps.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Whether it has stopped or was cancelled.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Stopped { .. } | Phase::Cancelled { .. })
    }

    pub fn state(&self) -> State<'_> {
        match (&self.phase, self.breach) {
            (Phase::Cancelled { at, reason }, _) => State::Cancelled { at: *at, reason },
            (Phase::Running | Phase::Paused { .. } | Phase::Stopped { .. }, Some(breach)) => {
                State::Breached(breach)
            }
            (Phase::Running, None) => State::Running,
            (Phase::Paused { reason, since, remaining_ms }, None) => {
                State::Paused { reason, since: *since, remaining_ms: *remaining_ms }
            }
            (Phase::Stopped { at }, None) => State::Met { at: *at },
        }
    }

    /// How a task shows it: a breach before a pause, a pause before a warning.
    pub fn standing(&self) -> SlaState {
        match (&self.phase, self.breach, self.warned) {
            (Phase::Cancelled { .. }, _, _) => SlaState::Cancelled,
            (Phase::Running | Phase::Paused { .. } | Phase::Stopped { .. }, Some(_), _) => {
                SlaState::Breached
            }
            (Phase::Paused { .. }, None, _) => SlaState::Paused,
            (Phase::Running, None, Some(_)) => SlaState::Warning,
            (Phase::Running, None, None) => SlaState::Ok,
            (Phase::Stopped { .. }, None, _) => SlaState::Met,
        }
    }

    fn run(&mut self, at: Timestamp, times: Times) {
        self.turn_to(at, None);
        self.times = times;
        self.phase = Phase::Running;
    }

    fn end(&mut self, at: Timestamp, phase: Phase) {
        if let Some(turn) = self.turns.last_mut() {
            turn.to = Some(at);
        }
        self.phase = phase;
    }

    /// Ends the turn that lasts and begins the next one.
    fn turn_to(&mut self, at: Timestamp, paused: Option<Reason>) {
        if let Some(turn) = self.turns.last_mut() {
            turn.to = Some(at);
        }
        let party = match (&paused, self.kind) {
            (Some(Reason::WaitingOnCustomer), _) => Party::Customer,
            (Some(Reason::WaitingOnVendor), _) | (Some(Reason::Other(_)) | None, Kind::Vendor) => {
                Party::Vendor
            }
            (Some(Reason::Other(_)) | None, Kind::Sla | Kind::Ola) => Party::Team,
        };
        self.turns.push(Turn { from: at, to: None, party, kind: self.kind, paused });
    }

    /// When it was started, paused, resumed or reset last.
    pub(crate) fn last_change(&self) -> Timestamp {
        self.turns.last().map_or(self.started, |turn| turn.from)
    }
}
