//! What handlers ask of the runtime.

use std::time::Duration;

use journey::Event;
use runtime::{Opener, StartError, StartRequest, Which};
use serde_json::Value;
use store::{InstanceId, JourneyId};
use wire::StartedInstance;

use crate::{
    app::App,
    problem::{Problem, Result},
};

/// An instance to be opened.
#[derive(Clone, Debug)]
pub(crate) struct Opening {
    pub(crate) journey: JourneyId,
    pub(crate) trigger: Trigger,
    /// Account id or external id; when `None`, what the trigger makes of the input.
    pub(crate) account: Option<String>,
    pub(crate) input: Value,
    /// Under which it is opened once.
    pub(crate) key: Option<String>,
}

/// By which trigger.
#[derive(Clone, Debug)]
pub(crate) enum Trigger {
    /// A person starts it, by e-mail address: the manual trigger, or else the first.
    Manual(String),
    /// A delivery to this slug.
    Hook(String),
}

impl App {
    /// Opens an instance; `wait` is how long to wait for it to come to rest.
    pub(crate) async fn open(
        &self,
        opening: Opening,
        wait: Option<Duration>,
    ) -> Result<StartedInstance> {
        let trigger = match &opening.trigger {
            Trigger::Manual(_) => None,
            Trigger::Hook(slug) => {
                self.slugs().trigger(self.store(), opening.journey, slug, self.now()).await?
            }
        };
        let request = StartRequest {
            journey: opening.journey,
            version: Which::Live,
            trigger,
            account: opening.account,
            input: opening.input,
            dedupe_key: opening.key,
            opener: match opening.trigger {
                Trigger::Manual(by) => Opener::Person(by),
                Trigger::Hook(slug) => Opener::Hook(slug),
            },
        };
        match self.start(request.clone(), wait).await {
            Err(StartError::NoTrigger(_)) if request.trigger.is_none() => {
                let first = self.slugs().first(self.store(), request.journey, self.now()).await?;
                Ok(self.start(StartRequest { trigger: first, ..request }, wait).await?)
            }
            started => Ok(started?),
        }
    }

    async fn start(
        &self,
        request: StartRequest,
        wait: Option<Duration>,
    ) -> Result<StartedInstance, StartError> {
        let started = match wait {
            None => self.runtime().start_instance(request).await?,
            Some(limit) => self.runtime().start_and_wait(request, limit).await?,
        };
        let (status, outcome) = started
            .standing
            .map(|standing| (standing.status, standing.outcome))
            .unwrap_or_default();
        Ok(StartedInstance { id: started.instance.to_string(), status, outcome })
    }

    /// Brings an event to an instance.
    pub(crate) async fn deliver(&self, instance: InstanceId, event: Event) -> Result<()> {
        self.runtime().deliver(instance, event).await.map_err(Problem::from)?;
        Ok(())
    }
}
