//! Why a journey's triggers opened an instance for an account, or did not.

use serde::{Deserialize, Serialize};

/// `GET /api/v1/journeys/{id}/why`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    pub journey: String,
    pub account: String,
    /// Why there is nothing to explain: no version is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// The triggers of the live version and of the shadow version beside it.
    pub triggers: Vec<WhyTrigger>,
    /// What was written down when the account was kept out, or a schedule left times out, newest first.
    pub refusals: Vec<super::Reaction>,
}

/// How one trigger stands towards the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyTrigger {
    pub version: u64,
    pub mode: super::Mode,
    /// The trigger's node.
    pub node: String,
    /// `manual`, `webhook`, `event`, `change`, `schedule`, `date`, `segment`, `health` or `journey`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it opened an instance by the event, or nothing stands in the way of the next one.
    pub open: bool,
    /// The event it is explained for: the one asked about, or the last one it listens for.
    pub event: Option<String>,
    /// The instance it opened for the account: by that event, or else last.
    pub instance: Option<String>,
    pub fired_at: Option<String>,
    /// What stands in the way first.
    pub failing: Option<WhyFailing>,
    /// The trigger's condition on the event, clause by clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub when: Option<journey::expr::Explanation>,
    /// The entry condition, clause by clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub condition: Option<journey::expr::Explanation>,
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyFailing {
    /// For programs: `when`, `condition`, `cool-down`, `no-event`, …
    pub code: String,
    /// For people.
    pub sentence: String,
    /// The values it was decided on.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub facts: serde_json::Value,
    /// The least that would have to be different.
    pub change: Option<String>,
}
