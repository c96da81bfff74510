use super::{
    Database, Write,
    keys::Key,
    pieces,
    written::{number, to_json},
};
use crate::sql::{Builder, Row, query, query_as, query_scalar};
use crate::{
    AccountId, EventId, Events, Failure, Ids, InstanceId, JourneyId, Page, Paging, ReactionId,
    events::{Event, Filter, NewEvent, NewReaction, Reaction, ReactionKind, Reason, Taken},
    failure::Doing,
    work::Backlog,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Position, Timestamp};
use std::collections::BTreeSet;

const TAKING: &str = "take in events";
const WRITING: &str = "write down what came of events";

const EVENT: &str = "SELECT id, key, type, account, at, received_at, depth, sent_by, data,
        EXISTS (SELECT 1 FROM pending_events WHERE event = events.id) AS is_pending
     FROM events";

const REACTION: &str = "SELECT id, event, journey, version, node, account, instance, position, kind, code, sentence, facts, at
     FROM reactions";

#[async_trait]
impl Events for Database {
    async fn accept(&self, events: &[NewEvent], now: Timestamp) -> Result<Vec<Taken>, Failure> {
        let mut tx = self.write_holding([Key::Events], TAKING).await?;
        let mut taken = Vec::with_capacity(events.len());
        for event in events {
            taken.push(take_in(&mut tx, &self.ids, event, now).await?);
        }
        tx.commit(Point::TakeEvents).await?;
        Ok(taken)
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, Failure> {
        let mut query = Builder::new(EVENT);
        query.push(" WHERE id = ").push_bind(id.number());
        let row = query.build().fetch_optional(&self.reader).await.doing("read an event")?;
        row.as_ref().map(event).transpose()
    }

    async fn events(
        &self,
        filter: &Filter,
        paging: Paging<EventId>,
    ) -> Result<Page<Event, EventId>, Failure> {
        let mut query = Builder::new(EVENT);
        query.push(" WHERE id < ").push_bind(paging.after.map_or(i64::MAX, EventId::number));
        if let Some(account) = filter.account {
            query.push(" AND account = ").push_bind(account.number());
        }
        if let Some(kind) = &filter.kind {
            query.push(" AND type = ").push_bind(kind);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list events")?;
        let rows = rows.iter().map(event).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Event| row.id))
    }

    async fn pending(&self, lanes: u32, each: u32) -> Result<Vec<Event>, Failure> {
        let doing = "look for events to dispatch";
        let mut turns = Builder::new("SELECT slot, lane FROM event_lanes WHERE turn >= 0");
        self.push_own(&mut turns, "slot");
        turns.push(" ORDER BY turn, lane LIMIT ").push_bind(i64::from(lanes));
        let turns = turns.build().fetch_all(&self.reader).await.doing(doing)?;
        let mut pending = Vec::new();
        for piece in pieces(self.reader.dialect(), &turns) {
            let rows =
                oldest_of(piece, each)?.build().fetch_all(&self.reader).await.doing(doing)?;
            for row in &rows {
                pending.push(event(row)?);
            }
        }
        Ok(pending)
    }

    async fn dispatched(
        &self,
        events: &[EventId],
        reactions: &[NewReaction],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut tx = self.write_holding([Key::Events], WRITING).await?;
        write_reactions(&mut tx, &self.ids, reactions, now).await?;
        let mut lanes = BTreeSet::new();
        for event in events {
            let lane: Option<(i64, i64)> =
                query_as("DELETE FROM pending_events WHERE slot IN ($2, 0) AND event = $1 RETURNING slot, lane")
                    .bind(event.number())
                    // Its account's, or that of all that concern none.
                    .bind(event.slot().number())
                    .fetch_optional(&mut tx)
                    .await
                    .doing(WRITING)?;
            lanes.extend(lane);
        }
        let turn = self.ids.event(now, self.ids.any_slot());
        for lane in lanes {
            give_way(&mut tx, lane, turn).await?;
        }
        tx.commit(Point::Dispatched).await
    }

    async fn react(&self, reactions: &[NewReaction], now: Timestamp) -> Result<(), Failure> {
        let mut tx = self.write_beside().await?;
        write_reactions(&mut tx, &self.ids, reactions, now).await?;
        tx.commit(Point::React).await
    }

