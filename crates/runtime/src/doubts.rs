//! Leases under which this node may hold work that it does not do: what became of the write that claimed it was not heard. The node lives,
//! so that nobody would take that work over until the leases lapse.

use crate::limits;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{Failure, FailureKind, LeaseId};
use tokio::time::Instant;

/// Doubtful leases, until they were given back for long enough: a write whose answer was lost may still be under way.
#[derive(Debug, Default)]
pub(crate) struct Doubts(Mutex<Doubtful>);

#[derive(Debug, Default)]
struct Doubtful {
    leases: Vec<(LeaseId, Instant)>,
    /// When they were given back last.
    freed_at: Option<Instant>,
}

const AGAIN: Duration = Duration::from_millis(limits::DOUBT_AGAIN_MS);
const LONGEST: Duration = Duration::from_millis(limits::DOUBT_MS);

impl Doubts {
    /// What was to claim work under this lease failed.
    pub(crate) fn add(&self, lease: LeaseId, failure: &Failure) {
        if failure.kind() != FailureKind::Unknown {
            return;
        }
        let mut doubtful = self.doubtful();
        doubtful.leases.push((lease, Instant::now()));
        doubtful.freed_at = None;
    }

    /// What is to be given back now.
    pub(crate) fn due(&self) -> Vec<LeaseId> {
        let doubtful = self.doubtful();
        let is_due = doubtful.freed_at.is_none_or(|last| last.elapsed() >= AGAIN);
        let leases = doubtful.leases.iter().filter(|_| is_due);
        leases.map(|(lease, _)| *lease).collect()
    }

    /// All that was due was given back.
    pub(crate) fn freed(&self) {
        let mut doubtful = self.doubtful();
        doubtful.leases.retain(|(_, since)| since.elapsed() < LONGEST);
        doubtful.freed_at = Some(Instant::now());
    }

    fn doubtful(&self) -> MutexGuard<'_, Doubtful> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::Timestamp;
    use store::{Ids, Memory, Slot, WorkQueue};
    use tokio::time::advance;

    const NOW: Timestamp = Timestamp(1_760_000_000_000);

    /// A write whose answer is lost.
    async fn unheard() -> Failure {
        let memory = Memory::new(1);
        memory.cut_off_after(0);
        memory.free(&[], NOW).await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_in_doubt_is_given_back_at_once_and_now_and_then_until_its_write_is_over() {
        let (doubts, ids) = (Doubts::default(), Ids::new(7));
        let lease = ids.lease(NOW, Slot::of("lease"));
        assert_eq!(doubts.due(), []);
        doubts.add(lease, &unheard().await);
        assert_eq!(doubts.due(), [lease]);
        assert_eq!(doubts.due(), [lease], "it could not be given back");
        doubts.freed();
        assert_eq!(doubts.due(), []);
        advance(AGAIN).await;
        assert_eq!(doubts.due(), [lease]);
        advance(LONGEST).await;
        doubts.freed();
        advance(AGAIN).await;
        assert_eq!(doubts.due(), []);
    }
}
