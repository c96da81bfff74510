//! What a store knows of its own being a node.

use crate::{NodeId, Slot};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

/// Its number, its lease, and which slots it looks after.
#[derive(Debug)]
pub(super) struct Membership {
    node: AtomicI64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    lease: Duration,
    slots: Held,
}

/// The slots a node looks after.
#[derive(Debug)]
enum Held {
    All,
    These(Box<[bool]>),
}

impl Membership {
    /// Of a store that is no node.
    pub(super) fn none() -> Self {
        let state = State { lease: Duration::ZERO, slots: Held::All };
        Self { node: AtomicI64::new(0), state: Mutex::new(state) }
    }

    /// The node's number, as rows have it; 0 for a store that is none.
    pub(super) fn number(&self) -> i64 {
        self.node.load(Ordering::Acquire)
    }

    /// It is this node from now on, and looks after nothing yet.
    pub(super) fn begin(&self, node: NodeId, lease: Duration) {
        let mut state = self.state();
        state.lease = lease;
        state.slots = Held::These(vec![false; usize::from(Slot::COUNT)].into());
        self.node.store(node.number(), Ordering::Release);
    }

    pub(super) fn lease(&self) -> Duration {
        self.state().lease
    }

    /// It looks after these slots now.
    pub(super) fn hold(&self, slots: &[i64]) {
        let mut held = vec![false; usize::from(Slot::COUNT)];
        for slot in slots {
            if let Some(held) = usize::try_from(*slot).ok().and_then(|slot| held.get_mut(slot)) {
                *held = true;
            }
        }
        let all = held.iter().all(|held| *held);
        self.state().slots = if all { Held::All } else { Held::These(held.into()) };
    }

    pub(super) fn holds_all(&self) -> bool {
        matches!(self.state().slots, Held::All)
    }

    pub(super) fn holds(&self, slot: Slot) -> bool {
        match &self.state().slots {
            Held::All => true,
            Held::These(held) => {
                usize::try_from(slot.number()).is_ok_and(|slot| held.get(slot) == Some(&true))
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
