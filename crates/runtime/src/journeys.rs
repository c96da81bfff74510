//! Published versions, compiled once.

use crate::limits;
use journey::{Journey, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use store::{Failure, JourneyId, Store, journeys::Mode};

/// Why a version cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("there is no such version")]
    Missing,
    /// It only writes down what it would do.
    #[error("it is a shadow version")]
    Shadow,
    /// This release's check finds errors in it.
    #[error("{0}")]
    Broken(String),
    #[error(transparent)]
    Failure(Failure),
}

/// A compiled version, and whether it acts.
#[derive(Clone, Debug)]
struct Compiled {
    journey: Arc<Journey>,
    mode: Mode,
}

/// Compiled versions, and which one of each journey is live.
#[derive(Debug, Default)]
pub(crate) struct Journeys {
    versions: RwLock<HashMap<(JourneyId, u64), Compiled>>,
    /// With the time each was read.
    live: RwLock<HashMap<JourneyId, (u64, Timestamp)>>,
    shadows: RwLock<HashMap<JourneyId, (Option<u64>, Timestamp)>>,
}

impl Journeys {
    /// Forgets which versions of a journey take triggers.
    pub(crate) fn published(&self, journey: JourneyId) {
        self.live.write().unwrap_or_else(PoisonError::into_inner).remove(&journey);
        self.shadows.write().unwrap_or_else(PoisonError::into_inner).remove(&journey);
    }

    pub(crate) async fn live(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        now: Timestamp,
    ) -> Result<Option<u64>, Failure> {
        let known = self.live.read().unwrap_or_else(PoisonError::into_inner).get(&journey).copied();
        if let Some((version, at)) = known
            && (0..limits::LIVE_VERSION_MS).contains(&now.0.saturating_sub(at.0))
        {
            return Ok(Some(version));
        }
        let live = store.live_version(journey).await?;
        if let Some(version) = live {
            let mut known = self.live.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(journey, (version, now));
        }
        Ok(live)
    }

    /// A version that acts.
    pub(crate) async fn acting(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        number: u64,
    ) -> Result<Arc<Journey>, Unusable> {
        let compiled = self.find(store, (journey, number)).await?;
        match compiled.mode {
            Mode::Live => Ok(compiled.journey),
            Mode::Shadow => Err(Unusable::Shadow),
        }
    }

    /// A version, and whether what follows it acts.
    pub(crate) async fn followed(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        number: u64,
    ) -> Result<(Arc<Journey>, Mode), Unusable> {
        let compiled = self.find(store, (journey, number)).await?;
        Ok((compiled.journey, compiled.mode))
    }

    /// The shadow version that takes a journey's triggers beside its live one.
    pub(crate) async fn shadow(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        now: Timestamp,
    ) -> Result<Option<u64>, Failure> {
        let known =
            self.shadows.read().unwrap_or_else(PoisonError::into_inner).get(&journey).copied();
        if let Some((version, at)) = known
            && (0..limits::LIVE_VERSION_MS).contains(&now.0.saturating_sub(at.0))
        {
            return Ok(version);
        }
        let version = store.shadow_version(journey).await?;
        let mut known = self.shadows.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(journey, (version, now));
        Ok(version)
    }

    /// A version, to read: whether it acts or not.
    pub(crate) async fn compiled(
        &self,
        store: &dyn Store,
        journey: JourneyId,
        number: u64,
    ) -> Result<Arc<Journey>, Unusable> {
        Ok(self.find(store, (journey, number)).await?.journey)
    }

    async fn find(&self, store: &dyn Store, key: (JourneyId, u64)) -> Result<Compiled, Unusable> {
        let known = self.versions.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        match known {
            Some(compiled) => Ok(compiled),
            None => self.compile(store, key).await,
        }
    }

    async fn compile(
        &self,
        store: &dyn Store,
        (journey, number): (JourneyId, u64),
    ) -> Result<Compiled, Unusable> {
        let version = store.version(journey, number).await.map_err(Unusable::Failure)?;
        let version = version.ok_or(Unusable::Missing)?;
        let checked = journey::reopen(&version.draft).map_err(|errors| {
            let error = errors.into_iter().next().map(|error| error.message);
            Unusable::Broken(error.unwrap_or_default())
        })?;
        let compiled = Compiled { journey: Arc::new(checked), mode: version.mode };
        let mut versions = self.versions.write().unwrap_or_else(PoisonError::into_inner);
        if versions.len() >= limits::VERSIONS {
            versions.clear();
        }
        versions.insert((journey, number), compiled.clone());
        Ok(compiled)
    }
}
