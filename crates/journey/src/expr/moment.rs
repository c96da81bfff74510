//! Timestamps and durations within expressions.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{EvalError, code::Function, eval::Evaluated, value::Val};
use crate::time::wall;
use jiff::tz::{Offset, TimeZone};
use std::fmt::Write as _;

/// The times expressions know: from the year 1 to the last day of 9999, in whose last hours some place has the next year.
pub(super) const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_207_200_000;
/// The longest duration either way: ten thousand years, as the specification has it.
const LONGEST: i64 = 315_576_000_000_000;

/// A time that was computed; `None` is one that left the numbers.
pub(super) fn time<'a>(at: Option<i64>) -> Evaluated<'a> {
    at.filter(|at| TIMES.contains(at)).map(Val::Time).ok_or(EvalError::Range("the time"))
}

/// A duration that was computed; `None` is one that left the numbers.
pub(super) fn span<'a>(span: Option<i64>) -> Evaluated<'a> {
    let within = span.filter(|span| (-LONGEST..=LONGEST).contains(span));
    within.map(Val::Span).ok_or(EvalError::Range("the duration"))
}

/// A zone by its IANA name (`Europe/Berlin`) or its distance from UTC (`+02:00`).
fn zone(name: &str) -> Option<TimeZone> {
    let (sign, rest) = match name.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, name.strip_prefix('+').unwrap_or(name)),
    };
    let Some((hours, minutes)) = rest.split_once(':') else {
        return wall::zone(name);
    };
    let number = |digits: &str, most: i32| {
        let number = digits.parse().ok().filter(|number| (0..=most).contains(number));
        number.filter(|_| digits.len() == 2)
    };
    let seconds: i32 = number(hours, 23)? * 3_600 + number(minutes, 59)? * 60;
    Some(TimeZone::fixed(Offset::from_seconds(sign * seconds).ok()?))
}

/// A part of a point in time, as a clock in a zone shows it; in UTC without one.
pub(super) fn part<'a>(function: Function, at: i64, place: Option<&str>) -> Evaluated<'a> {
    let zone = match place {
        None => TimeZone::UTC,
        Some(name) => zone(name).ok_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            EvalError::Type(format!("'{shown}' is no time zone such as Europe/Berlin or +02:00"))
        })?,
    };
    let time = jiff::Timestamp::from_millisecond(at)
        .map_err(|_| EvalError::Range("the time"))?
        .to_zoned(zone);
    let part = match function {
        Function::Year => i64::from(time.year()),
        Function::Month => i64::from(time.month()) - 1,
        Function::DayOfMonth => i64::from(time.day()) - 1,
        Function::Date => i64::from(time.day()),
        Function::DayOfWeek => i64::from(time.weekday().to_sunday_zero_offset()),
        Function::DayOfYear => i64::from(time.day_of_year()) - 1,
        Function::Hours => i64::from(time.hour()),
        Function::Minutes => i64::from(time.minute()),
        Function::Seconds => i64::from(time.second()),
        _ => i64::from(time.millisecond()),
    };
    Ok(Val::Int(part))
}

/// A part of a duration: the whole of it in that unit, the milliseconds beyond the second.
pub(super) fn span_part<'a>(function: Function, span: i64) -> Option<Val<'a>> {
    Some(Val::Int(match function {
        Function::Hours => span / 3_600_000,
        Function::Minutes => span / 60_000,
        Function::Seconds => span / 1_000,
        Function::Milliseconds => span % 1_000,
        _ => return None,
    }))
}

/// Seconds with up to three decimals, as CEL writes durations: `90s`, `0.5s`.
pub(super) fn span_text(span: i64) -> String {
    let sign = if span < 0 { "-" } else { "" };
    let size = span.unsigned_abs();
    let mut text = format!("{sign}{}", size / 1_000);
    if !size.is_multiple_of(1_000) {
        let decimals = format!("{:03}", size % 1_000);
        let _ = write!(text, ".{}", decimals.trim_end_matches('0'));
    }
    text.push('s');
    text
}

/// A time as CEL writes it: with no more decimals than it has.
pub(super) fn time_text(at: i64) -> String {
    let text = crate::Timestamp(at).to_rfc3339();
    match text.strip_suffix('Z') {
        Some(digits) => format!("{}Z", digits.trim_end_matches('0').trim_end_matches('.')),
        None => text,
    }
}

/// Reads `1h30m`, `90s`, `1.5h`, `100ms`, with an optional sign.
pub(super) fn read_span(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let milliseconds = match &rest[..unit_end] {
            "h" => 3_600_000.0,
            "m" => 60_000.0,
            "s" => 1_000.0,
            "ms" => 1.0,
            "us" | "µs" => 0.001,
            "ns" => 0.000_001,
            _ => return None,
        };
        total += amount * milliseconds;
        rest = &rest[unit_end..];
    }
    #[expect(clippy::cast_precision_loss, reason = "far below the numbers a double cannot hold")]
    let longest = LONGEST as f64;
    (total <= longest).then(|| {
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let milliseconds = total as i64;
        if negative { -milliseconds } else { milliseconds }
    })
}
