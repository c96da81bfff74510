use super::{Kept as All, Memory};
use crate::{
    Failure, FailureKind, InstanceId, NodeId, Nodes, Slot, idempotency,
    ids::MAKERS,
    nodes::{Beat, Expelled, Joined, NewNode, Node, NodeState, Sealing, Succeeds, Takeover},
};
use async_trait::async_trait;
use journey::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<NodeId, Row>,
    /// Who looks after each; a slot that is not here is free.
    slots: BTreeMap<Slot, NodeId>,
    takeovers: BTreeMap<InstanceId, Vec<Takeover>>,
    /// What every node goes by, as it was set last.
    clock: Timestamp,
}

#[derive(Debug)]
struct Row {
    name: String,
    version: String,
    key: String,
    maker: i64,
    state: NodeState,
    lease: Duration,
    joined_at: Timestamp,
    lapses_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl Memory {
    /// The time that leases of nodes go by from now on: a workspace in memory has no clock of its own.
    pub fn set_clock(&self, now: Timestamp) {
        self.kept().nodes.clock = now;
    }

    /// Which node writes; `None` for a store that has not joined.
    pub(super) fn node(&self) -> Option<NodeId> {
        *self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For a write, which a node that is gone does not make.
    pub(super) fn to_write(&self) -> Result<MutexGuard<'_, All>, Failure> {
        self.reach()?;
        let mut kept = self.kept();
        let lives = self.node().is_none_or(|node| kept.nodes.lives(node));
        if !lives {
            return Err(Failure::bare(FailureKind::Fenced, "write as a node"));
        }
        kept.idempotency.mark(idempotency::asked().as_ref());
        Ok(kept)
    }
}

#[async_trait]
impl Nodes for Memory {
    async fn join(&self, node: &NewNode) -> Result<Joined, Failure> {
        let kept = &mut *self.kept();
        let now = kept.nodes.clock;
        kept.expel(|row| match node.succeeds {
            Succeeds::Nobody => row.lapses_at < now,
            Succeeds::ItsName => row.lapses_at < now || row.name == node.name,
            Succeeds::Everyone => true,
        });
        let nodes = &mut kept.nodes;
        let alive: Vec<&Row> = nodes.rows.values().filter(|row| row.ended_at.is_none()).collect();
        let last = nodes.rows.values().next_back().filter(|_| node.sealing == Sealing::AsBefore);
        if let Some(other) = alive.iter().copied().chain(last).find(|row| row.key != node.key) {
            return Ok(Joined::OtherKey { than: other.name.clone() });
        }
        let taken: BTreeSet<i64> = alive.iter().map(|row| row.maker).collect();
        let Some(maker) = (1..MAKERS).find(|maker| !taken.contains(maker)) else {
            return Ok(Joined::Full(taken.len()));
        };
        let last = nodes.rows.keys().next_back().map_or(0, |last| last.number());
        let id = NodeId::stored(last + 1);
        let NewNode { name, version, key, lease, .. } = node.clone();
        let (state, lapses_at) = (NodeState::Serving, after(now, lease));
        let row = Row {
            name,
            version,
            key,
            maker,
            state,
            lease,
            joined_at: now,
            lapses_at,
            ended_at: None,
        };
        nodes.rows.insert(id, row);
        self.ids.made_by(maker);
        *self.node.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
        Ok(Joined::As(id))
    }

    async fn beat(&self) -> Result<Option<Beat>, Failure> {
        self.reach()?;
        let nodes = &mut self.kept().nodes;
        let now = nodes.clock;
        let Some(id) = self.node().filter(|node| nodes.lives(*node)) else { return Ok(None) };
        let Some(row) = nodes.rows.get_mut(&id) else { return Ok(None) };
        row.lapses_at = after(now, row.lease);
        let state = row.state;
        let free = usize::from(Slot::COUNT) - nodes.slots.len();
        let (own, serving) = (nodes.slots_of(id).len(), nodes.serving());
        let fair = fair(state, serving);
        Ok(Some(Beat {
            at: None,
            state,
            serving: u32::try_from(serving).unwrap_or(u32::MAX),
            is_unfair: own > fair || (own < fair && free > 0),
            others_lapsed: nodes
                .rows
                .values()
                .any(|row| row.ended_at.is_none() && row.lapses_at < now),
        }))
    }

    async fn expel(&self) -> Result<Vec<Expelled>, Failure> {
        let kept = &mut *self.to_write()?;
        let now = kept.nodes.clock;
        Ok(kept.expel(|row| row.lapses_at < now))
    }

    async fn share_slots(&self) -> Result<u32, Failure> {
        let kept = &mut *self.to_write()?;
        let Some(id) = self.node() else { return Ok(0) };
        let Some(state) = kept.nodes.rows.get(&id).map(|row| row.state) else { return Ok(0) };
        let nodes = &mut kept.nodes;
        let (own, fair) = (nodes.slots_of(id), fair(state, nodes.serving()));
        if own.len() > fair {
            for slot in own.iter().take(own.len() - fair) {
                nodes.slots.remove(slot);
            }
        } else {
            for slot in nodes.free().into_iter().take(fair - own.len()) {
                nodes.slots.insert(slot, id);
            }
            // What comes of events that this node takes over is later by its id, too.
            kept.events.last_reaction().inspect(|last| self.ids.go_past(last.number()));
        }
        Ok(u32::try_from(kept.nodes.slots_of(id).len()).unwrap_or(u32::MAX))
    }

