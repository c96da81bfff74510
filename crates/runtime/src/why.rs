//! Why a journey's triggers opened an instance for an account, or did not: what stood in the way first, and the least that would have to change.

mod entry;
mod opening;

use crate::{Runtime, dispatch::NotNow, runtime::Inner};
use journey::{Fact, Timestamp, expr::Explanation, listing::Kind};
use serde_json::Value;
use std::sync::Arc;
use store::{
    EventId, Failure, InstanceId, JourneyId, Paging,
    accounts::Account,
    events::{Event, Reason},
    instances::Filter,
    journeys::Mode,
    triggers::{Registered, TriggerKey},
};

/// Newest instances of an account that are looked at for the trigger that opened them.
const INSTANCES: u32 = 50;

/// How one trigger stands towards an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    pub trigger: TriggerKey,
    pub mode: Mode,
    pub kind: Kind,
    /// The event it is explained for; `None` when none came, or the trigger needs none.
    pub event: Option<EventId>,
    /// What it opened for the account: by that event, or else last.
    pub fired: Option<Fired>,
    /// What stands in the way first; `None` when it fired by that event, or nothing does.
    pub failing: Option<Failing>,
    /// The trigger's condition on the event, clause by clause.
    pub when: Option<Explanation>,
    /// The entry condition, clause by clause.
    pub condition: Option<Explanation>,
}

/// An instance a trigger opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    pub instance: InstanceId,
    pub at: Timestamp,
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Failing {
    pub reason: Reason,
    /// The least that would have to be different, as a sentence.
    pub change: Option<String>,
}

/// Why there is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    #[error("there is no such event")]
    NoEvent,
    #[error(transparent)]
    Failure(Arc<Failure>),
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        Self::Failure(Arc::new(failure))
    }
}

impl Runtime {
    /// How each trigger of a journey's live and shadow versions stands towards an account now, for one event or for the last that came. Empty
    /// when no version is followed.
    ///
    /// # Errors
    ///
    /// There is no such event, or the store cannot be read.
    pub async fn why(
        &self,
        journey: JourneyId,
        account: &Account,
        event: Option<EventId>,
    ) -> Result<Vec<Why>, NoAnswer> {
        let store = &self.inner.store;
        let event = match event {
            None => None,
            Some(id) => Some(store.event(id).await?.ok_or(NoAnswer::NoEvent)?),
        };
        let mut all = Vec::new();
        for trigger in store.triggers_of(journey).await? {
            let asking = Asking { inner: &self.inner, account, trigger: &trigger };
            all.push(asking.answer(event.as_ref()).await?);
        }
        Ok(all)
    }
}

/// One trigger and one account.
struct Asking<'a> {
    inner: &'a Arc<Inner>,
    account: &'a Account,
    trigger: &'a Registered,
}

impl Asking<'_> {
    async fn answer(&self, event: Option<&Event>) -> Result<Why, NoAnswer> {
        let mut why = Why {
            trigger: self.trigger.key.clone(),
            mode: self.trigger.mode,
            kind: self.trigger.kind,
            event: None,
            fired: None,
            failing: None,
            when: None,
            condition: None,
        };
        let journey = match self.inner.compiled(&self.trigger.key).await {
            Ok(Ok(journey)) => journey,
            Ok(Err(reason)) => {
                why.failing = Some(Failing { reason, change: None });
                return Ok(why);
            }
            Err(NotNow::Failure(failure)) => return Err(NoAnswer::Failure(failure)),
            Err(NotNow::Busy) => return Ok(why),
        };
        why.fired = self.last_fired().await?;
        let Some(trigger) = journey.trigger(&self.trigger.key.node) else { return Ok(why) };
        let opened = self.opening(&journey, &trigger, event, &mut why).await?;
        let Some(input) = opened else { return Ok(why) };
        self.entry(&trigger, &input, &mut why).await?;
        Ok(why)
    }

    /// The newest instance of the account that this trigger opened.
    async fn last_fired(&self) -> Result<Option<Fired>, Failure> {
        let store = &self.inner.store;
        let filter = Filter {
            journey: Some(self.trigger.key.journey),
            account: Some(self.account.id),
            mode: Some(self.trigger.mode),
            ..Filter::default()
        };
        let page = store.instances(filter, Paging::first(INSTANCES)).await?;
        // A live version goes on with what the one before it did; a shadow is a run of its own.
        let is_ours =
            |version| self.trigger.mode == Mode::Live || version == self.trigger.key.version;
        for summary in page.items.into_iter().filter(|summary| is_ours(summary.version)) {
            let first = store.records(summary.id, Paging::first(1)).await?.items;
            let opened_here = first.first().is_some_and(|record| {
                matches!(&record.fact, Fact::Started { trigger, .. } if *trigger == self.trigger.key.node)
            });
            if opened_here {
                return Ok(Some(Fired { instance: summary.id, at: summary.started_at }));
            }
        }
        Ok(None)
    }

    fn account_value(&self) -> Value {
        self.account.to_value()
    }
}

/// What stands in the way when a condition does not hold.
pub(crate) fn unmet(code: &str, explanation: &Explanation) -> Option<Failing> {
    if explanation.holds == Some(true) {
        return None;
    }
    let clause = explanation.first_failing.and_then(|place| explanation.clauses.get(place));
    let sentence = match (clause, &explanation.error) {
        (Some(clause), None) => format!("This does not hold: {}", clause.text),
        (Some(clause), Some(error)) => format!("This has no answer: {} ({error})", clause.text),
        (None, Some(error)) => format!("The condition has no answer: {error}"),
        (None, None) => "The condition does not hold.".to_owned(),
    };
    let read = clause.map(|clause| clause.reads.iter()).into_iter().flatten();
    let facts = read.map(|read| (read.path.clone(), read.value.clone().unwrap_or_default()));
    let facts = Value::Object(facts.collect());
    let change = explanation.smallest_change.clone();
    Some(Failing { reason: Reason { code: code.to_owned(), sentence, facts }, change })
}

fn failing(code: &str, sentence: String, facts: Value, change: &str) -> Failing {
    let change = (!change.is_empty()).then(|| change.to_owned());
    Failing { reason: Reason { code: code.to_owned(), sentence, facts }, change }
}
