//! What becomes of an open task: its clock, its timers, and what people see of it.

use super::{
    Reason, SlaPlan, TaskMove, TaskPlan,
    planner::Planner,
    waits::{Carried, Reckoned, Times},
};
use crate::{
    Timestamp,
    calendar::Duration,
    diff::{capital, quoted},
    draft::Node,
    effect::Timer,
    instance::{self, On, Wait},
    settings::{At, Task},
    sla::Clock,
};
use serde_json::Value;

/// Settings that people see while the task is open.
const SEEN: [&str; 10] = [
    "title",
    "instructions",
    "form",
    "fields",
    "outcomes",
    "priority",
    "quorum",
    "owner",
    "from_team",
    "to_team",
];
/// Settings that say whose it is.
const OWNERS: [&str; 3] = ["owner", "from_team", "to_team"];

/// An open task, as its instance and both versions have it.
struct Open<'a> {
    fired: &'a [Timer],
    times: Times<'a>,
    old: (&'a Node, &'a Task),
    new: (&'a Node, &'a Task),
}

impl Planner<'_, '_> {
    pub(super) fn task(
        &mut self,
        carried: &mut Carried,
        wait: &Wait,
        from: &Node,
        to: &Node,
    ) -> Reckoned<()> {
        let (old, new) = (self.migration.from.journey, self.migration.to.journey);
        let (Some(old), Some(new)) = (old.task(&from.id), new.task(&to.id)) else { return Ok(()) };
        let On::Task { due, fired, task, clock, .. } = &wait.on else { return Ok(()) };
        let (due, Some(times)) = (*due, self.times(wait, to)) else { return Ok(()) };
        let open = Open { fired, times, old: (from, old), new: (to, new) };
        let after = match clock {
            Some(clock) => open.clock(carried, clock)?,
            None => due,
        };
        if !wait.is_unsent() {
            open.ladder(carried)?;
        }
        open.boundaries(carried)?;
        let changes = open.seen();
        let assignee = match task {
            instance::Task::Claimed { assignee } => Some(assignee.clone()),
            instance::Task::Offered => None,
        };
        let has_moved = fired.iter().any(|timer| matches!(timer, Timer::Escalation { .. }));
        let is_others = changes.iter().any(|name| OWNERS.contains(&name.as_str())) && !has_moved;
        let is_offered_anew = is_others && assignee.is_none();
        let is_same = changes.is_empty() && after == due && from.id == to.id;
        if let Some(moved) = &mut carried.moved {
            moved.task = match (is_others, &assignee) {
                (true, None) => TaskMove::OfferedAnew,
                (true, Some(_)) => TaskMove::LeftWithAssignee,
                (false, _) if is_same => TaskMove::Kept,
                (false, _) => TaskMove::Renewed,
            };
        }
        carried.plan.task = Some(TaskPlan { assignee, changes, is_offered_anew });
        self.outcomes_gone(old, new, &wait.node);
        Ok(())
    }

    fn outcomes_gone(&mut self, old: &Task, new: &Task, node: &str) {
        let is_gone = |id: &str| !new.outcomes.iter().any(|outcome| outcome.id == id);
        let gone: Vec<_> = old
            .outcomes
            .iter()
            .map(|outcome| outcome.id.as_str())
            .filter(|id| is_gone(id))
            .collect();
        if !gone.is_empty() {
            let names: Vec<_> = gone.iter().map(|id| quoted(id)).collect();
            let sentence = format!(
                "{} can no longer be completed with {}.",
                capital(&self.told(node)),
                names.join(", ")
            );
            self.note(Reason::of("outcome-gone", Some(node), sentence));
        }
    }
}

