//! Opens what time opens: schedules whose time has come, and dates of accounts. Each time opens an instance once, by its key.

mod dates;
mod schedules;

pub(crate) use dates::plan_after_change;

use crate::{
    Opener, StartError, StartRequest, Which, dispatch::NotNow, limits, refusals, runtime::Inner,
};
use journey::{Timestamp, listing::Kind};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use store::{
    AccountId, Failure,
    events::NewReaction,
    triggers::{DueTrigger, TriggerKey},
};
use tokio::{task::JoinSet, time::sleep};

/// What a look at the store found.
enum Found {
    /// The next time anything is due.
    Nothing(Option<Timestamp>),
    /// There may be more.
    Some,
    /// Some could not be done now.
    Stuck,
}

/// Runs until the process ends. Waking it early is a hint; its own rhythm is the guarantee.
pub(crate) async fn run(inner: Arc<Inner>) {
    while !inner.is_closing() {
        match round(&inner).await {
            Ok(Found::Some) => {}
            Ok(Found::Nothing(next)) => rest(&inner, next).await,
            Ok(Found::Stuck) => sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await,
            Err(failure) => {
                tracing::warn!(error = %failure, "schedules not looked at; trying again");
                sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
            }
        }
    }
}

async fn rest(inner: &Arc<Inner>, next: Option<Timestamp>) {
    let poll = inner.clock.now().plus(limits::POLL_MS);
    tokio::select! {
        // In this order, so that the same happens whenever a life is lived again.
        biased;
        () = inner.sleep_until(next.map_or(poll, |next| next.min(poll)), limits::POLL_MS) => {}
        () = inner.times.notified() => {}
    }
}

/// Does some of what time has brought; whether there was any.
pub(crate) async fn once(inner: &Arc<Inner>) -> Result<bool, Failure> {
    Ok(!matches!(round(inner).await?, Found::Nothing(_)))
}

/// One piece of each trigger's work, so that a round over many accounts does not keep the others waiting.
async fn round(inner: &Arc<Inner>) -> Result<Found, Failure> {
    let _tenure = inner.tenure.read().await;
    let now = inner.clock.now();
    let triggers = inner.store.due_triggers(now, limits::DUE).await?;
    let dates = inner.store.due_dates(now, limits::DUE).await?;
    if triggers.is_empty() && dates.is_empty() {
        return Ok(Found::Nothing(inner.store.next_time().await?));
    }
    let mut found = Found::Some;
    for due in triggers {
        if let Err(why) = move_on(inner, &due).await {
            tracing::warn!(journey.id = %due.trigger.key.journey, %why, "schedule not followed now; trying again");
            found = Found::Stuck;
        }
    }
    if let Err(why) = dates::fire(inner, dates).await {
        tracing::warn!(%why, "dates not fired now; trying again");
        found = Found::Stuck;
    }
    Ok(found)
}

async fn move_on(inner: &Arc<Inner>, due: &DueTrigger) -> Result<(), NotNow> {
    match due.trigger.kind {
        Kind::Schedule => schedules::follow(inner, due).await,
        Kind::Date => dates::plan_all(inner, due).await,
        Kind::Manual
        | Kind::Webhook
        | Kind::Event
        | Kind::Change
        | Kind::Segment
        | Kind::Health
        | Kind::Journey => Ok(inner.store.due_next(&due.trigger.key, None).await?),
    }
}

/// Something that time opens.
struct Opening {
    trigger: TriggerKey,
    account: Option<AccountId>,
    input: Value,
    /// Under which it is opened once.
    key: String,
}

/// Opens instances beside each other, so that their commits share transactions; whoever is kept out is written down.
async fn open_all(inner: &Arc<Inner>, openings: Vec<Opening>) -> Result<(), NotNow> {
    let mut opening = JoinSet::new();
    for one in openings {
        let inner = Arc::clone(inner);
        opening.spawn(async move { open(&inner, one).await });
    }
    let (mut not_now, mut kept_out) = (None, Vec::new());
    while let Some(opened) = opening.join_next().await {
        match opened {
            Ok(Ok(reaction)) => kept_out.extend(reaction),
            Ok(Err(why)) => not_now = Some(why),
            Err(_) => not_now = Some(NotNow::Busy),
        }
    }
    if !kept_out.is_empty() {
        inner.store.react(&kept_out, inner.clock.now()).await?;
    }
    not_now.map_or(Ok(()), Err)
}

async fn open(inner: &Arc<Inner>, opening: Opening) -> Result<Option<NewReaction>, NotNow> {
    let Opening { trigger, account, input, key } = opening;
    let request = StartRequest {
        journey: trigger.journey,
        version: Which::Number(trigger.version),
        trigger: Some(trigger.node.clone()),
        account: account.map(|account| account.to_string()),
        input,
        dedupe_key: Some(key),
        opener: Opener::Itself,
    };
    match inner.start(request).await {
        Ok(_) => Ok(None),
        Err(StartError::Failure(failure)) if failure.is_retryable() => {
            Err(NotNow::Failure(failure))
        }
        Err(StartError::Overloaded | StartError::ShuttingDown) => Err(NotNow::Busy),
        Err(error) => Ok(Some(refusals::reaction(&trigger, account, refusals::reason(&error)))),
    }
}
