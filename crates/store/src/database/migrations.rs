use super::{
    Database,
    written::{number, to_json},
};
use crate::sql::{Builder, Insert, Kind, Row, query, query_as, query_scalar, values};
use crate::{
    Failure, InstanceId, JourneyId, MigrationId, Migrations, Page, Paging, Slot,
    failure::Doing,
    migrations::{Begun, Looked, Migration, NewMigration, Outcome, Purpose, State},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;
use std::{collections::BTreeMap, sync::LazyLock};

const COLUMNS: &str = "SELECT id, journey, from_version, to_version, mapping, purpose, state, note, started_by, through, created_at,
        finished_at FROM migrations";
const DOING: &str = "write what became of a migration";

static MIGRATED: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        ("migration", Kind::Int),
        ("instance", Kind::Int),
        ("outcome", Kind::Text),
        ("detail", Kind::Text),
        ("at", Kind::Int),
    ];
    Insert::new("migrated", &columns, |_| {
        " ON CONFLICT (migration, instance) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail, at = excluded.at".to_owned()
    })
});

#[async_trait]
impl Migrations for Database {
    async fn create_migration(
        &self,
        migration: &NewMigration,
        now: Timestamp,
    ) -> Result<Begun, Failure> {
        const DOING: &str = "begin a migration";
        let mut tx = self.write().await?;
        if migration.purpose == Purpose::Move {
            let busy: Option<i64> = query_scalar(
                "SELECT id FROM migrations WHERE journey = $1 AND state = 'running' AND purpose = 'move' LIMIT 1",
            )
            .bind(migration.journey.number())
            .fetch_optional(&mut tx)
            .await
            .doing(DOING)?;
            if let Some(busy) = busy {
                return Ok(Begun::Busy(MigrationId::stored(busy)));
            }
        }
        let id = self.ids.migration(now, Slot::of("migrations"));
        query(
            "INSERT INTO migrations (id, journey, from_version, to_version, mapping, purpose, state, started_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8)",
        )
        .bind(id.number())
        .bind(migration.journey.number())
        .bind(number(migration.from))
        .bind(number(migration.to))
        .bind(to_json(&migration.mapping)?)
        .bind(migration.purpose.word())
        .bind(&migration.by)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing(DOING)?;
        tx.commit(Point::BeginMigration).await?;
        Ok(Begun::Migration(id))
    }

