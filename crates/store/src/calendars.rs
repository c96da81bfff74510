//! Business calendars.

use crate::{Failure, InstanceId, directory::Made, journeys::Saved};
use async_trait::async_trait;
use journey::{Timestamp, calendar::Calendar};

/// A calendar and the revision a save of it must name.
#[derive(Clone, Debug, PartialEq)]
pub struct CalendarAt {
    pub calendar: Calendar,
    pub revision: u64,
}

/// What became of a calendar that was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    Deleted,
    Missing,
    /// It stays: a version of this journey that is followed, or that instances run on, names it.
    Used {
        /// The journey's name.
        journey: String,
    },
    /// It stays: a clock of this instance is measured by it.
    Counting {
        instance: InstanceId,
    },
    /// It stays: this account names it, by its external id.
    Named {
        account: String,
    },
    /// It stays: this team keeps it.
    Kept {
        team: String,
    },
}

/// Calendars, which durations name.
#[async_trait]
pub trait Calendars {
    async fn create_calendar(
        &self,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Result<Made<()>, Failure>;

    /// By name; there are few.
    async fn calendars(&self) -> Result<Vec<CalendarAt>, Failure>;

    /// Which team keeps which calendar, by their names; there are few.
    async fn calendars_of_teams(&self) -> Result<Vec<(String, String)>, Failure>;

    async fn calendar(&self, name: &str) -> Result<Option<CalendarAt>, Failure>;

    /// Stores a calendar made from revision `expected`, under its name; `None` when there is none of it.
    async fn save_calendar(
        &self,
        calendar: &Calendar,
        expected: u64,
        now: Timestamp,
    ) -> Result<Option<Saved>, Failure>;

    /// Deletes a calendar that no team keeps, no account names, no clock is measured by and no version with a life ahead of it names.
    async fn delete_calendar(&self, name: &str) -> Result<Gone, Failure>;
}
