//! A move to this version: the waits go on at its nodes, with its timers and texts.

use super::{Ask, Context, Fact, Rejection, Turn, promise::promise};
use crate::{
    Instance, Journey, Timestamp,
    calendar::Duration,
    instance::{self, On},
    journey::Node,
    migrate::{Migrated, Moved, TaskMove},
    settings::{Kind, Sort, Task, Until, Wait},
    sla::{Clock, Terms},
};

impl Turn<'_> {
    /// Takes a move that was planned for the instance as it is; what people see and what is due is asked for anew where it changed.
    pub(super) fn migrated(&mut self, migrated: Migrated, sequence: u64) -> Result<(), Rejection> {
        if self.instance.sequence != sequence {
            return Err(Rejection::MovedOn);
        }
        for wait in &self.instance.waits {
            let moved = migrated.waits.iter().find(|moved| moved.position == wait.position);
            let fits = moved.is_some_and(|moved| {
                moved.from == wait.node && self.journey.place(&moved.to).is_some()
            });
            if !fits {
                return Err(Rejection::WrongEvent(wait.position));
            }
        }
        if let Some(moved) =
            migrated.waits.iter().find(|moved| self.instance.wait(moved.position).is_none())
        {
            return Err(Rejection::NotWaiting(moved.position));
        }
        let waits = migrated.waits.clone();
        self.record(Fact::Migrated(Box::new(migrated)));
        for moved in &waits {
            for timer in &moved.timers {
                let ask = Ask::Timer { timer: timer.timer.clone() };
                self.ask_at(timer.due, moved.position, ask);
            }
            if moved.task != TaskMove::Kept {
                self.renew_task(moved)?;
            }
        }
        for moved in &waits {
            self.go_on_if_enough_approved(moved.position);
        }
        Ok(())
    }

    fn renew_task(&mut self, moved: &Moved) -> Result<(), Rejection> {
        let refused = |message: String| Rejection::NotAdmitted { message };
        let position = moved.position;
        let (node, wait) = self.waiting(position)?;
        let (Kind::Task(task), Some(due)) = (&node.kind, wait.due()) else {
            return Err(Rejection::WrongEvent(position));
        };
        let On::Task { half, task: held, .. } = &wait.on else {
            return Err(Rejection::WrongEvent(position));
        };
        let (half, assignee) = match held {
            instance::Task::Claimed { assignee } => (*half, Some(assignee.clone())),
            instance::Task::Offered => (*half, None),
        };
        let offer = match self.offer(node, task, due) {
            Ok(Some(offer)) => match (&task.sort, half) {
                (Sort::Handoff(handoff), Some(half)) => self.offer_half(node, offer, handoff, half),
                _ => offer,
            },
            Ok(None) => {
                let message = format!("the owner rule of '{}' finds nobody", node.id);
                return Err(refused(message));
            }
            Err((what, error)) => {
                return Err(refused(format!("{what} of '{}': {error}", node.id)));
            }
        };
        let owner = offer.owner.clone();
        self.ask(position, Ask::RenewTask(Box::new(offer)));
        match moved.task {
            TaskMove::Kept | TaskMove::Renewed => {}
            TaskMove::OfferedAnew => self.ask(position, Ask::ReassignTask { owner }),
            TaskMove::LeftWithAssignee => {
                self.ask(position, Ask::ReassignTask { owner });
                self.ask(position, Ask::AssignTask { assignee });
            }
        }
        Ok(())
    }
}

/// When a wait for a moment would end at a node of a journey, for an instance as it stands.
///
/// # Errors
///
/// Why it has no end, as the rest of a sentence.
pub(crate) fn end_of_wait(
    journey: &Journey,
    instance: &Instance,
    node: &str,
    context: Context<'_>,
) -> Result<Timestamp, String> {
    let turn = Turn::new(journey, instance.clone(), context);
    let Some(Kind::Wait(wait)) = journey.find(node).map(|node| &node.kind) else {
        return Err("it is no wait".to_owned());
    };
    let Wait { until: Until::Moment(end), .. } = wait.as_ref() else {
        return Err("it does not wait for a time".to_owned());
    };
    let value = end.evaluate(&turn.scope()).map_err(|error| error.to_string())?;
    super::wait::moment(&value).ok_or_else(|| format!("{value} is not a time"))
}

/// What the clock of a task that is open would run by under the promise that a task of a journey makes.
///
/// # Errors
///
/// Why there is no such time, as the rest of a sentence.
pub(crate) fn terms(
    journey: &Journey,
    context: Context<'_>,
    clock: &Clock,
    (node, task): (&Node, &Task),
) -> Result<Terms, String> {
    let turn = Turn::new(journey, Instance::new(), context);
    let calendar = turn.calendar_of(node, &task.sla.due).map_err(|failure| failure.message)?;
    clock.under(&promise(task), calendar).map_err(|error| error.to_string())
}

/// The moment a duration of a node after another moment, as a step of this journey reckons it.
///
/// # Errors
///
/// Why there is no such moment, as the rest of a sentence.
pub(crate) fn after(
    journey: &Journey,
    context: Context<'_>,
    (node, duration): (&Node, &Duration),
    from: Timestamp,
) -> Result<Timestamp, String> {
    let turn = Turn::new(journey, Instance::new(), context);
    turn.after(node, duration, from).map_err(|failure| failure.message)
}