    fn looks_after(&self, slot: Slot) -> bool {
        let kept = self.kept();
        self.node().is_none_or(|node| kept.nodes.slots.get(&slot) == Some(&node))
    }

    async fn leave(&self) -> Result<(), Failure> {
        let kept = &mut *self.to_write()?;
        if let Some(row) = self.node().and_then(|node| kept.nodes.rows.get_mut(&node)) {
            // Whoever ends now leaves.
            row.state = NodeState::Left;
            let (name, joined_at) = (row.name.clone(), row.joined_at);
            kept.expel(|row| {
                row.state == NodeState::Left && row.name == name && row.joined_at == joined_at
            });
        }
        Ok(())
    }

    async fn drain(&self, node: NodeId) -> Result<bool, Failure> {
        let nodes = &mut self.kept().nodes;
        let row = nodes.rows.get_mut(&node).filter(|row| row.ended_at.is_none());
        Ok(row.map(|row| row.state = NodeState::Draining).is_some())
    }

    async fn nodes(&self, ended: u32) -> Result<Vec<Node>, Failure> {
        let kept = self.kept();
        let newest = || kept.nodes.rows.iter().rev();
        let alive = newest().filter(|(_, row)| row.ended_at.is_none());
        let gone = newest().filter(|(_, row)| row.ended_at.is_some()).take(ended as usize);
        let nodes = alive.chain(gone).map(|(id, row)| Node {
            id: *id,
            name: row.name.clone(),
            version: row.version.clone(),
            state: row.state,
            joined_at: row.joined_at,
            lapses_at: row.lapses_at,
            ended_at: row.ended_at,
            slots: kept.nodes.slots_of(*id).len() as u64,
            work: kept.work.held_by(*id).len() as u64,
        });
        Ok(nodes.collect())
    }

    async fn tell_nodes(&self, _: &[String]) -> Result<(), Failure> {
        Ok(())
    }

    async fn hear(&self) -> Result<String, Failure> {
        std::future::pending().await
    }
}

impl All {
    /// Ends the living nodes that this is true of: what they hold is free.
    fn expel(&mut self, is_gone: impl Fn(&Row) -> bool) -> Vec<Expelled> {
        let now = self.nodes.clock;
        let alive = self.nodes.rows.iter_mut().filter(|(_, row)| row.ended_at.is_none());
        let gone = alive.filter(|(_, row)| is_gone(row)).map(|(id, row)| {
            row.ended_at = Some(now);
            if row.state != NodeState::Left {
                row.state = NodeState::Lapsed;
            }
            *id
        });
        let gone: Vec<NodeId> = gone.collect();
        gone.into_iter().map(|node| self.free(node)).collect()
    }

    fn free(&mut self, node: NodeId) -> Expelled {
        let held = self.work.held_by(node);
        for key in &held {
            let Some(row) = self.instances.get(key.instance) else { continue };
            let sequence = row.state.sequence();
            let (position, name) = (key.position, key.name.clone());
            let takeover = Takeover { position, name, node, sequence };
            self.nodes.takeovers.entry(key.instance).or_default().push(takeover);
            self.work.free(key);
        }
        self.nodes.slots.retain(|_, keeper| *keeper != node);
        Expelled { node, work: held.len() as u64 }
    }
}

impl Kept {
    pub(super) fn lives(&self, node: NodeId) -> bool {
        self.rows.get(&node).is_some_and(|row| row.ended_at.is_none())
    }

    fn serving(&self) -> usize {
        let serves = |row: &&Row| row.ended_at.is_none() && row.state == NodeState::Serving;
        self.rows.values().filter(serves).count()
    }

    fn slots_of(&self, node: NodeId) -> Vec<Slot> {
        self.slots.iter().filter(|(_, keeper)| **keeper == node).map(|(slot, _)| *slot).collect()
    }

    fn free(&self) -> Vec<Slot> {
        Slot::all().filter(|slot| !self.slots.contains_key(slot)).collect()
    }

    /// Whether a slot is looked after by this node, or the store is none.
    pub(super) fn is_own(&self, node: Option<NodeId>, slot: Slot) -> bool {
        node.is_none_or(|node| self.slots.get(&slot) == Some(&node))
    }

    pub(super) fn takeovers_of(&self, id: InstanceId) -> Vec<Takeover> {
        let mut taken = self.takeovers.get(&id).cloned().unwrap_or_default();
        taken.sort_by(|one, other| {
            (one.position, &one.name, one.node).cmp(&(other.position, &other.name, other.node))
        });
        taken
    }
}

/// How many slots a node should look after among so many that serve.
fn fair(state: NodeState, serving: usize) -> usize {
    match state {
        NodeState::Serving => usize::from(Slot::COUNT).div_ceil(serving.max(1)),
        NodeState::Draining | NodeState::Left | NodeState::Lapsed => 0,
    }
}

fn after(now: Timestamp, lease: Duration) -> Timestamp {
    now.plus(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}
