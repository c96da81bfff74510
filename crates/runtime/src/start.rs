//! Starting an instance.

use crate::{
    Opener, Runtime,
    admission::NotAdmitted,
    dispatch::NotNow,
    journeys::Unusable,
    moves::{Move, MoveError},
    refusals,
    runtime::{Inner, Standing},
    why,
};
use journey::{Event, Instance, Journey, Rejection, Timestamp, calendar::Calendars};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use store::{
    AccountId, Failure, InstanceId, JourneyId,
    commits::{EntryRule, Guard, Refused},
    events::Reason,
    instances::{Life, Shadow},
    journeys::Mode,
    triggers::TriggerKey,
};
use tokio::{sync::watch, time::timeout};

/// What is to be started.
#[derive(Clone, Debug, PartialEq)]
pub struct StartRequest {
    pub journey: JourneyId,
    pub version: Which,
    /// The trigger's node; the manual one when `None`.
    pub trigger: Option<String>,
    /// Account id or external id; when `None`, what the trigger makes of the input.
    pub account: Option<String>,
    pub input: Value,
    /// A second start of the journey under the same key finds the first. The trigger's own key goes before it.
    pub dedupe_key: Option<String>,
    pub opener: Opener,
}

/// Which version is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The live version; the shadow when there is none.
    Live,
    Number(u64),
}

/// A started instance; it is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    pub instance: InstanceId,
    /// The key had opened it before; nothing was started now.
    pub is_duplicate: bool,
    /// How it stood when this returned; `None` for a duplicate that was not waited for.
    pub standing: Option<Standing>,
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the journey has no published version")]
    NotPublished,
    #[error("the version cannot be followed: {0}")]
    Unusable(String),
    #[error("the journey has no trigger '{0}'")]
    NoTrigger(String),
    #[error("there is no account '{0}'")]
    UnknownAccount(String),
    /// The trigger's expressions have no value for this input.
    #[error("the input does not fit the trigger: {0}")]
    UnfitInput(String),
    #[error(transparent)]
    Rejected(Rejection),
    /// The trigger's entry condition does not hold, or has no value.
    #[error("{}", .0.sentence)]
    NotAdmitted(Reason),
    #[error("the account is in this journey already, as {instance}")]
    AlreadyIn { instance: InstanceId },
    #[error("the account may enter this journey again from {}", .until.to_rfc3339())]
    CoolingDown { until: Timestamp },
    #[error("the journey has had its starts for today")]
    CapReached,
    #[error("too much is being worked on")]
    Overloaded,
    #[error("the server is shutting down")]
    ShuttingDown,
    #[error(transparent)]
    Failure(Arc<Failure>),
}

impl Runtime {
    /// Starts an instance; returns when it is durable.
    ///
    /// # Errors
    ///
    /// Nothing was started, unless the failure's kind is unknown: then ask again with the same key.
    pub async fn start_instance(&self, request: StartRequest) -> Result<Started, StartError> {
        self.begin(request, None).await
    }

    /// Starts an instance and waits until it has come to rest, at most `limit`.
    ///
    /// # Errors
    ///
    /// As [`Runtime::start_instance`].
    pub async fn start_and_wait(
        &self,
        request: StartRequest,
        limit: Duration,
    ) -> Result<Started, StartError> {
        let mut started = self.begin(request, Some(limit)).await?;
        if started.standing.is_none() {
            started.standing =
                self.wait_for_rest(started.instance, limit).await.map_err(StartError::failure)?;
        }
        Ok(started)
    }

    async fn begin(
        &self,
        request: StartRequest,
        wait: Option<Duration>,
    ) -> Result<Started, StartError> {
        let permit = self.inner.admit().map_err(|refusal| match refusal {
            NotAdmitted::Overloaded => StartError::Overloaded,
            NotAdmitted::ShuttingDown | NotAdmitted::Unheard => StartError::ShuttingDown,
        })?;
        let inner = Arc::clone(&self.inner);
        // On a task of its own: a client that hangs up must not stop between the commit and the work it brings.
        let starting = tokio::spawn(async move {
            let beside = request.clone();
            let opened = inner.open_by(request, wait).await;
            // Its caller is not kept waiting for what only takes notes, and nobody else for a caller who waits.
            let notes = Arc::clone(&inner);
            tokio::spawn(async move {
                notes.start_beside(beside).await;
                drop(permit);
            });
            Ok(opened?.come_to_rest(&inner).await)
        });
        starting.await.unwrap_or(Err(StartError::ShuttingDown))
    }
}

