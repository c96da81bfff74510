//! Durations: elapsed time, and business time over a calendar, as pure arithmetic.
//!
//! There is one calendar: Monday to Friday, 09:00 to 17:00 UTC. A business day is one opening of it, never 24 hours.

use crate::{Timestamp, limits};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const OPENS: i64 = 9 * 60 * MINUTE;
const CLOSES: i64 = 17 * 60 * MINUTE;

/// How long something takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duration {
    /// Time on the clock, in milliseconds.
    Elapsed(i64),
    Business(Business),
}

/// Time that passes only while the calendar is open: whole business days, then working time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Business {
    pub days: i64,
    pub milliseconds: i64,
    /// Time of day it is due by, in milliseconds after midnight.
    pub by: Option<i64>,
    pub calendar: Option<String>,
}

impl Duration {
    /// The moment this long after `from`.
    pub fn after(&self, from: Timestamp) -> Timestamp {
        match self {
            Self::Elapsed(milliseconds) => from.plus(*milliseconds),
            Self::Business(business) => business.after(from),
        }
    }
}

impl Business {
    fn after(&self, from: Timestamp) -> Timestamp {
        // Far from the ends of the range, so that no sum below can leave it.
        let mut at = opening_at_or_after(from.0.clamp(-(1 << 60), 1 << 60));
        for _ in 0..self.days {
            at = next_working_day(at);
        }
        let mut left = self.milliseconds;
        while left > 0 {
            let open = closing_of(at) - at;
            if left <= open {
                at += left;
                break;
            }
            left -= open;
            at = opening_at_or_after(closing_of(at));
        }
        if let Some(by) = self.by {
            let due = midnight(at) + by;
            // "by 16:00" asked at 16:30 means the next business day.
            at = if due >= at { due } else { midnight(next_working_day(at)) + by };
        }
        Timestamp(at)
    }
}

fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

fn is_working_day(at: i64) -> bool {
    // The epoch was a Thursday; 0 is Monday here.
    (at.div_euclid(DAY) + 3).rem_euclid(7) < 5
}

fn closing_of(at: i64) -> i64 {
    midnight(at) + CLOSES
}

/// `at` itself while the calendar is open, otherwise when it opens next.
fn opening_at_or_after(at: i64) -> i64 {
    let of_day = at.rem_euclid(DAY);
    if is_working_day(at) && of_day < CLOSES {
        return at.max(midnight(at) + OPENS);
    }
    let mut day = midnight(at) + DAY;
    while !is_working_day(day) {
        day += DAY;
    }
    day + OPENS
}

/// The same time of day on the next working day.
fn next_working_day(at: i64) -> i64 {
    let mut next = at + DAY;
    while !is_working_day(next) {
        next += DAY;
    }
    next
}

/// Reads an ISO 8601 duration of elapsed time: weeks, days of 24 hours, hours, minutes, seconds.
///
/// # Errors
///
/// A sentence saying what is wrong.
pub fn read_elapsed(text: &str) -> Result<i64, &'static str> {
    let (days, milliseconds) = read_iso(text)?;
    Ok(days * DAY + milliseconds)
}

/// Reads an ISO 8601 duration of business time: days are business days, the rest is working time.
///
/// # Errors
///
/// A sentence saying what is wrong.
pub fn read_business(text: &str) -> Result<(i64, i64), &'static str> {
    if text.contains('W') {
        return Err("a business duration counts business days; write days instead of weeks");
    }
    read_iso(text)
}

/// Reads a time of day such as `16:00`, in milliseconds after midnight.
pub fn read_time_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes))
        .then(|| (hours * 60 + minutes) * MINUTE)
}

