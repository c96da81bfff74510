//! One move of one instance: a step of the engine, its commit, and what follows from it.

use crate::{
    Change, Opener, causes,
    committer::Gone,
    deeds,
    hints::Hint,
    journeys::Unusable,
    lanes::{Hot, LaneGuard},
    limits,
    runtime::{Inner, Standing},
    shadow::Reach,
    turn::{self, Before},
};
use journey::{Context, Event, Instance, Journey, Rejection, Step, Timestamp, step};
use serde_json::{Map, Value};
use std::sync::Arc;
use store::{
    AccountId, EventId, Failure, InstanceId, LeaseId, TaskId,
    audit::Deed,
    commits::{Cause, Commit, Guard, Refused, TaskChange},
    instances::Life,
    planted::{Mistake, makes},
    work::{Claimed, Lease, WorkKey},
};

/// Why an instance did not move.
#[derive(Debug)]
pub(crate) enum MoveError {
    NotFound,
    Rejected(Rejection),
    Refused(Refused),
    Unusable(Unusable),
    Failure(Arc<Failure>),
    Gone,
}

/// What is to move, by what.
pub(crate) struct Move {
    pub(crate) id: InstanceId,
    pub(crate) life: Life,
    pub(crate) state: Instance,
    /// Fields of the account as a shadow instance would have written them.
    pub(crate) overlay: Map<String, Value>,
    pub(crate) guard: Guard,
    pub(crate) event: Event,
    /// Who opens the instance, if that is what moves it.
    pub(crate) opener: Option<Opener>,
    /// The work this event is the answer to.
    pub(crate) done: Option<(WorkKey, LeaseId)>,
    /// The stored event that brings this about.
    pub(crate) brought: Option<Brought>,
}

/// A stored event that moves instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(crate) event: EventId,
    /// How many events had brought each other about before it.
    pub(crate) depth: u32,
}

/// Where an event comes from, beside the outside.
#[derive(Default)]
struct Origin {
    /// Work that is done with it.
    done: Option<(WorkKey, LeaseId)>,
    brought: Option<Brought>,
    /// What a shadow below would have written to the account.
    written: Map<String, Value>,
}

