//! Durations as people say them, and back.

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

    /// Its word for a count other than one.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::BusinessHours => "business hours",
            Self::BusinessDays => "business days",
        }
    }

    fn singular(self) -> &'static str {
        match self {
            Self::Seconds => "second",
            Self::Minutes => "minute",
            Self::Hours => "hour",
            Self::Days => "day",
            Self::BusinessHours => "business hour",
            Self::BusinessDays => "business day",
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
    /// Reads a draft's duration; `None` when it does not come down to a count of one unit.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => elapsed(text),
            Value::Object(members) if members.keys().all(|key| key == "business") => {
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

    /// The draft's way of writing it.
    pub fn write(self) -> Value {
        let count = self.count;
        match self.unit {
            Unit::Seconds => json!(format!("PT{count}S")),
            Unit::Minutes => json!(format!("PT{count}M")),
            Unit::Hours => json!(format!("PT{count}H")),
            Unit::Days => json!(format!("PT{}H", count.saturating_mul(24))),
            Unit::BusinessHours => json!({ "business": format!("PT{count}H") }),
            Unit::BusinessDays => json!({ "business": format!("P{count}D") }),
        }
    }

    /// As a person says it.
    pub fn say(self) -> String {
        let word = if self.count == 1 { self.unit.singular() } else { self.unit.plural() };
        format!("{} {word}", self.count)
    }
}

/// A draft's duration in words; one that cannot be put in words is shown as it is written.
pub fn describe(value: &Value) -> String {
    Span::read(value).map_or_else(
        || match value {
            Value::String(text) => text.clone(),
            Value::Object(members) => {
                let business = members.get("business").unwrap_or(&Value::Null);
                let span = Span::read(&json!({ "business": business })).map(Span::say);
                let text = span.unwrap_or_else(|| {
                    format!("{} of business time", business.as_str().unwrap_or("?"))
                });
                let by = members.get("by").and_then(Value::as_str).map(|by| format!(" by {by}"));
                text + &by.unwrap_or_default()
            }
            other => other.to_string(),
        },
        Span::say,
    )
}

fn elapsed(text: &str) -> Option<Span> {
    let rest = text.strip_prefix('P')?;
    if let Some(days) = rest.strip_suffix('D') {
        return Some(Span { count: days.parse().ok()?, unit: Unit::Days });
    }
    let rest = rest.strip_prefix('T')?;
    let (digits, unit) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
    let count: u32 = digits.parse().ok()?;
    match unit {
        "S" => Some(Span { count, unit: Unit::Seconds }),
        "M" => Some(Span { count, unit: Unit::Minutes }),
        "H" if count.is_multiple_of(24) && count >= 24 => {
            Some(Span { count: count / 24, unit: Unit::Days })
        }
        "H" => Some(Span { count, unit: Unit::Hours }),
        _ => None,
    }
}
