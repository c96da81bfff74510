//! A stock of instances, written by the store while the server is down, as the server itself would have written them.

use anyhow::{Result, ensure};
use journey::{
    Ask, Context, Draft, Event, Instance, Journey, Timestamp, calendar::Calendars, step,
};
use serde_json::{Map, Value};
use store::{
    AccountId, Commits, Database, Events, JourneyId, Store,
    commits::{Commit, EntryRule, Guard, TaskChange},
    instances::Life,
    work::{Job, NewWork},
};
use tests::stage::Stage;

use crate::process;
use crate::w1::Kept;

/// Written in one transaction.
pub(crate) const GROUP: u32 = 256;

/// Opens the workspace of a server that is down; `seed` tells this process apart.
pub(crate) async fn open(stage: &Stage, kept: Kept, seed: u64) -> Result<Database> {
    Ok(match kept {
        Kept::File => Database::open(&stage.server.database(), seed).await?,
        Kept::Postgres => Database::connect(stage.server.database_url(), seed).await?,
    })
}

/// A published journey that instances are made of.
pub(crate) struct Mould {
    /// Its id.
    pub(crate) journey: JourneyId,
    compiled: Journey,
}

impl Mould {
    /// Publishes the journey.
    pub(crate) async fn publish(stage: &Stage, draft: &Draft) -> Result<Self> {
        let journey = stage.publish_draft(&serde_json::to_value(draft)?).await?.parse()?;
        let compiled = journey::reopen(draft);
        let compiled = compiled.map_err(|found| anyhow::anyhow!("{found:#?}"))?;
        Ok(Self { journey, compiled })
    }

    /// An instance after its first step, of an account's or of nobody's, as it is committed. Timers and tasks are all that the step may ask for.
    pub(crate) fn begin(
        &self,
        store: &Database,
        input: Value,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Commit> {
        let started = Event::Started { trigger: "start".to_owned(), input };
        let context = Context { now, account: None, calendars: &Calendars::default() };
        let step = step(&self.compiled, Instance::new(), started, context)?;
        let (mut work, mut tasks) = (Vec::new(), Vec::new());
        for effect in step.effects {
            let (position, due) = (effect.position, effect.due);
            if let Ask::Timer { timer } = effect.ask {
                work.push(NewWork { position, due, job: Job::Timer(timer), lease: None });
            } else if let Ask::OfferTask(offer) = effect.ask {
                tasks.push(TaskChange::Offer { position, offer });
            }
        }
        let slot = account.map_or_else(|| store.ids().any_slot(), AccountId::slot);
        Ok(Commit {
            instance: store.ids().instance(now, slot),
            life: Life {
                journey: self.journey,
                version: 1,
                account,
                parent: None,
                shadow: None,
                started_at: now,
            },
            guard: Guard::New {
                trigger: "start".to_owned(),
                dedupe_key: None,
                entry: EntryRule::default(),
            },
            state: step.instance,
            records: step.records,
            work,
            done: None,
            left: Vec::new(),
            deaf: Vec::new(),
            tasks,
            account_fields: Map::new(),
            notices: Vec::new(),
            would_have: Vec::new(),
            overlay: Map::new(),
            listens: Vec::new(),
            watches_account: false,
            deed: None,
            asked: None,
            cause: None,
            at: now,
        })
    }
}

/// Takes what came in off the list of events that may bring something about.
pub(crate) async fn dispatch(store: &Database) -> Result<()> {
    loop {
        let events = store.pending(GROUP, 1).await?;
        if events.is_empty() {
            return Ok(());
        }
        let events: Vec<_> = events.into_iter().map(|event| event.id).collect();
        store.dispatched(&events, &[], process::now()).await?;
    }
}

/// Writes so many instances in groups; `make` makes the one of a number.
pub(crate) async fn write(
    store: &Database,
    count: u32,
    mut make: impl FnMut(u32) -> Result<Commit>,
) -> Result<()> {
    let mut written = 0;
    while written < count {
        let group = written..count.min(written + GROUP);
        written = group.end;
        let commits = group.map(&mut make).collect::<Result<Vec<_>>>()?;
        let verdicts = store.commit(&commits).await?;
        ensure!(verdicts.iter().all(Result::is_ok), "a start was refused: {verdicts:?}");
    }
    Ok(())
}
