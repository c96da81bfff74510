//! A task: work for a person. It is offered, claimed and completed; its timers warn, escalate and time out.

use super::{
    Ask, Fact, On, Position, Rejection, Turn, failure, payload,
    promise::{clock_timers, no_moment, promise},
};
use crate::{
    Timestamp,
    calendar::Duration,
    effect::{Act, Close, Failure, Offer, Owner, SlaState, Timer},
    expr::EvalError,
    instance::{self, Half},
    journey::Node,
    record::Escalated,
    settings::{At, Handoff, Kind, Sort, Task},
    sla::{self, Clock},
};
use serde_json::Value;

/// Why the clock of a handoff stands while the sending team has it.
const NOT_SENT: &str = "not handed over yet";

/// How a person completed a task.
pub(super) struct Completion {
    pub(super) by: String,
    /// What the workspace knows of them: `role` and `teams`.
    pub(super) person: Value,
    pub(super) outcome: String,
    pub(super) form: Value,
}

impl<'a> Turn<'a> {
    pub(super) fn offer_task(&mut self, node: &'a Node, position: Position, task: &'a Task) {
        let half = match &task.sort {
            Sort::Handoff(handoff) => Some(self.half(node, position, handoff)),
            Sort::Task | Sort::Approval { .. } => None,
        };
        self.offer_as(node, position, task, half);
    }

    /// Offers a task; a handoff as one of its halves.
    pub(super) fn offer_as(
        &mut self,
        node: &'a Node,
        position: Position,
        task: &'a Task,
        half: Option<Half>,
    ) {
        let half = match &task.sort {
            Sort::Handoff(handoff) => half.map(|half| (handoff.as_ref(), half)),
            Sort::Task | Sort::Approval { .. } => None,
        };
        let begun = self.task_timers(node, task, half.map(|(_, half)| half));
        let (clock, timers) = match begun {
            Ok(begun) => begun,
            Err(failure) => return self.raise(position, failure),
        };
        let due = clock.due();
        let offer = match self.offer(node, task, due) {
            Ok(Some(offer)) => offer,
            Ok(None) => {
                let message = "the owner rule finds nobody to give the task to".to_owned();
                return self.raise(position, failure("owner.unresolved", message));
            }
            Err((what, error)) => return self.raise_error(position, what, &error),
        };
        let offer = match half {
            Some((handoff, half)) => self.offer_half(node, offer, handoff, half),
            None => offer,
        };
        let standing = clock.standing();
        self.wait(
            position,
            On::Task {
                task: instance::Task::Offered,
                due,
                fired: Vec::new(),
                approved: Vec::new(),
                clock: Some(Box::new(clock)),
                half: half.map(|(_, half)| half),
            },
        );
        self.ask(position, Ask::OfferTask(Box::new(offer)));
        if standing == SlaState::Paused {
            self.ask(position, Ask::MarkTask { sla: standing, due: None });
        }
        for (due, timer) in timers {
            self.ask_at(due, position, Ask::Timer { timer });
        }
    }

    pub(super) fn offer_half(
        &self,
        node: &Node,
        offer: Offer,
        handoff: &Handoff,
        half: Half,
    ) -> Offer {
        let handed_over = match half {
            Half::Sending => String::new(),
            Half::Accepting => self.handed_over(node),
        };
        let instructions = format!("{}\n\n{handed_over}", offer.instructions).trim().to_owned();
        let owner = Owner { user: None, team: Some(half.team(handoff).to_owned()) };
        let (form, outcomes) = (self.asked(node, half, handoff), half.outcomes());
        Offer { instructions, owner, form, outcomes, ..offer }
    }