fn read_iso(text: &str) -> Result<(i64, i64), &'static str> {
    const SHAPE: &str = "it is not an ISO 8601 duration such as PT8H or P2D";
    let rest = text.strip_prefix('P').ok_or(SHAPE)?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return Err(SHAPE),
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return Err(SHAPE);
    }
    let (mut days, mut milliseconds) = (0.0, 0.0);
    for (amount, unit) in amounts(date).ok_or(SHAPE)? {
        match unit {
            'W' => days += amount * 7.0,
            'D' => days += amount,
            'Y' | 'M' => return Err("years and months differ in length; write days instead"),
            _ => return Err(SHAPE),
        }
    }
    for (amount, unit) in amounts(time).ok_or(SHAPE)? {
        milliseconds += amount
            * match unit {
                'H' => 3_600_000.0,
                'M' => 60_000.0,
                'S' => 1_000.0,
                _ => return Err(SHAPE),
            };
    }
    if days.fract() != 0.0 {
        return Err("days are whole; write hours for a part of a day");
    }
    #[expect(clippy::cast_precision_loss, reason = "small constants")]
    let most = limits::DURATION_DAYS as f64;
    if days > most || milliseconds / 86_400_000.0 > most {
        return Err("it is longer than ten years");
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    Ok((days as i64, milliseconds as i64))
}

/// The number and unit pairs of a part of a duration.
fn amounts(mut text: &str) -> Option<Vec<(f64, char)>> {
    let mut amounts = Vec::new();
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let unit = text[end..].chars().next()?;
        amounts.push((text[..end].parse().ok()?, unit));
        text = &text[end + unit.len_utf8()..];
    }
    Some(amounts)
}

#[cfg(test)]
mod tests {
    use super::{Business, Duration, read_business, read_elapsed, read_time_of_day};
    use crate::Timestamp;

    fn due(from: &str, duration: &str, by: Option<&str>) -> String {
        let (days, milliseconds) = read_business(duration).unwrap();
        let by = by.map(|by| read_time_of_day(by).unwrap());
        let business = Business { days, milliseconds, by, calendar: None };
        Duration::Business(business).after(Timestamp::from_rfc3339(from).unwrap()).to_rfc3339()
    }

    #[test]
    fn business_days_skip_the_weekend() {
        // 20 November 2026 is a Friday.
        assert_eq!(due("2026-11-20T10:00:00Z", "P1D", None), "2026-11-23T10:00:00.000Z");
        assert_eq!(due("2026-11-20T10:00:00Z", "P2D", Some("16:00")), "2026-11-24T16:00:00.000Z");
        assert_eq!(due("2026-11-21T12:00:00Z", "P0D", Some("16:00")), "2026-11-23T16:00:00.000Z");
        assert_eq!(due("2026-11-20T16:30:00Z", "P0D", Some("16:00")), "2026-11-23T16:00:00.000Z");
    }

    #[test]
    fn working_time_passes_only_while_open() {
        assert_eq!(due("2026-11-20T15:00:00Z", "PT4H", None), "2026-11-23T11:00:00.000Z");
        assert_eq!(due("2026-11-20T09:00:00Z", "PT8H", None), "2026-11-20T17:00:00.000Z");
        assert_eq!(due("2026-11-20T05:00:00Z", "PT1H", None), "2026-11-20T10:00:00.000Z");
        assert_eq!(due("1969-12-31T16:30:00Z", "PT1H", None), "1970-01-01T09:30:00.000Z");
    }

    #[test]
    fn a_business_day_is_not_24_hours() {
        assert_ne!(read_elapsed("P1D").unwrap(), read_elapsed("PT8H").unwrap());
        assert_eq!(due("2026-11-20T12:00:00Z", "P1D", None), "2026-11-23T12:00:00.000Z");
    }

    #[test]
    fn elapsed_time_reads_iso_8601() {
        assert_eq!(read_elapsed("PT8H"), Ok(8 * 3_600_000));
        assert_eq!(read_elapsed("P1W2DT3M0.5S"), Ok(9 * 86_400_000 + 180_500));
        for wrong in
            ["", "P", "PT", "8H", "P1.5D", "P1Y", "PT1", "PT-1H", "P1H", "P9999999D", "PT1é"]
        {
            assert!(read_elapsed(wrong).is_err(), "{wrong}");
        }
    }
}
