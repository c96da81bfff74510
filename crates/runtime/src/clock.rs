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

    /// The database's time at some moment of the last `within`: a clock that can go by it does, so that all nodes go by one.
    fn follow(&self, _at: Timestamp, _within: Duration) {}

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

    fn follow(&self, at: Timestamp, within: Duration) {
        let (least, most) = ahead_of(Self::machine(), at, within);
        let before = self.ahead.load(Ordering::Relaxed);
        let ahead = before.clamp(least, most);
        if ahead != before {
            tracing::warn!(
                milliseconds = ahead,
                "this machine's clock is not the database's; going by the database's, which is ahead by this"
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

/// Between what the database's clock is ahead by, in milliseconds, when it showed `at` within a while before `now`; a little is let pass.
fn ahead_of(now: Timestamp, at: Timestamp, within: Duration) -> (i64, i64) {
    let ahead = at.0.saturating_sub(now.0);
    let within = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
    let most = ahead.saturating_add(within);
    (ahead.saturating_sub(limits::CLOCK_NOISE_MS), most.saturating_add(limits::CLOCK_NOISE_MS))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_late_does_not_move_the_clock() {
        let (now, noise) = (Timestamp(1_000_000), limits::CLOCK_NOISE_MS);
        let second = Duration::from_secs(1);
        let (least, most) = ahead_of(now, now.plus(-400), second);
        assert!(least <= 0 && 0 <= most, "it was asked a second ago");
        assert_eq!(
            ahead_of(now, now.plus(3_600_000), Duration::ZERO),
            (3_600_000 - noise, 3_600_000 + noise)
        );
        let clock = SystemClock::default();
        let hour = SystemClock::machine().plus(3_600_000);
        clock.follow(hour, Duration::ZERO);
        assert!(clock.now() >= hour.plus(-noise));
        let ahead = clock.ahead.load(Ordering::Relaxed);
        clock.follow(clock.now().plus(-300), second);
        assert_eq!(clock.ahead.load(Ordering::Relaxed), ahead);
    }
}
