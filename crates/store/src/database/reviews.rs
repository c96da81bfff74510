use super::{
    Database, Write,
    written::{number, to_json},
};
use crate::sql::{Builder, Row, query, query_scalar};
use crate::{
    Failure, JourneyId, Page, Paging, ReviewId, Reviews,
    failure::Doing,
    journeys::Mode,
    reviews::{Asked, Bundle, Decided, NewReview, Review, State, Verdict},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

const ASKING: &str = "ask for a review";
const DECIDING: &str = "decide on a review";
const READING: &str = "read a review";
const LISTING: &str = "list reviews";

/// Those of a list, which are without their bundles.
const COLUMNS: &str = "SELECT id, journey, revision, mode, state, note, asked_at, asked_by, drawn_by, decided_at, decided_by, comment,
        version FROM reviews";
const WITH_BUNDLE: &str = "SELECT id, journey, revision, mode, state, note, asked_at, asked_by, drawn_by, decided_at, decided_by, comment,
        version, bundle FROM reviews";

#[async_trait]
impl Reviews for Database {
    async fn ask_review(
        &self,
        review: &NewReview,
        now: Timestamp,
    ) -> Result<Option<Asked>, Failure> {
        let bundle = to_json(&review.bundle)?;
        let mut tx = self.write().await?;
        let current: Option<i64> = query_scalar("SELECT revision FROM journeys WHERE id = $1")
            .bind(review.journey.number())
            .fetch_optional(&mut tx)
            .await
            .doing(ASKING)?;
        let Some(current) = current.map(i64::unsigned_abs) else { return Ok(None) };
        if current != review.revision {
            return Ok(Some(Asked::LostRace { current }));
        }
        let open: Option<i64> =
            query_scalar("SELECT id FROM reviews WHERE journey = $1 AND state = 'open'")
                .bind(review.journey.number())
                .fetch_optional(&mut tx)
                .await
                .doing(ASKING)?;
        if let Some(open) = open {
            return Ok(Some(Asked::Busy(ReviewId::stored(open))));
        }
        let id = self.ids.review(now, self.ids.any_slot());
        insert(&mut tx, id, review, bundle, now).await?;
        tx.commit(Point::AskReview).await?;
        Ok(Some(Asked::Review(id)))
    }

    async fn review(&self, id: ReviewId) -> Result<Option<(Review, Bundle)>, Failure> {
        let mut query = Builder::new(WITH_BUNDLE);
        query.push(" WHERE id = ").push_bind(id.number());
        let row = query.build().fetch_optional(&self.reader).await.doing(READING)?;
        row.as_ref().map(in_full).transpose()
    }

    async fn reviews(
        &self,
        journey: JourneyId,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE journey = ").push_bind(journey.number());
        self.listed(query, &paging).await
    }

    async fn open_reviews(
        &self,
        paging: Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE state = 'open'");
        self.listed(query, &paging).await
    }

    async fn approved_review(
        &self,
        journey: JourneyId,
        mode: Mode,
    ) -> Result<Option<(Review, Bundle)>, Failure> {
        let mut query = Builder::new(WITH_BUNDLE);
        query.push(" WHERE state = 'approved' AND journey = ").push_bind(journey.number());
        query.push(" AND mode = ").push_bind(mode.word());
        query.push(" ORDER BY id DESC LIMIT 1");
        let row = query.build().fetch_optional(&self.reader).await.doing(READING)?;
        row.as_ref().map(in_full).transpose()
    }

    async fn decide_review(
        &self,
        id: ReviewId,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Result<Option<Decided>, Failure> {
        let mut tx = self.write().await?;
        let mut found = Builder::new(COLUMNS);
        found.push(" WHERE id = ").push_bind(id.number());
        let row = found.build().fetch_optional(&mut tx).await.doing(DECIDING)?;
        let Some(found) = row.as_ref().map(review).transpose()? else { return Ok(None) };
        if found.state != State::Open {
            return Ok(Some(Decided::Over(Box::new(found))));
        }
        query(
            "UPDATE reviews SET state = $2, decided_at = $3, decided_by = $4, comment = $5
             WHERE id = $1",
        )
        .bind(id.number())
        .bind(verdict.decision.state().word())
        .bind(now.0)
        .bind(&verdict.by)
        .bind(&verdict.comment)
        .execute(&mut tx)
        .await
        .doing(DECIDING)?;
        tx.commit(Point::DecideReview).await?;
        Ok(Some(Decided::Done))
    }
}

impl Database {
    async fn listed(
        &self,
        mut query: Builder<'_>,
        paging: &Paging<ReviewId>,
    ) -> Result<Page<Review, ReviewId>, Failure> {
        query.push(" AND id < ").push_bind(paging.after.map_or(i64::MAX, ReviewId::number));
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing(LISTING)?;
        let rows = rows.iter().map(review).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, paging, |review: &Review| review.id))
    }
}

async fn insert(
    tx: &mut Write,
    id: ReviewId,
    review: &NewReview,
    bundle: String,
    now: Timestamp,
) -> Result<(), Failure> {
    query(
        "INSERT INTO reviews (id, journey, revision, mode, state, note, asked_at, asked_by, drawn_by, bundle)
         VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9)",
    )
    .bind(id.number())
    .bind(review.journey.number())
    .bind(number(review.revision))
    .bind(review.mode.word())
    .bind(&review.note)
    .bind(now.0)
    .bind(&review.by)
    .bind(&review.drawn_by)
    .bind(bundle)
    .execute(&mut *tx)
    .await
    .doing(ASKING)?;
    Ok(())
}

/// Marks the review that a version is published under; within the transaction that publishes it.
pub(super) async fn mark_published(
    tx: &mut Write,
    review: Option<ReviewId>,
    version: i64,
) -> Result<(), Failure> {
    let Some(review) = review else { return Ok(()) };
    query(
        "UPDATE reviews SET state = 'published', version = $2 WHERE id = $1 AND state = 'approved'",
    )
    .bind(review.number())
    .bind(version)
    .execute(&mut *tx)
    .await
    .doing("mark a review")?;
    Ok(())
}

fn review(row: &Row) -> Result<Review, Failure> {
    Ok(Review {
        id: ReviewId::stored(row.int("id")?),
        journey: JourneyId::stored(row.int("journey")?),
        revision: row.count("revision")?,
        mode: row.word("mode", Mode::from_word)?,
        state: row.word("state", State::from_word)?,
        note: row.text("note")?,
        asked_at: row.time("asked_at")?,
        asked_by: row.text("asked_by")?,
        drawn_by: row.opt_text("drawn_by")?,
        decided_at: row.opt_time("decided_at")?,
        decided_by: row.opt_text("decided_by")?,
        comment: row.text("comment")?,
        version: row.opt_int("version")?.map(i64::unsigned_abs),
    })
}

fn in_full(row: &Row) -> Result<(Review, Bundle), Failure> {
    Ok((review(row)?, row.json("bundle")?))
}
