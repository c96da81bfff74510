use super::{Database, pieces};
use crate::sql::{Builder, Row, query, query_as, query_scalar};
use crate::{
    Failure, InstanceId, LeaseId, WorkQueue,
    failure::Doing,
    work::{Backlog, Claimed, WorkKey},
};
use async_trait::async_trait;
use journey::{Position, Timestamp};

#[async_trait]
impl WorkQueue for Database {
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Claimed>, Failure> {
        let doing = "claim due work";
        let lease = self.ids.lease(now, self.ids.any_slot());
        let mut tx = self.write_beside().await?;
        let mut due = Builder::new(
            "SELECT slot, instance, position, name, due_at, body FROM work WHERE available_at <= ",
        );
        due.push_bind(now.0).push(" ORDER BY available_at LIMIT ").push_bind(i64::from(limit));
        due.push(tx.dialect().locking_what_is_free());
        let rows = due.build().fetch_all(&mut tx).await.doing(doing)?;
        let claimed =
            rows.iter().map(|row| claimed(row, lease)).collect::<Result<Vec<_>, Failure>>()?;
        if claimed.is_empty() {
            return Ok(claimed);
        }
        for piece in pieces(tx.dialect(), &claimed) {
            // Joined rather than `IN (VALUES …)`, for which SQLite would look at all work.
            let mut update = Builder::new("WITH claimed (s, i, p, n) AS (");
            update.push_values(piece, |mut row, work| {
                row.push_bind(work.key.instance.slot().number())
                    .push_bind(work.key.instance.number())
                    .push_bind(i64::from(work.key.position.0))
                    .push_bind(&work.key.name);
            });
            update.push(") UPDATE work SET available_at = ").push_bind(until.0);
            update.push(", lease = ").push_bind(lease.number());
            update.push(
                " FROM claimed WHERE slot = s AND instance = i AND position = p AND name = n",
            );
            update.build().execute(&mut tx).await.doing(doing)?;
        }
        tx.commit().await.doing(doing)?;
        Ok(claimed)
    }

    async fn release(&self, work: &[(WorkKey, LeaseId)], now: Timestamp) -> Result<(), Failure> {
        let doing = "give work back";
        let mut tx = self.write_beside().await?;
        for (key, lease) in work {
            query(
                "UPDATE work SET available_at = $1, lease = 0
                 WHERE slot = $2 AND instance = $3 AND position = $4 AND name = $5 AND lease = $6",
            )
            .bind(now.0)
            .bind(key.instance.slot().number())
            .bind(key.instance.number())
            .bind(i64::from(key.position.0))
            .bind(&key.name)
            .bind(lease.number())
            .execute(&mut tx)
            .await
            .doing(doing)?;
        }
        tx.commit().await.doing(doing)
    }

    async fn reclaim(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut tx = self.write_beside().await?;
        let freed = query("UPDATE work SET available_at = $1, lease = 0 WHERE lease <> 0")
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing("free claimed work")?;
        tx.commit().await.doing("free claimed work")?;
        Ok(freed.rows_affected())
    }

    async fn forget(&self, work: &[(WorkKey, LeaseId)]) -> Result<(), Failure> {
        let doing = "remove work nothing waits for";
        let mut tx = self.write_beside().await?;
        for (key, lease) in work {
            query(
                "DELETE FROM work
                 WHERE slot = $1 AND instance = $2 AND position = $3 AND name = $4 AND lease = $5",
            )
            .bind(key.instance.slot().number())
            .bind(key.instance.number())
            .bind(i64::from(key.position.0))
            .bind(&key.name)
            .bind(lease.number())
            .execute(&mut tx)
            .await
            .doing(doing)?;
        }
        tx.commit().await.doing(doing)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        let next: Option<i64> = query_scalar("SELECT MIN(available_at) FROM work")
            .fetch_one(&self.reader)
            .await
            .doing("ask when work is due")?;
        Ok(next.map(Timestamp))
    }

    async fn backlog(&self, now: Timestamp, limit: u32) -> Result<Backlog, Failure> {
        let (waiting, oldest): (i64, Option<i64>) = query_as(
            "SELECT COUNT(*), MIN(available_at) FROM
                (SELECT available_at FROM work WHERE available_at <= $1 ORDER BY available_at LIMIT $2) AS late",
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_one(&self.reader)
        .await
        .doing("count due work")?;
        Ok(Backlog { waiting: waiting.unsigned_abs(), oldest: oldest.map(Timestamp) })
    }
}

/// Which work a row is about.
pub(super) fn work_key(row: &Row) -> Result<WorkKey, Failure> {
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    Ok(WorkKey {
        instance: InstanceId::stored(row.int("instance")?),
        position: Position(position),
        name: row.text("name")?,
    })
}

fn claimed(row: &Row, lease: LeaseId) -> Result<Claimed, Failure> {
    Ok(Claimed { key: work_key(row)?, due: row.time("due_at")?, job: row.json("body")?, lease })
}
