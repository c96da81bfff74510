//! A runtime that does nothing by itself: whoever holds it says what time it is and when it works, so that months pass in seconds.
//!
//! It is the runtime that serves, without its loops: what happens, happens by the same rules, in an order that is the same each time.

use crate::{
    Clock, ManualClock, StartError, StartRequest, Started, dispatch, limits,
    membership::{self, JoinError},
    poller,
    runtime::{Inner, Nobody},
    timekeeper,
};
use journey::Timestamp;
use std::sync::Arc;
use store::{Failure, Store, nodes::NewNode};

/// A runtime of one workspace, all its own, that reaches nobody.
pub struct Paced {
    inner: Arc<Inner>,
    clock: ManualClock,
    turns: poller::Turns,
}

impl Paced {
    /// Takes part alone; the clock stands at `now`.
    ///
    /// # Errors
    ///
    /// The store cannot be written, or others have it.
    pub async fn begin(store: Arc<dyn Store>, now: Timestamp) -> Result<Self, JoinError> {
        let clock = ManualClock::new(now);
        let inner = Inner::new(store, Arc::new(Nobody), Arc::new(clock.clone()), limits::JOBS);
        membership::begin(&inner, &NewNode::alone()).await?;
        inner.store.list_triggers_anew(now).await?;
        Ok(Self { inner, clock, turns: poller::Turns::default() })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// It is `at` now, or stays later when it is that already. Nothing is done by that.
    pub fn come_to(&self, at: Timestamp) {
        let ahead = at.0.saturating_sub(self.now().0);
        if ahead > 0 {
            self.clock.advance(ahead);
        }
    }

    /// Does all that is due now, and what comes of that.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written.
    pub async fn settle(&mut self) -> Result<(), Failure> {
        loop {
            let dispatched = dispatch::once(&self.inner).await?;
            let opened = timekeeper::once(&self.inner).await?;
            let performed = poller::once(&self.inner, &mut self.turns).await?;
            if !(dispatched || opened || performed) {
                return Ok(());
            }
            self.inner.hands.drained().await;
        }
    }

    /// When something is due next by itself; `None` when nothing is.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn next(&self) -> Result<Option<Timestamp>, Failure> {
        let (work, time) =
            (self.inner.store.next_due().await?, self.inner.store.next_time().await?);
        Ok(work.into_iter().chain(time).min())
    }

    /// Starts an instance; returns when that is written.
    ///
    /// # Errors
    ///
    /// Nothing was started. That an opener from outside was kept out is written down.
    pub async fn start(&self, request: StartRequest) -> Result<Started, StartError> {
        self.inner.start(request).await
    }

    /// How many transactions were written so far.
    pub fn transactions(&self) -> u64 {
        self.inner.committer.transactions()
    }
}
