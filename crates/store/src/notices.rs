//! What people were told inside the product, to read. It is written by `Commits` alone.

use crate::{
    Failure, JourneyId, NoticeCursor, NoticeId, Page, Paging, TaskId, instances::AccountRef,
};
use async_trait::async_trait;
use journey::Timestamp;

/// Something a person or a team was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: NoticeId,
    pub at: Timestamp,
    pub about: String,
    /// E-mail address of the person it went to.
    pub person: Option<String>,
    /// The team it went to.
    pub team: Option<String>,
    pub journey: JourneyId,
    pub journey_name: String,
    pub account: Option<AccountRef>,
    /// The task it is about, if it is about one.
    pub task: Option<AboutTask>,
}

/// How the task stands that a notice is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutTask {
    pub id: TaskId,
    pub is_open: bool,
    pub team: Option<String>,
    /// In whose own queue it is.
    pub holder: Option<String>,
}

/// Whom notices concern: a person by name, and each of their teams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerned {
    /// E-mail address, in lower case.
    pub person: String,
    pub teams: Vec<String>,
}

/// What people were told inside the product.
#[async_trait]
pub trait Notices {
    /// Newest first; one that names the person and a team of theirs comes once.
    async fn notices(
        &self,
        whom: &Concerned,
        paging: Paging<NoticeCursor>,
    ) -> Result<Page<Notice, NoticeCursor>, Failure>;

    /// How many of them came after `since`; at most [`UNSEEN`](crate::limits::UNSEEN).
    async fn unseen(&self, whom: &Concerned, since: Timestamp) -> Result<u64, Failure>;

    /// Up to when a person has seen theirs; `None` when they have never looked.
    async fn seen_until(&self, person: &str) -> Result<Option<Timestamp>, Failure>;

    /// The person has seen theirs up to `until`; what they have seen already stays seen.
    async fn see(&self, person: &str, until: Timestamp) -> Result<(), Failure>;

    /// Forgets those from before a time, the oldest `most`; how many.
    async fn forget_notices(&self, before: Timestamp, most: u32) -> Result<u64, Failure>;
}
