//! Reading a rule: its parts by name, each checked, and what goes together.

use super::{
    BadRule,
    rule::{By, Frequency, Rule, Weekday},
};
use crate::{
    Timestamp, limits,
    time::wall::{self, DAY, FIRST_DAY, MINUTE, WallClock},
};
use jiff::civil::Date;

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A rule as it was written.
pub(super) struct Read {
    pub(super) rule: Rule,
    /// Local time, without seconds.
    pub(super) start: Option<i64>,
    /// An instant, itself included.
    pub(super) until: Option<i64>,
    pub(super) count: Option<usize>,
}

/// The parts of a rule, not yet put together.
#[derive(Default)]
struct Parts {
    seen: Vec<String>,
    frequency: Option<Frequency>,
    interval: Option<i64>,
    count: Option<usize>,
    until: Option<i64>,
    week_start: i64,
    by: By,
}

/// A time as iCalendar writes it: `20260105`, `20260105T090000` or `20260105T090000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A day.
    Date(i64),
    /// Local time on some wall.
    Local(i64),
    /// An instant, UTC.
    Utc(i64),
}

pub(super) fn read(
    text: &str,
    zone: &str,
    start: Option<Timestamp>,
    clock: &mut WallClock<'_>,
) -> Result<Read, BadRule> {
    if text.len() > limits::RECURRENCE_BYTES {
        let most = limits::RECURRENCE_BYTES;
        return bad("RRULE", format!("the rule is longer than {most} bytes"));
    }
    let (mut written, mut parts) = (None, None);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let upper = line.to_ascii_uppercase();
        if let Some(start) = upper.strip_prefix("DTSTART") {
            written = Some(read_start(start, zone, clock)?);
        } else if parts.is_some() {
            return bad("RRULE", "there is more than one rule; use a trigger for each");
        } else {
            parts = Some(read_parts(upper.strip_prefix("RRULE:").unwrap_or(&upper), clock)?);
        }
    }
    let Some(parts) = parts else {
        return bad("RRULE", "it is empty; write a rule such as FREQ=WEEKLY;BYDAY=MO;BYHOUR=9");
    };
    let given = match start {
        Some(at) if wall::is_in_range(at.0) => Some(clock.shows(at.0)),
        Some(_) => return bad("DTSTART", "the start lies outside the years 1 to 9998"),
        None => None,
    };
    let start = written.or(given).map(|local| local - local.rem_euclid(MINUTE));
    parts.put_together(start)
}

/// Reads what follows `DTSTART`, as local time.
fn read_start(text: &str, zone: &str, clock: &mut WallClock<'_>) -> Result<i64, BadRule> {
    let Some((parameters, value)) = text.split_once(':') else {
        return bad("DTSTART", "it has no value; write DTSTART:20260105T090000");
    };
    for parameter in parameters.split(';').filter(|it| !it.is_empty()) {
        match parameter.split_once('=') {
            Some(("TZID", id)) if id.eq_ignore_ascii_case(zone) => {}
            Some(("TZID", _)) => {
                return bad("DTSTART", format!("its zone is not the schedule's, {zone}"));
            }
            Some(("VALUE", "DATE" | "DATE-TIME")) => {}
            Some(_) | None => return bad("DTSTART", format!("'{parameter}' is not known here")),
        }
    }
    match read_written(value) {
        Some(Written::Date(day)) => Ok(day * DAY),
        Some(Written::Local(local)) => Ok(local),
        Some(Written::Utc(at)) => Ok(clock.shows(at)),
        None => bad("DTSTART", format!("'{value}' is no time such as 20260105T090000")),
    }
}

/// Reads a date or a time as iCalendar writes it.
pub(crate) fn read_written(text: &str) -> Option<Written> {
    let (text, is_utc) = match text.strip_suffix('Z') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        let plain = part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<i16>().ok() } else { None }
    };
    let byte = |value: i16| i8::try_from(value).ok();
    let date = Date::new(digits(0..4)?, byte(digits(4..6)?)?, byte(digits(6..8)?)?).ok()?;
    let day = wall::day_of(date)?;
    if text.len() == 8 {
        return (!is_utc).then_some(Written::Date(day));
    }
    if text.len() != 15 || text.as_bytes().get(8) != Some(&b'T') {
        return None;
    }
    let (hour, minute, second) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let local =
        day * DAY + (i64::from(hour) * 60 + i64::from(minute)) * MINUTE + i64::from(second) * 1_000;
    Some(if is_utc { Written::Utc(local) } else { Written::Local(local) })
}

fn read_parts(text: &str, clock: &mut WallClock<'_>) -> Result<Parts, BadRule> {
    let mut parts = Parts::default();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return bad(part, "it has no value; a part is written as NAME=value");
        };
        if parts.seen.iter().any(|seen| seen == name) {
            return bad(name, "it is there twice; keep one");
        }
        parts.seen.push(name.to_owned());
        parts.set(name, value, clock)?;
    }
    Ok(parts)
}