    pub(super) fn offer(
        &self,
        node: &Node,
        task: &Task,
        due: Timestamp,
    ) -> Result<Option<Offer>, (&'static str, EvalError)> {
        let scope = self.scope();
        let title = match &task.title {
            Some(title) => title.render(&scope).map_err(|error| ("the title", error))?,
            None => node.name.clone(),
        };
        let instructions = match &task.instructions {
            Some(text) => text.render(&scope).map_err(|error| ("the instructions", error))?,
            None => String::new(),
        };
        let priority = match &task.priority {
            Some(priority) => priority
                .evaluate(&scope)
                .map_err(|error| ("the priority", error))?
                .as_i64()
                .unwrap_or(0),
            None => 0,
        };
        let owner = self.resolve(&task.owner).map_err(|error| ("the owner", error))?;
        Ok(owner.map(|owner| Offer {
            node: node.id.clone(),
            title,
            instructions,
            owner,
            form: task.form.clone(),
            outcomes: task.outcomes.clone(),
            due,
            priority,
        }))
    }

    /// The clock of the task's promise, and every timer it sets. A handoff promises to accept: while it is not sent, its clock stands.
    pub(super) fn task_timers(
        &self,
        node: &Node,
        task: &Task,
        half: Option<Half>,
    ) -> Result<(Clock, Vec<(Timestamp, Timer)>), Failure> {
        let calendar = self.calendar_of(node, &task.sla.due)?;
        let started = promise(task).start(self.now, calendar).map_err(|error| no_moment(&error))?;
        let mut clock = Clock::begin(&started).expect("a start begins a clock");
        if half == Some(Half::Sending) {
            let why = sla::Reason::Other(NOT_SENT.to_owned());
            for fact in clock.pause(why, self.now, calendar).unwrap_or_default() {
                clock.apply(&fact).expect("a clock that runs can be paused");
            }
        }
        let mut timers = clock_timers(&clock);
        for (after, timer) in steps_after(task, half) {
            timers.push((self.later(node, after)?, timer));
        }
        Ok((clock, timers))
    }

    pub(super) fn task_claimed(&mut self, position: Position, by: String) -> Result<(), Rejection> {
        match self.open_task(position)?.2 {
            instance::Task::Offered => {
                self.must_not_have_approved(position, &by)?;
                self.record(Fact::TaskClaimed { position, by: by.clone() });
                self.ask(position, Ask::AssignTask { assignee: Some(by) });
                Ok(())
            }
            instance::Task::Claimed { assignee } => Err(Rejection::AlreadyClaimed { assignee }),
        }
    }

    pub(super) fn task_released(
        &mut self,
        position: Position,
        by: String,
    ) -> Result<(), Rejection> {
        self.must_be_assignee(position, &by)?;
        self.record(Fact::TaskReleased { position, by });
        self.ask(position, Ask::AssignTask { assignee: None });
        Ok(())
    }

    /// The assignee gives the task to another person, who has it at once.
    pub(super) fn task_delegated(
        &mut self,
        position: Position,
        by: String,
        to: String,
    ) -> Result<(), Rejection> {
        self.must_be_assignee(position, &by)?;
        self.record(Fact::TaskDelegated { position, by, to: to.clone() });
        self.ask(position, Ask::AssignTask { assignee: Some(to) });
        Ok(())
    }

    pub(super) fn task_completed(
        &mut self,
        position: Position,
        mut done: Completion,
    ) -> Result<(), Rejection> {
        let (node, task, _) = self.open_task(position)?;
        self.must_be_assignee(position, &done.by)?;
        if let Sort::Handoff(handoff) = &task.sort
            && self.instance.wait(position).is_some_and(instance::Wait::is_unsent)
        {
            self.fill_in(node, handoff, &mut done.form);
        }
        let (outcomes, form) = self.asked_at(position, task);
        if !outcomes.contains(&done.outcome) {
            return Err(Rejection::UnknownOutcome(done.outcome));
        }
        payload::fits(&done.form, &form).map_err(|wrong| Rejection::InvalidForm {
            pointer: wrong.pointer,
            message: wrong.message,
        })?;
        match &task.sort {
            Sort::Handoff(_) => self.handoff_completed((node, task), position, done),
            Sort::Approval { quorum, limit } => {
                self.may_decide(limit.as_ref(), &done)?;
                self.decided(node, position, *quorum, done)
            }
            Sort::Task => {
                let outcome = done.outcome.clone();
                self.close_completed(position, done);
                self.leave(node, position, &outcome);
                Ok(())
            }
        }
    }

