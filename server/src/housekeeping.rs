//! What a running server forgets by itself: sessions that are over, answers kept for requests that nobody will repeat any more,
//! messages that no cap counts and no attempt asks for, and what people were told long ago.

use std::{sync::Arc, time::Duration};

use journey::Timestamp;
use runtime::{Clock, Runtime};
use store::{Failure, Slot, Store};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::limits;

/// Forgets at once and then every hour, until the server stops.
pub(crate) async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    runtime: Runtime,
    stopping: CancellationToken,
) {
    let mut hourly = interval(Duration::from_secs(limits::HOUSEKEEPING_S));
    loop {
        tokio::select! {
            _ = hourly.tick() => {}
            () = stopping.cancelled() => return,
        }
        if let Err(failure) = forget(store.as_ref(), clock.now()).await {
            tracing::warn!(%failure, "nothing was forgotten; it will be tried again");
        }
        // Another process may have published, or this one was ended while it did.
        if let Err(failure) = runtime.end_stale_shadows().await {
            tracing::warn!(%failure, "shadow instances that are over still run; it will be tried again");
        }
    }
}

/// Seals the audit log every few seconds, on the server that looks after that, until it stops.
pub(crate) async fn seal(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stopping: CancellationToken,
) {
    let mut often = interval(Duration::from_secs(limits::SEALING_S));
    loop {
        tokio::select! {
            _ = often.tick() => {}
            () = stopping.cancelled() => return,
        }
        // Two that both think they look after it seal one after the other.
        while store.looks_after(Slot::of("audit")) {
            match store.seal_audit(clock.now()).await {
                Ok(lines) if lines < u64::from(store::limits::SEALED) => break,
                Ok(_) => {}
                Err(failure) => {
                    tracing::warn!(%failure, "the audit log is not sealed; it will be tried again");
                    break;
                }
            }
        }
    }
}

/// How many sessions, answers and counted messages are gone.
pub(crate) async fn forget(store: &dyn Store, now: Timestamp) -> Result<(u64, u64, u64), Failure> {
    let sessions = store.forget_expired_sessions(now).await?;
    let answers = store.forget_answers(now.plus(-limits::ANSWERS_MS)).await?;
    let messages = store.forget_messages(now.plus(-limits::MESSAGES_MS)).await?;
    forget_notices(store, now.plus(-limits::NOTICES_MS)).await?;
    Ok((sessions, answers, messages))
}

/// A batch at a time, and others write in between.
async fn forget_notices(store: &dyn Store, before: Timestamp) -> Result<u64, Failure> {
    let mut all = 0;
    loop {
        let gone = store.forget_notices(before, limits::NOTICES_AT_ONCE).await?;
        all += gone;
        if gone < u64::from(limits::NOTICES_AT_ONCE) {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{
        Database, Directory, Idempotency,
        directory::{Made, NewUser, Role},
        idempotency::{Answer, Begun, Request},
    };

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[tokio::test]
    async fn what_is_over_is_forgotten_and_what_is_not_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.sqlite"), 1).await.unwrap();
        let user = NewUser {
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Member,
            password_hash: "hash".to_owned(),
        };
        let Made::Made(user) = store.create_user(&user, NOW).await.unwrap() else {
            panic!("the first is made")
        };
        for (hash, lasts) in [([1; 32], -1), ([2; 32], 1_000)] {
            store.open_session(&hash, user, NOW, NOW.plus(lasts)).await.unwrap();
        }
        let request =
            |key: &str| Request { scope: "ada".to_owned(), key: key.to_owned(), hash: [0; 32] };
        let old = NOW.plus(-limits::ANSWERS_MS - 1);
        assert_eq!(store.begin_answer(&request("old"), old).await.unwrap(), Begun::New);
        assert_eq!(store.begin_answer(&request("new"), NOW).await.unwrap(), Begun::New);
        assert_eq!(forget(&store, NOW).await.unwrap(), (1, 1, 0));
        assert!(store.user_by_session(&[2; 32], NOW).await.unwrap().is_some());
        let answer = Answer { status: 200, body: Vec::new() };
        store.finish_answer(&request("new"), &answer).await.unwrap();
        let again = store.begin_answer(&request("new"), NOW).await.unwrap();
        assert_eq!(again, Begun::Answered(answer));
        assert_eq!(forget(&store, NOW).await.unwrap(), (0, 0, 0));
    }
}