    async fn reactions(
        &self,
        event: EventId,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure> {
        let mut query = Builder::new(REACTION);
        query.push(" WHERE event = ").push_bind(event.number());
        query.push(" AND id > ").push_bind(paging.after.map_or(0, ReactionId::number));
        query.push(" ORDER BY id LIMIT ").push_bind(paging.probe());
        let rows =
            query.build().fetch_all(&self.reader).await.doing("read what came of an event")?;
        let rows = rows.iter().map(reaction).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Reaction| row.id))
    }

    async fn refusals(
        &self,
        journey: JourneyId,
        account: Option<AccountId>,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure> {
        let mut query = Builder::new(REACTION);
        query.push(" WHERE kind IN ('refused', 'failed') AND journey = ");
        query.push_bind(journey.number());
        match account {
            Some(account) => query.push(" AND account = ").push_bind(account.number()),
            None => query.push(" AND account IS NULL"),
        };
        query.push(" AND id < ").push_bind(paging.after.map_or(i64::MAX, ReactionId::number));
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("read refusals")?;
        let rows = rows.iter().map(reaction).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Reaction| row.id))
    }

    async fn events_backlog(&self, limit: u32) -> Result<Backlog, Failure> {
        let (waiting, oldest): (i64, Option<i64>) = query_as(
            "SELECT COUNT(*), MIN(received_at) FROM
                (SELECT (SELECT received_at FROM events WHERE id = event) AS received_at FROM pending_events ORDER BY event LIMIT $1) AS late",
        )
        .bind(i64::from(limit))
        .fetch_one(&self.reader)
        .await
        .doing("count events to dispatch")?;
        Ok(Backlog { waiting: waiting.unsigned_abs(), oldest: oldest.map(Timestamp) })
    }
}

/// Takes one event in, unless its key was before. Its id is made under the write lock, so that ids are in the order of the transactions.
pub(super) async fn take_in(
    tx: &mut Write,
    ids: &Ids,
    event: &NewEvent,
    now: Timestamp,
) -> Result<Taken, Failure> {
    let slot = event.account.map_or_else(|| ids.any_slot(), AccountId::slot);
    let id = ids.event(now, slot);
    let made = query(
        "INSERT INTO events (id, key, type, account, at, received_at, depth, sent_by, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING",
    )
    .bind(id.number())
    .bind(&event.key)
    .bind(&event.kind)
    .bind(event.account.map(AccountId::number))
    .bind(event.at.0)
    .bind(now.0)
    .bind(i64::from(event.depth))
    .bind(&event.sent_by)
    .bind(to_json(&event.data)?)
    .execute(&mut *tx)
    .await
    .doing(TAKING)?;
    if made.rows_affected() == 0 {
        let before: i64 = query_scalar("SELECT id FROM events WHERE key = $1")
            .bind(&event.key)
            .fetch_one(&mut *tx)
            .await
            .doing(TAKING)?;
        return Ok(Taken::Before(EventId::stored(before)));
    }
    let lane = event.account.map_or(0, AccountId::number);
    let slot = event.account.map_or(0, |account| account.slot().number());
    query("INSERT INTO pending_events (event, slot, lane) VALUES ($1, $2, $3)")
        .bind(id.number())
        .bind(slot)
        .bind(lane)
        .execute(&mut *tx)
        .await
        .doing(TAKING)?;
    query("INSERT INTO event_lanes (slot, lane, turn) VALUES ($1, $2, $3) ON CONFLICT (slot, lane) DO NOTHING")
        .bind(slot)
        .bind(lane)
        .bind(id.number())
        .execute(&mut *tx)
        .await
        .doing(TAKING)?;
    Ok(Taken::In(id))
}

/// The oldest pending events of each of these lanes.
fn oldest_of(lanes: &[Row], each: u32) -> Result<Builder<'static>, Failure> {
    let mut query = Builder::new(
        "SELECT id, key, type, account, at, received_at, depth, sent_by, data, TRUE AS is_pending FROM events JOIN (",
    );
    for (place, lane) in lanes.iter().enumerate() {
        query.push(if place == 0 { "" } else { " UNION ALL " });
        query.push("SELECT event FROM (SELECT event FROM pending_events WHERE slot = ");
        query.push_bind(lane.int("slot")?).push(" AND lane = ").push_bind(lane.int("lane")?);
        query.push(" ORDER BY event LIMIT ").push_bind(i64::from(each)).push(") AS oldest");
    }
    query.push(") AS waiting ON id = event ORDER BY event");
    Ok(query)
}

