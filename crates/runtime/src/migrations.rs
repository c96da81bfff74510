//! Migrations: looks at a journey's living instances one after the other, and moves those that can be moved.
//!
//! A migration is kept in the store and taken up again after a restart. Each instance is moved by a commit of its own; that it
//! may be on its way is written down before, so that after a restart it is known which were.

use crate::{DeliverError, Runtime, Standing, hints::Hint, limits, runtime::Inner};
use journey::{
    Context, Draft, Instance, Journey, Record, Rejection, Timestamp,
    migrate::{Migration, Plan, Reason, Verdict, Version, roll_back},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{
    AccountId, Failure, InstanceId, JourneyId, Paging,
    instances::Stored,
    migrations::{self, Looked, Outcome, Purpose, State},
};
use tokio::time::sleep;

/// Why a move was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotTakenBack {
    /// Its present state does not allow it.
    #[error("{}", sentences(.0))]
    Refused(Vec<Reason>),
    #[error(transparent)]
    Deliver(DeliverError),
}

fn sentences(reasons: &[Reason]) -> String {
    let sentences: Vec<_> = reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    sentences.join(" ")
}

/// A version, compiled and as it was drawn.
struct Compiled {
    number: u64,
    draft: Draft,
    journey: Arc<Journey>,
}

impl Compiled {
    fn version(&self) -> Version<'_> {
        Version { number: self.number, draft: &self.draft, journey: &self.journey }
    }
}

/// Why a migration stops for now, or for good.
enum Stop {
    /// It is taken up again later.
    Later(Arc<Failure>),
    /// The sentence says what is wrong.
    Failed(String),
    Closing,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Later(Arc::new(failure))
    }
}

impl Runtime {
    /// Looks for migrations now: one was begun.
    pub fn look_at_migrations(&self) {
        self.inner.migrations.notify_one();
        self.inner.hint(Hint::Migrations);
    }

    /// Takes back the last move of an instance, which was from version `to` to version `from`.
    ///
    /// # Errors
    ///
    /// It cannot be taken back any more, or the store failed.
    pub async fn take_back(
        &self,
        instance: InstanceId,
        (from, to): (u64, u64),
        by: &str,
    ) -> Result<Standing, NotTakenBack> {
        let failed = |failure| NotTakenBack::Deliver(DeliverError::Failure(Arc::new(failure)));
        let stored = self.inner.store.instance(instance).await.map_err(failed)?;
        let Some(stored) = stored else {
            return Err(NotTakenBack::Deliver(DeliverError::NotFound));
        };
        let journey = stored.life.journey;
        let unusable = |stop| NotTakenBack::Deliver(DeliverError::from(stop));
        let from = self.inner.followable(journey, from).await.map_err(unusable)?;
        let to = self.inner.followable(journey, to).await.map_err(unusable)?;
        for _ in 0..limits::RACES {
            let seen = self.inner.see(instance).await.map_err(failed)?;
            let Some(seen) = seen else {
                return Err(NotTakenBack::Deliver(DeliverError::NotFound));
            };
            let versions = (from.version(), to.version());
            let plan = roll_back(versions, &seen.records, seen.context(), by);
            let event = plan.map_err(NotTakenBack::Refused)?.event();
            let Some(event) = event else { return Err(NotTakenBack::Refused(Vec::new())) };
            match self.deliver(instance, event).await {
                Err(DeliverError::Rejected(Rejection::MovedOn)) => {}
                delivered => return delivered.map_err(NotTakenBack::Deliver),
            }
        }
        Err(NotTakenBack::Deliver(DeliverError::Overloaded))
    }
}

impl From<Stop> for DeliverError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Later(failure) => Self::Failure(failure),
            Stop::Failed(why) => Self::Unusable(why),
            Stop::Closing => Self::ShuttingDown,
        }
    }
}

/// Runs until the process ends. Waking it early is a hint; its own rhythm is the guarantee.
pub(crate) async fn run(inner: Arc<Inner>) {
    while !inner.is_closing() {
        match inner.store.unfinished_migrations(limits::MIGRATIONS).await {
            Ok(running) if running.is_empty() => rest(&inner).await,
            Ok(running) => {
                for migration in running {
                    take_up(&inner, migration).await;
                }
            }
            Err(failure) => {
                tracing::warn!(error = %failure, "migrations not looked for; trying again");
                pause().await;
            }
        }
    }
}

async fn pause() {
    sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
}

