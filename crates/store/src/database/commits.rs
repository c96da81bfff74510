//! Group commit: everything is checked and turned to rows first, then written with a handful of statements whatever the group's size.

mod causes;
mod instances;
mod judge;
mod tasks;

use super::{
    Database, Write, accounts, audit, pieces, would_have,
    written::{number, to_json},
};
use crate::sql::{Builder, query};
use crate::{
    Commits, Failure, Ids, InstanceId,
    commits::{Commit, Guard, Refused},
    failure::Doing,
    planted::{Mistake, makes},
    work::Lane,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Position;

const DOING: &str = "commit a group of steps";

/// A commit and what of it takes time to write as text, done before the write lock is held.
struct Ready<'a> {
    commit: &'a Commit,
    state: String,
    records: Vec<String>,
    jobs: Vec<String>,
}

#[async_trait]
impl Commits for Database {
    async fn commit(&self, commits: &[Commit]) -> Result<Vec<Result<(), Refused>>, Failure> {
        let ready = commits.iter().map(Ready::new).collect::<Result<Vec<_>, _>>()?;
        let keys = ready.iter().flat_map(|ready| judge::keys(ready.commit));
        let mut tx = self.write_holding(keys, DOING).await?;
        let by = (&self.ids, self.membership.number());
        match write_what_may_be(&mut tx, by, &ready).await {
            Ok(verdicts) => {
                // Also of a group that was refused whole: what it holds is free before it is answered, or the next claim would pass it by.
                tx.commit(Point::Commit).await?;
                Ok(verdicts)
            }
            Err(failure) => {
                // What became of the group is said by the failure; a connection that is lost holds nothing either.
                let _ = tx.rollback().await;
                Err(failure)
            }
        }
    }
}

