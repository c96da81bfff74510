use super::{Database, pieces};
use crate::sql::{
    AnyValue as Value, Builder, Keyed, Row, Statement, query, query_as, query_scalar, values,
};
use crate::{
    Failure, InstanceId, LeaseId, WorkQueue,
    failure::Doing,
    limits,
    work::{Backlog, Claimed, Lane, Lease, WorkKey},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Position, Timestamp};
use std::{collections::BTreeMap, sync::LazyLock};

#[async_trait]
impl WorkQueue for Database {
    async fn lanes(
        &self,
        after: Option<&Lane>,
        limit: u32,
    ) -> Result<Vec<(Lane, Timestamp)>, Failure> {
        let lanes: Vec<(String, i64)> = query_as(LANES)
            .bind(after.map_or("", Lane::text))
            .bind(i64::from(limit))
            .fetch_all(&self.reader)
            .await
            .doing("list where work waits")?;
        Ok(lanes.into_iter().map(|(lane, at)| (Lane::stored(lane), Timestamp(at))).collect())
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease: Lease,
        from: &[(Lane, u32)],
    ) -> Result<Vec<Claimed>, Failure> {
        let doing = "claim due work";
        let mut tx = self.write_beside().await?;
        let mut rows = Vec::new();
        for piece in pieces(tx.dialect(), from) {
            let due = due(piece, now, tx.dialect().locking_what_is_free());
            rows.extend(due.fetch_all(&mut tx).await.doing(doing)?);
        }
        let since = |row: &Row| row.int("available_at").unwrap_or_default();
        rows.sort_by_key(since);
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let keys = rows.iter().map(work_key).collect::<Result<Vec<_>, Failure>>()?;
        let named: Vec<_> = keys.iter().map(key_values).collect();
        let led = values![lease.until.0, lease.id.number(), self.membership.number()];
        CLAIM.run(&mut tx, &led, &named).await.doing(doing)?;
        tx.commit(Point::Claim).await?;
        let read = keys.into_iter().zip(&rows).filter_map(|(key, row)| claimed(key, row, lease.id));
        Ok(read.collect())
    }

    async fn release(&self, work: &[(WorkKey, LeaseId)], now: Timestamp) -> Result<(), Failure> {
        let doing = "give work back";
        let mut tx = self.write_beside().await?;
        for (key, lease) in work {
            query(
                "UPDATE work SET available_at = $1, lease = 0, node = 0
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
        tx.commit(Point::Release).await
    }

    async fn free(&self, leases: &[LeaseId], now: Timestamp) -> Result<(), Failure> {
        let mut tx = self.write_beside().await?;
        for piece in leases.chunks(MOST_LEASES) {
            let free = held(piece, now, self.membership.number());
            free.execute(&mut tx).await.doing("give back what may be held")?;
        }
        tx.commit(Point::Release).await
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
        tx.commit(Point::ForgetWork).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        let next: Option<i64> = query_scalar("SELECT MIN(available_at) FROM work")
            .fetch_one(&self.reader)
            .await
            .doing("ask when work is due")?;
        Ok(next.map(Timestamp))
    }

    async fn backlog(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<BTreeMap<String, Backlog>, Failure> {
        let mut kinds: BTreeMap<String, Backlog> = BTreeMap::new();
        for (lane, at) in self.lanes(None, limits::LANES).await? {
            let kind = kinds.entry(lane.kind().to_owned()).or_default();
            let counted = u32::try_from(kind.waiting).unwrap_or(limit);
            if at > now || counted >= limit {
                continue;
            }
            let (waiting, oldest): (i64, Option<i64>) = query_as(LATE)
                .bind(lane.text())
                .bind(now.0)
                .bind(i64::from(limit - counted))
                .fetch_one(&self.reader)
                .await
                .doing("count due work")?;
            kind.waiting += waiting.unsigned_abs();
            kind.oldest = kind.oldest.into_iter().chain(oldest.map(Timestamp)).min();
        }
        Ok(kinds)
    }
}

/// Hops from lane to lane along the index, and passes by what is in them. Ranges and orders by lane rather than one lane each, for which
/// PostgreSQL may prefer to go through what is due of all lanes.
pub(super) const LANES: &str = "WITH RECURSIVE hops (lane) AS (
        SELECT MIN(lane) FROM work WHERE lane > $1
        UNION ALL SELECT (SELECT MIN(lane) FROM work WHERE lane > hops.lane) FROM hops WHERE lane IS NOT NULL
    )
    SELECT lane, (SELECT available_at FROM work WHERE work.lane >= hops.lane ORDER BY work.lane, available_at LIMIT 1) AS first
    FROM hops WHERE lane IS NOT NULL LIMIT $2";

const LATE: &str = "SELECT COUNT(*), MIN(due_at) FROM
        (SELECT due_at FROM work WHERE (lane, available_at) >= ($1, 0) AND (lane, available_at) <= ($1, $2)
            ORDER BY lane, available_at LIMIT $3) AS late";

/// The oldest due work of each of these lanes.
pub(super) fn due<'q>(
    from: &'q [(Lane, u32)],
    now: Timestamp,
    locking: &'static str,
) -> Statement<'q> {
    let mut due = Builder::new("");
    for (place, (lane, most)) in from.iter().enumerate() {
        due.push(if place == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        due.push("SELECT slot, instance, position, name, due_at, available_at, body FROM work");
        due.push(" WHERE (lane, available_at) >= (").push_bind(lane.text());
        due.push(", 0) AND (lane, available_at) <= (").push_bind(lane.text());
        due.push(", ").push_bind(now.0);
        due.push(") ORDER BY lane, available_at LIMIT ").push_bind(i64::from(*most));
        due.push(locking).push(") AS taken");
    }
    due.build()
}

static CLAIM: LazyLock<Keyed> = LazyLock::new(|| {
    let update = "UPDATE work SET available_at = $1, lease = $2, node = $3";
    Keyed::new((update, 3), &KEY, |_| String::new())
});

/// How many leases one statement names.
const MOST_LEASES: usize = 500;

/// Frees what a node holds under these leases, of all that it holds.
fn held(leases: &[LeaseId], now: Timestamp, node: i64) -> Statement<'static> {
    let mut free = Builder::new("UPDATE work SET lease = 0, node = 0, available_at = ");
    free.push_bind(now.0).push(" WHERE lease <> 0 AND node = ").push_bind(node);
    free.push(" AND lease IN (");
    let mut listed = free.separated(", ");
    for lease in leases {
        listed.push_bind(lease.number());
    }
    free.push(")");
    free.build()
}

