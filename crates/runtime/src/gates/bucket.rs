//! How many calls may go out in a second: a token bucket with the runtime's clock.

use crate::limits;
use journey::Timestamp;

/// Gives out places in time, each to one call.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// In a second; `None` gives a place at once, always.
    rate: Option<f64>,
    /// Fewer than none when places of the future are given out.
    tokens: f64,
    filled_at: Timestamp,
}

impl Bucket {
    /// From now on so many in a second.
    pub(crate) fn set(&mut self, rate: Option<f64>, now: Timestamp) {
        if self.rate != rate {
            self.rate = rate;
            self.tokens = 1.0;
            self.filled_at = now;
        }
    }

    /// When the next call may go; that place is then taken.
    pub(crate) fn place(&mut self, now: Timestamp) -> Timestamp {
        let Some(rate) = self.rate else { return now };
        let most = (rate * limits::BURST_S).max(1.0);
        self.tokens = (self.tokens + rate * seconds(now.0 - self.filled_at.0)).min(most);
        self.filled_at = now;
        self.tokens -= 1.0;
        let wait_ms = (-self.tokens / rate * 1_000.0).max(0.0).ceil();
        now.plus(wait_ms as i64)
    }

    /// Most calls worth having in memory: what goes out in a second.
    pub(crate) fn in_a_second(&self) -> Option<usize> {
        self.rate.map(|rate| (rate as usize).max(1))
    }
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds.max(0) as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn bucket(rate: f64) -> Bucket {
        let mut bucket = Bucket::default();
        bucket.set(Some(rate), NOW);
        bucket
    }

    #[test]
    fn calls_go_out_at_the_rate_and_no_faster() {
        let mut slow = bucket(4.0);
        let waits: Vec<i64> = (0..5).map(|_| slow.place(NOW).0 - NOW.0).collect();
        assert_eq!(waits, [0, 250, 500, 750, 1_000]);
        let mut fast = bucket(1_000.0);
        let places: Vec<_> = (0..3_000).map(|_| fast.place(NOW)).collect();
        assert_eq!(places.iter().filter(|at| at.0 < NOW.0 + 1_000).count(), 1_000);
    }

    #[test]
    fn a_long_rest_saves_up_no_more_than_a_short_burst() {
        let mut bucket = bucket(100.0);
        let later = NOW.plus(3_600_000);
        let at_once = (0..200).filter(|_| bucket.place(later) == later).count();
        assert_eq!(at_once, 10);
    }

    #[test]
    fn without_a_rate_nobody_waits() {
        let mut bucket = Bucket::default();
        assert!((0..1_000).all(|_| bucket.place(NOW) == NOW));
        assert_eq!(bucket.in_a_second(), None);
    }

    #[test]
    fn a_rate_below_one_is_a_pause_between_calls() {
        let mut bucket = bucket(0.1);
        assert_eq!((bucket.place(NOW), bucket.place(NOW)), (NOW, NOW.plus(10_000)));
        assert_eq!(bucket.in_a_second(), Some(1));
    }
}