/// Judges a group and writes what is accepted of it.
async fn write_what_may_be(
    tx: &mut Write,
    (ids, node): (&Ids, i64),
    group: &[Ready<'_>],
) -> Result<Vec<Result<(), Refused>>, Failure> {
    let (verdicts, lying) = judge::judge(tx, group).await?;
    let judged = group.iter().zip(&verdicts);
    let accepted: Vec<&Ready<'_>> =
        judged.filter(|(_, verdict)| verdict.is_ok()).map(|(ready, _)| ready).collect();
    if accepted.is_empty() {
        return Ok(verdicts);
    }
    write_starts(tx, &accepted).await?;
    let is_step = |ready: &&Ready<'_>| matches!(ready.commit.guard, Guard::At { .. });
    if !(makes(Mistake::SplitCommit) && accepted.iter().all(is_step)) {
        instances::write(tx, &accepted, &lying).await?;
    }
    write_records(tx, node, &accepted).await?;
    causes::inherit(tx, &accepted).await?;
    causes::remove_listens(tx, &accepted).await?;
    causes::write_listens(tx, &accepted).await?;
    causes::write_reactions(tx, ids, &accepted).await?;
    remove_work(tx, &accepted).await?;
    write_work(tx, node, &accepted).await?;
    tasks::write_offers(tx, &accepted).await?;
    let deeds = accepted.iter().filter_map(|ready| ready.commit.deed.as_ref());
    audit::write_deeds(tx, ids, deeds).await?;
    for ready in &accepted {
        write_the_rest(tx, ids, ready.commit).await?;
        would_have::write(tx, ids, ready.commit).await?;
    }
    Ok(verdicts)
}

impl<'a> Ready<'a> {
    fn new(commit: &'a Commit) -> Result<Self, Failure> {
        Ok(Self {
            state: to_json(&commit.state)?,
            records: commit.records.iter().map(to_json).collect::<Result<_, _>>()?,
            jobs: commit.work.iter().map(|work| to_json(&work.job)).collect::<Result<_, _>>()?,
            commit,
        })
    }
}

async fn write_starts(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    for ready in group {
        let Guard::New { dedupe_key: Some(key), .. } = &ready.commit.guard else { continue };
        if makes(Mistake::StartKeyIgnored) {
            continue;
        }
        query("INSERT INTO starts (journey, key, instance) VALUES ($1, $2, $3)")
            .bind(ready.commit.life.journey.number())
            .bind(key)
            .bind(ready.commit.instance.number())
            .execute(&mut *tx)
            .await
            .doing(DOING)?;
    }
    Ok(())
}

async fn write_records(tx: &mut Write, node: i64, group: &[&Ready<'_>]) -> Result<(), Failure> {
    let rows: Vec<(InstanceId, u64, &String)> = group
        .iter()
        .flat_map(|ready| {
            let bodies = ready.commit.records.iter().zip(&ready.records);
            let bodies = bodies.skip(usize::from(makes(Mistake::LostRecord)));
            bodies.map(|(record, body)| (ready.commit.instance, record.sequence, body))
        })
        .collect();
    for piece in pieces(tx.dialect(), &rows) {
        let mut query = Builder::new("INSERT INTO records (slot, instance, sequence, node, body) ");
        query.push_values(piece, |mut row, (instance, sequence, body)| {
            row.push_bind(instance.slot().number())
                .push_bind(instance.number())
                .push_bind(number(*sequence))
                .push_bind(node)
                .push_bind(*body);
        });
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    Ok(())
}

async fn remove_work(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    if makes(Mistake::WorkStays) {
        return Ok(());
    }
    let left: Vec<(InstanceId, Position)> = group
        .iter()
        .flat_map(|ready| ready.commit.left.iter().map(|left| (ready.commit.instance, *left)))
        .collect();
    for piece in pieces(tx.dialect(), &left) {
        let mut query = Builder::new("DELETE FROM work WHERE ");
        let mut rows = query.separated(" OR ");
        for (instance, position) in piece {
            rows.push("(slot = ").push_bind_unseparated(instance.slot().number());
            rows.push_unseparated(" AND instance = ").push_bind_unseparated(instance.number());
            rows.push_unseparated(" AND position = ").push_bind_unseparated(i64::from(position.0));
            rows.push_unseparated(")");
        }
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    for ready in group {
        remove_answered(tx, ready.commit).await?;
    }
    Ok(())
}

/// Work that was answered while its position goes on waiting, for another try.
async fn remove_answered(tx: &mut Write, commit: &Commit) -> Result<(), Failure> {
    let Some((key, _)) =
        commit.done.as_ref().filter(|(key, _)| !commit.left.contains(&key.position))
    else {
        return Ok(());
    };
    query("DELETE FROM work WHERE slot = $1 AND instance = $2 AND position = $3 AND name = $4")
        .bind(key.instance.slot().number())
        .bind(key.instance.number())
        .bind(i64::from(key.position.0))
        .bind(&key.name)
        .execute(&mut *tx)
        .await
        .doing(DOING)?;
    Ok(())
}

async fn write_work(tx: &mut Write, node: i64, group: &[&Ready<'_>]) -> Result<(), Failure> {
    if makes(Mistake::LostWork) {
        return Ok(());
    }
    let rows: Vec<_> = group
        .iter()
        .flat_map(|ready| {
            let jobs = ready.commit.work.iter().zip(&ready.jobs);
            let Commit { instance, life, .. } = &ready.commit;
            jobs.map(|(work, body)| {
                let lane = Lane::of(*instance, life.journey, &work.job);
                (*instance, work, work.job.name(), lane, body)
            })
        })
        .collect();
    for piece in pieces(tx.dialect(), &rows) {
        let mut query = Builder::new(
            "INSERT INTO work (slot, instance, position, name, due_at, available_at, lease, node, lane, body) ",
        );
        query.push_values(piece, |mut row, (instance, work, name, lane, body)| {
            row.push_bind(instance.slot().number())
                .push_bind(instance.number())
                .push_bind(i64::from(work.position.0))
                .push_bind(name)
                .push_bind(work.due.0)
                .push_bind(work.lease.map_or(work.due, |lease| lease.until).0)
                .push_bind(work.lease.map_or(0, |lease| lease.id.number()))
                .push_bind(work.lease.map_or(0, |_| node))
                .push_bind(lane.text())
                .push_bind(*body);
        });
        query.push(
            " ON CONFLICT (slot, instance, position, name) DO UPDATE SET due_at = excluded.due_at,
                available_at = excluded.available_at, lease = excluded.lease, node = excluded.node, lane = excluded.lane, body = excluded.body",
        );
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    Ok(())
}

/// What is rare or needs what is there: changes of tasks, fields of accounts, notices.
async fn write_the_rest(tx: &mut Write, ids: &Ids, commit: &Commit) -> Result<(), Failure> {
    for change in &commit.tasks {
        tasks::change_task(tx, commit, change).await?;
    }
    if let Some(account) = commit.life.account
        && !commit.account_fields.is_empty()
    {
        let depth = causes::depth_now(tx, commit.instance).await?.saturating_add(1);
        let writing = accounts::Writing { ids, depth, now: commit.at };
        accounts::write_fields(tx, writing, account, &commit.account_fields).await?;
    }
    for (place, notice) in commit.notices.iter().enumerate() {
        query(
            "INSERT INTO notices (slot, instance, position, sequence, place, person, team, about, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(commit.instance.slot().number())
        .bind(commit.instance.number())
        .bind(i64::from(notice.position.0))
        .bind(number(commit.state.sequence()))
        .bind(i64::try_from(place).unwrap_or(i64::MAX))
        // People are known by their addresses in lower case; an account may name its owner in another.
        .bind(notice.to.user.as_ref().map(|user| user.to_lowercase()))
        .bind(&notice.to.team)
        .bind(&notice.about)
        .bind(commit.at.0)
        .execute(&mut *tx)
        .await
        .doing(DOING)?;
    }
    Ok(())
}
