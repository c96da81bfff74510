//! I4, its second half: every wait has what will move it on.

use crate::{
    kept::Kept,
    limits,
    report::{Findings, Invariant::I4},
};
use journey::{
    Journey, Position, Timestamp, Wait,
    effect::Timer,
    instance::{self, Half, On},
};
use std::fmt;
use store::{
    inventory::{Listening, Pending},
    tasks::{State, Task},
    work::Job,
};

/// One instance whose waits are looked at. Instances below it are looked at elsewhere.
pub(crate) struct Waits<'a> {
    pub(crate) kept: &'a Kept,
    /// The version it follows, if that can be followed.
    pub(crate) journey: Option<&'a Journey>,
    /// Whether it is found when its account changes; true when it has no account.
    pub(crate) is_watching: bool,
    pub(crate) findings: &'a mut Findings,
}

impl Waits<'_> {
    pub(crate) fn check(&mut self) {
        let state = &self.kept.stored.state;
        if state.is_over() {
            return;
        }
        if state.waits().is_empty() {
            self.findings.found(I4, "it is not over, and waits for nothing");
        }
        let has_exits = self.journey.is_some_and(Journey::has_exits);
        if has_exits && !self.is_watching {
            let what = "its journey has exits, and it does not hear when its account changes";
            self.findings.found(I4, what);
        }
        for wait in state.waits() {
            self.findings.looked(I4);
            self.wait(wait);
        }
    }

    fn wait(&mut self, wait: &Wait) {
        match &wait.on {
            On::Call { attempt, due, .. } => self.call(wait, *attempt, *due),
            On::Undo { call } => self.call(wait, call.attempt, None),
            On::Task { .. } => self.task(wait),
            On::Timer { due } => self.timer(wait, &Timer::Wait, Some(*due)),
            On::Event { name, key, due } => {
                self.event(wait, name, key);
                self.timeout(wait, *due);
            }
            On::Condition { due } => {
                self.timeout(wait, *due);
                let is_timed = self.work(wait.position, &Timer::Recheck).is_some();
                if !is_timed && !self.is_watching {
                    self.found(wait, "waits for a condition, and hears of no change");
                }
            }
            On::Turn | On::Join { .. } => self.others(wait),
            On::Children { .. } | On::Incident { .. } => {}
        }
    }

    fn found(&mut self, wait: &Wait, what: impl fmt::Display) {
        let what = format_args!("'{}' {what}", wait.node);
        self.findings.found_at(I4, wait.position, what);
    }

    fn work(&self, position: Position, timer: &Timer) -> Option<&Pending> {
        self.kept.work(position, &Job::Timer(timer.clone()).name())
    }

    /// A call or a message; in a shadow run, what is taken for granted.
    fn call(&mut self, wait: &Wait, attempt: u32, due: Option<Timestamp>) {
        let named = |name| self.kept.work(wait.position, name);
        let Some(work) = named("call").or(named("send")).or(named("assume")) else {
            return self.found(wait, "waits for an answer, and no work asks for it");
        };
        let (asked, due_at) = match &work.job {
            Job::Call(call) => (call.attempt, work.due),
            Job::Send(message) => (message.attempt, work.due),
            _ => return,
        };
        if asked != attempt {
            self.found(
                wait,
                format_args!("waits for attempt {attempt}, and its work is attempt {asked}"),
            );
        }
        if let Some(due) = due
            && !(due..=self.put_off(due)).contains(&due_at)
        {
            self.ill_timed(wait, "call", due, due_at);
        }
    }

    /// Until when an attempt may be put off: its pause is no longer than the instance has lived, unless clocks were set back meanwhile.
    fn put_off(&self, due: Timestamp) -> Timestamp {
        let pause =
            due.0.saturating_sub(self.kept.stored.life.started_at.0).max(limits::SET_BACK_MS);
        due.plus(pause.saturating_mul(limits::PUT_OFF_PER_CENT) / 100)
    }

    fn timer(&mut self, wait: &Wait, timer: &Timer, due: Option<Timestamp>) {
        let name = Job::Timer(timer.clone()).name();
        let Some(at) = self.work(wait.position, timer).map(|work| work.due) else {
            return self
                .found(wait, format_args!("waits for its timer '{name}', and no work fires it"));
        };
        if let Some(due) = due
            && due != at
        {
            self.ill_timed(wait, &name, due, at);
        }
    }

    fn ill_timed(&mut self, wait: &Wait, name: &str, due: Timestamp, at: Timestamp) {
        let (due, at) = (due.to_rfc3339(), at.to_rfc3339());
        self.found(wait, format_args!("is due at {due}, and its work '{name}' at {at}"));
    }

    fn timeout(&mut self, wait: &Wait, due: Option<Timestamp>) {
        if due.is_some() {
            self.timer(wait, &Timer::Timeout, due);
        }
    }

    fn event(&mut self, wait: &Wait, name: &str, key: &str) {
        let life = &self.kept.stored.life;
        let hears = |listening: &&Listening| {
            let ear = &listening.ear;
            listening.position == wait.position
                && (ear.name.as_str(), listening.key.as_str()) == (name, key)
                && (ear.journey, ear.version) == (life.journey, life.version)
                && ear.node == wait.node
        };
        if !self.kept.listens.iter().any(|listening| hears(&listening)) {
            self.found(
                wait,
                format_args!(
                    "waits for the event '{name}' with the key '{key}', and would not hear it"
                ),
            );
        }
    }

    fn others(&mut self, wait: &Wait) {
        let is_moving = |wait: &Wait| !matches!(wait.on, On::Turn | On::Join { .. });
        if !self.kept.stored.state.waits().iter().any(is_moving) {
            self.found(wait, "waits for other branches, and there is none");
        }
    }

    fn task(&mut self, wait: &Wait) {
        self.promise(wait);
        let On::Task { task: state, due, fired, half, .. } = &wait.on else { return };
        let timers = self.journey.into_iter().flat_map(|journey| journey.task_timers(&wait.node));
        for id in timers {
            let timer = Timer::Boundary { id: id.to_owned() };
            if !fired.contains(&timer) {
                self.timer(wait, &timer, None);
            }
        }
        // The tasks of shadow runs are before nobody.
        if self.kept.stored.life.shadow.is_some() {
            return;
        }
        let Some(task) = self.kept.tasks.get(&wait.position) else {
            return self.found(wait, "waits for a person, and its task is not open");
        };
        if !is_with(task, state) {
            let with = task.assignee.as_deref().or(task.offered_to.as_deref());
            let with = with.unwrap_or("nobody");
            self.found(
                wait,
                format_args!("is {state:?}, and its task is {} with {with}", task.state.word()),
            );
        } else if task.holder != task.assignee.clone().or(task.offered_to.clone()) {
            let holder = task.holder.as_deref().unwrap_or("nobody");
            self.found(
                wait,
                format_args!("has its task in the queue of {holder}, who has not got it"),
            );
        }
        if task.due != *due {
            let (is, shown) = (due.to_rfc3339(), task.due.to_rfc3339());
            self.found(wait, format_args!("is due at {is}, and its task says {shown}"));
        }
        self.row(wait, task, *half);
    }

    /// The task is about what the instance is about, and can be completed as the drawing says.
    fn row(&mut self, wait: &Wait, task: &Task, half: Option<Half>) {
        let life = &self.kept.stored.life;
        let account = task.account.as_ref().map(|account| account.id);
        if task.node != wait.node || task.journey != life.journey || account != life.account {
            self.found(wait, "has a task of another step, journey or account");
        }
        let Some(journey) = self.journey else { return };
        let outcomes = half.map(Half::outcomes);
        if task.outcomes != outcomes.as_deref().unwrap_or_else(|| journey.task_outcomes(&wait.node))
        {
            self.found(wait, "has a task with outcomes that are not the drawing's");
        }
    }

    /// The timers of a promise that runs.
    fn promise(&mut self, wait: &Wait) {
        let On::Task { fired, due, .. } = &wait.on else { return };
        let (warning, due) = match wait.clock() {
            Some(clock) => (clock.next_times().warning, clock.next_times().due),
            None => (None, (!fired.contains(&Timer::Due)).then_some(*due)),
        };
        for (timer, due) in [(Timer::Warning, warning), (Timer::Due, due)] {
            if due.is_some() {
                self.timer(wait, &timer, due);
            }
        }
    }
}

/// Whether people see a task with whom the instance has it. An escalation offers it to a person who has it at once.
fn is_with(task: &Task, state: &instance::Task) -> bool {
    match state {
        instance::Task::Offered => task.state == State::Offered,
        instance::Task::Claimed { assignee } => {
            let with = match task.state {
                State::Claimed => &task.assignee,
                State::Offered => &task.offered_to,
                State::Completed | State::Cancelled => &None,
            };
            with.as_ref() == Some(assignee)
        }
    }
}
