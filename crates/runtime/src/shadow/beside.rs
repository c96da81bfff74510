//! Shadow versions beside live ones: they take what comes to the live version, and end when it is replaced.

use crate::{Opener, Runtime, StartError, StartRequest, Which, deeds, limits, runtime::Inner};
use journey::{Event, Journey};
use std::sync::Arc;
use store::{Failure, InstanceId};

impl Inner {
    /// Starts, beside a live version, the shadow version that takes notes; what events and time bring reaches it by its own triggers.
    pub(crate) async fn start_beside(self: &Arc<Self>, request: StartRequest) {
        let by_hand = matches!(request.opener, Opener::Person(_) | Opener::Hook(_));
        if !by_hand || request.version != Which::Live {
            return;
        }
        let journey = request.journey;
        match self.try_beside(request).await {
            Ok(()) => {}
            Err(error) => {
                tracing::info!(journey.id = %journey, %error, "the shadow version did not start");
            }
        }
    }

    async fn try_beside(self: &Arc<Self>, request: StartRequest) -> Result<(), StartError> {
        let (store, now) = (self.store.as_ref(), self.clock.now());
        let failure = |failure| StartError::Failure(Arc::new(failure));
        let live = self.journeys.live(store, request.journey, now).await.map_err(failure)?;
        let shadow = self.journeys.shadow(store, request.journey, now).await.map_err(failure)?;
        // Without a live version the start itself has followed the shadow.
        let (Some(_), Some(version)) = (live, shadow) else { return Ok(()) };
        let found = self.journeys.compiled(store, request.journey, version).await;
        let journey = found.map_err(|why| StartError::Unusable(why.to_string()))?;
        let Some(trigger) = same_trigger(&journey, &request) else { return Ok(()) };
        let version = Which::Number(version);
        self.start(StartRequest { version, trigger: Some(trigger), ..request }).await?;
        Ok(())
    }

    /// Ends what still runs for shadow versions that take no triggers any more.
    pub(crate) async fn end_stale_shadows(self: &Arc<Self>) -> Result<u64, Failure> {
        let mut ended = 0;
        let mut before: Vec<InstanceId> = Vec::new();
        loop {
            let stale = self.store.stale_shadows(limits::STALE_SHADOWS).await?;
            // Those that are being undone, or cannot be moved now, are there again: they are left to themselves.
            if stale.is_empty() || stale == before {
                return Ok(ended);
            }
            for instance in &stale {
                let reason = "the shadow version takes no triggers any more".to_owned();
                let event = Event::Cancelled { reason, by: deeds::SHADOWS_END.to_owned() };
                if self.deliver(*instance, event, None).await.is_ok() {
                    ended += 1;
                }
            }
            before = stale;
        }
    }
}

impl Runtime {
    /// Ends what still runs for shadow versions that take no triggers any more: after a publication, and now and then. How many.
    ///
    /// # Errors
    ///
    /// The store cannot be read; it is to be tried again later.
    pub async fn end_stale_shadows(&self) -> Result<u64, Failure> {
        self.inner.end_stale_shadows().await
    }
}

/// The trigger of another version that takes what this request brings.
fn same_trigger(journey: &Journey, request: &StartRequest) -> Option<String> {
    let named = request.trigger.as_deref().and_then(|id| journey.trigger(id));
    let found = named.or_else(|| match &request.opener {
        Opener::Hook(slug) => {
            journey.triggers().find(|trigger| trigger.hook() == Some(slug.as_str()))
        }
        Opener::Person(_) => journey.manual_trigger(),
        Opener::Event { .. } | Opener::Itself => None,
    });
    found.map(|trigger| trigger.id().to_owned())
}
