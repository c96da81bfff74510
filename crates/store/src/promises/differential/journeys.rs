//! Journeys, what is published of them, what time moves, migrations and shadows.

use super::{
    deed::{Deed, deed, list, told_in_any_order},
    world::{CALENDARS, EVENTS, NODES, PEOPLE, World, ask},
};
use crate::{
    JourneyId,
    journeys::{Mode, NewVersion, Promotion},
    migrations::{Looked, NewMigration, Outcome, Purpose, State},
    triggers::NewDate,
    would_have::{self, IsMarked, Kind, Mark, Marked},
};
use journey::{Draft, listing, migrate::Mapping};
use serde_json::{Value, json};

const MARKS: [Mark; 3] = [Mark::Right, Mark::Wrong, Mark::DontCare];

impl World {
    pub(super) fn create_journey(&mut self) -> Deed {
        let (draft, now) = (self.a_draft(), self.now);
        deed!([draft, now] create_journey(&draft, now))
    }

    pub(super) fn publish(&mut self) -> Deed {
        let (journey, now) = (self.journey(), self.now);
        let at = ask(self.memory.draft(journey)).unwrap();
        let revision = if self.dice.chance(90) { at.revision } else { at.revision + 1 };
        let mode = self.dice.pick(&[Mode::Live, Mode::Live, Mode::Shadow]);
        let (note, by) = (self.dice.word(&NODES), self.dice.word(&PEOPLE));
        let version = NewVersion { draft: at.draft, revision, mode, note, by, review: None };
        deed!([journey, version, now] publish(journey, &version, now))
    }

    pub(super) fn journeys(&mut self) -> Deed {
        match self.dice.below(20) {
            0 => self.create_journey(),
            1..4 => self.save_draft(),
            4..7 => self.publish(),
            7 => self.promote(),
            8..13 => self.time(),
            13..15 => self.ask_triggers(),
            15 => self.migrate(),
            16 => self.looked(),
            17 => self.would_have(),
            _ => self.ask_journeys(),
        }
    }

    fn save_draft(&mut self) -> Deed {
        let (journey, draft, now) = (self.journey(), self.a_draft(), self.now);
        let revision = ask(self.memory.draft(journey)).unwrap().revision;
        let expected = if self.dice.chance(85) { revision } else { revision - 1 };
        deed!([journey, draft, expected, now] save_draft(journey, &draft, expected, now))
    }

    fn promote(&mut self) -> Deed {
        let (journey, now) = (self.journey(), self.now);
        let shadow = ask(self.memory.shadow_version(journey));
        let number = shadow.filter(|_| self.dice.chance(90)).unwrap_or(1);
        let promotion =
            Promotion { note: "good".to_owned(), by: self.dice.word(&PEOPLE), review: None };
        deed!([journey, number, promotion, now] promote(journey, number, &promotion, now))
    }

    fn a_draft(&mut self) -> Draft {
        let mut nodes = vec![];
        for id in self.dice.some(&["a", "b"], 80) {
            nodes.push(json!({ "id": id, "kind": "trigger", "on": self.opens() }));
        }
        if self.dice.chance(20) {
            let wait = json!({ "business": "P1D", "calendar": self.dice.word(&CALENDARS) });
            nodes.push(json!({ "id": "w", "kind": "wait", "for": wait }));
        }
        let name = self.dice.word(&["Onboarding", "Renewal", "Über"]);
        let mut draft = json!({ "format": 1, "name": name, "nodes": nodes });
        if self.dice.chance(15) {
            draft["settings"] = json!({ "calendar": self.dice.word(&CALENDARS) });
        }
        if self.dice.chance(30) {
            draft["description"] = json!("What it is for");
        }
        serde_json::from_value(draft).unwrap()
    }

