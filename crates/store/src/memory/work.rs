use super::Memory;
use crate::{
    Failure, InstanceId, LeaseId, NodeId, WorkQueue,
    inventory::Pending,
    work::{Backlog, Claimed, Job, Lease, NewWork, WorkKey},
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<WorkKey, Row>,
    /// When each may be taken.
    available: BTreeSet<(Timestamp, WorkKey)>,
}

#[derive(Debug)]
struct Row {
    due: Timestamp,
    job: Job,
    /// Its due time, or the end of its lease.
    available_at: Timestamp,
    /// Under which lease it is held, and by which node.
    lease: Option<(LeaseId, Option<NodeId>)>,
}

#[async_trait]
impl WorkQueue for Memory {
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, Failure> {
        let lease = self.ids.lease(now, self.ids.any_slot());
        let node = self.node();
        let work = &mut self.to_write()?.work;
        let due: Vec<WorkKey> = work.due(now).take(limit as usize).cloned().collect();
        let claim = |key: WorkKey| {
            work.make_available(&key, until, Some((lease, node)));
            let row = &work.rows[&key];
            Claimed { due: row.due, job: row.job.clone(), key, lease }
        };
        Ok(due.into_iter().map(claim).collect())
    }

    async fn release(&self, work: &[(WorkKey, LeaseId)], now: Timestamp) -> Result<(), Failure> {
        let kept = &mut self.to_write()?.work;
        for (key, lease) in work {
            if kept.lease_of(key) == Some(*lease) {
                kept.make_available(key, now, None);
            }
        }
        Ok(())
    }

    async fn forget(&self, work: &[(WorkKey, LeaseId)]) -> Result<(), Failure> {
        let kept = &mut self.to_write()?.work;
        for (key, lease) in work {
            if kept.lease_of(key) == Some(*lease) {
                kept.remove(key);
            }
        }
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        Ok(self.kept().work.available.first().map(|(at, _)| *at))
    }

    async fn backlog(&self, now: Timestamp, limit: u32) -> Result<Backlog, Failure> {
        let work = &self.kept().work;
        let waiting = work.due(now).take(limit as usize).count() as u64;
        let oldest = work.available.first().map(|(at, _)| *at);
        Ok(Backlog { waiting, oldest: oldest.filter(|_| waiting > 0) })
    }
}

impl Kept {
    /// Under which lease work is held; `None` when it is not, or is gone.
    pub(super) fn lease_of(&self, key: &WorkKey) -> Option<LeaseId> {
        self.rows.get(key).and_then(|row| row.lease).map(|(lease, _)| lease)
    }

    /// The work that a node holds.
    pub(super) fn held_by(&self, node: NodeId) -> Vec<WorkKey> {
        let is_held = |row: &Row| row.lease.is_some_and(|(_, holder)| holder == Some(node));
        let held = self.rows.iter().filter(|(_, row)| is_held(row));
        held.map(|(key, _)| key.clone()).collect()
    }

    /// Nobody holds it any more.
    pub(super) fn free(&mut self, key: &WorkKey) {
        if let Some(due) = self.rows.get(key).map(|row| row.due) {
            self.make_available(key, due, None);
        }
    }

    /// Work a commit asks for, in place of what has its name.
    pub(super) fn write(&mut self, node: Option<NodeId>, instance: InstanceId, work: &NewWork) {
        let NewWork { position, due, job, lease } = work.clone();
        let key = WorkKey { instance, position, name: job.name() };
        self.remove(&key);
        let available_at = lease.map_or(due, |Lease { until, .. }| until);
        self.available.insert((available_at, key.clone()));
        let lease = lease.map(|Lease { id, .. }| (id, node));
        self.rows.insert(key, Row { due, job, available_at, lease });
    }

    pub(super) fn remove(&mut self, key: &WorkKey) {
        if let Some(row) = self.rows.remove(key) {
            self.available.remove(&(row.available_at, key.clone()));
        }
    }

    pub(super) fn remove_at(&mut self, instance: InstanceId, position: Position) {
        let at = self.of(instance, Some((position, String::new())));
        let at = at.take_while(|pending| pending.key.position == position);
        for pending in at.collect::<Vec<_>>() {
            self.remove(&pending.key);
        }
    }

    /// An instance's work from a position and a name on.
    pub(super) fn of(
        &self,
        instance: InstanceId,
        from: Option<(Position, String)>,
    ) -> impl Iterator<Item = Pending> {
        let (position, name) = from.unwrap_or_default();
        let rows = self.rows.range(WorkKey { instance, position, name }..);
        rows.take_while(move |(key, _)| key.instance == instance).map(|(key, row)| Pending {
            key: key.clone(),
            due: row.due,
            job: row.job.clone(),
        })
    }

    /// The first instance that has work, from this one on.
    pub(super) fn first_from(&self, instance: InstanceId) -> Option<InstanceId> {
        let first = WorkKey { instance, position: Position(0), name: String::new() };
        self.rows.range(first..).next().map(|(key, _)| key.instance)
    }

    /// What may be taken, the oldest first.
    fn due(&self, now: Timestamp) -> impl Iterator<Item = &WorkKey> {
        self.available.iter().take_while(move |(at, _)| *at <= now).map(|(_, key)| key)
    }

    fn make_available(
        &mut self,
        key: &WorkKey,
        at: Timestamp,
        lease: Option<(LeaseId, Option<NodeId>)>,
    ) {
        let Some(row) = self.rows.get_mut(key) else { return };
        self.available.remove(&(row.available_at, key.clone()));
        self.available.insert((at, key.clone()));
        row.available_at = at;
        row.lease = lease;
    }
}
