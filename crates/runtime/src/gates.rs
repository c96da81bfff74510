//! What is let out to each connection: how many calls at once and in a second, and none while the other side is away or wants to be left
//! alone. Everything here is of this process.

mod breaker;
mod bucket;

use crate::{Clock, limits, perform};
pub use breaker::Breaker;
use breaker::{Fuse, Sign};
use bucket::Bucket;
use journey::{
    Timestamp,
    effect::{Failure, FailureKind},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::connectors::Pace;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How one connection is doing, as this process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    pub breaker: Breaker,
    /// Until when the other side wants to be left alone.
    pub told_to_wait_until: Option<Timestamp>,
    /// Calls out now.
    pub calls_out: usize,
    /// Calls so far, by how they ended.
    pub ended: Ended,
    /// Calls so far that waited for their place in the rate.
    pub rate_waits: u64,
}

/// How calls ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub succeeded: u64,
    /// Refused in a way that no further attempt cures.
    pub refused: u64,
    /// Answered with the wish to be left alone for a while.
    pub told_to_wait: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Failed in another way that may pass.
    pub failed: u64,
}

/// One connection's way out.
#[derive(Debug)]
pub(crate) struct Gate {
    calls: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    nodes: u32,
    /// Since when its settings are these.
    set_at: Option<Timestamp>,
    /// Calls at once as the semaphore has it, or will have it when what is out comes back.
    at_once: usize,
    /// Places to be taken away as calls come back.
    owed: usize,
    /// Calls in memory.
    seats: usize,
    /// More of its work waits in the store.
    is_behind: bool,
    /// Someone waits for a seat.
    is_wanted: bool,
    bucket: Bucket,
    fuse: Fuse,
    paused_until: Option<Timestamp>,
    /// It was told to wait: so many calls may be in memory until more is known, one at first.
    wary: Option<usize>,
    /// The time when it was looked at last.
    seen_at: Timestamp,
    ended: Ended,
    rate_waits: u64,
}

/// A place in memory for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// It is the one call by which it is seen whether the other side is back.
    is_probe: bool,
}

/// The right to have one call out.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    gate: &'a Gate,
    permit: Option<SemaphorePermit<'a>>,
}

impl Gate {
    pub(crate) fn new(pace: Pace) -> Self {
        let at_once = pace.calls_at_once.max(1) as usize;
        let state = State {
            pace,
            nodes: 1,
            set_at: None,
            at_once,
            owed: 0,
            seats: 0,
            is_behind: false,
            is_wanted: false,
            bucket: Bucket::default(),
            fuse: Fuse::default(),
            paused_until: None,
            wary: None,
            seen_at: Timestamp(i64::MIN / 2),
            ended: Ended::default(),
            rate_waits: 0,
        };
        Self { calls: Semaphore::new(at_once), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_at(&self, now: Timestamp) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.see(now);
        state
    }

    /// Goes by these settings; when they are not those it went by, the other side counts as changed too and is asked anew.
    pub(crate) fn set(&self, pace: Pace, set_at: Option<Timestamp>, now: Timestamp) {
        let mut state = self.state();
        if state.set_at != set_at {
            state.fuse = Fuse::default();
            (state.paused_until, state.wary) = (None, None);
        }
        (state.pace, state.set_at) = (pace, set_at);
        self.fit(&mut state, now);
    }

    /// So many processes share what the connection may have.
    pub(crate) fn share(&self, nodes: u32, now: Timestamp) {
        let mut state = self.state();
        state.nodes = nodes.max(1);
        self.fit(&mut state, now);
    }

    fn fit(&self, state: &mut State, now: Timestamp) {
        let nodes = state.nodes;
        state.bucket.set(state.pace.calls_per_second.map(|rate| rate / f64::from(nodes)), now);
        let wanted = (state.pace.calls_at_once / nodes).max(1) as usize;
        if wanted >= state.at_once {
            let more = wanted - state.at_once;
            let forgiven = more.min(state.owed);
            state.owed -= forgiven;
            self.calls.add_permits(more - forgiven);
        } else {
            let fewer = state.at_once - wanted;
            state.owed += fewer - self.calls.forget_permits(fewer);
        }
        state.at_once = wanted;
    }

    /// A place for a call that was just asked for; none while others that were asked for before wait in the store.
    pub(crate) fn enter(&self, now: Timestamp) -> Option<Place> {
        let mut state = self.state_at(now);
        if state.is_behind { None } else { state.enter(now) }
    }

    /// A place for a call whose turn it is.
    pub(crate) fn enter_in_turn(&self, now: Timestamp) -> Option<Place> {
        self.state_at(now).enter(now)
    }

    /// The call is not in memory any more; whether someone who waits for seats should look again.
    pub(crate) fn leave(&self, place: Place) -> bool {
        let mut state = self.state();
        state.seats -= 1;
        if place.is_probe {
            state.fuse.probe_lost();
        }
        let room = state.seats <= state.queue() / 2;
        room && std::mem::take(&mut state.is_wanted)
    }

    /// How many calls may be taken in hand now.
    pub(crate) fn room(&self, now: Timestamp) -> usize {
        let state = self.state();
        if state.is_open(now) { state.free(now) } else { 0 }
    }

    /// As [`Self::room`]; when there is none, someone waits for it.
    pub(crate) fn room_or_wake(&self, now: Timestamp) -> usize {
        let mut state = self.state_at(now);
        let room = if state.is_open(now) { state.free(now) } else { 0 };
        state.is_wanted |= room == 0;
        room
    }

    /// When there may be room again without a call coming back: someone waits for that.
    pub(crate) fn opens(&self, now: Timestamp) -> Option<Timestamp> {
        let mut state = self.state_at(now);
        state.is_wanted = true;
        let opens = state.fuse.opens(now)?.max(state.paused_until.unwrap_or(now));
        (opens > now).then_some(opens)
    }

    /// Whether more of its work waits in the store.
    pub(crate) fn mark_behind(&self, is_behind: bool) {
        self.state().is_behind = is_behind;
    }

    /// Waits for its turn; `None` when the call must not be made now and goes back to the store.
    pub(crate) async fn turn(&self, place: Place, clock: &dyn Clock) -> Option<Turn<'_>> {
        let permit = self.calls.acquire().await.ok()?;
        let turn = Turn { gate: self, permit: Some(permit) };
        let now = clock.now();
        let goes_at = {
            let mut state = self.state_at(now);
            if !state.lets_go(place, now) {
                return None;
            }
            let goes_at = state.bucket.place(now);
            state.rate_waits += u64::from(goes_at > now);
            goes_at
        };
        if goes_at > now {
            clock.sleep_until(goes_at).await;
            let now = clock.now();
            if !self.state_at(now).lets_go(place, now) {
                return None;
            }
        }
        Some(turn)
    }

