//! The time of a life: it stands until everyone waits, and a node that stands still misses it.

use async_trait::async_trait;
use journey::Timestamp;
use runtime::Clock;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// When every life begins.
pub(crate) const START: Timestamp = Timestamp(1_760_000_000_000);

/// What every clock was set forward by since the life began, in milliseconds; negative when it was set back.
pub(crate) type Calendar = Arc<AtomicI64>;

/// A node's clock: what passed since its runtime was made, and what clocks were set by.
#[derive(Debug)]
pub(crate) struct NodeClock {
    began: Instant,
    /// How old the life was then, in milliseconds.
    age: i64,
    calendar: Calendar,
}

impl NodeClock {
    /// Must be made, and asked, in the node's runtime.
    pub(crate) fn begin(age: i64, calendar: Calendar) -> Self {
        Self { began: Instant::now(), age, calendar }
    }

    /// When the life is so old.
    pub(crate) fn instant_at(&self, age: i64) -> Instant {
        self.began + Duration::from_millis(u64::try_from(age - self.age).unwrap_or(0))
    }

    /// How old the life is, in milliseconds.
    pub(crate) fn age(&self) -> i64 {
        self.age + i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

#[async_trait]
impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        START.plus(self.age() + self.calendar.load(Ordering::Relaxed))
    }

    async fn sleep_until(&self, at: Timestamp) {
        // As a machine does it: in short sleeps, since the clock may be set meanwhile.
        while let Ok(left @ 1..) = u64::try_from(at.0 - self.now().0) {
            sleep(Duration::from_millis(left.min(1_000))).await;
        }
    }
}
