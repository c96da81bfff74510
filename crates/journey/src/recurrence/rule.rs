//! The parts of a rule, and the days and times of day they choose.
//!
//! Time is cut into blocks: years, months, weeks or days, as the frequency says, every `interval`th of them. A block's
//! days pass through the filter of the `BY…` parts; its times of day are the hours and minutes of the rule. Rules of
//! hours and minutes have a block for every day, and choose its hours and minutes one by one.

use crate::time::wall::{self, DAY, FIRST_DAY, LAST_DAY, MINUTE};
use jiff::civil::Date;
use std::borrow::Cow;

const MINUTES_OF_DAY: i64 = DAY / MINUTE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
}

/// A rule with what it leaves open filled in from its start. Every list is sorted and without doubles.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) frequency: Frequency,
    pub(super) interval: i64,
    /// The day a week starts on; 0 is Monday.
    pub(super) week_start: i64,
    /// Where intervals are counted from, in minutes of local time.
    pub(super) anchor: i64,
    pub(super) by: By,
    /// In minutes after midnight: from the hours and minutes of a rule of days; of a rule of hours or minutes, those it can ever choose.
    pub(super) times: Vec<i64>,
}

/// The `BY…` parts; an empty one lets everything pass.
#[derive(Clone, Debug, Default)]
pub(super) struct By {
    pub(super) months: Vec<i64>,
    pub(super) weeks: Vec<i64>,
    pub(super) year_days: Vec<i64>,
    pub(super) month_days: Vec<i64>,
    pub(super) weekdays: Vec<Weekday>,
    pub(super) hours: Vec<i64>,
    pub(super) minutes: Vec<i64>,
    pub(super) positions: Vec<i64>,
}

/// A weekday, 0 for Monday; with a number other than 0 only the so-manieth of its month or year, from the end if negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weekday {
    pub(super) day: i64,
    pub(super) number: i64,
}

