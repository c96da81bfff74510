//! How instances went through a version of a journey.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/journeys/{id}/versions/{number}/flow`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flow {
    pub version: u64,
    /// When it was looked at.
    pub at: String,
    /// How many instances were looked at.
    pub instances: u64,
    /// Whether these are all there are. Otherwise they are living ones and the newest.
    pub complete: bool,
    /// Steps at which any of them came, by their ids.
    pub nodes: Vec<NodeFlow>,
    /// Edges along which any of them went, by their ids.
    pub edges: Vec<EdgeFlow>,
}

/// One step of a drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeFlow {
    pub node: String,
    /// How often instances came here.
    pub visits: u64,
    /// How many are here now.
    pub here: u64,
    /// How many are here now and need a person, since something failed.
    pub failing: u64,
    /// Visits in which something failed so that a person had to decide, those that last among them.
    pub failed: u64,
    /// Visits in which the promise of a task was broken.
    pub breached: u64,
    /// How long half of the visits that are over took at most, in milliseconds.
    pub median_ms: Option<u64>,
    /// How long nine of ten took at most, in milliseconds.
    pub p90_ms: Option<u64>,
}

/// One edge of a drawing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EdgeFlow {
    pub edge: String,
    /// How often instances went along it.
    pub passed: u64,
}

/// Which visits of a step are counted by a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Visits {
    /// All.
    #[default]
    All,
    /// Those that last.
    Here,
    /// Those in which something failed so that a person had to decide.
    Failed,
    /// Those in which the promise of a task was broken.
    Breached,
}

/// `GET /api/v1/journeys/{id}/versions/{number}/flow/visits`: the visits behind a figure, the longest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowVisits {
    pub items: Vec<FlowVisit>,
    /// How many there are in all, among the instances that were looked at.
    pub total: u64,
}

/// One visit of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowVisit {
    pub instance: crate::InstanceSummary,
    pub entered_at: String,
    /// Absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<String>,
    /// How long it took, or has lasted so far, in milliseconds.
    pub took_ms: u64,
    pub breached: bool,
    pub failed: bool,
}