impl Inner {
    /// Moves an instance by an event.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        id: InstanceId,
        event: Event,
        done: Option<(WorkKey, LeaseId)>,
    ) -> Result<Standing, MoveError> {
        self.bring(id, event, Origin { done, ..Origin::default() }).await
    }

    /// Moves an instance by how one below it ended; a shadow reads from then on what that one would have written.
    pub(crate) async fn deliver_below(
        self: &Arc<Self>,
        id: InstanceId,
        event: Event,
        written: &Map<String, Value>,
    ) -> Result<Standing, MoveError> {
        self.bring(id, event, Origin { written: written.clone(), ..Origin::default() }).await
    }

    /// Moves an instance by what a stored event brings it.
    pub(crate) async fn deliver_for(
        self: &Arc<Self>,
        id: InstanceId,
        event: Event,
        brought: Brought,
    ) -> Result<Standing, MoveError> {
        self.bring(id, event, Origin { brought: Some(brought), ..Origin::default() }).await
    }

    /// Moves an instance, reading it again when someone else was quicker.
    async fn bring(
        self: &Arc<Self>,
        id: InstanceId,
        mut event: Event,
        Origin { done, brought, written }: Origin,
    ) -> Result<Standing, MoveError> {
        let mut lane = self.lanes.enter(id).await;
        let mut races = 0;
        loop {
            if lane.is_none() {
                *lane = self.read(id).await?;
            }
            let Some(Hot { life, state, mut overlay }) = lane.clone() else {
                return Err(MoveError::NotFound);
            };
            overlay.extend(written.clone());
            let guard = Guard::At { sequence: state.sequence() };
            let (brings, done) = (event.clone(), done.clone());
            let moving = Move {
                id,
                life,
                state,
                overlay,
                guard,
                event: brings,
                opener: None,
                done,
                brought,
            };
            match self.take(&mut lane, moving).await {
                Err(MoveError::Refused(Refused::LostRace)) if races < limits::RACES => {
                    races += 1;
                    *lane = None;
                }
                Err(MoveError::Rejected(rejection @ Rejection::Limit { .. }))
                    if let Some(position) = event.moved_by_the_world() =>
                {
                    // Forgotten, the instance would wait for ever.
                    event = Event::StepRefused { position, message: rejection.to_string() };
                }
                moved => {
                    lane.cool();
                    return moved;
                }
            }
        }
    }

    async fn read(&self, id: InstanceId) -> Result<Option<Hot>, MoveError> {
        let stored = self.store.instance(id).await.map_err(MoveError::failure)?;
        Ok(stored.map(|stored| Hot {
            life: stored.life,
            state: stored.state,
            overlay: stored.overlay,
        }))
    }

    /// One step and its commit; what it brings is told and begun when it is durable.
    pub(crate) async fn take(
        self: &Arc<Self>,
        lane: &mut LaneGuard<'_>,
        moving: Move,
    ) -> Result<Standing, MoveError> {
        let (id, guard) = (moving.id, moving.guard.clone());
        let moving = match followed(moving) {
            Ok(moving) => moving,
            Err(rejected) => return Err(self.confirm(id, &guard).await.err().unwrap_or(rejected)),
        };
        let Life { journey, version, account, shadow, .. } = moving.life;
        let journey = self
            .journeys
            .compiled(self.store.as_ref(), journey, version)
            .await
            .map_err(MoveError::Unusable)?;
        let account = self.account(account, &moving.overlay).await?;
        let now = self.clock.now();
        let done = moving.done.clone();
        let calendars = self.calendars.get(self.store.as_ref(), now).await;
        let calendars = calendars.map_err(MoveError::failure)?;
        let context = Context { now, account: account.as_ref(), calendars: &calendars };
        let resting = Standing::of(&moving.state);
        let decided = match decide(&journey, moving, context) {
            Ok(Some(decided)) => decided,
            nothing => {
                self.confirm(id, &guard).await?;
                nothing?;
                self.forget(done).await?;
                return Ok(resting);
            }
        };
        let reach = match shadow {
            None => Reach::World,
            Some(_) => Reach::Notes(self.assumed(&journey, &decided.step).await?),
        };
        let mut commit = decided.commit(&journey, now, &reach);
        self.know_the_connections_of(&commit, now).await;
        let mut seats = Vec::new();
        let lease = self.lease(now);
        let jobs = turn::claim_now(&mut commit, lease, |job| {
            let seat = if self.holds_back() { None } else { self.hands.seat(job, now) };
            let free = seat.is_some();
            seats.extend(seat);
            free
        });
        if makes(Mistake::CallBeforeCommit) {
            crate::worker::call_unasked(self, &jobs);
        }
        let claims = (!jobs.is_empty()).then_some(lease.id);
        self.write(lane, commit, claims).await?;
        if let Some((key, lease)) = done {
            self.let_go(&key, lease);
        }
        let standing = lane.as_ref().map(|hot| Standing::of(&hot.state));
        lane.cool();
        for (job, seat) in jobs.into_iter().zip(seats) {
            self.begin(job, seat);
        }
        standing.ok_or(MoveError::NotFound)
    }

    /// Commits, keeps the new state in memory and tells who listens; `claims` is the lease under which the commit takes up work.
    async fn write(
        &self,
        lane: &mut LaneGuard<'_>,
        commit: Commit,
        claims: Option<LeaseId>,
    ) -> Result<(), MoveError> {
        let hot =
            Hot { life: commit.life, state: commit.state.clone(), overlay: commit.overlay.clone() };
        let told = Told::of(&commit);
        let soon = commit.at.plus(limits::POLL_MS);
        let unclaimed = commit.work.iter().any(|work| {
            work.lease.is_none() && work.due < soon && self.hands.may_take(&work.job, commit.at)
        });
        match self.committer.commit(commit).await {
            Err(Gone) => return Err(MoveError::Gone),
            Ok(Err(failure)) => {
                // Whether it was written is not known: read it again.
                **lane = None;
                if let Some(lease) = claims {
                    self.hands.unheard.add(lease, &failure);
                }
                return Err(MoveError::Failure(failure));
            }
            Ok(Ok(Err(refused))) => return Err(MoveError::Refused(refused)),
            Ok(Ok(Ok(()))) => {}
        }
        if unclaimed {
            self.wake.notify_one();
            self.hint(Hint::Work);
        }
        let standing = Standing::of(&hot.state);
        **lane = Some(hot);
        told.tell(self);
        if standing.is_at_rest {
            self.rests.tell(told.instance, &standing);
        }
        Ok(())
    }

    /// Nothing follows from an event, by the state that was in memory. That another node has moved the instance on since shows only here, as
    /// nothing is committed: then it is a lost race like any other, and neither the answer nor the work it is for may be dropped.
    async fn confirm(&self, id: InstanceId, guard: &Guard) -> Result<(), MoveError> {
        let Guard::At { sequence } = guard else { return Ok(()) };
        let stored = self.read(id).await?;
        let is_as_it_was = stored.is_some_and(|stored| stored.state.sequence() == *sequence);
        if is_as_it_was { Ok(()) } else { Err(MoveError::Refused(Refused::LostRace)) }
    }

    /// Removes work that was answered and changed nothing.
    async fn forget(&self, done: Option<(WorkKey, LeaseId)>) -> Result<(), MoveError> {
        let Some((key, lease)) = done else { return Ok(()) };
        self.store.forget(&[(key.clone(), lease)]).await.map_err(MoveError::failure)?;
        self.let_go(&key, lease);
        Ok(())
    }

    /// The account as its instance reads it: a shadow instance, with what it would have written.
    async fn account(
        &self,
        id: Option<AccountId>,
        overlay: &Map<String, Value>,
    ) -> Result<Option<Value>, MoveError> {
        let Some(id) = id else { return Ok(None) };
        let account = self.store.account(id).await.map_err(MoveError::failure)?;
        let mut account = account.map(|account| account.to_value());
        if let Some(Value::Object(fields)) = &mut account {
            fields.extend(overlay.clone());
        }
        Ok(account)
    }

    /// A lease for what is claimed now.
    pub(crate) fn lease(&self, now: Timestamp) -> Lease {
        let id = self.store.ids().lease(now, self.store.ids().any_slot());
        Lease { id, until: now.plus(limits::LEASE_MS) }
    }

    /// Work was answered. When the poller has claimed new work of the same name meanwhile, it is given back rather than lost.
    fn let_go(&self, key: &WorkKey, lease: LeaseId) {
        let Some(newer) = self.hands.let_go(key, lease) else { return };
        self.hands.goes_back(vec![(key.clone(), newer)]);
        self.wake.notify_one();
    }

    /// Takes claimed work in hand.
    pub(crate) fn begin(self: &Arc<Self>, job: Claimed, seat: crate::hands::Seat) {
        self.hands.take_up(&job);
        tokio::spawn(crate::worker::run(Arc::clone(self), job, seat));
    }
}