async fn rest(inner: &Arc<Inner>) {
    let poll = inner.clock.now().plus(limits::MIGRATIONS_MS);
    tokio::select! {
        // In this order, so that the same happens whenever a life is lived again.
        biased;
        () = inner.sleep_until(poll, limits::MIGRATIONS_MS) => {}
        () = inner.migrations.notified() => {}
    }
}

/// Takes a migration some pages further.
async fn take_up(inner: &Arc<Inner>, migration: migrations::Migration) {
    let id = migration.id;
    let ended = match go_on(inner, migration).await {
        Ok(()) => Some((State::Done, String::new())),
        Err(Stop::Failed(why)) => Some((State::Failed, why)),
        Err(Stop::Closing) => None,
        Err(Stop::Later(failure)) => {
            tracing::warn!(migration.id = %id, error = %failure, "a migration rests; it will go on");
            pause().await;
            None
        }
    };
    if let Some((state, note)) = ended {
        let now = inner.clock.now();
        if let Err(failure) = inner.store.finish_migration(id, state, &note, now).await {
            tracing::warn!(migration.id = %id, error = %failure, "the end of a migration not written; trying again");
            pause().await;
        }
    }
}

async fn go_on(inner: &Arc<Inner>, kept: migrations::Migration) -> Result<(), Stop> {
    let from = inner.followable(kept.journey, kept.from).await?;
    let to = inner.followable(kept.journey, kept.to).await?;
    let prepared = Migration::new(from.version(), to.version(), &kept.mapping)
        .map_err(|problems| Stop::Failed(sentences(&problems)))?;
    let mover = Mover { inner, kept: &kept, prepared };
    mover.take_up_again().await?;
    let mut after = kept.through;
    loop {
        let paging = Paging::new(after, limits::MIGRATED);
        let page = inner.store.living_on(kept.journey, kept.from, paging).await?;
        let Some(last) = page.items.last().copied() else { return Ok(()) };
        mover.page(&page.items, Some(last)).await?;
        after = Some(last);
    }
}

/// One migration at work.
struct Mover<'a> {
    inner: &'a Arc<Inner>,
    kept: &'a migrations::Migration,
    prepared: Migration<'a>,
}

impl Mover<'_> {
    /// Looks again at the instances whose move was on its way when the process ended.
    async fn take_up_again(&self) -> Result<(), Stop> {
        loop {
            let moving = Some(Outcome::Moving);
            let paging = Paging::first(limits::MIGRATED);
            let page = self.inner.store.looked(self.kept.id, moving, paging).await?;
            let ids: Vec<_> = page.items.iter().map(|one| one.instance).collect();
            if ids.is_empty() {
                return Ok(());
            }
            self.page(&ids, None).await?;
        }
    }

    /// Looks at some instances, and writes down what became of them.
    async fn page(&self, ids: &[InstanceId], through: Option<InstanceId>) -> Result<(), Stop> {
        if self.kept.purpose == Purpose::Move {
            let moving = ids.iter().map(|id| self.looked(*id, Outcome::Moving, Value::Null));
            let moving: Vec<_> = moving.collect();
            self.inner.store.note_looked(self.kept.id, &moving, None).await?;
        }
        let mut looked = Vec::with_capacity(ids.len());
        for id in ids {
            // Another node may look after it by now, and goes on.
            if self.inner.holds_back() || !self.inner.store.looks_after(self.kept.id.slot()) {
                return Err(Stop::Closing);
            }
            let (outcome, detail) = self.one(*id).await?;
            looked.push(self.looked(*id, outcome, detail));
        }
        Ok(self.inner.store.note_looked(self.kept.id, &looked, through).await?)
    }

    fn looked(&self, instance: InstanceId, outcome: Outcome, detail: Value) -> Looked {
        Looked { instance, outcome, detail, at: self.inner.clock.now() }
    }

    async fn one(&self, id: InstanceId) -> Result<(Outcome, Value), Stop> {
        for _ in 0..limits::RACES {
            let seen = match self.inner.see(id).await {
                Ok(Some(seen)) => seen,
                Ok(None) => return Ok((Outcome::Gone, Value::Null)),
                Err(failure) if failure.is_retryable() => return Err(failure.into()),
                // What cannot be read harms itself alone, and stays as it is.
                Err(failure) => return Ok((Outcome::MustStay, refused(&failure))),
            };
            if let Some(outcome) = self.is_past(&seen) {
                return Ok((outcome, Value::Null));
            }
            let plan = self.prepared.plan(
                &seen.stored.state,
                &seen.records,
                seen.context(),
                &self.kept.by,
            );
            let outcome = match plan.verdict {
                Verdict::MovesCleanly => Outcome::MovesCleanly,
                Verdict::NeedsMapping => Outcome::NeedsMapping,
                Verdict::MustStay => Outcome::MustStay,
            };
            let event = plan.event().filter(|_| self.kept.purpose == Purpose::Move);
            let Some(event) = event else { return Ok((outcome, told(&plan))) };
            match self.inner.deliver(id, event, None).await.map_err(DeliverError::from) {
                Ok(_) => return Ok((Outcome::Moved, told(&plan))),
                // What became of it meanwhile is seen when it is looked at again.
                Err(DeliverError::Rejected(Rejection::MovedOn | Rejection::Over)) => {}
                Err(DeliverError::Failure(failure)) if failure.is_retryable() => {
                    return Err(Stop::Later(failure));
                }
                Err(DeliverError::ShuttingDown) => return Err(Stop::Closing),
                Err(DeliverError::NotFound) => return Ok((Outcome::Gone, Value::Null)),
                Err(DeliverError::Overloaded) => pause().await,
                Err(
                    error @ (DeliverError::Failure(_)
                    | DeliverError::Rejected(_)
                    | DeliverError::Unusable(_)),
                ) => return Ok((Outcome::MustStay, refused(&error))),
            }
        }
        Ok((Outcome::MustStay, refused(&DeliverError::Overloaded)))
    }

    /// What became of an instance that is no longer there to be moved.
    fn is_past(&self, seen: &Seen) -> Option<Outcome> {
        let life = &seen.stored.life;
        if life.version == self.kept.from && !seen.stored.state.is_over() {
            return None;
        }
        // The process may have ended between this migration's own move and its being written down.
        let mut moves = seen.records.iter().rev().filter_map(|record| match &record.fact {
            journey::Fact::Migrated(migrated) => Some((record.at, migrated)),
            _ => None,
        });
        let ours = moves.any(|(at, migrated)| {
            at >= self.kept.created_at
                && (migrated.from, migrated.to) == (self.kept.from, self.kept.to)
        });
        Some(if ours { Outcome::Moved } else { Outcome::Gone })
    }
}

