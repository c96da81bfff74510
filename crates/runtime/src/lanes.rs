//! One lane per instance: its events are taken one after the other, and between them its state stays in memory while a call is out.

use crate::limits;
use journey::Instance;
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};
use store::{InstanceId, instances::Life};
use tokio::sync::OwnedMutexGuard;

/// An instance in memory, as it was committed last.
#[derive(Clone, Debug)]
pub(crate) struct Hot {
    pub(crate) life: Life,
    pub(crate) state: Instance,
    /// Fields of the account as a shadow instance would have written them.
    pub(crate) overlay: Map<String, Value>,
}

type Lane = Arc<tokio::sync::Mutex<Option<Hot>>>;

/// The lanes in use.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: Mutex<HashMap<InstanceId, Lane>>,
}

/// The right to move one instance.
pub(crate) struct LaneGuard<'a> {
    lanes: &'a Lanes,
    id: InstanceId,
    guard: Option<OwnedMutexGuard<Option<Hot>>>,
}

impl Lanes {
    /// Waits for its turn with an instance.
    pub(crate) async fn enter(&self, id: InstanceId) -> LaneGuard<'_> {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lanes.entry(id).or_default())
        };
        LaneGuard { lanes: self, id, guard: Some(lane.lock_owned().await) }
    }
}

impl LaneGuard<'_> {
    /// Forgets the state of an instance that no call of ours will move soon, or when memory holds enough of them.
    pub(crate) fn cool(&mut self) {
        let many =
            self.lanes.lanes.lock().unwrap_or_else(PoisonError::into_inner).len() > limits::HOT;
        if many || self.as_ref().is_some_and(|hot| hot.state.is_at_rest() || hot.state.is_over()) {
            **self = None;
        }
    }
}

impl Deref for LaneGuard<'_> {
    type Target = Option<Hot>;

    fn deref(&self) -> &Option<Hot> {
        self.guard.as_ref().expect("the guard is there until it is dropped")
    }
}

impl DerefMut for LaneGuard<'_> {
    fn deref_mut(&mut self) -> &mut Option<Hot> {
        self.guard.as_mut().expect("the guard is there until it is dropped")
    }
}

impl Drop for LaneGuard<'_> {
    fn drop(&mut self) {
        let mut lanes = self.lanes.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let cold = self.is_none();
        self.guard = None;
        // Only the map holds the lane: whoever enters next makes a new one, so a cold lane need not stay.
        if cold && lanes.get(&self.id).is_some_and(|lane| Arc::strong_count(lane) == 1) {
            lanes.remove(&self.id);
        }
    }
}
