//! The work in memory: which is held under which lease, and room for more.

use crate::{
    gates::{Gate, Gates, MAIL_SERVER, Place},
    limits,
    unheard::Unheard,
};
use journey::Timestamp;
use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use store::{
    LeaseId,
    work::{Claimed, Job, Lane, WorkKey},
};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The work in memory.
#[derive(Debug)]
pub(crate) struct Hands {
    held: Mutex<HashMap<WorkKey, LeaseId>>,
    places: usize,
    room: Arc<Semaphore>,
    /// Of the room, what calls and messages may take.
    outside: Arc<Semaphore>,
    poller: Arc<Waiting>,
    pub(crate) gates: Gates,
    pub(crate) unheard: Unheard,
    /// Work that must not be done now, on its way back to the store.
    back: Mutex<Vec<(WorkKey, LeaseId)>>,
}

/// Who looks for more work.
#[derive(Debug)]
struct Waiting {
    /// It found no room.
    for_room: AtomicBool,
    wake: Arc<Notify>,
}

/// A place in memory for one piece of work.
#[derive(Debug)]
pub(crate) struct Seat {
    gate: Option<(Arc<Gate>, Place)>,
    permits: Vec<OwnedSemaphorePermit>,
    poller: Arc<Waiting>,
}

/// By which connection work of a lane goes out; `None` when it does not.
pub(crate) fn way(lane: &Lane) -> Option<&str> {
    lane.connection().or_else(|| (lane.kind() == "send").then_some(MAIL_SERVER))
}

fn way_of(job: &Job) -> Option<&str> {
    match job {
        Job::Call(call) => Some(&call.connection),
        Job::Send(_) => Some(MAIL_SERVER),
        Job::Timer(_)
        | Job::StartChild(_)
        | Job::Assume(_)
        | Job::StopChildren { .. }
        | Job::Report { .. } => None,
    }
}

impl Hands {
    /// With room for so much work.
    pub(crate) fn new(places: usize, wake: Arc<Notify>) -> Self {
        Self {
            held: Mutex::default(),
            places,
            room: Arc::new(Semaphore::new(places)),
            outside: Arc::new(Semaphore::new(places * limits::OUTSIDE_PER_CENT / 100)),
            poller: Arc::new(Waiting { for_room: AtomicBool::new(false), wake }),
            gates: Gates::default(),
            unheard: Unheard::default(),
            back: Mutex::default(),
        }
    }

    /// A place for work that was just asked for; `None` when there is none for it now.
    pub(crate) fn seat(&self, job: &Job, now: Timestamp) -> Option<Seat> {
        self.seat_by(job, |gate| gate.enter(now))
    }

    /// A place for work whose turn it is.
    pub(crate) fn seat_in_turn(&self, job: &Job, now: Timestamp) -> Option<Seat> {
        self.seat_by(job, |gate| gate.enter_in_turn(now))
    }

    fn seat_by(&self, job: &Job, enter: impl FnOnce(&Gate) -> Option<Place>) -> Option<Seat> {
        let mut permits = vec![Arc::clone(&self.room).try_acquire_owned().ok()?];
        let mut gate = None;
        if let Some(way) = way_of(job) {
            permits.push(Arc::clone(&self.outside).try_acquire_owned().ok()?);
            let known = self.gates.get(way)?;
            let place = enter(&known)?;
            gate = Some((known, place));
        }
        Some(Seat { gate, permits, poller: Arc::clone(&self.poller) })
    }

    /// Whether looking for this work may be of use now. If not, whoever looks is woken when it is.
    pub(crate) fn may_take(&self, job: &Job, now: Timestamp) -> bool {
        let gate = way_of(job).and_then(|way| self.gates.get(way));
        gate.is_none_or(|gate| gate.room_or_wake(now) > 0)
    }

    /// How much more may be claimed now.
    pub(crate) fn free(&self) -> usize {
        self.room.available_permits()
    }

    /// How much of it may go outside.
    pub(crate) fn free_outside(&self) -> usize {
        self.outside.available_permits()
    }

    /// Someone waits for room.
    pub(crate) fn mark_full(&self) {
        self.poller.for_room.store(true, Ordering::Release);
    }

    pub(crate) fn jobs(&self) -> usize {
        self.places - self.free()
    }

    pub(crate) fn take_up(&self, job: &Claimed) {
        self.held().insert(job.key.clone(), job.lease);
    }

    /// Work that is still in hand was claimed anew, since its lease lapsed: whoever does it answers under the new lease.
    pub(crate) fn renew(&self, job: &Claimed) -> bool {
        self.held().get_mut(&job.key).map(|lease| *lease = job.lease).is_some()
    }

    pub(crate) fn lease(&self, key: &WorkKey) -> Option<LeaseId> {
        self.held().get(key).copied()
    }

    /// The work is not in hand any more; the lease it is held under if that is a newer one.
    pub(crate) fn let_go(&self, key: &WorkKey, lease: LeaseId) -> Option<LeaseId> {
        self.held().remove(key).filter(|newer| *newer != lease)
    }

    /// Work that must not be done now is not in hand any more and goes back to the store.
    pub(crate) fn give_back(&self, key: &WorkKey) {
        let Some(lease) = self.held().remove(key) else { return };
        self.going_back().push((key.clone(), lease));
        self.poller.wake.notify_one();
    }

    /// What is on its way back to the store.
    pub(crate) fn take_back(&self) -> Vec<(WorkKey, LeaseId)> {
        mem::take(&mut *self.going_back())
    }

    /// Work that is claimed and not in hand goes back to the store.
    pub(crate) fn goes_back(&self, work: Vec<(WorkKey, LeaseId)>) {
        self.going_back().extend(work);
    }

    fn going_back(&self) -> MutexGuard<'_, Vec<(WorkKey, LeaseId)>> {
        self.back.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<WorkKey, LeaseId>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when nothing is in hand.
    pub(crate) async fn drained(&self) {
        let all = u32::try_from(self.places).unwrap_or(u32::MAX);
        let _ = self.room.acquire_many(all).await;
    }
}

impl Seat {
    /// The way out it is for.
    pub(crate) fn gate(&self) -> Option<(&Arc<Gate>, Place)> {
        self.gate.as_ref().map(|(gate, place)| (gate, *place))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Whoever waits for it must find it free.
        self.permits.clear();
        let gate = self.gate.take().is_some_and(|(gate, place)| gate.leave(place));
        let full = self.poller.for_room.load(Ordering::Acquire)
            && self.poller.for_room.swap(false, Ordering::AcqRel);
        if gate || full {
            self.poller.wake.notify_one();
        }
    }
}
