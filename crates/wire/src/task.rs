//! Work for people.

use crate::AccountRef;
use serde::{Deserialize, Serialize};

/// A task in a queue or on its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskView {
    pub id: String,
    pub title: String,
    pub instructions: String,
    /// `offered`, `claimed`, `completed` or `cancelled`.
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The one person it is for, by e-mail address, when it is not a team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<String>,
    pub sla: SlaView,
    pub priority: i64,
    pub instance: String,
    pub journey: String,
    pub journey_name: String,
    pub node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    pub outcomes: Vec<OutcomeView>,
    /// JSON Schema of the form, or null.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub form: serde_json::Value,
    /// What was chosen and answered, once completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub answers: Option<serde_json::Value>,
    pub created_at: String,
}

/// How a task stands against its promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SlaView {
    pub due: String,
    /// `ok`, `warning`, `breached`, `paused`, `met` or `cancelled`.
    pub state: String,
}

/// One way to complete a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutcomeView {
    pub id: String,
    pub label: String,
}

/// `POST /api/v1/tasks/{id}/complete`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompleteTask {
    pub outcome: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub form: serde_json::Value,
}

/// `POST /api/v1/tasks/{id}/delegate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DelegateTask {
    /// E-mail address of the user who has it from now on.
    pub to: String,
}

/// `POST /api/v1/tasks/{id}/send-back`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendBack {
    pub reason: String,
}

/// The clock of a task's promise: `GET /api/v1/tasks/{id}/sla`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseView {
    /// `sla` (to the customer), `ola` (to another team) or `vendor` (a vendor's to us).
    pub kind: String,
    /// The calendar it is measured over.
    pub calendar: String,
    pub due: String,
    /// `running`, `paused`, `met`, `breached` or `cancelled`; `not_sent` for a handoff whose team has not handed it over.
    pub state: String,
    /// What was said when it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
    /// What is left of the promised time, in milliseconds as the promise measures it.
    pub remaining_ms: i64,
    /// When it was broken, and when that was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed_at: Option<String>,
    /// Whose turn it was, in order and without gaps.
    pub turns: Vec<TurnView>,
    /// How long it was each party's turn, in milliseconds.
    pub spent: Vec<SpentView>,
}

/// A stretch of time in which it was one party's turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnView {
    pub from: String,
    /// Absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `customer`, `team` or `vendor`.
    pub party: String,
    /// Why the clock did not run; absent when it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
}

/// How long it was a party's turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SpentView {
    pub party: String,
    pub elapsed_ms: i64,
    /// Within the calendar's hours.
    pub working_ms: i64,
}
