//! Work that is claimed and given back, events, messages, and what is asked of what runs.

use super::{
    deed::{Deed, deed, list, told, told_in_any_order},
    world::{EVENTS, KEYS, NODES, PEOPLE, TEAMS, World, ask},
};
use crate::{
    EventId, Paging,
    events::{self, NewEvent, NewReaction, ReactionKind, Reason},
    instances,
    journeys::Mode,
    listens::Ear,
    messages::{Counted, Share},
    nodes::NewNode,
    notices::Concerned,
    tasks::{self, Queue, State, Which},
    work::{Lane, Lease},
};
use journey::{Position, Status};
use serde_json::Map;
use std::sync::Arc;

const MOST: u32 = 500;

impl World {
    pub(super) fn work(&mut self) -> Deed {
        let now = self.now;
        let held = self.claim_of(|_| true).into_iter().collect::<Vec<_>>();
        match self.dice.below(10) {
            0..5 => self.claim(),
            5 if self.dice.chance(30) => {
                let leases: Vec<_> = held.into_iter().map(|(_, lease)| lease).collect();
                deed!([leases, now] free(&leases, now))
            }
            5 => deed!([held, now] release(&held, now)),
            6 => deed!([held] forget(&held)),
            7 if self.dice.chance(30) => {
                let alone = NewNode::alone();
                deed!([alone] join(&alone))
            }
            7 => deed!([] share_slots()),
            8 => {
                let limit = self.limit();
                if self.dice.chance(50) {
                    return deed!([limit] lanes(None, limit));
                }
                deed!([now] backlog(now, MOST))
            }
            _ => deed!([] next_due()),
        }
    }

    /// Which of the work of a lane that became available at one moment is taken first is nobody's promise: all of a lane that is due is taken.
    fn claim(&mut self) -> Deed {
        let now = self.now;
        let id = self.ids.lease(now, crate::Slot::of("lease"));
        let lease = Lease { id, until: now.plus(50 + self.dice.ms(10)) };
        let lanes = ask(self.memory.lanes(None, MOST));
        let from: Vec<(Lane, u32)> = lanes
            .into_iter()
            .filter(|_| self.dice.chance(70))
            .map(|(lane, _)| (lane, MOST))
            .collect();
        let claims = Arc::clone(&self.claims);
        let text = format!("claim {:?}", (now, lease, &from));
        Deed::new(text, move |store| {
            let (claims, from) = (Arc::clone(&claims), from.clone());
            Box::pin(async move {
                let claimed = store.claim(now, lease, &from).await;
                let given = claimed.iter().flatten().map(|work| (work.key.clone(), work.lease));
                claims.lock().unwrap().extend(given);
                told_in_any_order(claimed)
            })
        })
    }

    pub(super) fn events(&mut self) -> Deed {
        let now = self.now;
        match self.dice.below(8) {
            0..3 => {
                let events: Vec<NewEvent> =
                    (0..=self.dice.below(3)).map(|_| self.an_event()).collect();
                deed!([events, now] accept(&events, now))
            }
            3 if self.dice.chance(50) => {
                let (lanes, each) = (1 + self.dice.number(4), 1 + self.dice.number(4));
                deed!([lanes, each] pending(lanes, each) => told_in_any_order)
            }
            3 | 4 => {
                let all = self.all_events();
                let events: Vec<EventId> = all.iter().map(|event| event.id).collect();
                let events = self.dice.some(&events, 40);
                let reactions = self.reactions();
                deed!([events, reactions, now] dispatched(&events, &reactions, now))
            }
            5 => {
                let reactions = self.reactions();
                deed!([reactions, now] react(&reactions, now))
            }
            6 => self.listeners(),
            _ => self.messages(),
        }
    }

    pub(super) fn reacts(&mut self) -> Deed {
        let (journey, limit) = (self.journey(), self.limit());
        let account = self.maybe_account().filter(|_| self.dice.chance(40));
        if self.dice.chance(50) {
            return self.events();
        }
        list!([journey, account] refusals(journey, account) by limit)
    }

    fn an_event(&mut self) -> NewEvent {
        NewEvent {
            key: self.dice.maybe(&KEYS),
            kind: self.dice.word(&EVENTS),
            account: self.maybe_account(),
            at: self.sometime(),
            data: Map::from_iter([("n".to_owned(), self.value())]),
            depth: self.dice.number(4),
            sent_by: self.dice.maybe(&PEOPLE),
        }
    }

    fn reactions(&mut self) -> Vec<NewReaction> {
        let reactions = (0..self.dice.below(4)).map(|_| {
            let event = self.event().filter(|_| self.dice.chance(70));
            self.a_reaction(event)
        });
        reactions.collect()
    }

