//! What a group of commits waits for from now on, and which events brought the commits about.

use super::{DOING, Ready};
use crate::sql::{Keyed, query, query_scalar, values};
use crate::{
    Failure, Ids, InstanceId,
    commits::{Cause, Commit, Guard, NewListen},
    database::{Write, events, written::number},
    events::NewReaction,
    failure::Doing,
    planted::{Mistake, makes},
};
use journey::{Fact, Instance, Position};
use std::sync::LazyLock;

/// The depth to be written with an instance; a negative one leaves it as it is.
///
/// An instance is as deep as the event that moved it last. Its own calls and timers leave it there; what a person does begins anew.
pub(super) fn depth_of(commit: &Commit) -> i64 {
    match (&commit.cause, &commit.guard) {
        (Some(cause), _) => i64::from(cause.depth),
        (None, Guard::New { .. } | Guard::Below { .. }) => 0,
        (None, Guard::At { .. }) if commit.deed.is_some() => 0,
        (None, Guard::At { .. }) => -1,
    }
}

/// The event that moves an instance with this commit; 0 when none does.
pub(super) fn moved_by(commit: &Commit) -> i64 {
    commit.cause.as_ref().map_or(0, |cause| cause.event.number())
}

/// An instance below another is as deep as that one, and has heard what that one has.
pub(super) async fn inherit(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    for Ready { commit, .. } in group {
        let (Some(parent), Guard::Below { .. }) = (commit.life.parent, &commit.guard) else {
            continue;
        };
        query(
            "UPDATE instances SET depth = above.depth, moved_by = above.moved_by
             FROM (SELECT depth, moved_by FROM instances WHERE slot = $3 AND id = $2) AS above
             WHERE instances.slot = $3 AND instances.id = $1",
        )
        .bind(commit.instance.number())
        .bind(parent.number())
        .bind(commit.instance.slot().number())
        .execute(&mut *tx)
        .await
        .doing(DOING)?;
    }
    Ok(())
}

/// How many events had brought each other about before what the instance does now.
pub(super) async fn depth_now(tx: &mut Write, instance: InstanceId) -> Result<u32, Failure> {
    let depth: Option<i64> =
        query_scalar("SELECT depth FROM instances WHERE slot = $1 AND id = $2")
            .bind(instance.slot().number())
            .bind(instance.number())
            .fetch_optional(&mut *tx)
            .await
            .doing(DOING)?;
    Ok(depth.and_then(|depth| u32::try_from(depth).ok()).unwrap_or(0))
}

/// Removes what is not waited for any more.
pub(super) async fn remove_listens(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    static DEAF: LazyLock<Keyed> = LazyLock::new(|| {
        Keyed::new(("DELETE FROM listens", 0), &["instance", "position"], |_| String::new())
    });
    let places = |ready: &&Ready<'_>| {
        let instance = ready.commit.instance.number();
        let key = move |deaf: &Position| values![instance, i64::from(deaf.0)];
        ready.commit.deaf.iter().map(key).collect::<Vec<_>>()
    };
    let deaf: Vec<_> = group.iter().flat_map(places).collect();
    DEAF.run(tx, &[], &deaf).await.doing(DOING).map(drop)
}

/// Writes what is waited for from now on; the instances are written already.
pub(super) async fn write_listens(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    for Ready { commit, .. } in group {
        move_listens(tx, commit).await?;
        drop_retried(tx, commit).await?;
        for listen in commit.listens.iter().filter(|_| !makes(Mistake::ListenLost)) {
            write_listen(tx, commit, listen).await?;
        }
    }
    Ok(())
}

/// The waits of an instance that goes on with another version are found there.
async fn move_listens(tx: &mut Write, commit: &Commit) -> Result<(), Failure> {
    for record in &commit.records {
        let Fact::Migrated(migrated) = &record.fact else { continue };
        for wait in &migrated.waits {
            query(
                "UPDATE listens SET version = $1, node = $2 WHERE instance = $3 AND position = $4",
            )
            .bind(number(commit.life.version))
            .bind(&wait.to)
            .bind(commit.instance.number())
            .bind(i64::from(wait.position.0))
            .execute(&mut *tx)
            .await
            .doing(DOING)?;
        }
    }
    Ok(())
}

/// A wait that became an incident and is tried again may wait for another key.
async fn drop_retried(tx: &mut Write, commit: &Commit) -> Result<(), Failure> {
    for record in &commit.records {
        let Fact::IncidentRetried { position, .. } = &record.fact else { continue };
        query("DELETE FROM listens WHERE instance = $1 AND position = $2")
            .bind(commit.instance.number())
            .bind(i64::from(position.0))
            .execute(&mut *tx)
            .await
            .doing(DOING)?;
    }
    Ok(())
}

async fn write_listen(tx: &mut Write, commit: &Commit, listen: &NewListen) -> Result<(), Failure> {
    let Some(node) = node_at(&commit.state, listen.position) else { return Ok(()) };
    query(
        "INSERT INTO listens (name, journey, version, node, key, instance, position, heard)
         VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT moved_by FROM instances WHERE slot = $8 AND id = $6))
         ON CONFLICT (name, journey, version, node, key, instance, position) DO NOTHING",
    )
    .bind(&listen.name)
    .bind(commit.life.journey.number())
    .bind(number(commit.life.version))
    .bind(node)
    .bind(&listen.key)
    .bind(commit.instance.number())
    .bind(i64::from(listen.position.0))
    .bind(commit.instance.slot().number())
    .execute(&mut *tx)
    .await
    .doing(DOING)?;
    Ok(())
}

fn node_at(state: &Instance, position: Position) -> Option<&str> {
    state.wait(position).map(|wait| wait.node.as_str())
}

/// Writes down that events started and woke these instances.
pub(super) async fn write_reactions(
    tx: &mut Write,
    ids: &Ids,
    group: &[&Ready<'_>],
) -> Result<(), Failure> {
    for Ready { commit, .. } in group {
        let reaction = commit.cause.as_ref().and_then(|cause: &Cause| cause.reaction.as_ref());
        let reactions: &[NewReaction] = reaction.map_or(&[], std::slice::from_ref);
        events::write_reactions(tx, ids, reactions, commit.at).await?;
    }
    Ok(())
}
