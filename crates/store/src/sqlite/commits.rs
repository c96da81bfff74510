//! Group commit: everything is checked and turned to rows first, then written with a handful of statements whatever the group's size.

use super::{
    SqliteStore, Write, accounts, audit, pieces,
    row::{number, to_json},
};
use crate::{
    AccountId, Commits, Failure, InstanceId, JourneyId,
    commits::{Commit, EntryRule, Guard, Refused, TaskChange},
    failure::Doing,
    ids,
    instances::status_word,
    tasks::{State, sla_word},
};
use async_trait::async_trait;
use journey::{
    Timestamp,
    effect::{Close, SlaState},
};
use sqlx::{QueryBuilder, Sqlite, query, query_as, query_scalar};
use std::collections::{HashMap, HashSet};

const DOING: &str = "commit a group of steps";
const DAY_MS: i64 = 86_400_000;

/// A commit and what of it takes time to write as text, done before the write lock is held.
struct Ready {
    commit: Commit,
    state: String,
    records: Vec<String>,
    jobs: Vec<String>,
}

#[async_trait]
impl Commits for SqliteStore {
    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Result<(), Refused>>, Failure> {
        let ready = commits.into_iter().map(Ready::new).collect::<Result<Vec<_>, _>>()?;
        let mut tx = self.write().await?;
        let verdicts = judge(&mut tx, &ready).await?;
        let accepted: Vec<&Ready> = ready
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| verdict.is_ok())
            .map(|(ready, _)| ready)
            .collect();
        if !accepted.is_empty() {
            write_starts(&mut tx, &accepted).await?;
            write_instances(&mut tx, &accepted).await?;
            write_records(&mut tx, &accepted).await?;
            remove_work(&mut tx, &accepted).await?;
            write_work(&mut tx, &accepted).await?;
            write_offers(&mut tx, &accepted).await?;
            let deeds = accepted.iter().filter_map(|ready| ready.commit.deed.as_ref());
            audit::write_deeds(&mut tx, &self.ids, deeds).await?;
            for ready in &accepted {
                write_the_rest(&mut tx, &ready.commit).await?;
            }
            tx.commit().await.doing(DOING)?;
        }
        Ok(verdicts)
    }
}

impl Ready {
    fn new(commit: Commit) -> Result<Self, Failure> {
        Ok(Self {
            state: to_json(&commit.state)?,
            records: commit.records.iter().map(to_json).collect::<Result<_, _>>()?,
            jobs: commit.work.iter().map(|work| to_json(&work.job)).collect::<Result<_, _>>()?,
            commit,
        })
    }
}

/// What the group's own commits, accepted so far, have already taken.
#[derive(Default)]
struct Taken {
    instances: HashSet<InstanceId>,
    keys: HashMap<(JourneyId, String), InstanceId>,
    accounts: HashMap<(JourneyId, AccountId), InstanceId>,
    starts: HashMap<JourneyId, u32>,
}

async fn judge(tx: &mut Write, group: &[Ready]) -> Result<Vec<Result<(), Refused>>, Failure> {
    let sequences = sequences(tx, group).await?;
    let mut taken = Taken::default();
    let mut verdicts = Vec::with_capacity(group.len());
    for ready in group {
        let verdict = judge_one(tx, &ready.commit, &sequences, &taken).await?;
        if verdict.is_ok() {
            taken.add(&ready.commit);
        }
        verdicts.push(verdict);
    }
    Ok(verdicts)
}

async fn judge_one(
    tx: &mut Write,
    commit: &Commit,
    sequences: &HashMap<i64, i64>,
    taken: &Taken,
) -> Result<Result<(), Refused>, Failure> {
    let stored = sequences.get(&commit.instance.number()).copied();
    if taken.instances.contains(&commit.instance) {
        return Ok(Err(Refused::LostRace));
    }
    match &commit.guard {
        Guard::At { sequence } if stored != Some(number(*sequence)) => {
            return Ok(Err(Refused::LostRace));
        }
        Guard::New { .. } if stored.is_some() => return Ok(Err(Refused::LostRace)),
        Guard::At { .. } => {}
        Guard::New { dedupe_key, entry, .. } => {
            if let Some(refused) = duplicate(tx, commit, dedupe_key.as_deref(), taken).await? {
                return Ok(Err(refused));
            }
            if let Some(refused) = kept_out(tx, commit, *entry, taken).await? {
                return Ok(Err(refused));
            }
        }
    }
    if lease_lost(tx, commit).await? {
        return Ok(Err(Refused::LostLease));
    }
    Ok(Ok(()))
}

