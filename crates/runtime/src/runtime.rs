//! The runtime: what the server asks it, and how it starts and stops.

use crate::{
    CallRequest, Change, Clock, Mail, Perform,
    admission::{Admitted, Flood, NotAdmitted},
    calendars::Known,
    changes::Changes,
    committer::Committer,
    dispatch,
    hands::Hands,
    hints::{self, Hint, Hints},
    journeys::{Journeys, Unusable},
    lanes::Lanes,
    limits,
    membership::{self, JoinError},
    migrations,
    moves::MoveError,
    perform, poller,
    rests::Rests,
    timekeeper,
};
use async_trait::async_trait;
use journey::{Event, Instance, Rejection, Status, Timestamp, effect::FailureKind};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use store::{
    Failure, InstanceId, JourneyId, Store, commits::Refused, instances::Stored, nodes::NewNode,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, RwLock, Semaphore, broadcast},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

/// Reaches nothing: for a runtime without hands.
pub(crate) struct Nobody;

#[async_trait]
impl Perform for Nobody {
    async fn call(&self, _: CallRequest) -> Result<Value, journey::effect::Failure> {
        Err(no_hands())
    }

    async fn send(&self, _: Mail) -> Result<(), journey::effect::Failure> {
        Err(no_hands())
    }
}

fn no_hands() -> journey::effect::Failure {
    perform::failure(FailureKind::Transient, "runtime.no-hands", "a server makes calls")
}

/// How an instance stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub status: Status,
    pub outcome: Option<String>,
    /// How many records it has.
    pub sequence: u64,
    /// Whether a person, a timer or the outside must move it next, or it is over.
    pub is_at_rest: bool,
}

impl Standing {
    /// As the store has it.
    pub fn of_stored(stored: &Stored) -> Self {
        Self::of(&stored.state)
    }

    pub(crate) fn of(state: &Instance) -> Self {
        Self {
            status: state.status(),
            outcome: state.outcome().map(str::to_owned),
            sequence: state.sequence(),
            is_at_rest: state.is_at_rest() || state.is_over(),
        }
    }
}

/// Why an event changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    #[error("there is no such instance")]
    NotFound,
    #[error(transparent)]
    Rejected(Rejection),
    /// Come back later; nothing was taken in.
    #[error("too much is being worked on")]
    Overloaded,
    #[error("the server is shutting down")]
    ShuttingDown,
    /// The instance's version cannot be followed.
    #[error("the instance's version cannot be followed: {0}")]
    Unusable(String),
    #[error(transparent)]
    Failure(Arc<Failure>),
}

/// Runs the instances of a workspace. Clones are the same runtime.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) performer: Arc<dyn Perform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) journeys: Journeys,
    pub(crate) calendars: Known,
    pub(crate) lanes: Lanes,
    pub(crate) committer: Committer,
    pub(crate) changes: Changes,
    pub(crate) rests: Rests,
    pub(crate) hands: Hands,
    /// Wakes the poller before its time.
    pub(crate) wake: Arc<Notify>,
    /// Wakes the dispatcher before its time.
    pub(crate) events: Notify,
    /// Wakes the timekeeper before its time.
    pub(crate) times: Notify,
    /// Wakes what moves instances before its time.
    pub(crate) migrations: Notify,
    /// What other nodes are to be told.
    pub(crate) hints: Hints,
    /// Slots are to be shared anew.
    pub(crate) unfair: Notify,
    /// Read by what works for slots of this node, written while they change hands.
    pub(crate) tenure: Arc<RwLock<()>>,
    /// How many nodes take part in everything.
    pub(crate) serving: AtomicU32,
    pub(crate) is_draining: AtomicBool,
    /// The lease of this node could not be renewed more than once.
    pub(crate) is_unheard: AtomicBool,
    requests: Arc<Semaphore>,
    flood: Mutex<Flood>,
    closing: AtomicBool,
    /// What runs until the end: it looks for due work and for events.
    loops: Mutex<Vec<JoinHandle<()>>>,
    /// What runs beyond that, until nothing is in hand: it keeps this node alive.
    lives: Mutex<Vec<JoinHandle<()>>>,
}

