use super::Memory;
use crate::{
    Failure, InstanceId, JourneyId, LeaseId, NodeId, WorkQueue,
    inventory::Pending,
    work::{Backlog, Claimed, Job, Lane, Lease, NewWork, WorkKey},
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<WorkKey, Row>,
    /// When each may be taken.
    available: BTreeSet<(Timestamp, WorkKey)>,
    /// The same, lane by lane.
    lanes: BTreeMap<Lane, BTreeSet<(Timestamp, WorkKey)>>,
}

#[derive(Debug)]
struct Row {
    due: Timestamp,
    job: Job,
    lane: Lane,
    /// Its due time, or the end of its lease.
    available_at: Timestamp,
    /// Under which lease it is held, and by which node.
    lease: Option<(LeaseId, Option<NodeId>)>,
}

#[async_trait]
impl WorkQueue for Memory {
    async fn lanes(
        &self,
        after: Option<&Lane>,
        limit: u32,
    ) -> Result<Vec<(Lane, Timestamp)>, Failure> {
        let kept = self.kept();
        let lanes = kept.work.lanes.range(super::after(after.cloned())).take(limit as usize);
        let first = |(lane, rows): (&Lane, &BTreeSet<(Timestamp, WorkKey)>)| {
            rows.first().map(|(at, _)| (lane.clone(), *at))
        };
        Ok(lanes.filter_map(first).collect())
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease: Lease,
        from: &[(Lane, u32)],
    ) -> Result<Vec<Claimed>, Failure> {
        let node = self.node();
        let work = &mut self.to_write()?.work;
        let due = from.iter().flat_map(|(lane, most)| work.due_in(lane, now).take(*most as usize));
        let mut due: Vec<(Timestamp, WorkKey)> = due.cloned().collect();
        due.sort_by_key(|(at, _)| *at);
        let mut claim = |key: WorkKey| {
            work.make_available(&key, lease.until, Some((lease.id, node)));
            let row = &work.rows[&key];
            Claimed { due: row.due, job: row.job.clone(), key, lease: lease.id }
        };
        Ok(due.into_iter().map(|(_, key)| claim(key)).collect())
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

    async fn free(&self, leases: &[LeaseId], now: Timestamp) -> Result<(), Failure> {
        let node = self.node();
        let kept = &mut self.to_write()?.work;
        let is_held = |row: &Row| {
            row.lease.is_some_and(|(lease, holder)| holder == node && leases.contains(&lease))
        };
        let held = kept.rows.iter().filter(|(_, row)| is_held(row));
        let held: Vec<_> = held.map(|(key, _)| key.clone()).collect();
        for key in &held {
            kept.make_available(key, now, None);
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

    async fn backlog(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<BTreeMap<String, Backlog>, Failure> {
        let kept = self.kept();
        let mut kinds: BTreeMap<String, Backlog> = BTreeMap::new();
        for lane in kept.work.lanes.keys() {
            let kind = kinds.entry(lane.kind().to_owned()).or_default();
            let room = u64::from(limit).saturating_sub(kind.waiting);
            for (_, key) in kept.work.due_in(lane, now).take(usize::try_from(room).unwrap_or(0)) {
                kind.waiting += 1;
                let due = kept.work.rows[key].due;
                kind.oldest = kind.oldest.into_iter().chain([due]).min();
            }
        }
        Ok(kinds)
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
    pub(super) fn write(
        &mut self,
        node: Option<NodeId>,
        (instance, journey): (InstanceId, JourneyId),
        work: &NewWork,
    ) {
        let NewWork { position, due, job, lease } = work.clone();
        let key = WorkKey { instance, position, name: job.name() };
        self.remove(&key);
        let available_at = lease.map_or(due, |Lease { until, .. }| until);
        let lane = Lane::of(instance, journey, &job);
        self.available.insert((available_at, key.clone()));
        self.lanes.entry(lane.clone()).or_default().insert((available_at, key.clone()));
        let lease = lease.map(|Lease { id, .. }| (id, node));
        self.rows.insert(key, Row { due, job, lane, available_at, lease });
    }

    pub(super) fn remove(&mut self, key: &WorkKey) {
        if let Some(row) = self.rows.remove(key) {
            self.available.remove(&(row.available_at, key.clone()));
            self.leave_lane(&row.lane, (row.available_at, key.clone()));
        }
    }

    fn leave_lane(&mut self, lane: &Lane, row: (Timestamp, WorkKey)) {
        if let Some(rows) = self.lanes.get_mut(lane) {
            rows.remove(&row);
            if rows.is_empty() {
                self.lanes.remove(lane);
            }
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
            available: row.available_at,
            lane: row.lane.clone(),
            job: row.job.clone(),
        })
    }

    /// The first instance that has work, from this one on.
    pub(super) fn first_from(&self, instance: InstanceId) -> Option<InstanceId> {
        let first = WorkKey { instance, position: Position(0), name: String::new() };
        self.rows.range(first..).next().map(|(key, _)| key.instance)
    }

    /// What may be taken of a lane, the oldest first.
    fn due_in(&self, lane: &Lane, now: Timestamp) -> impl Iterator<Item = &(Timestamp, WorkKey)> {
        self.lanes.get(lane).into_iter().flatten().take_while(move |(at, _)| *at <= now)
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
        let (lane, before) = (row.lane.clone(), row.available_at);
        row.available_at = at;
        row.lease = lease;
        self.leave_lane(&lane, (before, key.clone()));
        self.lanes.entry(lane).or_default().insert((at, key.clone()));
    }
}