/// What the engine says follows, with what it follows from.
struct Decided {
    id: InstanceId,
    life: Life,
    overlay: Map<String, Value>,
    guard: Guard,
    /// Before the step.
    state: Instance,
    done: Option<(WorkKey, LeaseId)>,
    deed: Option<Deed>,
    cause: Option<Cause>,
    step: Step,
}

impl Decided {
    fn commit(self, journey: &Journey, now: Timestamp, reach: &Reach) -> Commit {
        let Self { id, life, overlay, guard, state, done, deed, cause, step } = self;
        let state = &state;
        let before = Before { id, journey, life, overlay, guard, state, done, deed, cause, now };
        turn::commit(before, step, reach)
    }
}

/// An instance that moves to another version takes that very step with it already.
fn followed(mut moving: Move) -> Result<Move, MoveError> {
    if let Event::Migrated { migrated, .. } = &moving.event {
        if moving.life.version != migrated.from {
            return Err(MoveError::Rejected(Rejection::MovedOn));
        }
        moving.life.version = migrated.to;
    }
    Ok(moving)
}

/// Asks the engine what follows; `None` when nothing does.
fn decide(
    journey: &Journey,
    moving: Move,
    context: Context<'_>,
) -> Result<Option<Decided>, MoveError> {
    let Move { id, life, state, overlay, guard, event, opener, done, brought } = moving;
    let deed = deeds::of(id, &event, opener.as_ref(), context.now)
        .filter(|_| life.shadow.is_none() || deeds::concerns_shadows(&event));
    let at = causes::place(&state, &event);
    let step = step(journey, state.clone(), event, context).map_err(MoveError::Rejected)?;
    if step.records.is_empty() && step.effects.is_empty() {
        return Ok(None);
    }
    let brought = brought.or(opener.as_ref().and_then(Opener::brought));
    let cause = brought.map(|brought| causes::cause(brought, (id, &life), &state, at, &step));
    Ok(Some(Decided { id, life, overlay, guard, state, done, deed, cause, step }))
}

impl MoveError {
    pub(crate) fn failure(failure: Failure) -> Self {
        Self::Failure(Arc::new(failure))
    }
}

/// What a commit changes that others may watch.
struct Told {
    instance: InstanceId,
    life: Life,
    tasks: Vec<TaskId>,
    writes_account: bool,
    tells_people: bool,
}

impl Told {
    fn of(commit: &Commit) -> Self {
        let instance = commit.instance;
        let mut tasks: Vec<TaskId> = commit
            .tasks
            .iter()
            .map(|change| match change {
                TaskChange::Offer { position, .. }
                | TaskChange::Renew { position, .. }
                | TaskChange::Assign { position, .. }
                | TaskChange::Reassign { position, .. }
                | TaskChange::Close { position, .. }
                | TaskChange::Mark { position, .. } => TaskId { instance, position: *position },
            })
            .collect();
        tasks.dedup();
        Self {
            instance,
            life: commit.life,
            tasks,
            writes_account: !commit.account_fields.is_empty(),
            tells_people: !commit.notices.is_empty(),
        }
    }

    fn tell(&self, inner: &Inner) {
        inner.tell(Change::Instance { id: self.instance, journey: self.life.journey });
        for id in &self.tasks {
            inner.tell(Change::Task { id: *id });
        }
        if let (true, Some(id)) = (self.writes_account, self.life.account) {
            inner.tell(Change::Account { id });
            inner.events.notify_one();
            inner.hint(Hint::Events);
        }
        if self.tells_people {
            inner.tell(Change::Notice { instance: self.instance });
        }
    }
}
