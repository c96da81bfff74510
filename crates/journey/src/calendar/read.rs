//! Reading durations and times of day.

use super::Elapsed;
use crate::{
    limits,
    time::wall::{DAY, HOUR, MINUTE},
};

const SHAPE: &str = "it is not an ISO 8601 duration such as PT8H or P2D";

/// Reads an ISO 8601 duration of time on the clock: weeks of seven days, days, hours, minutes, seconds.
///
/// # Errors
///
/// A sentence saying what is wrong.
pub fn read_elapsed(text: &str) -> Result<Elapsed, &'static str> {
    let (days, milliseconds) = read_iso(text)?;
    Ok(Elapsed { days, milliseconds })
}

/// Reads an ISO 8601 duration of business time: days are business days, the rest is working time in milliseconds.
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
    read_wall_time(text).filter(|time| *time < DAY)
}

/// Reads a time of day from `00:00` to `24:00`, in milliseconds after midnight.
pub(super) fn read_wall_time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if digits { part.parse::<i64>().ok() } else { None }
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    let time = hours * HOUR + minutes * MINUTE;
    (minutes < 60 && time <= DAY).then_some(time)
}

/// Days and milliseconds of a duration.
fn read_iso(text: &str) -> Result<(i64, i64), &'static str> {
    let rest = text.strip_prefix('P').ok_or(SHAPE)?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return Err(SHAPE),
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return Err(SHAPE);
    }
    if date.contains(['Y', 'M']) {
        return Err("years and months differ in length; write days instead");
    }
    let days = sum(date, &[('W', 7), ('D', 1)])?;
    if days.fract() != 0.0 {
        return Err("days are whole; write hours for a part of a day");
    }
    let milliseconds = sum(time, &[('H', HOUR), ('M', MINUTE), ('S', 1_000)])?.round();
    #[expect(clippy::cast_precision_loss, reason = "small constants")]
    let (most, day) = (limits::DURATION_DAYS as f64, DAY as f64);
    if days > most || milliseconds > most * day {
        return Err("it is longer than ten years");
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    Ok((days as i64, milliseconds as i64))
}

/// Adds up amounts of units, which stand in this order and at most once each.
fn sum(mut text: &str, mut units: &[(char, i64)]) -> Result<f64, &'static str> {
    let mut sum = 0.0;
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(SHAPE)?;
        let amount: f64 = text[..end].parse().map_err(|_| SHAPE)?;
        let unit = text[end..].chars().next().ok_or(SHAPE)?;
        let place = units.iter().position(|(name, _)| *name == unit).ok_or(SHAPE)?;
        #[expect(clippy::cast_precision_loss, reason = "small constants")]
        let factor = units[place].1 as f64;
        sum += amount * factor;
        units = &units[place + 1..];
        text = &text[end + unit.len_utf8()..];
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::{Elapsed, read_business, read_elapsed, read_time_of_day, read_wall_time};

    #[test]
    fn elapsed_time_reads_iso_8601() {
        let elapsed = |days, milliseconds| Ok(Elapsed { days, milliseconds });
        assert_eq!(read_elapsed("PT8H"), elapsed(0, 8 * 3_600_000));
        assert_eq!(read_elapsed("P1W2DT3M0.5S"), elapsed(9, 180_500));
        assert_eq!(read_elapsed("PT1.001S"), elapsed(0, 1_001));
        assert_eq!(read_elapsed("PT1.5H"), elapsed(0, 5_400_000));
        assert_eq!(read_elapsed("P3660D"), elapsed(3_660, 0));
        for wrong in [
            "",
            "P",
            "PT",
            "8H",
            "P1.5D",
            "P1Y",
            "P1M",
            "PT1",
            "PT-1H",
            "P1H",
            "P9999999D",
            "PT9999999999999999999999H",
            "PT1é",
            "P1D1D",
            "PT1S1H",
            "PT.H",
            "PT1.2.3H",
            "P3661D",
        ] {
            assert!(read_elapsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_and_24_hours_are_read_apart() {
        assert_ne!(read_elapsed("P1D"), read_elapsed("PT24H"));
        assert_ne!(read_business("P1D"), read_business("PT24H"));
        assert!(read_business("P1W").is_err());
    }

    #[test]
    fn a_time_of_day_has_two_digits_each() {
        assert_eq!(read_time_of_day("16:05"), Some(57_900_000));
        assert_eq!(read_wall_time("24:00"), Some(86_400_000));
        for wrong in ["24:00", "24:01", "9:00", "09:60", "+9:00", "09:00:00", "0900", "", "é:00"] {
            assert_eq!(read_time_of_day(wrong), None, "{wrong}");
        }
    }
}
