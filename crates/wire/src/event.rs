//! Events: what happened outside, and what came of it.

use serde::{Deserialize, Serialize};

/// `POST /api/v1/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEvents {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<NewEvent>, min_items = 1, max_items = 500))]
    pub events: Vec<serde_json::Value>,
}

/// An event to be taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEvent {
    /// Your name for it: sent twice, it is taken in once.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 255))]
    pub key: String,
    /// What triggers and waits listen for; `segment.entered`, `segment.left` and `health.changed` have meanings of their own.
    #[serde(rename = "type")]
    pub kind: String,
    /// Account id or external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When it happened, RFC 3339; now when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: serde_json::Map<String, serde_json::Value>,
}

/// The answer to events: they are durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    pub accepted: usize,
    /// How many had been taken in before.
    pub duplicates: usize,
    /// The ids of all of them, in the order they were sent.
    pub ids: Vec<String>,
}

/// An event that was taken in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    pub id: String,
    /// Null for what Waymark wrote itself.
    pub key: Option<String>,
    #[serde(rename = "type")]
    pub kind: String,
    pub account: Option<String>,
    pub at: String,
    pub received_at: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: serde_json::Map<String, serde_json::Value>,
    /// Whether it has not brought about yet all that it will.
    pub pending: bool,
    /// How many events had brought each other about before it.
    pub depth: u32,
    /// Who sent it; null for what Waymark wrote itself.
    pub sent_by: Option<String>,
    /// What came of it; the first few in a list.
    pub reactions: Vec<Reaction>,
    /// Where the rest of `reactions` starts.
    pub next_cursor: Option<String>,
}

/// What came of an event, a delivery, a schedule or a date at one trigger or wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// `started`, `woke`, `refused` or `failed`.
    pub kind: String,
    pub journey: String,
    pub version: u64,
    /// The trigger or the wait; empty for the whole journey.
    pub node: String,
    pub account: Option<String>,
    /// The instance it started, woke, or could not move.
    pub instance: Option<String>,
    pub event: Option<String>,
    /// Why nothing came of it, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// The values it was decided on.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: serde_json::Value,
    pub at: String,
}
