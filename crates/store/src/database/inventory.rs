use super::{
    Database,
    opening::{POSTGRES, SQLITE},
    registry, schema,
    tasks::{TASK, task},
    work::work_key,
    written::number,
};
use crate::sql::{Builder, Dialect, Row, query};
use crate::{
    AccountId, EventId, Failure, FailureKind, InstanceId, Inventory, JourneyId, NodeId, Page,
    Paging, ReactionId,
    failure::Doing,
    instances::status_of,
    inventory::{Columns, Handled, IllListed, Listening, Pending, Rows, Start},
    limits,
    listens::Ear,
    nodes::Takeover,
    tasks::Task,
    work::Lane,
};
use async_trait::async_trait;
use futures_util::StreamExt;
use journey::Position;
use std::pin::pin;

#[async_trait]
impl Inventory for Database {
    async fn instances_with(
        &self,
        rows: Rows,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let (table, id, slot) = self.kept(rows);
        let mut query = Builder::new("SELECT DISTINCT ");
        let key = if slot { format!("slot, {id}") } else { id.to_owned() };
        query.push(&key).push(" FROM ").push(table);
        let after = paging.after.map_or((-1, 0), |id| (id.slot().number(), id.number()));
        query.push(" WHERE (").push(&key).push(") > (");
        if slot {
            query.push_bind(after.0).push(", ");
        }
        query.push_bind(after.1).push(") ORDER BY ").push(&key);
        query.push(" LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list instances")?;
        let ids = rows.iter().map(|row| Ok(InstanceId::stored(row.int(id)?)));
        let ids = ids.collect::<Result<_, Failure>>()?;
        Ok(Page::cut(ids, &paging, |id| *id))
    }