    /// What opens a journey.
    fn opens(&mut self) -> Value {
        let kind = if self.is_about_time() { 3 + self.dice.below(3) } else { self.dice.below(6) };
        match kind {
            0 => json!({ "type": "manual" }),
            1 => json!({ "type": "event", "event": self.dice.word(&EVENTS) }),
            2 => json!({ "type": "segment", "segment": "gold", "change": "entered" }),
            3 | 4 => {
                let rule = self.dice.word(&["FREQ=DAILY", "FREQ=HOURLY"]);
                json!({ "type": "schedule", "rrule": rule, "timezone": "UTC", "for_each": "gold" })
            }
            _ if self.dice.chance(50) => json!({ "type": "date", "field": "ends" }),
            _ => json!({ "type": "date", "field": "ends", "before": "P1D" }),
        }
    }

    /// What time moves. Of what is due at one moment nobody promises which comes first: no limit is within a moment's.
    pub(super) fn time(&mut self) -> Deed {
        let (key, account, now) = (self.trigger(), self.account(), self.now);
        let due = self.dice.chance(70).then(|| self.now.plus(self.dice.ms(4)));
        let then = self.sometime();
        match self.dice.below(9) {
            0 => deed!([now] list_triggers_anew(now)),
            1 => deed!([key, account] round_done_to(&key, account)),
            2 => deed!([key, due] due_next(&key, due)),
            3 | 4 => self.plan_dates(),
            5 => {
                let mut dates = ask(self.memory.due_dates(now, 9));
                if let Some(date) = dates.first_mut().filter(|_| self.dice.chance(20)) {
                    date.value = "2027-01-01".to_owned();
                }
                deed!([dates] dates_fired(&dates))
            }
            6 => {
                let limit = ask(self.memory.due_dates(then, 500)).len();
                let limit = u32::try_from(limit.max(1)).unwrap();
                let limit = if limit == 1 { 500 } else { limit };
                deed!([now, limit] due_dates(now, limit) => told_in_any_order)
            }
            7 => {
                let limit = ask(self.memory.due_triggers(then, 500)).len();
                let limit = u32::try_from(limit).unwrap();
                let limit = if limit == 0 { 500 } else { limit };
                deed!([now, limit] due_triggers(now, limit) => told_in_any_order)
            }
            _ => deed!([] next_time()),
        }
    }

    fn plan_dates(&mut self) -> Deed {
        let dates: Vec<NewDate> = (0..=self.dice.below(3))
            .map(|_| {
                let (trigger, account) = (self.trigger(), self.account());
                let seen = ask(self.memory.account(account)).unwrap().updated_at;
                let seen = if self.dice.chance(85) { seen } else { seen.plus(-1) };
                let fires = self.now.plus(self.dice.ms(4));
                let value = self.dice.word(&["2026-01-01", "2026-02-01"]);
                let moment = self.dice.chance(80).then_some((value, fires));
                NewDate { trigger, account, seen, moment }
            })
            .collect();
        deed!([dates] plan_dates(&dates))
    }

    fn ask_triggers(&mut self) -> Deed {
        let kinds = [listing::Kind::Event, listing::Kind::Schedule, listing::Kind::Segment];
        let (kind, journey, account) = (self.dice.pick(&kinds), self.journey(), self.account());
        let shadow = self.dice.chance(40).then(|| 1 + self.dice.below(2) as u64);
        let (now, limit) = (self.now, self.limit());
        let segment = self.dice.maybe(&["gold", "base"]);
        match self.dice.below(5) {
            0 => {
                let names = ["paid", "left", "entered gold"];
                deed!([kind, names] listening(kind, &names) => told_in_any_order)
            }
            1 => deed!([journey] triggers_of(journey) => told_in_any_order),
            2 => deed!([kind] triggers_of_kind(kind) => told_in_any_order),
            3 => list!([segment] accounts_in_order(segment.as_deref()) by limit),
            _ => {
                deed!([journey, shadow, account, now] entered(journey, shadow, account, now))
            }
        }
    }

    pub(super) fn moves(&mut self) -> Deed {
        if self.dice.chance(40) { self.migrate() } else { self.looked() }
    }

    pub(super) fn times(&mut self) -> Deed {
        match self.dice.below(5) {
            0 => self.save_draft(),
            1 => self.publish(),
            _ => self.time(),
        }
    }

