//! Whoever waits for an instance to come to rest.

use crate::runtime::Standing;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use store::InstanceId;
use tokio::sync::watch;

/// One channel per instance that is waited for.
#[derive(Debug, Default)]
pub(crate) struct Rests {
    waiting: Mutex<HashMap<InstanceId, watch::Sender<Option<Standing>>>>,
}

impl Rests {
    /// Hears of the next rest of an instance. Ask before looking at how it stands, or a rest in between is missed.
    pub(crate) fn listen(&self, id: InstanceId) -> watch::Receiver<Option<Standing>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(id).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// Tells who waits, and forgets them.
    pub(crate) fn tell(&self, id: InstanceId, rest: &Standing) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.remove(&id) {
            sender.send_replace(Some(rest.clone()));
        }
    }

    /// Forgets an instance nobody waits for any more.
    pub(crate) fn tidy(&self, id: InstanceId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.get(&id).is_some_and(|sender| sender.receiver_count() == 0) {
            waiting.remove(&id);
        }
    }
}
