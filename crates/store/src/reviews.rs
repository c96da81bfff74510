//! Reviews: a draft and what it depends on, frozen for a second person who decides whether it may be published.

use crate::{Failure, JourneyId, Page, Paging, ReviewId, journeys::Mode, words};
use async_trait::async_trait;
use journey::{Called, Draft, Timestamp, calendar::Calendar};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// How a review stands.
    State {
        Open = "open",
        Approved = "approved",
        SentBack = "sent_back",
        /// By whoever asked for it.
        Withdrawn = "withdrawn",
        /// What was approved was published.
        Published = "published",
    }
}

words! {
    /// How an open review ends.
    Decision { Approve = "approve", SendBack = "send_back", Withdraw = "withdraw", }
}

impl Decision {
    /// How the review stands after it.
    pub fn state(self) -> State {
        match self {
            Self::Approve => State::Approved,
            Self::SendBack => State::SentBack,
            Self::Withdraw => State::Withdrawn,
        }
    }
}

/// What is reviewed, as it was when the review was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    pub draft: Draft,
    /// Number of the version that was live.
    pub live_version: Option<u64>,
    pub depends_on: Vec<Dependency>,
}

/// Something of the workspace that a draft names, as it was at some moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Dependency {
    /// A journey that is called. A version never changes, so that its number says all of it.
    Journey {
        called: Called,
        id: JourneyId,
        name: String,
        version: u64,
    },
    /// A connection, and the operations that are used; `digest` is that of the connector's component.
    Connection {
        name: String,
        connector: String,
        version: String,
        digest: String,
        operations: BTreeSet<String>,
    },
    /// A team, and the calendar whose hours it keeps. Who is in it is not part of a review.
    Team {
        name: String,
        calendar: Option<String>,
    },
    Calendar {
        calendar: Box<Calendar>,
    },
}

/// A review to be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReview {
    pub journey: JourneyId,
    /// The revision that was frozen.
    pub revision: u64,
    /// What it is to be published as.
    pub mode: Mode,
    pub note: String,
    /// E-mail address of who asks.
    pub by: String,
    /// Who saved the draft last, when it is known.
    pub drawn_by: Option<String>,
    pub bundle: Bundle,
}

/// What became of asking for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Review(ReviewId),
    /// The journey has an open review already.
    Busy(ReviewId),
    /// The draft was saved since it was frozen.
    LostRace {
        current: u64,
    },
}

/// A review without its bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    pub id: ReviewId,
    pub journey: JourneyId,
    pub revision: u64,
    pub mode: Mode,
    pub state: State,
    pub note: String,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub drawn_by: Option<String>,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub comment: String,
    /// Number of the version that was published under it.
    pub version: Option<u64>,
}

/// What somebody says to an open review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub decision: Decision,
    pub comment: String,
    /// E-mail address.
    pub by: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    Done,
    /// It was over already, as this says.
    Over(Box<Review>),
}

/// Reviews of drafts. Publishing marks the one it is done under, see [`crate::journeys::NewVersion::review`].
#[async_trait]
pub trait Reviews {
    /// Keeps a review of the journey's draft; `None` when there is no such journey.
    async fn ask_review(
        &self,
        review: &NewReview,
        now: Timestamp,
    ) -> Result<Option<Asked>, Failure>;

    async fn review(&self, id: ReviewId) -> Result<Option<(Review, Bundle)>, Failure>;

    /// Those of a journey, newest first.
    async fn reviews(
        &self,
        journey: JourneyId,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure>;

    /// The open ones of all journeys, newest first.
    async fn open_reviews(
        &self,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure>;

    /// The newest one of a journey that is approved for this mode and under which nothing was published.
    async fn approved_review(
        &self,
        journey: JourneyId,
        mode: Mode,
    ) -> Result<Option<(Review, Bundle)>, Failure>;

    /// Ends an open review; of two at once one does. `None` when there is no such review.
    async fn decide_review(
        &self,
        id: ReviewId,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Option<Decided>, Failure>;
}