impl Inner {
    /// Starts an instance that nobody waits for.
    pub(crate) async fn start(
        self: &Arc<Self>,
        request: StartRequest,
    ) -> Result<Started, StartError> {
        Ok(self.open_by(request, None).await?.started)
    }

    /// Starts an instance. That a person or a delivery was kept out is written down; what comes of events and times, whoever brings them
    /// writes down.
    async fn open_by(
        self: &Arc<Self>,
        request: StartRequest,
        wait: Option<Duration>,
    ) -> Result<Opened, StartError> {
        let now = self.clock.now();
        let version = self.version(&request, now).await?;
        let followed = self.journeys.followed(self.store.as_ref(), request.journey, version).await;
        let (journey, mode) = followed.map_err(StartError::unusable)?;
        let trigger = trigger(&journey, request.trigger.as_deref())?;
        let shadow = match mode {
            Mode::Live => None,
            Mode::Shadow => Some(Shadow { journey: request.journey, version }),
        };
        let mut at = Knock { journey: request.journey, version, shadow, trigger, account: None };
        let writes = request.opener.is_outside();
        let started = self.start_at(&journey, &mut at, request, wait).await;
        if let (true, Err(error)) = (writes, &started) {
            self.write_down(at, error).await;
        }
        started
    }

    async fn start_at(
        self: &Arc<Self>,
        journey: &Journey,
        at: &mut Knock,
        request: StartRequest,
        wait: Option<Duration>,
    ) -> Result<Opened, StartError> {
        let now = self.clock.now();
        let (version, trigger) = (at.version, at.trigger.clone());
        // A shadow takes what the live version takes, beside it.
        let apart = |key: String| match at.shadow {
            None => key,
            Some(shadow) => format!("shadow {}:{key}", shadow.version),
        };
        let guard = Guard::New {
            dedupe_key: dedupe_key(journey, &trigger, &request)?.map(apart),
            entry: self.entry_rule(journey, &trigger).await?,
            trigger: trigger.clone(),
        };
        let account = self.resolve(journey, &trigger, &request).await?;
        at.account = account;
        let slot = account.map_or_else(|| self.store.ids().any_slot(), AccountId::slot);
        let id = self.store.ids().instance(now, slot);
        let (parent, shadow) = (None, at.shadow);
        let life =
            Life { journey: request.journey, version, account, parent, shadow, started_at: now };
        let has_condition = journey.trigger(&trigger).is_some_and(|one| one.has_condition());
        let asked = has_condition.then(|| request.input.clone());
        let event = Event::Started { trigger: trigger.clone(), input: request.input };
        let state = Instance::new();
        let opener = Some(request.opener);
        let (overlay, done, brought) = (Map::new(), None, None);
        let opening = Move { id, life, state, overlay, guard, event, opener, done, brought };
        match self.open(opening, wait).await {
            Err(MoveError::Refused(Refused::CoolingDown { last })) => {
                Err(self.cooling_down(journey, &trigger, last).await?)
            }
            Err(MoveError::Rejected(Rejection::NotAdmitted { message })) => {
                let place = (journey, trigger.as_str());
                Err(self.not_admitted(place, account, asked.as_ref(), message).await?)
            }
            opened => opened.map_err(StartError::from),
        }
    }

