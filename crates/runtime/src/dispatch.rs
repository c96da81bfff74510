//! Brings events to the triggers and the waits that listen for them: each event at least once, and what it brings about once.
//!
//! An event that was dispatched in part when the process ended is dispatched again: a trigger knows what it has opened by its key, and
//! an instance that was woken does not wait there any more. Before an event of an account moves anything, those before it are marked as
//! dispatched: dispatched again, they would come after it.

mod opening;
mod waking;

use crate::{limits, runtime::Inner, timekeeper};
use journey::{Position, journey::event_scope};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use store::{
    EventId, Failure, InstanceId,
    events::{ACCOUNT_CHANGED, Event, NewReaction, ReactionKind, Reason},
    planted::{Mistake, makes},
    triggers::TriggerKey,
};
use tokio::{sync::OwnedRwLockReadGuard, task::JoinHandle, time::sleep};

/// Why an event is dispatched again later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotNow {
    #[error(transparent)]
    Failure(Arc<Failure>),
    #[error("instances were moved by others each time, or the process is ending")]
    Busy,
}

impl From<Failure> for NotNow {
    fn from(failure: Failure) -> Self {
        Self::Failure(Arc::new(failure))
    }
}

/// What a look at the store found.
enum Found {
    Nothing,
    /// There may be more.
    Some,
    /// Some could not be dispatched now.
    Stuck,
}

/// Runs until the process ends. Waking it early is a hint; its own rhythm is the guarantee.
pub(crate) async fn run(inner: Arc<Inner>) {
    while !inner.is_closing() {
        match round(&inner).await {
            Ok(Found::Some) => {}
            Ok(Found::Nothing) => rest(&inner).await,
            Ok(Found::Stuck) => pause().await,
            Err(failure) => {
                tracing::warn!(error = %failure, "events not dispatched; trying again");
                pause().await;
            }
        }
    }
}

async fn pause() {
    sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
}

async fn rest(inner: &Arc<Inner>) {
    let poll = inner.clock.now().plus(limits::POLL_MS);
    tokio::select! {
        // In this order, so that the same happens whenever a life is lived again.
        biased;
        () = inner.sleep_until(poll, limits::POLL_MS) => {}
        () = inner.events.notified() => {}
    }
}

/// Dispatches some of what waits; whether there was any.
pub(crate) async fn once(inner: &Arc<Inner>) -> Result<bool, Failure> {
    Ok(!matches!(round(inner).await?, Found::Nothing))
}

async fn round(inner: &Arc<Inner>) -> Result<Found, Failure> {
    // Held by what works for these events, too: another node must not begin before it is done.
    let tenure = Arc::new(Arc::clone(&inner.tenure).read_owned().await);
    let pending = inner.store.pending(limits::DISPATCH_LANES, limits::DISPATCH_EACH).await?;
    if pending.is_empty() {
        return Ok(Found::Nothing);
    }
    let mut found = Found::Some;
    let (mut events, mut reactions) = (Vec::new(), Vec::new());
    for working in set_out(inner, pending, &tenure) {
        // What broke off in a panic stays pending, as what could not be done now.
        let Ok(done) = working.await else {
            found = Found::Stuck;
            continue;
        };
        if done.is_stuck {
            found = Found::Stuck;
        }
        events.extend(done.events);
        reactions.extend(done.reactions);
    }
    inner.store.dispatched(&events, &reactions, inner.clock.now()).await?;
    Ok(found)
}

/// Events of one lane that were dispatched and are not marked so yet, with what came of them.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) events: Vec<EventId>,
    reactions: Vec<NewReaction>,
    is_stuck: bool,
}

impl Done {
    async fn mark(&mut self, inner: &Inner) -> Result<(), Failure> {
        if self.events.is_empty() {
            return Ok(());
        }
        inner.store.dispatched(&self.events, &self.reactions, inner.clock.now()).await?;
        self.events.clear();
        self.reactions.clear();
        Ok(())
    }
}

