use super::{Database, records, written::number};
use crate::sql::{Builder, Row, query, query_as, query_scalar};
use crate::{
    AccountId, Failure, InstanceId, Instances, JourneyId, Page, Paging,
    failure::Doing,
    instances::{AccountRef, Filter, Life, Shadow, Stored, Summary, status_of, status_word},
    journeys::Mode,
};
use async_trait::async_trait;
use journey::{Position, Record, Status};

const SUMMARY: &str = "SELECT i.id, i.journey, j.name AS journey_name, i.version, i.account, a.external_id AS account_external_id,
        a.name AS account_name, i.parent, i.shadow_journey, i.shadow_version, i.status, i.outcome, i.started_at, i.updated_at
     FROM instances i
     JOIN journeys j ON j.id = i.journey
     LEFT JOIN accounts a ON a.id = i.account";

const STATUSES: [Status; 4] = [Status::Running, Status::Incident, Status::Ended, Status::Cancelled];

/// A range and an order by status rather than one status, for which PostgreSQL may prefer to go through the table.
const COUNT: &str = "SELECT COUNT(*) FROM
        (SELECT id FROM instances WHERE status >= $1 AND status <= $1 ORDER BY status, id LIMIT $2) AS counted";

#[async_trait]
impl Instances for Database {
    async fn instance(&self, id: InstanceId) -> Result<Option<Stored>, Failure> {
        let row = query(
            "SELECT journey, version, account, parent, shadow_journey, shadow_version, overlay, state, started_at, updated_at FROM instances
             WHERE slot = $1 AND id = $2",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .fetch_optional(&self.reader)
        .await
        .doing("read an instance")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Stored {
            id,
            life: Life {
                journey: JourneyId::stored(row.int("journey")?),
                version: row.count("version")?,
                account: row.opt_int("account")?.map(AccountId::stored),
                parent: row.opt_int("parent")?.map(InstanceId::stored),
                shadow: shadow(&row)?,
                started_at: row.time("started_at")?,
            },
            state: row.json("state")?,
            overlay: row.opt_json("overlay")?.unwrap_or_default(),
            updated_at: row.time("updated_at")?,
        }))
    }

    async fn instance_summary(&self, id: InstanceId) -> Result<Option<Summary>, Failure> {
        let mut query = Builder::new(SUMMARY);
        query.push(" WHERE i.slot = ").push_bind(id.slot().number());
        query.push(" AND i.id = ").push_bind(id.number());
        let row =
            query.build().fetch_optional(&self.reader).await.doing("read an instance's summary")?;
        row.as_ref().map(summary).transpose()
    }

    async fn instances(
        &self,
        filter: Filter,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Summary, InstanceId>, Failure> {
        let query =
            if filter.is_wide() { newest(filter, &paging) } else { narrowed(filter, &paging) };
        let rows = query.build().fetch_all(&self.reader).await.doing("list instances")?;
        let rows = rows.iter().map(summary).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Summary| row.id))
    }

    async fn count_instances(&self, status: Status, limit: u32) -> Result<u64, Failure> {
        let counted: i64 = query_scalar(COUNT)
            .bind(status_word(status))
            .bind(i64::from(limit))
            .fetch_one(&self.reader)
            .await
            .doing("count instances")?;
        Ok(counted.unsigned_abs())
    }

    async fn records(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<Record, u64>, Failure> {
        let rows = query(
            "SELECT sequence, body FROM records WHERE slot = $1 AND instance = $2 AND sequence > $3
             ORDER BY sequence LIMIT $4",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .bind(paging.after.map_or(-1, number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list records")?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            records.extend(records::read(row)?);
        }
        let is_after = |record: &Record| paging.after.is_none_or(|after| record.sequence > after);
        records.retain(is_after);
        Ok(Page::cut(records, &paging, |record: &Record| record.sequence))
    }

    async fn children_at(
        &self,
        parent: InstanceId,
        position: Position,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, InstanceId), u32>, Failure> {
        let doing = "list the instances below";
        let rows: Vec<(i64, i64)> = query_as(
            "SELECT parent_index, id FROM instances
             WHERE parent = $1 AND parent_position = $2 AND parent_index > $3 AND status IN ('running', 'incident')
             AND slot = $5 ORDER BY parent_index LIMIT $4",
        )
        .bind(parent.number())
        .bind(i64::from(position.0))
        .bind(paging.after.map_or(-1, i64::from))
        .bind(paging.probe())
        .bind(parent.slot().number())
        .fetch_all(&self.reader)
        .await
        .doing(doing)?;
        let rows = rows.into_iter().map(|(index, id)| {
            let index = u32::try_from(index).ok().doing(doing)?;
            Ok((index, InstanceId::stored(id)))
        });
        let rows = rows.collect::<Result<_, Failure>>()?;
        Ok(Page::cut(rows, &paging, |(index, _): &(u32, InstanceId)| *index))
    }

    async fn started_by(
        &self,
        journey: JourneyId,
        key: &str,
    ) -> Result<Option<InstanceId>, Failure> {
        let id: Option<i64> =
            query_scalar("SELECT instance FROM starts WHERE journey = $1 AND key = $2")
                .bind(journey.number())
                .bind(key)
                .fetch_optional(&self.reader)
                .await
                .doing("look up a start by its key")?;
        Ok(id.map(InstanceId::stored))
    }
}