    /// A call came to its end.
    pub(crate) fn heard<T>(&self, place: Place, end: &Result<T, Failure>, now: Timestamp) {
        let mut state = self.state_at(now);
        let sign = state.ended.add(end);
        if let Some(sign) = sign {
            let was = state.fuse.breaker();
            state.fuse.heard(sign, place.is_probe, now);
            state.is_wanted |= was != state.fuse.breaker();
        }
        let was = state.wary;
        let more = was.map(|calls| calls.saturating_mul(2));
        state.wary = more.filter(|more| *more < state.at_once);
        if let Err(failure) = end {
            state.pause(failure, now);
        }
        state.is_wanted |= was.is_some() && state.wary != Some(1);
    }

    pub(crate) fn health(&self, now: Timestamp) -> Health {
        let state = self.state_at(now);
        Health {
            breaker: state.fuse.told(now),
            told_to_wait_until: state.paused_until.filter(|until| *until > now),
            calls_out: (state.at_once + state.owed).saturating_sub(self.calls.available_permits()),
            ended: state.ended,
            rate_waits: state.rate_waits,
        }
    }
}

impl State {
    /// A clock that was set back must not make what was to last a while last until it has caught up.
    fn see(&mut self, now: Timestamp) {
        let back_by = self.seen_at.0.saturating_sub(now.0);
        if back_by > 0 {
            self.paused_until = self.paused_until.map(|until| until.plus(-back_by));
            self.fuse.set_back(back_by);
            self.bucket.set_back(back_by);
        }
        self.seen_at = now;
    }

    fn enter(&mut self, now: Timestamp) -> Option<Place> {
        if !self.is_open(now) || self.free(now) == 0 {
            return None;
        }
        self.seats += 1;
        Some(Place { is_probe: self.fuse.take(now) })
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let is_paused = self.paused_until.is_some_and(|until| until > now);
        !is_paused && self.fuse.opens(now).is_some_and(|opens| opens <= now)
    }

    /// Seats that are free; one while it is to be seen whether the other side is back.
    fn free(&self, now: Timestamp) -> usize {
        match self.fuse.breaker() {
            Breaker::Closed => self.wary.unwrap_or(self.queue()).saturating_sub(self.seats),
            Breaker::Open { until, .. } => usize::from(until <= now),
            Breaker::HalfOpen { .. } => 0,
        }
    }

    /// Whether a call in memory may go out: all may while the way is open, and only the probe while that is to be seen.
    fn lets_go(&self, place: Place, now: Timestamp) -> bool {
        let is_paused = self.paused_until.is_some_and(|until| until > now);
        !is_paused && (place.is_probe || self.fuse.breaker() == Breaker::Closed)
    }

