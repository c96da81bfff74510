//! What shadow runs would have done.

use crate::{
    AccountId, Failure, InstanceId, JourneyId, Page, Paging, WouldHaveId, instances::AccountRef,
    words,
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use serde_json::Value;

words! {
    /// What kind of deed it would have been.
    Kind {
        Started = "started", Call = "call", Task = "task", Message = "message", Write = "write", Notice = "notice", Child = "child",
    }
}

words! {
    /// What a person thinks of it.
    Mark { Right = "right", Wrong = "wrong", DontCare = "dont_care", }
}

/// Something a shadow instance would have done, to be written with its records.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDeed {
    pub position: Position,
    /// The node that asks for it.
    pub node: String,
    pub kind: Kind,
    /// In words.
    pub summary: String,
    /// All that was asked, and what was assumed to come of it.
    pub body: Value,
}

/// Something a shadow instance would have done.
#[derive(Clone, Debug, PartialEq)]
pub struct WouldHave {
    pub id: WouldHaveId,
    pub instance: InstanceId,
    pub account: Option<AccountRef>,
    pub at: Timestamp,
    pub deed: NewDeed,
    pub marked: Option<Marked>,
}

/// What a person thought of it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    pub mark: Mark,
    pub note: String,
    /// E-mail address.
    pub by: String,
    pub at: Timestamp,
}

/// Whether and how it is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsMarked {
    As(Mark),
    Not,
}

/// Which of a version's; all that are given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: Option<Kind>,
    pub mark: Option<IsMarked>,
    pub account: Option<AccountId>,
}

/// How much a version would have done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub kinds: Vec<(Kind, u64)>,
    /// `None` counts what nobody has marked.
    pub marks: Vec<(Option<Mark>, u64)>,
    /// By the Monday, 00:00 UTC, on which a week begins; oldest first.
    pub weeks: Vec<(Timestamp, u64)>,
}

/// What shadow runs would have done, to read and to mark. It is written by `Commits` alone.
#[async_trait]
pub trait WouldHaves {
    /// Newest first.
    async fn would_have(
        &self,
        journey: JourneyId,
        version: u64,
        filter: Filter,
        paging: Paging<WouldHaveId>,
    ) -> Result<Page<WouldHave, WouldHaveId>, Failure>;

    /// Marks one, or takes its mark away; whether the version has it.
    async fn mark(
        &self,
        (journey, version): (JourneyId, u64),
        id: WouldHaveId,
        marked: Option<&Marked>,
    ) -> Result<bool, Failure>;

    async fn tally(&self, journey: JourneyId, version: u64) -> Result<Tally, Failure>;

    /// The shadow version of a journey that takes triggers now: the newest, when it is newer than the live one.
    async fn shadow_version(&self, journey: JourneyId) -> Result<Option<u64>, Failure>;

    /// Shadow instances, at the top, that still run though their version takes no triggers any more.
    async fn stale_shadows(&self, limit: u32) -> Result<Vec<InstanceId>, Failure>;
}
