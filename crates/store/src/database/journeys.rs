use super::{
    Database, Write, registry, reviews,
    written::{number, to_json},
};
use crate::sql::{Row, query, query_as, query_scalar};
use crate::{
    Failure, JourneyId, Journeys, Page, Paging, VersionId,
    failure::Doing,
    journeys::{
        DraftAt, Mode, NewVersion, Promotion, Published, Saved, Summary, Version, VersionSummary,
    },
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Draft, Timestamp};

const PROMOTING: &str = "make a shadow version live";

const SUMMARY: &str = "SELECT id, name, description, live, revision, published_revision, created_at, updated_at,
        (SELECT COUNT(*) FROM instances WHERE journey = journeys.id AND status IN ('running', 'incident') AND shadow_journey IS NULL) AS running
     FROM journeys
     WHERE ($1 IS NULL OR id < $1) AND ($2 IS NULL OR id = $2)
     ORDER BY id DESC LIMIT $3";

#[async_trait]
impl Journeys for Database {
    async fn create_journey(&self, draft: &Draft, now: Timestamp) -> Result<JourneyId, Failure> {
        let id = self.ids.journey(now, self.ids.any_slot());
        let mut tx = self.write().await?;
        query(
            "INSERT INTO journeys (id, name, description, draft, revision, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 1, $5, $5)",
        )
        .bind(id.number())
        .bind(&draft.name)
        .bind(draft.description.as_deref().unwrap_or_default())
        .bind(to_json(draft)?)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("keep a journey")?;
        tx.commit(Point::KeepJourney).await?;
        Ok(id)
    }

