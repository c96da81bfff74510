//! Leases under which this node may hold work that it does not do: what became of the write that claimed it was not heard. The node lives,
//! so that nobody would take that work over until the leases lapse.

use crate::limits;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{Failure, FailureKind, LeaseId};
use tokio::time::Instant;

/// Those leases, until they were given back for long enough: a write whose answer was lost may still be under way.
#[derive(Debug, Default)]
pub(crate) struct Unheard(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// Each with when it was given back for the first time: a write in doubt may take as long as the database is away, and is over soon after that.
    leases: Vec<(LeaseId, Option<Instant>)>,
    /// When they were given back last.
    freed_at: Option<Instant>,
}

const AGAIN: Duration = Duration::from_millis(limits::DOUBT_AGAIN_MS);
const LONGEST: Duration = Duration::from_millis(limits::DOUBT_MS);

impl Unheard {
    /// What was to claim work under this lease failed.
    pub(crate) fn add(&self, lease: LeaseId, failure: &Failure) {
        if failure.kind() != FailureKind::Unknown {
            return;
        }
        let mut held = self.held();
        held.leases.push((lease, None));
        held.freed_at = None;
    }

    /// What is to be given back now.
    pub(crate) fn due(&self) -> Vec<LeaseId> {
        let held = self.held();
        let is_due = held.freed_at.is_none_or(|last| last.elapsed() >= AGAIN);
        let leases = held.leases.iter().filter(|_| is_due);
        leases.map(|(lease, _)| *lease).collect()
    }

    /// These were given back. One that came meanwhile is due at once.
    pub(crate) fn freed(&self, freed: &[LeaseId]) {
        let mut held = self.held();
        let are_all = held.leases.iter().all(|(lease, _)| freed.contains(lease));
        let now = Instant::now();
        held.freed_at = are_all.then_some(now);
        held.leases.retain_mut(|(lease, first)| {
            !freed.contains(lease) || first.get_or_insert(now).elapsed() < LONGEST
        });
    }

    fn held(&self) -> MutexGuard<'_, Held> {
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
    async fn unanswered() -> Failure {
        let memory = Memory::new(1);
        memory.cut_off_after(0);
        memory.free(&[], NOW).await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_in_doubt_is_given_back_at_once_and_now_and_then_until_its_write_is_over() {
        let (unheard, ids) = (Unheard::default(), Ids::new(7));
        let lease = ids.lease(NOW, Slot::of("lease"));
        assert_eq!(unheard.due(), []);
        unheard.add(lease, &unanswered().await);
        assert_eq!(unheard.due(), [lease]);
        assert_eq!(unheard.due(), [lease], "it could not be given back");
        unheard.freed(&[lease]);
        assert_eq!(unheard.due(), []);
        advance(AGAIN).await;
        assert_eq!(unheard.due(), [lease]);
        let meanwhile = ids.lease(NOW, Slot::of("another"));
        unheard.add(meanwhile, &unanswered().await);
        unheard.freed(&[lease]);
        assert_eq!(unheard.due(), [lease, meanwhile], "one of them was not given back yet");
        advance(LONGEST).await;
        unheard.freed(&[lease, meanwhile]);
        advance(AGAIN).await;
        assert_eq!(unheard.due(), [meanwhile], "it was given back for the first time just now");
        advance(LONGEST).await;
        unheard.freed(&[meanwhile]);
        advance(AGAIN).await;
        assert_eq!(unheard.due(), []);
    }
}