    /// The outcomes and the form of the task as it was offered.
    fn asked_at(&self, position: Position, task: &Task) -> (Vec<String>, Value) {
        let half = match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { half, .. }) => *half,
            _ => None,
        };
        let (outcomes, form) = match (&task.sort, half) {
            (Sort::Handoff(handoff), Some(half)) => (half.outcomes(), half.form(handoff)),
            _ => (task.outcomes.clone(), task.form.clone()),
        };
        (outcomes.into_iter().map(|outcome| outcome.id).collect(), form)
    }

    /// Writes down that the task is done, and takes it from the queues.
    pub(super) fn close_completed(&mut self, position: Position, done: Completion) {
        let Completion { by, outcome, form, .. } = done;
        let close = Close::Completed { by: by.clone(), outcome: outcome.clone() };
        self.record(Fact::TaskCompleted { position, by, outcome, form: form.into() });
        self.ask(position, Ask::CloseTask { close });
    }

    fn must_be_assignee(&self, position: Position, by: &str) -> Result<(), Rejection> {
        match self.open_task(position)?.2 {
            instance::Task::Claimed { assignee } if assignee == by => Ok(()),
            instance::Task::Claimed { .. } | instance::Task::Offered => {
                Err(Rejection::NotAssignee { by: by.to_owned() })
            }
        }
    }

    pub(super) fn open_task(
        &self,
        position: Position,
    ) -> Result<(&'a Node, &'a Task, instance::Task), Rejection> {
        let (node, wait) = self.waiting(position)?;
        match (&node.kind, &wait.on) {
            (Kind::Task(settings), On::Task { task, .. }) => Ok((node, settings, task.clone())),
            _ => Err(Rejection::WrongEvent(position)),
        }
    }

    /// Every timer of the task whose time has come fires, in the order of their times, whichever of them is noticed first: a node
    /// that was down finds them all at once.
    pub(super) fn task_timer_fired(
        &mut self,
        position: Position,
        timer: Timer,
    ) -> Result<(), Rejection> {
        let (node, task, _) = self.open_task(position)?;
        if self.has_fired(position, &timer) {
            return Err(Rejection::NotWaiting(position));
        }
        let passed = self.passed_timers(node, position, task);
        if !passed.contains(&timer) {
            return self.fire(position, timer);
        }
        for timer in passed {
            // One that interrupts takes the task away from those after it.
            if self.open_task(position).is_ok() && !self.has_fired(position, &timer) {
                self.fire(position, timer)?;
            }
        }
        Ok(())
    }

    pub(super) fn has_fired(&self, position: Position, timer: &Timer) -> bool {
        match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { fired, .. }) => fired.contains(timer),
            _ => false,
        }
    }

    /// The timers of a task that are to have fired by now and have not, in order.
    fn passed_timers(&self, node: &Node, position: Position, task: &Task) -> Vec<Timer> {
        let Some(On::Task { clock: Some(clock), half, .. }) =
            self.instance.wait(position).map(|wait| &wait.on)
        else {
            return Vec::new();
        };
        let begun = clock.turns().first().map_or(clock.started(), |turn| turn.from);
        let mut timers = clock_timers(clock);
        let since = |duration| self.after(node, duration, begun).ok();
        timers.extend(
            steps_after(task, *half).filter_map(|(after, timer)| Some((since(after)?, timer))),
        );
        if clock.is_over() {
            timers.retain(|(_, timer)| !matches!(timer, Timer::Escalation { .. }));
        }
        timers.retain(|(at, timer)| *at <= self.now && !self.has_fired(position, timer));
        timers.sort_by_key(|(at, _)| *at);
        timers.into_iter().map(|(_, timer)| timer).collect()
    }

    fn fire(&mut self, position: Position, timer: Timer) -> Result<(), Rejection> {
        let (node, task, _) = self.open_task(position)?;
        let is_unsent = self.instance.wait(position).is_some_and(instance::Wait::is_unsent);
        let is_over = self.clock(position).is_some_and(Clock::is_over);
        match timer {
            Timer::Wait | Timer::Timeout | Timer::Recheck => Err(Rejection::WrongEvent(position)),
            Timer::Warning => {
                self.warn(node, position);
                Ok(())
            }
            Timer::Due => {
                self.breach(node, position);
                Ok(())
            }
            Timer::Escalation { step } => match task.sla.escalation.get(step as usize) {
                Some(escalation) if matches!(escalation.at, At::After(_)) && !is_unsent => {
                    // A promise that is kept or cancelled needs nobody's help.
                    if !is_over {
                        self.escalate(node, position, step);
                    }
                    Ok(())
                }
                _ => Err(Rejection::WrongEvent(position)),
            },
            Timer::Boundary { id } => self.boundary_fired(position, &id),
        }
    }

    fn boundary_fired(&mut self, position: Position, id: &str) -> Result<(), Rejection> {
        let (node, task, _) = self.open_task(position)?;
        let timer = task.timers.iter().find(|timer| timer.id == id);
        let timer = timer.ok_or(Rejection::WrongEvent(position))?;
        self.record(Fact::TimerFired { position, timer: id.to_owned() });
        if timer.interrupting {
            let reason = format!("its timer '{id}' fired");
            self.ask(position, Ask::CloseTask { close: Close::Cancelled { reason } });
            self.leave(node, position, id);
        } else {
            self.open.extend(node.ways.iter().filter(|way| way.port == id));
        }
        Ok(())
    }

    pub(super) fn escalate_all(&mut self, node: &'a Node, position: Position, at: &At) {
        let Kind::Task(task) = &node.kind else { return };
        for (step, escalation) in (0_u32..).zip(&task.sla.escalation) {
            if escalation.at == *at {
                self.escalate(node, position, step);
            }
        }
    }

    /// A person it is given to has it at once; a team may claim it.
    fn reassign(&mut self, position: Position, owner: Owner) {
        let assignee = owner.user.clone();
        self.ask(position, Ask::ReassignTask { owner });
        if assignee.is_some() {
            self.ask(position, Ask::AssignTask { assignee });
        }
    }

    /// One step of the ladder. One that finds nobody is recorded and tells nobody.
    fn escalate(&mut self, node: &'a Node, position: Position, step: u32) {
        let Kind::Task(task) = &node.kind else { return };
        let Some(escalation) = task.sla.escalation.get(step as usize) else { return };
        let act = escalation.act;
        let to = self.resolve(&escalation.to).ok().flatten().filter(|to| {
            // Who has approved cannot take it again.
            let user = to.user.as_deref().filter(|_| act == Act::Reassign);
            user.is_none_or(|user| self.must_not_have_approved(position, user).is_ok())
        });
        let did = Some(Escalated { act, to: to.clone() });
        self.record(Fact::TaskEscalated { position, step, did });
        let Some(to) = to else { return };
        match act {
            Act::Remind | Act::Notify => {
                let scope = self.scope();
                let title = task.title.as_ref().and_then(|title| title.render(&scope).ok());
                let about = title.unwrap_or_else(|| node.name.clone());
                self.ask(position, Ask::Notify { to, about });
            }
            Act::Reassign => {
                self.record(Fact::TaskReassigned { position, to: to.clone() });
                self.reassign(position, to);
            }
        }
    }
}

/// What a task does a time after it was offered, whatever its clock says: steps of its ladder, and its own timers.
fn steps_after(task: &Task, half: Option<Half>) -> impl Iterator<Item = (&Duration, Timer)> {
    let ladder = (0_u32..).zip(&task.sla.escalation);
    let ladder = ladder.filter_map(move |(step, escalation)| match &escalation.at {
        At::After(after) if half != Some(Half::Sending) => {
            Some((after, Timer::Escalation { step }))
        }
        At::After(_) | At::Warning | At::Breach => None,
    });
    let own = task.timers.iter().map(|timer| {
        let id = timer.id.clone();
        (&timer.after, Timer::Boundary { id })
    });
    ladder.chain(own)
}
