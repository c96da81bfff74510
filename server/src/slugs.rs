//! The triggers of live versions: which journey a slug starts, and at which node.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use journey::{Diagnostic, Draft, Severity, Timestamp};
use jsonschema::Validator;
use serde_json::Value;
use store::{Failure, JourneyId, Store};

use crate::{cli::walk, extract, limits, problem::Problem, schemas};

/// A trigger of a live version.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) node: String,
    is_manual: bool,
    /// The slug it takes deliveries under, and whether they must be signed.
    hook: Option<(String, bool)>,
    schema: Value,
    /// Made of the schema when the first input comes; `None` when it is none.
    validator: OnceLock<Option<Validator>>,
}

impl Trigger {
    /// Refuses an input that does not fit, with pointers under `pointer`.
    pub(crate) fn check(&self, pointer: &str, input: &Value) -> Result<(), Problem> {
        match self.validator.get_or_init(|| schemas::compile(&self.schema).ok()) {
            Some(validator) => extract::fit(pointer, validator, input),
            None => Ok(()),
        }
    }
}

/// The journey that a slug starts, when no hook was made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) journey: JourneyId,
    pub(crate) is_signed: bool,
}

type Live = HashMap<JourneyId, Vec<Arc<Trigger>>>;

/// The triggers of live versions, read again when they may have changed.
#[derive(Debug, Default)]
pub(crate) struct Slugs {
    known: Mutex<Option<(Timestamp, Arc<Live>)>>,
}

impl Slugs {
    /// The live trigger with this slug: one that takes unsigned deliveries before others, of several the oldest journey's.
    pub(crate) async fn find(
        &self,
        store: &dyn Store,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Open>, Failure> {
        let live = self.live(store, now).await?;
        let found = live.iter().filter_map(|(journey, triggers)| {
            let mut hooks = triggers.iter().filter_map(|trigger| trigger.hook.as_ref());
            let (_, is_signed) = hooks.find(|(one, _)| one == slug)?;
            Some(Open { journey: *journey, is_signed: *is_signed })
        });
        Ok(found.min_by_key(|open| (open.is_signed, open.journey)))
    }

    /// Addresses that this draft would take from another journey: an unsigned delivery must have one place to go.
    pub(crate) async fn taken(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<Vec<Diagnostic>, Failure> {
        let mut diagnostics = Vec::new();
        for trigger in triggers(draft) {
            let Some((slug, false)) = &trigger.hook else { continue };
            let open = self.find(store, slug, now).await?;
            let other = open.filter(|open| !open.is_signed && open.journey != journey);
            let Some(other) = other else { continue };
            // A hook that was made for the slug says itself which journey it is for.
            if store.hook(slug).await?.is_none() {
                diagnostics.push(is_taken(&trigger.node, slug, other.journey));
            }
        }
        Ok(diagnostics)
    }

    /// The trigger of a journey that a delivery to `slug` starts: the one of that name, or else the first that takes deliveries.
    pub(crate) async fn hooked(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Trigger>>, Failure> {
        let live = self.live(store, now).await?;
        let triggers = live.get(&journey).map(Vec::as_slice).unwrap_or_default();
        let named = triggers
            .iter()
            .find(|trigger| trigger.hook.as_ref().is_some_and(|(one, _)| one == slug));
        let taking = named.or_else(|| triggers.iter().find(|trigger| trigger.hook.is_some()));
        Ok(taking.or(triggers.first()).cloned())
    }

    /// The trigger of a journey that people start by hand, or else the first.
    pub(crate) async fn manual(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        now: Timestamp,
    ) -> Result<Option<Arc<Trigger>>, Failure> {
        let live = self.live(store, now).await?;
        let triggers = live.get(&journey).map(Vec::as_slice).unwrap_or_default();
        let manual = triggers.iter().find(|trigger| trigger.is_manual);
        Ok(manual.or(triggers.first()).cloned())
    }

    /// Forgets everything, after a journey was published.
    pub(crate) fn forget(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn live(&self, store: &dyn Store, now: Timestamp) -> Result<Arc<Live>, Failure> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, live)) = known
            && (0..limits::SLUGS_MS).contains(&now.0.saturating_sub(read_at.0))
        {
            return Ok(live);
        }
        let live = Arc::new(read(store).await?);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&live)));
        Ok(live)
    }
}

fn is_taken(node: &str, slug: &str, by: JourneyId) -> Diagnostic {
    Diagnostic {
        code: "duplicate-hook".to_owned(),
        severity: Severity::Error,
        node: Some(node.to_owned()),
        edge: None,
        field: Some("/on/hook".to_owned()),
        message: format!(
            "The journey {by} takes deliveries at '{slug}' already; choose another name, or make a hook for it."
        ),
        fixes: Vec::new(),
        counter_example: None,
    }
}

async fn read(store: &dyn Store) -> Result<Live, Failure> {
    let mut published = Vec::new();
    walk(
        |paging| store.journeys(paging),
        |journey: store::journeys::Summary| {
            published.extend(journey.live_version.map(|number| (journey.id, number)));
        },
    )
    .await?;
    let mut live = Live::new();
    for (journey, number) in published {
        if let Some(version) = store.version(journey, number).await? {
            live.insert(journey, triggers(&version.draft));
        }
    }
    Ok(live)
}

fn triggers(draft: &Draft) -> Vec<Arc<Trigger>> {
    let triggers = draft.nodes.iter().filter(|node| node.kind == "trigger");
    let read = triggers.map(|node| {
        let on = node.settings.get("on").unwrap_or(&Value::Null);
        let hook = on["hook"].as_str().filter(|_| on["type"] == "webhook");
        Arc::new(Trigger {
            node: node.id.clone(),
            is_manual: on["type"] == "manual",
            hook: hook.map(|slug| (slug.to_owned(), on["signed"].as_bool().unwrap_or(true))),
            schema: node.settings.get("input").cloned().unwrap_or(Value::Bool(true)),
            validator: OnceLock::new(),
        })
    });
    read.collect()
}