    pub(super) fn shadows(&mut self) -> Deed {
        match self.dice.below(6) {
            0 => self.promote(),
            1 => self.publish(),
            2 => deed!([] stale_shadows(500) => told_in_any_order),
            _ => self.would_have(),
        }
    }

    fn migrate(&mut self) -> Deed {
        let (journey, now) = (self.journey(), self.now);
        let running = ask(self.memory.unfinished_migrations(9));
        if let Some(migration) = self.dice.any(&running).filter(|_| self.dice.chance(40)) {
            let (id, state) = (migration.id, self.dice.pick(&[State::Done, State::Failed]));
            return deed!([id, state, now] finish_migration(id, state, "why", now));
        }
        let mapping = Mapping {
            nodes: [("a".to_owned(), self.dice.word(&NODES))].into(),
            ..Mapping::default()
        };
        let purpose = self.dice.pick(&[Purpose::Move, Purpose::Preview]);
        let by = self.dice.word(&PEOPLE);
        let migration = NewMigration { journey, from: 1, to: 2, mapping, purpose, by };
        deed!([migration, now] create_migration(&migration, now))
    }

    fn looked(&mut self) -> Deed {
        let (journey, limit) = (self.journey(), self.limit());
        let all = ask(self.memory.migrations(journey, Self::whole())).items;
        let Some(migration) = self.dice.any(&all) else {
            return list!([journey] living_on(journey, 1) by limit);
        };
        let id = migration.id;
        let outcomes = [Outcome::Moving, Outcome::Moved, Outcome::MustStay];
        if self.dice.chance(30) {
            let outcome = self.dice.chance(50).then(|| self.dice.pick(&outcomes));
            return list!([id, outcome] looked(id, outcome) by limit);
        }
        let instance = self.instance_id();
        let (outcome, detail, at) = (self.dice.pick(&outcomes), self.value(), self.now);
        let looked = vec![Looked { instance, outcome, detail, at }];
        let through = self.dice.chance(60).then(|| self.instance_id());
        deed!([id, looked, through] note_looked(id, &looked, through))
    }

    fn would_have(&mut self) -> Deed {
        let (journey, limit) = (self.journey(), self.limit());
        let version = 1 + self.dice.below(2) as u64;
        let all = ask(self.memory.would_have(
            journey,
            version,
            would_have::Filter::default(),
            Self::whole(),
        ));
        let one = self.dice.any(&all.items).filter(|_| self.dice.chance(50));
        if let Some(one) = one {
            let marked = self.dice.chance(80).then(|| self.a_mark());
            let id = one.id;
            return deed!([journey, version, id, marked] mark((journey, version), id, marked.as_ref()));
        }
        let marked = match self.dice.below(3) {
            0 => None,
            1 => Some(IsMarked::Not),
            _ => Some(IsMarked::As(self.dice.pick(&MARKS))),
        };
        let kind = self.dice.chance(30).then_some(Kind::Call);
        let account = self.maybe_account().filter(|_| self.dice.chance(30));
        let filter = would_have::Filter { kind, mark: marked, account };
        list!([journey, version, filter] would_have(journey, version, filter) by limit)
    }

    fn a_mark(&mut self) -> Marked {
        let (mark, note) = (self.dice.pick(&MARKS), self.dice.word(&NODES));
        Marked { mark, note, by: self.dice.word(&PEOPLE), at: self.now }
    }

    fn ask_journeys(&mut self) -> Deed {
        let (journey, limit) = (self.journey(), self.limit());
        let number = 1 + self.dice.below(3) as u64;
        let name = self.dice.word(&["Onboarding", "renewal", "Über"]);
        let nobody = JourneyId::stored(1);
        match self.dice.below(9) {
            0 => list!([] journeys() by limit),
            1 => deed!([name, limit] journeys_named(&name, limit)),
            2 => deed!([nobody] journey(nobody)),
            3 => list!([journey] versions(journey) by limit),
            4 => deed!([journey, number] version(journey, number)),
            5 => deed!([journey] live_version(journey)),
            6 => deed!([journey, number] tally(journey, number)),
            7 => deed!([journey] shadow_version(journey)),
            _ => deed!([] stale_shadows(500) => told_in_any_order),
        }
    }
}
