//! `step`: an instance and an event in; the instance, its records and its effects out.

use crate::{
    Ask, Effect, Event, Fact, Instance, Journey, Position, Record, Timestamp,
    calendar::{Calendars, Duration},
    effect::{Ending, Failure, FailureKind},
    expr::{EvalError, Root, Scope},
    instance::{On, Wait},
    journey::{Node, Way},
    limits,
    settings::{Choice, Kind},
};
use serde_json::Value;
use std::{borrow::Cow, collections::VecDeque};

mod action;
mod approval;
mod cancel;
mod check_answer;
mod children;
mod decision;
mod handoff;
mod incident;
mod join;
mod migration;
mod milestone;
mod notify;
mod owner;
mod payload;
pub mod preview;
mod promise;
mod schema;
mod set;
mod table;
mod task;
mod trigger;
mod turns;
mod variables;
mod wait;

pub(crate) use migration::{after, end_of_wait, terms};
pub(crate) use notify::OPERATION as NOTIFY;
pub(crate) use schema::type_of;
pub(crate) use wait::reads_now;

#[cfg(test)]
mod tests;

/// Records an ordinary step writes, so that the list seldom grows.
const RECORDS: usize = 32;

/// What a step may read beside its instance.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub now: Timestamp,
    /// The account's record as an object (`id`, `external_id`, `name`, `segment`, `owner`, `arr`, and its custom fields flat beside them); `None` when the instance has none.
    pub account: Option<&'a Value>,
    /// Those of the workspace, which durations name.
    pub calendars: &'a Calendars,
}

/// What one step gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub instance: Instance,
    pub records: Vec<Record>,
    pub effects: Vec<Effect>,
}

/// Why an event changed nothing. A duplicate is a rejection, never a second effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the instance has already started")]
    AlreadyStarted,
    #[error("the journey has no trigger '{0}'")]
    UnknownTrigger(String),
    #[error("the instance is over")]
    Over,
    #[error("nothing waits at position {}", .0.0)]
    NotWaiting(Position),
    #[error("position {} waits for something else", .0.0)]
    WrongEvent(Position),
    #[error("the task is already claimed by {assignee}")]
    AlreadyClaimed { assignee: String },
    #[error("the task is not claimed by {by}")]
    NotAssignee { by: String },
    #[error("there is no outcome '{0}' here")]
    UnknownOutcome(String),
    /// What ends an instance is named as an end of a journey names it.
    #[error("'{0}' is no outcome: use letters, digits and _, beginning with a small letter")]
    BadOutcome(String),
    #[error("the form does not fit: {message}")]
    InvalidForm { pointer: String, message: String },
    #[error("the input does not fit the trigger: {message}")]
    InvalidInput { pointer: String, message: String },
    /// The trigger's entry condition does not hold, or has no value for this input.
    #[error("{message}")]
    NotAdmitted { message: String },
    #[error("it is being cancelled already: what was done is undone")]
    Cancelling,
    /// The clock of the task's promise cannot do that now.
    #[error("{message}")]
    SlaRefused { message: String },
    /// An approval's limit does not let this person decide.
    #[error("{message}")]
    NotAllowed { message: String },
    /// The migration was planned before the instance's last step.
    #[error("the instance has moved on since this was planned")]
    MovedOn,
    #[error("the step reached the limit of {limit} {what}")]
    Limit { what: &'static str, limit: u64 },
}

/// Takes one step: applies the event and runs automatic nodes until every branch waits.
///
/// An instance ends when its last wait is gone; its outcome is the one of the first end that was reached. An expression
/// that fails raises an incident on its node, so the event is never lost. The journey's exits are looked at last: one
/// that holds cancels every wait; one that cannot be evaluated does not hold.
///
/// # Errors
///
/// The event does not fit what the instance is waiting for; nothing has changed.
pub fn step(
    journey: &Journey,
    instance: Instance,
    event: Event,
    context: Context<'_>,
) -> Result<Step, Rejection> {
    if instance.is_over() {
        return Err(Rejection::Over);
    }
    let by_the_world = event.moved_by_the_world().is_some();
    let mut turn = Turn::new(journey, instance, context);
    match event {
        Event::Started { trigger, input } => turn.started(&trigger, input)?,
        Event::StartedBelow { node, input, parent, seed } => {
            turn.started_below(&node, input, parent, seed)?;
        }
        Event::CallSucceeded { position, output } => turn.call_succeeded(position, output)?,
        Event::CallFailed { position, failure } => turn.call_failed(position, failure)?,
        Event::TaskClaimed { position, by } => turn.task_claimed(position, by)?,
        Event::TaskReleased { position, by } => turn.task_released(position, by)?,
        Event::TaskCompleted { position, by, person, outcome, form } => {
            turn.task_completed(position, task::Completion { by, person, outcome, form })?;
        }
        Event::TaskDelegated { position, by, to } => turn.task_delegated(position, by, to)?,
        Event::SlaChanged { position, by, change } => turn.sla_changed(position, &by, change)?,
        Event::TimerFired { position, timer } => turn.timer_fired(position, timer)?,
        Event::IncidentRetried { position, by } => turn.incident_retried(position, by)?,
        Event::IncidentSkipped { position, by, outcome } => {
            turn.incident_skipped(position, by, outcome)?;
        }
        Event::Migrated { migrated, sequence } => turn.migrated(*migrated, sequence)?,
        Event::IncidentEnded { position, by, outcome } => {
            turn.incident_ended(position, by, outcome)?;
        }
        Event::Received { position, received } => turn.received(position, received)?,
        Event::AccountChanged => {}
        Event::ChildStarted { position, index, instance } => {
            turn.child_started(position, index, instance)?;
        }
        Event::ChildEnded { position, index, ending } => {
            turn.child_ended(position, index, ending)?;
        }
        Event::StepRefused { position, message } => turn.step_refused(position, message)?,
        Event::ItemAdded { position, item, by } => turn.item_added(position, item, by)?,
        Event::Cancelled { reason, by } => turn.cancelled(reason, by)?,
    }
    turn.run()?;
    let step = turn.finish()?;
    if by_the_world && step.instance.sequence > limits::RECORDS {
        return Err(Rejection::Limit { what: "records", limit: limits::RECORDS });
    }
    Ok(step)
}

