//! What waits in a rehearsal, and what is likely to happen to it.

use super::{
    Move, Place, example,
    stage::{Outgoing, Stage},
};
use crate::{
    Position, Timestamp, Wait,
    effect::{Call, Failure, Message, Offer, SlaState},
    instance::{ChildState, On},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One thing that waits.
#[derive(Clone, Debug)]
pub struct Open {
    /// By its place in the runs.
    pub run: usize,
    pub position: Position,
    pub place: Place,
    pub since: Timestamp,
    pub what: What,
}

/// What it waits for.
#[derive(Clone, Debug)]
pub enum What {
    Task {
        offer: Box<Offer>,
        due: Timestamp,
        sla: SlaState,
        /// How many have approved already.
        approved: usize,
    },
    /// The answer to a call, and an example of one.
    Call {
        call: Box<Call>,
        example: Value,
    },
    /// That a message is sent, and what that gives.
    Message {
        message: Box<Message>,
        example: Value,
    },
    /// A call or message that goes out then.
    Later {
        due: Timestamp,
    },
    Timer {
        due: Timestamp,
    },
    Event {
        name: String,
        key: String,
        due: Option<Timestamp>,
    },
    Condition {
        due: Option<Timestamp>,
    },
    /// The end of another journey, of which only that is played.
    Journey {
        journey: String,
        index: u32,
    },
    /// Instances below: how many are over, of how many.
    Items {
        over: usize,
        of: usize,
    },
    /// Other branches.
    Join,
    /// Its turn.
    Turn,
    Incident {
        failure: Failure,
        /// The ways a person may go on by.
        ways: Vec<String>,
    },
}

/// Which waits a move is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Task,
    /// A call or message that has gone out.
    Answer,
    Event,
    Items,
    Incident,
    /// Whatever waits.
    Any,
}

