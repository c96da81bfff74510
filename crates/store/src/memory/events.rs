use super::{Memory, after, before, page};
use crate::{
    AccountId, EventId, Events, Failure, Ids, InstanceId, JourneyId, Page, Paging, ReactionId,
    Slot,
    events::{Event, Filter, NewEvent, NewReaction, Reaction, ReactionKind, Taken},
    inventory::Handled,
    work::Backlog,
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<EventId, Event>,
    by_key: BTreeMap<String, EventId>,
    by_account: BTreeSet<(AccountId, EventId)>,
    by_kind: BTreeSet<(String, EventId)>,
    pending: BTreeSet<EventId>,
    /// The pending ones of each account, or of none.
    lanes: BTreeMap<Option<AccountId>, BTreeSet<EventId>>,
    /// Whose turn it is: the lanes that have pending events.
    turns: BTreeSet<(EventId, Option<AccountId>)>,
    turn_of: BTreeMap<Option<AccountId>, EventId>,
    reactions: BTreeMap<ReactionId, Reaction>,
    /// What is known of an event already.
    known: BTreeSet<Known>,
    by_event: BTreeSet<(EventId, ReactionId)>,
    /// What nothing came of, or what failed.
    refused: BTreeSet<(JourneyId, Option<AccountId>, ReactionId)>,
}