/// A stretch of days; the end is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Rule {
    /// Whether it names times of days, rather than every so-manieth hour or minute.
    pub(super) fn is_of_days(&self) -> bool {
        match self.frequency {
            Frequency::Yearly | Frequency::Monthly | Frequency::Weekly | Frequency::Daily => true,
            Frequency::Hourly | Frequency::Minutely => false,
        }
    }

    /// The number of the block a day lies in or comes before, none before the first.
    pub(super) fn block_of(&self, day: i64) -> i64 {
        let day = day.clamp(FIRST_DAY, LAST_DAY);
        let passed = self.period_of(day) - self.period_of(self.first_day());
        passed.div_euclid(self.block_interval()).max(0)
    }

    /// A block by its number; `None` after the last year.
    pub(super) fn block(&self, number: i64) -> Option<Block> {
        let first = self.period_of(self.first_day());
        let period = self.block_interval().checked_mul(number)?.checked_add(first)?;
        let block = match self.frequency {
            Frequency::Yearly => {
                let year = i16::try_from(period).ok()?;
                let date = Date::new(year, 1, 1).ok()?;
                Block { from: wall::day_of(date)?, until: wall::day_of(date.last_of_year())? + 1 }
            }
            Frequency::Monthly => {
                let year = i16::try_from(period.div_euclid(12)).ok()?;
                let date =
                    Date::new(year, i8::try_from(period.rem_euclid(12) + 1).ok()?, 1).ok()?;
                Block { from: wall::day_of(date)?, until: wall::day_of(date.last_of_month())? + 1 }
            }
            Frequency::Weekly => {
                let from = period.checked_mul(7)?.checked_add(self.week_start - 3)?;
                Block { from, until: from.checked_add(7)? }
            }
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely => {
                Block { from: period, until: period.checked_add(1)? }
            }
        };
        (block.until <= LAST_DAY + 1).then_some(block)
    }

    /// The days of a block the rule chooses, in order, each with its times in minutes after midnight, in order.
    pub(super) fn days(&self, block: &Block) -> Vec<(i64, Cow<'_, [i64]>)> {
        let days = (block.from..block.until).filter(|day| self.chooses(*day));
        if !self.is_of_days() {
            return days.map(|day| (day, Cow::Owned(self.times_of(day)))).collect();
        }
        if self.by.positions.is_empty() {
            return days.map(|day| (day, Cow::Borrowed(self.times.as_slice()))).collect();
        }
        let days: Vec<i64> = days.collect();
        let mut chosen: Vec<(i64, Cow<'_, [i64]>)> = Vec::new();
        for place in places(&self.by.positions, days.len() * self.times.len()) {
            let (day, time) =
                (days[place / self.times.len()], self.times[place % self.times.len()]);
            match chosen.last_mut() {
                Some((last, times)) if *last == day => times.to_mut().push(time),
                Some(_) | None => chosen.push((day, Cow::Owned(vec![time]))),
            }
        }
        chosen
    }

    /// How many periods lie between blocks; rules of hours and minutes count within their days.
    fn block_interval(&self) -> i64 {
        if self.is_of_days() { self.interval } else { 1 }
    }

    fn first_day(&self) -> i64 {
        self.anchor.div_euclid(MINUTES_OF_DAY)
    }

    /// The number of the year, month, week or day a day lies in.
    fn period_of(&self, day: i64) -> i64 {
        match self.frequency {
            Frequency::Yearly => i64::from(wall::date_of(day).year()),
            Frequency::Monthly => {
                let date = wall::date_of(day);
                i64::from(date.year()) * 12 + i64::from(date.month()) - 1
            }
            // The epoch was a Thursday, three days after its Monday.
            Frequency::Weekly => (day + 3 - self.week_start).div_euclid(7),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely => day,
        }
    }

    /// The times of a day a rule of hours or minutes chooses.
    fn times_of(&self, day: i64) -> Vec<i64> {
        let minutes = day * MINUTES_OF_DAY - self.anchor;
        // Whole hours on the wall since the hour of the start.
        let hours = (day - self.first_day()) * 24 - self.anchor.rem_euclid(MINUTES_OF_DAY) / 60;
        let counts = |time: i64| match self.frequency {
            Frequency::Minutely => minutes + time,
            Frequency::Yearly
            | Frequency::Monthly
            | Frequency::Weekly
            | Frequency::Daily
            | Frequency::Hourly => hours + time / 60,
        };
        let chosen = |time: &i64| counts(*time).rem_euclid(self.interval) == 0;
        self.times.iter().copied().filter(chosen).collect()
    }

    /// The times of a day a rule of hours or minutes can ever choose, whatever the day: those that its interval meets at all.
    pub(super) fn times_ever(&self) -> Vec<i64> {
        let hours = (0..24).filter(|hour| self.by.hours.is_empty() || self.by.hours.contains(hour));
        if self.frequency == Frequency::Minutely {
            let step = common_divisor(self.interval, MINUTES_OF_DAY);
            let allows =
                |minute: i64| self.by.minutes.is_empty() || self.by.minutes.contains(&minute);
            return hours
                .flat_map(|hour| hour * 60..hour * 60 + 60)
                .filter(|time| allows(time % 60) && (time - self.anchor).rem_euclid(step) == 0)
                .filter(|_| self.by.positions.is_empty() || !self.chosen_minutes(1).is_empty())
                .collect();
        }
        let step = common_divisor(self.interval, 24);
        let begun = self.anchor.rem_euclid(MINUTES_OF_DAY) / 60;
        let places = self.chosen_minutes(self.by.minutes.len());
        hours
            .filter(|hour| (hour - begun).rem_euclid(step) == 0)
            .flat_map(|hour| places.iter().map(move |place| (hour, *place)))
            .map(|(hour, place)| hour * 60 + self.by.minutes[place])
            .collect()
    }

    /// Which of so many minutes the positions choose; all without positions.
    fn chosen_minutes(&self, count: usize) -> Vec<usize> {
        if self.by.positions.is_empty() {
            (0..count).collect()
        } else {
            places(&self.by.positions, count)
        }
    }

    fn chooses(&self, day: i64) -> bool {
        let by = &self.by;
        let date = wall::date_of(day);
        allows(&by.months, date.month())
            && (by.month_days.is_empty()
                || counted(&by.month_days, i64::from(date.day()), i64::from(date.days_in_month())))
            && (by.year_days.is_empty()
                || counted(
                    &by.year_days,
                    i64::from(date.day_of_year()),
                    i64::from(date.days_in_year()),
                ))
            && (by.weekdays.is_empty() || by.weekdays.iter().any(|it| self.is_weekday(date, *it)))
            && (by.weeks.is_empty() || self.is_in_weeks(day))
    }

    fn is_weekday(&self, date: Date, weekday: Weekday) -> bool {
        if i64::from(date.weekday().to_monday_zero_offset()) != weekday.day {
            return false;
        }
        let of_month = self.frequency == Frequency::Monthly || !self.by.months.is_empty();
        let (place, length) = if of_month {
            (i64::from(date.day()), i64::from(date.days_in_month()))
        } else {
            (i64::from(date.day_of_year()), i64::from(date.days_in_year()))
        };
        match weekday.number {
            0 => true,
            number if number > 0 => (place - 1) / 7 + 1 == number,
            number => (length - place) / 7 + 1 == -number,
        }
    }

    /// Whether a day lies in one of the numbered weeks; week 1 is the first with four days in its year.
    fn is_in_weeks(&self, day: i64) -> bool {
        let week_of = |day: i64| {
            let into = (day + 3 - self.week_start).rem_euclid(7);
            let middle = wall::date_of(day - into + 3);
            (middle.year(), (i64::from(middle.day_of_year()) - 1) / 7 + 1)
        };
        let (year, number) = week_of(day);
        // 28 December lies in the last week of its year, whatever day weeks start on.
        let last = Date::new(year, 12, 28).ok().and_then(wall::day_of);
        last.is_some_and(|last| counted(&self.by.weeks, number, week_of(last).1))
    }
}

fn common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn allows(list: &[i64], value: i8) -> bool {
    list.is_empty() || list.contains(&i64::from(value))
}

/// Whether a list names a place, counted from 1 or from the end with -1.
fn counted(list: &[i64], place: i64, length: i64) -> bool {
    list.iter().any(|it| *it == place || length + 1 + it == place)
}

/// Positions, counted from 1 or from the end with -1, as sorted places within a length.
fn places(positions: &[i64], length: usize) -> Vec<usize> {
    let count = i64::try_from(length).unwrap_or(i64::MAX);
    let place = |position: i64| if position > 0 { position - 1 } else { count + position };
    let mut places: Vec<usize> = positions
        .iter()
        .map(|position| place(*position))
        .filter(|place| (0..count).contains(place))
        .filter_map(|place| usize::try_from(place).ok())
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
