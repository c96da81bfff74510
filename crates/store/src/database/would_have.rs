use super::{
    Database, Write,
    instances::account_ref,
    written::{number, to_json},
};
use crate::sql::{Builder, Row, Tuple, query, query_as, query_scalar};
use crate::{
    AccountId, Failure, Ids, InstanceId, JourneyId, Page, Paging, WouldHaveId, WouldHaves,
    commits::Commit,
    failure::Doing,
    would_have::{Filter, IsMarked, Kind, Mark, Marked, NewDeed, Tally, WouldHave},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Position, Timestamp};

const DAY_MS: i64 = 86_400_000;
/// The first day of 1970 was a Thursday, three days after a Monday.
const DAYS_AFTER_MONDAY: i64 = 3;

#[async_trait]
impl WouldHaves for Database {
    async fn would_have(
        &self,
        journey: JourneyId,
        version: u64,
        filter: Filter,
        paging: Paging<WouldHaveId>,
    ) -> Result<Page<WouldHave, WouldHaveId>, Failure> {
        let mut query = Builder::new(
            "SELECT w.id, w.instance, w.position, w.node, w.account, a.external_id AS account_external_id, a.name AS account_name,
                w.at, w.kind, w.summary, w.body, w.mark, w.note, w.marked_by, w.marked_at
             FROM would_have w LEFT JOIN accounts a ON a.id = w.account WHERE w.journey = ",
        );
        query.push_bind(journey.number());
        query.push(" AND w.version = ").push_bind(number(version));
        query.push(" AND w.id < ").push_bind(paging.after.map_or(i64::MAX, WouldHaveId::number));
        if let Some(kind) = filter.kind {
            query.push(" AND w.kind = ").push_bind(kind.word());
        }
        match filter.mark {
            Some(IsMarked::As(mark)) => query.push(" AND w.mark = ").push_bind(mark.word()),
            Some(IsMarked::Not) => query.push(" AND w.mark IS NULL"),
            None => &mut query,
        };
        if let Some(account) = filter.account {
            query.push(" AND w.account = ").push_bind(account.number());
        }
        query.push(" ORDER BY w.id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await;
        let rows = rows.doing("list what a shadow run would have done")?;
        let rows = rows.iter().map(would_have).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &WouldHave| row.id))
    }

    async fn mark(
        &self,
        (journey, version): (JourneyId, u64),
        id: WouldHaveId,
        marked: Option<&Marked>,
    ) -> Result<bool, Failure> {
        let doing = "mark what a shadow run would have done";
        let mut tx = self.write().await?;
        let changed = query(
            "UPDATE would_have SET mark = $4, note = $5, marked_by = $6, marked_at = $7
             WHERE id = $1 AND journey = $2 AND version = $3",
        )
        .bind(id.number())
        .bind(journey.number())
        .bind(number(version))
        .bind(marked.map(|marked| marked.mark.word()))
        .bind(marked.map(|marked| &marked.note))
        .bind(marked.map(|marked| &marked.by))
        .bind(marked.map(|marked| marked.at.0))
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::MarkDeed).await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn tally(&self, journey: JourneyId, version: u64) -> Result<Tally, Failure> {
        let doing = "count what a shadow run would have done";
        let kinds: Vec<(String, i64)> = self
            .counts("SELECT kind, COUNT(*) FROM would_have WHERE journey = $1 AND version = $2 GROUP BY kind ORDER BY kind", journey, version)
            .await?;
        let marks: Vec<(Option<String>, i64)> = self
            .counts("SELECT mark, COUNT(*) FROM would_have WHERE journey = $1 AND version = $2 GROUP BY mark ORDER BY mark NULLS FIRST", journey, version)
            .await?;
        let weeks: Vec<(i64, i64)> = self
            .counts("SELECT (at / 86400000 + 3) / 7, COUNT(*) FROM would_have WHERE journey = $1 AND version = $2 GROUP BY 1 ORDER BY 1", journey, version)
            .await?;
        let count = i64::unsigned_abs;
        let kinds =
            kinds.into_iter().map(|(word, many)| Some((Kind::from_word(&word)?, count(many))));
        let marks = marks.into_iter().map(|(word, many)| {
            let mark = word.map(|word| Mark::from_word(&word).ok_or(())).transpose().ok()?;
            Some((mark, count(many)))
        });
        let monday = |week: i64| Timestamp((week * 7 - DAYS_AFTER_MONDAY) * DAY_MS);
        Ok(Tally {
            kinds: kinds.collect::<Option<_>>().doing(doing)?,
            marks: marks.collect::<Option<_>>().doing(doing)?,
            weeks: weeks.into_iter().map(|(week, many)| (monday(week), count(many))).collect(),
        })
    }

    async fn shadow_version(&self, journey: JourneyId) -> Result<Option<u64>, Failure> {
        let newest: Option<i64> = query_scalar(
            "SELECT MAX(v.number) FROM versions v JOIN journeys j ON j.id = v.journey
             WHERE v.journey = $1 AND v.mode = 'shadow' AND v.number > COALESCE(j.live, 0)",
        )
        .bind(journey.number())
        .fetch_one(&self.reader)
        .await
        .doing("read a journey's shadow version")?;
        Ok(newest.map(i64::unsigned_abs))
    }

    async fn stale_shadows(&self, limit: u32) -> Result<Vec<InstanceId>, Failure> {
        let ids: Vec<i64> = query_scalar(
            "SELECT i.id FROM instances i JOIN journeys j ON j.id = i.shadow_journey
             WHERE i.shadow_journey IS NOT NULL AND i.parent IS NULL AND i.status IN ('running', 'incident')
                AND i.shadow_version <> COALESCE(
                    (SELECT MAX(v.number) FROM versions v WHERE v.journey = j.id AND v.mode = 'shadow' AND v.number > COALESCE(j.live, 0)), 0)
             LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await
        .doing("look for shadow instances that are over")?;
        Ok(ids.into_iter().map(InstanceId::stored).collect())
    }
}