    /// Most calls in memory.
    fn queue(&self) -> usize {
        let queue = (self.at_once * limits::QUEUED_PER_CALL).min(limits::JOBS_PER_CONNECTION);
        self.bucket.in_a_second().map_or(queue, |most| most.min(queue))
    }

    /// Leaves the other side alone for as long as it asks, within a limit.
    fn pause(&mut self, failure: &Failure, now: Timestamp) {
        let asked = match failure.kind {
            FailureKind::RateLimited => failure.retry_after_ms.or(Some(limits::TOLD_TO_WAIT_MS)),
            FailureKind::Transient => failure.retry_after_ms,
            FailureKind::InvalidInput
            | FailureKind::Auth
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Permanent
            | FailureKind::Internal => None,
        };
        let Some(asked) = asked else { return };
        let asked = i64::try_from(asked).unwrap_or(i64::MAX).min(limits::TOLD_TO_WAIT_MOST_MS);
        self.paused_until = self.paused_until.max(Some(now.plus(asked)));
        self.wary = Some(1);
    }
}

impl Ended {
    /// Counts a call; what it says of the other side, if anything: nothing when it was ours that could not be reached.
    fn add<T>(&mut self, end: &Result<T, Failure>) -> Option<Sign> {
        let Err(failure) = end else {
            self.succeeded += 1;
            return Some(Sign::Well);
        };
        let (count, sign) = match failure.kind {
            FailureKind::Transient if perform::OURS.contains(&failure.code.as_str()) => {
                (&mut self.failed, None)
            }
            FailureKind::Transient if perform::TIMED_OUT.contains(&failure.code.as_str()) => {
                (&mut self.timed_out, Some(Sign::Away))
            }
            FailureKind::Transient => (&mut self.failed, Some(Sign::Away)),
            FailureKind::RateLimited => (&mut self.told_to_wait, Some(Sign::Answers)),
            FailureKind::InvalidInput
            | FailureKind::Auth
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Permanent
            | FailureKind::Internal => (&mut self.refused, Some(Sign::Answers)),
        };
        *count += 1;
        sign
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        if let (true, Some(permit)) = (state.owed > 0, self.permit.take()) {
            state.owed -= 1;
            permit.forget();
        }
    }
}

/// The ways out of this process, by connection.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    gates: BTreeMap<String, Arc<Gate>>,
    nodes: u32,
    /// When all settings were read last.
    read_at: Timestamp,
}

/// What stands for the mail server among the connections; no connection can have this name.
pub const MAIL_SERVER: &str = "";

impl Default for Known {
    fn default() -> Self {
        let mail = Gate::new(Pace { calls_at_once: limits::MAILS, calls_per_second: None });
        let gates = BTreeMap::from([(MAIL_SERVER.to_owned(), Arc::new(mail))]);
        Self { gates, nodes: 1, read_at: Timestamp(i64::MIN / 2) }
    }
}

impl Gates {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` when nobody has read its settings yet.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Gate>> {
        self.known().gates.get(name).cloned()
    }

    pub(crate) fn all(&self) -> Vec<(String, Arc<Gate>)> {
        let known = self.known();
        known.gates.iter().map(|(name, gate)| (name.clone(), Arc::clone(gate))).collect()
    }

    /// The names of the connections among them.
    pub(crate) fn called(&self) -> Vec<String> {
        let known = self.known();
        known.gates.keys().filter(|name| *name != MAIL_SERVER).cloned().collect()
    }

    pub(crate) fn read_at(&self) -> Timestamp {
        self.known().read_at
    }

    pub(crate) fn set_read_at(&self, now: Timestamp) {
        self.known().read_at = now;
    }

    /// The connection's settings were read; without any it is not there, and what is asked of it fails at once.
    pub(crate) fn learn(&self, name: &str, stored: Option<(Pace, Timestamp)>, now: Timestamp) {
        let mut known = self.known();
        let nodes = known.nodes;
        let pace = stored.map_or_else(Pace::default, |(pace, _)| pace);
        let gate = known.gates.entry(name.to_owned()).or_insert_with(|| {
            let gate = Gate::new(pace);
            gate.share(nodes, now);
            Arc::new(gate)
        });
        gate.set(pace, stored.map(|(_, set_at)| set_at), now);
    }

    /// So many processes share what every connection may have.
    pub(crate) fn share(&self, nodes: u32, now: Timestamp) {
        let mut known = self.known();
        known.nodes = nodes.max(1);
        for gate in known.gates.values() {
            gate.share(nodes, now);
        }
    }
}
