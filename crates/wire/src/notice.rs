//! What people were told inside the product.

use crate::AccountRef;
use serde::{Deserialize, Serialize};

/// One page of what a person was told: `GET /api/v1/notices`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notices {
    /// Newest first.
    pub items: Vec<Notice>,
    pub next_cursor: Option<String>,
    /// How many of all of them are unseen; 100 when there are more.
    pub unseen: u64,
}

/// Something a person or a team of theirs was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    pub id: String,
    pub about: String,
    pub at: String,
    /// What told them.
    pub instance: String,
    pub journey: String,
    pub journey_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    /// The task it is about, when it is about one that may be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<NoticeTask>,
    /// Whom it went to, by e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The team it went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    pub unseen: bool,
}

/// The task a notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeTask {
    pub id: String,
    /// Whether it is still to be done.
    pub open: bool,
}

/// `POST /api/v1/notices/seen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeeNotices {
    /// The time of the newest one that was looked at; a time to come means now.
    pub until: String,
}
