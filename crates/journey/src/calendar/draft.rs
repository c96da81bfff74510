//! A calendar as it is written, and everything that can be wrong with it.

use super::{Calendar, Opening, read::read_wall_time};
use crate::{
    limits,
    time::{Date, wall},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// A calendar as the API takes and gives it. It may hold anything; [`Calendar::try_from`] says what is wrong.
///
/// ```json
/// {
///   "name": "uk", "time_zone": "Europe/London",
///   "hours": { "monday": [{ "from": "09:00", "to": "12:30" }, { "from": "13:30", "to": "17:30" }] },
///   "holidays": [{ "date": "2026-12-25", "name": "Christmas Day" }],
///   "exceptions": [{ "date": "2026-12-24", "name": "Christmas Eve", "hours": [{ "from": "09:00", "to": "13:00" }] }]
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarDraft {
    /// What durations call it.
    pub name: String,
    /// An IANA name such as `Europe/Berlin`.
    pub time_zone: String,
    pub hours: WeeklyHours,
    /// Dates on which it stays closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Holiday>,
    /// Dates with other hours; on the date of a holiday they hold instead of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<DatedHours>,
}

/// The hours of each weekday; a weekday without any is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WeeklyHours {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub monday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tuesday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wednesday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thursday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub friday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub saturday: Vec<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sunday: Vec<Hours>,
}

/// Open from one time of day (`HH:MM`) until just before another, `24:00` at the latest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "hours are {\"from\": \"09:00\", \"to\": \"17:00\"}")]
pub struct Hours {
    pub from: String,
    pub to: String,
}

/// A date (`YYYY-MM-DD`) on which the calendar stays closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    pub date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A date (`YYYY-MM-DD`) with hours of its own; without any it is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatedHours {
    pub date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default)]
    pub hours: Vec<Hours>,
}

/// One thing wrong with a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// JSON pointer into the draft.
    pub pointer: String,
    /// A sentence that says what is wrong and what would mend it.
    pub message: String,
}

/// Everything wrong with a calendar; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(formatter, "{space}{}: {}", problem.pointer, problem.message)?;
        }
        Ok(())
    }
}

impl WeeklyHours {
    /// The same hours from Monday to Friday.
    pub fn on_working_days(from: &str, to: &str) -> Self {
        let hours = || vec![Hours { from: from.to_owned(), to: to.to_owned() }];
        Self {
            monday: hours(),
            tuesday: hours(),
            wednesday: hours(),
            thursday: hours(),
            friday: hours(),
            ..Self::default()
        }
    }

    /// From Monday to Sunday, with their names.
    fn days(&self) -> [(&'static str, &Vec<Hours>); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

impl TryFrom<CalendarDraft> for Calendar {
    type Error = Problems;

    fn try_from(draft: CalendarDraft) -> Result<Self, Problems> {
        let mut found = Found(Vec::new());
        found.check_name(&draft.name);
        let zone = wall::zone(&draft.time_zone);
        if zone.is_none() {
            let shown = shown(&draft.time_zone);
            let message = format!(
                "'{shown}' is no time zone; write an IANA name such as Europe/Berlin or UTC."
            );
            found.add("/time_zone", message);
        }
        let week = found.week(&draft.hours);
        let special = found.special(&draft);
        match zone {
            Some(zone) if found.0.is_empty() => Ok(Self { draft, zone, week, special }),
            Some(_) | None => Err(Problems(found.0)),
        }
    }
}

/// The problems found so far.
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { pointer: pointer.into(), message: message.into() });
    }

    fn check_name(&mut self, name: &str) {
        if name.trim().is_empty() {
            self.add("/name", "The calendar needs a name, which durations call it by.");
        } else if name.len() > limits::CALENDAR_NAME_BYTES {
            let most = limits::CALENDAR_NAME_BYTES;
            self.add("/name", format!("The name is longer than {most} bytes; shorten it."));
        }
    }

    fn week(&mut self, hours: &WeeklyHours) -> [Vec<Opening>; 7] {
        let week = hours.days().map(|(day, hours)| self.openings(&format!("/hours/{day}"), hours));
        if hours.days().iter().all(|(_, hours)| hours.is_empty()) {
            self.add(
                "/hours",
                "The calendar never opens; give at least one weekday hours, such as 09:00 to 17:00.",
            );
        }
        week
    }

