//! Instances below others: started once for each place, stopped when nobody waits for them any more, and heard of when they are over.

use crate::{
    deeds,
    journeys::Unusable,
    limits,
    moves::{Move, MoveError},
    runtime::Inner,
};
use journey::{
    Event, Instance, Rejection,
    effect::{Ending, Follows, Parent, StartChild},
};
use serde_json::{Map, Value};
use std::sync::Arc;
use store::{
    InstanceId, JourneyId, LeaseId, Paging,
    commits::{Guard, Refused},
    instances::{Life, Stored},
    work::WorkKey,
};

/// What a new instance below follows, and where it begins.
struct Body {
    journey: JourneyId,
    version: u64,
    at: String,
}

/// Why an instance below is not started now.
enum Unstarted {
    /// It never will be, for this reason.
    Never(String),
    /// The world is away.
    Moving(MoveError),
}

impl Inner {
    /// Starts the instance of a place below, or finds it started; gives what the instance above is told.
    ///
    /// Nothing is started when the work is not held any more: then nobody waits for it.
    pub(crate) async fn start_child(
        self: &Arc<Self>,
        work: (WorkKey, LeaseId),
        start: StartChild,
    ) -> Result<Event, MoveError> {
        let (position, index) = (work.0.position, start.index);
        let above = self.store.instance(work.0.instance).await.map_err(MoveError::failure)?;
        let above = above.ok_or(MoveError::NotFound)?;
        let event = match self.open_child(above, work, start).await {
            Ok(instance) => Event::ChildStarted { position, index, instance: instance.to_string() },
            Err(Unstarted::Never(message)) => {
                Event::ChildEnded { position, index, ending: Ending::NotStarted { message } }
            }
            Err(Unstarted::Moving(error)) => return Err(error),
        };
        Ok(event)
    }

    async fn open_child(
        self: &Arc<Self>,
        above: Stored,
        work: (WorkKey, LeaseId),
        start: StartChild,
    ) -> Result<InstanceId, Unstarted> {
        let Body { journey, version, at } = self.body(&above.life, &start.follows).await?;
        let (account, shadow, overlay) = (above.life.account, above.life.shadow, above.overlay);
        let now = self.clock.now();
        let id = self.store.ids().instance(now, above.id.slot());
        let life =
            Life { journey, version, account, parent: Some(above.id), shadow, started_at: now };
        let parent = Parent {
            instance: above.id.to_string(),
            position: work.0.position,
            index: start.index,
            depth: start.depth,
            room: start.room,
        };
        let event = Event::StartedBelow { node: at, input: start.input, parent, seed: start.seed };
        let (state, guard) = (Instance::new(), Guard::Below { work });
        let (opener, done, brought) = (None, None, None);
        let opening = Move { id, life, state, overlay, guard, event, opener, done, brought };
        let moved = {
            let mut lane = self.lanes.enter(id).await;
            self.take(&mut lane, opening).await
        };
        match moved {
            Ok(_) => Ok(id),
            Err(MoveError::Refused(Refused::Duplicate { instance })) => Ok(instance),
            Err(MoveError::Rejected(rejection)) => Err(Unstarted::Never(rejection.to_string())),
            Err(MoveError::Unusable(why)) => Err(unusable(why)),
            Err(
                error @ (MoveError::NotFound
                | MoveError::Refused(
                    Refused::LostRace
                    | Refused::LostLease
                    | Refused::AlreadyIn { .. }
                    | Refused::CoolingDown { .. }
                    | Refused::CapReached,
                )
                | MoveError::Failure(_)
                | MoveError::Gone),
            ) => Err(Unstarted::Moving(error)),
        }
    }

    async fn body(&self, above: &Life, follows: &Follows) -> Result<Body, Unstarted> {
        let (named, number) = match follows {
            Follows::Part { from } => {
                let (journey, version) = (above.journey, above.version);
                return Ok(Body { journey, version, at: from.clone() });
            }
            Follows::Journey { journey, version } => (journey, *version),
        };
        let id = self.named(named).await?;
        let live = || self.journeys.live(self.store.as_ref(), id, self.clock.now());
        let version = match number {
            Some(number) => number,
            None => live().await.map_err(Unstarted::failure)?.ok_or_else(|| {
                let message = format!("the journey '{named}' has no live version; publish it");
                Unstarted::Never(message)
            })?,
        };
        let store = self.store.as_ref();
        let journey = match above.shadow {
            None => self.journeys.acting(store, id, version).await,
            Some(_) => self.journeys.compiled(store, id, version).await,
        };
        let journey = journey.map_err(unusable)?;
        let trigger = journey.called_trigger().ok_or_else(|| {
            let message = format!(
                "the journey '{named}' has no trigger for being called by another, and none that people start by hand"
            );
            Unstarted::Never(message)
        })?;
        Ok(Body { journey: id, version, at: trigger.id().to_owned() })
    }

