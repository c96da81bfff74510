use super::{Kept as Everything, after, page};
use crate::{
    Page, Paging, TeamId,
    directory::{ChangedTeam, Made, Named, NewTeam, Team, TeamChange, Unknown},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<TeamId, Team>,
}

impl Everything {
    pub(super) fn create_team(&mut self, id: TeamId, team: &NewTeam) -> Made<TeamId> {
        let people = team.members.iter().chain(&team.lead);
        if let Some(unknown) = self.unknown(people, team.calendar.as_ref()) {
            return Made::Unknown(unknown);
        }
        if self.teams.named(&team.name).is_some() {
            return Made::Taken;
        }
        let row = Team {
            id,
            name: team.name.clone(),
            members: addresses(&team.members),
            lead: team.lead.as_ref().map(|lead| lead.to_lowercase()),
            calendar: team.calendar.clone(),
        };
        self.teams.rows.insert(id, row);
        Made::Made(id)
    }

    /// `None` when there is no such team.
    pub(super) fn change_team(&mut self, id: TeamId, change: &TeamChange) -> Option<ChangedTeam> {
        let mut team = self.teams.get(id)?;
        let people = change.members.iter().flatten().chain(change.lead.name());
        if let Some(unknown) = self.unknown(people, change.calendar.name()) {
            return Some(ChangedTeam::Unknown(unknown));
        }
        match &change.lead {
            Named::Stays => {}
            Named::Nothing => team.lead = None,
            Named::Is(lead) => team.lead = Some(lead.to_lowercase()),
        }
        match &change.calendar {
            Named::Stays => {}
            Named::Nothing => team.calendar = None,
            Named::Is(calendar) => team.calendar = Some(calendar.clone()),
        }
        if let Some(members) = &change.members {
            team.members = addresses(members);
        }
        self.teams.rows.insert(id, team.clone());
        Some(ChangedTeam::Team(team))
    }

    /// What is named for a team, and is none.
    fn unknown<'a>(
        &self,
        mut people: impl Iterator<Item = &'a String>,
        calendar: Option<&String>,
    ) -> Option<Unknown> {
        if let Some(person) = people.find(|person| !self.directory.is_user(person)) {
            return Some(Unknown::User(person.clone()));
        }
        let unknown = calendar.filter(|name| !self.calendars.is_there(name));
        unknown.cloned().map(Unknown::Calendar)
    }
}

impl Kept {
    pub(super) fn get(&self, id: TeamId) -> Option<Team> {
        self.rows.get(&id).cloned()
    }

    pub(super) fn list(&self, paging: &Paging<TeamId>) -> Page<Team, TeamId> {
        let rows = self.rows.range(after(paging.after)).map(|(_, team)| team.clone());
        page(rows, paging, |team| team.id)
    }

    pub(super) fn members_of(&self, name: &str) -> Vec<String> {
        self.named(name).map_or_else(Vec::new, |team| team.members.clone())
    }

    /// The teams a person is in, by name.
    pub(super) fn of(&self, email: &str) -> Vec<String> {
        let teams = self.rows.values().filter(|team| team.members.iter().any(|one| one == email));
        in_order(teams.map(|team| &team.name))
    }

    pub(super) fn with_calendars(&self) -> Vec<(String, String)> {
        let teams = self.rows.values();
        teams.filter_map(|team| Some((team.name.clone(), team.calendar.clone()?))).collect()
    }

    /// The first by name of the teams that keep a calendar.
    pub(super) fn keeping_calendar(&self, name: &str) -> Option<String> {
        let teams = self.rows.values().filter(|team| team.calendar.as_deref() == Some(name));
        teams.map(|team| team.name.clone()).min()
    }

    fn named(&self, name: &str) -> Option<&Team> {
        self.rows.values().find(|team| team.name == name)
    }
}

/// Addresses are kept in lower case.
fn addresses(members: &[String]) -> Vec<String> {
    in_order(&members.iter().map(|member| member.to_lowercase()).collect::<Vec<_>>())
}

fn in_order<'a>(names: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let names: BTreeSet<String> = names.into_iter().cloned().collect();
    names.into_iter().collect()
}
