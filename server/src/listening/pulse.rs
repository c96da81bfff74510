//! How long a connection may keep the server waiting: for the head of a request, and between two of them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::Version;
use tokio::time::{Instant, sleep};

/// How long a connection may keep the server waiting.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// For the head of a request, from its first byte or, for the first of a connection, from its beginning.
    pub(crate) head: Duration,
    /// For the next request; no shorter than `head`.
    pub(crate) idle: Duration,
}

/// What a connection is at.
pub(super) struct Pulse {
    patience: Patience,
    state: Mutex<State>,
}

struct State {
    /// Requests whose answers have not gone out to their end.
    under_way: usize,
    /// By when the head of the next request must be there, while none is under way.
    until: Instant,
    /// Whether something of that head has come.
    has_begun: bool,
    is_new: bool,
}

/// A request; it is over when this is dropped.
pub(super) struct UnderWay {
    pulse: Arc<Pulse>,
    version: Version,
}

impl Pulse {
    /// A connection that was just made.
    pub(super) fn new(patience: Patience) -> Self {
        let until = Instant::now() + patience.head;
        let state = State { under_way: 0, until, has_begun: true, is_new: true };
        Self { patience, state: Mutex::new(state) }
    }

    /// Whether no request has come yet.
    pub(super) fn is_new(&self) -> bool {
        self.state().is_new
    }

    /// Something came. What comes while a request is under way is its body, or one that has sent the next too early.
    pub(super) fn heard(&self) {
        let mut state = self.state();
        if state.under_way == 0 && !state.has_begun {
            state.has_begun = true;
            state.until = Instant::now() + self.patience.head;
        }
    }

    /// The head of a request is there.
    pub(super) fn request(pulse: &Arc<Self>, version: Version) -> UnderWay {
        let mut state = pulse.state();
        state.under_way += 1;
        state.is_new = false;
        drop(state);
        UnderWay { pulse: Arc::clone(pulse), version }
    }

    /// Waits until the connection has kept the server waiting for too long.
    pub(super) async fn overdue(&self) {
        while let Some(left) = self.left() {
            // Whatever happens meanwhile, it cannot be overdue sooner than this.
            sleep(left.min(self.patience.head)).await;
        }
    }

    /// How much longer it may keep the server waiting; `None` when it is overdue.
    fn left(&self) -> Option<Duration> {
        let state = self.state();
        if state.under_way > 0 {
            return Some(self.patience.head);
        }
        let left = state.until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.pulse.state();
        state.under_way -= 1;
        if state.under_way == 0 {
            state.until = Instant::now() + self.pulse.patience.idle;
            // In HTTP/2 more comes than requests, and it is no sign of one.
            state.has_begun = self.version == Version::HTTP_2;
        }
    }
}