impl Parts {
    fn set(&mut self, name: &str, value: &str, clock: &mut WallClock<'_>) -> Result<(), BadRule> {
        let list = |range: std::ops::RangeInclusive<i64>| read_list(name, value, &range);
        match name {
            "FREQ" => self.frequency = Some(read_frequency(value)?),
            "INTERVAL" => {
                self.interval = Some(read_number(name, value, &(1..=limits::RECURRENCE_INTERVAL))?);
            }
            "COUNT" => {
                let count = read_number(name, value, &(1..=limits::RECURRENCE_COUNT))?;
                self.count = usize::try_from(count).ok();
            }
            "UNTIL" => self.until = Some(read_until(value, clock)?),
            "WKST" => self.week_start = read_weekday(name, value)?.day,
            "BYMONTH" => self.by.months = list(1..=12)?,
            "BYWEEKNO" => self.by.weeks = list(-53..=53)?,
            "BYYEARDAY" => self.by.year_days = list(-366..=366)?,
            "BYMONTHDAY" => self.by.month_days = list(-31..=31)?,
            "BYHOUR" => self.by.hours = list(0..=23)?,
            "BYMINUTE" => self.by.minutes = list(0..=59)?,
            "BYSETPOS" => self.by.positions = list(-366..=366)?,
            "BYDAY" => self.by.weekdays = read_weekdays(value)?,
            "BYSECOND" if value == "0" => {}
            "BYSECOND" => return bad(name, "a schedule fires on the minute; leave it out"),
            _ => return bad(name, "it is no part of a rule; check its spelling"),
        }
        Ok(())
    }

    fn put_together(mut self, start: Option<i64>) -> Result<Read, BadRule> {
        let Some(frequency) = self.frequency else {
            return bad("FREQ", "it is missing; begin with FREQ=DAILY, FREQ=WEEKLY or another one");
        };
        let interval = self.interval.unwrap_or(1);
        self.check_combination(frequency)?;
        if start.is_none() {
            self.check_without_start(frequency, interval)?;
        }
        // The first day of all calendars is a Monday, 1 January.
        let anchor = start.unwrap_or(FIRST_DAY * DAY) / MINUTE;
        let times = self.fill_in(frequency, start.unwrap_or(FIRST_DAY * DAY));
        let Self { count, until, week_start, by, .. } = self;
        let mut rule = Rule { frequency, interval, week_start, anchor, by, times };
        if !rule.is_of_days() {
            rule.times = rule.times_ever();
        }
        Ok(Read { rule, start, until, count })
    }

    /// What RFC 5545 forbids to go together.
    fn check_combination(&self, frequency: Frequency) -> Result<(), BadRule> {
        let numbered = self.by.weekdays.iter().any(|weekday| weekday.number != 0);
        let of_months = matches!(frequency, Frequency::Monthly | Frequency::Yearly);
        if self.count.is_some() && self.until.is_some() {
            return bad("UNTIL", "a rule ends by COUNT or by UNTIL, not by both");
        }
        if !self.by.weeks.is_empty() && frequency != Frequency::Yearly {
            return bad("BYWEEKNO", "only yearly rules number weeks");
        }
        if !self.by.year_days.is_empty()
            && matches!(frequency, Frequency::Monthly | Frequency::Weekly | Frequency::Daily)
        {
            return bad("BYYEARDAY", "yearly rules number the days of the year, not this one");
        }
        if !self.by.month_days.is_empty() && frequency == Frequency::Weekly {
            return bad("BYMONTHDAY", "weekly rules do not number the days of the month");
        }
        if numbered && (!of_months || !self.by.weeks.is_empty()) {
            return bad(
                "BYDAY",
                "only monthly and yearly rules number weekdays, as in 1MO or -1FR",
            );
        }
        if !self.by.positions.is_empty() && !self.seen.iter().any(|it| is_choice(it)) {
            return bad("BYSETPOS", "it chooses among what another BY part names; add one");
        }
        Ok(())
    }

    fn check_without_start(&self, frequency: Frequency, interval: i64) -> Result<(), BadRule> {
        if self.count.is_some() {
            return bad(
                "COUNT",
                "it counts from a start; add a line such as DTSTART:20260105T090000",
            );
        }
        let whole = match frequency {
            Frequency::Yearly | Frequency::Weekly | Frequency::Daily => 1,
            Frequency::Monthly => 12,
            Frequency::Hourly => 24,
            Frequency::Minutely => 24 * 60,
        };
        if whole % interval != 0 {
            return bad(
                "INTERVAL",
                "it counts from a start; add a line such as DTSTART:20260105T090000",
            );
        }
        Ok(())
    }

