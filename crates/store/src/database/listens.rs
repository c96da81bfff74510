use super::{Database, written::number};
use crate::sql::{Row, query, query_scalar};
use crate::{
    AccountId, EventId, Failure, InstanceId, JourneyId, Listens, Page, Paging, failure::Doing,
    listens::Ear,
};
use async_trait::async_trait;
use journey::Position;

#[async_trait]
impl Listens for Database {
    async fn ears(&self, name: &str) -> Result<Vec<Ear>, Failure> {
        // From one to the next by the key, since thousands of instances may wait at each.
        let mut ears: Vec<Ear> = Vec::new();
        loop {
            let last = ears.last();
            let row = query(
                "SELECT journey, version, node FROM listens
                 WHERE name = $1 AND (journey, version, node) > ($2, $3, $4)
                 ORDER BY journey, version, node LIMIT 1",
            )
            .bind(name)
            .bind(last.map_or(0, |ear| ear.journey.number()))
            .bind(last.map_or(0, |ear| number(ear.version)))
            .bind(last.map_or("", |ear| ear.node.as_str()))
            .fetch_optional(&self.reader)
            .await
            .doing("look for waits for an event")?;
            let Some(row) = row else { return Ok(ears) };
            ears.push(Ear {
                name: name.to_owned(),
                journey: JourneyId::stored(row.int("journey")?),
                version: row.count("version")?,
                node: row.text("node")?,
            });
        }
    }

    async fn listeners(
        &self,
        ear: &Ear,
        key: &str,
        event: EventId,
        paging: Paging<(InstanceId, Position)>,
    ) -> Result<Page<(InstanceId, Position), (InstanceId, Position)>, Failure> {
        let (instance, position) =
            paging.after.map_or((0, -1), |(instance, at)| (instance.number(), i64::from(at.0)));
        let rows = query(
            "SELECT instance, position FROM listens
             WHERE name = $1 AND journey = $2 AND version = $3 AND node = $4 AND key = $5
               AND (instance, position) > ($6, $7) AND heard < $8
             ORDER BY instance, position LIMIT $9",
        )
        .bind(&ear.name)
        .bind(ear.journey.number())
        .bind(number(ear.version))
        .bind(&ear.node)
        .bind(key)
        .bind(instance)
        .bind(position)
        .bind(event.number())
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("look for instances that wait for an event")?;
        let rows = rows.iter().map(listener).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row| *row))
    }

    async fn watchers(
        &self,
        account: AccountId,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let rows: Vec<i64> = query_scalar(
            "SELECT id FROM instances
             WHERE slot = $4 AND account = $1 AND watches_account = 1 AND id > $2 ORDER BY id LIMIT $3",
        )
        .bind(account.number())
        .bind(paging.after.map_or(0, InstanceId::number))
        .bind(paging.probe())
        .bind(account.slot().number())
        .fetch_all(&self.reader)
        .await
        .doing("look for instances that watch an account")?;
        let rows = rows.into_iter().map(InstanceId::stored).collect();
        Ok(Page::cut(rows, &paging, |row| *row))
    }
}

fn listener(row: &Row) -> Result<(InstanceId, Position), Failure> {
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    Ok((InstanceId::stored(row.int("instance")?), Position(position)))
}
