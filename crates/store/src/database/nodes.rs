use super::{Database, gate};
use crate::sql::{Builder, Dialect, Row, Write, query, query_as, query_scalar};
use crate::{
    Failure, Ids, NodeId, Nodes, Slot,
    failure::Doing,
    ids, limits,
    nodes::{Beat, Expelled, Joined, NewNode, Node, NodeState, Sealing, Succeeds},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;
use std::{collections::BTreeSet, time::Duration};

const JOINING: &str = "join the nodes of the workspace";
const BEATING: &str = "renew the lease of this node";
const EXPELLING: &str = "take over from a node that is gone";
const SHARING: &str = "share slots between nodes";

impl Database {
    /// The fingerprint of the key with which the last server that took part seals secrets.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn sealed_with(&self) -> Result<Option<String>, Failure> {
        let last = query_scalar("SELECT key FROM nodes ORDER BY id DESC LIMIT 1");
        last.fetch_optional(&self.reader).await.doing("see with what secrets are sealed")
    }
}

#[async_trait]
impl Nodes for Database {
    async fn join(&self, node: &NewNode) -> Result<Joined, Failure> {
        let mut tx = self.write_as_nobody().await?;
        make_slots(&mut tx).await?;
        let gone = match node.succeeds {
            Succeeds::Nobody => Who::Lapsed,
            Succeeds::ItsName => Who::Named(&node.name),
            Succeeds::Everyone => Who::All,
        };
        expel(&mut tx, gone).await?;
        let alive: Vec<(String, String, i64)> =
            query_as("SELECT name, key, maker FROM nodes WHERE ended_at IS NULL ORDER BY id")
                .fetch_all(&mut tx)
                .await
                .doing(JOINING)?;
        let other =
            alive.iter().find(|(_, key, _)| *key != node.key).map(|(name, ..)| name.clone());
        if let Some(than) = other.or(who_sealed_otherwise(&mut tx, node).await?) {
            return Ok(Joined::OtherKey { than });
        }
        let taken: BTreeSet<i64> = alive.iter().map(|(_, _, maker)| *maker).collect();
        let Some(maker) = (1..ids::MAKERS).find(|maker| !taken.contains(maker)) else {
            return Ok(Joined::Full(taken.len()));
        };
        let last: Option<i64> =
            query_scalar("SELECT MAX(id) FROM nodes").fetch_one(&mut tx).await.doing(JOINING)?;
        let id = NodeId::stored(last.unwrap_or(0) + 1);
        insert(&mut tx, (id, maker), node).await?;
        tx.commit(Point::Join).await?;
        self.ids.made_by(maker);
        self.membership.begin(id, node.lease);
        Ok(Joined::As(id))
    }

    async fn beat(&self) -> Result<Option<Beat>, Failure> {
        let clock = self.keeper.dialect().clock();
        let mut renew = Builder::new("UPDATE nodes SET lapses_at = ");
        renew.push(clock).push(" + ").push_bind(milliseconds(self.membership.lease()));
        renew.push(" WHERE ended_at IS NULL AND id = ").push_bind(self.membership.number());
        let renewed = renew.build().execute_alone(&self.keeper, Point::Beat).await?;
        if renewed.rows_affected() == 0 {
            return Ok(None);
        }
        let mut look = Builder::new("SELECT (SELECT state FROM nodes WHERE id = ");
        look.push_bind(self.membership.number()).push(") AS state, ").push(clock);
        look.push(
            " AS now, (SELECT COUNT(*) FROM nodes WHERE ended_at IS NULL AND state = 'serving') AS serving,
              (SELECT COUNT(*) FROM nodes WHERE ended_at IS NULL AND lapses_at < ",
        );
        look.push(clock).push(") AS lapsed, (SELECT COUNT(*) FROM slots WHERE node = ");
        look.push_bind(self.membership.number());
        look.push(") AS own, (SELECT COUNT(*) FROM slots WHERE node = 0) AS free");
        let row = look.build().fetch_one(&self.keeper).await.doing(BEATING)?;
        let has_a_clock = self.keeper.dialect() == Dialect::Postgres;
        let (state, serving) = (row.word("state", NodeState::from_word)?, row.int("serving")?);
        let (own, free, fair) = (row.int("own")?, row.int("free")?, fair(state, serving));
        Ok(Some(Beat {
            at: if has_a_clock { Some(row.time("now")?) } else { None },
            state,
            serving: u32::try_from(serving).unwrap_or(u32::MAX),
            is_unfair: own > fair || (own < fair && free > 0),
            others_lapsed: row.count("lapsed")? > 0,
        }))
    }

    async fn expel(&self) -> Result<Vec<Expelled>, Failure> {
        let mut tx = self.begin().await?;
        if tx.dialect() == Dialect::Postgres {
            // A node that stands still may be amid a transaction: all others would wait with us until PostgreSQL ends that.
            let hurry = query("SELECT set_config('lock_timeout', $1, true)").bind(limits::HURRY);
            hurry.execute(&mut tx).await.doing(EXPELLING)?;
            gate(&mut tx).await?;
        }
        self.fence(&mut tx).await?;
        let expelled = expel(&mut tx, Who::Lapsed).await?;
        tx.commit(Point::Expel).await?;
        Ok(expelled)
    }

    async fn share_slots(&self) -> Result<u32, Failure> {
        let me = self.membership.number();
        if me == 0 {
            return Ok(0);
        }
        let mut tx = self.write_beside().await?;
        let serving: Vec<i64> = query_scalar(
            "SELECT id FROM nodes WHERE ended_at IS NULL AND state = 'serving' ORDER BY id",
        )
        .fetch_all(&mut tx)
        .await
        .doing(SHARING)?;
        let before = slots_of(&mut tx, me).await?;
        let state = if serving.contains(&me) { NodeState::Serving } else { NodeState::Draining };
        let fair = fair(state, count(&serving));
        let surplus = count(&before) - fair;
        if surplus != 0 {
            let (from, to) = if surplus > 0 { (me, 0) } else { (0, me) };
            let mut change = Builder::new("UPDATE slots SET node = ");
            change.push_bind(to).push(" WHERE slot IN (SELECT slot FROM slots WHERE node = ");
            change.push_bind(from).push(" ORDER BY slot LIMIT ").push_bind(surplus.abs());
            change.push(tx.dialect().locking_what_is_free()).push(")");
            change.build().execute(&mut tx).await.doing(SHARING)?;
        }
        let slots = slots_of(&mut tx, me).await?;
        if surplus < 0 {
            go_past_what_is_written(&mut tx, &self.ids).await?;
        }
        tx.commit(Point::ShareSlots).await?;
        self.membership.hold(&slots);
        Ok(u32::try_from(slots.len()).unwrap_or(u32::MAX))
    }

    fn looks_after(&self, slot: Slot) -> bool {
        self.membership.holds(slot)
    }

    async fn leave(&self) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        expel(&mut tx, Who::Itself(self.membership.number())).await?;
        tx.commit(Point::Leave).await
    }

