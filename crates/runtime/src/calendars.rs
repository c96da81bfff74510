//! The workspace's calendars, read once in a while.

use crate::limits;
use journey::{
    Timestamp,
    calendar::{Calendar, Calendars},
};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Failure, Store};

/// The calendars, with the time they were read.
#[derive(Debug, Default)]
pub(crate) struct Known {
    read: RwLock<Option<(Arc<Calendars>, Timestamp)>>,
}

impl Known {
    /// Reads them anew the next time: one was changed.
    pub(crate) fn forget(&self) {
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) async fn get(
        &self,
        store: &dyn Store,
        now: Timestamp,
    ) -> Result<Arc<Calendars>, Failure> {
        let known = self.read.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((calendars, at)) = known
            && (0..limits::CALENDARS_MS).contains(&now.0.saturating_sub(at.0))
        {
            return Ok(calendars);
        }
        let calendars = Arc::new(of(store).await?);
        let read = Some((Arc::clone(&calendars), now));
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(calendars)
    }
}

/// Those of the store; one called as the standard calendar takes its place.
async fn of(store: &dyn Store) -> Result<Calendars, Failure> {
    let stored = store.calendars().await?.into_iter().map(|at| at.calendar);
    let (mut standard, others): (Vec<_>, Vec<_>) =
        stored.partition(|calendar| calendar.name() == Calendar::standard().name());
    let standard = standard.pop().unwrap_or_else(|| Calendar::standard().clone());
    Ok(Calendars::new(standard, others).kept_by(store.calendars_of_teams().await?))
}