/// By which columns a piece of work is found: by all of its key, since for a list that is joined PostgreSQL may go through all work.
pub(super) const KEY: [&str; 4] = ["slot", "instance", "position", "name"];

/// What they are for one piece.
pub(super) fn key_values(key: &WorkKey) -> Vec<Value<'_>> {
    let WorkKey { instance, position, name } = key;
    values![instance.slot().number(), instance.number(), i64::from(position.0), name]
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

/// Work that was claimed; what cannot be read is passed by for as long as its lease lasts, so that it harms only itself.
fn claimed(key: WorkKey, row: &Row, lease: LeaseId) -> Option<Claimed> {
    match (row.time("due_at"), row.json("body")) {
        (Ok(due), Ok(job)) => Some(Claimed { key, due, job, lease }),
        (Err(failure), _) | (_, Err(failure)) => {
            let (instance, position) = (key.instance, key.position.0);
            tracing::error!(instance.id = %instance, position, error = %failure, "work that cannot be read is passed by; `waymark verify` says more");
            None
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        Store,
        promises::{
            NOW,
            work::{a_backlog, claim, due_in},
        },
        sql::Dialect,
    };

    /// How a database goes about a statement, line by line.
    pub(in super::super) async fn plan(store: &Database, statement: Statement<'_>) -> String {
        let dialect = store.writer.dialect();
        let column = match dialect {
            Dialect::Sqlite => "detail",
            Dialect::Postgres => "QUERY PLAN",
        };
        let steps = statement.explained(dialect).fetch_all(&store.writer).await.unwrap();
        steps.iter().map(|step| step.text(column).unwrap() + "\n").collect()
    }

    fn lanes() -> Statement<'static> {
        query(LANES).bind("").bind(100_i64)
    }

    #[tokio::test]
    async fn work_that_cannot_be_read_keeps_nobody_from_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let (broken, sound) = (due_in(&store, 0).await, due_in(&store, 1).await);
        let damage = query("UPDATE work SET body = 'xx' WHERE instance = $1");
        damage.bind(broken.number()).fetch_all(&store.writer).await.unwrap();
        let (now, until) = (NOW.plus(1), NOW.plus(1_000));
        let claimed = claim(&store, now, until, 9).await.unwrap();
        assert_eq!(claimed.iter().map(|work| work.key.instance).collect::<Vec<_>>(), [sound]);
        assert_eq!(
            store.next_due().await.unwrap(),
            Some(until),
            "it is out of the way for a while"
        );
        store.close().await;
    }

    #[tokio::test]
    async fn what_is_freed_is_looked_for_among_what_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let leases = [1, 2].map(|at| store.ids.lease(NOW.plus(at), store.ids.any_slot()));
        let plan = plan(&store, held(&leases, NOW, 1)).await;
        assert!(plan.contains("work_held") && !plan.contains("SCAN work"), "{plan}");
        store.close().await;
    }

    #[tokio::test]
    async fn no_look_for_due_work_goes_through_a_backlog() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let lane = Lane::stored("call/1/0/crm".to_owned());
        let hops = plan(&store, lanes()).await;
        assert!(!hops.contains("SCAN work"), "{hops}");
        assert_eq!(hops.matches("work_lanes (lane>?)").count(), 3, "{hops}");
        let from = [(lane.clone(), 3), (lane, 4)];
        let claim = plan(&store, due(&from, Timestamp(0), "")).await;
        let range = "work_lanes ((lane,available_at)>(?,?) AND (lane,available_at)<(?,?))";
        assert_eq!(claim.matches(range).count(), 2, "{claim}");
        assert!(!claim.contains("SCAN work") && !claim.contains("TEMP B-TREE"), "{claim}");
        store.close().await;
    }

    #[tokio::test]
    async fn no_look_for_due_work_goes_through_a_backlog_on_postgres() {
        let store = Database::connect(&scratch::database().await, 1).await.unwrap();
        a_backlog(&store, "crm", 20_000).await;
        for _ in 0..3 {
            due_in(&store, 0).await;
        }
        query("ANALYZE work").fetch_all(&store.writer).await.unwrap();
        let now = crate::promises::NOW;
        let from: Vec<_> = store.lanes(None, 9).await.unwrap();
        let from: Vec<_> = from.into_iter().map(|(lane, _)| (lane, 8)).collect();
        for statement in [lanes(), due(&from, now, Dialect::Postgres.locking_what_is_free())] {
            let plan = plan(&store, statement).await;
            assert!(plan.contains("work_lanes") && !plan.contains("Seq Scan"), "{plan}");
            assert!(!plan.contains("work_available") && !plan.contains("Sort"), "{plan}");
            let pages = plan.split("Buffers: shared hit=").nth(1).and_then(|rest| {
                rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<u32>().ok()
            });
            assert!(pages.is_some_and(|pages| pages < 100), "{plan}");
        }
        store.close().await;
    }
}
