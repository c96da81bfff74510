//! What becomes of each kind of wait.

use super::{
    Moved, NewDue, Reason, Rescheduled, TaskMove, TimerChange, TimerPlan, WaitPlan,
    planner::Planner,
};
use crate::{
    Context, Journey, Timestamp,
    calendar::{self, Duration},
    diff::{capital, quoted},
    draft::Node,
    effect::Timer,
    engine,
    instance::{On, Wait},
    journey,
    settings::{self, Join, Kind, Need, Task, Until},
    sla::{Clock, Terms},
};
use std::collections::HashSet;

/// A wait, moved or not.
pub(super) struct Carried {
    pub(super) plan: WaitPlan,
    /// `None` when there is nowhere for it to go on.
    pub(super) moved: Option<Moved>,
}

impl Carried {
    pub(super) fn nowhere(wait: &Wait) -> Self {
        let plan = WaitPlan {
            position: wait.position,
            from_node: wait.node.clone(),
            to_node: None,
            timers: Vec::new(),
            task: None,
            sla: None,
        };
        Self { plan, moved: None }
    }

    fn at(wait: &Wait, to: &str) -> Self {
        let mut carried = Self::nowhere(wait);
        carried.plan.to_node = Some(to.to_owned());
        carried.moved = Some(Moved {
            position: wait.position,
            from: wait.node.clone(),
            to: to.to_owned(),
            due: NewDue::Kept,
            clock: None,
            fired: None,
            timers: Vec::new(),
            task: TaskMove::Kept,
        });
        carried
    }

    /// Keeps a timer, or sets it for another time.
    pub(super) fn timer(&mut self, timer: Timer, before: Timestamp, after: Timestamp) {
        let change = if before == after { TimerChange::Kept } else { TimerChange::Recomputed };
        if change == TimerChange::Recomputed {
            self.schedule(timer.clone(), after);
        }
        let (before, after) = (Some(before), Some(after));
        self.plan.timers.push(TimerPlan { timer, change, before, after });
    }

    pub(super) fn add_timer(&mut self, timer: Timer, after: Timestamp) {
        self.schedule(timer.clone(), after);
        let (change, before, after) = (TimerChange::Added, None, Some(after));
        self.plan.timers.push(TimerPlan { timer, change, before, after });
    }

    pub(super) fn drop_timer(&mut self, timer: Timer, before: Timestamp) {
        let (change, before, after) = (TimerChange::Dropped, Some(before), None);
        self.plan.timers.push(TimerPlan { timer, change, before, after });
    }

    /// Puts the due time people see from one moment to another.
    pub(super) fn due(&mut self, before: Timestamp, after: Timestamp) {
        if before != after {
            self.set_due(NewDue::At(after));
        }
    }

    fn set_due(&mut self, due: NewDue) {
        if let Some(moved) = &mut self.moved {
            moved.due = due;
        }
    }

    pub(super) fn schedule(&mut self, timer: Timer, due: Timestamp) {
        if let Some(moved) = &mut self.moved {
            moved.timers.push(Rescheduled { timer, due });
        }
    }
}

/// Reckons times as the two versions do, from when a wait began.
pub(super) struct Times<'a> {
    old: Side<'a>,
    new: Side<'a>,
    context: Context<'a>,
    pub(super) begun: Timestamp,
}

/// A version, and its node that a wait is at.
type Side<'a> = (&'a Journey, &'a journey::Node);

/// There is no such moment: why, as the rest of a sentence.
pub(super) type Reckoned<T> = Result<T, String>;

impl Times<'_> {
    pub(super) fn now(&self, duration: &Duration) -> Reckoned<Timestamp> {
        let (journey, node) = self.new;
        engine::after(journey, self.context, (node, duration), self.begun)
    }

    pub(super) fn before(&self, duration: &Duration) -> Reckoned<Timestamp> {
        let (journey, node) = self.old;
        engine::after(journey, self.context, (node, duration), self.begun)
    }

    pub(super) fn terms(&self, clock: &Clock, task: &Task) -> Reckoned<Terms> {
        let (journey, node) = self.new;
        engine::terms(journey, self.context, clock, (node, task))
    }

    /// Whether both versions measure a duration over the same calendar.
    pub(super) fn has_same_calendar(&self, duration: &Duration) -> bool {
        let ((old, was), (new, is)) = (self.old, self.new);
        match duration.calendar() {
            Some(name) if !calendar::is_relative(name) => true,
            _ => old.calendar == new.calendar && was.team == is.team,
        }
    }

    /// A due time under a new setting: moved by as much as the two settings differ when both begin with the wait, so that
    /// what has been added since (a pause, an extension) stays added.
    pub(super) fn shifted(
        &self,
        before: Timestamp,
        (old, new): (&Duration, &Duration),
    ) -> Reckoned<Timestamp> {
        if old == new && self.has_same_calendar(old) {
            return Ok(before);
        }
        Ok(before.plus(self.now(new)?.0.saturating_sub(self.before(old)?.0)))
    }
}

