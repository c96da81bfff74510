//! Calendars, connectors, hooks, answers and the audit log.

use super::{
    deed::{Deed, deed, list, told_in_any_order},
    world::{CALENDARS, KEYS, World, ask},
};
use crate::{
    connectors::{ConnectionValue, NewConnection, NewConnector, Pace},
    hooks::Hook,
    idempotency::{Answer, Request},
};
use journey::calendar::{Calendar, CalendarDraft, WeeklyHours};

const DIGESTS: [&str; 2] = ["sha256:a", "sha256:b"];

impl World {
    pub(super) fn things(&mut self) -> Deed {
        match self.dice.below(12) {
            0..3 => self.calendars(),
            3..5 => self.connectors(),
            5..8 => self.connections(),
            8 => self.hooks(),
            9..11 => self.answers(),
            _ => {
                let (deed, limit) = (self.a_deed(), self.limit());
                let now = self.now;
                if self.dice.chance(30) {
                    return list!([] audit() by limit);
                }
                if self.dice.chance(20) {
                    return deed!([now] seal_audit(now));
                }
                deed!([deed] write_down(&deed))
            }
        }
    }

    pub(super) fn calendars(&mut self) -> Deed {
        let (name, now) = (self.dice.word(&CALENDARS), self.now);
        let hours = WeeklyHours::on_working_days("09:00", "17:00");
        let time_zone = self.dice.word(&["UTC", "Europe/London"]);
        let draft =
            CalendarDraft { name: name.clone(), time_zone, hours, ..CalendarDraft::default() };
        let calendar = Calendar::try_from(draft);
        match (self.dice.below(7), calendar) {
            (0..3, Ok(calendar)) => deed!([calendar, now] create_calendar(&calendar, now)),
            (3, Ok(calendar)) => {
                let kept = ask(self.memory.calendar(&name)).map_or(1, |kept| kept.revision);
                let expected = if self.dice.chance(80) { kept } else { kept + 1 };
                deed!([calendar, expected, now] save_calendar(&calendar, expected, now))
            }
            (4, _) => deed!([] calendars()),
            (5, _) => deed!([] calendars_of_teams() => told_in_any_order),
            _ => deed!([name] delete_calendar(&name)),
        }
    }

    pub(super) fn connectors(&mut self) -> Deed {
        let (now, limit) = (self.now, self.limit());
        let (name, digest) = (self.dice.word(&["crm", "CRM"]), self.dice.word(&DIGESTS));
        let installed = ask(self.memory.connectors(Self::whole())).items;
        let id = self.dice.any(&installed).map(|connector| connector.id);
        match (self.dice.below(7), id) {
            (0 | 1, Some(_)) => deed!([name] component(&name)),
            (2, Some(id)) if self.dice.chance(40) => deed!([id] uninstall(id)),
            (3, Some(id)) => deed!([id] connector(id)),
            (4, Some(_)) => deed!([name] connector_by_name(&name)),
            (5, _) => list!([] connectors() by limit),
            _ => {
                let (version, component) = ("1.0.0".to_owned(), digest.clone().into_bytes());
                let manifest = self.value();
                let new = NewConnector { name, version, digest, manifest, component };
                deed!([new, now] install(&new, now))
            }
        }
    }

    pub(super) fn connections(&mut self) -> Deed {
        let (now, limit) = (self.now, self.limit());
        let new = NewConnection {
            name: self.dice.word(&["main", "second"]),
            connector: "crm".to_owned(),
            config: self.value(),
            secret_names: vec!["token".to_owned()],
            sealed_secrets: vec![7; self.dice.below(4)],
            grants: self.value(),
            pace: Pace {
                calls_at_once: 1 + self.dice.number(9),
                calls_per_second: self.dice.chance(50).then_some(0.5),
            },
            for_tests: self.dice.chance(50),
        };
        let there = ask(self.memory.connections(Self::whole())).items;
        let id = self.dice.any(&there).map(|connection| connection.id);
        let Some(id) = id.filter(|_| self.dice.chance(80)) else {
            return deed!([new, now] create_connection(&new, now));
        };
        let expires = self.dice.chance(50).then(|| now.plus(self.dice.ms(8)));
        let (key, value) = (self.dice.word(&KEYS), vec![9; self.dice.below(4)]);
        let quota = 1 + self.dice.below(9) as u64;
        let name = new.name.clone();
        match self.dice.below(10) {
            0 => deed!([id, new, now] change_connection(id, &new, now)),
            1 => list!([] connections() by limit),
            2 => deed!([name] connection_by_name(&name)),
            3 if self.dice.chance(30) => deed!([id] delete_connection(id)),
            4 | 5 => deed!([id, key, now] connection_value(id, &key, now)),
            6 => deed!([id, key] forget_connection_value(id, &key)),
            _ => {
                let value = ConnectionValue { key, value, expires };
                deed!([id, value, quota, now] keep_connection_value(id, &value, quota, now))
            }
        }
    }

    fn hooks(&mut self) -> Deed {
        let (slug, journey) = (self.dice.word(&KEYS), self.journey());
        let sealed_secret = self.dice.chance(50).then(|| vec![1, 2]);
        let hook = Hook { slug: slug.clone(), journey, sealed_secret, created_at: self.now };
        match self.dice.below(4) {
            0 => deed!([slug] hook(&slug)),
            1 => deed!([slug] delete_hook(&slug)),
            2 => deed!([] hooks()),
            _ => deed!([hook] create_hook(&hook)),
        }
    }

    /// What somebody asks for under a key.
    pub(super) fn asked(&mut self) -> Request {
        Request {
            scope: self.dice.word(&["ada", "bob"]),
            key: self.dice.word(&KEYS),
            hash: self.dice.pick(&[[1; 32], [1; 32], [2; 32]]),
        }
    }

    pub(super) fn answers(&mut self) -> Deed {
        let request = self.asked();
        let answer = Answer { status: 201, body: vec![1; self.dice.below(3)] };
        let (now, then) = (self.now, self.sometime());
        match self.dice.below(8) {
            0..4 => deed!([request, now] begin_answer(&request, now)),
            4 | 5 => deed!([request, answer] finish_answer(&request, &answer)),
            6 => deed!([request] abandon_answer(&request)),
            _ => deed!([then] forget_answers(then)),
        }
    }
}
