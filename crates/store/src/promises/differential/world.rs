//! The life of a workspace: it knows from memory what is there, so that what is done next can be about it.

use super::{deed::Deed, dice::Dice};
use crate::{
    AccountId, EventId, Failure, Ids, InstanceId, JourneyId, LeaseId, Paging, Slot, Store, UserId,
    events::{self, Event},
    instances::{self, Stored},
    triggers::TriggerKey,
    work::WorkKey,
};
use futures_util::FutureExt;
use journey::Timestamp;
use std::{
    future::Future,
    sync::{Arc, Mutex},
};

/// The people, segments, keys and so on that there are, few enough to meet again.
pub(super) const PEOPLE: [&str; 4] = ["ada@x.y", "Bob@X.y", "bob@x.y", "eve@x.y"];
pub(super) const TEAMS: [&str; 3] = ["CS", "Ops", "Ärzte"];
pub(super) const KEYS: [&str; 4] = ["k1", "k2", "K2", "ü"];
pub(super) const CALENDARS: [&str; 3] = ["uk", "us", "u\"k"];
pub(super) const NODES: [&str; 3] = ["a", "b", "wait"];
pub(super) const EVENTS: [&str; 3] = ["paid", "left", "Paid"];

/// How many things a life can be about.
const THEMES: usize = 20;

/// Claims that were given, those that have ended as well.
pub(super) type Claims = Arc<Mutex<Vec<(WorkKey, LeaseId)>>>;

pub(super) struct World {
    pub(super) dice: Dice,
    /// For what is named before it is told.
    pub(super) ids: Ids,
    pub(super) now: Timestamp,
    pub(super) memory: Arc<dyn Store>,
    pub(super) claims: Claims,
    /// What this life is about more than others.
    theme: usize,
}

/// What memory answers.
pub(super) fn ask<T>(answer: impl Future<Output = Result<T, Failure>>) -> T {
    answer.now_or_never().expect("memory answers when it is first asked").unwrap()
}

impl World {
    pub(super) fn new(seed: u64, memory: Arc<dyn Store>) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            theme: dice.below(THEMES),
            dice,
            ids: Ids::new(seed + 7),
            now: super::super::NOW,
            memory,
            claims: Claims::default(),
        }
    }

    /// What is done next; a life begins with what the rest is about.
    pub(super) fn next(&mut self, number: usize) -> Deed {
        self.now = self.now.plus(self.passes());
        match number {
            0 => self.create_journey(),
            1 | 2 => self.create_account(),
            3 => self.publish(),
            4 => self.start(),
            _ => self.any(),
        }
    }

    fn passes(&mut self) -> i64 {
        match self.dice.below(40) {
            0 => 86_400_000,
            1..4 => 60_000,
            _ => self.dice.ms(3),
        }
    }

    fn any(&mut self) -> Deed {
        if self.dice.chance(35) {
            return self.of_the_theme();
        }
        match self.dice.below(100) {
            0..40 => self.commits(),
            40..52 => self.work(),
            52..64 => self.events(),
            64..76 => self.journeys(),
            76..84 => self.people(),
            84..92 => self.things(),
            _ => self.ask_something(),
        }
    }

    /// Whether this life is about what time moves.
    pub(super) fn is_about_time(&self) -> bool {
        matches!(self.theme, 9 | 10)
    }

    fn of_the_theme(&mut self) -> Deed {
        match self.theme {
            0 => self.users(),
            1 => self.sessions(),
            2 => self.tokens(),
            3 => self.teams(),
            4 => self.calendars(),
            5 => self.connectors(),
            6 => self.connections(),
            7 => self.moves(),
            8 => self.shadows(),
            9 | 10 => self.times(),
            11 => self.messages(),
            12 => self.answers(),
            13 => self.ask_something(),
            14 => self.people(),
            15 => self.reacts(),
            _ => self.commits(),
        }
    }

    pub(super) fn journey(&mut self) -> JourneyId {
        let journeys = ask(self.memory.journeys(Paging::first(500))).items;
        let there: Vec<JourneyId> = journeys.iter().map(|journey| journey.id).collect();
        self.dice.pick(&there)
    }

    pub(super) fn account(&mut self) -> AccountId {
        let accounts = ask(self.memory.accounts_in_order(None, Paging::first(500))).items;
        let there: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        self.dice.pick(&there)
    }

    pub(super) fn maybe_account(&mut self) -> Option<AccountId> {
        self.dice.chance(60).then(|| self.account())
    }

    /// An instance that is there.
    pub(super) fn instance(&mut self) -> Option<Stored> {
        let all =
            ask(self.memory.instances(instances::Filter::default(), Paging::first(500))).items;
        let ids: Vec<InstanceId> = all.iter().map(|instance| instance.id).collect();
        self.dice.any(&ids).and_then(|id| ask(self.memory.instance(id)))
    }

    /// An instance that is there, or the id of one that is not.
    pub(super) fn instance_id(&mut self) -> InstanceId {
        let there = self.instance().filter(|_| self.dice.chance(95));
        there.map_or_else(|| self.new_instance(None), |instance| instance.id)
    }

    /// An id for an instance; it is where its account is.
    pub(super) fn new_instance(&mut self, account: Option<AccountId>) -> InstanceId {
        let slot = account.map_or_else(|| Slot::of(self.dice.pick(&NODES)), AccountId::slot);
        self.ids.instance(self.now, slot)
    }

    pub(super) fn all_events(&self) -> Vec<Event> {
        ask(self.memory.events(&events::Filter::default(), Paging::first(500))).items
    }

    pub(super) fn event(&mut self) -> Option<EventId> {
        let events: Vec<EventId> = self.all_events().iter().map(|event| event.id).collect();
        self.dice.any(&events)
    }

    pub(super) fn user(&mut self) -> Option<UserId> {
        let users = ask(self.memory.users(Paging::first(500))).items;
        let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
        self.dice.any(&ids)
    }

    /// A trigger that is listed, or one that is not.
    pub(super) fn trigger(&mut self) -> TriggerKey {
        let journey = self.journey();
        let listed = ask(self.memory.triggers_of(journey));
        let listed: Vec<TriggerKey> = listed.into_iter().map(|trigger| trigger.key).collect();
        let other = TriggerKey { journey, version: 1, node: "a".to_owned() };
        self.dice.any(&listed).filter(|_| self.dice.chance(90)).unwrap_or(other)
    }

    /// A claim that was given, if any was.
    pub(super) fn claim_of(
        &mut self,
        is_it: impl Fn(&WorkKey) -> bool,
    ) -> Option<(WorkKey, LeaseId)> {
        let claims: Vec<_> = self.claims.lock().unwrap().clone();
        let claims: Vec<_> = claims.into_iter().filter(|(key, _)| is_it(key)).collect();
        // The last one is the one that may still hold.
        let last = claims.last().cloned();
        if self.dice.chance(75) { last } else { self.dice.any(&claims) }
    }

    /// A time at which something may have become due.
    pub(super) fn sometime(&mut self) -> Timestamp {
        let since = self.dice.ms(30);
        self.now.plus(-since)
    }

    pub(super) fn limit(&mut self) -> u32 {
        self.dice.pick(&[1, 2, 3, 9])
    }
}
