//! Importing holidays into a calendar. The calendar itself is `journey::calendar::CalendarDraft`.

use serde::{Deserialize, Serialize};

/// What `POST /api/v1/calendars/{name}/import` took from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HolidaysImported {
    /// How many dates were not there before.
    pub added: u64,
    pub refused: Vec<RefusedHoliday>,
}

/// An event of the file that gave no holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedHoliday {
    /// The line it begins on, counted from 1.
    pub line: u64,
    pub name: String,
    pub reason: String,
}