impl Runtime {
    /// Takes part in running the workspace; what a process that is gone had claimed is done again, once its lease has lapsed.
    ///
    /// # Errors
    ///
    /// The store cannot be written, or the others do not take this node.
    pub async fn start(
        store: Arc<dyn Store>,
        performer: Arc<dyn Perform>,
        clock: Arc<dyn Clock>,
        node: NewNode,
    ) -> Result<Self, JoinError> {
        let inner = Inner::new(store, performer, clock, limits::JOBS);
        let id = membership::begin(&inner, &node).await?;
        tracing::info!(node.id = %id, node.name = node.name, "taking part");
        let patience = node.lease * limits::LEASES_TO_START;
        let speaker = id.to_string();
        // From now on it is given up for gone when it does not say that it lives.
        let lives = vec![
            tokio::spawn(membership::run(Arc::clone(&inner), node)),
            tokio::spawn(membership::share(Arc::clone(&inner))),
            tokio::spawn(hints::tell(Arc::clone(&inner), speaker.clone())),
            tokio::spawn(hints::listen(Arc::clone(&inner), speaker)),
        ];
        *inner.lives.lock().unwrap_or_else(PoisonError::into_inner) = lives;
        if let Err(failure) = inner.list_triggers(patience).await {
            abort(&inner.lives);
            return Err(failure.into());
        }
        let loops = vec![
            tokio::spawn(poller::run(Arc::clone(&inner))),
            tokio::spawn(dispatch::run(Arc::clone(&inner))),
            tokio::spawn(timekeeper::run(Arc::clone(&inner))),
            tokio::spawn(migrations::run(Arc::clone(&inner))),
        ];
        *inner.loops.lock().unwrap_or_else(PoisonError::into_inner) = loops;
        Ok(Self { inner })
    }

    /// For a command beside a running server, or without one: moves instances, and leaves the work this brings to a server.
    pub fn beside(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { inner: Inner::new(store, Arc::new(Nobody), clock, 0) }
    }

    /// Brings an event to an instance; returns when what it changed is durable.
    ///
    /// # Errors
    ///
    /// Nothing has changed, unless the failure's kind is unknown.
    pub async fn deliver(
        &self,
        instance: InstanceId,
        event: Event,
    ) -> Result<Standing, DeliverError> {
        let permit = self.inner.admit().map_err(|refusal| match refusal {
            NotAdmitted::Overloaded => DeliverError::Overloaded,
            NotAdmitted::ShuttingDown | NotAdmitted::Unheard => DeliverError::ShuttingDown,
        })?;
        let inner = Arc::clone(&self.inner);
        // On a task of its own: a client that hangs up must not stop between the commit and the work it brings.
        let moved = tokio::spawn(store::idempotency::still_asking(async move {
            let _permit = permit;
            inner.deliver(instance, event, None).await
        }));
        match moved.await {
            Ok(moved) => moved.map_err(DeliverError::from),
            Err(_) => Err(DeliverError::ShuttingDown),
        }
    }