    /// The clause of the entry condition that does not hold, with the values it saw.
    async fn not_admitted(
        &self,
        (journey, trigger): (&Journey, &str),
        account: Option<AccountId>,
        input: Option<&Value>,
        message: String,
    ) -> Result<StartError, StartError> {
        let account = match account {
            Some(account) => self.store.account(account).await.map_err(StartError::failure)?,
            None => None,
        };
        let account = account.map_or(Value::Null, |account| account.to_value());
        let input = input.unwrap_or(&Value::Null);
        let trigger = journey.trigger(trigger);
        let explained =
            trigger.and_then(|one| one.explain_condition(input, &account, self.clock.now()));
        let unmet = explained.and_then(|explained| why::unmet("condition", &explained));
        let reason = unmet.map_or_else(|| refusals::condition(message), |unmet| unmet.reason);
        Ok(StartError::NotAdmitted(reason))
    }

    async fn entry_rule(&self, journey: &Journey, trigger: &str) -> Result<EntryRule, StartError> {
        let Some(trigger) = journey.trigger(trigger) else { return Ok(EntryRule::default()) };
        let now = self.clock.now();
        let calendars = self.calendars_now().await.map_err(StartError::failure)?;
        let since = trigger.cooled_down_since(now, &calendars);
        Ok(EntryRule {
            one_per_account: trigger.is_one_per_account(),
            cooled_down_since: since.map_err(|why| StartError::Unusable(why.to_string()))?,
            cap_per_day: trigger.cap_per_day().map(|cap| u32::try_from(cap).unwrap_or(u32::MAX)),
        })
    }

    /// Until when an account that entered at `last` is kept out.
    async fn cooling_down(
        &self,
        journey: &Journey,
        trigger: &str,
        last: Timestamp,
    ) -> Result<StartError, StartError> {
        let calendars = self.calendars_now().await.map_err(StartError::failure)?;
        let trigger = journey.trigger(trigger);
        let until = trigger.and_then(|one| one.cools_down_until(last, &calendars).ok().flatten());
        Ok(StartError::CoolingDown { until: until.unwrap_or(last) })
    }

    /// The workspace's calendars.
    pub(crate) async fn calendars_now(&self) -> Result<Arc<Calendars>, Failure> {
        self.calendars.get(self.store.as_ref(), self.clock.now()).await
    }

    /// A version's journey; why it cannot be followed when it cannot.
    pub(crate) async fn compiled(
        &self,
        key: &TriggerKey,
    ) -> Result<Result<Arc<Journey>, Reason>, NotNow> {
        match self.journeys.compiled(self.store.as_ref(), key.journey, key.version).await {
            Ok(journey) => Ok(Ok(journey)),
            Err(Unusable::Failure(failure)) => Err(failure.into()),
            Err(why) => Ok(Err(refusals::reason(&StartError::Unusable(why.to_string())))),
        }
    }

    /// Writes down that someone was kept out. It is for people to read: when it cannot be written, the answer stands all the same.
    async fn write_down(&self, at: Knock, error: &StartError) {
        let Some(reason) = refusals::of_start(error) else { return };
        let key = TriggerKey { journey: at.journey, version: at.version, node: at.trigger };
        let reaction = refusals::reaction(&key, at.account, reason);
        if let Err(failure) = self.store.react(&[reaction], self.clock.now()).await {
            tracing::warn!(error = %failure, "a refusal was not written down");
        }
    }

    /// Opens the instance; listens for its rest before anyone can bring it there.
    async fn open(
        self: &Arc<Self>,
        opening: Move,
        wait: Option<Duration>,
    ) -> Result<Opened, MoveError> {
        let id = opening.id;
        let rest = wait.map(|limit| (limit, self.rests.listen(id)));
        let moved = {
            let mut lane = self.lanes.enter(id).await;
            self.take(&mut lane, opening).await
        };
        match moved {
            Ok(standing) => {
                let started =
                    Started { instance: id, is_duplicate: false, standing: Some(standing) };
                Ok(Opened { started, rest })
            }
            Err(error) => {
                drop(rest);
                self.rests.tidy(id);
                match error {
                    MoveError::Refused(Refused::Duplicate { instance }) => {
                        let started = Started { instance, is_duplicate: true, standing: None };
                        Ok(Opened { started, rest: None })
                    }
                    error => Err(error),
                }
            }
        }
    }