impl Filter {
    /// Whether hardly any instance is left out.
    fn is_wide(self) -> bool {
        let Self { journey, account, status, mode, parent } = self;
        let named = journey.is_some() || account.is_some() || status.is_some() || parent.is_some();
        !named && mode != Some(Mode::Shadow)
    }
}

/// The newest of all, by the newest of each status: PostgreSQL keeps no order of all instances.
fn newest(filter: Filter, paging: &Paging<InstanceId>) -> Builder<'static> {
    let mut query = Builder::new(SUMMARY);
    query.push(" JOIN (");
    for (place, status) in STATUSES.into_iter().enumerate() {
        query.push(if place == 0 { "" } else { " UNION ALL " });
        query.push("SELECT slot, id FROM (SELECT slot, id FROM instances i WHERE i.id < ");
        query.push_bind(paging.after.map_or(i64::MAX, InstanceId::number));
        query.push(" AND i.status = ").push_bind(status_word(status));
        push_mode(&mut query, filter.mode);
        query.push(" ORDER BY i.id DESC LIMIT ").push_bind(paging.probe()).push(") AS of_status");
    }
    query.push(") AS newest ON newest.slot = i.slot AND newest.id = i.id");
    query.push(" ORDER BY i.id DESC LIMIT ").push_bind(paging.probe());
    query
}

fn narrowed(filter: Filter, paging: &Paging<InstanceId>) -> Builder<'static> {
    let mut query = Builder::new(SUMMARY);
    query.push(" WHERE i.id < ").push_bind(paging.after.map_or(i64::MAX, InstanceId::number));
    if let Some(account) = filter.account {
        query.push(" AND i.slot = ").push_bind(account.slot().number());
        query.push(" AND i.account = ").push_bind(account.number());
    }
    if let Some(parent) = filter.parent {
        query.push(" AND i.slot = ").push_bind(parent.slot().number());
        query.push(" AND i.parent = ").push_bind(parent.number());
    }
    // An account or an instance above has few, but SQLite would go through all of a journey or status for them, since those are in order:
    // what is worked out is looked up in no index.
    let is_few = filter.account.is_some() || filter.parent.is_some();
    if let Some(journey) = filter.journey {
        query.push(if is_few { " AND i.journey + 0 = " } else { " AND i.journey = " });
        query.push_bind(journey.number());
    }
    if let Some(status) = filter.status {
        query.push(if is_few { " AND i.status || '' = " } else { " AND i.status = " });
        query.push_bind(status_word(status));
    }
    push_mode(&mut query, filter.mode);
    query.push(" ORDER BY i.id DESC LIMIT ").push_bind(paging.probe());
    query
}

fn push_mode(query: &mut Builder<'_>, mode: Option<Mode>) {
    match mode {
        Some(Mode::Live) => query.push(" AND i.shadow_journey IS NULL"),
        Some(Mode::Shadow) => query.push(" AND i.shadow_journey IS NOT NULL"),
        None => query,
    };
}

