//! Does claimed work: makes the call or fires the timer, and brings the answer to the instance.

use crate::{CallRequest, limits, moves::MoveError, runtime::Inner};
use journey::{
    Event, Rejection,
    effect::{Call, Ending, Failure, FailureKind},
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
    work::{Claimed, Job, WorkKey},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// The work in memory: which is held under which lease, and room for more.
#[derive(Debug)]
pub(crate) struct Hands {
    held: Mutex<HashMap<WorkKey, LeaseId>>,
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
    pub(crate) fn new() -> Self {
        Self {
            held: Mutex::default(),
            room: Arc::new(Semaphore::new(limits::JOBS)),
            full: AtomicBool::new(false),
            connections: Mutex::default(),
        }
    }

    /// A place for this work; `None` when there is none for it now.
    pub(crate) fn seat(&self, job: &Job) -> Option<Seat> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let Job::Call(call) = job else {
            return Some(Seat { connection: None, _permits: vec![room] });
        };
        let connection = self.connection(&call.connection);
        let queue = Arc::clone(&connection.queue).try_acquire_owned().ok()?;
        Some(Seat { connection: Some(connection), _permits: vec![room, queue] })
    }

    fn connection(&self, name: &str) -> Arc<Connection> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = connections.get(name) {
            return Arc::clone(known);
        }
        let connection = Arc::new(Connection {
            queue: Arc::new(Semaphore::new(limits::JOBS_PER_CONNECTION)),
            calls: Semaphore::new(limits::CALLS_PER_CONNECTION),
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
        limits::JOBS - self.free()
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
        let all = u32::try_from(limits::JOBS).unwrap_or(u32::MAX);
        let _ = self.room.acquire_many(all).await;
    }
}

/// Does one piece of work.
pub(crate) async fn run(inner: Arc<Inner>, job: Claimed, seat: Seat) {
    let Claimed { key, job, .. } = job;
    let position = key.position;
    let event = match job {
        Job::Timer(timer) => Event::TimerFired { position, timer },
        Job::Call(call) => match call_out(&inner, &key, call, &seat).await {
            Ok(output) => Event::CallSucceeded { position, output },
            Err(failure) => Event::CallFailed { position, failure },
        },
        Job::Send(_) => {
            let failure =
                failure(FailureKind::Permanent, "mail.not-configured", "no mail server is set");
            Event::CallFailed { position, failure }
        }
        Job::StartChild(start) => {
            let message = "journeys are not started by journeys yet".to_owned();
            let ending = Ending::NotStarted { message };
            Event::ChildEnded { position, index: start.index, ending }
        }
        Job::StopChildren { .. } | Job::Report { .. } => {
            if let Some(lease) = inner.hands.lease(&key) {
                forget(&inner, &key, lease).await;
            }
            return;
        }
    };
    answer(&inner, &key, event).await;
    drop(seat);
    if inner.hands.was_full() {
        inner.wake.notify_one();
    }
}

async fn call_out(
    inner: &Arc<Inner>,
    key: &WorkKey,
    call: Call,
    seat: &Seat,
) -> Result<Value, Failure> {
    let _turn = match &seat.connection {
        Some(connection) => connection.calls.acquire().await.ok(),
        None => None,
    };
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
    // On a task of its own, so that a panic in it is this call's failure and nothing else's.
    let mut calling = tokio::spawn(async move { performer.call(request).await });
    let limit = Duration::from_millis(timeout_ms + limits::CALL_GRACE_MS);
    match timeout(limit, &mut calling).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(failure(FailureKind::Internal, "call.panicked", "the call broke off")),
        Err(_) => {
            calling.abort();
            Err(failure(FailureKind::Transient, "call.timeout", "the call took too long"))
        }
    }
}

fn failure(kind: FailureKind, code: &str, message: &str) -> Failure {
    Failure { kind, code: code.to_owned(), message: message.to_owned(), retry_after_ms: None }
}

/// Brings the answer to the instance, through lapsed leases and a database that is away for a while.
async fn answer(inner: &Arc<Inner>, key: &WorkKey, mut event: Event) {
    let mut pause = Duration::from_millis(50);
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
    match rejection {
        Rejection::NotWaiting(_) | Rejection::WrongEvent(_) | Rejection::Over => None,
        other @ (Rejection::AlreadyStarted
        | Rejection::UnknownTrigger(_)
        | Rejection::AlreadyClaimed { .. }
        | Rejection::NotAssignee { .. }
        | Rejection::UnknownOutcome(_)
        | Rejection::InvalidForm { .. }
        | Rejection::InvalidInput { .. }
        | Rejection::NotAdmitted { .. }
        | Rejection::Cancelling
        | Rejection::NotAllowed { .. }
        | Rejection::Limit { .. }) => Some(Event::CallFailed {
            position: *position,
            failure: failure(FailureKind::Permanent, "answer.unfit", &other.to_string()),
        }),
    }
}

async fn forget(inner: &Arc<Inner>, key: &WorkKey, lease: LeaseId) {
    if let Err(failure) = inner.store.forget(&[(key.clone(), lease)]).await {
        tracing::warn!(error = %failure, "work nothing waits for is still there; it will be tried again");
    }
    inner.hands.let_go(key, lease);
}