    async fn journeys(
        &self,
        paging: Paging<JourneyId>,
    ) -> Result<Page<Summary, JourneyId>, Failure> {
        let rows = query(SUMMARY)
            .bind(paging.after.map(JourneyId::number))
            .bind(None::<i64>)
            .bind(paging.probe())
            .fetch_all(&self.reader)
            .await
            .doing("list journeys")?;
        let rows = rows.iter().map(summary).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Summary| row.id))
    }

    async fn journeys_named(&self, name: &str, limit: u32) -> Result<Vec<JourneyId>, Failure> {
        let ids: Vec<i64> =
            query_scalar("SELECT id FROM journeys WHERE name = $1 ORDER BY id LIMIT $2")
                .bind(name)
                .bind(i64::from(limit))
                .fetch_all(&self.reader)
                .await
                .doing("look up a journey by its name")?;
        Ok(ids.into_iter().map(JourneyId::stored).collect())
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<Summary>, Failure> {
        let row = query(SUMMARY)
            .bind(None::<i64>)
            .bind(id.number())
            .bind(1)
            .fetch_optional(&self.reader)
            .await
            .doing("read a journey")?;
        row.as_ref().map(summary).transpose()
    }

    async fn draft(&self, id: JourneyId) -> Result<Option<DraftAt>, Failure> {
        let row = query("SELECT draft, revision FROM journeys WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read a draft")?;
        row.map(|row| Ok(DraftAt { draft: row.json("draft")?, revision: row.count("revision")? }))
            .transpose()
    }

    async fn save_draft(
        &self,
        id: JourneyId,
        draft: &Draft,
        expected: u64,
        now: Timestamp,
    ) -> Result<Option<Saved>, Failure> {
        let doing = "save a draft";
        let body = to_json(draft)?;
        let mut tx = self.write().await?;
        let current: Option<i64> = query_scalar("SELECT revision FROM journeys WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&mut tx)
            .await
            .doing(doing)?;
        let Some(current) = current.map(i64::unsigned_abs) else { return Ok(None) };
        if current != expected {
            return Ok(Some(Saved::LostRace { current }));
        }
        query(
            "UPDATE journeys
             SET name = $2, description = $3, draft = $4, revision = revision + 1, updated_at = $5
             WHERE id = $1 AND revision = $6",
        )
        .bind(id.number())
        .bind(&draft.name)
        .bind(draft.description.as_deref().unwrap_or_default())
        .bind(body)
        .bind(now.0)
        .bind(number(expected))
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::SaveDraft).await?;
        Ok(Some(Saved::Revision(expected + 1)))
    }

    async fn publish(
        &self,
        id: JourneyId,
        version: &NewVersion,
        now: Timestamp,
    ) -> Result<Option<Published>, Failure> {
        let doing = "publish a version";
        let mut tx = self.write().await?;
        let row: Option<(i64, i64)> =
            query_as("SELECT revision, COALESCE(newest, 0) FROM journeys WHERE id = $1")
                .bind(id.number())
                .fetch_optional(&mut tx)
                .await
                .doing(doing)?;
        let Some((current, newest)) = row else { return Ok(None) };
        if current.unsigned_abs() != version.revision {
            return Ok(Some(Published::LostRace { current: current.unsigned_abs() }));
        }
        let version_id = self.ids.version(now, self.ids.any_slot());
        let stored = newest + 1;
        insert_version(&mut tx, (version_id, id, stored), version, now).await?;
        query(
            "UPDATE journeys
             SET newest = $2, published_revision = $3, live = CASE WHEN $4 = 'live' THEN $2 ELSE live END
             WHERE id = $1",
        )
        .bind(id.number())
        .bind(stored)
        .bind(current)
        .bind(version.mode.word())
        .execute(&mut tx)
        .await
        .doing(doing)?;
        registry::publish(&mut tx, (id.number(), stored, version.mode), &version.draft, now)
            .await?;
        reviews::mark_published(&mut tx, version.review, stored).await?;
        tx.commit(Point::Publish).await?;
        Ok(Some(Published::Version { id: version_id, number: stored.unsigned_abs() }))
    }

    async fn promote(
        &self,
        id: JourneyId,
        number: u64,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Option<(VersionId, u64)>, Failure> {
        let mut tx = self.write().await?;
        let row = query(
            "SELECT v.draft, j.newest, j.revision FROM versions v JOIN journeys j ON j.id = v.journey
             WHERE v.journey = $1 AND v.number = $2 AND v.mode = 'shadow'
               AND v.number > COALESCE(j.live, 0)
               AND v.number = (SELECT MAX(number) FROM versions WHERE journey = v.journey AND mode = 'shadow')",
        )
        .bind(id.number())
        .bind(super::written::number(number))
        .fetch_optional(&mut tx)
        .await
        .doing(PROMOTING)?;
        let Some(row) = row else { return Ok(None) };
        let version = NewVersion {
            draft: row.json("draft")?,
            revision: row.count("revision")?,
            mode: Mode::Live,
            note: promotion.note.clone(),
            by: promotion.by.clone(),
            review: promotion.review,
        };
        let version_id = self.ids.version(now, self.ids.any_slot());
        let stored = row.int("newest")? + 1;
        insert_version(&mut tx, (version_id, id, stored), &version, now).await?;
        // Whether the draft was saved since the newest version is as it was: the shadow's draft is no other.
        query("UPDATE journeys SET newest = $2, live = $2 WHERE id = $1")
            .bind(id.number())
            .bind(stored)
            .execute(&mut tx)
            .await
            .doing(PROMOTING)?;
        registry::publish(&mut tx, (id.number(), stored, Mode::Live), &version.draft, now).await?;
        reviews::mark_published(&mut tx, version.review, stored).await?;
        tx.commit(Point::Promote).await?;
        Ok(Some((version_id, stored.unsigned_abs())))
    }

    async fn versions(
        &self,
        id: JourneyId,
        paging: Paging<u64>,
    ) -> Result<Page<VersionSummary, u64>, Failure> {
        let rows = query(
            "SELECT id, number, mode, note, published_at, published_by FROM versions
             WHERE journey = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(id.number())
        .bind(paging.after.map_or(i64::MAX, number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list versions")?;
        let rows = rows.iter().map(version_summary).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &VersionSummary| row.number))
    }

    async fn version(&self, id: JourneyId, number: u64) -> Result<Option<Version>, Failure> {
        let row = query(
            "SELECT id, number, mode, note, published_at, published_by, draft FROM versions
             WHERE journey = $1 AND number = $2",
        )
        .bind(id.number())
        .bind(super::written::number(number))
        .fetch_optional(&self.reader)
        .await
        .doing("read a version")?;
        let Some(row) = row else { return Ok(None) };
        let summary = version_summary(&row)?;
        Ok(Some(Version {
            id: summary.id,
            number: summary.number,
            mode: summary.mode,
            note: summary.note,
            draft: row.json("draft")?,
            published_at: summary.published_at,
            published_by: summary.published_by,
        }))
    }

    async fn live_version(&self, id: JourneyId) -> Result<Option<u64>, Failure> {
        let live: Option<Option<i64>> = query_scalar("SELECT live FROM journeys WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read a journey's live version")?;
        Ok(live.flatten().map(i64::unsigned_abs))
    }
}

async fn insert_version(
    tx: &mut Write,
    (version, journey, number): (VersionId, JourneyId, i64),
    new: &NewVersion,
    now: Timestamp,
) -> Result<(), Failure> {
    query(
        "INSERT INTO versions (id, journey, number, mode, note, draft, published_at, published_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(version.number())
    .bind(journey.number())
    .bind(number)
    .bind(new.mode.word())
    .bind(&new.note)
    .bind(to_json(&new.draft)?)
    .bind(now.0)
    .bind(&new.by)
    .execute(&mut *tx)
    .await
    .doing("publish a version")?;
    Ok(())
}

fn summary(row: &Row) -> Result<Summary, Failure> {
    Ok(Summary {
        id: JourneyId::stored(row.int("id")?),
        name: row.text("name")?,
        description: row.text("description")?,
        live_version: row.opt_int("live")?.map(i64::unsigned_abs),
        running: row.count("running")?,
        unpublished_changes: row.opt_int("published_revision")? != Some(row.int("revision")?),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn version_summary(row: &Row) -> Result<VersionSummary, Failure> {
    Ok(VersionSummary {
        id: VersionId::stored(row.int("id")?),
        number: row.count("number")?,
        mode: row.word("mode", Mode::from_word)?,
        note: row.text("note")?,
        published_at: row.time("published_at")?,
        published_by: row.text("published_by")?,
    })
}
