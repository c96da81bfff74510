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
};
use async_trait::async_trait;
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
        let (verdicts, lying) = judge::judge(&mut tx, &ready).await?;
        let accepted: Vec<&Ready<'_>> = ready
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| verdict.is_ok())
            .map(|(ready, _)| ready)
            .collect();
        if !accepted.is_empty() {
            write_starts(&mut tx, &accepted).await?;
            instances::write(&mut tx, &accepted, &lying).await?;
            write_records(&mut tx, &accepted).await?;
            causes::inherit(&mut tx, &accepted).await?;
            causes::remove_listens(&mut tx, &accepted).await?;
            causes::write_listens(&mut tx, &accepted).await?;
            causes::write_reactions(&mut tx, &self.ids, &accepted).await?;
            remove_work(&mut tx, &accepted).await?;
            write_work(&mut tx, &accepted).await?;
            tasks::write_offers(&mut tx, &accepted).await?;
            let deeds = accepted.iter().filter_map(|ready| ready.commit.deed.as_ref());
            audit::write_deeds(&mut tx, &self.ids, deeds).await?;
            for ready in &accepted {
                write_the_rest(&mut tx, &self.ids, ready.commit).await?;
                would_have::write(&mut tx, &self.ids, ready.commit).await?;
            }
            tx.commit().await.doing(DOING)?;
        }
        Ok(verdicts)
    }
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

async fn write_records(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    let rows: Vec<(InstanceId, u64, &String)> = group
        .iter()
        .flat_map(|ready| {
            let bodies = ready.commit.records.iter().zip(&ready.records);
            bodies.map(|(record, body)| (ready.commit.instance, record.sequence, body))
        })
        .collect();
    for piece in pieces(tx.dialect(), &rows) {
        let mut query = Builder::new("INSERT INTO records (slot, instance, sequence, body) ");
        query.push_values(piece, |mut row, (instance, sequence, body)| {
            row.push_bind(instance.slot().number())
                .push_bind(instance.number())
                .push_bind(number(*sequence))
                .push_bind(*body);
        });
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    Ok(())
}

async fn remove_work(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
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

async fn write_work(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    let rows: Vec<_> = group
        .iter()
        .flat_map(|ready| {
            let jobs = ready.commit.work.iter().zip(&ready.jobs);
            jobs.map(|(work, body)| (ready.commit.instance, work, work.job.name(), body))
        })
        .collect();
    for piece in pieces(tx.dialect(), &rows) {
        let mut query = Builder::new(
            "INSERT INTO work (slot, instance, position, name, due_at, available_at, lease, body) ",
        );
        query.push_values(piece, |mut row, (instance, work, name, body)| {
            row.push_bind(instance.slot().number())
                .push_bind(instance.number())
                .push_bind(i64::from(work.position.0))
                .push_bind(name)
                .push_bind(work.due.0)
                .push_bind(work.lease.map_or(work.due, |lease| lease.until).0)
                .push_bind(work.lease.map_or(0, |lease| lease.id.number()))
                .push_bind(*body);
        });
        query.push(
            " ON CONFLICT (slot, instance, position, name) DO UPDATE SET due_at = excluded.due_at,
                available_at = excluded.available_at, lease = excluded.lease, body = excluded.body",
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
