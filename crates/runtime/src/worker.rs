//! Does claimed work: makes the call or fires the timer, and brings the answer to the instance.

use crate::{
    CallRequest,
    children::is_late,
    hands::Seat,
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
use std::{sync::Arc, time::Duration};
use store::{
    LeaseId,
    commits::Refused,
    planted::{Mistake, makes},
    work::{Assumption, Claimed, Job, WorkKey},
};
use tokio::time::sleep;

/// The pauses before what the database did not take is brought again, as long as it takes.
#[derive(Default)]
struct Pauses(u32);

impl Pauses {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(5);

    async fn next(&mut self) {
        let pause = Self::FIRST.saturating_mul(2_u32.saturating_pow(self.0));
        self.0 = self.0.saturating_add(1);
        sleep(pause.min(Self::LONGEST)).await;
    }
}

/// Does one piece of work.
pub(crate) async fn run(inner: Arc<Inner>, job: Claimed, seat: Seat) {
    let Claimed { key, job, .. } = job;
    let position = key.position;
    match job {
        Job::Timer(timer) => answer(&inner, &key, Event::TimerFired { position, timer }).await,
        Job::Call(call) => match call_out(&inner, &key, call, &seat).await {
            Some(Err(_)) if makes(Mistake::FailureForgotten) => drop_it(&inner, &key).await,
            Some(called) => answer(&inner, &key, answered(position, called)).await,
            None => inner.hands.give_back(&key),
        },
        Job::Send(message) => match go_out(&inner, &seat, inner.send(&key, *message)).await {
            Some(sent) => answer(&inner, &key, answered(position, sent)).await,
            None => inner.hands.give_back(&key),
        },
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
}

/// Makes calls that nobody may have asked for; their answers are nobody's.
pub(crate) fn call_unasked(inner: &Arc<Inner>, jobs: &[Claimed]) {
    for Claimed { key, job, .. } in jobs {
        let Job::Call(call) = job else { continue };
        let (performer, request) = (Arc::clone(&inner.performer), request(key, call.clone()));
        tokio::spawn(async move { drop(performer.call(request).await) });
    }
}

/// The work is done, whatever came of it.
async fn drop_it(inner: &Arc<Inner>, key: &WorkKey) {
    if let Some(lease) = inner.hands.lease(key) {
        forget(inner, key, lease).await;
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
    let mut pauses = Pauses::default();
    while let Some(lease) = inner.hands.lease(key) {
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
                pauses.next().await;
            }
            // Somebody moved what it is about meanwhile, or has the new instance's id already.
            Err(MoveError::Refused(Refused::LostRace)) => pauses.next().await,
            Err(error) => {
                tracing::error!(instance.id = %key.instance, ?error, "errand not done; it will be done again");
                inner.hands.let_go(key, lease);
            }
        }
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

fn request(key: &WorkKey, call: Call) -> CallRequest {
    let further = if makes(Mistake::KeyPerAttempt) { call.attempt } else { 0 };
    CallRequest {
        instance: key.instance,
        idempotency_key: format!("{}:{}", key.instance, key.position.0 + further),
        connection: call.connection,
        operation: call.operation,
        input: call.input,
        timeout_ms: call.timeout_ms.min(limits::CALL_MS),
        attempt: call.attempt,
    }
}

/// What the call came to; `None` when it must not be made now.
async fn call_out(
    inner: &Arc<Inner>,
    key: &WorkKey,
    call: Call,
    seat: &Seat,
) -> Option<Result<Value, Failure>> {
    let request = request(key, call);
    let performer = Arc::clone(&inner.performer);
    let limit = Duration::from_millis(request.timeout_ms + limits::CALL_GRACE_MS);
    go_out(inner, seat, guarded(limit, async move { performer.call(request).await })).await
}

/// Waits until the other side may be bothered once more, and notes how it took it.
async fn go_out(
    inner: &Arc<Inner>,
    seat: &Seat,
    bother: impl Future<Output = Result<Value, Failure>>,
) -> Option<Result<Value, Failure>> {
    let Some((gate, place)) = seat.gate() else { return Some(bother.await) };
    let _turn = gate.turn(place, inner.clock.as_ref()).await?;
    let end = bother.await;
    gate.heard(place, &end, inner.clock.now());
    // Who is told to come back later has not been refused: it is asked again when the other side wants to be, and no attempt is used up.
    let is_put_off = matches!(&end, Err(failure) if failure.kind == FailureKind::RateLimited);
    (!is_put_off).then_some(end)
}

/// Brings the answer to the instance, through lapsed leases and a database that is away for a while.
async fn answer(inner: &Arc<Inner>, key: &WorkKey, mut event: Event) {
    let mut pauses = Pauses::default();
    while let Some(lease) = inner.hands.lease(key) {
        let done = Some((key.clone(), lease));
        match inner.deliver(key.instance, event.clone(), done).await {
            Ok(_) => return,
            Err(MoveError::Refused(Refused::LostLease))
                if inner.hands.lease(key) != Some(lease) => {}
            Err(MoveError::Failure(failure)) if failure.is_retryable() => {
                tracing::warn!(instance.id = %key.instance, error = %failure, "answer not committed; trying again");
                pauses.next().await;
            }
            Err(MoveError::Rejected(rejection)) => match unfit(&event, &rejection) {
                Some(instead) => event = instead,
                None => return forget(inner, key, lease).await,
            },
            Err(error) => {
                tracing::error!(instance.id = %key.instance, ?error, "answer not taken in; the work will be done again");
                inner.hands.let_go(key, lease);
            }
        }
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