/// A lane that has more goes behind the others; one that has none is no more. Nothing is taken in beside.
async fn give_way(tx: &mut Write, (slot, lane): (i64, i64), turn: EventId) -> Result<(), Failure> {
    query("UPDATE event_lanes SET turn = $1 WHERE slot = $2 AND lane = $3")
        .bind(turn.number())
        .bind(slot)
        .bind(lane)
        .execute(&mut *tx)
        .await
        .doing(WRITING)?;
    query(
        "DELETE FROM event_lanes WHERE slot = $1 AND lane = $2
         AND NOT EXISTS (SELECT 1 FROM pending_events p WHERE p.slot = $1 AND p.lane = $2)",
    )
    .bind(slot)
    .bind(lane)
    .execute(&mut *tx)
    .await
    .doing(WRITING)?;
    Ok(())
}

/// Ids of events are in the order in which they are taken in, on whichever node.
pub(super) async fn go_past(tx: &mut Write, ids: &Ids) -> Result<(), Failure> {
    let last: Option<i64> =
        query_scalar("SELECT MAX(id) FROM events").fetch_one(tx).await.doing(TAKING)?;
    if let Some(last) = last {
        ids.go_past(last);
    }
    Ok(())
}

/// Writes down what came of something within a transaction; what is known of an event already stays.
pub(super) async fn write_reactions(
    tx: &mut Write,
    ids: &Ids,
    reactions: &[NewReaction],
    now: Timestamp,
) -> Result<(), Failure> {
    for reaction in reactions {
        let (instance, position) =
            reaction.instance.map_or((0, 0), |(id, at)| (id.number(), i64::from(at.0)));
        let reason = reaction.reason.as_ref();
        query(
            "INSERT INTO reactions (id, event, journey, version, node, account, instance, position, kind, code, sentence, facts, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (event, journey, version, node, instance, position, kind) WHERE event IS NOT NULL DO NOTHING",
        )
        .bind(ids.reaction(now, ids.any_slot()).number())
        .bind(reaction.event.map(EventId::number))
        .bind(reaction.journey.number())
        .bind(number(reaction.version))
        .bind(&reaction.node)
        .bind(reaction.account.map(AccountId::number))
        .bind(instance)
        .bind(position)
        .bind(reaction.kind.word())
        .bind(reason.map(|reason| reason.code.as_str()))
        .bind(reason.map(|reason| reason.sentence.as_str()))
        .bind(reason.map(|reason| to_json(&reason.facts)).transpose()?)
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .doing(WRITING)?;
    }
    Ok(())
}

fn event(row: &Row) -> Result<Event, Failure> {
    Ok(Event {
        id: EventId::stored(row.int("id")?),
        key: row.opt_text("key")?,
        kind: row.text("type")?,
        account: row.opt_int("account")?.map(AccountId::stored),
        at: row.time("at")?,
        received_at: row.time("received_at")?,
        depth: u32::try_from(row.int("depth")?).unwrap_or(u32::MAX),
        sent_by: row.opt_text("sent_by")?,
        data: row.json("data")?,
        is_pending: row.int("is_pending")? != 0,
    })
}

fn reaction(row: &Row) -> Result<Reaction, Failure> {
    let instance = row.int("instance")?;
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    let reason = match (row.opt_text("code")?, row.opt_text("sentence")?) {
        (Some(code), Some(sentence)) => {
            Some(Reason { code, sentence, facts: row.opt_json("facts")?.unwrap_or_default() })
        }
        _ => None,
    };
    Ok(Reaction {
        id: ReactionId::stored(row.int("id")?),
        reaction: NewReaction {
            event: row.opt_int("event")?.map(EventId::stored),
            journey: JourneyId::stored(row.int("journey")?),
            version: row.count("version")?,
            node: row.text("node")?,
            account: row.opt_int("account")?.map(AccountId::stored),
            instance: (instance != 0).then(|| (InstanceId::stored(instance), Position(position))),
            kind: row.word("kind", ReactionKind::from_word)?,
            reason,
        },
        at: row.time("at")?,
    })
}