    pub(super) fn a_reaction(&mut self, event: Option<EventId>) -> NewReaction {
        let instance = self.instance_id();
        let reason = Reason {
            code: "when".to_owned(),
            sentence: "It was too late.".to_owned(),
            facts: self.value(),
        };
        NewReaction {
            event,
            journey: self.journey(),
            version: 1 + self.dice.below(2) as u64,
            node: self.dice.word(&NODES),
            account: self.maybe_account().filter(|_| self.dice.chance(40)),
            instance: self.dice.chance(50).then_some((instance, Position(1))),
            kind: self.dice.pick(&[
                ReactionKind::Started,
                ReactionKind::Woke,
                ReactionKind::Refused,
                ReactionKind::Failed,
            ]),
            reason: self.dice.chance(50).then_some(reason),
        }
    }

    fn listeners(&mut self) -> Deed {
        let name = self.dice.word(&EVENTS);
        let ears = ask(self.memory.ears(&name));
        let (Some(ear), Some(event)) = (self.dice.any::<Ear>(&ears), self.event()) else {
            return deed!([name] ears(&name) => told_in_any_order);
        };
        let (key, limit) = (self.dice.word(&KEYS), self.limit());
        list!([ear, key, event] listeners(&ear, &key, event) by limit)
    }

    pub(super) fn messages(&mut self) -> Deed {
        let share = Share {
            instance: self.instance_id(),
            position: Position(self.dice.number(2)),
            recipient: self.dice.word(&PEOPLE[..2]),
        };
        let counted = Counted {
            journey: self.journey(),
            node: self.dice.word(&NODES[..1]),
            cap: self.dice.chance(70).then(|| self.dice.number(3)),
        };
        let now = self.now;
        let then = self.sometime();
        match self.dice.below(8) {
            0..5 => deed!([share, counted, now] take_share(&share, &counted, now)),
            5 => deed!([share] share_sent(&share)),
            6 => deed!([share] drop_share(&share)),
            _ => deed!([then] forget_messages(then)),
        }
    }

    pub(super) fn ask_something(&mut self) -> Deed {
        let limit = self.limit();
        match self.dice.below(12) {
            0..3 => self.list_tasks(),
            3..6 => self.list_instances(),
            6 => {
                let account = self.maybe_account();
                let filter = events::Filter { kind: self.dice.maybe(&EVENTS), account };
                list!([filter] events(&filter) by limit)
            }
            7 => deed!([limit] pending(limit, limit) => told_in_any_order),
            8 => {
                let (journey, account) = (self.journey(), self.maybe_account());
                list!([journey, account] refusals(journey, account) by limit)
            }
            9 if self.dice.chance(40) => deed!([limit] events_backlog(limit)),
            9 => {
                let event = self.event().unwrap_or(EventId::stored(1));
                list!([event] reactions(event) by limit)
            }
            10 => {
                let account = self.account();
                list!([account] watchers(account) by limit)
            }
            _ => self.ask_notices(),
        }
    }

    fn list_tasks(&mut self) -> Deed {
        let (limit, account) = (self.limit(), self.maybe_account());
        let queue = match self.dice.below(3) {
            0 => Queue::Mine(self.dice.word(&PEOPLE)),
            1 => Queue::Teams(self.dice.some(&TEAMS, 60).into_iter().map(str::to_owned).collect()),
            _ => Queue::All,
        };
        let states = [State::Offered, State::Claimed, State::Completed, State::Cancelled];
        let state = self.dice.pick(&states);
        let which = if self.dice.chance(50) { Which::Open } else { Which::Only(state) };
        let filter = tasks::Filter { queue, which, account };
        list!([filter] tasks(filter.clone()) by limit)
    }

    fn list_instances(&mut self) -> Deed {
        let limit = self.limit();
        let above = self.instance_id();
        if self.dice.chance(20) {
            let at = Position(self.dice.number(3));
            return list!([above, at] children_at(above, at) by limit);
        }
        let states = [Status::Running, Status::Incident, Status::Ended, Status::Cancelled];
        let filter = instances::Filter {
            journey: self.dice.chance(30).then(|| self.journey()),
            account: self.maybe_account().filter(|_| self.dice.chance(50)),
            status: self.dice.chance(30).then(|| self.dice.pick(&states)),
            mode: self.dice.chance(30).then(|| self.dice.pick(&[Mode::Live, Mode::Shadow])),
            parent: self.dice.chance(15).then_some(above),
        };
        list!([filter] instances(filter) by limit)
    }

    fn ask_notices(&mut self) -> Deed {
        let teams = self.dice.some(&TEAMS, 50).into_iter().map(str::to_owned).collect();
        let whom = Concerned { person: self.dice.word(&PEOPLE).to_lowercase(), teams };
        let (since, limit) = (self.sometime(), self.limit());
        let person = whom.person.clone();
        match self.dice.below(6) {
            0..2 => list!([whom] notices(&whom) by limit),
            2 => deed!([whom, since] unseen(&whom, since)),
            3 => deed!([person, since] see(&person, since)),
            4 => deed!([person] seen_until(&person) => |answer| told(&answer)),
            _ => deed!([since] forget_notices(since, MOST)),
        }
    }

    /// Pages as long as they may be.
    pub(super) fn whole<C>() -> Paging<C> {
        Paging::first(MOST)
    }
}