    async fn drain(&self, node: NodeId) -> Result<bool, Failure> {
        let drained = query(
            "UPDATE nodes SET state = 'draining' WHERE id = $1 AND ended_at IS NULL AND state IN ('serving', 'draining')",
        )
        .bind(node.number())
        .execute_alone(&self.writer, Point::Drain)
        .await?;
        Ok(drained.rows_affected() > 0)
    }

    async fn nodes(&self, ended: u32) -> Result<Vec<Node>, Failure> {
        let rows = query(
            "SELECT id, name, version, state, joined_at, lapses_at, ended_at,
                (SELECT COUNT(*) FROM slots WHERE node = nodes.id) AS slots,
                (SELECT COUNT(*) FROM work WHERE node = nodes.id AND lease <> 0) AS work
             FROM nodes
             WHERE ended_at IS NULL OR id IN (SELECT id FROM nodes WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT $1)
             ORDER BY ended_at IS NOT NULL, id DESC",
        )
        .bind(i64::from(ended))
        .fetch_all(&self.reader)
        .await
        .doing("list nodes")?;
        rows.iter().map(node).collect()
    }

    async fn tell_nodes(&self, hints: &[String]) -> Result<(), Failure> {
        self.tell(hints).await
    }

    async fn hear(&self) -> Result<String, Failure> {
        self.listen().await
    }
}

/// The node that joined last, when it had another key than this one, which goes on with what is sealed.
async fn who_sealed_otherwise(tx: &mut Write, node: &NewNode) -> Result<Option<String>, Failure> {
    if node.sealing == Sealing::Anew {
        return Ok(None);
    }
    let last: Option<(String, String)> =
        query_as("SELECT name, key FROM nodes ORDER BY id DESC LIMIT 1")
            .fetch_optional(tx)
            .await
            .doing(JOINING)?;
    Ok(last.filter(|(_, key)| *key != node.key).map(|(name, _)| name))
}