impl<'b> Planner<'_, 'b> {
    /// Carries a wait to a node of the same kind.
    pub(super) fn carry(&mut self, wait: &Wait, from: &Node, to: &Node) -> Carried {
        let mut carried = Carried::at(wait, &to.id);
        let reckoned = match &wait.on {
            On::Task { .. } => self.task(&mut carried, wait, from, to),
            On::Timer { due } => self.time(&mut carried, wait, *due, to),
            On::Event { due, .. } | On::Condition { due } => {
                self.arrival(&mut carried, wait, *due, to)
            }
            On::Call { .. } => {
                self.call(wait, from, to);
                Ok(())
            }
            On::Children { .. } => {
                self.children(wait, from, to);
                Ok(())
            }
            On::Join { arrived } => {
                self.join(wait, arrived, to);
                Ok(())
            }
            On::Turn | On::Undo { .. } | On::Incident { .. } => Ok(()),
        };
        if let Err(why) = reckoned {
            let sentence = format!(
                "{} has a time in version {} that cannot be reckoned: {why}.",
                capital(&self.told(&wait.node)),
                self.migration.to.number
            );
            self.must_stay("time-unreachable", &wait.node, sentence);
        }
        self.past(&carried);
        carried
    }

    pub(super) fn times(&self, wait: &Wait, to: &Node) -> Option<Times<'b>> {
        let (old, new) = (self.migration.from.journey, self.migration.to.journey);
        let (old, new) = ((old, old.find(&wait.node)?), (new, new.find(&to.id)?));
        Some(Times { old, new, context: self.context, begun: self.begun(wait) })
    }

    /// A call that is out keeps its input and its idempotency key, so its answer must be for the same operation.
    fn call(&mut self, wait: &Wait, from: &Node, to: &Node) {
        const CALLED: [&str; 3] = ["connection", "operation", "channel"];
        if differ(from, to, &CALLED) {
            let sentence = format!(
                "A call of {} is out, and version {} calls another operation there; it can move once the call is answered.",
                self.told(&wait.node),
                self.migration.to.number
            );
            self.must_stay("call-out", &wait.node, sentence);
        }
    }

    /// Instances below go on with what they are; what is made of their ends must fit them.
    fn children(&mut self, wait: &Wait, from: &Node, to: &Node) {
        const RUN: [&str; 4] = ["journey", "body", "as", "mode"];
        if differ(from, to, &RUN) {
            let sentence = format!(
                "Instances below {} are running, and version {} runs others there; it can move once they have ended.",
                self.told(&wait.node),
                self.migration.to.number
            );
            self.must_stay("children-running", &wait.node, sentence);
        }
    }

    fn waits_of(&self, wait: &Wait, to: &Node) -> Option<(&'b settings::Wait, &'b settings::Wait)> {
        let (old, new) = (self.migration.from.journey, self.migration.to.journey);
        match (&old.find(&wait.node)?.kind, &new.find(&to.id)?.kind) {
            (Kind::Wait(old), Kind::Wait(new)) => Some((old, new)),
            _ => None,
        }
    }

    fn time(
        &mut self,
        carried: &mut Carried,
        wait: &Wait,
        due: Timestamp,
        to: &Node,
    ) -> Reckoned<()> {
        let Some((old, new)) = self.waits_of(wait, to) else { return Ok(()) };
        let Some(times) = self.times(wait, to) else { return Ok(()) };
        let after = match (&old.until, &new.until) {
            (Until::Elapsed(was), Until::Elapsed(is)) => times.shifted(due, (was, is))?,
            (_, Until::Elapsed(is)) => times.now(is)?,
            (Until::Moment(was), Until::Moment(is)) if was == is => due,
            (_, Until::Moment(_)) => {
                let journey = self.migration.to.journey;
                engine::end_of_wait(journey, self.instance, &to.id, self.context)?
            }
            (_, Until::Event { .. } | Until::Condition(_)) => {
                self.waits_for_another_thing(wait);
                due
            }
        };
        carried.timer(Timer::Wait, due, after);
        carried.due(due, after);
        Ok(())
    }

    /// A wait for an event keeps its key; one for a condition waits for the new version's.
    fn arrival(
        &mut self,
        carried: &mut Carried,
        wait: &Wait,
        due: Option<Timestamp>,
        to: &Node,
    ) -> Reckoned<()> {
        let Some((old, new)) = self.waits_of(wait, to) else { return Ok(()) };
        match (&wait.on, &new.until) {
            (On::Event { name, .. }, Until::Event { name: new, .. }) if name == new => {}
            (On::Condition { .. }, Until::Condition(condition)) => {
                let was = matches!(&old.until, Until::Condition(old) if engine::reads_now(old));
                if engine::reads_now(condition) && !was {
                    carried.schedule(Timer::Recheck, self.context.now);
                }
            }
            _ => self.waits_for_another_thing(wait),
        }
        let Some(times) = self.times(wait, to) else { return Ok(()) };
        match (due, &old.timeout, &new.timeout) {
            (Some(due), Some(was), Some(is)) => {
                let after = times.shifted(due, (was, is))?;
                carried.timer(Timer::Timeout, due, after);
                carried.due(due, after);
            }
            (None, _, Some(is)) | (Some(_), None, Some(is)) => {
                let after = times.now(is)?;
                carried.add_timer(Timer::Timeout, after);
                carried.set_due(NewDue::At(after));
            }
            (Some(due), _, None) => {
                carried.drop_timer(Timer::Timeout, due);
                carried.set_due(NewDue::Never);
            }
            (None, _, None) => {}
        }
        Ok(())
    }

    fn waits_for_another_thing(&mut self, wait: &Wait) {
        let sentence = format!(
            "In version {}, {} waits for something else than this instance does.",
            self.migration.to.number,
            self.told(&wait.node)
        );
        self.must_stay("other-wait", &wait.node, sentence);
    }

    /// Every way that has arrived must be a way into the join of the new version; what may still come must suffice.
    fn join(&mut self, wait: &Wait, arrived: &[String], to: &Node) {
        let Some(ways) = self.ways_into(wait, arrived, to) else { return };
        let journey = self.migration.to.journey;
        let Some(node) = journey.find(&to.id) else { return };
        let Kind::Join(Join { need: Need::Count(count), .. }) = node.kind else { return };
        let others = self.instance.waits.iter().filter(|other| other.position != wait.position);
        let places = others.filter_map(|other| {
            self.migration.names.node(&other.node).and_then(|id| journey.place(id))
        });
        let ahead = journey.ahead(places, journey.place(&to.id));
        let coming = node
            .incoming
            .iter()
            .filter(|(edge, from)| !ways.contains(edge.as_str()) && ahead.contains(from));
        if ways.len() + coming.count() < count {
            let sentence = format!(
                "{} needs {count} ways in version {}, and so many can no longer arrive.",
                capital(&self.told(&wait.node)),
                self.migration.to.number
            );
            self.must_stay("join-starves", &wait.node, sentence);
        }
    }

    /// The ways of the new join that stand for those that have arrived; the ones still owed to it go with them.
    fn ways_into(&mut self, wait: &Wait, arrived: &[String], to: &Node) -> Option<HashSet<String>> {
        let mut taken = HashSet::new();
        for edge in arrived {
            let Some(way) = self.way_into(&wait.node, edge, to, &taken) else {
                let sentence = format!(
                    "The way {} has arrived at {}, and version {} has no such way into it.",
                    quoted(edge),
                    self.told(&wait.node),
                    self.migration.to.number
                );
                self.must_stay("join-way-gone", &wait.node, sentence);
                return None;
            };
            if way != *edge {
                self.edges.insert(edge.clone(), way.clone());
            }
            taken.insert(way);
        }
        Some(taken)
    }

    /// The same edge, or else the one that leaves the same port of the same node.
    fn way_into(
        &self,
        join: &str,
        edge: &str,
        to: &Node,
        taken: &HashSet<String>,
    ) -> Option<String> {
        let journey = self.migration.to.journey;
        let incoming = &journey.find(&to.id)?.incoming;
        let is_free = |id: &str| !taken.contains(id);
        if incoming.iter().any(|(id, _)| id == edge) && is_free(edge) {
            return Some(edge.to_owned());
        }
        let old = self.migration.from.journey;
        let (_, source) = old.find(join)?.incoming.iter().find(|(id, _)| id == edge)?;
        let source = &old.nodes[*source];
        let port = &source.ways.iter().find(|way| way.edge == edge)?.port;
        let source = journey.find(self.migration.names.node(&source.id)?)?;
        let goal = journey.place(&to.id)?;
        let mut ways = source.ways.iter().filter(|way| way.to == goal && way.port == *port);
        ways.find(|way| is_free(&way.edge)).map(|way| way.edge.clone())
    }

    /// Notes timers whose new time has passed.
    fn past(&mut self, carried: &Carried) {
        let now = self.context.now;
        let is_past = |timer: &&TimerPlan| {
            timer.change != TimerChange::Kept && timer.after.is_some_and(|after| after <= now)
        };
        if carried.plan.timers.iter().any(|timer| is_past(&timer)) {
            let node = &carried.plan.from_node;
            let sentence = format!(
                "A timer of {} would fire at once: its new time has passed.",
                self.told(node)
            );
            self.note(Reason::of("fires-at-once", Some(node), sentence));
        }
    }
}

/// Whether one of these settings is another in the new version.
fn differ(from: &Node, to: &Node, names: &[&str]) -> bool {
    names.iter().any(|name| from.settings.get(*name) != to.settings.get(*name))
}
