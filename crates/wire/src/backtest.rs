//! Back-tests: what a draft would have done, had it been live for some time.

use crate::{AccountRef, EdgeFlow, NodeFlow, Week};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `POST /api/v1/backtests`: a journey, whose saved draft is tried, or a draft, or both, to try a draft of the journey that is not saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskBacktest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub draft: Option<Value>,
    /// A date, `2026-01-31`, from its beginning in UTC on, or a time as RFC 3339.
    pub from: String,
    /// A date, until its end in UTC, or until before a time as RFC 3339; at most until now.
    pub to: String,
}

/// How a back-test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BacktestState {
    Running,
    Done,
    Failed,
    Cancelled,
}

/// A back-test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backtest {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
    /// Of the draft.
    pub name: String,
    pub from: String,
    /// Until before then.
    pub to: String,
    pub asked_at: String,
    /// E-mail address.
    pub asked_by: String,
    pub state: BacktestState,
    /// How much of what happened was lived again, of how much; of nothing while that is being read.
    pub done: u64,
    pub of: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// `GET /api/v1/backtests/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestInFull {
    #[serde(flatten)]
    pub backtest: Backtest,
    /// What was tried.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub draft: journey::Draft,
    /// Once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<BacktestSummary>,
}

/// What would have happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestSummary {
    /// Accounts of the workspace.
    pub accounts: u64,
    /// How many of them came into it after the beginning; they were taken as they were when they came.
    pub came_later: u64,
    /// Events, changes of accounts and starts that were lived again.
    pub happened: u64,
    /// Instances that would have started, without those below them.
    pub started: u64,
    /// How many of them go on at the end, and need a person since something failed.
    pub running: u64,
    pub incidents: u64,
    /// How many ended, and how many were cancelled before.
    pub ended: u64,
    pub cancelled: u64,
    /// How many ended with which outcome, the most frequent first.
    pub outcomes: Vec<Counted>,
    /// How many started in which week, oldest first and without gaps.
    pub weeks: Vec<Week>,
    /// What they would have done how often: `started`, `call`, `task`, `message`, `write`, `notice`, `child`.
    pub deeds: BTreeMap<String, u64>,
    /// Who would have had how many tasks, the most first: people by their e-mail addresses, and teams.
    pub owners: Vec<Counted>,
    /// How many more would have had some; those listed are the first 20.
    #[serde(default)]
    pub more_owners: u64,
    /// Why instances would not have started, the most frequent first.
    pub kept_out: Vec<KeptOut>,
    /// Which steps failed and would need a person, the most frequent first.
    #[serde(default)]
    pub failed: Vec<FailedStep>,
    /// How many of those that started are told of one by one: the first.
    pub runs: u64,
    /// Steps at which any of them came, by their ids.
    pub nodes: Vec<NodeFlow>,
    /// Edges along which any of them went, by their ids.
    pub edges: Vec<EdgeFlow>,
}

/// How many there are of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    pub name: String,
    pub count: u64,
}

/// Why instances would not have started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptOut {
    /// As in the explanation why a journey did not start.
    pub code: String,
    /// What was said of the first of them.
    pub example: String,
    pub count: u64,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedStep {
    /// Id of the step.
    pub node: String,
    /// What was said of the first of them.
    pub example: String,
    pub count: u64,
}

/// How one instance would have gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestRun {
    /// In the order in which they started, from 0.
    pub number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    /// Id of the trigger.
    pub trigger: String,
    pub started_at: String,
    /// Left out when it was not over at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub status: journey::Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it needs a person, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// In the order in which they began, 500 at most.
    pub stays: Vec<BacktestStay>,
    /// The edges it went along, once each.
    pub edges: Vec<String>,
    /// What it would have done, 50 at most.
    pub deeds: Vec<BacktestDeed>,
}

/// One stay of an instance at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestStay {
    pub node: String,
    pub at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<String>,
    /// Whether the promise of its task was broken.
    pub late: bool,
}

/// Something an instance would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacktestDeed {
    pub node: String,
    /// In words.
    pub summary: String,
}
