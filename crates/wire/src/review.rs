//! Reviews of drafts before they are published, and what the workspace is set to.

use crate::Mode;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/journeys/{id}/reviews`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskReview {
    /// What it is to be published as.
    pub mode: Mode,
    /// What the other person should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `POST /api/v1/reviews/{id}/decide`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecideReview {
    pub decision: ReviewDecision,
    /// Needed to send it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What the other person decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReviewDecision {
    Approve,
    SendBack,
}

/// How a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReviewState {
    Open,
    Approved,
    SentBack,
    /// By whoever asked for it.
    Withdrawn,
    /// What was approved was published.
    Published,
}

/// A review of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Review {
    pub id: String,
    pub journey: String,
    /// What the journey is called now.
    pub journey_name: String,
    /// Of the draft that was frozen: the number in its `ETag`.
    pub revision: u64,
    /// What it is to be published as.
    pub mode: Mode,
    pub state: ReviewState,
    /// What who asked said.
    pub note: String,
    pub asked_at: String,
    /// E-mail address.
    pub asked_by: String,
    /// E-mail address of who saved the draft last, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// What was said then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Number of the version that was published under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// A review with what was frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewInFull {
    pub review: Review,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub draft: journey::Draft,
    /// Number of the version that was live then.
    pub live_version: Option<u64>,
    pub depends_on: Vec<ReviewedDependency>,
    /// Whether the draft was saved since.
    pub saved_since: bool,
}

/// Something of the workspace that the draft names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewedDependency {
    pub kind: DependencyKind,
    pub name: String,
    /// As it was frozen, in words.
    pub reviewed: String,
    /// What has changed since, in words; null when nothing has.
    pub changed: Option<String>,
    /// Id of the journey that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
}

/// What a draft depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DependencyKind {
    Journey,
    Connection,
    Team,
    Calendar,
}

/// What the workspace is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// Whether a version goes live only after a review by a second person.
    pub publishing_live_needs_review: bool,
}
