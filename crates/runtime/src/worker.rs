//! Does claimed work: makes the call or fires the timer, and brings the answer to the instance.

use crate::{
    CallRequest,
    children::is_late,
    limits,
    moves::MoveError,
    perform::{failure, guarded},
    runtime::Inner,
    shadow::Completion,
};
use journey::{
    Event, Position, Rejection,
    effect::{Call, Failure, FailureKind},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{
    LeaseId,
    commits::Refused,
    work::{Assumption, Claimed, Job, WorkKey},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::sleep,
};

/// What stands for the mail server among the connections; no connection can have this name.
const MAIL_SERVER: &str = "";

/// The first pause before an answer the database did not take is brought again.
const PAUSE: Duration = Duration::from_millis(50);

/// The work in memory: which is held under which lease, and room for more.
#[derive(Debug)]
pub(crate) struct Hands {
    held: Mutex<HashMap<WorkKey, LeaseId>>,
    places: usize,
    room: Arc<Semaphore>,
    /// The poller found no room.
    full: AtomicBool,
    connections: Mutex<HashMap<String, Arc<Connection>>>,
}

/// One connection's share of the room, and how many of its calls go out at a time.
#[derive(Debug)]
struct Connection {
    queue: Arc<Semaphore>,
    calls: Semaphore,
}

/// A place in memory for one piece of work.
#[derive(Debug)]
pub(crate) struct Seat {
    connection: Option<Arc<Connection>>,
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Hands {
    /// With room for so much work.
    pub(crate) fn new(places: usize) -> Self {
        Self {
            held: Mutex::default(),
            places,
            room: Arc::new(Semaphore::new(places)),
            full: AtomicBool::new(false),
            connections: Mutex::default(),
        }
    }

    /// A place for this work; `None` when there is none for it now.
    pub(crate) fn seat(&self, job: &Job) -> Option<Seat> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let connection = match job {
            Job::Call(call) => self.connection(&call.connection, limits::CALLS_PER_CONNECTION),
            Job::Send(_) => self.connection(MAIL_SERVER, limits::MAILS),
            Job::Timer(_)
            | Job::StartChild(_)
            | Job::Assume(_)
            | Job::StopChildren { .. }
            | Job::Report { .. } => {
                return Some(Seat { connection: None, _permits: vec![room] });
            }
        };
        let queue = Arc::clone(&connection.queue).try_acquire_owned().ok()?;
        Some(Seat { connection: Some(connection), _permits: vec![room, queue] })
    }

    fn connection(&self, name: &str, calls: usize) -> Arc<Connection> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = connections.get(name) {
            return Arc::clone(known);
        }
        let connection = Arc::new(Connection {
            queue: Arc::new(Semaphore::new(limits::JOBS_PER_CONNECTION)),
            calls: Semaphore::new(calls),
        });
        connections.insert(name.to_owned(), Arc::clone(&connection));
        connection
    }

    /// How much more may be claimed now.
    pub(crate) fn free(&self) -> usize {
        self.room.available_permits()
    }

    /// Someone waits for room.
    pub(crate) fn mark_full(&self) {
        self.full.store(true, Ordering::Release);
    }

    /// Whether someone waited for room until now.
    fn was_full(&self) -> bool {
        self.full.load(Ordering::Acquire) && self.full.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn jobs(&self) -> usize {
        self.places - self.free()
    }

    pub(crate) fn take_up(&self, job: &Claimed) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(job.key.clone(), job.lease);
    }

    /// Work that is still in hand was claimed anew, since its lease lapsed: whoever does it answers under the new lease.
    pub(crate) fn renew(&self, job: &Claimed) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get_mut(&job.key).map(|lease| *lease = job.lease).is_some()
    }

    fn lease(&self, key: &WorkKey) -> Option<LeaseId> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }

    /// The work is not in hand any more; the lease it is held under if that is a newer one.
    pub(crate) fn let_go(&self, key: &WorkKey, lease: LeaseId) -> Option<LeaseId> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(key).filter(|newer| *newer != lease)
    }

    /// Returns when nothing is in hand.
    pub(crate) async fn drained(&self) {
        let all = u32::try_from(self.places).unwrap_or(u32::MAX);
        let _ = self.room.acquire_many(all).await;
    }
}

/// Does one piece of work.
pub(crate) async fn run(inner: Arc<Inner>, job: Claimed, seat: Seat) {
    let Claimed { key, job, .. } = job;
    let position = key.position;
    match job {
        Job::Timer(timer) => answer(&inner, &key, Event::TimerFired { position, timer }).await,
        Job::Call(call) => {
            let called = call_out(&inner, &key, call, &seat).await;
            answer(&inner, &key, answered(position, called)).await;
        }
        Job::Send(message) => {
            let sent = {
                let _turn = turn(&seat).await;
                inner.send(&key, *message).await
            };
            answer(&inner, &key, answered(position, sent)).await;
        }
        Job::Assume(assumption) => match *assumption {
            Assumption::Call { output } => {
                answer(&inner, &key, Event::CallSucceeded { position, output }).await;
            }
            task @ Assumption::Task { .. } => {
                see_through(&inner, &key, &Job::Assume(Box::new(task))).await;
            }
        },
        errand @ (Job::StartChild(_) | Job::StopChildren { .. } | Job::Report { .. }) => {
            see_through(&inner, &key, &errand).await;
        }
    }
    drop(seat);
    if inner.hands.was_full() {
        inner.wake.notify_one();
    }
}

