//! Back-tests: what a draft would have done, had it been live for some time.
//!
//! [`recall`] reads what a workspace remembers of that time. [`relive`] lets it happen again, in a workspace in memory whose clock runs as
//! fast as there is something to do: the draft runs there as a shadow does, by the same runtime, and reaches nobody. What people, mail and
//! connectors would have answered is assumed as a shadow assumes it.
//!
//! Nothing is known before it was: an account is read as it stood at each moment. Only of an account that came into the workspace later
//! nobody knows how it stood before; it is taken as it was when it came.

mod answer;
pub mod limits;
mod past;
mod recall;
mod relive;
#[cfg(test)]
mod tests;

pub use answer::{Answer, KeptOut, Ran, Stay};
pub use past::Past;
pub use recall::recall;
pub use relive::relive;

use journey::{Draft, Timestamp};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use store::{Failure, JourneyId};
use tokio::sync::Notify;

/// What would have happened?
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The journey whose draft it is: by it those that call it know it, and what opened it by hand is known.
    pub journey: Option<JourneyId>,
    pub draft: Draft,
    /// From then on.
    pub from: Timestamp,
    /// Until before then.
    pub to: Timestamp,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The draft cannot be run; its first error.
    #[error("the draft cannot be run: {0}")]
    Draft(String),
    #[error(
        "{what} of that time are more than the {limit} that can be lived again: choose a shorter one"
    )]
    TooMuch { what: &'static str, limit: u64 },
    #[error("it was stopped")]
    Stopped,
    /// Something is due that cannot be done.
    #[error("it does not go on at {}", .0.to_rfc3339())]
    Stuck(Timestamp),
    /// What cannot be.
    #[error("it cannot {0}")]
    Broken(&'static str),
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Shared(#[from] Arc<Failure>),
}

/// How far it has come, and whether it is to go on.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    of: AtomicU64,
    is_stopped: AtomicBool,
    told_to_stop: Notify,
}

impl Progress {
    /// How much of what happened was lived again, of how much; of nothing while that is being read.
    pub fn come_to(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }

    /// It ends as soon as it can.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.told_to_stop.notify_waiters();
    }

    /// Comes back once it is to end.
    pub async fn stopped(&self) {
        // Asked for before it is looked, so that whoever stops it in between is heard.
        let told = self.told_to_stop.notified();
        if self.goes_on().is_ok() {
            told.await;
        }
    }

    fn expect(&self, of: usize) {
        self.of.store(of as u64, Ordering::Relaxed);
    }

    fn one_more(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn goes_on(&self) -> Result<(), Unanswered> {
        if self.is_stopped.load(Ordering::Relaxed) { Err(Unanswered::Stopped) } else { Ok(()) }
    }
}
