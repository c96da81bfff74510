//! Finds due work that nobody holds: timers whose time has come, and what a process that is gone left behind.

use crate::{limits, runtime::Inner};
use journey::Timestamp;
use std::{sync::Arc, time::Duration};
use store::{Failure, work::Claimed};

/// What a look at the store found.
enum Found {
    /// As much as there was room for; there may be more.
    Plenty,
    /// All there is; the next is due then.
    Next(Option<Timestamp>),
}

/// Runs until it is aborted. Waking it early is a hint; its own rhythm is the guarantee.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        match round(&inner).await {
            Ok(Found::Plenty) => {}
            Ok(Found::Next(next)) => rest(&inner, next).await,
            Err(failure) => {
                tracing::warn!(error = %failure, "due work not claimed; trying again");
                tokio::time::sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
            }
        }
    }
}

async fn round(inner: &Arc<Inner>) -> Result<Found, Failure> {
    if inner.holds_back() {
        return Ok(Found::Next(None));
    }
    let now = inner.clock.now();
    let next = inner.store.next_due().await?;
    if next.is_none_or(|next| next > now) {
        return Ok(Found::Next(next));
    }
    let room = u32::try_from(inner.hands.free()).unwrap_or(u32::MAX).min(limits::CLAIM);
    if room == 0 {
        inner.hands.mark_full();
        return Ok(Found::Next(None));
    }
    let until = now.plus(limits::LEASE_MS);
    let claimed = inner.store.claim(now, until, room).await?;
    let mut crowded = Vec::new();
    for job in claimed {
        begin(inner, job, &mut crowded);
    }
    if !crowded.is_empty() {
        let back: Vec<_> = crowded.into_iter().map(|job| (job.key, job.lease)).collect();
        inner.store.release(&back, now.plus(limits::CONNECTION_FULL_MS)).await?;
    }
    Ok(Found::Plenty)
}

fn begin(inner: &Arc<Inner>, job: Claimed, crowded: &mut Vec<Claimed>) {
    if inner.hands.renew(&job) {
        return;
    }
    match inner.hands.seat(&job.job) {
        Some(seat) => inner.begin(job, seat),
        None => crowded.push(job),
    }
}

async fn rest(inner: &Arc<Inner>, next: Option<Timestamp>) {
    let poll = inner.clock.now().plus(limits::POLL_MS);
    let until = next.map_or(poll, |next| next.min(poll));
    tokio::select! {
        () = inner.clock.sleep_until(until) => {}
        () = inner.wake.notified() => {}
    }
}
