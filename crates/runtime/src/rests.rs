//! Whoever waits for an instance to come to rest.

use crate::runtime::Standing;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::InstanceId;
use tokio::sync::watch;

/// One channel per instance that is waited for.
#[derive(Debug, Default)]
pub(crate) struct Rests {
    waiting: Mutex<Waiting>,
}

#[derive(Debug)]
enum Waiting {
    For(HashMap<InstanceId, watch::Sender<Option<Standing>>>),
    /// The process is ending: nobody waits any more.
    Over,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::For(HashMap::new())
    }
}

impl Rests {
    /// Hears of the next rest of an instance; the channel closes when waiting is over. Ask before looking at how it stands, or a rest in
    /// between is missed.
    pub(crate) fn listen(&self, id: InstanceId) -> watch::Receiver<Option<Standing>> {
        match &mut *self.waiting() {
            Waiting::For(waiting) => {
                waiting.entry(id).or_insert_with(|| watch::Sender::new(None)).subscribe()
            }
            Waiting::Over => watch::Sender::new(None).subscribe(),
        }
    }

    /// Tells who waits, and forgets them.
    pub(crate) fn tell(&self, id: InstanceId, rest: &Standing) {
        if let Waiting::For(waiting) = &mut *self.waiting()
            && let Some(sender) = waiting.remove(&id)
        {
            sender.send_replace(Some(rest.clone()));
        }
    }

    /// Whether someone waits for an instance.
    pub(crate) fn is_awaited(&self, id: InstanceId) -> bool {
        matches!(&*self.waiting(), Waiting::For(waiting) if waiting.contains_key(&id))
    }

    /// Forgets an instance nobody waits for any more.
    pub(crate) fn tidy(&self, id: InstanceId) {
        if let Waiting::For(waiting) = &mut *self.waiting()
            && waiting.get(&id).is_some_and(|sender| sender.receiver_count() == 0)
        {
            waiting.remove(&id);
        }
    }

    /// Lets everyone go who waits, now and from now on.
    pub(crate) fn end(&self) {
        *self.waiting() = Waiting::Over;
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
