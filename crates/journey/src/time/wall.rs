//! What the clocks on the wall of a place show, and when they show it.
//!
//! Zones come from the database built into the program, never from the machine it runs on, so that the server, the
//! browser and the tests decide alike. A *day* is a number: days since 1 January 1970. A *local* time is a number
//! too: milliseconds since midnight of that day, as the wall clock counts them.

use super::Date;
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase},
};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// 1 January of the year 1: no calendar looks further back.
pub(crate) const FIRST_DAY: i64 = -719_162;
/// 31 December 9998: no calendar looks further ahead, and a day beyond it is still a date.
pub(crate) const LAST_DAY: i64 = 2_932_531;

/// The zone with an IANA name such as `Europe/Berlin`; `None` when there is none.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (!zone.is_unknown()).then_some(zone)
}

/// The day of a date; `None` outside the years 1 to 9998.
pub(crate) fn day_of(date: Date) -> Option<i64> {
    let midnight = Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    let day = midnight.as_second().div_euclid(86_400);
    (FIRST_DAY..=LAST_DAY).contains(&day).then_some(day)
}

/// The date of a day between the first and the last.
pub(crate) fn date_of(day: i64) -> Date {
    local_time(day.saturating_mul(DAY)).date()
}

/// 0 for Monday to 6 for Sunday. The epoch was a Thursday.
pub(crate) fn weekday_of(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default()
}

/// Whether a time is one that calendars and recurrences answer for.
pub(crate) fn is_in_range(at: i64) -> bool {
    (FIRST_DAY * DAY..LAST_DAY * DAY).contains(&at)
}

fn local_time(local: i64) -> DateTime {
    Offset::UTC.to_datetime(instant(local))
}

/// The nearest instant jiff knows.
fn instant(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A zone's wall clock, which remembers the stretch of time with one offset it was last asked about: walking over
/// the days of a calendar looks a zone up twice a year, not twice a day.
pub(crate) struct WallClock<'a> {
    zone: &'a TimeZone,
    offset: i64,
    /// The offset holds from here to just before `until`, in milliseconds since the epoch.
    from: i64,
    until: i64,
}

impl<'a> WallClock<'a> {
    pub(crate) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, offset: 0, from: i64::MAX, until: i64::MAX }
    }

    /// What the clock shows at an instant, as local time.
    pub(crate) fn shows(&mut self, at: i64) -> i64 {
        if at < self.from || at >= self.until {
            self.look_up(at);
        }
        at.saturating_add(self.offset)
    }

    /// The first instant at which the clock shows this local time or a later one.
    ///
    /// A time the clock leaps over begins when it has leapt; of a time it shows twice this is the first. Later local
    /// times never give earlier instants, so intervals that do not overlap on the wall do not overlap in time.
    pub(crate) fn reaches(&mut self, local: i64) -> i64 {
        if let Some(at) = self.settled(local) {
            return at;
        }
        let time = local_time(local);
        let at = match self.zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time),
            AmbiguousOffset::Gap { before, after } => {
                // Read with the offset after the leap, a time in the gap lies just before it.
                let earlier = after.to_timestamp(time).unwrap_or(Timestamp::MIN);
                match self.zone.following(earlier).next() {
                    Some(leap) => Ok(leap.timestamp()),
                    None => before.to_timestamp(time),
                }
            }
        };
        self.found(at, local)
    }

    /// The instant a person means by a local time: RFC 5545 and Temporal call the rule "compatible".
    ///
    /// A time the clock leaps over means the same distance behind the leap (02:30 becomes 03:30); of a time it shows
    /// twice it means the first.
    pub(crate) fn means(&mut self, local: i64) -> i64 {
        if let Some(at) = self.settled(local) {
            return at;
        }
        let at = self.zone.to_ambiguous_timestamp(local_time(local)).compatible();
        self.found(at, local)
    }

    /// Adds every instant at which the clock shows a local time: none, one, or two in order.
    pub(crate) fn all(&mut self, local: i64, into: &mut Vec<i64>) {
        // A time just before the change may be shown again after it.
        if let Some(at) = self.settled(local).filter(|at| *at < self.until.saturating_sub(DAY)) {
            into.push(at);
            return;
        }
        let time = local_time(local);
        let offsets = match self.zone.to_ambiguous_timestamp(time).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
            AmbiguousOffset::Gap { .. } => [None, None],
        };
        for offset in offsets.into_iter().flatten() {
            into.push(self.found(offset.to_timestamp(time), local));
        }
    }

    /// How many days from this one on end before the offset changes; 0 close behind a change.
    pub(crate) fn settled_days(&self, day: i64) -> i64 {
        if self.settled(day.saturating_mul(DAY)).is_none() {
            return 0;
        }
        let change = self.until.saturating_add(self.offset - 1);
        change.div_euclid(DAY) - day
    }

    /// The instant of a local time that is shown with this offset, and not before with another one.
    fn settled(&self, local: i64) -> Option<i64> {
        let at = local.saturating_sub(self.offset);
        // A fold repeats a day at most, and only times just behind the change.
        (at >= self.from.saturating_add(DAY) && at < self.until).then_some(at)
    }

    fn found(&mut self, at: Result<Timestamp, jiff::Error>, local: i64) -> i64 {
        let at = at.map_or(local, Timestamp::as_millisecond);
        if at < self.from || at >= self.until {
            self.look_up(at);
        }
        at
    }

    fn look_up(&mut self, at: i64) {
        let at = instant(at);
        self.offset = i64::from(self.zone.to_offset(at).seconds()) * 1_000;
        let just_after = at.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(at);
        let before = self.zone.preceding(just_after).next();
        self.from = before.map_or(i64::MIN, |change| change.timestamp().as_millisecond());
        let after = self.zone.following(at).next();
        self.until = after.map_or(i64::MAX, |change| change.timestamp().as_millisecond());
    }
}
