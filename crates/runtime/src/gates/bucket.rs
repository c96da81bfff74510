//! How many calls may go out in a second: a token bucket with the runtime's clock, kept as the time of the next place (the generic cell
//! rate algorithm of ITU-T I.371).

use crate::limits;
use journey::Timestamp;
use std::time::Duration;

/// Gives out places in time, each to one call.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// In a second; `None` gives a place at once, always.
    rate: Option<f64>,
    /// From one place to the next, in microseconds.
    apart_us: i64,
    /// When the next place is, in microseconds.
    next_us: i64,
}

impl Bucket {
    /// From now on so many in a second, the first at once.
    pub(crate) fn set(&mut self, rate: Option<f64>, now: Timestamp) {
        if self.rate != rate {
            self.rate = rate;
            let apart = rate.and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
            self.apart_us = apart.map_or(0, |apart| microseconds(apart).max(1));
            self.next_us = now.0.saturating_mul(1_000);
        }
    }

    /// The clock shows so many milliseconds less.
    pub(crate) fn set_back(&mut self, by: i64) {
        self.next_us = self.next_us.saturating_sub(by.saturating_mul(1_000));
    }

    /// When the next call may go; that place is then taken.
    pub(crate) fn place(&mut self, now: Timestamp) -> Timestamp {
        if self.rate.is_none() {
            return now;
        }
        let now_us = now.0.saturating_mul(1_000);
        let saved_us = (limits::BURST_US - self.apart_us).max(0);
        let place_us = self.next_us.max(now_us.saturating_sub(saved_us));
        self.next_us = place_us.saturating_add(self.apart_us);
        // Rounded up: never before its time.
        let place = Timestamp(place_us.saturating_add(999).div_euclid(1_000));
        place.max(now)
    }

    /// Most calls worth having in memory: what goes out in a second.
    pub(crate) fn in_a_second(&self) -> Option<usize> {
        self.rate?;
        usize::try_from(1_000_000 / self.apart_us.max(1)).ok().map(|calls| calls.max(1))
    }
}

fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
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