    /// The journey of an id or, exactly, of a name.
    async fn named(&self, named: &str) -> Result<JourneyId, Unstarted> {
        let missing = || Unstarted::Never(format!("there is no journey '{named}'"));
        if let Ok(id) = named.parse::<JourneyId>() {
            let found = self.store.journey(id).await.map_err(Unstarted::failure)?;
            return found.map(|found| found.id).ok_or_else(missing);
        }
        let found = self.store.journeys_named(named, 2).await.map_err(Unstarted::failure)?;
        match found.as_slice() {
            [] => Err(missing()),
            [id] => Ok(*id),
            _ => Err(Unstarted::Never(format!(
                "several journeys are called '{named}'; call the right one by its id"
            ))),
        }
    }

    /// Cancels what runs below a position. Those that are being cancelled or are over already are left to themselves.
    pub(crate) async fn stop_children(
        self: &Arc<Self>,
        key: &WorkKey,
        reason: &str,
    ) -> Result<(), MoveError> {
        let mut after = None;
        loop {
            let paging = Paging::new(after, limits::CHILDREN);
            let page = self.store.children_at(key.instance, key.position, paging).await;
            let page = page.map_err(MoveError::failure)?;
            for (_, child) in page.items {
                let event =
                    Event::Cancelled { reason: reason.to_owned(), by: deeds::ABOVE.to_owned() };
                unless_late(self.deliver(child, event, None).await)?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Tells the instance above how this one ended, if it still waits, and what it would have written if it is a shadow.
    pub(crate) async fn report(
        self: &Arc<Self>,
        parent: &Parent,
        ending: Ending,
        written: &Map<String, Value>,
    ) -> Result<(), MoveError> {
        let above: InstanceId = parent.instance.parse().map_err(|_| MoveError::NotFound)?;
        let (position, index) = (parent.position, parent.index);
        let told = |ending| Event::ChildEnded { position, index, ending };
        match self.deliver_below(above, told(ending), written).await {
            // What follows from it does not fit the instance above, which must not wait for ever.
            Err(MoveError::Rejected(rejection)) if !is_late(&rejection) => {
                let reason = format!("what it gave cannot be taken in: {rejection}");
                unless_late(self.deliver(above, told(Ending::Cancelled { reason }), None).await)
            }
            moved => unless_late(moved),
        }
    }
}

/// Whether an event was rejected because nothing waits for it any more, rather than for what it brings.
pub(crate) fn is_late(rejection: &Rejection) -> bool {
    match rejection {
        Rejection::NotWaiting(_)
        | Rejection::WrongEvent(_)
        | Rejection::Over
        | Rejection::MovedOn
        | Rejection::Cancelling => true,
        Rejection::AlreadyStarted
        | Rejection::UnknownTrigger(_)
        | Rejection::AlreadyClaimed { .. }
        | Rejection::NotAssignee { .. }
        | Rejection::UnknownOutcome(_)
        | Rejection::BadOutcome(_)
        | Rejection::InvalidForm { .. }
        | Rejection::InvalidInput { .. }
        | Rejection::NotAdmitted { .. }
        | Rejection::NotAllowed { .. }
        | Rejection::SlaRefused { .. }
        | Rejection::Limit { .. } => false,
    }
}

/// A rejected event changes nothing, and nothing more is to be done.
fn unless_late<T>(moved: Result<T, MoveError>) -> Result<(), MoveError> {
    match moved {
        Ok(_) | Err(MoveError::Rejected(_) | MoveError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn unusable(why: Unusable) -> Unstarted {
    match why {
        Unusable::Failure(failure) => Unstarted::failure(failure),
        why @ (Unusable::Missing | Unusable::Shadow | Unusable::Broken(_)) => {
            Unstarted::Never(format!("the version cannot be followed: {why}"))
        }
    }
}

impl Unstarted {
    fn failure(failure: store::Failure) -> Self {
        Self::Moving(MoveError::failure(failure))
    }
}
