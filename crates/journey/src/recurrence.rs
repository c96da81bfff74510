//! Recurrence: when a schedule fires, by an iCalendar rule (RFC 5545, section 3.3.10) in a time zone.
//!
//! Rules of every frequency from yearly to minutely are read, with every part but seconds. How the change of clocks
//! is read:
//! - A rule of days (yearly to daily) fires once for each time it names: a time that is left out is made up the same
//!   distance behind the leap (02:30 at 03:30), a time shown twice fires the first time.
//! - A rule of hours or minutes fires whenever the wall shows a time it names: twice in the hour that is shown twice, and
//!   not in the hour that is left out. `INTERVAL` counts hours and minutes on the wall.

use crate::{
    Timestamp, limits,
    time::wall::{self, DAY, MINUTE, WallClock},
};
use jiff::tz::TimeZone;
pub(crate) use read::{Written, read_written};
use rule::Rule;

mod read;
mod rule;

#[cfg(test)]
mod rfc;
#[cfg(test)]
mod tests;

/// When something happens again and again. It exists only when it fires at least once.
#[derive(Clone, Debug)]
pub struct Recurrence {
    rule: Rule,
    zone: TimeZone,
    /// Its first and last moment, in milliseconds since the epoch; it need not fire at either.
    first: i64,
    last: i64,
}

/// Why a rule is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    #[error("'{0}' is no time zone; write an IANA name such as Europe/Berlin or UTC")]
    UnknownZone(String),
    /// A part of the rule, by its name, and a sentence without a full stop.
    #[error("{part}: {message}")]
    Part { part: String, message: String },
    #[error(
        "it does not fire within a hundred years; look for parts that exclude each other, such as day 31 of a short month"
    )]
    NeverFires,
}

impl Recurrence {
    /// Reads a rule such as `FREQ=WEEKLY;BYDAY=MO;BYHOUR=9`.
    ///
    /// A line `DTSTART:20260105T090000` before the rule, which then begins with `RRULE:`, says when it starts, in the
    /// zone's own time; otherwise it starts at `start`. What the rule leaves open (minute, hour, day) is the start's, and
    /// `COUNT` and `INTERVAL` count from there. Seconds are dropped. Without a start, what is left open is midnight,
    /// Monday, the first of the month and January; `COUNT`, and an `INTERVAL` that does not divide a day or a year, need one.
    ///
    /// # Errors
    ///
    /// The text is no rule, the zone does not exist, or the rule never fires.
    pub fn parse(text: &str, zone: &str, start: Option<Timestamp>) -> Result<Self, BadRule> {
        let shown = || zone.chars().take(80).collect();
        let time_zone = wall::zone(zone).ok_or_else(|| BadRule::UnknownZone(shown()))?;
        let mut clock = WallClock::new(&time_zone);
        let read = read::read(text, zone, start, &mut clock)?;
        let mut recurrence = Self {
            first: read.start.map_or(i64::MIN, |start| clock.means(start)),
            last: read.until.unwrap_or(i64::MAX),
            rule: read.rule,
            zone: time_zone,
        };
        if let Some(count) = read.count {
            recurrence.end_after(count);
        }
        let from = if read.start.is_some() { recurrence.first } else { 0 };
        match recurrence.next_after(Timestamp(from - 1)) {
            Some(_) => Ok(recurrence),
            None => Err(BadRule::NeverFires),
        }
    }

    /// The first time it fires after a moment; `None` when it is over, or does not fire within a hundred years.
    pub fn next_after(&self, at: Timestamp) -> Option<Timestamp> {
        let mut next = None;
        self.visit(at.0, self.last, |found| {
            next = Some(found);
            false
        });
        next
    }

    /// The times it fires after one moment and not after another, in order; the first `limit` of them.
    pub fn occurrences_between(
        &self,
        after: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Vec<Timestamp> {
        let mut found = Vec::new();
        if limit > 0 {
            self.visit(after.0, self.last.min(until.0), |at| {
                found.push(at);
                found.len() < limit
            });
        }
        found
    }

    /// `COUNT` says when it ends, once it is counted.
    fn end_after(&mut self, count: usize) {
        let (mut left, mut last) = (count, i64::MIN);
        self.visit(self.first.saturating_sub(1), self.last, |at| {
            last = at.0;
            left -= 1;
            left > 0
        });
        self.last = self.last.min(last);
    }

    /// Shows every time it fires after one instant and not after another, in order, until nobody wants to see more or a
    /// hundred years have passed since the first instant or the last time shown.
    fn visit(&self, after: i64, until: i64, mut wants_more: impl FnMut(Timestamp) -> bool) {
        let after = after.max(self.first.saturating_sub(1));
        if !wall::is_in_range(after.saturating_add(1)) || self.rule.times.is_empty() {
            return;
        }
        let mut clock = WallClock::new(&self.zone);
        // A change of clocks may bring the day before into reach.
        let from = clock.shows(after).div_euclid(DAY) - 1;
        let mut near = from.saturating_add(limits::RECURRENCE_SEARCH_DAYS);
        let mut number = self.rule.block_of(from);
        // A time made up behind a leap at midnight lies among those of the next day.
        let mut held = Vec::new();
        while let Some(block) = self.rule.block(number).filter(|block| block.from <= near) {
            let days = self.rule.days(&block);
            for (day, times) in days.into_iter().filter(|(day, _)| *day >= from) {
                self.add_instants(day, &times, &mut clock, &mut held);
                held.sort_unstable();
                held.dedup();
                let tomorrow = clock.reaches((day + 1) * DAY);
                let settled = held.partition_point(|at| *at < tomorrow);
                for at in held.drain(..settled).filter(|at| *at > after) {
                    if at > until || !wants_more(Timestamp(at)) {
                        return;
                    }
                    near = day.saturating_add(limits::RECURRENCE_SEARCH_DAYS);
                }
            }
            // Local time and UTC are two days apart at most.
            if block.from.saturating_sub(2).saturating_mul(DAY) > until {
                break;
            }
            number += 1;
        }
        for at in held.into_iter().filter(|at| *at > after && *at <= until) {
            if !wants_more(Timestamp(at)) {
                return;
            }
        }
    }

    /// Adds the instants at which the wall shows these times of a day.
    fn add_instants(
        &self,
        day: i64,
        times: &[i64],
        clock: &mut WallClock<'_>,
        into: &mut Vec<i64>,
    ) {
        for minute in times {
            let local = day * DAY + minute * MINUTE;
            if self.rule.is_of_days() {
                into.push(clock.means(local));
            } else {
                clock.all(local, into);
            }
        }
    }
}
