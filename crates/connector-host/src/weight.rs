//! Where a call runs: a light one where it was asked for, since handing it to another thread and its answer back costs more than most calls
//! do themselves; one that turns out to be heavy goes on on the connectors' own threads.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// Whether a call has used so much CPU time that others must not wait for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weight(Arc<AtomicBool>);

impl Weight {
    pub(crate) fn mark_heavy(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_heavy(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs `work` to its end, or until it pauses and is heavy: then `None`, and it can go on elsewhere.
pub(crate) async fn while_light<T>(
    work: &mut (impl Future<Output = T> + Unpin),
    weight: &Weight,
) -> Option<T> {
    poll_fn(|context| match Pin::new(&mut *work).poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if weight.is_heavy() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}
