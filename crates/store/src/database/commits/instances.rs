//! The instances of a group of commits.

use super::{DOING, Ready, causes, judge::Lying};
use crate::{
    AccountId, Failure, InstanceId,
    commits::Commit,
    database::{Write, written::number},
    failure::Doing,
    instances::status_word,
    sql::{Dialect, Insert, Kind, query, values},
};
use std::sync::LazyLock;

/// Writes them as they are after their steps.
pub(super) async fn write(
    tx: &mut Write,
    group: &[&Ready<'_>],
    lying: &Lying,
) -> Result<(), Failure> {
    // SQLite takes a row out of every index that a statement names a column of, and puts it in again, changed or not.
    let in_place = |ready: &Ready<'_>| {
        let lies = lying.get(&ready.commit.instance.number());
        lies.is_some_and(|lies| lies.stays_listed(ready.commit))
    };
    if tx.dialect() == Dialect::Postgres {
        return put(tx, group).await;
    }
    let (staying, listed): (Vec<&Ready<'_>>, Vec<&Ready<'_>>) =
        group.iter().partition(|ready| in_place(ready));
    for ready in staying {
        renew(tx, ready).await?;
    }
    put(tx, &listed).await
}

/// Writes what no list shows.
async fn renew(tx: &mut Write, ready: &Ready<'_>) -> Result<(), Failure> {
    let Commit { instance, state, at, .. } = ready.commit;
    query(
        "UPDATE instances SET sequence = $1, state = $2, outcome = $3, updated_at = $4,
            moved_by = CASE WHEN $5 > moved_by THEN $5 ELSE moved_by END, depth = CASE WHEN $6 < 0 THEN depth ELSE $6 END
         WHERE slot = $7 AND id = $8",
    )
    .bind(number(state.sequence()))
    .bind(&ready.state)
    .bind(state.outcome())
    .bind(at.0)
    .bind(causes::moved_by(ready.commit))
    .bind(causes::depth_of(ready.commit))
    .bind(instance.slot().number())
    .bind(instance.number())
    .execute(&mut *tx)
    .await
    .doing(DOING)?;
    Ok(())
}

/// Writes instances that are new, or lie elsewhere in a list from now on.
async fn put(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    let rows = group.iter().map(|ready| {
        let Commit { instance, life, state, at, .. } = ready.commit;
        values![
            instance.number(),
            instance.slot().number(),
            life.journey.number(),
            number(life.version),
            life.account.map(AccountId::number),
            life.parent.map(InstanceId::number),
            state.parent().map(|parent| i64::from(parent.position.0)),
            state.parent().map(|parent| i64::from(parent.index)),
            life.shadow.map(|shadow| shadow.journey.number()),
            life.shadow.map(|shadow| number(shadow.version)),
            status_word(state.status()),
            state.outcome(),
            number(state.sequence()),
            &ready.state,
            i64::from(ready.commit.watches_account),
            causes::moved_by(ready.commit),
            causes::depth_of(ready.commit),
            life.started_at.0,
            at.0,
        ]
    });
    INSTANCES.write(tx, rows.collect()).await.doing(DOING)
}

static INSTANCES: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        ("id", Kind::Int),
        ("slot", Kind::Int),
        ("journey", Kind::Int),
        ("version", Kind::Int),
        ("account", Kind::Int),
        ("parent", Kind::Int),
        ("parent_position", Kind::Int),
        ("parent_index", Kind::Int),
        ("shadow_journey", Kind::Int),
        ("shadow_version", Kind::Int),
        ("status", Kind::Text),
        ("outcome", Kind::Text),
        ("sequence", Kind::Int),
        ("state", Kind::Text),
        ("watches_account", Kind::Int),
        ("moved_by", Kind::Int),
        ("depth", Kind::Int),
        ("started_at", Kind::Int),
        ("updated_at", Kind::Int),
    ];
    Insert::new("instances", &columns, |dialect| {
        format!(
            " ON CONFLICT ({}) DO UPDATE SET version = excluded.version, status = excluded.status, outcome = excluded.outcome,
                sequence = excluded.sequence, state = excluded.state, watches_account = excluded.watches_account,
                moved_by = CASE WHEN excluded.moved_by > instances.moved_by THEN excluded.moved_by ELSE instances.moved_by END,
                depth = CASE WHEN excluded.depth < 0 THEN instances.depth ELSE excluded.depth END, updated_at = excluded.updated_at",
            dialect.key_of_an_instance(),
        )
    })
});