/// The state of one step while it is being taken.
struct Turn<'a> {
    journey: &'a Journey,
    now: Timestamp,
    calendars: &'a Calendars,
    /// The account as this step reads it: with the fields it has written itself.
    account: Option<Cow<'a, Value>>,
    instance: Instance,
    records: Vec<Record>,
    effects: Vec<Effect>,
    /// Ways taken whose nodes have not been entered yet.
    open: VecDeque<&'a Way>,
    entered: u64,
}

impl<'a> Turn<'a> {
    fn new(journey: &'a Journey, instance: Instance, context: Context<'a>) -> Self {
        Self {
            journey,
            now: context.now,
            calendars: context.calendars,
            account: context.account.map(Cow::Borrowed),
            instance,
            records: Vec::with_capacity(RECORDS),
            effects: Vec::new(),
            open: VecDeque::with_capacity(4),
            entered: 0,
        }
    }

    /// Enters node after node until every branch waits.
    fn run(&mut self) -> Result<(), Rejection> {
        loop {
            while let Some(way) = self.open.pop_front() {
                let node = &self.journey.nodes[way.to];
                if let Kind::Join(join) = &node.kind {
                    self.arrive(node, join, way)?;
                } else {
                    self.enter(node, Some(&way.edge))?;
                }
            }
            if !(self.settle_turns() || self.settle_conditions() || self.settle_joins()) {
                return Ok(());
            }
        }
    }

    fn finish(mut self) -> Result<Step, Rejection> {
        if self.instance.waits.len() > limits::WAITS {
            return Err(Rejection::Limit { what: "waits", limit: limits::WAITS as u64 });
        }
        if !self.instance.is_over() {
            self.exit();
        }
        if !self.instance.is_over() && self.instance.waits.is_empty() && self.instance.sequence > 0
        {
            let outcome = self.instance.reached.clone().unwrap_or_else(|| "ended".to_owned());
            self.end(outcome);
        }
        Ok(Step { instance: self.instance, records: self.records, effects: self.effects })
    }

    fn exit(&mut self) {
        if self.instance.waits.is_empty() || self.instance.cancelling.is_some() {
            return;
        }
        let scope = self.scope();
        let held = self.journey.exits.iter().find(|exit| exit.when.holds(&scope) == Ok(true));
        if let Some(exit) = held {
            let outcome = exit.outcome.clone();
            self.let_go_of_all(&format!("the journey's exit '{outcome}' was taken"));
            self.end(outcome);
        }
    }

    /// The instance is over with this outcome; whoever waits for it is told.
    fn end(&mut self, outcome: String) {
        self.record(Fact::Ended { outcome: outcome.clone() });
        if let Some(parent) = self.instance.parent.clone() {
            let vars = self.instance.vars.clone();
            self.ask(Position(0), Ask::Report { parent, ending: Ending::Ended { outcome, vars } });
        }
    }

    /// Enters a node: it gets a position of its own, and does what its kind does.
    fn enter(&mut self, node: &'a Node, edge: Option<&str>) -> Result<(), Rejection> {
        let position = self.enter_position(node, edge)?;
        if self.must_queue(node) {
            self.wait(position, On::Turn);
        } else {
            self.act(node, position);
        }
        Ok(())
    }

    fn enter_position(&mut self, node: &Node, edge: Option<&str>) -> Result<Position, Rejection> {
        self.entered += 1;
        if self.entered > limits::NODES_PER_STEP {
            return Err(Rejection::Limit { what: "nodes", limit: limits::NODES_PER_STEP });
        }
        let position = self.instance.next;
        let edge = edge.map(str::to_owned);
        self.record(Fact::Entered { position, node: node.id.clone(), edge });
        Ok(position)
    }

