//! Holidays from an iCalendar file (RFC 5545), as public authorities and calendar programs give them.
//!
//! Every event of a day or more gives the dates it touches, with those of its recurrence; what cannot be read is listed with its line
//! and the reason, and the rest is taken.

use super::Holiday;
use crate::{
    limits,
    recurrence::{Recurrence, Written, read_written},
    time::{
        Timestamp,
        wall::{self, DAY, WallClock},
    },
};
use event::{Event, Property};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

mod event;
mod lines;

#[cfg(test)]
mod tests;

const TOO_OFTEN: &str = "It recurs too often for a holiday.";

/// What a file gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// In the order of their dates; no date twice under one name.
    pub holidays: Vec<Holiday>,
    pub refused: Vec<Refused>,
}

/// An event that gave no holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The line of the file the event begins on, counted from 1.
    pub line: usize,
    /// What the event is called; empty when it has no name.
    pub name: String,
    /// A sentence that says what is wrong.
    pub reason: String,
}

/// Why nothing was taken from a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("this is no iCalendar file: it does not begin with BEGIN:VCALENDAR")]
    NotCalendar,
    #[error("the file is larger than {} bytes; export fewer years", limits::ICS_BYTES)]
    TooLarge,
    #[error("the file has more than {} events; export fewer years", limits::ICS_EVENTS)]
    TooManyEvents,
    #[error("the file gives more than {} holidays; choose fewer years", limits::CALENDAR_DATES)]
    TooManyHolidays,
    #[error("'{0}' is no time zone; write an IANA name such as Europe/Berlin or UTC")]
    UnknownZone(String),
}

/// Reads the holidays of an iCalendar file that fall into these years.
///
/// Times are turned into dates in `zone`, the calendar's; a time without a zone is taken as local there.
///
/// # Errors
///
/// The file is no calendar or beyond a limit; single events that cannot be read are listed in [`Imported::refused`].
pub fn import_ics(
    file: &[u8],
    zone: &str,
    years: &RangeInclusive<i16>,
) -> Result<Imported, Unreadable> {
    if file.len() > limits::ICS_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let Some(zone) = wall::zone(zone) else {
        return Err(Unreadable::UnknownZone(zone.chars().take(80).collect()));
    };
    let events = event::read(file)?;
    let mut import =
        Import { clock: WallClock::new(&zone), years, moved: moved(&events), rules: 0 };
    let (mut dates, mut refused) = (BTreeSet::new(), Vec::new());
    for event in &events {
        match import.days(event) {
            Ok(days) => dates.extend(days.into_iter().map(|day| (day, event.name.clone()))),
            Err(reason) => {
                refused.push(Refused { line: event.line, name: event.name.clone(), reason });
            }
        }
        if dates.len() > limits::CALENDAR_DATES {
            return Err(Unreadable::TooManyHolidays);
        }
    }
    let holiday = |(day, name)| Holiday { date: wall::date_of(day).to_string(), name };
    Ok(Imported { holidays: dates.into_iter().map(holiday).collect(), refused })
}

/// The occurrences that other events of the same id replace, by that id.
fn moved(events: &[Event]) -> BTreeMap<&str, Vec<&Property>> {
    let mut moved: BTreeMap<&str, Vec<&Property>> = BTreeMap::new();
    for event in events {
        if let (Some(id), Some(from)) = (&event.id, &event.replaces) {
            moved.entry(id).or_default().push(from);
        }
    }
    moved
}

/// What turns events into days.
struct Import<'a> {
    clock: WallClock<'a>,
    years: &'a RangeInclusive<i16>,
    moved: BTreeMap<&'a str, Vec<&'a Property>>,
    /// Recurring events so far.
    rules: usize,
}