/// What came of an event is written down once for each of these.
type Known = (EventId, JourneyId, u64, String, Option<(InstanceId, Position)>, &'static str);

#[async_trait]
impl Events for Memory {
    async fn accept(&self, events: &[NewEvent], now: Timestamp) -> Result<Vec<Taken>, Failure> {
        let kept = &mut self.to_write()?.events;
        Ok(events.iter().map(|event| kept.take_in(&self.ids, event, now)).collect())
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, Failure> {
        let events = &self.kept().events;
        Ok(events.rows.contains_key(&id).then(|| events.read(id)))
    }

    async fn events(
        &self,
        filter: &Filter,
        paging: Paging<EventId>,
    ) -> Result<Page<Event, EventId>, Failure> {
        let events = &self.kept().events;
        let end = paging.after.unwrap_or(EventId::stored(i64::MAX));
        let start = EventId::stored(0);
        let ids: Box<dyn Iterator<Item = EventId>> = match (filter.account, &filter.kind) {
            (Some(account), _) => {
                let range = events.by_account.range((account, start)..(account, end));
                Box::new(range.rev().map(|(_, id)| *id))
            }
            (None, Some(kind)) => {
                let range = events.by_kind.range((kind.clone(), start)..(kind.clone(), end));
                Box::new(range.rev().map(|(_, id)| *id))
            }
            (None, None) => Box::new(events.rows.range(start..end).rev().map(|(id, _)| *id)),
        };
        let rows = ids.map(|id| events.read(id));
        let rows = rows.filter(|row| filter.kind.as_ref().is_none_or(|kind| row.kind == *kind));
        Ok(page(rows, &paging, |row| row.id))
    }

    async fn pending(&self, lanes: u32, each: u32) -> Result<Vec<Event>, Failure> {
        let kept = self.kept();
        let (node, events) = (self.node(), &kept.events);
        let own = events.turns.iter().filter(|(_, lane)| {
            let slot = lane.map_or_else(Slot::first, AccountId::slot);
            kept.nodes.is_own(node, slot)
        });
        let ids = own
            .take(lanes as usize)
            .flat_map(|(_, lane)| events.lanes.get(lane).into_iter().flatten().take(each as usize));
        Ok(ids.map(|id| events.read(*id)).collect())
    }

    async fn dispatched(
        &self,
        events: &[EventId],
        reactions: &[NewReaction],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let kept = &mut self.to_write()?.events;
        kept.react(&self.ids, reactions, now);
        let handled = kept.take_out(events);
        let turn = self.ids.event(now, self.ids.any_slot());
        for lane in handled {
            kept.give_way(lane, turn);
        }
        Ok(())
    }

    async fn react(&self, reactions: &[NewReaction], now: Timestamp) -> Result<(), Failure> {
        self.kept().events.react(&self.ids, reactions, now);
        Ok(())
    }

    async fn reactions(
        &self,
        event: EventId,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure> {
        let events = &self.kept().events;
        let cursor = Some((event, paging.after.unwrap_or(ReactionId::stored(0))));
        let ids = events.by_event.range(after(cursor)).take_while(|(of, _)| *of == event);
        Ok(page(ids.map(|(_, id)| events.reactions[id].clone()), &paging, |row| row.id))
    }

    async fn refusals(
        &self,
        journey: JourneyId,
        account: Option<AccountId>,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure> {
        let events = &self.kept().events;
        let end = paging.after.unwrap_or(ReactionId::stored(i64::MAX));
        let ids = events.refused.range(before(Some((journey, account, end)))).rev();
        let ids = ids.take_while(|(of, about, _)| (*of, *about) == (journey, account));
        Ok(page(ids.map(|(_, _, id)| events.reactions[id].clone()), &paging, |row| row.id))
    }

    async fn events_backlog(&self, limit: u32) -> Result<Backlog, Failure> {
        let events = &self.kept().events;
        let late = || events.pending.iter().take(limit as usize);
        let oldest = late().map(|id| events.rows[id].received_at).min();
        Ok(Backlog { waiting: late().count() as u64, oldest })
    }
}

impl Kept {
    /// Takes one event in, unless its key was before.
    pub(super) fn take_in(&mut self, ids: &Ids, event: &NewEvent, now: Timestamp) -> Taken {
        let slot = event.account.map_or_else(|| ids.any_slot(), AccountId::slot);
        let id = ids.event(now, slot);
        if let Some(key) = &event.key {
            if let Some(first) = self.by_key.get(key) {
                return Taken::Before(*first);
            }
            self.by_key.insert(key.clone(), id);
        }
        if let Some(account) = event.account {
            self.by_account.insert((account, id));
        }
        self.by_kind.insert((event.kind.clone(), id));
        self.pending.insert(id);
        self.lanes.entry(event.account).or_default().insert(id);
        if !self.turn_of.contains_key(&event.account) {
            self.set_turn(event.account, id);
        }
        let NewEvent { key, kind, account, at, data, depth, sent_by } = event.clone();
        let received_at = now;
        let is_pending = true;
        let row =
            Event { id, key, kind, account, at, received_at, depth, sent_by, data, is_pending };
        self.rows.insert(id, row);
        Taken::In(id)
    }

    /// Writes down what came of something; what is known of an event already stays.
    pub(super) fn react(&mut self, ids: &Ids, reactions: &[NewReaction], now: Timestamp) {
        for reaction in reactions {
            let id = ids.reaction(now, ids.any_slot());
            if let Some(event) = reaction.event {
                if !self.known.insert(known(event, reaction)) {
                    continue;
                }
                self.by_event.insert((event, id));
            }
            if matches!(reaction.kind, ReactionKind::Refused | ReactionKind::Failed) {
                self.refused.insert((reaction.journey, reaction.account, id));
            }
            self.reactions.insert(id, Reaction { id, reaction: reaction.clone(), at: now });
        }
    }

    /// What came of events and of times, oldest first; it is not kept any longer.
    pub(super) fn take_reactions(&mut self) -> Vec<Reaction> {
        self.known.clear();
        self.by_event.clear();
        self.refused.clear();
        std::mem::take(&mut self.reactions).into_values().collect()
    }

    /// Events that were all dispatched are not kept any longer.
    pub(super) fn forget_dispatched(&mut self) {
        if self.pending.is_empty() {
            self.rows.clear();
            self.by_key.clear();
            self.by_account.clear();
            self.by_kind.clear();
        }
    }

    /// Events are handled; the lanes they were in.
    fn take_out(&mut self, handled: &[EventId]) -> BTreeSet<Option<AccountId>> {
        let mut lanes = BTreeSet::new();
        for id in handled {
            if self.pending.remove(id) {
                let lane = self.rows[id].account;
                if let Some(events) = self.lanes.get_mut(&lane) {
                    events.remove(id);
                }
                lanes.insert(lane);
            }
        }
        lanes
    }

    /// A lane that has more goes behind the others; one that has none is no more.
    fn give_way(&mut self, lane: Option<AccountId>, turn: EventId) {
        if self.lanes.get(&lane).is_some_and(|events| !events.is_empty()) {
            return self.set_turn(lane, turn);
        }
        self.lanes.remove(&lane);
        if let Some(turn) = self.turn_of.remove(&lane) {
            self.turns.remove(&(turn, lane));
        }
    }

    fn set_turn(&mut self, lane: Option<AccountId>, turn: EventId) {
        if let Some(before) = self.turn_of.insert(lane, turn) {
            self.turns.remove(&(before, lane));
        }
        self.turns.insert((turn, lane));
    }

    pub(super) fn last_reaction(&self) -> Option<ReactionId> {
        self.reactions.keys().next_back().copied()
    }

    /// What events opened and woke, in order.
    pub(super) fn handled(&self, from: Option<ReactionId>) -> impl Iterator<Item = Handled> {
        let rows = self.reactions.range(after(from)).filter(|(_, row)| {
            matches!(row.reaction.kind, ReactionKind::Started | ReactionKind::Woke)
        });
        rows.filter_map(|(id, row)| {
            let event = row.reaction.event?;
            let account = self.rows.get(&event)?.account;
            Some(Handled { reaction: *id, event, account })
        })
    }

    fn read(&self, id: EventId) -> Event {
        Event { is_pending: self.pending.contains(&id), ..self.rows[&id].clone() }
    }
}

fn known(event: EventId, reaction: &NewReaction) -> Known {
    let NewReaction { journey, version, node, instance, kind, .. } = reaction;
    (event, *journey, *version, node.clone(), *instance, kind.word())
}