fn shadow(row: &Row) -> Result<Option<Shadow>, Failure> {
    let Some(journey) = row.opt_int("shadow_journey")?.map(JourneyId::stored) else {
        return Ok(None);
    };
    Ok(Some(Shadow { journey, version: row.count("shadow_version")? }))
}

fn summary(row: &Row) -> Result<Summary, Failure> {
    Ok(Summary {
        id: InstanceId::stored(row.int("id")?),
        journey: JourneyId::stored(row.int("journey")?),
        journey_name: row.text("journey_name")?,
        version: row.count("version")?,
        account: account_ref(row)?,
        parent: row.opt_int("parent")?.map(InstanceId::stored),
        mode: if shadow(row)?.is_some() { Mode::Shadow } else { Mode::Live },
        status: row.word("status", status_of)?,
        outcome: row.opt_text("outcome")?,
        started_at: row.time("started_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// The account joined to a row; `None` without one, or when it is gone.
pub(super) fn account_ref(row: &Row) -> Result<Option<AccountRef>, Failure> {
    let (Some(id), Some(external_id), Some(name)) = (
        row.opt_int("account")?,
        row.opt_text("account_external_id")?,
        row.opt_text("account_name")?,
    ) else {
        return Ok(None);
    };
    Ok(Some(AccountRef { id: AccountId::stored(id), external_id, name }))
}

#[cfg(test)]
mod tests {
    use super::super::work::tests::plan;
    use super::*;
    use crate::{Commits, Store, commits::Commit, promises};

    fn incidents() -> crate::sql::Statement<'static> {
        query(COUNT).bind(status_word(Status::Incident)).bind(10_000_i64)
    }

    #[tokio::test]
    async fn counting_incidents_passes_by_all_other_instances() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let plan = plan(&store, incidents()).await;
        assert!(plan.contains("INDEX instances_status (status>? AND status<?)"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        store.close().await;
    }

    /// An account's of a journey that stand so, and those below another.
    fn few() -> [Filter; 2] {
        let (account, parent) = (Some(AccountId::stored(7)), Some(InstanceId::stored(7)));
        let (journey, status) = (Some(JourneyId::stored(7)), Some(Status::Running));
        let of_account = Filter { journey, account, status, ..Filter::default() };
        [of_account, Filter { account: None, parent, ..of_account }]
    }

    #[tokio::test]
    async fn the_instances_of_an_account_those_below_another_and_shadows_are_listed_without_a_look_at_the_others()
     {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        for (filter, index) in few().into_iter().zip(["instances_account", "instances_parent"]) {
            let plan = plan(&store, narrowed(filter, &Paging::first(50)).build()).await;
            assert!(plan.contains(&format!("SEARCH i USING INDEX {index}")), "{plan}");
        }
        let shadows = Filter { mode: Some(Mode::Shadow), ..Filter::default() };
        let plan = plan(&store, narrowed(shadows, &Paging::first(50)).build()).await;
        assert!(plan.contains("SEARCH i USING INDEX instances_shadows (id<?)"), "{plan}");
        store.close().await;
    }

    #[tokio::test]
    async fn neither_the_newest_instances_nor_a_count_of_incidents_go_through_all_on_postgres() {
        let store = Database::connect(&scratch::database().await, 1).await.unwrap();
        let journey = promises::a_journey(&store).await;
        for _ in 0..20 {
            let starts: Vec<Commit> =
                (0..500).map(|_| promises::a_start(&store, journey)).collect();
            store.commit(&starts).await.unwrap();
        }
        query("ANALYZE instances").fetch_all(&store.writer).await.unwrap();
        let count = plan(&store, incidents()).await;
        assert!(count.contains("instances_status") && !count.contains("Seq Scan"), "{count}");
        let listed = newest(Filter::default(), &Paging::first(50)).build();
        let list = plan(&store, listed).await;
        assert_eq!(list.matches("Backward using instances_status").count(), 4, "{list}");
        assert!(!list.contains("Seq Scan on instances"), "{list}");
        store.close().await;
    }
}