impl Database {
    async fn counts<T>(
        &self,
        statement: &'static str,
        journey: JourneyId,
        version: u64,
    ) -> Result<Vec<T>, Failure>
    where
        T: Tuple + Send,
    {
        query_as(statement)
            .bind(journey.number())
            .bind(number(version))
            .fetch_all(&self.reader)
            .await
            .doing("count what a shadow run would have done")
    }
}

/// Writes what a shadow step would have done, and what the account would look like to its instance from now on.
pub(super) async fn write(tx: &mut Write, ids: &Ids, commit: &Commit) -> Result<(), Failure> {
    let doing = "write down what a shadow run would have done";
    let Some(shadow) = commit.life.shadow else { return Ok(()) };
    for deed in &commit.would_have {
        query(
            "INSERT INTO would_have (id, journey, version, instance, position, node, account, at, kind, summary, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(ids.would_have(commit.at, commit.instance.slot()).number())
        .bind(shadow.journey.number())
        .bind(number(shadow.version))
        .bind(commit.instance.number())
        .bind(i64::from(deed.position.0))
        .bind(&deed.node)
        .bind(commit.life.account.map(AccountId::number))
        .bind(commit.at.0)
        .bind(deed.kind.word())
        .bind(&deed.summary)
        .bind(to_json(&deed.body)?)
        .execute(&mut *tx)
        .await
        .doing(doing)?;
    }
    if commit.overlay.is_empty() {
        return Ok(());
    }
    query("UPDATE instances SET overlay = $3 WHERE slot = $1 AND id = $2")
        .bind(commit.instance.slot().number())
        .bind(commit.instance.number())
        .bind(to_json(&commit.overlay)?)
        .execute(&mut *tx)
        .await
        .doing(doing)?;
    Ok(())
}

fn would_have(row: &Row) -> Result<WouldHave, Failure> {
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    let marked = match row.opt_text("mark")? {
        None => None,
        Some(word) => Some(Marked {
            mark: Mark::from_word(&word).doing("read a stored row")?,
            note: row.opt_text("note")?.unwrap_or_default(),
            by: row.opt_text("marked_by")?.unwrap_or_default(),
            at: Timestamp(row.opt_int("marked_at")?.unwrap_or_default()),
        }),
    };
    Ok(WouldHave {
        id: WouldHaveId::stored(row.int("id")?),
        instance: InstanceId::stored(row.int("instance")?),
        account: account_ref(row)?,
        at: row.time("at")?,
        deed: NewDeed {
            position: Position(position),
            node: row.text("node")?,
            kind: row.word("kind", Kind::from_word)?,
            summary: row.text("summary")?,
            body: row.json("body")?,
        },
        marked,
    })
}
