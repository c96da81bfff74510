use super::{Memory, before, page};
use crate::{
    Failure, JourneyId, Page, Paging, ReviewId, Reviews,
    journeys::Mode,
    reviews::{Asked, Bundle, Decided, NewReview, Review, State, Verdict},
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<ReviewId, (Review, Bundle)>,
}

#[async_trait]
impl Reviews for Memory {
    async fn ask_review(
        &self,
        review: &NewReview,
        now: Timestamp,
    ) -> Result<Option<Asked>, Failure> {
        let kept = &mut *self.to_write()?;
        let NewReview { journey, revision, mode, note, by, drawn_by, bundle } = review.clone();
        let Some(current) = kept.journeys.revision(journey) else { return Ok(None) };
        if current != revision {
            return Ok(Some(Asked::LostRace { current }));
        }
        let mut rows = kept.reviews.rows.values().map(|(row, _)| row);
        if let Some(open) = rows.find(|row| (row.journey, row.state) == (journey, State::Open)) {
            return Ok(Some(Asked::Busy(open.id)));
        }
        let id = self.ids.review(now, self.ids.any_slot());
        let row = Review {
            id,
            journey,
            revision,
            mode,
            state: State::Open,
            note,
            asked_at: now,
            asked_by: by,
            drawn_by,
            decided_at: None,
            decided_by: None,
            comment: String::new(),
            version: None,
        };
        kept.reviews.rows.insert(id, (row, bundle));
        Ok(Some(Asked::Review(id)))
    }

    async fn review(&self, id: ReviewId) -> Result<Option<(Review, Bundle)>, Failure> {
        Ok(self.kept().reviews.rows.get(&id).cloned())
    }

    async fn reviews(
        &self,
        journey: JourneyId,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure> {
        Ok(self.kept().reviews.listed(&paging, |row| row.journey == journey))
    }

    async fn open_reviews(
        &self,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure> {
        Ok(self.kept().reviews.listed(&paging, |row| row.state == State::Open))
    }

    async fn approved_review(
        &self,
        journey: JourneyId,
        mode: Mode,
    ) -> Result<Option<(Review, Bundle)>, Failure> {
        let kept = self.kept();
        let mut rows = kept.reviews.rows.values().rev();
        let sought = (journey, mode, State::Approved);
        Ok(rows.find(|(row, _)| (row.journey, row.mode, row.state) == sought).cloned())
    }

    async fn decide_review(
        &self,
        id: ReviewId,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Option<Decided>, Failure> {
        let kept = &mut *self.to_write()?;
        let Some((row, _)) = kept.reviews.rows.get_mut(&id) else { return Ok(None) };
        if row.state != State::Open {
            return Ok(Some(Decided::Over(Box::new(row.clone()))));
        }
        row.state = verdict.decision.state();
        row.decided_at = Some(now);
        row.decided_by = Some(verdict.by.clone());
        row.comment.clone_from(&verdict.comment);
        Ok(Some(Decided::Done))
    }
}

impl Kept {
    fn listed(
        &self,
        paging: &Paging<ReviewId>,
        is_wanted: impl Fn(&Review) -> bool,
    ) -> Page<Review, ReviewId> {
        let rows = self.rows.range(before(paging.after)).rev().map(|(_, (row, _))| row);
        page(rows.filter(|row| is_wanted(row)).cloned(), paging, |row| row.id)
    }

    /// Marks the review that a version is published under.
    pub(super) fn mark_published(&mut self, review: Option<ReviewId>, version: u64) {
        let row = review.and_then(|id| self.rows.get_mut(&id)).map(|(row, _)| row);
        if let Some(row) = row.filter(|row| row.state == State::Approved) {
            row.state = State::Published;
            row.version = Some(version);
        }
    }
}