    /// Waits until an instance has come to rest; `None` when it has not within `limit`, or there is no such instance.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn wait_for_rest(
        &self,
        instance: InstanceId,
        limit: Duration,
    ) -> Result<Option<Standing>, Failure> {
        let mut rest = self.inner.rests.listen(instance);
        let stored = self.inner.store.instance(instance).await?;
        let standing = stored.as_ref().map(|stored| Standing::of(&stored.state));
        let waited = match standing {
            None => None,
            Some(standing) if standing.is_at_rest => Some(standing),
            Some(_) => tokio::select! {
                // In this order, so that the same happens whenever a life is lived again.
                biased;
                rested = timeout(limit, rest.wait_for(Option::is_some)) => match rested {
                    Ok(Ok(standing)) => standing.clone(),
                    Ok(Err(_)) | Err(_) => None,
                },
                rested = self.look_for_rest(instance) => Some(rested),
            },
        };
        drop(rest);
        self.inner.rests.tidy(instance);
        Ok(waited)
    }

    /// Returns when another node has brought an instance to rest.
    async fn look_for_rest(&self, instance: InstanceId) -> Standing {
        loop {
            sleep(Duration::from_millis(limits::REST_POLL_MS)).await;
            if self.inner.has_company()
                && let Ok(Some(stored)) = self.inner.store.instance(instance).await
                && let standing = Standing::of_stored(&stored)
                && standing.is_at_rest
            {
                return standing;
            }
        }
    }

    /// Whether this node was asked to take up nothing new.
    pub fn is_draining(&self) -> bool {
        self.inner.holds_back()
    }

    /// Whether what this node writes has not been made durable for a while, so that it is not to be sent work.
    pub fn is_unheard(&self) -> bool {
        self.inner.is_unheard.load(Ordering::Acquire)
    }

    /// How many nodes take part in everything, as this one heard last.
    pub fn serving(&self) -> u32 {
        self.inner.serving.load(Ordering::Acquire)
    }

    /// Lets everyone go who waits for a rest: they are told how things stand, so that a server that stops can answer them.
    pub fn stop_waiting(&self) {
        self.inner.rests.end();
    }

    /// Hears of every change from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Says that something was changed beside the runtime, to who watches here and on other nodes.
    pub fn tell(&self, change: Change) {
        self.inner.tell(change);
    }

    /// Says that a version was published, so that new instances follow it at once.
    pub fn published(&self, journey: JourneyId) {
        self.inner.journeys.published(journey);
        self.inner.times.notify_one();
        self.inner.hint(Hint::Published(journey));
    }

    /// Says that a calendar was changed, so that durations are measured over it at once.
    pub fn calendars_changed(&self) {
        self.inner.calendars.forget();
        self.inner.hint(Hint::Calendars);
    }

    /// Whether a request that brings work may be taken in now.
    ///
    /// # Errors
    ///
    /// Too many are being committed, what is written is not made durable, or the runtime takes nothing in any more.
    pub fn has_room(&self) -> Result<(), NotAdmitted> {
        if self.is_unheard() { Err(NotAdmitted::Unheard) } else { self.inner.admit().map(drop) }
    }

    /// Whether more events may be taken in now; hold the place while they are.
    ///
    /// # Errors
    ///
    /// Too many requests are being committed, too many events wait to be dispatched, or the runtime takes nothing in any more.
    pub async fn admit_events(&self) -> Result<Admitted, NotAdmitted> {
        let permit = self.inner.admit()?;
        if self.inner.is_flooded().await {
            Err(NotAdmitted::Overloaded)
        } else {
            Ok(Admitted(permit))
        }
    }

    /// Says that events were taken in or an account was changed, so that they are dispatched at once.
    pub fn look_at_events(&self) {
        self.inner.events.notify_one();
        self.inner.hint(Hint::Events);
    }

    /// Transactions written for instances so far.
    pub fn transactions(&self) -> u64 {
        self.inner.committer.transactions()
    }

    /// Calls and timers in memory now.
    pub fn jobs(&self) -> usize {
        self.inner.hands.jobs()
    }

    /// Takes in nothing more and waits for what is at work, at most `limit`; calls still out then are made again by other nodes, or after the
    /// next start.
    pub async fn shutdown(&self, limit: Duration) {
        self.inner.closing.store(true, Ordering::Release);
        abort(&self.inner.loops);
        self.drain(limit).await;
        abort(&self.inner.lives);
        membership::leave(&self.inner).await;
    }

    /// Waits for what is in hand, at most `limit`.
    async fn drain(&self, limit: Duration) {
        let all = u32::try_from(limits::REQUESTS).unwrap_or(u32::MAX);
        let drained = async {
            let _ = self.inner.requests.acquire_many(all).await;
            self.inner.hands.drained().await;
        };
        if timeout(limit, drained).await.is_err() {
            tracing::warn!(calls = self.jobs(), "stopping with calls out; they will be made again");
        }
    }
}

fn abort(tasks: &Mutex<Vec<JoinHandle<()>>>) {
    for running in std::mem::take(&mut *tasks.lock().unwrap_or_else(PoisonError::into_inner)) {
        running.abort();
    }
}