fn answered(position: Position, called: Result<Value, Failure>) -> Event {
    match called {
        Ok(output) => Event::CallSucceeded { position, output },
        Err(failure) => Event::CallFailed { position, failure },
    }
}

/// Runs an errand between instances, through lapsed leases and a database that is away for a while.
async fn see_through(inner: &Arc<Inner>, key: &WorkKey, errand: &Job) {
    let mut pause = PAUSE;
    for _ in 0..limits::COMMIT_ATTEMPTS {
        let Some(lease) = inner.hands.lease(key) else { return };
        match run_errand(inner, key, lease, errand).await {
            Ok(Some(event)) => return answer(inner, key, event).await,
            Ok(None) => return forget(inner, key, lease).await,
            Err(MoveError::Refused(Refused::LostLease)) => {
                if inner.hands.lease(key) == Some(lease) {
                    // Nobody waits for what it was to bring any more, or another process is at it.
                    inner.hands.let_go(key, lease);
                    return;
                }
            }
            Err(MoveError::Failure(failure)) if failure.is_retryable() => {
                tracing::warn!(instance.id = %key.instance, error = %failure, "errand not done; trying again");
                sleep(pause).await;
                pause *= 2;
            }
            Err(error) => {
                tracing::error!(instance.id = %key.instance, ?error, "errand not done; it will be done again");
                break;
            }
        }
    }
    if let Some(lease) = inner.hands.lease(key) {
        inner.hands.let_go(key, lease);
    }
}

/// What the instance the errand comes from is told, if anything.
async fn run_errand(
    inner: &Arc<Inner>,
    key: &WorkKey,
    lease: LeaseId,
    errand: &Job,
) -> Result<Option<Event>, MoveError> {
    match errand {
        Job::StartChild(start) => {
            inner.start_child((key.clone(), lease), (**start).clone()).await.map(Some)
        }
        Job::StopChildren { reason } => inner.stop_children(key, reason).await.map(|()| None),
        Job::Report { parent, ending, written } => {
            inner.report(parent, ending.clone(), written).await.map(|()| None)
        }
        Job::Assume(assumption) => match (**assumption).clone() {
            Assumption::Task { outcome, form, team } => {
                let done = Completion { outcome, form, team };
                inner.complete_assumed(key, &done).await.map(|()| None)
            }
            Assumption::Call { .. } => Ok(None),
        },
        Job::Call(_) | Job::Timer(_) | Job::Send(_) => Ok(None),
    }
}

async fn call_out(
    inner: &Arc<Inner>,
    key: &WorkKey,
    call: Call,
    seat: &Seat,
) -> Result<Value, Failure> {
    let _turn = turn(seat).await;
    let timeout_ms = call.timeout_ms.min(limits::CALL_MS);
    let request = CallRequest {
        instance: key.instance,
        idempotency_key: format!("{}:{}", key.instance, key.position.0),
        connection: call.connection,
        operation: call.operation,
        input: call.input,
        timeout_ms,
        attempt: call.attempt,
    };
    let performer = Arc::clone(&inner.performer);
    let limit = Duration::from_millis(timeout_ms + limits::CALL_GRACE_MS);
    guarded(limit, async move { performer.call(request).await }).await
}

/// Waits until the other side may be bothered once more.
async fn turn(seat: &Seat) -> Option<SemaphorePermit<'_>> {
    let connection = seat.connection.as_ref()?;
    connection.calls.acquire().await.ok()
}

/// Brings the answer to the instance, through lapsed leases and a database that is away for a while.
async fn answer(inner: &Arc<Inner>, key: &WorkKey, mut event: Event) {
    let mut pause = PAUSE;
    for _ in 0..limits::COMMIT_ATTEMPTS {
        let Some(lease) = inner.hands.lease(key) else { return };
        let done = Some((key.clone(), lease));
        match inner.deliver(key.instance, event.clone(), done).await {
            Ok(_) => return,
            Err(MoveError::Refused(Refused::LostLease))
                if inner.hands.lease(key) != Some(lease) => {}
            Err(MoveError::Failure(failure)) if failure.is_retryable() => {
                tracing::warn!(instance.id = %key.instance, error = %failure, "answer not committed; trying again");
                sleep(pause).await;
                pause *= 2;
            }
            Err(MoveError::Rejected(rejection)) => match unfit(&event, &rejection) {
                Some(instead) => event = instead,
                None => return forget(inner, key, lease).await,
            },
            Err(error) => {
                tracing::error!(instance.id = %key.instance, ?error, "answer not taken in; the work will be done again");
                break;
            }
        }
    }
    if let Some(lease) = inner.hands.lease(key) {
        inner.hands.let_go(key, lease);
    }
}

/// An answer that the instance waits for but cannot take in is a failed call; `None` when nothing waits for it.
fn unfit(event: &Event, rejection: &Rejection) -> Option<Event> {
    let Event::CallSucceeded { position, .. } = event else { return None };
    (!is_late(rejection)).then(|| Event::CallFailed {
        position: *position,
        failure: failure(FailureKind::Permanent, "answer.unfit", &rejection.to_string()),
    })
}

async fn forget(inner: &Arc<Inner>, key: &WorkKey, lease: LeaseId) {
    if let Err(failure) = inner.store.forget(&[(key.clone(), lease)]).await {
        tracing::warn!(error = %failure, "work nothing waits for is still there; it will be tried again");
    }
    inner.hands.let_go(key, lease);
}
