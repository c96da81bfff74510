//! The circuit breaker of one connection: after a run of calls without an answer the other side is left alone, then asked with one call.

use crate::limits;
use journey::Timestamp;

/// Whether calls go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    Closed,
    /// No call goes out before `until`.
    Open {
        since: Timestamp,
        until: Timestamp,
    },
    /// One call is out to see whether the other side is back, or the next one will.
    HalfOpen {
        since: Timestamp,
    },
}

/// What a call's end says of the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It did what was asked.
    Well,
    /// It answered, if only to refuse.
    Answers,
    /// It did not answer, or not sensibly.
    Away,
}

/// Counts calls without an answer.
#[derive(Debug)]
pub(crate) struct Fuse {
    breaker: Breaker,
    run: u32,
    pause_ms: i64,
}

impl Default for Fuse {
    fn default() -> Self {
        Self { breaker: Breaker::Closed, run: 0, pause_ms: limits::BREAKER_MS }
    }
}

impl Fuse {
    pub(crate) fn breaker(&self) -> Breaker {
        self.breaker
    }

    /// As people are told of it: once its pause is over nothing is kept back, though no call may come to show whether the other side is back.
    pub(crate) fn told(&self, now: Timestamp) -> Breaker {
        match self.breaker {
            Breaker::Open { since, until } if until <= now => Breaker::HalfOpen { since },
            told @ (Breaker::Closed | Breaker::Open { .. } | Breaker::HalfOpen { .. }) => told,
        }
    }

    /// From when a call may be taken in hand; `None` when that is not a matter of time.
    pub(crate) fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        match self.breaker {
            Breaker::Closed => Some(now),
            Breaker::Open { until, .. } => Some(until),
            Breaker::HalfOpen { .. } => None,
        }
    }

    /// Whether the call taken in hand now is the one that probes.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        match self.breaker {
            Breaker::Open { since, until } if until <= now => {
                self.breaker = Breaker::HalfOpen { since };
                true
            }
            Breaker::Open { .. } | Breaker::Closed | Breaker::HalfOpen { .. } => false,
        }
    }

    /// The clock shows so many milliseconds less.
    pub(crate) fn set_back(&mut self, by: i64) {
        match &mut self.breaker {
            Breaker::Closed => {}
            Breaker::Open { since, until } => {
                (*since, *until) = (since.plus(-by), until.plus(-by));
            }
            Breaker::HalfOpen { since } => *since = since.plus(-by),
        }
    }

    /// The probe ended without an end that says anything: another may go.
    pub(crate) fn probe_lost(&mut self) {
        if let Breaker::HalfOpen { since } = self.breaker {
            self.breaker = Breaker::Open { since, until: since };
        }
    }

    /// A call came to its end. Calls that went out before it opened say nothing more, but that the other side is well.
    pub(crate) fn heard(&mut self, sign: Sign, is_probe: bool, now: Timestamp) {
        match (self.breaker, sign) {
            (_, Sign::Well) => *self = Self::default(),
            (Breaker::Closed, Sign::Away) => {
                self.run += 1;
                if self.run >= limits::BREAKER_RUN {
                    self.breaker = Breaker::Open { since: now, until: now.plus(self.pause_ms) };
                }
            }
            (Breaker::HalfOpen { .. }, Sign::Answers) if is_probe => *self = Self::default(),
            (Breaker::HalfOpen { since }, Sign::Away) if is_probe => {
                self.pause_ms = (self.pause_ms * 2).min(limits::BREAKER_MOST_MS);
                self.breaker = Breaker::Open { since, until: now.plus(self.pause_ms) };
            }
            (
                Breaker::Open { .. } | Breaker::HalfOpen { .. } | Breaker::Closed,
                Sign::Answers | Sign::Away,
            ) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn open() -> Fuse {
        let mut fuse = Fuse::default();
        for _ in 0..limits::BREAKER_RUN {
            assert_eq!(fuse.breaker(), Breaker::Closed);
            fuse.heard(Sign::Away, false, NOW);
        }
        fuse
    }

    #[test]
    fn it_opens_after_a_run_and_asks_with_one_call() {
        let mut fuse = open();
        let until = NOW.plus(limits::BREAKER_MS);
        assert_eq!(fuse.breaker(), Breaker::Open { since: NOW, until });
        assert_eq!(fuse.opens(NOW), Some(until));
        assert!(!fuse.take(NOW) && fuse.take(until) && !fuse.take(until));
        assert_eq!((fuse.breaker(), fuse.opens(until)), (Breaker::HalfOpen { since: NOW }, None));
        fuse.heard(Sign::Away, false, until);
        assert_eq!(fuse.breaker(), Breaker::HalfOpen { since: NOW }, "an old call says nothing");
        fuse.heard(Sign::Answers, true, until);
        assert_eq!(fuse.breaker(), Breaker::Closed, "a refusal is an answer");
    }

    #[test]
    fn a_breaker_whose_pause_is_over_is_not_told_as_open_for_want_of_a_call() {
        let fuse = open();
        let until = NOW.plus(limits::BREAKER_MS);
        assert_eq!(fuse.told(until.plus(-1)), Breaker::Open { since: NOW, until });
        assert_eq!(fuse.told(until), Breaker::HalfOpen { since: NOW });
        assert_eq!(Fuse::default().told(until), Breaker::Closed);
    }

    #[test]
    fn each_vain_probe_is_followed_by_a_longer_pause() {
        let (mut fuse, mut pauses) = (open(), Vec::new());
        for _ in 0..6 {
            let Breaker::Open { since, until } = fuse.breaker() else { panic!("{fuse:?}") };
            assert_eq!(since, NOW, "since when is kept");
            assert!(fuse.take(until));
            fuse.heard(Sign::Away, true, until);
            let Breaker::Open { until: next, .. } = fuse.breaker() else { panic!("{fuse:?}") };
            pauses.push(next.0 - until.0);
        }
        assert_eq!(pauses, [10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    }

    #[test]
    fn a_success_ends_a_run_and_a_refusal_is_none_of_it() {
        let mut fuse = Fuse::default();
        for _ in 0..3 {
            for _ in 1..limits::BREAKER_RUN {
                fuse.heard(Sign::Away, false, NOW);
                fuse.heard(Sign::Answers, false, NOW);
            }
            fuse.heard(Sign::Well, false, NOW);
        }
        assert_eq!(fuse.breaker(), Breaker::Closed);
    }

    #[test]
    fn a_probe_that_is_lost_is_sent_again() {
        let mut fuse = open();
        let later = NOW.plus(limits::BREAKER_MS);
        assert!(fuse.take(later));
        fuse.probe_lost();
        assert!(fuse.take(later));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_make_a_pause_longer() {
        let mut fuse = open();
        let Breaker::Open { until, .. } = fuse.breaker() else { panic!("it is open") };
        fuse.set_back(86_400_000);
        assert_eq!(fuse.opens(NOW), Some(until.plus(-86_400_000)));
    }
}
