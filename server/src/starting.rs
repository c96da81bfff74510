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

/// Why nothing was opened.
enum Refusal {
    Input(Problem),
    Start(StartError),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Input(problem)
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl App {
    /// Opens an instance; `wait` is how long to wait for it to come to rest.
    pub(crate) async fn open(
        &self,
        opening: Opening,
        wait: Option<Duration>,
    ) -> Result<StartedInstance> {
        let is_delivery = matches!(opening.trigger, Trigger::Hook(_));
        let opened = match self.try_to_open(&opening, wait).await {
            // Another process may have published a version with other triggers a moment ago.
            Err(Refusal::Start(StartError::NoTrigger(_))) => {
                self.slugs().forget();
                self.try_to_open(&opening, wait).await
            }
            opened => opened,
        };
        opened.map_err(|refusal| match refusal {
            Refusal::Input(problem) => problem,
            Refusal::Start(error) if is_delivery => Problem::from(error).of_a_delivery(),
            Refusal::Start(error) => error.into(),
        })
    }

    async fn try_to_open(
        &self,
        opening: &Opening,
        wait: Option<Duration>,
    ) -> Result<StartedInstance, Refusal> {
        let (journey, now) = (opening.journey, self.now());
        // A delivery's body is the input; a start has it as a member.
        let (trigger, pointer) = match &opening.trigger {
            Trigger::Manual(_) => (self.slugs().manual(self.store(), journey, now).await, "/input"),
            Trigger::Hook(slug) => {
                (self.slugs().hooked(self.store(), journey, slug, now).await, "")
            }
        };
        let trigger = trigger.map_err(Problem::from)?;
        if let Some(trigger) = &trigger {
            trigger.check(pointer, &opening.input)?;
        }
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: match (trigger, &opening.trigger) {
                (Some(trigger), _) => Some(trigger.node.clone()),
                (None, Trigger::Manual(_)) => None,
                // The journey has no trigger for deliveries: a name that none has says so.
                (None, Trigger::Hook(slug)) => Some(format!("hook {slug}")),
            },
            account: opening.account.clone(),
            input: opening.input.clone(),
            dedupe_key: opening.key.clone(),
            opener: match opening.trigger.clone() {
                Trigger::Manual(by) => Opener::Person(by),
                Trigger::Hook(slug) => Opener::Hook(slug),
            },
        };
        Ok(self.start(request, wait).await?)
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
