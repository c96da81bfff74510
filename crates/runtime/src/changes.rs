//! What changed, for whoever watches.

use crate::limits;
use store::{AccountId, InstanceId, JourneyId, ReviewId, TaskId};
use tokio::sync::broadcast;

/// A hint that something changed and is durable; read it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Instance { id: InstanceId, journey: JourneyId },
    Task { id: TaskId },
    Account { id: AccountId },
    Notice { instance: InstanceId },
    Review { id: ReviewId, journey: JourneyId },
}

/// Tells every listener.
#[derive(Debug)]
pub(crate) struct Changes {
    sender: broadcast::Sender<Change>,
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(limits::CHANGES) }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    pub(crate) fn tell(&self, change: Change) {
        // Nobody listening is fine.
        let _ = self.sender.send(change);
    }
}
