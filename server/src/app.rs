//! What every request shares.

use std::{fmt::Display, sync::Arc};

use journey::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use runtime::{Change, Clock, Runtime};
use serde_json::Value;
use store::{JourneyId, ReviewId, Store, audit::Deed};
use tokio_util::sync::CancellationToken;

use crate::{
    at_work::AtWork,
    auth::{caller::Caller, password::Passwords, secret::Transport},
    connectors::Connectors,
    foothold::Foothold,
    problem::Result,
    seal::Sealer,
    slugs::Slugs,
};

/// The parts a handler may use.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// What the composition root puts together.
pub(crate) struct Parts {
    pub(crate) at_work: AtWork,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runtime: Runtime,
    pub(crate) connectors: Arc<Connectors>,
    pub(crate) slugs: Slugs,
    pub(crate) passwords: Passwords,
    pub(crate) sealer: Sealer,
    pub(crate) transport: Transport,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) stopping: CancellationToken,
    pub(crate) foothold: Foothold,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Requests under keys that this process is at.
    pub(crate) fn at_work(&self) -> &AtWork {
        &self.0.at_work
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.store.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }

    pub(crate) fn connectors(&self) -> &Connectors {
        &self.0.connectors
    }

    pub(crate) fn slugs(&self) -> &Slugs {
        &self.0.slugs
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    pub(crate) fn transport(&self) -> Transport {
        self.0.transport
    }

    /// Completes when the server has been asked to stop.
    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    pub(crate) fn foothold(&self) -> &Foothold {
        &self.0.foothold
    }

    pub(crate) fn render_metrics(&self) -> String {
        self.0.metrics.render()
    }

    /// A version was published, perhaps under a review: new instances follow it at once, and what ran for a shadow it replaces ends.
    pub(crate) fn published(&self, journey: JourneyId, review: Option<ReviewId>) {
        self.runtime().published(journey);
        if let Some(id) = review {
            self.runtime().tell(Change::Review { id, journey });
        }
        self.slugs().forget();
        let runtime = self.runtime().clone();
        tokio::spawn(async move {
            if let Err(failure) = runtime.end_stale_shadows().await {
                tracing::warn!(%failure, "shadow instances that are over still run; they are ended within the hour");
            }
        });
    }

    /// Writes down what a user did.
    pub(crate) async fn audit(
        &self,
        caller: &Caller,
        action: &str,
        object: &(dyn Display + Sync),
    ) -> Result<()> {
        let deed = Deed {
            actor: caller.0.email.clone(),
            action: action.to_owned(),
            object: object.to_string(),
            detail: Value::Null,
            at: self.now(),
        };
        self.store().write_down(&deed).await?;
        Ok(())
    }
}