impl Taken {
    fn add(&mut self, commit: &Commit) {
        self.instances.insert(commit.instance);
        let Guard::New { dedupe_key, .. } = &commit.guard else { return };
        let journey = commit.life.journey;
        *self.starts.entry(journey).or_default() += 1;
        if let Some(key) = dedupe_key {
            self.keys.insert((journey, key.clone()), commit.instance);
        }
        if let Some(account) = commit.life.account {
            self.accounts.insert((journey, account), commit.instance);
        }
    }
}

/// How many records each instance of the group has.
async fn sequences(tx: &mut Write, group: &[Ready]) -> Result<HashMap<i64, i64>, Failure> {
    let mut sequences = HashMap::with_capacity(group.len());
    for piece in pieces(group) {
        let mut query =
            QueryBuilder::<Sqlite>::new("SELECT id, sequence FROM instances WHERE id IN (");
        let mut list = query.separated(", ");
        for ready in piece {
            list.push_bind(ready.commit.instance.number());
        }
        query.push(")");
        let rows: Vec<(i64, i64)> =
            query.build_query_as().fetch_all(&mut **tx).await.doing(DOING)?;
        sequences.extend(rows);
    }
    Ok(sequences)
}

async fn duplicate(
    tx: &mut Write,
    commit: &Commit,
    key: Option<&str>,
    taken: &Taken,
) -> Result<Option<Refused>, Failure> {
    let Some(key) = key else { return Ok(None) };
    let journey = commit.life.journey;
    if let Some(instance) = taken.keys.get(&(journey, key.to_owned())) {
        return Ok(Some(Refused::Duplicate { instance: *instance }));
    }
    let found: Option<i64> =
        query_scalar("SELECT instance FROM starts WHERE journey = $1 AND key = $2")
            .bind(journey.number())
            .bind(key)
            .fetch_optional(&mut **tx)
            .await
            .doing(DOING)?;
    Ok(found.map(|id| Refused::Duplicate { instance: InstanceId::stored(id) }))
}

async fn kept_out(
    tx: &mut Write,
    commit: &Commit,
    rule: EntryRule,
    taken: &Taken,
) -> Result<Option<Refused>, Failure> {
    let journey = commit.life.journey;
    if let Some(account) = commit.life.account
        && (rule.one_per_account || rule.cool_down_ms.is_some())
    {
        let beside = taken.accounts.get(&(journey, account)).copied();
        if let Some(instance) = beside {
            return Ok(Some(Refused::AlreadyIn { instance }));
        }
        if let Some(refused) = account_kept_out(tx, commit, account, rule).await? {
            return Ok(Some(refused));
        }
    }
    let Some(cap) = rule.cap_per_day else { return Ok(None) };
    let since = ids::first_number_at(commit.at.plus(-DAY_MS));
    let started: i64 =
        query_scalar("SELECT COUNT(*) FROM instances WHERE journey = $1 AND id >= $2")
            .bind(journey.number())
            .bind(since)
            .fetch_one(&mut **tx)
            .await
            .doing(DOING)?;
    let beside = taken.starts.get(&journey).copied().unwrap_or(0);
    let full = started + i64::from(beside) >= i64::from(cap);
    Ok(full.then_some(Refused::CapReached))
}

async fn account_kept_out(
    tx: &mut Write,
    commit: &Commit,
    account: AccountId,
    rule: EntryRule,
) -> Result<Option<Refused>, Failure> {
    let last: Option<(i64, String, i64)> = query_as(
        "SELECT id, status, started_at FROM instances WHERE account = $1 AND journey = $2
         ORDER BY CASE WHEN status IN ('running', 'incident') THEN 0 ELSE 1 END, id DESC LIMIT 1",
    )
    .bind(account.number())
    .bind(commit.life.journey.number())
    .fetch_optional(&mut **tx)
    .await
    .doing(DOING)?;
    let Some((id, status, started_at)) = last else { return Ok(None) };
    if rule.one_per_account && matches!(status.as_str(), "running" | "incident") {
        return Ok(Some(Refused::AlreadyIn { instance: InstanceId::stored(id) }));
    }
    let until = rule.cool_down_ms.map(|cool_down| Timestamp(started_at).plus(cool_down));
    Ok(until.filter(|until| commit.at < *until).map(|until| Refused::CoolingDown { until }))
}

