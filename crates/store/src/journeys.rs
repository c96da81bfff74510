//! Journeys, their drafts and their published versions.

use crate::{Failure, JourneyId, Page, Paging, ReviewId, VersionId, words};
use async_trait::async_trait;
use journey::{Draft, Timestamp};

words! {
    /// Whether a version acts or only writes down what it would do.
    Mode { Live = "live", Shadow = "shadow", }
}

/// A journey without its draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub id: JourneyId,
    pub name: String,
    pub description: String,
    /// Number of the version new instances follow.
    pub live_version: Option<u64>,
    /// Instances that are not over.
    pub running: u64,
    /// Whether the draft was saved since the newest version, or there is none.
    pub unpublished_changes: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A draft and the revision a save of it must name.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftAt {
    pub draft: Draft,
    pub revision: u64,
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Stored, as this revision.
    Revision(u64),
    /// Someone saved since; nothing was stored.
    LostRace { current: u64 },
}

/// What is published.
#[derive(Clone, Debug, PartialEq)]
pub struct NewVersion {
    pub draft: Draft,
    /// The revision that was checked.
    pub revision: u64,
    pub mode: Mode,
    pub note: String,
    /// E-mail address.
    pub by: String,
    /// The approved review it is published under, which is `published` from then on.
    pub review: Option<ReviewId>,
}

/// A published version; `draft` is what was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub id: VersionId,
    pub number: u64,
    pub mode: Mode,
    pub note: String,
    pub draft: Draft,
    pub published_at: Timestamp,
    pub published_by: String,
}

/// A version in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionSummary {
    pub id: VersionId,
    pub number: u64,
    pub mode: Mode,
    pub note: String,
    pub published_at: Timestamp,
    pub published_by: String,
}

/// What became of publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    Version {
        id: VersionId,
        number: u64,
    },
    /// The draft was saved since it was checked; nothing was published.
    LostRace {
        current: u64,
    },
}

/// Why and by whom a shadow version is made live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    pub note: String,
    /// E-mail address, or what acted by itself.
    pub by: String,
    /// As [`NewVersion::review`].
    pub review: Option<ReviewId>,
}

/// Journeys, their drafts and versions.
#[async_trait]
pub trait Journeys {
    /// Keeps a new journey; its draft is revision 1. Name and description are the draft's.
    async fn create_journey(&self, draft: &Draft, now: Timestamp) -> Result<JourneyId, Failure>;

    /// Newest first.
    async fn journeys(
        &self,
        paging: Paging<JourneyId>,
    ) -> Result<Page<Summary, JourneyId>, Failure>;

    /// Those of exactly this name, at most `limit`.
    async fn journeys_named(&self, name: &str, limit: u32) -> Result<Vec<JourneyId>, Failure>;

    async fn journey(&self, id: JourneyId) -> Result<Option<Summary>, Failure>;

    async fn draft(&self, id: JourneyId) -> Result<Option<DraftAt>, Failure>;

    /// Stores a draft made from revision `expected`; `None` when there is no such journey.
    async fn save_draft(
        &self,
        id: JourneyId,
        draft: &Draft,
        expected: u64,
        now: Timestamp,
    ) -> Result<Option<Saved>, Failure>;

    /// Publishes what was checked; a live version is followed from now on. `None` when there is no such journey.
    async fn publish(
        &self,
        id: JourneyId,
        version: &NewVersion,
        now: Timestamp,
    ) -> Result<Option<Published>, Failure>;

    /// Makes the draft of a shadow version live, as a new version; `None` when there is no such shadow version, or a later one
    /// has taken its place.
    async fn promote(
        &self,
        id: JourneyId,
        number: u64,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Option<(VersionId, u64)>, Failure>;

    /// Newest first; the cursor is a version's number.
    async fn versions(
        &self,
        id: JourneyId,
        paging: Paging<u64>,
    ) -> Result<Page<VersionSummary, u64>, Failure>;

    async fn version(&self, id: JourneyId, number: u64) -> Result<Option<Version>, Failure>;

    /// Number of the version new instances follow.
    async fn live_version(&self, id: JourneyId) -> Result<Option<u64>, Failure>;
}