impl Inner {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        performer: Arc<dyn Perform>,
        clock: Arc<dyn Clock>,
        places: usize,
    ) -> Arc<Self> {
        let wake = Arc::new(Notify::new());
        let (committer, _) = Committer::start(Arc::clone(&store));
        Arc::new(Self {
            store,
            performer,
            clock,
            journeys: Journeys::default(),
            calendars: Known::default(),
            lanes: Lanes::default(),
            committer,
            changes: Changes::new(),
            rests: Rests::default(),
            hands: Hands::new(places, Arc::clone(&wake)),
            wake,
            events: Notify::new(),
            times: Notify::new(),
            migrations: Notify::new(),
            hints: Hints::default(),
            unfair: Notify::new(),
            tenure: Arc::default(),
            serving: AtomicU32::new(1),
            is_draining: AtomicBool::new(false),
            is_unheard: AtomicBool::new(false),
            requests: Arc::new(Semaphore::new(limits::REQUESTS)),
            flood: Mutex::new(Flood { seen_at: Timestamp(i64::MIN / 2), is_flooded: false }),
            closing: AtomicBool::new(false),
            loops: Mutex::default(),
            lives: Mutex::default(),
        })
    }

    /// Lists the triggers of published versions where that is still to be done; a node that was given up for gone meanwhile joins the others
    /// anew, and then it can.
    pub(crate) async fn list_triggers(&self, patience: Duration) -> Result<(), Failure> {
        let until = Instant::now() + patience;
        loop {
            match self.store.list_triggers_anew(self.clock.now()).await {
                Ok(true) => tracing::info!("triggers of published versions listed"),
                Ok(false) => {}
                Err(failure)
                    if failure.kind() == store::FailureKind::Fenced && Instant::now() < until =>
                {
                    sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
                    continue;
                }
                Err(failure) => return Err(failure),
            }
            return Ok(());
        }
    }

    pub(crate) fn admit(&self) -> Result<OwnedSemaphorePermit, NotAdmitted> {
        if self.is_closing() {
            return Err(NotAdmitted::ShuttingDown);
        }
        Arc::clone(&self.requests).try_acquire_owned().map_err(|_| NotAdmitted::Overloaded)
    }

    /// Whether so many events wait to be dispatched that no more should come. When that cannot be asked, nothing can be taken in either.
    async fn is_flooded(&self) -> bool {
        let now = self.clock.now();
        let seen = *self.flood.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 - seen.seen_at.0 < limits::EVENTS_PENDING_MS {
            return seen.is_flooded;
        }
        let Ok(backlog) = self.store.events_backlog(limits::EVENTS_PENDING).await else {
            return seen.is_flooded;
        };
        let is_flooded = backlog.waiting >= u64::from(limits::EVENTS_PENDING);
        let seen = Flood { seen_at: now, is_flooded };
        *self.flood.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        is_flooded
    }

    /// Returns at `at`, and at the latest after so many milliseconds: a clock that is set back must not keep anyone asleep until it has
    /// caught up.
    pub(crate) async fn sleep_until(&self, at: Timestamp, most_ms: i64) {
        let most = Duration::from_millis(most_ms.unsigned_abs());
        // Too long is as good as long enough: whoever slept looks again.
        let _ = timeout(most, self.clock.sleep_until(at)).await;
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

impl From<MoveError> for DeliverError {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::NotFound => Self::NotFound,
            MoveError::Rejected(rejection) => Self::Rejected(rejection),
            MoveError::Unusable(Unusable::Failure(failure)) => Self::Failure(Arc::new(failure)),
            MoveError::Unusable(why) => Self::Unusable(why.to_string()),
            MoveError::Failure(failure) => Self::Failure(failure),
            // Only after losing every race in a row, or for work, which no caller brings.
            MoveError::Refused(
                Refused::LostRace
                | Refused::LostLease
                | Refused::Duplicate { .. }
                | Refused::AlreadyIn { .. }
                | Refused::CoolingDown { .. }
                | Refused::CapReached,
            ) => Self::Overloaded,
            MoveError::Gone => Self::ShuttingDown,
        }
    }
}
