//! Business time: a walk over the openings of a calendar, forwards or backwards.

use super::{
    Business, Calendar, NoMoment,
    openings::{Days, Open},
};
use crate::{
    Timestamp, limits,
    time::wall::{self, FIRST_DAY, LAST_DAY},
};

/// The moment this much business time after an instant.
pub(super) fn after(
    business: &Business,
    from: i64,
    calendar: &Calendar,
) -> Result<Timestamp, NoMoment> {
    let mut walk = Walk::new(calendar, from)?;
    walk.go_to_opening(from)?;
    walk.skip_days(business.days)?;
    walk.work(business.milliseconds)?;
    if let Some(by) = business.by {
        walk.on_to(by)?;
    }
    Ok(Timestamp(walk.at))
}

/// The moment this much business time before an instant.
pub(super) fn before(
    business: &Business,
    until: i64,
    calendar: &Calendar,
) -> Result<Timestamp, NoMoment> {
    let mut walk = Walk::new(calendar, until)?;
    walk.back_to_opening(until)?;
    walk.skip_days_back(business.days)?;
    walk.work_back(business.milliseconds)?;
    if let Some(by) = business.by {
        walk.back_to(by)?;
    }
    Ok(Timestamp(walk.at))
}

/// The moment this much business time before a date.
pub(super) fn before_day(
    business: &Business,
    day: i64,
    calendar: &Calendar,
) -> Result<Timestamp, NoMoment> {
    let mut walk = Walk { days: Days::of(calendar), calendar, start: day, day, at: 0 };
    let hours = match walk.days.business_hours(day) {
        Some(hours) if business.days == 0 => hours,
        Some(_) => walk.back_business_days(business.days)?,
        None => walk.back_business_days(business.days.max(1))?,
    };
    walk.at = match business.by {
        Some(by) => walk.days.moment(walk.day, by),
        None => hours.from,
    };
    walk.work_back(business.milliseconds)?;
    Ok(Timestamp(walk.at))
}

/// Where a walk over a calendar has come to.
struct Walk<'a> {
    days: Days<'a>,
    calendar: &'a Calendar,
    start: i64,
    /// The day whose opening `at` lies in or ends.
    day: i64,
    at: i64,
}

impl<'a> Walk<'a> {
    fn new(calendar: &'a Calendar, at: i64) -> Result<Self, NoMoment> {
        if !wall::is_in_range(at) {
            return Err(NoMoment::OutOfRange);
        }
        let mut days = Days::of(calendar);
        let day = days.day_at(at);
        Ok(Self { days, calendar, start: day, day, at })
    }

    fn next_day(&mut self) -> Result<(), NoMoment> {
        self.day += 1;
        self.must_be_near()
    }

    fn day_before(&mut self) -> Result<(), NoMoment> {
        self.day -= 1;
        self.must_be_near()
    }

    fn must_be_near(&self) -> Result<(), NoMoment> {
        if !(FIRST_DAY..LAST_DAY).contains(&self.day) {
            return Err(NoMoment::OutOfRange);
        }
        if (self.day - self.start).abs() > limits::CALENDAR_WALK_DAYS {
            return Err(NoMoment::NeverOpenLongEnough(self.calendar.name().to_owned()));
        }
        Ok(())
    }

    /// To `from` itself while open, otherwise to the next opening.
    fn go_to_opening(&mut self, from: i64) -> Result<(), NoMoment> {
        loop {
            for place in 0..self.days.count(self.day) {
                if let Some(open) = self.days.open(self.day, place)
                    && open.until > from
                {
                    self.at = open.from.max(from);
                    return Ok(());
                }
            }
            self.next_day()?;
        }
    }

    /// To `until` itself while open or just closing, otherwise to the last closing before it.
    fn back_to_opening(&mut self, until: i64) -> Result<(), NoMoment> {
        // Where clocks go back over midnight, an opening of the next day has begun already.
        self.day += 1;
        loop {
            for place in (0..self.days.count(self.day)).rev() {
                if let Some(open) = self.days.open(self.day, place)
                    && open.from < until
                {
                    self.at = open.until.min(until);
                    return Ok(());
                }
            }
            self.day_before()?;
        }
    }

    fn skip_days(&mut self, count: i64) -> Result<(), NoMoment> {
        let (day, at) = (self.day, self.at);
        let mut hours = None;
        for _ in 0..count {
            hours = Some(self.next_business_day()?);
        }
        self.keep_time_of_day(day, at, hours);
        Ok(())
    }

    fn skip_days_back(&mut self, count: i64) -> Result<(), NoMoment> {
        let (day, at) = (self.day, self.at);
        let hours = if count > 0 { Some(self.back_business_days(count)?) } else { None };
        self.keep_time_of_day(day, at, hours);
        Ok(())
    }

    /// The time of day it was, held between the hours of the day it is.
    fn keep_time_of_day(&mut self, day: i64, at: i64, hours: Option<Open>) {
        if let Some(hours) = hours {
            let time = self.days.time_at(day, at);
            self.at = self.days.moment(self.day, time).clamp(hours.from, hours.until);
        }
    }

    fn next_business_day(&mut self) -> Result<Open, NoMoment> {
        loop {
            self.next_day()?;
            if let Some(hours) = self.days.business_hours(self.day) {
                return Ok(hours);
            }
        }
    }

    /// Goes back at least one business day.
    fn back_business_days(&mut self, count: i64) -> Result<Open, NoMoment> {
        let mut left = count;
        loop {
            self.day_before()?;
            if let Some(hours) = self.days.business_hours(self.day) {
                left -= 1;
                if left <= 0 {
                    return Ok(hours);
                }
            }
        }
    }

    fn work(&mut self, milliseconds: i64) -> Result<(), NoMoment> {
        let mut left = milliseconds;
        while left > 0 {
            for place in 0..self.days.count(self.day) {
                let Some(open) = self.days.open(self.day, place) else { continue };
                let from = open.from.max(self.at);
                let worked = left.min(open.until - from);
                if worked > 0 {
                    left -= worked;
                    self.at = from + worked;
                }
            }
            if left > 0 {
                self.next_day()?;
            }
        }
        Ok(())
    }

    fn work_back(&mut self, milliseconds: i64) -> Result<(), NoMoment> {
        let mut left = milliseconds;
        while left > 0 {
            for place in (0..self.days.count(self.day)).rev() {
                let Some(open) = self.days.open(self.day, place) else { continue };
                let until = open.until.min(self.at);
                let worked = left.min(until - open.from);
                if worked > 0 {
                    left -= worked;
                    self.at = until - worked;
                }
            }
            if left > 0 {
                self.day_before()?;
            }
        }
        Ok(())
    }

    /// On to a time of day on a business day, which may be now.
    fn on_to(&mut self, time_of_day: i64) -> Result<(), NoMoment> {
        loop {
            let moment = self.days.moment(self.day, time_of_day);
            if moment >= self.at && self.days.business_hours(self.day).is_some() {
                self.at = moment;
                return Ok(());
            }
            self.next_day()?;
        }
    }

    /// Back to a time of day on a business day, which may be now.
    fn back_to(&mut self, time_of_day: i64) -> Result<(), NoMoment> {
        loop {
            let moment = self.days.moment(self.day, time_of_day);
            if moment <= self.at && self.days.business_hours(self.day).is_some() {
                self.at = moment;
                return Ok(());
            }
            self.day_before()?;
        }
    }
}
