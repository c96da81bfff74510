//! The triggers that starts follow: which journey a slug starts, and at which node.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use journey::{Diagnostic, Draft, Severity, Timestamp, listing::Kind};
use serde_json::Value;
use store::{Failure, JourneyId, Store, hooks::Hook, journeys::Mode, triggers::Registered};

use crate::{
    extract, limits,
    problem::Problem,
    schemas::{self, Compiled},
};

/// A trigger of a version that starts follow.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) node: String,
    is_manual: bool,
    /// The slug it takes deliveries under, and whether they must be signed.
    hook: Option<(String, bool)>,
    schema: Value,
    /// Made of the schema when the first input comes; `None` when it is none.
    validator: OnceLock<Option<Compiled>>,
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

/// Where a delivery goes.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Through a hook that was made for the slug.
    Made(Arc<Hook>),
    /// To a trigger that names the slug itself.
    Open(Open),
}

/// The triggers of the version that starts of a journey follow.
#[derive(Clone, Debug)]
struct Followed {
    read_at: Timestamp,
    version: u64,
    triggers: Arc<[Arc<Trigger>]>,
}

/// The triggers that people and deliveries meet, read again when they may have changed.
#[derive(Debug, Default)]
pub(crate) struct Slugs {
    journeys: Mutex<HashMap<JourneyId, Followed>>,
    /// Only of slugs that lead somewhere.
    ways: Mutex<HashMap<String, (Timestamp, Way)>>,
}

impl Slugs {
    /// Where a delivery with this slug goes.
    pub(crate) async fn way(
        &self,
        store: &dyn Store,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Way>, Failure> {
        let known = lock(&self.ways).get(slug).cloned();
        if let Some((_, way)) = known.filter(|(read_at, _)| is_fresh(*read_at, now)) {
            return Ok(Some(way));
        }
        let way = match store.hook(slug).await? {
            Some(hook) => Some(Way::Made(Arc::new(hook))),
            None => self.open(store, slug, now).await?.map(Way::Open),
        };
        let mut ways = lock(&self.ways);
        match &way {
            Some(way) => drop(ways.insert(slug.to_owned(), (now, way.clone()))),
            None => drop(ways.remove(slug)),
        }
        Ok(way)
    }

    /// The trigger that a delivery goes to by itself: one that takes unsigned ones before others, of several the oldest journey's.
    async fn open(
        &self,
        store: &dyn Store,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Open>, Failure> {
        let listening = store.listening(Kind::Webhook, &[slug]).await?;
        let journeys: BTreeSet<_> = listening.iter().map(|listed| listed.key.journey).collect();
        let mut found: Vec<Open> = Vec::new();
        for journey in journeys {
            let triggers = self.triggers(store, journey, now).await?;
            let mut hooks = triggers.iter().filter_map(|trigger| trigger.hook.as_ref());
            if let Some((_, is_signed)) = hooks.find(|(one, _)| one == slug) {
                found.push(Open { journey, is_signed: *is_signed });
            }
        }
        Ok(found.into_iter().min_by_key(|open| (open.is_signed, open.journey)))
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
            let open = self.open(store, slug, now).await?;
            let other = open.filter(|open| !open.is_signed && open.journey != journey);
            let Some(other) = other else { continue };
            // A hook that was made for the slug says itself which journey it is for.
            if store.hook(slug).await?.is_none() {
                diagnostics.push(is_taken(&trigger.node, slug, other.journey));
            }
        }
        Ok(diagnostics)
    }

    /// The trigger of a journey that a delivery to `slug` starts: the one of that name, or else the first that takes deliveries; one
    /// that is not for deliveries starts by none.
    pub(crate) async fn hooked(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<Trigger>>, Failure> {
        let triggers = self.triggers(store, journey, now).await?;
        let named = triggers
            .iter()
            .find(|trigger| trigger.hook.as_ref().is_some_and(|(one, _)| one == slug));
        let taking = named.or_else(|| triggers.iter().find(|trigger| trigger.hook.is_some()));
        Ok(taking.cloned())
    }

    /// The trigger of a journey that people start by hand, or else the first.
    pub(crate) async fn manual(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        now: Timestamp,
    ) -> Result<Option<Arc<Trigger>>, Failure> {
        let triggers = self.triggers(store, journey, now).await?;
        let manual = triggers.iter().find(|trigger| trigger.is_manual);
        Ok(manual.or(triggers.first()).cloned())
    }

    /// Forgets everything, after a journey was published or a hook made or deleted.
    pub(crate) fn forget(&self) {
        lock(&self.journeys).clear();
        lock(&self.ways).clear();
    }

    /// The triggers of the version that starts of a journey follow; none when there is none.
    async fn triggers(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        now: Timestamp,
    ) -> Result<Arc<[Arc<Trigger>]>, Failure> {
        let known = lock(&self.journeys).get(&journey).cloned();
        if let Some(known) = known.as_ref().filter(|known| is_fresh(known.read_at, now)) {
            return Ok(Arc::clone(&known.triggers));
        }
        let Some(version) = followed(&store.triggers_of(journey).await?) else {
            lock(&self.journeys).remove(&journey);
            return Ok(Arc::default());
        };
        let triggers = match known.filter(|known| known.version == version) {
            Some(known) => known.triggers,
            None => match store.version(journey, version).await? {
                Some(version) => triggers(&version.draft).into(),
                None => Arc::default(),
            },
        };
        let followed = Followed { read_at: now, version, triggers: Arc::clone(&triggers) };
        lock(&self.journeys).insert(journey, followed);
        Ok(triggers)
    }
}

/// The version that starts follow: the live one, or the shadow when there is none.
fn followed(listed: &[Registered]) -> Option<u64> {
    let of = |mode| listed.iter().filter(move |listed| listed.mode == mode);
    let newest = |mode| of(mode).map(|listed| listed.key.version).max();
    newest(Mode::Live).or_else(|| newest(Mode::Shadow))
}

fn is_fresh(read_at: Timestamp, now: Timestamp) -> bool {
    (0..limits::SLUGS_MS).contains(&now.0.saturating_sub(read_at.0))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