impl Import<'_> {
    /// The days an event gives, within the years.
    fn days(&mut self, event: &Event) -> Result<BTreeSet<i64>, String> {
        if let Some(problem) = &event.problem {
            return Err(problem.clone());
        }
        if event.is_cancelled {
            return Err("The event is cancelled.".to_owned());
        }
        let Some(start) = &event.start else {
            return Err("The event has no start (DTSTART).".to_owned());
        };
        let (start, is_date) = self.local(start, &start.value)?;
        let first = start.div_euclid(DAY);
        let length = self.length(event, start, is_date)?;
        let mut begins = self.begins(event, first)?;
        for property in &event.more {
            begins.extend(self.listed(property)?);
        }
        let replaced = event.id.as_deref().and_then(|id| self.moved.get(id)).cloned();
        let replaced = replaced.filter(|_| event.replaces.is_none()).unwrap_or_default();
        for property in event.except.iter().chain(replaced) {
            for day in self.listed(property)? {
                begins.remove(&day);
            }
        }
        if begins.len() > limits::CALENDAR_DATES {
            return Err(TOO_OFTEN.to_owned());
        }
        let days = self.covered(&begins, length);
        if days.is_empty() {
            let (from, to) = (self.years.start(), self.years.end());
            return Err(format!("None of its dates lies in the years {from} to {to}."));
        }
        Ok(days)
    }

    /// The days within the years that lie less than a length behind one of these; each is looked at once.
    fn covered(&self, begins: &BTreeSet<i64>, length: i64) -> BTreeSet<i64> {
        let mut days = BTreeSet::new();
        let mut next = i64::MIN;
        for begin in begins {
            let end = begin + length;
            days.extend(
                (*begin.max(&next)..end)
                    .filter(|day| self.years.contains(&wall::date_of(*day).year())),
            );
            next = end;
        }
        days
    }

    /// How many days the event takes, one at least.
    fn length(&mut self, event: &Event, start: i64, is_date: bool) -> Result<i64, String> {
        let end = match (&event.end, &event.duration) {
            (Some(end), _) => self.local(end, &end.value)?.0,
            (None, Some(duration)) => {
                let duration = super::read_elapsed(duration)
                    .map_err(|why| format!("Its duration cannot be read: {why}."))?;
                start + duration.as_milliseconds()
            }
            (None, None) if is_date => start + DAY,
            (None, None) => start,
        };
        if !is_date && end > start && end - start < DAY {
            return Err("It takes a part of a day; a calendar closes for whole days.".to_owned());
        }
        let days = (end - 1).div_euclid(DAY) + 1 - start.div_euclid(DAY);
        if days > limits::ICS_EVENT_DAYS {
            let most = limits::ICS_EVENT_DAYS;
            return Err(format!("It takes {days} days; a holiday takes {most} at most."));
        }
        Ok(days.max(1))
    }

    /// The days on which the event and its occurrences begin.
    fn begins(&mut self, event: &Event, first: i64) -> Result<BTreeSet<i64>, String> {
        let mut begins = BTreeSet::from([first]);
        let rule = match event.rules.as_slice() {
            [] => return Ok(begins),
            [rule] => rule,
            _ => return Err("It has more than one RRULE.".to_owned()),
        };
        self.rules += 1;
        if self.rules > limits::ICS_RULES {
            let most = limits::ICS_RULES;
            return Err(format!("The file has more than {most} recurring events."));
        }
        // Dates are dates, whatever the zone; an event may begin in the year before.
        let start = Some(Timestamp(first * DAY));
        let recurrence = Recurrence::parse(rule, "UTC", start)
            .map_err(|why| format!("Its recurrence cannot be read: {why}."))?;
        let (from, until) = self.reach();
        let found = recurrence.occurrences_between(from, until, limits::CALENDAR_DATES + 1);
        if found.len() > limits::CALENDAR_DATES {
            return Err(TOO_OFTEN.to_owned());
        }
        begins.extend(found.into_iter().map(|at| at.0.div_euclid(DAY)));
        Ok(begins)
    }

    /// The stretch of time in which an event may begin and touch the years.
    fn reach(&self) -> (Timestamp, Timestamp) {
        let first_of = |year: i16, otherwise: i64| {
            let date = jiff::civil::Date::new(year, 1, 1).ok();
            date.and_then(wall::day_of).unwrap_or(otherwise) * DAY
        };
        let from = first_of(*self.years.start(), wall::FIRST_DAY) - limits::ICS_EVENT_DAYS * DAY;
        let until = first_of(self.years.end().saturating_add(1), wall::LAST_DAY);
        (Timestamp(from), Timestamp(until))
    }

    /// The days a property with several values names.
    fn listed(&mut self, property: &Property) -> Result<Vec<i64>, String> {
        let values = property.value.split(',');
        values.map(|value| Ok(self.local(property, value)?.0.div_euclid(DAY))).collect()
    }

    /// A date or time as local time of the calendar, and whether it is a date.
    fn local(&mut self, property: &Property, value: &str) -> Result<(i64, bool), String> {
        let written = read_written(value.trim()).ok_or_else(|| {
            let shown: String = value.chars().take(40).collect();
            format!("{} '{shown}' is no date or time from the year 1 to 9998.", property.name)
        })?;
        match (written, property.zone.as_deref()) {
            (Written::Date(day), _) => Ok((day * DAY, true)),
            (Written::Utc(at), _) => Ok((self.clock.shows(at), false)),
            (Written::Local(local), None) => Ok((local, false)),
            (Written::Local(local), Some(id)) => {
                let zone = wall::zone(id).ok_or_else(|| {
                    let shown: String = id.chars().take(80).collect();
                    format!("Its time zone '{shown}' is not known; export it with IANA names.")
                })?;
                Ok((self.clock.shows(WallClock::new(&zone).means(local)), false))
            }
        }
    }
}
