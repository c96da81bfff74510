//! Published versions, compiled; as many as fit are kept.

use crate::limits;
use journey::Journey;
use std::{collections::HashMap, sync::Arc};
use store::{Failure, JourneyId, Store};

/// Versions that were compiled; what cannot be compiled is `None`.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    known: HashMap<(JourneyId, u64), Option<Arc<Journey>>>,
}

impl Versions {
    pub(crate) async fn get(
        &mut self,
        store: &dyn Store,
        journey: JourneyId,
        number: u64,
    ) -> Result<Option<Arc<Journey>>, Failure> {
        let key = (journey, number);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let version = store.version(journey, number).await?;
        let compiled = version.and_then(|version| journey::reopen(&version.draft).ok());
        let compiled = compiled.map(Arc::new);
        if self.known.len() >= limits::VERSIONS {
            self.known.clear();
        }
        self.known.insert(key, compiled.clone());
        Ok(compiled)
    }
}
