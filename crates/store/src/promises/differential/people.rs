//! Accounts, users and teams.

use super::{
    deed::{Deed, deed, list},
    world::{CALENDARS, PEOPLE, TEAMS, World, ask},
};
use crate::{
    accounts::{Progress, Search, Statement},
    directory::{Named, NewTeam, NewUser, Role, TeamChange, UserChange},
};
use serde_json::Map;

const ROLES: [Role; 3] = [Role::Admin, Role::Designer, Role::Member];
const HASHES: [[u8; 32]; 3] = [[1; 32], [2; 32], [3; 32]];

impl World {
    pub(super) fn create_account(&mut self) -> Deed {
        let (statement, now) = (self.a_statement(), self.now);
        deed!([statement, now] create_account(&statement, now))
    }

    pub(super) fn people(&mut self) -> Deed {
        match self.dice.below(14) {
            0 => self.create_account(),
            1 | 2 => self.import(),
            3 | 4 => {
                let (id, members, now) = (self.account(), self.members(), self.now);
                deed!([id, members, now] patch_account(id, &members, now))
            }
            5 | 6 => self.find_accounts(),
            7 | 8 => self.users(),
            9 => self.sessions(),
            10 => self.tokens(),
            _ => self.teams(),
        }
    }

    fn a_statement(&mut self) -> Statement {
        let arr = self.dice.chance(40).then(|| f64::from(self.dice.number(99)) / 2.0);
        Statement {
            external_id: self.dice.word(&["A-1", "A-2", "a_3", "Ä4"]),
            name: self.dice.word(&["Ada", "ada", "Österreich AG", "Zoë %_\\", "b"]),
            segment: self.dice.maybe(&["gold", "base"]),
            owner: self.dice.maybe(&PEOPLE),
            arr,
            fields: if self.dice.chance(40) {
                Map::from_iter([("plan".to_owned(), self.value())])
            } else {
                Map::new()
            },
        }
    }

    fn import(&mut self) -> Deed {
        let accounts: Vec<Statement> =
            (0..self.dice.below(4)).map(|_| self.a_statement()).collect();
        let line = self.dice.below(9) as u64;
        let source = self.dice.word(&["one", "two"]);
        let now = self.now;
        if self.dice.chance(15) {
            return deed!([source] import_progress(&source));
        }
        let progress = self.dice.chance(70).then_some(Progress { source, line });
        deed!([accounts, progress, now] upsert_accounts(&accounts, progress.as_ref(), now))
    }

    fn find_accounts(&mut self) -> Deed {
        let q = self.dice.maybe(&[
            "ada",
            "ADA ",
            "Ö",
            "ö",
            "österreich",
            "_",
            "%",
            "\\",
            "a-",
            "X.Y",
            "",
        ]);
        let search = Search { q, segment: self.dice.maybe(&["gold"]) };
        let (limit, id) = (self.limit(), self.dice.word(&["A-1", "a-1"]));
        match self.dice.below(4) {
            0 => deed!([search, limit] count_accounts(&search, limit)),
            1 => deed!([id] account_by_external_id(&id)),
            _ => list!([search] accounts(&search) by limit),
        }
    }

    pub(super) fn users(&mut self) -> Deed {
        let (email, now, limit) = (self.dice.word(&PEOPLE), self.now, self.limit());
        let role = self.dice.pick(&ROLES);
        let Some(id) = self.user().filter(|_| self.dice.chance(60)) else {
            let (name, password_hash) = ("Ada".to_owned(), "hash".to_owned());
            let user = NewUser { email, name, role, password_hash };
            return deed!([user, now] create_user(&user, now));
        };
        let change = UserChange {
            name: self.dice.maybe(&["Eve"]),
            role: self.dice.chance(60).then_some(role),
            password_hash: self.dice.chance(30).then(|| "new".to_owned()),
        };
        match self.dice.below(6) {
            0 => deed!([id] user(id)),
            1 => deed!([email] user_by_email(&email)),
            2 => deed!([id] set_password(id, "other")),
            3 => list!([] users() by limit),
            _ => deed!([id, change] change_user(id, &change)),
        }
    }

    pub(super) fn sessions(&mut self) -> Deed {
        let (hash, now) = (self.dice.pick(&HASHES), self.now);
        let Some(user) = self.user() else { return self.users() };
        let expires = now.plus(self.dice.ms(12));
        match self.dice.below(5) {
            0 | 1 => deed!([hash, user, now, expires] open_session(&hash, user, now, expires)),
            2 => deed!([hash, now] user_by_session(&hash, now)),
            3 => deed!([hash] close_session(&hash)),
            _ => deed!([now] forget_expired_sessions(now)),
        }
    }

    pub(super) fn tokens(&mut self) -> Deed {
        let (hash, now, limit) = (self.dice.pick(&HASHES), self.now, self.limit());
        let Some(user) = self.user() else { return self.users() };
        let of = self.dice.chance(50).then_some(user);
        let tokens = ask(self.memory.tokens(None, Self::whole())).items;
        let token = self.dice.any(&tokens).map(|token| token.id);
        match (self.dice.below(6), token) {
            (0 | 1, Some(_)) => deed!([hash, now] user_by_token(&hash, now)),
            (2, Some(id)) => deed!([id] revoke_token(id)),
            (3, _) => list!([of] tokens(of) by limit),
            _ => deed!([user, hash, now] create_token(user, "ci", &hash, now)),
        }
    }

    pub(super) fn teams(&mut self) -> Deed {
        let members: Vec<String> =
            self.dice.some(&PEOPLE, 30).into_iter().map(str::to_owned).collect();
        let (name, now, limit) = (self.dice.word(&TEAMS), self.now, self.limit());
        let (lead, calendar) = (self.dice.maybe(&PEOPLE[..1]), self.dice.maybe(&CALENDARS));
        let teams = ask(self.memory.teams(Self::whole())).items;
        let Some(team) = self.dice.any(&teams).filter(|_| self.dice.chance(60)) else {
            let team = NewTeam { name, members, lead, calendar };
            return deed!([team, now] create_team(&team, now));
        };
        let named = |name: Option<String>, is: bool| match name {
            Some(name) => Named::Is(name),
            None if is => Named::Nothing,
            None => Named::Stays,
        };
        let change = TeamChange {
            members: self.dice.chance(50).then_some(members),
            lead: named(lead, self.dice.chance(50)),
            calendar: named(calendar, self.dice.chance(50)),
        };
        let id = team.id;
        match self.dice.below(5) {
            0 => deed!([name] members_of(&name)),
            1 => deed!([id] team(id)),
            2 => list!([] teams() by limit),
            _ => deed!([id, change] change_team(id, &change)),
        }
    }
}