async fn lease_lost(tx: &mut Write, commit: &Commit) -> Result<bool, Failure> {
    let Some((key, lease)) = &commit.done else { return Ok(false) };
    let held: Option<i64> = query_scalar(
        "SELECT lease FROM work WHERE slot = $1 AND instance = $2 AND position = $3 AND name = $4",
    )
    .bind(key.instance.slot().number())
    .bind(key.instance.number())
    .bind(i64::from(key.position.0))
    .bind(&key.name)
    .fetch_optional(&mut **tx)
    .await
    .doing(DOING)?;
    Ok(held != Some(lease.number()))
}

async fn write_starts(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    for ready in group {
        let Guard::New { dedupe_key: Some(key), .. } = &ready.commit.guard else { continue };
        query("INSERT INTO starts (journey, key, instance) VALUES ($1, $2, $3)")
            .bind(ready.commit.life.journey.number())
            .bind(key)
            .bind(ready.commit.instance.number())
            .execute(&mut **tx)
            .await
            .doing(DOING)?;
    }
    Ok(())
}

async fn write_instances(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    for piece in pieces(group) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO instances (id, slot, journey, version, account, status, outcome, sequence, state, started_at, updated_at) ",
        );
        query.push_values(piece, |mut row, ready| {
            let Commit { instance, life, state, at, .. } = &ready.commit;
            row.push_bind(instance.number())
                .push_bind(instance.slot().number())
                .push_bind(life.journey.number())
                .push_bind(number(life.version))
                .push_bind(life.account.map(AccountId::number))
                .push_bind(status_word(state.status()))
                .push_bind(state.outcome())
                .push_bind(number(state.sequence()))
                .push_bind(&ready.state)
                .push_bind(life.started_at.0)
                .push_bind(at.0);
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET status = excluded.status, outcome = excluded.outcome,
                sequence = excluded.sequence, state = excluded.state, updated_at = excluded.updated_at",
        );
        query.build().execute(&mut **tx).await.doing(DOING)?;
    }
    Ok(())
}

async fn write_records(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    let rows: Vec<(InstanceId, u64, &String)> = group
        .iter()
        .flat_map(|ready| {
            let bodies = ready.commit.records.iter().zip(&ready.records);
            bodies.map(|(record, body)| (ready.commit.instance, record.sequence, body))
        })
        .collect();
    for piece in pieces(&rows) {
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT INTO records (slot, instance, sequence, body) ");
        query.push_values(piece, |mut row, (instance, sequence, body)| {
            row.push_bind(instance.slot().number())
                .push_bind(instance.number())
                .push_bind(number(*sequence))
                .push_bind(*body);
        });
        query.build().execute(&mut **tx).await.doing(DOING)?;
    }
    Ok(())
}

async fn remove_work(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    for ready in group {
        let Commit { instance, done, left, .. } = &ready.commit;
        for position in left {
            query("DELETE FROM work WHERE slot = $1 AND instance = $2 AND position = $3")
                .bind(instance.slot().number())
                .bind(instance.number())
                .bind(i64::from(position.0))
                .execute(&mut **tx)
                .await
                .doing(DOING)?;
        }
        let Some((key, _)) = done.as_ref().filter(|(key, _)| !left.contains(&key.position)) else {
            continue;
        };
        query("DELETE FROM work WHERE slot = $1 AND instance = $2 AND position = $3 AND name = $4")
            .bind(key.instance.slot().number())
            .bind(key.instance.number())
            .bind(i64::from(key.position.0))
            .bind(&key.name)
            .execute(&mut **tx)
            .await
            .doing(DOING)?;
    }
    Ok(())
}

