//! Durations as people say them, and back.

use crate::messages::{plural, t};
use serde_json::{Value, json};

/// A unit a person counts a duration in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    BusinessHours,
    BusinessDays,
}

impl Unit {
    /// Every unit in the order it is offered.
    pub const ALL: [Self; 6] = [
        Self::Seconds,
        Self::Minutes,
        Self::Hours,
        Self::Days,
        Self::BusinessHours,
        Self::BusinessDays,
    ];

    /// Its word beside a field for the count.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => t!("seconds"),
            Self::Minutes => t!("minutes"),
            Self::Hours => t!("hours"),
            Self::Days => t!("days"),
            Self::BusinessHours => t!("business hours"),
            Self::BusinessDays => t!("business days"),
        }
    }
}

/// A count of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub count: u32,
    pub unit: Unit,
}

impl Span {
    /// Reads how much time a draft's duration is; `None` when it does not come down to a count of one unit.
    /// The time of day it is due by and its calendar stand beside that and are not looked at.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => elapsed(text),
            Value::Object(members)
                if members.keys().all(|key| BUSINESS.contains(&key.as_str())) =>
            {
                let text = members.get("business")?.as_str()?;
                if let Some(days) = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')) {
                    return Some(Self { count: days.parse().ok()?, unit: Unit::BusinessDays });
                }
                let hours = text.strip_prefix("PT")?.strip_suffix('H')?;
                Some(Self { count: hours.parse().ok()?, unit: Unit::BusinessHours })
            }
            _ => None,
        }
    }

    /// The draft's way of writing it. A day is a day of the calendar, which is not 24 hours when clocks change.
    pub fn write(self) -> Value {
        let count = self.count;
        match self.unit {
            Unit::Seconds => json!(format!("PT{count}S")),
            Unit::Minutes => json!(format!("PT{count}M")),
            Unit::Hours => json!(format!("PT{count}H")),
            Unit::Days => json!(format!("P{count}D")),
            Unit::BusinessHours => json!({ "business": format!("PT{count}H") }),
            Unit::BusinessDays => json!({ "business": format!("P{count}D") }),
        }
    }

    /// As [`Span::write`], in the place of another duration: what stays business time keeps its time of day and its calendar.
    pub fn write_over(self, before: Option<&Value>) -> Value {
        let mut after = self.write();
        if let (Value::Object(after), Some(Value::Object(before))) = (&mut after, before) {
            for (name, kept) in before.iter().filter(|(name, _)| *name != "business") {
                after.insert(name.clone(), kept.clone());
            }
        }
        after
    }

    /// As a person says it.
    pub fn say(self) -> String {
        let count = self.count;
        match self.unit {
            Unit::Seconds => plural!(count, "{count} second", "{count} seconds"),
            Unit::Minutes => plural!(count, "{count} minute", "{count} minutes"),
            Unit::Hours => plural!(count, "{count} hour", "{count} hours"),
            Unit::Days => plural!(count, "{count} day", "{count} days"),
            Unit::BusinessHours => {
                plural!(count, "{count} business hour", "{count} business hours")
            }
            Unit::BusinessDays => plural!(count, "{count} business day", "{count} business days"),
        }
    }
}

/// A draft's duration in words; one that cannot be put in words is shown as it is written.
pub fn describe(value: &Value) -> String {
    let Value::Object(members) = value else {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Span::read(value).map_or(written, Span::say);
    };
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    let amount = Span::read(value).map_or_else(
        || t!("{amount} of business time", amount = text("business").unwrap_or("?")),
        Span::say,
    );
    let amount = match text("by") {
        Some(by) => t!("{amount} by {time}", amount, time = by),
        None => amount,
    };
    text("calendar").map_or(amount.clone(), |name| format!("{amount} ({name})"))
}

/// The members of business time.
const BUSINESS: [&str; 3] = ["business", "by", "calendar"];

fn elapsed(text: &str) -> Option<Span> {
    let rest = text.strip_prefix('P')?;
    if let Some(days) = rest.strip_suffix('D') {
        return Some(Span { count: days.parse().ok()?, unit: Unit::Days });
    }
    let rest = rest.strip_prefix('T')?;
    let (digits, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let count: u32 = digits.parse().ok()?;
    let unit = match unit {
        "S" => Unit::Seconds,
        "M" => Unit::Minutes,
        "H" => Unit::Hours,
        _ => return None,
    };
    Some(Span { count, unit })
}