/// What comes of the events of slots that this node takes over is later than what came of others before, by its id, too.
async fn go_past_what_is_written(tx: &mut Write, ids: &Ids) -> Result<(), Failure> {
    let last: Option<i64> =
        query_scalar("SELECT MAX(id) FROM reactions").fetch_one(tx).await.doing(SHARING)?;
    if let Some(last) = last {
        ids.go_past(last);
    }
    Ok(())
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// How many slots a node should look after among so many that serve.
fn fair(state: NodeState, serving: i64) -> i64 {
    match state {
        NodeState::Serving => (i64::from(Slot::COUNT) + serving - 1) / serving.max(1),
        NodeState::Draining | NodeState::Left | NodeState::Lapsed => 0,
    }
}

/// Which nodes end.
#[derive(Clone, Copy)]
enum Who<'a> {
    /// Those whose leases have lapsed.
    Lapsed,
    /// Those, and who has this name.
    Named(&'a str),
    /// Every one that seems to live.
    All,
    /// One, in good order.
    Itself(i64),
}

/// Ends nodes, while nothing else is written: what they hold is free.
async fn expel(tx: &mut Write, who: Who<'_>) -> Result<Vec<Expelled>, Failure> {
    let clock = tx.dialect().clock();
    let mut end = Builder::new("UPDATE nodes SET state = ");
    end.push_bind(match who {
        Who::Lapsed | Who::Named(_) | Who::All => NodeState::Lapsed.word(),
        Who::Itself(_) => NodeState::Left.word(),
    });
    end.push(", ended_at = ").push(clock).push(" WHERE ended_at IS NULL");
    match who {
        Who::Lapsed => end.push(" AND lapses_at < ").push(clock),
        Who::Named(name) => {
            end.push(" AND (name = ").push_bind(name).push(" OR lapses_at < ").push(clock).push(")")
        }
        Who::All => &mut end,
        Who::Itself(node) => end.push(" AND id = ").push_bind(node),
    };
    end.push(" RETURNING id");
    let rows = end.build().fetch_all(&mut *tx).await.doing(EXPELLING)?;
    let mut expelled = Vec::new();
    for row in rows {
        let node = row.int("id")?;
        let work = free(tx, node).await?;
        expelled.push(Expelled { node: NodeId::stored(node), work });
    }
    Ok(expelled)
}

/// Frees what a node holds and writes down what that was; how much work.
async fn free(tx: &mut Write, node: i64) -> Result<u64, Failure> {
    let mut note = Builder::new(
        "INSERT INTO takeovers (slot, instance, position, name, node, sequence, at)
         SELECT w.slot, w.instance, w.position, w.name, w.node, i.sequence, ",
    );
    note.push(tx.dialect().clock());
    note.push(" FROM work w JOIN instances i ON i.slot = w.slot AND i.id = w.instance WHERE w.lease <> 0 AND w.node = ");
    note.push_bind(node).push(" ON CONFLICT DO NOTHING");
    note.build().execute(&mut *tx).await.doing(EXPELLING)?;
    let freed = query(
        "UPDATE work SET available_at = due_at, lease = 0, node = 0 WHERE lease <> 0 AND node = $1",
    )
    .bind(node)
    .execute(&mut *tx)
    .await
    .doing(EXPELLING)?;
    query("UPDATE slots SET node = 0 WHERE node = $1")
        .bind(node)
        .execute(&mut *tx)
        .await
        .doing(EXPELLING)?;
    Ok(freed.rows_affected())
}

async fn make_slots(tx: &mut Write) -> Result<(), Failure> {
    query(
        "INSERT INTO slots (slot, node)
         WITH RECURSIVE all_slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM all_slots WHERE slot < $1)
         SELECT slot, 0 FROM all_slots WHERE NOT EXISTS (SELECT 1 FROM slots)",
    )
    .bind(i64::from(Slot::COUNT) - 1)
    .execute(&mut *tx)
    .await
    .doing(JOINING)?;
    Ok(())
}

async fn insert(tx: &mut Write, (id, maker): (NodeId, i64), node: &NewNode) -> Result<(), Failure> {
    let clock = tx.dialect().clock();
    let mut insert = Builder::new(
        "INSERT INTO nodes (id, name, version, key, maker, state, joined_at, lapses_at) SELECT ",
    );
    let mut values = insert.separated(", ");
    values.push_bind(id.number()).push_bind(&node.name).push_bind(&node.version);
    values.push_bind(&node.key).push_bind(maker).push_bind(NodeState::Serving.word());
    values.push(clock).push(clock);
    insert.push(" + ").push_bind(milliseconds(node.lease));
    insert.build().execute(&mut *tx).await.doing(JOINING)?;
    Ok(())
}

async fn slots_of(tx: &mut Write, node: i64) -> Result<Vec<i64>, Failure> {
    let held = query_scalar("SELECT slot FROM slots WHERE node = $1 ORDER BY slot").bind(node);
    held.fetch_all(&mut *tx).await.doing(SHARING)
}

impl Database {
    /// Leaves out, of what a node looks after, what is another's; `slot` is the expression of a row's slot.
    pub(super) fn push_own(&self, query: &mut Builder<'_>, slot: &str) {
        if !self.membership.holds_all() {
            query.push(" AND ").push(slot).push(" IN (SELECT slot FROM slots WHERE node = ");
            query.push_bind(self.membership.number()).push(")");
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn node(row: &Row) -> Result<Node, Failure> {
    Ok(Node {
        id: NodeId::stored(row.int("id")?),
        name: row.text("name")?,
        version: row.text("version")?,
        state: row.word("state", NodeState::from_word)?,
        joined_at: row.time("joined_at")?,
        lapses_at: row.time("lapses_at")?,
        ended_at: row.opt_int("ended_at")?.map(Timestamp),
        slots: row.count("slots")?,
        work: row.count("work")?,
    })
}
