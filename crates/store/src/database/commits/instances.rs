//! The instances of a group of commits.

use super::{DOING, Ready, causes, judge::Lying};
use crate::{
    AccountId, Failure, InstanceId,
    commits::Commit,
    database::{Write, pieces, written::number},
    failure::Doing,
    instances::status_word,
    sql::{Builder, Dialect, query},
};

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
    for piece in pieces(tx.dialect(), group) {
        let mut query = Builder::new(
            "INSERT INTO instances (id, slot, journey, version, account, parent, parent_position, parent_index, shadow_journey, shadow_version, status, outcome, sequence, state, watches_account, moved_by, depth, started_at, updated_at) ",
        );
        query.push_values(piece, |mut row, ready| {
            let Commit { instance, life, state, at, .. } = ready.commit;
            row.push_bind(instance.number())
                .push_bind(instance.slot().number())
                .push_bind(life.journey.number())
                .push_bind(number(life.version))
                .push_bind(life.account.map(AccountId::number))
                .push_bind(life.parent.map(InstanceId::number))
                .push_bind(state.parent().map(|parent| i64::from(parent.position.0)))
                .push_bind(state.parent().map(|parent| i64::from(parent.index)))
                .push_bind(life.shadow.map(|shadow| shadow.journey.number()))
                .push_bind(life.shadow.map(|shadow| number(shadow.version)))
                .push_bind(status_word(state.status()))
                .push_bind(state.outcome())
                .push_bind(number(state.sequence()))
                .push_bind(&ready.state)
                .push_bind(i64::from(ready.commit.watches_account))
                .push_bind(causes::moved_by(ready.commit))
                .push_bind(causes::depth_of(ready.commit))
                .push_bind(life.started_at.0)
                .push_bind(at.0);
        });
        query.push(tx.dialect().when_the_instance_is_there()).push(
            " DO UPDATE SET version = excluded.version, status = excluded.status, outcome = excluded.outcome,
                sequence = excluded.sequence, state = excluded.state, watches_account = excluded.watches_account,
                moved_by = CASE WHEN excluded.moved_by > instances.moved_by THEN excluded.moved_by ELSE instances.moved_by END,
                depth = CASE WHEN excluded.depth < 0 THEN instances.depth ELSE excluded.depth END, updated_at = excluded.updated_at",
        );
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    Ok(())
}
