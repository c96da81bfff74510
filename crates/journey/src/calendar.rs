//! Business calendars and durations over them: when people work, and when something is due.
//!
//! A [`Calendar`] says in one time zone when a team is open: hours per weekday, holidays, and dates with other hours.
//! A [`Duration`] is time on the clock or business time; [`Duration::after`] and [`Duration::before`] turn it into a
//! moment. [`Calendars`] is what a workspace has: calendars by name and the one that is meant when none is named.
//!
//! How the change of clocks is read:
//! - An opening begins at the first moment the wall clock shows its time or a later one. A time the clock shows twice
//!   counts the first time; an opening inside the hour that is left out does not take place that day.
//! - Working time is real time: a day open from 00:00 to 24:00 has 23 hours when the clocks go forward, 25 when back.
//! - A due time of day that is left out means the same distance behind the leap (02:30 becomes 03:30).

use crate::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

mod business;
mod draft;
mod duration;
mod ics;
mod openings;
mod read;

pub use draft::{CalendarDraft, DatedHours, Holiday, Hours, Problem, Problems, WeeklyHours};
pub use duration::{Business, Duration, Elapsed};
pub use ics::{Imported, Refused, Unreadable, import_ics};
pub use read::{read_business, read_elapsed, read_time_of_day};

#[cfg(test)]
mod clock_changes;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

/// When a team works: checked, and quick to ask. Its JSON form is the one of [`CalendarDraft`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "CalendarDraft", into = "CalendarDraft")]
pub struct Calendar {
    draft: CalendarDraft,
    zone: TimeZone,
    /// From Monday to Sunday, each in order and without overlap.
    week: [Vec<Opening>; 7],
    /// Holidays and exceptions, by day.
    special: BTreeMap<i64, Vec<Opening>>,
}

/// An interval of a day, in milliseconds on the wall clock after midnight; the end is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Opening {
    opens: i64,
    closes: i64,
}

/// Why there is no such moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMoment {
    #[error("the time lies outside the years 1 to 9998")]
    OutOfRange,
    #[error(
        "the calendar '{0}' is not open long enough within a hundred years; give it more hours or shorten the duration"
    )]
    NeverOpenLongEnough(String),
    #[error("there is no calendar '{0}'; create it or name another one")]
    UnknownCalendar(String),
}

/// Where a calendar is named: the one the account's field `calendar` names.
pub const ACCOUNT: &str = "account";
/// Where a calendar is named: the one the node's team keeps.
pub const TEAM: &str = "team";

/// Whether a name stands for somebody's own calendar, which only a node with an account and a team at hand can tell.
pub(crate) fn is_relative(name: &str) -> bool {
    [ACCOUNT, TEAM].contains(&name)
}

/// The calendars of a workspace by name, and the one that is meant when none is named.
#[derive(Clone, Debug)]
pub struct Calendars {
    standard: Arc<Calendar>,
    named: BTreeMap<String, Arc<Calendar>>,
    /// Which of them each team keeps.
    teams: BTreeMap<String, String>,
}

static STANDARD: LazyLock<Calendar> = LazyLock::new(|| {
    let draft = CalendarDraft {
        name: "standard".to_owned(),
        time_zone: "UTC".to_owned(),
        hours: WeeklyHours::on_working_days("09:00", "17:00"),
        holidays: Vec::new(),
        exceptions: Vec::new(),
    };
    Calendar::try_from(draft).expect("the standard calendar has nothing wrong with it")
});

impl Calendar {
    /// Monday to Friday, 09:00 to 17:00 UTC: what holds where nobody has set up a calendar.
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// What it was made from.
    pub fn draft(&self) -> &CalendarDraft {
        &self.draft
    }

    /// Working time between two moments, in milliseconds; 0 when the second is not later.
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        openings::working_time_between(self, from.0, to.0)
    }
}

impl From<Calendar> for CalendarDraft {
    fn from(calendar: Calendar) -> Self {
        calendar.draft
    }
}

impl PartialEq for Calendar {
    /// Everything else follows from the draft.
    fn eq(&self, other: &Self) -> bool {
        self.draft == other.draft
    }
}

impl Calendars {
    /// `standard` is meant where no calendar is named; it has its name like the others.
    pub fn new(standard: Calendar, others: impl IntoIterator<Item = Calendar>) -> Self {
        let standard = Arc::new(standard);
        let mut named: BTreeMap<_, _> = others
            .into_iter()
            .map(|calendar| (calendar.name().to_owned(), Arc::new(calendar)))
            .collect();
        named.insert(standard.name().to_owned(), Arc::clone(&standard));
        Self { standard, named, teams: BTreeMap::new() }
    }

    /// The same calendars, and which of them each team keeps.
    #[must_use]
    pub fn kept_by(self, teams: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { teams: teams.into_iter().collect(), ..self }
    }

    /// The calendar a team keeps.
    pub fn of_team(&self, team: &str) -> Option<&str> {
        self.teams.get(team).map(String::as_str)
    }

    /// The calendar of this name, or the standard one for no name.
    ///
    /// # Errors
    ///
    /// [`NoMoment::UnknownCalendar`].
    pub fn get(&self, name: Option<&str>) -> Result<&Arc<Calendar>, NoMoment> {
        match name {
            None => Ok(&self.standard),
            Some(name) => {
                self.named.get(name).ok_or_else(|| NoMoment::UnknownCalendar(name.to_owned()))
            }
        }
    }

    /// The calendar a duration is measured over: the one it names, else `otherwise` (the journey's), else the standard one.
    ///
    /// # Errors
    ///
    /// [`NoMoment::UnknownCalendar`].
    pub fn of(
        &self,
        duration: &Duration,
        otherwise: Option<&str>,
    ) -> Result<&Arc<Calendar>, NoMoment> {
        self.get(duration.calendar().or(otherwise))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}

impl Default for Calendars {
    fn default() -> Self {
        Self::new(Calendar::standard().clone(), [])
    }
}