    async fn columns(&self, id: InstanceId) -> Result<Option<Columns>, Failure> {
        let row = query(
            "SELECT status, outcome, sequence, watches_account FROM instances WHERE slot = $1 AND id = $2",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .fetch_optional(&self.reader)
        .await
        .doing("read what is kept beside an instance")?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Columns {
            status: row.word("status", status_of)?,
            outcome: row.opt_text("outcome")?,
            sequence: row.count("sequence")?,
            watches_account: row.int("watches_account")? == 1,
        }))
    }

    async fn work_of(
        &self,
        id: InstanceId,
        paging: Paging<(Position, String)>,
    ) -> Result<Page<Pending, (Position, String)>, Failure> {
        let (position, name) = match &paging.after {
            Some((position, name)) => (i64::from(position.0), name.as_str()),
            None => (-1, ""),
        };
        let rows = query(
            "SELECT instance, position, name, due_at, available_at, lane, body FROM work
             WHERE slot = $1 AND instance = $2 AND (position, name) > ($3, $4)
             ORDER BY position, name LIMIT $5",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .bind(position)
        .bind(name)
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list an instance's work")?;
        let rows = rows.iter().map(pending).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Pending| (row.key.position, row.key.name.clone())))
    }

    async fn open_tasks_of(
        &self,
        id: InstanceId,
        paging: Paging<Position>,
    ) -> Result<Page<Task, Position>, Failure> {
        let mut query = Builder::new(TASK);
        query.push(" WHERE t.slot = ").push_bind(id.slot().number());
        query.push(" AND t.instance = ").push_bind(id.number()).push(" AND t.is_open = 1");
        query.push(" AND t.position > ");
        query.push_bind(paging.after.map_or(-1, |position| i64::from(position.0)));
        query.push(" ORDER BY t.position LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list an instance's tasks")?;
        let rows = rows.iter().map(task).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Task| row.id.position))
    }

    async fn writers_of(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<(u64, Option<NodeId>), u64>, Failure> {
        let rows = query(
            "SELECT sequence, node FROM records WHERE slot = $1 AND instance = $2 AND sequence > $3
             ORDER BY sequence LIMIT $4",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .bind(paging.after.map_or(-1, number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("read who wrote an instance's records")?;
        let mut written = Vec::with_capacity(rows.len());
        let mut next = paging.after.map_or(0, |after| after + 1);
        for row in &rows {
            let (node, last) = (row.int("node")?, row.count("sequence")?);
            let node = (node != 0).then(|| NodeId::stored(node));
            // A row has all records of a step, from the one after the row before.
            written.extend((next..=last).take(limits::PAGE_ROWS as usize + 1).map(|at| (at, node)));
            next = last.saturating_add(1);
        }
        Ok(Page::cut(written, &paging, |(sequence, _)| *sequence))
    }

    async fn takeovers_of(&self, id: InstanceId) -> Result<Vec<Takeover>, Failure> {
        let rows = query(
            "SELECT position, name, node, sequence FROM takeovers WHERE slot = $1 AND instance = $2
             ORDER BY position, name, node",
        )
        .bind(id.slot().number())
        .bind(id.number())
        .fetch_all(&self.reader)
        .await
        .doing("read what was taken over of an instance")?;
        let taken = rows.iter().map(|row| {
            let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
            Ok(Takeover {
                position: Position(position),
                name: row.text("name")?,
                node: NodeId::stored(row.int("node")?),
                sequence: row.count("sequence")?,
            })
        });
        taken.collect()
    }

    async fn handled(
        &self,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Handled, ReactionId>, Failure> {
        let rows = query(
            "SELECT r.id, r.event, e.account FROM reactions r JOIN events e ON e.id = r.event
             WHERE r.id > $1 AND r.event IS NOT NULL AND r.kind IN ('started', 'woke') ORDER BY r.id LIMIT $2",
        )
        .bind(paging.after.map_or(0, ReactionId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list what events opened and woke")?;
        let handled = rows.iter().map(|row| {
            Ok(Handled {
                reaction: ReactionId::stored(row.int("id")?),
                event: EventId::stored(row.int("event")?),
                account: row.opt_int("account")?.map(AccountId::stored),
            })
        });
        let handled = handled.collect::<Result<_, Failure>>()?;
        Ok(Page::cut(handled, &paging, |one: &Handled| one.reaction))
    }

    async fn starts(
        &self,
        paging: Paging<(JourneyId, String)>,
    ) -> Result<Page<Start, (JourneyId, String)>, Failure> {
        let mut query = Builder::new("SELECT journey, key, instance FROM starts");
        if let Some((journey, key)) = &paging.after {
            query.push(" WHERE (journey, key) > (").push_bind(journey.number());
            query.push(", ").push_bind(key).push(")");
        }
        query.push(" ORDER BY journey, key LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list starts")?;
        let starts = rows.iter().map(|row| {
            Ok(Start {
                journey: JourneyId::stored(row.int("journey")?),
                key: row.text("key")?,
                instance: InstanceId::stored(row.int("instance")?),
            })
        });
        let starts = starts.collect::<Result<_, Failure>>()?;
        Ok(Page::cut(starts, &paging, |start: &Start| (start.journey, start.key.clone())))
    }

    async fn damage(&self) -> Result<Vec<String>, Failure> {
        match self.reader.dialect() {
            Dialect::Postgres => schema::missing(&self.reader, POSTGRES).await,
            Dialect::Sqlite => {
                let pages = self.damaged_pages().await?;
                // What a damaged file is said to hold is worth nothing.
                if pages.is_empty() {
                    schema::missing(&self.reader, SQLITE).await
                } else {
                    Ok(pages)
                }
            }
        }
    }

    async fn ill_listed(&self) -> Result<Vec<IllListed>, Failure> {
        let mut reading = self.reader.begin_snapshot().await.doing(registry::LISTING)?;
        registry::ill_listed(&mut reading).await
    }

    async fn listens_of(
        &self,
        id: InstanceId,
        paging: Paging<Listening>,
    ) -> Result<Page<Listening, Listening>, Failure> {
        let mut query = Builder::new(
            "SELECT position, name, journey, version, node, key FROM listens WHERE instance = ",
        );
        query.push_bind(id.number());
        if let Some(Listening { position, ear, key }) = &paging.after {
            query.push(" AND (position, name, journey, version, node, key) > (");
            query.push_bind(i64::from(position.0)).push(", ").push_bind(&ear.name);
            query.push(", ").push_bind(ear.journey.number());
            query.push(", ").push_bind(number(ear.version));
            query.push(", ").push_bind(&ear.node).push(", ").push_bind(key).push(")");
        }
        query.push(" ORDER BY position, name, journey, version, node, key LIMIT ");
        query.push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await;
        let rows = rows.doing("list what an instance waits for")?;
        let rows = rows.iter().map(listening).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, Listening::clone))
    }
}

impl Database {
    /// What is wrong with the pages of the file, a sentence each.
    async fn damaged_pages(&self) -> Result<Vec<String>, Failure> {
        let doing = "check the pages of the file";
        let mut all = self.reader.begin_snapshot().await.doing(doing)?;
        let mut said = pin!(all.stream(query("PRAGMA integrity_check(10)")).doing(doing)?);
        let mut found = Vec::new();
        while let Some(row) = said.next().await {
            match row.doing(doing).and_then(|row| row.text("integrity_check")) {
                Ok(sentence) if sentence == "ok" => {}
                Ok(sentence) => found.push(sentence),
                // It has said before where it could not go on.
                Err(failure) if failure.kind() == FailureKind::Corrupt => {
                    if found.is_empty() {
                        found.push(failure.to_string());
                    }
                    break;
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(found)
    }

    /// Where rows of a kind are: the table, the column of the instance, and whether its key begins with the slot.
    fn kept(&self, rows: Rows) -> (&'static str, &'static str, bool) {
        // SQLite keeps them by time, PostgreSQL by slot.
        let by_slot = self.reader.dialect() == Dialect::Postgres;
        match rows {
            Rows::States => ("instances", "id", by_slot),
            Rows::Records => ("records", "instance", by_slot),
            Rows::Work => ("work", "instance", by_slot),
            Rows::Tasks => ("tasks", "instance", by_slot),
            Rows::Listens => ("listens", "instance", false),
        }
    }
}

fn pending(row: &Row) -> Result<Pending, Failure> {
    Ok(Pending {
        key: work_key(row)?,
        due: row.time("due_at")?,
        available: row.time("available_at")?,
        lane: Lane::stored(row.text("lane")?),
        job: row.json("body")?,
    })
}

fn listening(row: &Row) -> Result<Listening, Failure> {
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    Ok(Listening {
        position: Position(position),
        ear: Ear {
            name: row.text("name")?,
            journey: JourneyId::stored(row.int("journey")?),
            version: row.count("version")?,
            node: row.text("node")?,
        },
        key: row.text("key")?,
    })
}
