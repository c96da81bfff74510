//! Timestamps and durations within expressions.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{EvalError, code::Function, eval::Evaluated, value::Val};
use std::fmt::Write as _;

/// The times CEL knows: years 1 to 9999.
pub(super) const TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// A part of a point in time, in UTC.
pub(super) fn part<'a>(function: Function, at: i64) -> Evaluated<'a> {
    let time = jiff::Timestamp::from_millisecond(at)
        .map_err(|_| EvalError::Range("the time"))?
        .to_zoned(jiff::tz::TimeZone::UTC);
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
    // Ten thousand years, as the specification bounds durations.
    (total <= 315_576_000_000_000.0).then(|| {
        #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
        let milliseconds = total as i64;
        if negative { -milliseconds } else { milliseconds }
    })
}
