//! How long something takes, and the moments that long after and before another.

use super::{Calendar, NoMoment, business};
use crate::{
    Timestamp,
    time::{
        Date,
        wall::{self, DAY, WallClock},
    },
};

/// How long something takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duration {
    Elapsed(Elapsed),
    Business(Business),
}

/// Time on the clock: whole days on the wall, then real time.
///
/// `P1D` is the same wall-clock time the next day, 23 or 25 hours later when the clocks change; `PT24H` is 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elapsed {
    pub days: i64,
    pub milliseconds: i64,
}

/// Time that passes only while a calendar is open: whole business days, then working time.
///
/// A business day is a date on which the calendar opens. `P1D` asked while it is open is the same time on the next
/// business day, held between that day's first opening and last closing; asked while it is closed, it counts from the
/// next opening. "By" moves the result on to that time of day, on the next business day if it has passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Business {
    pub days: i64,
    pub milliseconds: i64,
    /// Time of day it is due by, in milliseconds after midnight in the calendar's zone.
    pub by: Option<i64>,
    pub calendar: Option<String>,
}

impl Duration {
    /// The name of the calendar it is measured over, when it says so itself.
    pub fn calendar(&self) -> Option<&str> {
        match self {
            Self::Elapsed(_) => None,
            Self::Business(business) => business.calendar.as_deref(),
        }
    }

    /// The moment this long after `from`. Elapsed time uses only the calendar's zone.
    ///
    /// # Errors
    ///
    /// There is no such moment: see [`NoMoment`].
    pub fn after(&self, from: Timestamp, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
        match self {
            Self::Elapsed(elapsed) => elapsed.after(from, calendar),
            Self::Business(business) => business::after(business, from.0, calendar),
        }
    }

    /// The moment this long before `until`: the mirror image of [`Self::after`].
    ///
    /// # Errors
    ///
    /// There is no such moment: see [`NoMoment`].
    pub fn before(&self, until: Timestamp, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
        match self {
            Self::Elapsed(elapsed) => elapsed.before(until, calendar),
            Self::Business(business) => business::before(business, until.0, calendar),
        }
    }

    /// The moment this long before a date.
    ///
    /// Elapsed time counts back from the midnight the date begins with. Business days are counted on dates: one before
    /// a Monday is the Friday, and none before a closed date is the business day before it. The moment is "by" on that
    /// day, or else its first opening; working time is counted back from there.
    ///
    /// # Errors
    ///
    /// There is no such moment: see [`NoMoment`].
    pub fn before_date(&self, date: Date, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
        let day = wall::day_of(date).ok_or(NoMoment::OutOfRange)?;
        match self {
            Self::Elapsed(elapsed) => {
                let midnight = WallClock::new(&calendar.zone).means(day * DAY);
                elapsed.before(Timestamp(midnight), calendar)
            }
            Self::Business(business) => business::before_day(business, day, calendar),
        }
    }
}

impl Elapsed {
    /// The moment this long after `from`, by the clock on the calendar's wall.
    fn after(self, from: Timestamp, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
        shifted(from, self.days, calendar).map(|at| at.plus(self.milliseconds))
    }

    fn before(self, until: Timestamp, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
        shifted(until, self.days.saturating_neg(), calendar)
            .map(|at| at.plus(self.milliseconds.saturating_neg()))
    }

    /// Its length in milliseconds with days of 24 hours, for machines that know no calendar: time-outs and retries.
    pub fn as_milliseconds(self) -> i64 {
        self.days.saturating_mul(DAY).saturating_add(self.milliseconds)
    }
}

/// The same time on the wall `days` later.
fn shifted(at: Timestamp, days: i64, calendar: &Calendar) -> Result<Timestamp, NoMoment> {
    if days == 0 {
        return Ok(at);
    }
    let there = at.0.saturating_add(days.saturating_mul(DAY));
    if !wall::is_in_range(at.0) || !wall::is_in_range(there) {
        return Err(NoMoment::OutOfRange);
    }
    let mut clock = WallClock::new(&calendar.zone);
    let local = clock.shows(at.0);
    Ok(Timestamp(clock.means(local.saturating_add(days.saturating_mul(DAY)))))
}
