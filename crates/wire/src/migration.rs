//! Migrations of instances from one version to another.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /api/v1/journeys/{id}/migrations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMigration {
    /// Number of the version the instances follow.
    pub from: u64,
    /// Number of the live version they are to follow.
    pub to: u64,
    /// Nodes and variables that have another name there: `{"nodes": {"old": "new"}, "variables": {"old": "new"}}`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub mapping: journey::migrate::Mapping,
    /// Only look at every instance; move none.
    #[serde(default)]
    pub dry_run: bool,
}

/// A migration and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Migration {
    pub id: String,
    pub journey: String,
    pub from: u64,
    pub to: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub mapping: journey::migrate::Mapping,
    pub dry_run: bool,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// E-mail address.
    pub started_by: String,
    pub started_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// How many instances came to each outcome: `moved` or, in a dry run, `moves_cleanly`; `needs_mapping`, `must_stay`, `gone`,
    /// `rolled_back`, and `moving` for those on their way.
    pub outcomes: BTreeMap<String, u64>,
    /// Living instances that follow the first version now.
    pub left: u64,
}

/// What became of one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MigratedInstance {
    pub instance: String,
    /// The account it is about, if it is about one and still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<crate::AccountRef>,
    pub outcome: String,
    pub at: String,
    /// The plan: `verdict`, `reasons`, `notes`, `waits` with their timers, tasks and promises, `variables`, `replay`. Null when none was made.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub plan: serde_json::Value,
}

/// `POST /api/v1/journeys/{id}/migrations/{migration}/roll-back`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollBack {
    /// Id of the instance.
    pub instance: String,
}

/// How an instance stood: `GET /api/v1/instances/{id}/state`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstanceState {
    /// The record after which it stood so, and when that was.
    pub at: u64,
    pub time: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: journey::Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    pub waits: Vec<crate::WaitView>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub variables: serde_json::Map<String, serde_json::Value>,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub input: serde_json::Value,
    /// What each node had left behind, by node id.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub nodes: serde_json::Value,
    /// The way it had taken: visits and edges, with their times.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub path: journey::explain::Path,
}
