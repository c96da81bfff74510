use super::{Kept as Everything, Memory};
use crate::{
    Calendars, Failure,
    calendars::{CalendarAt, Gone},
    directory::Made,
    journeys::Saved,
};
use async_trait::async_trait;
use journey::{Timestamp, calendar::Calendar};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<String, CalendarAt>,
}

#[async_trait]
impl Calendars for Memory {
    async fn create_calendar(
        &self,
        calendar: &Calendar,
        _now: Timestamp,
    ) -> Result<Made<()>, Failure> {
        let rows = &mut self.to_write()?.calendars.rows;
        if rows.contains_key(calendar.name()) {
            return Ok(Made::Taken);
        }
        let first = CalendarAt { calendar: calendar.clone(), revision: 1 };
        rows.insert(calendar.name().to_owned(), first);
        Ok(Made::Made(()))
    }

    async fn calendars(&self) -> Result<Vec<CalendarAt>, Failure> {
        Ok(self.kept().calendars.rows.values().cloned().collect())
    }

    async fn calendars_of_teams(&self) -> Result<Vec<(String, String)>, Failure> {
        Ok(self.kept().teams.with_calendars())
    }

    async fn calendar(&self, name: &str) -> Result<Option<CalendarAt>, Failure> {
        Ok(self.kept().calendars.rows.get(name).cloned())
    }

    async fn save_calendar(
        &self,
        calendar: &Calendar,
        expected: u64,
        _now: Timestamp,
    ) -> Result<Option<Saved>, Failure> {
        let rows = &mut self.to_write()?.calendars.rows;
        let Some(row) = rows.get_mut(calendar.name()) else { return Ok(None) };
        if row.revision != expected {
            return Ok(Some(Saved::LostRace { current: row.revision }));
        }
        *row = CalendarAt { calendar: calendar.clone(), revision: expected + 1 };
        Ok(Some(Saved::Revision(expected + 1)))
    }

    async fn delete_calendar(&self, name: &str) -> Result<Gone, Failure> {
        let kept = &mut *self.to_write()?;
        if let Some(gone) = kept.keeping_calendar(name) {
            return Ok(gone);
        }
        let gone = kept.calendars.rows.remove(name);
        Ok(if gone.is_some() { Gone::Deleted } else { Gone::Missing })
    }
}

impl Kept {
    /// Whether there is a calendar of that name; the standard one is there without having been saved.
    pub(super) fn is_there(&self, name: &str) -> bool {
        name == Calendar::standard().name() || self.rows.contains_key(name)
    }
}

impl Everything {
    /// Who needs a calendar, so that it stays.
    fn keeping_calendar(&self, name: &str) -> Option<Gone> {
        if let Some(account) = self.accounts.naming_calendar(name) {
            return Some(Gone::Named { account: account.external_id.clone() });
        }
        if let Some(instance) = self.instances.counting_by(name) {
            return Some(Gone::Counting { instance });
        }
        let mut versions = self.journeys.versions();
        let used = versions.find(|(journey, version)| {
            let (journey, number) = (*journey, version.number);
            let is_followed = self.triggers.has_version(journey, number);
            let has_life = is_followed || self.instances.living(journey, number).next().is_some();
            has_life && version.draft.names_calendar(name)
        });
        if let Some((journey, _)) = used {
            return Some(Gone::Used { journey: self.journeys.name(journey)?.to_owned() });
        }
        let team = self.teams.keeping_calendar(name)?;
        Some(Gone::Kept { team })
    }
}

/// How a member that names a calendar is written in JSON.
pub(super) fn member(name: &str) -> String {
    format!("\"calendar\":{}", json!(name))
}