fn told(plan: &Plan) -> Value {
    serde_json::to_value(plan).unwrap_or_default()
}

fn refused(error: &impl std::fmt::Display) -> Value {
    let sentence = format!("It could not be moved: {error}.");
    json!({ "reasons": [{ "code": "refused", "sentence": sentence }] })
}

/// An instance with all that a plan for it reads.
struct Seen {
    stored: Stored,
    records: Vec<Record>,
    account: Option<Value>,
    calendars: Arc<journey::calendar::Calendars>,
    now: Timestamp,
}

impl Seen {
    fn context(&self) -> Context<'_> {
        Context { now: self.now, account: self.account.as_ref(), calendars: &self.calendars }
    }
}

impl Inner {
    /// Reads an instance as it stands; its records may be ahead of it by a step, which the engine then refuses.
    async fn see(&self, id: InstanceId) -> Result<Option<Seen>, Failure> {
        let Some(stored) = self.store.instance(id).await? else { return Ok(None) };
        let records = self.records_of(&stored.state, id).await?;
        let account = self.account_value(stored.life.account).await?;
        let now = self.clock.now();
        let calendars = self.calendars.get(self.store.as_ref(), now).await?;
        Ok(Some(Seen { stored, records, account, calendars, now }))
    }

    async fn records_of(&self, state: &Instance, id: InstanceId) -> Result<Vec<Record>, Failure> {
        let mut records = Vec::new();
        let mut after = None;
        loop {
            let paging = Paging::new(after, store::limits::PAGE_ROWS);
            let page = self.store.records(id, paging).await?;
            records.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        records.truncate(usize::try_from(state.sequence()).unwrap_or(usize::MAX));
        Ok(records)
    }

    async fn account_value(&self, id: Option<AccountId>) -> Result<Option<Value>, Failure> {
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.account(id).await?.map(|account| account.to_value()))
    }

    /// A version that can be followed.
    async fn followable(&self, journey: JourneyId, number: u64) -> Result<Compiled, Stop> {
        let kept = self.store.version(journey, number).await?;
        let kept = kept.ok_or_else(|| Stop::Failed(format!("There is no version {number}.")))?;
        let compiled = self.journeys.acting(self.store.as_ref(), journey, number).await;
        let journey = compiled
            .map_err(|why| Stop::Failed(format!("Version {number} cannot be followed: {why}.")))?;
        Ok(Compiled { number, draft: kept.draft, journey })
    }
}
