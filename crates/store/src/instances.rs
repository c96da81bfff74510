//! Instances and their records, to read. They are written by `Commits` alone.

use crate::{AccountId, Failure, InstanceId, JourneyId, Page, Paging, journeys::Mode};
use async_trait::async_trait;
use journey::{Position, Record, Status, Timestamp};
use serde_json::{Map, Value};

/// What an instance is a life of; fixed when it starts, but for the version, which a migration changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub journey: JourneyId,
    /// Number of the version it follows.
    pub version: u64,
    /// Both have the same slot.
    pub account: Option<AccountId>,
    /// The instance above, when it runs for one; both have the same slot.
    pub parent: Option<InstanceId>,
    /// The shadow version for which it runs; `None` when it is live.
    pub shadow: Option<Shadow>,
    pub started_at: Timestamp,
}

/// A shadow version: what runs for it only writes down what it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shadow {
    pub journey: JourneyId,
    pub version: u64,
}

/// An instance as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub id: InstanceId,
    pub life: Life,
    pub state: journey::Instance,
    /// Fields of the account as a shadow instance would have written them.
    pub overlay: Map<String, Value>,
    pub updated_at: Timestamp,
}

/// The account something is about, enough to show and link it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRef {
    pub id: AccountId,
    pub external_id: String,
    pub name: String,
}

/// An instance in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub id: InstanceId,
    pub journey: JourneyId,
    pub journey_name: String,
    pub version: u64,
    pub account: Option<AccountRef>,
    /// The instance above, when it runs for one.
    pub parent: Option<InstanceId>,
    pub mode: Mode,
    pub status: Status,
    pub outcome: Option<String>,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Which instances; all that are given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub journey: Option<JourneyId>,
    pub account: Option<AccountId>,
    pub status: Option<Status>,
    pub mode: Option<Mode>,
    /// Those below this one.
    pub parent: Option<InstanceId>,
}

/// Instances and their records, to read.
#[async_trait]
pub trait Instances {
    async fn instance(&self, id: InstanceId) -> Result<Option<Stored>, Failure>;

    async fn instance_summary(&self, id: InstanceId) -> Result<Option<Summary>, Failure>;

    /// Newest first.
    async fn instances(
        &self,
        filter: Filter,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Summary, InstanceId>, Failure>;

    /// How many stand so, shadows among them, counted up to `limit`.
    async fn count_instances(&self, status: Status, limit: u32) -> Result<u64, Failure>;

    /// In order; the cursor is a record's sequence.
    async fn records(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<Record, u64>, Failure>;

    /// Those below a position of an instance that are not over, by their places, which are the cursor.
    async fn children_at(
        &self,
        parent: InstanceId,
        position: Position,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, InstanceId), u32>, Failure>;

    /// The instance a key opened for this journey.
    async fn started_by(
        &self,
        journey: JourneyId,
        key: &str,
    ) -> Result<Option<InstanceId>, Failure>;
}

/// How a status is written where no JSON is.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Running => "running",
        Status::Incident => "incident",
        Status::Ended => "ended",
        Status::Cancelled => "cancelled",
    }
}

pub(crate) fn status_of(word: &str) -> Option<Status> {
    match word {
        "running" => Some(Status::Running),
        "incident" => Some(Status::Incident),
        "ended" => Some(Status::Ended),
        "cancelled" => Some(Status::Cancelled),
        _ => None,
    }
}