    /// Takes from the start what the rule leaves open, and gives the times of day of a rule of days.
    fn fill_in(&mut self, frequency: Frequency, start: i64) -> Vec<i64> {
        let day = start.div_euclid(DAY);
        let minute = start.rem_euclid(DAY) / MINUTE;
        let date = wall::date_of(day);
        let by = &mut self.by;
        let names_days =
            !by.year_days.is_empty() || !by.month_days.is_empty() || !by.weekdays.is_empty();
        let weekday = Weekday { day: (day + 3).rem_euclid(7), number: 0 };
        match frequency {
            Frequency::Yearly if !names_days && !by.weeks.is_empty() => by.weekdays = vec![weekday],
            Frequency::Yearly if !names_days => {
                by.month_days = vec![i64::from(date.day())];
                if by.months.is_empty() {
                    by.months = vec![i64::from(date.month())];
                }
            }
            Frequency::Monthly if !names_days => by.month_days = vec![i64::from(date.day())],
            Frequency::Weekly if !names_days => by.weekdays = vec![weekday],
            Frequency::Yearly
            | Frequency::Monthly
            | Frequency::Weekly
            | Frequency::Daily
            | Frequency::Hourly
            | Frequency::Minutely => {}
        }
        if frequency == Frequency::Minutely {
            return Vec::new();
        }
        if by.minutes.is_empty() {
            by.minutes = vec![minute % 60];
        }
        if frequency == Frequency::Hourly {
            return Vec::new();
        }
        if by.hours.is_empty() {
            by.hours = vec![minute / 60];
        }
        let minutes = &by.minutes;
        by.hours.iter().flat_map(|hour| minutes.iter().map(move |it| hour * 60 + it)).collect()
    }
}

fn is_choice(part: &str) -> bool {
    part.starts_with("BY") && part != "BYSETPOS" && part != "BYSECOND"
}

fn read_frequency(value: &str) -> Result<Frequency, BadRule> {
    Ok(match value {
        "YEARLY" => Frequency::Yearly,
        "MONTHLY" => Frequency::Monthly,
        "WEEKLY" => Frequency::Weekly,
        "DAILY" => Frequency::Daily,
        "HOURLY" => Frequency::Hourly,
        "MINUTELY" => Frequency::Minutely,
        "SECONDLY" => return bad("FREQ", "a schedule fires once a minute at most"),
        _ => {
            let message = format!(
                "'{value}' is no frequency; write YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY or MINUTELY"
            );
            return bad("FREQ", message);
        }
    })
}

/// The instant a rule ends with. A date ends with its day on the wall.
fn read_until(value: &str, clock: &mut WallClock<'_>) -> Result<i64, BadRule> {
    match read_written(value) {
        Some(Written::Utc(at)) => Ok(at),
        Some(Written::Local(local)) => Ok(clock.means(local)),
        Some(Written::Date(day)) => Ok(clock.reaches((day + 1) * DAY) - 1),
        None => bad("UNTIL", format!("'{value}' is no time such as 20261231 or 20261231T235959Z")),
    }
}

fn read_number(
    name: &str,
    value: &str,
    range: &std::ops::RangeInclusive<i64>,
) -> Result<i64, BadRule> {
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = if plain { value.parse::<i64>().ok() } else { None };
    let (least, most) = (range.start(), range.end());
    match number.filter(|number| range.contains(number)) {
        Some(number) => Ok(number),
        None => bad(name, format!("'{value}' is no whole number from {least} to {most}")),
    }
}

/// Numbers with commas between them, sorted. A range that goes below 0 counts from the end there, and has no 0.
fn read_list(
    name: &str,
    value: &str,
    range: &std::ops::RangeInclusive<i64>,
) -> Result<Vec<i64>, BadRule> {
    let mut numbers = Vec::new();
    for text in value.split(',') {
        let number = read_number(name, text, range)?;
        if number == 0 && *range.start() < 0 {
            return bad(name, "it counts from 1, or from the end with -1; there is no 0");
        }
        numbers.push(number);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

fn read_weekdays(value: &str) -> Result<Vec<Weekday>, BadRule> {
    let mut weekdays = Vec::new();
    for text in value.split(',') {
        weekdays.push(read_weekday("BYDAY", text)?);
    }
    weekdays.sort_unstable();
    weekdays.dedup();
    Ok(weekdays)
}

/// `MO`, or with a number `2MO` or `-1FR`.
fn read_weekday(part: &str, text: &str) -> Result<Weekday, BadRule> {
    let name = text.len().checked_sub(2).and_then(|start| text.get(start..));
    let day = name.and_then(|name| WEEKDAYS.iter().position(|day| *day == name));
    let Some(day) = day.and_then(|day| i64::try_from(day).ok()) else {
        return bad(part, format!("'{text}' is no weekday; write MO, TU, WE, TH, FR, SA or SU"));
    };
    match &text[..text.len() - 2] {
        "" => Ok(Weekday { day, number: 0 }),
        number if part == "BYDAY" => match read_number(part, number, &(-53..=53))? {
            0 => bad(part, "weekdays are counted from 1, or from the end with -1; there is no 0"),
            number => Ok(Weekday { day, number }),
        },
        _ => bad(part, format!("'{text}' is no weekday; leave the number out")),
    }
}

fn bad<T>(part: &str, message: impl Into<String>) -> Result<T, BadRule> {
    let shown = |text: &str| text.chars().take(120).collect();
    Err(BadRule::Part { part: shown(part), message: shown(&message.into()) })
}
