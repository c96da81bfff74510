//! One server of a workspace, on a runtime of its own: it can be stopped at any await, and stand still while the others go on.

use crate::{
    outside::{Outside, Way},
    time::{Calendar, NodeClock},
    trace::Trace,
};
use runtime::{JoinError, Runtime};
use std::{sync::Arc, time::Duration};
use store::{
    Memory,
    nodes::{NewNode, Sealing, Succeeds},
};
use tokio::{
    runtime::Builder,
    task::yield_now,
    time::{advance, sleep_until},
};

/// How long a node is believed to live without being heard of.
pub(crate) const LEASE_MS: i64 = 5_000;

/// What all nodes of a life share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) seed: u64,
    pub(crate) workspace: Arc<Memory>,
    pub(crate) outside: Outside,
    pub(crate) calendar: Calendar,
    pub(crate) trace: Trace,
}

/// A server that runs.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) runtime: Runtime,
    pub(crate) store: Arc<Memory>,
    pub(crate) clock: Arc<NodeClock>,
    pub(crate) trace: Trace,
    /// Last, since what runs on it is dropped with it.
    engine: tokio::runtime::Runtime,
}

impl Node {
    /// Starts one; `ids` keeps what it names apart from what others name.
    pub(crate) fn start(
        shared: &Shared,
        name: &str,
        age: i64,
        (ids, succeeds): (u64, Succeeds),
    ) -> Result<Self, JoinError> {
        // One task between two looks at what is asked of it: it can be stopped after each.
        let engine = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .event_interval(1)
            .build();
        let engine = engine.expect("a runtime without threads needs nothing");
        let store = Arc::new(shared.workspace.opened_again(shared.seed.wrapping_add(ids)));
        let node = NewNode {
            name: name.to_owned(),
            version: "1".to_owned(),
            key: String::new(),
            sealing: Sealing::AsBefore,
            lease: Duration::from_millis(LEASE_MS.unsigned_abs()),
            succeeds,
        };
        let (runtime, clock) = engine.block_on(async {
            let clock = Arc::new(NodeClock::begin(age, Arc::clone(&shared.calendar)));
            let way = Way {
                seed: shared.seed,
                node: name.to_owned(),
                outside: shared.outside.clone(),
                clock: Arc::clone(&clock),
                trace: shared.trace.clone(),
            };
            let (store, goes_by) = (Arc::clone(&store), Arc::clone(&clock));
            Runtime::start(store, Arc::new(way), goes_by, node)
                .await
                .map(|runtime| (runtime, clock))
        })?;
        let trace = shared.trace.clone();
        Ok(Self { name: name.to_owned(), runtime, store, clock, trace, engine })
    }

    /// Begins something for somebody outside.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.engine.spawn(work);
    }

    /// Does something for somebody outside that waits for nothing.
    pub(crate) fn ask<T>(&self, work: impl Future<Output = T>) -> T {
        self.engine.block_on(work)
    }

    /// Runs until the life is so old.
    pub(crate) fn run_until(&self, age: i64) {
        let at = self.clock.instant_at(age);
        self.engine.block_on(async { sleep_until(at).await });
    }

    /// It stood still until now; what should have happened meanwhile happens late.
    pub(crate) fn wake_up(&self, age: i64) {
        self.engine.block_on(async {
            let behind = u64::try_from(age - self.clock.age()).unwrap_or(0);
            advance(Duration::from_millis(behind)).await;
        });
    }

    /// Takes so many tasks to their next await, and is gone.
    pub(crate) fn crash(self, tasks: u64) {
        self.engine.block_on(async {
            for _ in 0..tasks {
                yield_now().await;
            }
        });
        let Self { engine, .. } = self;
        drop(engine);
    }

    /// Ends as a server ends that was asked to.
    pub(crate) fn shut_down(self, limit: Duration) {
        self.engine.block_on(self.runtime.shutdown(limit));
    }
}
