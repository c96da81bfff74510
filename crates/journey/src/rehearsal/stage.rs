//! Where a rehearsal is played: its instances, its clock, and what is due. Nothing here can reach the world.

use super::{Case, World, example};
use crate::{
    Ask, Context, Effect, Event, Fact, Instance, Journey, Position, Record, Rejection, Step,
    Timestamp,
    effect::{Call, Ending, Follows, Message, Offer, Owner, Parent, StartChild, Timer},
    limits, step,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// One instance: the journey itself, or a part of its drawing that runs below it.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub instance: Instance,
    /// Oldest first.
    pub records: Vec<Record>,
    pub(super) offers: BTreeMap<Position, Offer>,
}

/// One record, in the order in which the instances wrote them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trail {
    /// How many moves had been made before the one that brought it; `None` for what the beginning brought.
    pub made: Option<usize>,
    /// By its place in the runs.
    pub run: usize,
    /// By its place in the records of the run.
    pub record: usize,
}

/// What the world was asked to do.
#[derive(Clone, Debug)]
pub struct Asked {
    pub at: Timestamp,
    /// By its place in the runs.
    pub run: usize,
    pub node: String,
    pub deed: Deed,
}

/// One thing that would have been done.
#[derive(Clone, Debug)]
pub enum Deed {
    Call(Call),
    Message(Box<Message>),
    Task(Box<Offer>),
    Write(Map<String, Value>),
    Notice { to: Owner, about: String },
    Journey { journey: String, input: Value },
}

/// What went out and is not answered.
#[derive(Clone, Debug)]
pub(super) enum Outgoing {
    Call(Call),
    Message(Box<Message>),
}

/// An instance of another journey, of which only its end is played.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) run: usize,
    pub(super) position: Position,
    pub(super) index: u32,
    pub(super) journey: String,
}

/// What follows at once.
enum Soon {
    Start {
        run: usize,
        position: Position,
        start: Box<StartChild>,
    },
    Stop {
        run: usize,
        position: Position,
        reason: String,
    },
    Report {
        parent: Parent,
        ending: Ending,
    },
    /// The account is another one now.
    Tell,
}

/// Everything a rehearsal holds while it is played.
pub(super) struct Stage<'a> {
    pub(super) journey: &'a Journey,
    pub(super) world: &'a World,
    pub(super) now: Timestamp,
    pub(super) account: Value,
    pub(super) runs: Vec<Run>,
    pub(super) asked: Vec<Asked>,
    pub(super) trail: Vec<Trail>,
    /// The move that is being made.
    pub(super) made: Option<usize>,
    pub(super) called: Vec<Called>,
    /// When each goes out, and what.
    pub(super) outgoing: BTreeMap<(usize, Position), (Timestamp, Outgoing)>,
    /// By when they are due, and in the order they were asked for.
    timers: BTreeMap<(Timestamp, u64), (usize, Position, Timer)>,
    soon: VecDeque<Soon>,
    /// How many timers were set so far.
    timed: u64,
    /// How many events were brought so far.
    brought: u64,
}

impl Run {
    /// Ids of the nodes that were entered.
    pub fn entered(&self) -> impl Iterator<Item = &str> {
        self.records.iter().filter_map(|record| match &record.fact {
            Fact::Entered { node, .. } => Some(node.as_str()),
            _ => None,
        })
    }