    async fn migration(&self, id: MigrationId) -> Result<Option<Migration>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE id = ").push_bind(id.number());
        let row = query.build().fetch_optional(&self.reader).await.doing("read a migration")?;
        row.as_ref().map(migration).transpose()
    }

    async fn migrations(
        &self,
        journey: JourneyId,
        paging: Paging<MigrationId>,
    ) -> Result<Page<Migration, MigrationId>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE journey = ").push_bind(journey.number());
        let after = paging.after.map_or(i64::MAX, MigrationId::number);
        query.push(" AND id < ").push_bind(after);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list migrations")?;
        let rows = rows.iter().map(migration).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |migration: &Migration| migration.id))
    }

    async fn unfinished_migrations(&self, limit: u32) -> Result<Vec<Migration>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE state = 'running'");
        self.push_own(&mut query, "id % 1024");
        query.push(" ORDER BY id LIMIT ").push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.reader).await.doing("list running migrations")?;
        rows.iter().map(migration).collect()
    }

    async fn living_on(
        &self,
        journey: JourneyId,
        version: u64,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let rows: Vec<(i64,)> = query_as(
            "SELECT id FROM instances WHERE journey = $1 AND id > $2 AND version = $3 AND status IN ('running', 'incident')
             ORDER BY id LIMIT $4",
        )
        .bind(journey.number())
        .bind(paging.after.map_or(0, InstanceId::number))
        .bind(number(version))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list a version's living instances")?;
        let rows = rows.into_iter().map(|(id,)| InstanceId::stored(id)).collect();
        Ok(Page::cut(rows, &paging, |id: &InstanceId| *id))
    }

    async fn count_living_on(&self, journey: JourneyId, version: u64) -> Result<u64, Failure> {
        let count: i64 = query_scalar(
            "SELECT COUNT(*) FROM instances WHERE journey = $1 AND version = $2 AND status IN ('running', 'incident')",
        )
        .bind(journey.number())
        .bind(number(version))
        .fetch_one(&self.reader)
        .await
        .doing("count a version's living instances")?;
        u64::try_from(count).ok().doing("count a version's living instances")
    }

    async fn note_looked(
        &self,
        id: MigrationId,
        looked: &[Looked],
        through: Option<InstanceId>,
    ) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        let details = looked.iter().map(|one| to_json(&one.detail));
        let details = details.collect::<Result<Vec<_>, _>>()?;
        let rows = looked.iter().zip(&details).map(|(one, detail)| {
            values![id.number(), one.instance.number(), one.outcome.word(), detail, one.at.0]
        });
        MIGRATED.write(&mut tx, rows.collect()).await.doing(DOING)?;
        if let Some(through) = through {
            query("UPDATE migrations SET through = $2 WHERE id = $1 AND through < $2")
                .bind(id.number())
                .bind(through.number())
                .execute(&mut tx)
                .await
                .doing(DOING)?;
        }
        tx.commit(Point::WriteMigrated).await
    }

    async fn finish_migration(
        &self,
        id: MigrationId,
        state: State,
        note: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query("UPDATE migrations SET state = $2, note = $3, finished_at = $4 WHERE id = $1 AND state = 'running'")
            .bind(id.number())
            .bind(state.word())
            .bind(note)
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing(DOING)?;
        tx.commit(Point::FinishMigration).await
    }

    async fn outcomes(&self, id: MigrationId) -> Result<BTreeMap<&'static str, u64>, Failure> {
        const DOING: &str = "count what became of a migration's instances";
        let rows: Vec<(String, i64)> = query_as(
            "SELECT outcome, COUNT(*) FROM migrated WHERE migration = $1 GROUP BY outcome",
        )
        .bind(id.number())
        .fetch_all(&self.reader)
        .await
        .doing(DOING)?;
        let counts = rows.into_iter().map(|(word, count)| {
            let outcome = Outcome::from_word(&word).doing(DOING)?;
            Ok((outcome.word(), u64::try_from(count).ok().doing(DOING)?))
        });
        counts.collect()
    }

    async fn looked(
        &self,
        id: MigrationId,
        outcome: Option<Outcome>,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Looked, InstanceId>, Failure> {
        let mut query =
            Builder::new("SELECT instance, outcome, detail, at FROM migrated WHERE migration = ");
        query.push_bind(id.number());
        let after = paging.after.map_or(0, InstanceId::number);
        query.push(" AND instance > ").push_bind(after);
        if let Some(outcome) = outcome {
            query.push(" AND outcome = ").push_bind(outcome.word());
        }
        query.push(" ORDER BY instance LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list migrated instances")?;
        let rows = rows.iter().map(looked).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |one: &Looked| one.instance))
    }

    async fn looked_at(
        &self,
        id: MigrationId,
        instance: InstanceId,
    ) -> Result<Option<Looked>, Failure> {
        let row = query(
            "SELECT instance, outcome, detail, at FROM migrated WHERE migration = $1 AND instance = $2",
        )
        .bind(id.number())
        .bind(instance.number())
        .fetch_optional(&self.reader)
        .await
        .doing("read what became of an instance")?;
        row.as_ref().map(looked).transpose()
    }
}

fn migration(row: &Row) -> Result<Migration, Failure> {
    let through = row.int("through")?;
    Ok(Migration {
        id: MigrationId::stored(row.int("id")?),
        journey: JourneyId::stored(row.int("journey")?),
        from: row.count("from_version")?,
        to: row.count("to_version")?,
        mapping: row.json("mapping")?,
        purpose: row.word("purpose", Purpose::from_word)?,
        state: row.word("state", State::from_word)?,
        note: row.text("note")?,
        by: row.text("started_by")?,
        through: (through > 0).then(|| InstanceId::stored(through)),
        created_at: row.time("created_at")?,
        finished_at: row.opt_time("finished_at")?,
    })
}

fn looked(row: &Row) -> Result<Looked, Failure> {
    Ok(Looked {
        instance: InstanceId::stored(row.int("instance")?),
        outcome: row.word("outcome", Outcome::from_word)?,
        detail: row.json("detail")?,
        at: row.time("at")?,
    })
}