async fn write_work(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    let rows: Vec<_> = group
        .iter()
        .flat_map(|ready| {
            let jobs = ready.commit.work.iter().zip(&ready.jobs);
            jobs.map(|(work, body)| (ready.commit.instance, work, work.job.name(), body))
        })
        .collect();
    for piece in pieces(&rows) {
        let mut query = QueryBuilder::<Sqlite>::new(
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
        query.build().execute(&mut **tx).await.doing(DOING)?;
    }
    Ok(())
}

async fn write_offers(tx: &mut Write, group: &[&Ready]) -> Result<(), Failure> {
    for ready in group {
        for change in &ready.commit.tasks {
            if let TaskChange::Offer { position, offer } = change {
                offer_task(tx, &ready.commit, i64::from(position.0), offer).await?;
            }
        }
    }
    Ok(())
}

async fn offer_task(
    tx: &mut Write,
    commit: &Commit,
    position: i64,
    offer: &journey::effect::Offer,
) -> Result<(), Failure> {
    query(
        "INSERT INTO tasks (slot, instance, position, journey, account, node, title, instructions, status, is_open, team, offered_to, holder,
            sla, due_at, priority, form, outcomes, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11, $12, $13, $14, $15, $16, $17, $17)",
    )
    .bind(commit.instance.slot().number())
    .bind(commit.instance.number())
    .bind(position)
    .bind(commit.life.journey.number())
    .bind(commit.life.account.map(AccountId::number))
    .bind(&offer.node)
    .bind(&offer.title)
    .bind(&offer.instructions)
    .bind(State::Offered.word())
    .bind(&offer.owner.team)
    .bind(&offer.owner.user)
    .bind(sla_word(SlaState::Ok))
    .bind(offer.due.0)
    .bind(offer.priority)
    .bind(to_json(&offer.form)?)
    .bind(to_json(&offer.outcomes)?)
    .bind(commit.at.0)
    .execute(&mut **tx)
    .await
    .doing(DOING)?;
    Ok(())
}

/// What is rare or needs what is there: changes of tasks, fields of accounts, notices.
async fn write_the_rest(tx: &mut Write, commit: &Commit) -> Result<(), Failure> {
    for change in &commit.tasks {
        change_task(tx, commit, change).await?;
    }
    if let Some(account) = commit.life.account
        && !commit.account_fields.is_empty()
    {
        accounts::write_fields(tx, account, &commit.account_fields, commit.at).await?;
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
        .bind(&notice.to.user)
        .bind(&notice.to.team)
        .bind(&notice.about)
        .bind(commit.at.0)
        .execute(&mut **tx)
        .await
        .doing(DOING)?;
    }
    Ok(())
}

async fn change_task(tx: &mut Write, commit: &Commit, change: &TaskChange) -> Result<(), Failure> {
    let position = match change {
        TaskChange::Offer { .. } => return Ok(()),
        TaskChange::Assign { position, .. }
        | TaskChange::Reassign { position, .. }
        | TaskChange::Close { position, .. }
        | TaskChange::Mark { position, .. } => *position,
    };
    let mut query = QueryBuilder::<Sqlite>::new("UPDATE tasks SET updated_at = ");
    query.push_bind(commit.at.0);
    set_task(&mut query, change)?;
    query.push(" WHERE slot = ").push_bind(commit.instance.slot().number());
    query.push(" AND instance = ").push_bind(commit.instance.number());
    query.push(" AND position = ").push_bind(i64::from(position.0));
    query.build().execute(&mut **tx).await.doing(DOING)?;
    Ok(())
}

fn set_task(query: &mut QueryBuilder<Sqlite>, change: &TaskChange) -> Result<(), Failure> {
    match change {
        TaskChange::Offer { .. } => {}
        TaskChange::Assign { assignee, .. } => {
            let state = if assignee.is_some() { State::Claimed } else { State::Offered };
            query.push(", status = ").push_bind(state.word());
            query.push(", assignee = ").push_bind(assignee.clone());
            query.push(", holder = COALESCE(").push_bind(assignee.clone()).push(", offered_to)");
        }
        TaskChange::Reassign { owner, .. } => {
            query.push(", status = ").push_bind(State::Offered.word()).push(", assignee = NULL");
            query.push(", offered_to = ").push_bind(owner.user.clone());
            query.push(", holder = ").push_bind(owner.user.clone());
            query.push(", team = ").push_bind(owner.team.clone());
        }
        TaskChange::Close { close: Close::Completed { by, outcome }, answers, .. } => {
            query.push(", is_open = 0, status = ").push_bind(State::Completed.word());
            query.push(", assignee = ").push_bind(by.clone());
            query.push(", holder = ").push_bind(by.clone());
            query.push(", outcome = ").push_bind(outcome.clone());
            query.push(", answers = ").push_bind(answers.as_ref().map(to_json).transpose()?);
        }
        TaskChange::Close { close: Close::Cancelled { reason }, .. } => {
            query.push(", is_open = 0, status = ").push_bind(State::Cancelled.word());
            query.push(", reason = ").push_bind(reason.clone());
        }
        TaskChange::Mark { sla, .. } => {
            query.push(", sla = ").push_bind(sla_word(*sla));
        }
    }
    Ok(())
}