    /// Ids of the edges that were taken.
    pub fn taken(&self) -> impl Iterator<Item = &str> {
        self.records.iter().flat_map(|record| match &record.fact {
            Fact::Left { edges, .. } => edges.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }
}

impl<'a> Stage<'a> {
    /// Opens the journey; why it could not be, if so.
    pub(super) fn begin(
        journey: &'a Journey,
        case: &Case,
        world: &'a World,
    ) -> (Self, Result<(), String>) {
        let begins = case.begins();
        let mut stage = Self {
            journey,
            world,
            now: begins.clone().unwrap_or_default(),
            account: example::account(case),
            runs: vec![Run::default()],
            asked: Vec::new(),
            trail: Vec::new(),
            made: None,
            called: Vec::new(),
            outgoing: BTreeMap::new(),
            timers: BTreeMap::new(),
            soon: VecDeque::new(),
            timed: 0,
            brought: 0,
        };
        let opened = begins.and_then(|_| stage.open_by_trigger(case));
        (stage, opened)
    }

    fn open_by_trigger(&mut self, case: &Case) -> Result<(), String> {
        let trigger = example::trigger(self.journey, case)?;
        let input = example::input(self.journey, case, &trigger);
        self.bring(0, Event::Started { trigger, input }).map_err(|why| sentence(&why.to_string()))
    }

    /// Moves an instance by an event, and does what follows at once.
    ///
    /// # Errors
    ///
    /// The event does not fit what the instance waits for, or the rehearsal has become too long; nothing has changed.
    pub(super) fn bring(&mut self, run: usize, event: Event) -> Result<(), Rejection> {
        self.deliver(run, event)?;
        self.settle()
    }

    fn deliver(&mut self, run: usize, event: Event) -> Result<(), Rejection> {
        self.brought += 1;
        if self.is_exhausted() {
            return Err(Rejection::Limit {
                what: "events of a rehearsal",
                limit: limits::REHEARSAL,
            });
        }
        let place = event.moved_by_the_world();
        let taken = match (self.take(run, event), place) {
            (Err(rejection @ Rejection::Limit { .. }), Some(position)) => {
                let message = rejection.to_string();
                self.take(run, Event::StepRefused { position, message })?
            }
            (taken, _) => taken?,
        };
        for effect in taken.effects {
            self.obey(run, effect);
        }
        Ok(())
    }

    fn take(&mut self, run: usize, event: Event) -> Result<Step, Rejection> {
        let context = Context {
            now: self.now,
            account: Some(&self.account),
            calendars: &self.world.calendars,
        };
        let mut step = step(self.journey, self.runs[run].instance.clone(), event, context)?;
        self.runs[run].instance = std::mem::take(&mut step.instance);
        let (made, first) = (self.made, self.runs[run].records.len());
        let new = first..first + step.records.len();
        self.trail.extend(new.map(|record| Trail { made, run, record }));
        self.runs[run].records.append(&mut step.records);
        Ok(step)
    }

    fn obey(&mut self, run: usize, Effect { position, due, ask }: Effect) {
        match ask {
            Ask::Call(call) => {
                self.note(run, position, Deed::Call(call.clone()));
                self.outgoing.insert((run, position), (due, Outgoing::Call(call)));
            }
            Ask::Send(message) => {
                self.note(run, position, Deed::Message(message.clone()));
                self.outgoing.insert((run, position), (due, Outgoing::Message(message)));
            }
            Ask::Timer { timer } => {
                self.timed += 1;
                self.timers.insert((due, self.timed), (run, position, timer));
            }
            Ask::OfferTask(offer) => {
                self.note(run, position, Deed::Task(offer.clone()));
                self.runs[run].offers.insert(position, *offer);
            }
            Ask::RenewTask(offer) => drop(self.runs[run].offers.insert(position, *offer)),
            Ask::ReassignTask { owner } => {
                if let Some(offer) = self.runs[run].offers.get_mut(&position) {
                    offer.owner = owner;
                }
            }
            Ask::CloseTask { .. } => drop(self.runs[run].offers.remove(&position)),
            Ask::WriteAccount { fields } => {
                self.note(run, position, Deed::Write(fields.clone()));
                self.change_account(fields);
            }
            Ask::Notify { to, about } => self.note(run, position, Deed::Notice { to, about }),
            Ask::StartChild(start) => self.soon.push_back(Soon::Start { run, position, start }),
            Ask::StopChildren { reason } => {
                self.soon.push_back(Soon::Stop { run, position, reason });
            }
            Ask::Report { parent, ending } => self.soon.push_back(Soon::Report { parent, ending }),
            // What is open says these itself.
            Ask::AssignTask { .. } | Ask::MarkTask { .. } | Ask::Listen { .. } => {}
        }
    }

    fn note(&mut self, run: usize, position: Position, deed: Deed) {
        let node = self.runs[run].node_at(position);
        self.asked.push(Asked { at: self.now, run, node, deed });
    }

    /// The account has these fields now, and whoever watches it is told.
    pub(super) fn change_account(&mut self, fields: Map<String, Value>) {
        if let Value::Object(account) = &mut self.account {
            account.extend(fields);
        }
        self.soon.push_back(Soon::Tell);
    }

    /// Does what follows at once, and what follows from that.
    pub(super) fn settle(&mut self) -> Result<(), Rejection> {
        while let Some(soon) = self.soon.pop_front() {
            self.follow(soon)?;
        }
        Ok(())
    }

    fn follow(&mut self, soon: Soon) -> Result<(), Rejection> {
        match soon {
            Soon::Start { run, position, start } => self.start_below(run, position, *start),
            Soon::Stop { run, position, reason } => self.stop_below(run, position, &reason),
            Soon::Report { parent, ending } => self.report(&parent, ending),
            Soon::Tell => {
                for run in 0..self.runs.len() {
                    if self.runs[run].instance.watches_account(self.journey) {
                        self.deliver(run, Event::AccountChanged)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn start_below(
        &mut self,
        run: usize,
        position: Position,
        start: StartChild,
    ) -> Result<(), Rejection> {
        // Nobody waits for it any more.
        if self.runs[run].instance.wait(position).is_none() {
            return Ok(());
        }
        let index = start.index;
        match start.follows {
            Follows::Part { from } => {
                let parent = Parent {
                    instance: run.to_string(),
                    position,
                    index,
                    depth: start.depth,
                    room: start.room,
                };
                let below = self.runs.len();
                self.runs.push(Run::default());
                let event = Event::StartedBelow {
                    node: from,
                    input: start.input,
                    parent,
                    seed: start.seed,
                };
                let instance = below.to_string();
                match self.deliver(below, event) {
                    Ok(()) => self.deliver(run, Event::ChildStarted { position, index, instance }),
                    Err(rejection) if self.is_exhausted() => Err(rejection),
                    Err(rejection) => {
                        self.runs.truncate(below);
                        let ending = Ending::NotStarted { message: rejection.to_string() };
                        self.end_below(run, position, index, ending)
                    }
                }
            }
            Follows::Journey { journey, .. } => {
                let deed = Deed::Journey { journey: journey.clone(), input: start.input };
                self.note(run, position, deed);
                let instance = format!("{run}-{}-{index}", position.0);
                self.deliver(run, Event::ChildStarted { position, index, instance })?;
                if self.runs[run].instance.wait(position).is_some() {
                    self.called.push(Called { run, position, index, journey });
                }
                Ok(())
            }
        }
    }

    fn stop_below(
        &mut self,
        run: usize,
        position: Position,
        reason: &str,
    ) -> Result<(), Rejection> {
        self.called.retain(|called| (called.run, called.position) != (run, position));
        let above = run.to_string();
        for below in 0..self.runs.len() {
            let instance = &self.runs[below].instance;
            let is_below = instance
                .parent()
                .is_some_and(|parent| parent.instance == above && parent.position == position);
            if is_below && !instance.is_over() && instance.cancelling().is_none() {
                let event = Event::Cancelled {
                    reason: reason.to_owned(),
                    by: "the journey above".to_owned(),
                };
                self.deliver(below, event)?;
            }
        }
        Ok(())
    }

    fn report(&mut self, parent: &Parent, ending: Ending) -> Result<(), Rejection> {
        let Ok(above) = parent.instance.parse::<usize>() else { return Ok(()) };
        self.end_below(above, parent.position, parent.index, ending)
    }

    /// What ran below a place is over; an instance that does not wait for it is left alone.
    pub(super) fn end_below(
        &mut self,
        above: usize,
        position: Position,
        index: u32,
        ending: Ending,
    ) -> Result<(), Rejection> {
        let event = Event::ChildEnded { position, index, ending };
        self.deliver(above, event).or_else(|rejection| self.unless_exhausted(rejection))
    }

    /// That nobody waits any more is no trouble; that the rehearsal has become too long is.
    fn unless_exhausted(&self, rejection: Rejection) -> Result<(), Rejection> {
        if self.is_exhausted() { Err(rejection) } else { Ok(()) }
    }

    fn is_exhausted(&self) -> bool {
        self.brought > limits::REHEARSAL
    }

    /// When something is due next, of what still waits.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let waits = |run: usize, position| self.runs[run].instance.wait(position).is_some();
        let timers = self.timers.iter();
        let timer = timers.filter(|(_, (run, position, _))| waits(*run, *position));
        let timer = timer.map(|((due, _), _)| *due).next();
        let outgoing = self
            .outgoing
            .iter()
            .filter(|((run, position), (due, _))| *due > self.now && waits(*run, *position));
        outgoing.map(|(_, (due, _))| *due).chain(timer).min()
    }

    /// Sets the clock and fires what is due by then, in order.
    pub(super) fn come_to(&mut self, at: Timestamp) -> Result<(), Rejection> {
        self.now = self.now.max(at);
        while let Some(first) = self.timers.first_entry()
            && first.key().0 <= self.now
        {
            let (run, position, timer) = first.remove();
            let fired = self.bring(run, Event::TimerFired { position, timer });
            fired.or_else(|rejection| self.unless_exhausted(rejection))?;
        }
        Ok(())
    }

    /// How many records there are in all.
    pub(super) fn written(&self) -> u64 {
        self.runs.iter().map(|run| run.instance.sequence()).sum()
    }
}

impl Run {
    fn node_at(&self, position: Position) -> String {
        if let Some(wait) = self.instance.wait(position) {
            return wait.node.clone();
        }
        let entered = self.records.iter().rev().find_map(|record| match &record.fact {
            Fact::Entered { position: at, node, .. } if *at == position => Some(node.clone()),
            _ => None,
        });
        entered.unwrap_or_default()
    }
}

/// An error of the engine as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