    fn special(&mut self, draft: &CalendarDraft) -> BTreeMap<i64, Vec<Opening>> {
        let mut special = BTreeMap::new();
        self.check_count("/holidays", draft.holidays.len());
        for (place, holiday) in draft.holidays.iter().enumerate().take(limits::CALENDAR_DATES) {
            if let Some(day) = self.day(&format!("/holidays/{place}/date"), &holiday.date) {
                special.insert(day, Vec::new());
            }
        }
        self.check_count("/exceptions", draft.exceptions.len());
        let mut seen = BTreeMap::new();
        for (place, exception) in draft.exceptions.iter().enumerate().take(limits::CALENDAR_DATES) {
            let pointer = format!("/exceptions/{place}");
            let openings = self.openings(&format!("{pointer}/hours"), &exception.hours);
            let pointer = format!("{pointer}/date");
            let Some(day) = self.day(&pointer, &exception.date) else { continue };
            if let Some(first) = seen.insert(day, place) {
                let message = format!(
                    "{} already has other hours, in exception {first}; keep one of them.",
                    exception.date
                );
                self.add(pointer, message);
            }
            special.insert(day, openings);
        }
        special
    }

    fn check_count(&mut self, pointer: &str, count: usize) {
        let most = limits::CALENDAR_DATES;
        if count > most {
            self.add(pointer, format!("These are {count} dates; a calendar holds {most} at most."));
        }
    }

    fn day(&mut self, pointer: &str, date: &str) -> Option<i64> {
        let day = read_date(date).and_then(wall::day_of);
        if day.is_none() {
            let shown = shown(date);
            self.add(pointer, format!("'{shown}' is no date such as 2026-12-25."));
        }
        day
    }

    /// The hours of one day in order, with every overlap reported.
    fn openings(&mut self, pointer: &str, hours: &[Hours]) -> Vec<Opening> {
        let most = limits::OPENINGS_PER_DAY;
        if hours.len() > most {
            let count = hours.len();
            self.add(pointer, format!("A day opens {most} times at most, not {count} times."));
            return Vec::new();
        }
        let mut openings: Vec<(usize, Opening)> = Vec::new();
        for (place, hours) in hours.iter().enumerate() {
            let opening = self.opening(&format!("{pointer}/{place}"), hours);
            openings.extend(opening.map(|opening| (place, opening)));
        }
        openings.sort_by_key(|(_, opening)| opening.opens);
        for pair in openings.windows(2) {
            let ((before, first), (place, second)) = (pair[0], pair[1]);
            if second.opens < first.closes {
                let (one, other) = (&hours[place], &hours[before]);
                let message = format!(
                    "{} to {} overlaps {} to {}; join them or move one.",
                    one.from, one.to, other.from, other.to
                );
                self.add(format!("{pointer}/{place}"), message);
            }
        }
        openings.into_iter().map(|(_, opening)| opening).collect()
    }

    fn opening(&mut self, pointer: &str, hours: &Hours) -> Option<Opening> {
        let opens = self.wall_time(&format!("{pointer}/from"), &hours.from);
        let closes = self.wall_time(&format!("{pointer}/to"), &hours.to);
        let (opens, closes) = (opens?, closes?);
        if opens >= closes {
            let Hours { from, to } = hours;
            let message = format!(
                "{from} to {to} ends before it begins; for a night write until 24:00, and from 00:00 on the next day."
            );
            self.add(pointer, message);
            return None;
        }
        Some(Opening { opens, closes })
    }

    fn wall_time(&mut self, pointer: &str, text: &str) -> Option<i64> {
        let time = read_wall_time(text);
        if time.is_none() {
            let shown = shown(text);
            self.add(pointer, format!("'{shown}' is no time of day from 00:00 to 24:00."));
        }
        time
    }
}

/// Reads `YYYY-MM-DD` and nothing else.
fn read_date(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if plain { text.parse().ok() } else { None }
}

/// A text from outside, short enough for a sentence.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
