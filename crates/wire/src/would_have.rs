//! What shadow versions would have done.

use crate::AccountRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Something a shadow instance would have done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WouldHave {
    pub id: String,
    pub instance: String,
    pub node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    pub at: String,
    /// `started`, `call`, `task`, `message`, `write`, `notice` or `child`.
    pub kind: String,
    /// In words.
    pub summary: String,
    /// All that was asked and, in `assumed`, what was taken for granted.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub body: serde_json::Value,
    /// What a person thinks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<Marked>,
}

/// What a person thinks of it, and when they said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Marked {
    pub mark: Mark,
    pub note: String,
    /// E-mail address.
    pub by: String,
    pub at: String,
}

/// What a person thinks of something a shadow would have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mark {
    Right,
    Wrong,
    DontCare,
}

/// `POST /api/v1/journeys/{id}/versions/{number}/would-have/{row}/mark`; null takes the mark away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkIt {
    pub mark: Option<Mark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How much a shadow version would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    pub total: u64,
    pub kinds: BTreeMap<String, u64>,
    /// By mark; `unmarked` counts the rest.
    pub marks: BTreeMap<String, u64>,
    /// Oldest first.
    pub weeks: Vec<Week>,
}

/// How much of it in one week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Week {
    /// The Monday, 00:00 UTC, on which it begins.
    pub from: String,
    pub count: u64,
}

/// `POST /api/v1/journeys/{id}/versions/{number}/promote`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promote {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
