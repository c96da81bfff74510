//! The only reader of time.

use crate::limits;
use async_trait::async_trait;
use journey::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// Tells the time and waits for it.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;

    /// The database's time: a clock that can go by it does, so that all nodes go by one.
    fn follow(&self, _now: Timestamp) {}

    /// Returns at `at` or, when the clock was set, up to a second late.
    async fn sleep_until(&self, at: Timestamp);
}

/// The machine's clock, or the database's once it is known to show another time.
#[derive(Debug, Default)]
pub struct SystemClock {
    /// What the database's clock is ahead by, in milliseconds.
    ahead: AtomicI64,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads time")]
    fn machine() -> Timestamp {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Self::machine().plus(self.ahead.load(Ordering::Relaxed))
    }

    fn follow(&self, now: Timestamp) {
        let ahead = now.0.saturating_sub(Self::machine().0);
        let before = self.ahead.load(Ordering::Relaxed);
        // What is within the way there and back says nothing.
        if ahead.abs_diff(before) > limits::CLOCK_NOISE_MS {
            tracing::warn!(
                milliseconds = ahead,
                "the database's clock is ahead of this machine's; going by the database's"
            );
            self.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.0.saturating_sub(self.now().0);
            let Ok(left) = u64::try_from(left) else { return };
            if left == 0 {
                return;
            }
            // In short sleeps, since the machine's clock may be set while we sleep.
            tokio::time::sleep(Duration::from_millis(left.min(1_000))).await;
        }
    }
}

/// A clock that moves only when it is told to, for tests and rehearsals.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<watch::Sender<Timestamp>>,
}

impl ManualClock {
    /// Stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { now: Arc::new(watch::Sender::new(now)) }
    }

    /// Moves on; whoever sleeps until then wakes.
    pub fn advance(&self, milliseconds: i64) {
        self.now.send_modify(|now| *now = now.plus(milliseconds));
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut now = self.now.subscribe();
        // The sender lives as long as `self`, so this ends only when it is time.
        let _ = now.wait_for(|now| *now >= at).await;
    }
}