/// Begins the work on events: those of one account one after the other, and so those of none; accounts beside each other.
fn set_out(
    inner: &Arc<Inner>,
    events: Vec<Event>,
    tenure: &Arc<OwnedRwLockReadGuard<()>>,
) -> Vec<JoinHandle<Done>> {
    let lanes = in_lanes(events).into_iter().map(|lane| {
        let (inner, tenure) = (Arc::clone(inner), Arc::clone(tenure));
        // On a task of its own: the end of the round must not come between a commit and the work it brings.
        tokio::spawn(async move {
            let done = run_lane(&inner, lane).await;
            drop(tenure);
            done
        })
    });
    lanes.collect()
}

fn in_lanes(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut lanes: Vec<Vec<Event>> = Vec::new();
    let mut of_account = HashMap::new();
    for event in events {
        let lane = *of_account.entry(event.account).or_insert(lanes.len());
        match lanes.get_mut(lane) {
            Some(lane) => lane.push(event),
            None => lanes.push(vec![event]),
        }
    }
    if makes(Mistake::EventsOutOfOrder) {
        for lane in &mut lanes {
            lane.reverse();
        }
    }
    lanes
}

pub(crate) async fn run_lane(inner: &Arc<Inner>, lane: Vec<Event>) -> Done {
    let mut done = Done::default();
    for event in lane {
        let id = event.id;
        match dispatch(inner, event, &mut done).await {
            Ok(reactions) => {
                done.events.push(id);
                done.reactions.extend(reactions);
            }
            Err(why) => {
                tracing::warn!(event.id = %id, %why, "event not dispatched now; trying again");
                done.is_stuck = true;
                break;
            }
        }
    }
    done
}

/// Brings one event to all it is for, after those of its lane that are `before` it.
pub(crate) async fn dispatch(
    inner: &Arc<Inner>,
    event: Event,
    before: &mut Done,
) -> Result<Vec<NewReaction>, NotNow> {
    let scope = event_scope(&event.to_value());
    let (reactions, brought) = (Vec::new(), HashSet::new());
    let mut bringing = Bringing { inner, event: &event, before, scope, reactions, brought };
    bringing.open().await?;
    bringing.wake().await?;
    if event.kind == ACCOUNT_CHANGED {
        bringing.tell_watchers().await?;
        timekeeper::plan_after_change(inner, &event).await?;
    }
    Ok(bringing.reactions)
}

/// One event on its way.
struct Bringing<'a> {
    inner: &'a Arc<Inner>,
    event: &'a Event,
    before: &'a mut Done,
    /// As expressions read it.
    scope: Value,
    /// What came of it, beside what instances' commits write themselves.
    reactions: Vec<NewReaction>,
    /// Where it was brought already.
    brought: HashSet<(InstanceId, Position)>,
}

impl Bringing<'_> {
    /// It is about to move something. Events of no account have no order among them.
    async fn moves(&mut self) -> Result<(), Failure> {
        if self.event.account.is_some() { self.before.mark(self.inner).await } else { Ok(()) }
    }

    /// Whether journeys have caused each other so often in a row that this has to be the end of it.
    fn is_runaway(&self) -> bool {
        self.event.depth > limits::EVENT_DEPTH
    }

    fn runaway() -> Reason {
        let most = limits::EVENT_DEPTH;
        let sentence = format!(
            "Events have brought each other about {most} times in a row; this one moves nothing more, since it may go round in a circle."
        );
        Reason { code: "loop".to_owned(), sentence, facts: serde_json::json!({ "most": most }) }
    }

    fn note(&mut self, at: &TriggerKey, kind: ReactionKind, reason: Reason) {
        self.reactions.push(NewReaction {
            event: Some(self.event.id),
            journey: at.journey,
            version: at.version,
            node: at.node.clone(),
            account: self.event.account,
            instance: None,
            kind,
            reason: Some(reason),
        });
    }
}
