//! The instances that wait for an event, or watch the account it changed.

use super::{Bringing, NotNow};
use crate::{
    limits,
    moves::{Brought, MoveError},
    refusals,
};
use journey::{Event as Happening, Position, Rejection};
use std::sync::Arc;
use store::{
    InstanceId, Paging,
    commits::Refused,
    events::{NewReaction, ReactionKind, Reason},
    listens::Ear,
    triggers::TriggerKey,
};
use tokio::task::JoinSet;

/// One instance to be moved, and where it waits.
struct Target {
    instance: InstanceId,
    position: Position,
    event: Happening,
    at: TriggerKey,
}

impl Bringing<'_> {
    /// Wakes the instances that wait for it with its key. One that moves to another version meanwhile waits at another place, which
    /// may have been looked at before: it is looked until nobody new is found.
    pub(super) async fn wake(&mut self) -> Result<(), NotNow> {
        loop {
            let before = self.brought.len();
            for ear in self.inner.store.ears(&self.event.kind).await? {
                self.wake_at(ear).await?;
            }
            if self.brought.len() == before {
                return Ok(());
            }
        }
    }

    async fn wake_at(&mut self, ear: Ear) -> Result<(), NotNow> {
        let at = TriggerKey { journey: ear.journey, version: ear.version, node: ear.node.clone() };
        let journey = match self.inner.compiled(&at).await? {
            Ok(journey) => journey,
            Err(reason) => {
                self.note(&at, ReactionKind::Failed, reason);
                return Ok(());
            }
        };
        let key = match journey.correlation_key(&ear.node, &self.scope) {
            Ok(Some(key)) => key,
            Ok(None) => return Ok(()),
            Err(error) => {
                self.note(&at, ReactionKind::Failed, refusals::no_key(&error));
                return Ok(());
            }
        };
        let event = self.event.id;
        let mut paging = Paging::first(limits::WAKE);
        loop {
            let page = self.inner.store.listeners(&ear, &key, event, paging).await?;
            let new = page.items.into_iter().filter(|place| self.brought.insert(*place));
            let targets = new.map(|(instance, position)| Target {
                instance,
                position,
                event: Happening::Received { position, received: self.scope.clone() },
                at: at.clone(),
            });
            let targets = targets.collect();
            self.move_all(targets).await?;
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::WAKE);
        }
    }

    /// Tells the instances that watch the account.
    pub(super) async fn tell_watchers(&mut self) -> Result<(), NotNow> {
        let Some(account) = self.event.account else { return Ok(()) };
        let mut paging = Paging::first(limits::WAKE);
        loop {
            let page = self.inner.store.watchers(account, paging).await?;
            let mut targets = Vec::with_capacity(page.items.len());
            for instance in page.items {
                let Some(stored) = self.inner.store.instance(instance).await? else { continue };
                let (journey, version) = (stored.life.journey, stored.life.version);
                let at = TriggerKey { journey, version, node: String::new() };
                let (position, event) = (Position(0), Happening::AccountChanged);
                targets.push(Target { instance, position, event, at });
            }
            self.move_all(targets).await?;
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::WAKE);
        }
    }

    /// Moves instances beside each other, so that their commits share transactions.
    async fn move_all(&mut self, targets: Vec<Target>) -> Result<(), NotNow> {
        if self.is_runaway() {
            for target in targets {
                self.note_of(target, ReactionKind::Refused, Self::runaway());
            }
            return Ok(());
        }
        if !targets.is_empty() {
            self.moves().await?;
        }
        let mut moving = JoinSet::new();
        for target in targets {
            let inner = Arc::clone(self.inner);
            let brought = Brought { event: self.event.id, depth: self.event.depth };
            moving.spawn(async move {
                let (instance, event) = (target.instance, target.event.clone());
                (inner.deliver_for(instance, event, brought).await, target)
            });
        }
        // Everyone is waited for: what is dropped half way would be done again without need.
        let mut not_now = None;
        while let Some(moved) = moving.join_next().await {
            let Ok((moved, target)) = moved else {
                not_now = Some(NotNow::Busy);
                continue;
            };
            if let Err(error) = moved {
                match unmoved(error) {
                    Unmoved::NotNow(why) => not_now = Some(why),
                    Unmoved::For(reason) => self.note_of(target, ReactionKind::Failed, reason),
                    Unmoved::Gone => {}
                }
            }
        }
        not_now.map_or(Ok(()), Err)
    }

    fn note_of(&mut self, target: Target, kind: ReactionKind, reason: Reason) {
        self.reactions.push(NewReaction {
            event: Some(self.event.id),
            journey: target.at.journey,
            version: target.at.version,
            node: target.at.node,
            account: self.event.account,
            instance: Some((target.instance, target.position)),
            kind,
            reason: Some(reason),
        });
    }
}

/// Why an instance was not moved.
enum Unmoved {
    /// It does not wait there any more.
    Gone,
    /// It may be moved later.
    NotNow(NotNow),
    For(Reason),
}

fn unmoved(error: MoveError) -> Unmoved {
    match error {
        MoveError::NotFound
        | MoveError::Rejected(
            Rejection::NotWaiting(_)
            | Rejection::WrongEvent(_)
            | Rejection::Over
            | Rejection::MovedOn
            | Rejection::Cancelling,
        ) => Unmoved::Gone,
        MoveError::Rejected(rejection) => Unmoved::For(refusals::not_taken(&rejection)),
        MoveError::Failure(failure) if !failure.is_retryable() => {
            Unmoved::For(refusals::broken(&failure))
        }
        MoveError::Failure(failure) => Unmoved::NotNow(NotNow::Failure(failure)),
        MoveError::Unusable(crate::journeys::Unusable::Failure(failure)) => {
            Unmoved::NotNow(failure.into())
        }
        MoveError::Unusable(why) => Unmoved::For(refusals::broken(&why)),
        MoveError::Gone
        | MoveError::Refused(
            Refused::LostRace
            | Refused::LostLease
            | Refused::Duplicate { .. }
            | Refused::AlreadyIn { .. }
            | Refused::CoolingDown { .. }
            | Refused::CapReached,
        ) => Unmoved::NotNow(NotNow::Busy),
    }
}
