//! When a calendar is open, day by day, as instants.

use super::{Calendar, Opening};
use crate::time::wall::{self, DAY, FIRST_DAY, LAST_DAY, WallClock};

/// The days of a calendar, asked one after another.
pub(super) struct Days<'a> {
    calendar: &'a Calendar,
    clock: WallClock<'a>,
}

/// An interval of time in which a calendar is open, in milliseconds since the epoch; the end is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl<'a> Days<'a> {
    pub(super) fn of(calendar: &'a Calendar) -> Self {
        Self { calendar, clock: WallClock::new(&calendar.zone) }
    }

    /// The day the wall shows at an instant.
    pub(super) fn day_at(&mut self, at: i64) -> i64 {
        self.clock.shows(at).div_euclid(DAY)
    }

    /// The time of day the wall shows at an instant, in milliseconds after the midnight `day` began with.
    pub(super) fn time_at(&mut self, day: i64, at: i64) -> i64 {
        self.clock.shows(at) - day * DAY
    }

    /// The instant of a time of day, as a person means it.
    pub(super) fn moment(&mut self, day: i64, time_of_day: i64) -> i64 {
        self.clock.means(day * DAY + time_of_day)
    }

    /// How many openings the day has on the wall; see [`Self::open`].
    pub(super) fn count(&self, day: i64) -> usize {
        self.on_the_wall(day).len()
    }

    /// The opening at a place of a day's openings; `None` when the change of clocks swallows it.
    pub(super) fn open(&mut self, day: i64, place: usize) -> Option<Open> {
        let Opening { opens, closes } = *self.on_the_wall(day).get(place)?;
        let from = self.clock.reaches(day * DAY + opens);
        let until = self.clock.reaches(day * DAY + closes);
        (from < until).then_some(Open { from, until })
    }

    /// From the first opening of a day to its last closing; `None` when it is no business day.
    pub(super) fn business_hours(&mut self, day: i64) -> Option<Open> {
        let count = self.count(day);
        let first = (0..count).find_map(|place| self.open(day, place))?;
        let last = (0..count).rev().find_map(|place| self.open(day, place))?;
        Some(Open { from: first.from, until: last.until })
    }

    fn on_the_wall(&self, day: i64) -> &'a [Opening] {
        let special = &self.calendar.special;
        let special = if special.is_empty() { None } else { special.get(&day) };
        special.unwrap_or(&self.calendar.week[wall::weekday_of(day)])
    }

    /// How many whole weeks from a day on are like every other, looking no further than `last_day`.
    fn ordinary_weeks(&self, day: i64, last_day: i64) -> i64 {
        let special =
            self.calendar.special.range(day..).next().map_or(LAST_DAY + 1, |(day, _)| *day);
        let days = self.clock.settled_days(day).min(special - day).min(last_day - day);
        days.max(0) / 7
    }
}

/// Milliseconds in which the calendar is open between two instants; 0 when the second is not later.
pub(super) fn working_time_between(calendar: &Calendar, from: i64, to: i64) -> i64 {
    let range = |at: i64| at.clamp(FIRST_DAY * DAY, LAST_DAY * DAY);
    let (from, to) = (range(from), range(to));
    if to <= from {
        return 0;
    }
    let week: i64 = calendar.week.iter().flatten().map(|it| it.closes - it.opens).sum();
    let mut days = Days::of(calendar);
    // Where clocks go back over midnight, an opening of the next day has begun already.
    let (first, last) = (days.day_at(from), days.day_at(to) + 1);
    let (mut day, mut sum) = (first, 0);
    while day <= last {
        let weeks = if day > first { days.ordinary_weeks(day, last - 1) } else { 0 };
        if weeks > 0 {
            sum += weeks * week;
            day += weeks * 7;
            continue;
        }
        for place in 0..days.count(day) {
            if let Some(open) = days.open(day, place) {
                sum += (open.until.min(to) - open.from.max(from)).max(0);
            }
        }
        day += 1;
    }
    sum
}
