//! Group commit: everything is checked and turned to rows first, then written with a handful of statements whatever the group's size.

mod causes;
mod instances;
mod judge;
mod tasks;

use super::{
    Database, Write, accounts, audit, idempotency, records, would_have,
    written::{number, to_json},
};
use crate::sql::{Insert, Keyed, Kind, query, values};
use crate::{
    Commits, Failure, Ids,
    commits::{Commit, Guard, Refused},
    failure::Doing,
    planted::{Mistake, makes},
    work::Lane,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Position;
use std::sync::LazyLock;

const DOING: &str = "commit a group of steps";

/// A commit and what of it takes time to write as text, done before the write lock is held.
struct Ready<'a> {
    commit: &'a Commit,
    state: String,
    records: Vec<records::Row>,
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
    for request in accepted.iter().filter_map(|ready| ready.commit.asked.as_ref()) {
        idempotency::mark(tx, request).await?;
    }
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
            records: records_of(commit)?,
            jobs: commit.work.iter().map(|work| to_json(&work.job)).collect::<Result<_, _>>()?,
            commit,
        })
    }
}

async fn write_starts(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    static STARTS: LazyLock<Insert> = LazyLock::new(|| {
        let columns = [("journey", Kind::Int), ("key", Kind::Text), ("instance", Kind::Int)];
        Insert::new("starts", &columns, |_| String::new())
    });
    if makes(Mistake::StartKeyIgnored) {
        return Ok(());
    }
    let rows = group.iter().filter_map(|ready| match &ready.commit.guard {
        Guard::New { dedupe_key: Some(key), .. } => {
            let (journey, instance) = (ready.commit.life.journey, ready.commit.instance);
            Some(values![journey.number(), key, instance.number()])
        }
        Guard::New { dedupe_key: None, .. } | Guard::At { .. } | Guard::Below { .. } => None,
    });
    STARTS.write(tx, rows.collect()).await.doing(DOING)
}

fn records_of(commit: &Commit) -> Result<Vec<records::Row>, Failure> {
    records::rows(commit.records.get(usize::from(makes(Mistake::LostRecord))..).unwrap_or_default())
}

async fn write_records(tx: &mut Write, node: i64, group: &[&Ready<'_>]) -> Result<(), Failure> {
    static RECORDS: LazyLock<Insert> = LazyLock::new(|| {
        let columns = [
            ("slot", Kind::Int),
            ("instance", Kind::Int),
            ("sequence", Kind::Int),
            ("node", Kind::Int),
            ("body", Kind::Text),
        ];
        Insert::new("records", &columns, |_| String::new())
    });
    let rows = group.iter().flat_map(|ready| {
        let instance = ready.commit.instance;
        let slot = instance.slot().number();
        ready.records.iter().map(move |records| {
            values![slot, instance.number(), number(records.last), node, &records.body]
        })
    });
    RECORDS.write(tx, rows.collect()).await.doing(DOING)
}

async fn remove_work(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    static LEFT: LazyLock<Keyed> = LazyLock::new(|| {
        Keyed::new(("DELETE FROM work", 0), &["slot", "instance", "position"], |_| String::new())
    });
    if makes(Mistake::WorkStays) {
        return Ok(());
    }
    let places = |ready: &&Ready<'_>| {
        let instance = ready.commit.instance;
        let (slot, id) = (instance.slot().number(), instance.number());
        let key = move |left: &Position| values![slot, id, i64::from(left.0)];
        ready.commit.left.iter().map(key).collect::<Vec<_>>()
    };
    let left: Vec<_> = group.iter().flat_map(places).collect();
    LEFT.run(tx, &[], &left).await.doing(DOING)?;
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
    let rows = group.iter().flat_map(|ready| {
        let Commit { instance, life, work, .. } = &ready.commit;
        work.iter().zip(&ready.jobs).map(move |(work, body)| {
            let lane = Lane::of(*instance, life.journey, &work.job);
            values![
                instance.slot().number(),
                instance.number(),
                i64::from(work.position.0),
                work.job.name(),
                work.due.0,
                work.lease.map_or(work.due, |lease| lease.until).0,
                work.lease.map_or(0, |lease| lease.id.number()),
                work.lease.map_or(0, |_| node),
                lane.text().to_owned(),
                body,
            ]
        })
    });
    WORK.write(tx, rows.collect()).await.doing(DOING)
}

static WORK: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        ("slot", Kind::Int),
        ("instance", Kind::Int),
        ("position", Kind::Int),
        ("name", Kind::Text),
        ("due_at", Kind::Int),
        ("available_at", Kind::Int),
        ("lease", Kind::Int),
        ("node", Kind::Int),
        ("lane", Kind::Text),
        ("body", Kind::Text),
    ];
    Insert::new("work", &columns, |_| {
        String::from(" ON CONFLICT (slot, instance, position, name) DO UPDATE SET due_at = excluded.due_at,
            available_at = excluded.available_at, lease = excluded.lease, node = excluded.node, lane = excluded.lane, body = excluded.body")
    })
});

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
