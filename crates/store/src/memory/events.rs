use super::{Memory, after, before, page};
use crate::{
    AccountId, EventId, Events, Failure, Ids, InstanceId, JourneyId, Page, Paging, ReactionId,
    events::{Event, Filter, NewEvent, NewReaction, Reaction, ReactionKind, Taken},
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
        let kept = &mut self.kept().events;
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

    async fn pending(&self, paging: Paging<EventId>) -> Result<Page<Event, EventId>, Failure> {
        let events = &self.kept().events;
        let rows = events.pending.range(after(paging.after)).map(|id| events.read(*id));
        Ok(page(rows, &paging, |row| row.id))
    }

    async fn dispatched(
        &self,
        events: &[EventId],
        reactions: &[NewReaction],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let kept = &mut self.kept().events;
        kept.react(&self.ids, reactions, now);
        for event in events {
            kept.pending.remove(event);
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

    fn read(&self, id: EventId) -> Event {
        Event { is_pending: self.pending.contains(&id), ..self.rows[&id].clone() }
    }
}

fn known(event: EventId, reaction: &NewReaction) -> Known {
    let NewReaction { journey, version, node, instance, kind, .. } = reaction;
    (event, *journey, *version, node.clone(), *instance, kind.word())
}
