//! Points in time, and the wall clock of a place.

use serde::{Deserialize, Serialize};

pub(crate) mod wall;

pub use jiff::civil::Date;

/// Milliseconds since the Unix epoch, UTC: the finest step both databases keep.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A date without a time of day, such as `2026-01-31`; `None` when it is anything else.
pub(crate) fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|_| text.len() == "2026-01-31".len())
}

impl Timestamp {
    /// This time moved by `milliseconds`, held at the ends of the range.
    #[must_use]
    pub fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// RFC 3339 in UTC with milliseconds, as expressions and the API show it.
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| format!("{}ms", self.0), |at| format!("{at:.3}"))
    }

    /// Reads a date such as `2026-01-31`, which begins at midnight in UTC, or RFC 3339; `None` when it is neither.
    pub fn from_date_or_time(text: &str) -> Option<Self> {
        let midnight = || date(text)?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let at_midnight = || Some(Self(midnight()?.timestamp().as_millisecond()));
        Self::from_rfc3339(text).or_else(at_midnight)
    }

    /// Reads RFC 3339; `None` when it is not a time.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_millisecond()))
    }
}
