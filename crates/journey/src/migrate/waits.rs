//! What becomes of each kind of wait.

use super::{
    Moved, Reason, Rescheduled, TaskMove, TimerChange, TimerPlan, WaitPlan, planner::Planner,
};
use crate::{
    Timestamp,
    calendar::Duration,
    draft::Node,
    effect::Timer,
    engine,
    instance::{On, Wait},
    settings::{Kind, Need, Until},
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
            due: None,
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

    pub(super) fn schedule(&mut self, timer: Timer, due: Timestamp) {
        if let Some(moved) = &mut self.moved {
            moved.timers.push(Rescheduled { timer, due });
        }
    }
}

/// A due time under a new setting: moved by as much as the two settings differ when both begin with the wait, so that what
/// has been added since (a pause, an extension) stays added.
pub(super) fn shifted(
    before: Timestamp,
    (old, new): (&Duration, &Duration),
    begun: Timestamp,
) -> Timestamp {
    if old == new {
        return before;
    }
    before.plus(later(new, begun).0.saturating_sub(later(old, begun).0))
}

pub(super) fn later(duration: &Duration, from: Timestamp) -> Timestamp {
    duration.after(from)
}

impl Planner<'_, '_> {
    /// Carries a wait to a node of the same kind.
    pub(super) fn carry(&mut self, wait: &Wait, from: &Node, to: &Node) -> Carried {
        let mut carried = Carried::at(wait, &to.id);
        match &wait.on {
            On::Call { .. } => self.call(wait, to),
            On::Task { .. } => self.task(&mut carried, wait, from, to),
            On::Timer { due } => self.time(&mut carried, wait, *due, to),
            On::Join { arrived } => self.join(wait, arrived, to),
            On::Incident { .. } => {}
        }
        self.past(&carried);
        carried
    }

    /// A call that is out keeps its input and its idempotency key, so its answer must be for the same operation.
    fn call(&mut self, wait: &Wait, to: &Node) {
        let now = self.migration.from.journey.operation(&wait.node);
        let then = self.migration.to.journey.operation(&to.id);
        if now != then {
            let sentence = format!(
                "A call of {} is out, and version {} calls another operation there; it can move once the call is answered.",
                self.told(&wait.node),
                self.migration.to.number
            );
            self.must_stay("call-out", &wait.node, sentence);
        }
    }

    fn time(&mut self, carried: &mut Carried, wait: &Wait, due: Timestamp, to: &Node) {
        let (old, new) = (self.migration.from.journey, self.migration.to.journey);
        let (Some(old), Some(node)) = (old.find(&wait.node), new.find(&to.id)) else { return };
        let (Kind::Wait(was), Kind::Wait(is)) = (&old.kind, &node.kind) else { return };
        let begun = self.begun(wait);
        let after = match (was, is) {
            (Until::Elapsed(was), Until::Elapsed(is)) => shifted(due, (was, is), begun),
            (Until::Moment(_), Until::Elapsed(is)) => later(is, begun),
            (Until::Moment(was), Until::Moment(is)) if was == is => due,
            (Until::Elapsed(_) | Until::Moment(_), Until::Moment(_)) => {
                match engine::end_of_wait(new, self.instance, &to.id, self.context) {
                    Ok(after) => after,
                    Err(why) => {
                        let sentence = format!(
                            "{} would have no end in version {}: {why}.",
                            crate::diff::capital(&self.told(&wait.node)),
                            self.migration.to.number
                        );
                        return self.must_stay("no-end-of-wait", &wait.node, sentence);
                    }
                }
            }
        };
        carried.timer(Timer::Wait, due, after);
        if let Some(moved) = carried.moved.as_mut().filter(|_| after != due) {
            moved.due = Some(after);
        }
    }

    /// Every way that has arrived must be a way into the join of the new version; what may still come must suffice.
    fn join(&mut self, wait: &Wait, arrived: &[String], to: &Node) {
        let Some(ways) = self.ways_into(wait, arrived, to) else { return };
        let journey = self.migration.to.journey;
        let Some(node) = journey.find(&to.id) else { return };
        let Kind::Join { need: Need::Count(count) } = node.kind else { return };
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
                crate::diff::capital(&self.told(&wait.node)),
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
                    crate::diff::quoted(edge),
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