impl Stage<'_> {
    /// Everything that waits, as people see it.
    pub(super) fn open(&self) -> Vec<Open> {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut open = Vec::new();
        for (run, wait) in self.waits() {
            let number = numbers.entry(wait.node.clone()).or_default();
            *number += 1;
            let place = Place { node: wait.node.clone(), number: *number };
            let what = self.what(run, wait);
            open.push(Open { run, position: wait.position, place, since: wait.since, what });
        }
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for called in &self.called {
            let Some(wait) = self.runs[called.run].instance.wait(called.position) else { continue };
            let number = numbers.entry(wait.node.clone()).or_default();
            *number += 1;
            open.push(Open {
                run: called.run,
                position: called.position,
                place: Place { node: wait.node.clone(), number: *number },
                since: wait.since,
                what: What::Journey { journey: called.journey.clone(), index: called.index },
            });
        }
        open
    }

    /// Every wait, with the run it is in.
    fn waits(&self) -> impl Iterator<Item = (usize, &Wait)> {
        let runs = self.runs.iter().enumerate();
        runs.flat_map(|(run, held)| held.instance.waits().iter().map(move |wait| (run, wait)))
    }

    fn what(&self, run: usize, wait: &Wait) -> What {
        match &wait.on {
            On::Task { due, approved, .. } => match self.runs[run].offers.get(&wait.position) {
                Some(offer) => What::Task {
                    offer: Box::new(offer.clone()),
                    due: *due,
                    sla: wait.sla().unwrap_or(SlaState::Ok),
                    approved: approved.len(),
                },
                None => What::Turn,
            },
            On::Call { .. } | On::Undo { .. } => self.what_went_out(run, wait),
            On::Timer { due } => What::Timer { due: *due },
            On::Event { name, key, due } => {
                What::Event { name: name.clone(), key: key.clone(), due: *due }
            }
            On::Condition { due } => What::Condition { due: *due },
            On::Children { children } => {
                let over = |state: &ChildState| matches!(state, ChildState::Over { .. });
                let over = children.iter().filter(|child| over(&child.state)).count();
                What::Items { over, of: children.len() }
            }
            On::Turn => What::Turn,
            On::Join { .. } => What::Join,
            On::Incident { failure, .. } => {
                What::Incident { failure: failure.clone(), ways: self.ways(&wait.node) }
            }
        }
    }

    fn what_went_out(&self, run: usize, wait: &Wait) -> What {
        match self.outgoing.get(&(run, wait.position)) {
            Some((due, _)) if *due > self.now => What::Later { due: *due },
            Some((_, Outgoing::Call(call))) => What::Call {
                call: Box::new(call.clone()),
                example: example::output(self.journey, self.world, &wait.node, call),
            },
            Some((_, Outgoing::Message(message))) => What::Message {
                message: message.clone(),
                example: example::sent(self.journey, &wait.node),
            },
            None => What::Turn,
        }
    }

    /// The ports a node has ways out of.
    fn ways(&self, node: &str) -> Vec<String> {
        let mut ports: Vec<String> = Vec::new();
        for way in self.journey.find(node).into_iter().flat_map(|node| &node.ways) {
            if !ports.contains(&way.port) {
                ports.push(way.port.clone());
            }
        }
        ports
    }

    /// Where a move goes: the run and position of what waits there.
    pub(super) fn find(&self, place: &Place, class: Class) -> Option<(usize, Position)> {
        let here = self.waits().filter(|(_, wait)| wait.node == place.node);
        let found = here.filter(|(run, wait)| self.is_of(class, *run, wait));
        let found = found.map(|(run, wait)| (run, wait.position));
        found.into_iter().nth(place.number.saturating_sub(1))
    }

    fn is_of(&self, class: Class, run: usize, wait: &Wait) -> bool {
        match class {
            Class::Any => true,
            Class::Task => matches!(wait.on, On::Task { .. }),
            Class::Answer => self.has_gone_out(run, wait.position),
            Class::Event => matches!(wait.on, On::Event { .. }),
            Class::Items => matches!(wait.on, On::Children { .. }),
            Class::Incident => matches!(wait.on, On::Incident { .. }),
        }
    }

    fn has_gone_out(&self, run: usize, position: Position) -> bool {
        let out = self.outgoing.get(&(run, position));
        out.is_some_and(|(due, _)| *due <= self.now)
            && self.runs[run].instance.wait(position).is_some()
    }

    /// The first that waits for an answer.
    pub(super) fn unanswered(&self) -> Option<(usize, Position)> {
        let waits = self.waits().map(|(run, wait)| (run, wait.position));
        waits.into_iter().find(|(run, position)| self.has_gone_out(*run, *position))
    }

    /// What is likely to happen next: calls are answered, then people do what they must, then what is waited for comes, then time passes.
    pub(super) fn likely(&self) -> Option<Move> {
        if let Some(at) = self.unanswered() {
            return Some(Move::Answer { at: Some(self.place_of(at)?), output: None });
        }
        let first = |class: Class| {
            let found = self.waits().find(|(run, wait)| self.is_of(class, *run, wait));
            found.map(|(run, wait)| (run, wait.position))
        };
        if let Some(at) = first(Class::Task) {
            let (outcome, form, by, role) = (None, None, None, None);
            return Some(Move::Complete { at: self.place_of(at)?, outcome, form, by, role });
        }
        if let Some(called) = self.called.first() {
            let wait = self.runs[called.run].instance.wait(called.position)?;
            let (outcome, vars) = (None, Map::new());
            return Some(Move::Return { at: Place::first(&wait.node), outcome, vars });
        }
        if let Some((run, position)) = first(Class::Event)
            && let On::Event { name, .. } = &self.runs[run].instance.wait(position)?.on
        {
            let (name, at) = (name.clone(), Some(self.place_of((run, position))?));
            return Some(Move::Event { name, at, data: Map::new() });
        }
        self.due().map(|_| Move::Wait { length: None, until: None })
    }

    /// How a move names a wait: its node, and which of those there it is.
    fn place_of(&self, (run, position): (usize, Position)) -> Option<Place> {
        let node = self.runs[run].instance.wait(position)?.node.clone();
        let here = self.waits().filter(|(_, wait)| wait.node == node);
        let before = here.take_while(|(other, wait)| (*other, wait.position) != (run, position));
        let number = before.count() + 1;
        Some(Place { node, number })
    }
}