    async fn version(&self, request: &StartRequest, now: Timestamp) -> Result<u64, StartError> {
        let (store, journey) = (self.store.as_ref(), request.journey);
        if let Which::Number(number) = request.version {
            return Ok(number);
        }
        let live = self.journeys.live(store, journey, now).await.map_err(StartError::failure)?;
        if let Some(live) = live {
            return Ok(live);
        }
        let shadow = self.journeys.shadow(store, journey, now).await;
        shadow.map_err(StartError::failure)?.ok_or(StartError::NotPublished)
    }

    async fn resolve(
        &self,
        journey: &Journey,
        trigger: &str,
        request: &StartRequest,
    ) -> Result<Option<AccountId>, StartError> {
        let named = match &request.account {
            Some(account) => Some(account.clone()),
            None => journey
                .account_of(trigger, &request.input)
                .map_err(|error| StartError::UnfitInput(error.to_string()))?,
        };
        let Some(named) = named else { return Ok(None) };
        let found = match named.parse::<AccountId>() {
            Ok(id) => self.store.account(id).await,
            Err(_) => self.store.account_by_external_id(&named).await,
        };
        match found.map_err(StartError::failure)? {
            Some(account) => Ok(Some(account.id)),
            None => Err(StartError::UnknownAccount(named)),
        }
    }
}

fn trigger(journey: &Journey, named: Option<&str>) -> Result<String, StartError> {
    let found = match named {
        Some(id) => journey.trigger(id),
        None => journey.manual_trigger(),
    };
    let missing = || StartError::NoTrigger(named.unwrap_or("manual").to_owned());
    found.map(|trigger| trigger.id().to_owned()).ok_or_else(missing)
}

fn dedupe_key(
    journey: &Journey,
    trigger: &str,
    request: &StartRequest,
) -> Result<Option<String>, StartError> {
    let own = journey
        .dedupe_key(trigger, &request.input)
        .map_err(|error| StartError::UnfitInput(error.to_string()))?;
    // Apart, so that a client's key never meets one the journey makes.
    Ok(own
        .map(|key| format!("journey:{key}"))
        .or_else(|| request.dedupe_key.as_ref().map(|key| request.opener.key(key))))
}

/// An instance that is durable, and its rest, for a caller who waits so long for it.
struct Opened {
    started: Started,
    rest: Option<(Duration, watch::Receiver<Option<Standing>>)>,
}

impl Opened {
    async fn come_to_rest(mut self, inner: &Inner) -> Started {
        if let Some((limit, mut rest)) = self.rest.take()
            && let Ok(Ok(told)) = timeout(limit, rest.wait_for(Option::is_some)).await
        {
            self.started.standing = told.clone().or(self.started.standing);
        }
        inner.rests.tidy(self.started.instance);
        self.started
    }
}

/// Where someone knocks.
struct Knock {
    journey: JourneyId,
    version: u64,
    /// Set when the version only writes down what it would do.
    shadow: Option<Shadow>,
    trigger: String,
    /// Known once it was found.
    account: Option<AccountId>,
}

impl StartError {
    fn failure(failure: Failure) -> Self {
        Self::Failure(Arc::new(failure))
    }

    fn unusable(why: Unusable) -> Self {
        match why {
            Unusable::Failure(failure) => Self::failure(failure),
            why @ (Unusable::Missing | Unusable::Shadow | Unusable::Broken(_)) => {
                Self::Unusable(why.to_string())
            }
        }
    }
}

impl From<MoveError> for StartError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Rejected(rejection) => Self::Rejected(rejection),
            MoveError::Unusable(why) => Self::unusable(why),
            MoveError::Failure(failure) => Self::Failure(failure),
            MoveError::Gone => Self::ShuttingDown,
            MoveError::Refused(Refused::AlreadyIn { instance }) => Self::AlreadyIn { instance },
            MoveError::Refused(Refused::CoolingDown { last }) => Self::CoolingDown { until: last },
            MoveError::Refused(Refused::CapReached) => Self::CapReached,
            // Another process made the same id, or one of ours is there already: a new try has a new one.
            MoveError::Refused(
                Refused::LostRace | Refused::LostLease | Refused::Duplicate { .. },
            )
            | MoveError::NotFound => Self::Overloaded,
        }
    }
}