impl Open<'_> {
    fn has_fired(&self, timer: &Timer) -> bool {
        self.fired.contains(timer)
    }

    /// The promise's clock, its warning and its breach; gives the new due date.
    fn clock(&self, carried: &mut Carried, clock: &Clock) -> Reckoned<Timestamp> {
        let before = clock.terms();
        let after = if clock.is_over() || self.promises_the_same() {
            before.clone()
        } else {
            self.times.terms(clock, self.new.1)?
        };
        let (was, is) = (before.times, after.times);
        let next = clock.next_times();
        if next.warning.is_some() {
            carried.timer(Timer::Warning, was.warning, is.warning);
        }
        if next.due.is_some() {
            carried.timer(Timer::Due, was.due, is.due);
        }
        carried.plan.sla =
            Some(SlaPlan { before: was.due, after: is.due, state: clock.standing() });
        carried.due(was.due, is.due);
        if before != after
            && let Some(moved) = &mut carried.moved
        {
            moved.clock = Some(after);
        }
        Ok(is.due)
    }

    fn promises_the_same(&self) -> bool {
        let (old, new) = (&self.old.1.sla, &self.new.1.sla);
        (old.kind, &old.due, old.warn_at) == (new.kind, &new.due, new.warn_at)
            && self.times.has_same_calendar(&new.due)
    }

    /// The escalation ladder: a step is the same when it does the same, at whatever place and time.
    fn ladder(&self, carried: &mut Carried) -> Reckoned<()> {
        let pairs = self.steps();
        for (place, step) in (0_u32..).zip(&self.new.1.sla.escalation) {
            if let At::After(after) = &step.at {
                let was = pairs.iter().find(|(_, to)| *to == place).map(|(from, _)| *from);
                self.step(carried, was, (place, after))?;
            }
        }
        for (place, step) in (0_u32..).zip(&self.old.1.sla.escalation) {
            let timer = Timer::Escalation { step: place };
            let is_gone = !pairs.iter().any(|(from, _)| *from == place);
            if let At::After(before) = &step.at
                && is_gone
                && !self.has_fired(&timer)
            {
                carried.drop_timer(timer, self.times.before(before)?);
            }
        }
        self.refire(carried, &pairs);
        Ok(())
    }

    /// The timer of one step of the new ladder, which was at another place of the old one, or is new.
    fn step(
        &self,
        carried: &mut Carried,
        was: Option<u32>,
        (place, after): (u32, &Duration),
    ) -> Reckoned<()> {
        let timer = Timer::Escalation { step: place };
        let due = self.times.now(after)?;
        let Some(was) = was else {
            carried.add_timer(timer, due);
            return Ok(());
        };
        if self.has_fired(&Timer::Escalation { step: was }) {
            return Ok(());
        }
        let old = self.old.1.sla.escalation.get(was as usize).map(|step| &step.at);
        let before = match old {
            Some(At::After(before)) => self.times.before(before)?,
            Some(At::Warning | At::Breach) | None => due,
        };
        carried.timer(timer.clone(), before, due);
        // A step at another place is another row of work, even for the same time.
        if before == due && (was != place || !matches!(old, Some(At::After(_)))) {
            carried.schedule(timer, due);
        }
        Ok(())
    }

    /// What has fired, under the new places of the steps.
    fn refire(&self, carried: &mut Carried, pairs: &[(u32, u32)]) {
        let refired = self.fired.iter().filter_map(|timer| match timer {
            Timer::Escalation { step } => {
                let (_, to) = pairs.iter().find(|(from, _)| from == step)?;
                Some(Timer::Escalation { step: *to })
            }
            timer => Some(timer.clone()),
        });
        let refired: Vec<_> = refired.collect();
        if let Some(moved) = carried.moved.as_mut().filter(|_| refired != self.fired) {
            moved.fired = Some(refired);
        }
    }

    /// Which step of the old ladder is which of the new one: first those that are equal, then those that do the same.
    fn steps(&self) -> Vec<(u32, u32)> {
        let (old, new) = (ladder(self.old.0), ladder(self.new.0));
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let whole = |step: &Value| step.clone();
        let deed = |step: &Value| Value::from(vec![step["do"].clone(), step["to"].clone()]);
        let likenesses: [&dyn Fn(&Value) -> Value; 2] = [&whole, &deed];
        for like in likenesses {
            for (from, step) in (0_u32..).zip(&old) {
                if pairs.iter().any(|(taken, _)| *taken == from) {
                    continue;
                }
                let is_free = |to: u32| !pairs.iter().any(|(_, taken)| *taken == to);
                let found = (0_u32..)
                    .zip(&new)
                    .find(|(to, other)| is_free(*to) && like(step) == like(other));
                pairs.extend(found.map(|(to, _)| (from, to)));
            }
        }
        pairs
    }

    fn boundaries(&self, carried: &mut Carried) -> Reckoned<()> {
        let (old, new) = (&self.old.1.timers, &self.new.1.timers);
        for timer in new {
            let key = Timer::Boundary { id: timer.id.clone() };
            match old.iter().find(|other| other.id == timer.id) {
                _ if self.has_fired(&key) => {}
                None => carried.add_timer(key, self.times.now(&timer.after)?),
                Some(was) => {
                    let before = self.times.before(&was.after)?;
                    carried.timer(key, before, self.times.now(&timer.after)?);
                }
            }
        }
        for timer in old {
            let key = Timer::Boundary { id: timer.id.clone() };
            if !self.has_fired(&key) && !new.iter().any(|other| other.id == timer.id) {
                carried.drop_timer(key, self.times.before(&timer.after)?);
            }
        }
        Ok(())
    }

    fn seen(&self) -> Vec<String> {
        let (old, new) = (&self.old.0.settings, &self.new.0.settings);
        let mut changes: Vec<_> = SEEN
            .iter()
            .filter(|name| old.get(**name) != new.get(**name))
            .map(|name| (*name).to_owned())
            .collect();
        // Without a title of its own a task is called by its node's name.
        if self.old.0.name != self.new.0.name
            && !new.contains_key("title")
            && !changes.iter().any(|name| name == "title")
        {
            changes.insert(0, "title".to_owned());
        }
        changes
    }
}

/// The steps of a task's escalation ladder, as drawn.
fn ladder(node: &Node) -> Vec<Value> {
    let steps = node.settings.get("sla").and_then(|sla| sla.get("escalation"));
    steps.and_then(Value::as_array).cloned().unwrap_or_default()
}