    /// What a node does once it is entered, and again when its incident is retried.
    fn act(&mut self, node: &'a Node, position: Position) {
        match &node.kind {
            Kind::Trigger(_) => self.leave(node, position, "out"),
            Kind::Task(task) => self.offer_task(node, position, task),
            Kind::Action(action) => self.call(position, action),
            Kind::Decision(Choice::One) => self.choose_one(node, position),
            Kind::Decision(Choice::All) => self.choose_all(node, position),
            Kind::Decision(Choice::Table(table)) => self.look_up(node, position, table),
            Kind::Parallel => self.leave_by(position, node.ways.iter().collect()),
            Kind::Join(_) => self.wait(position, On::Join { arrived: Vec::new() }),
            Kind::ForEach(each) => self.begin_items(node, position, each),
            Kind::Wait(wait) => self.begin_wait(node, position, wait),
            Kind::Journey(call) => self.begin_journey(position, call),
            Kind::Set(assigns) => self.assign(node, position, assigns),
            Kind::Milestone { milestone, stage } => {
                self.reach(node, position, milestone, stage.as_deref());
            }
            Kind::Notify(notify) => self.notify(node, position, notify),
            Kind::End { outcome, everything } => {
                self.record(Fact::EndReached { position, outcome: outcome.clone() });
                self.leave_by(position, Vec::new());
                if *everything {
                    self.withdraw_all(&format!("the end '{}' was reached", node.id));
                }
            }
            Kind::Note => self.leave_by(position, Vec::new()),
        }
    }

    /// Leaves a node by every way out of a port.
    fn leave(&mut self, node: &'a Node, position: Position, port: &str) {
        self.leave_by(position, node.ways.iter().filter(|way| way.port == port).collect());
    }

    fn leave_by(&mut self, position: Position, ways: Vec<&'a Way>) {
        let edges = ways.iter().map(|way| way.edge.clone()).collect();
        self.record(Fact::Left { position, edges });
        self.open.extend(ways);
    }

    fn wait(&mut self, position: Position, on: On) {
        self.record(Fact::Waiting { position, on });
    }

    fn ask(&mut self, position: Position, ask: Ask) {
        self.ask_at(self.now, position, ask);
    }

    fn ask_at(&mut self, due: Timestamp, position: Position, ask: Ask) {
        self.effects.push(Effect { position, due, ask });
    }

    /// The moment a duration of a node from now.
    fn later(&self, node: &Node, duration: &Duration) -> Result<Timestamp, Failure> {
        self.after(node, duration, self.now)
    }

    /// The moment a duration of a node from another one.
    fn after(
        &self,
        node: &Node,
        duration: &Duration,
        from: Timestamp,
    ) -> Result<Timestamp, Failure> {
        duration
            .after(from, self.calendar_of(node, duration)?)
            .map_err(|error| promise::no_moment(&error))
    }

    fn account_calendar(&self) -> Option<&str> {
        self.account.as_deref()?.get("calendar")?.as_str().filter(|name| !name.is_empty())
    }

    fn raise(&mut self, position: Position, failure: Failure) {
        self.record(Fact::IncidentRaised { position, failure });
    }

    fn raise_error(&mut self, position: Position, what: &str, error: &EvalError) {
        let code = match error {
            EvalError::Budget { .. } => "expression.budget",
            EvalError::Missing(_)
            | EvalError::Type(_)
            | EvalError::Range(_)
            | EvalError::DivisionByZero => "expression.failed",
        };
        self.raise(position, failure(code, format!("{what}: {error}")));
    }

    fn record(&mut self, fact: Fact) {
        let record = Record { sequence: self.instance.sequence, at: self.now, fact };
        self.instance
            .apply(&record)
            .expect("the engine writes only records that follow from the ones before");
        self.records.push(record);
    }

    /// Whether a node has a way out of a port.
    fn has_way(node: &Node, port: &str) -> bool {
        node.ways.iter().any(|way| way.port == port)
    }

    fn waiting(&self, position: Position) -> Result<(&'a Node, &Wait), Rejection> {
        let wait = self.instance.wait(position).ok_or(Rejection::NotWaiting(position))?;
        // An instance never changes its version, so its nodes are the journey's.
        let node = self.journey.find(&wait.node).ok_or(Rejection::WrongEvent(position))?;
        Ok((node, wait))
    }

    fn scope(&self) -> Scope<'_> {
        const NONE: Value = Value::Null;
        let account = self.account.as_deref().unwrap_or(&NONE);
        Scope::new(&[("input", &self.instance.input), ("account", account)])
            .with("vars", Root::Object(&self.instance.vars))
            .with("nodes", Root::Nodes(&self.instance.nodes))
            .with("now", Root::Time(self.now))
    }
}

/// A failure of the journey itself, which only a person can mend.
fn failure(code: &str, message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, code: code.to_owned(), message, retry_after_ms: None }
}
