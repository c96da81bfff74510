//! Takes part with other nodes: lives on under a lease, takes over from those that are gone, and shares the slots fairly.

use crate::{limits, runtime::Inner};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use store::{
    Failure, NodeId,
    nodes::{Beat, Joined, NewNode, NodeState, Succeeds},
};
use tokio::time::{Instant, sleep, timeout};

/// Why a server cannot take part.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// It could not read what the others seal, nor they what it seals.
    #[error(
        "secrets of this workspace are sealed with another key, that of the server '{than}': give this one the same secrets.key, or start it with --new-key if that is lost"
    )]
    OtherKey { than: String },
    #[error("{0} servers share this workspace already, as many as may")]
    Full(usize),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Takes part for the first time; where there is no room, those that are gone are waited for until their leases lapse.
pub(crate) async fn begin(inner: &Inner, node: &NewNode) -> Result<NodeId, JoinError> {
    let id = match join(inner, node).await {
        Err(JoinError::Full(_)) => {
            sleep(node.lease).await;
            join(inner, node).await?
        }
        joined => joined?,
    };
    // Nothing is under way yet.
    if let Err(failure) = inner.store.share_slots().await {
        tracing::warn!(error = %failure, "slots are not shared; trying again");
        inner.unfair.notify_one();
    }
    Ok(id)
}

/// Takes part as a new node, without slots yet.
async fn join(inner: &Inner, node: &NewNode) -> Result<NodeId, JoinError> {
    let id = match inner.store.join(node).await? {
        Joined::As(id) => id,
        Joined::OtherKey { than } => return Err(JoinError::OtherKey { than }),
        Joined::Full(most) => return Err(JoinError::Full(most)),
    };
    Ok(id)
}

/// Lives on until it is aborted.
pub(crate) async fn run(inner: Arc<Inner>, node: NewNode) {
    let every = node.lease / limits::BEATS_PER_LEASE;
    let mut missed = 0;
    loop {
        sleep(every).await;
        let asked_at = Instant::now();
        let beaten = timeout(node.lease / 2, inner.store.beat()).await;
        missed = if matches!(beaten, Ok(Ok(_))) { 0 } else { missed + 1 };
        inner.is_unheard.store(missed >= limits::BEATS_MISSED, Ordering::Release);
        match beaten {
            Ok(Ok(Some(beat))) => {
                if let Some(at) = beat.at {
                    inner.clock.follow(at, asked_at.elapsed());
                }
                heard(&inner, beat).await;
            }
            Ok(Ok(None)) => join_anew(&inner, &node).await,
            Ok(Err(failure)) => {
                tracing::warn!(error = %failure, "the lease of this node is not renewed; trying again");
            }
            Err(_) => tracing::warn!(
                "the database does not answer; the lease of this node is not renewed"
            ),
        }
    }
}

/// Tells the others that it is gone; who does not hear it notices.
pub(crate) async fn leave(inner: &Inner) {
    match timeout(limits::LEAVE, inner.store.leave()).await {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => {
            tracing::warn!(error = %failure, "the other nodes are not told; they notice");
        }
        Err(_) => tracing::warn!("the database does not answer; the other nodes notice"),
    }
}

/// Keeps its share of the slots; nothing is under way for them while they change hands.
pub(crate) async fn share(inner: Arc<Inner>) {
    loop {
        inner.unfair.notified().await;
        let alone = inner.tenure.write().await;
        let shared = inner.store.share_slots().await;
        drop(alone);
        match shared {
            Ok(slots) => {
                tracing::debug!(slots, "slots shared");
                inner.look_everywhere();
            }
            Err(failure) => {
                tracing::warn!(error = %failure, "slots are not shared; trying again");
                sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
            }
        }
    }
}

async fn heard(inner: &Inner, beat: Beat) {
    if inner.serving.swap(beat.serving, Ordering::AcqRel) != beat.serving {
        inner.hands.gates.share(beat.serving, inner.clock.now());
    }
    inner.is_draining.store(beat.state == NodeState::Draining, Ordering::Release);
    if beat.others_lapsed {
        take_over(inner).await;
    }
    if beat.is_unfair || beat.others_lapsed {
        inner.unfair.notify_one();
    }
}

async fn take_over(inner: &Inner) {
    match inner.store.expel().await {
        Ok(expelled) => {
            for gone in expelled {
                tracing::warn!(node.id = %gone.node, work = gone.work, "a node is gone; what it held is taken over");
            }
            inner.look_everywhere();
        }
        Err(failure) => {
            tracing::warn!(error = %failure, "nothing is taken over from a node that is gone; trying again");
        }
    }
}

/// Others took this node for gone: it stood still, or the database was not reached. What it had in hand is done by whoever claims it.
async fn join_anew(inner: &Inner, node: &NewNode) {
    if inner.is_closing() {
        return;
    }
    let again = NewNode { succeeds: Succeeds::Nobody, ..node.clone() };
    match join(inner, &again).await {
        Ok(id) => {
            tracing::warn!(node.id = %id, "this node was taken for gone; it takes part again");
            inner.unfair.notify_one();
        }
        Err(error) => {
            tracing::warn!(%error, "this node was taken for gone and cannot join; trying again");
        }
    }
}

impl Inner {
    /// Slots or work have changed hands.
    fn look_everywhere(&self) {
        self.wake.notify_one();
        self.events.notify_one();
        self.times.notify_one();
        self.migrations.notify_one();
    }

    /// Whether it takes up nothing new.
    pub(crate) fn holds_back(&self) -> bool {
        self.is_closing() || self.is_draining.load(Ordering::Acquire)
    }

    /// Whether others run the workspace beside this node.
    pub(crate) fn has_company(&self) -> bool {
        self.serving.load(Ordering::Acquire) > 1
    }
}
