//! What each move does.

use super::{
    Move, Place, example,
    open::Class,
    stage::{Outgoing, Run, Stage, sentence},
    toward::Distances,
};
use crate::{
    Event, Position, Rejection, Timestamp,
    calendar::{self, Duration},
    effect::{Ending, Failure, FailureKind},
    event::SlaChange,
    instance::On,
    journey::event_scope,
    limits,
};
use serde_json::{Map, Value, json};

/// Who does what nobody is named for.
const SOMEONE: &str = "someone";

/// How a task is completed.
struct Completion<'m> {
    outcome: Option<&'m String>,
    form: Option<&'m Value>,
    by: Option<&'m String>,
    role: Option<&'m String>,
}

type Made = Result<(), String>;

impl Stage<'_> {
    /// Makes a move.
    ///
    /// # Errors
    ///
    /// A sentence: why it cannot happen.
    pub(super) fn make(&mut self, made: &Move) -> Made {
        match made {
            Move::Complete { at, outcome, form, by, role } => {
                let (outcome, form) = (outcome.as_ref(), form.as_ref());
                let (by, role) = (by.as_ref(), role.as_ref());
                self.complete(at, &Completion { outcome, form, by, role })
            }
            Move::Answer { at: None, .. } => self.answer_all(),
            Move::Answer { at: Some(at), output } => {
                let place = self.reach(at, Class::Answer)?;
                self.answer(place, output.clone())
            }
            Move::Fail { at, kind, code, message } => {
                let place = self.reach(at, Class::Answer)?;
                self.fail(place, *kind, code.as_ref(), message.as_ref())
            }
            Move::Event { name, at: Some(at), data } => {
                let (run, position) = self.reach(at, Class::Event)?;
                let received = self.received(name, data);
                self.tell_of(run, Event::Received { position, received })
            }
            Move::Event { name, at: None, data } => self.spread(name, data),
            Move::Change { account } => {
                self.change_account(account.clone());
                self.settle().map_err(refusal)
            }
            Move::Wait { length, until } => self.pass(length.as_deref(), until.as_deref()),
            Move::Run { to } => self.run(to.as_deref()),
            Move::Return { at, outcome, vars } => self.give_back(at, outcome.as_deref(), vars),
            Move::Cancel { reason } => {
                let reason = reason.clone().unwrap_or_else(|| "it is not needed".to_owned());
                self.tell_of(0, Event::Cancelled { reason, by: SOMEONE.to_owned() })
            }
            Move::Expect(expected) => self.judge(expected),
            Move::Retry { .. }
            | Move::Skip { .. }
            | Move::End { .. }
            | Move::Pause { .. }
            | Move::Resume { .. }
            | Move::AddItem { .. } => self.act_at(made),
        }
    }

    /// What a person does to something that waits.
    fn act_at(&mut self, made: &Move) -> Made {
        let by = SOMEONE.to_owned();
        let (at, class) = match made {
            Move::Retry { at } | Move::Skip { at, .. } | Move::End { at, .. } => {
                (at, Class::Incident)
            }
            Move::AddItem { at, .. } => (at, Class::Items),
            Move::Pause { at, .. } | Move::Resume { at } => (at, Class::Task),
            _ => return Ok(()),
        };
        let (run, position) = self.reach(at, class)?;
        let event = match made.clone() {
            Move::Skip { outcome, .. } => Event::IncidentSkipped { position, by, outcome },
            Move::End { outcome, .. } => Event::IncidentEnded { position, by, outcome },
            Move::AddItem { item, .. } => Event::ItemAdded { position, item, by },
            Move::Pause { reason, .. } => {
                Event::SlaChanged { position, by, change: SlaChange::Pause { reason } }
            }
            Move::Resume { .. } => Event::SlaChanged { position, by, change: SlaChange::Resume },
            _ => Event::IncidentRetried { position, by },
        };
        self.tell_of(run, event)
    }

    /// What waits at a place; calls that stand in between are answered.
    fn reach(&mut self, at: &Place, class: Class) -> Result<(usize, Position), String> {
        loop {
            if let Some(found) = self.find(at, class) {
                return Ok(found);
            }
            let Some(call) = self.unanswered() else { return Err(self.nothing_at(at, class)) };
            self.answer(call, None)?;
        }
    }

    fn nothing_at(&self, at: &Place, class: Class) -> String {
        let what = match class {
            Class::Task => "No task waits",
            Class::Answer => "No call waits for its answer",
            Class::Event => "Nothing waits for an event",
            Class::Items => "Nothing goes through a list",
            Class::Incident => "Nothing has failed",
            Class::Any => "Nothing waits",
        };
        match self.find(at, Class::Any) {
            Some(_) => format!("{what} at '{at}'; what waits there is something else."),
            None => format!("{what} at '{at}'."),
        }
    }

    fn tell_of(&mut self, run: usize, event: Event) -> Made {
        self.bring(run, event).map_err(refusal)
    }

    fn complete(&mut self, at: &Place, done: &Completion<'_>) -> Made {
        let (run, position) = self.reach(at, Class::Task)?;
        let Some(offer) = self.runs[run].offers.get(&position).cloned() else {
            return Err(self.nothing_at(at, Class::Task));
        };
        let by = self.who(run, position, done.by);
        let claim = Event::TaskClaimed { position, by: by.clone() };
        let by = match self.bring(run, claim) {
            Err(Rejection::AlreadyClaimed { assignee }) => assignee,
            Err(rejection) => return Err(refusal(rejection)),
            Ok(()) => by,
        };
        let assumed = self.journey.assumed(&at.node).cloned().unwrap_or_default();
        let (outcome, form) = assumed.completion(&offer);
        let outcome = done.outcome.cloned().unwrap_or(outcome);
        let form = done.form.cloned().unwrap_or(form);
        let teams: Vec<&String> = offer.owner.team.iter().collect();
        let role = done.role.map_or("admin", String::as_str);
        let person = json!({ "role": role, "teams": teams });
        self.tell_of(run, Event::TaskCompleted { position, by, person, outcome, form })
    }

    /// Who completes a task: the one who is named, or who has it; where several must approve, another one each time.
    fn who(&self, run: usize, position: Position, named: Option<&String>) -> String {
        if let Some(named) = named {
            return named.clone();
        }
        let approved = match self.runs[run].instance.wait(position).map(|wait| &wait.on) {
            Some(On::Task { approved, .. }) => approved.as_slice(),
            _ => &[],
        };
        let owner = self.runs[run].offers.get(&position).and_then(|offer| offer.owner.user.clone());
        let someone = owner.unwrap_or_else(|| SOMEONE.to_owned());
        match approved.len() {
            0 => someone,
            number => format!("{SOMEONE} {}", number + 1),
        }
    }

    fn answer_all(&mut self) -> Made {
        while let Some(call) = self.unanswered() {
            self.answer(call, None)?;
        }
        Ok(())
    }

    fn answer(&mut self, (run, position): (usize, Position), output: Option<Value>) -> Made {
        let Some((_, out)) = self.outgoing.remove(&(run, position)) else { return Ok(()) };
        let node = self.node(run, position);
        let output = output.unwrap_or_else(|| match &out {
            Outgoing::Call(call) => example::output(self.journey, self.world, &node, call),
            Outgoing::Message(_) => example::sent(self.journey, &node),
        });
        self.tell_of(run, Event::CallSucceeded { position, output })
    }

    fn fail(
        &mut self,
        (run, position): (usize, Position),
        kind: FailureKind,
        code: Option<&String>,
        message: Option<&String>,
    ) -> Made {
        self.outgoing.remove(&(run, position));
        let failure = Failure {
            kind,
            code: code.cloned().unwrap_or_else(|| "rehearsed".to_owned()),
            message: message.cloned().unwrap_or_else(|| "it failed in the rehearsal".to_owned()),
            retry_after_ms: None,
        };
        self.tell_of(run, Event::CallFailed { position, failure })
    }

    fn node(&self, run: usize, position: Position) -> String {
        let wait = self.runs[run].instance.wait(position);
        wait.map(|wait| wait.node.clone()).unwrap_or_default()
    }

    /// Brings an event wherever its name and key are waited for.
    fn spread(&mut self, name: &str, data: &Map<String, Value>) -> Made {
        self.answer_all()?;
        let received = self.received(name, data);
        let mut targets = Vec::new();
        for (run, held) in self.runs.iter().enumerate() {
            for wait in held.instance.waits() {
                let On::Event { name: waited, key, .. } = &wait.on else { continue };
                if waited == name && self.key(&wait.node, &received)?.as_ref() == Some(key) {
                    targets.push((run, wait.position));
                }
            }
        }
        if targets.is_empty() {
            return Err(format!("Nothing waits for '{name}' with that key."));
        }
        for (run, position) in targets {
            let event = Event::Received { position, received: received.clone() };
            self.tell_of(run, event)?;
        }
        Ok(())
    }

    /// An event as expressions read it. Unless its data name another, it is about the account of the rehearsal.
    fn received(&self, name: &str, data: &Map<String, Value>) -> Value {
        let account = data.get("account").unwrap_or(&self.account["id"]);
        let at = self.now.to_rfc3339();
        event_scope(
            &json!({ "key": null, "type": name, "account": account, "at": at, "data": data }),
        )
    }

    fn key(&self, node: &str, received: &Value) -> Result<Option<String>, String> {
        let key = self.journey.correlation_key(node, received);
        key.map_err(|error| format!("The event has no key for '{node}': {error}."))
    }

    /// Lets time pass.
    fn pass(&mut self, length: Option<&str>, until: Option<&str>) -> Made {
        let until = match (length, until) {
            (Some(length), _) => Some(self.after(length)?),
            (None, Some(text)) => {
                let read = Timestamp::from_rfc3339(text);
                Some(read.ok_or_else(|| format!("'{text}' is not a time."))?)
            }
            (None, None) => None,
        };
        self.answer_all()?;
        let Some(until) = until else { return self.pass_to_next() };
        if until < self.now {
            return Err(format!("It is {} already.", self.now.to_rfc3339()));
        }
        while let Some(due) = self.due().filter(|due| *due <= until) {
            self.come_to(due).map_err(refusal)?;
            self.answer_all()?;
        }
        self.come_to(until).map_err(refusal)
    }

    fn after(&self, length: &str) -> Result<Timestamp, String> {
        let elapsed = calendar::read_elapsed(length);
        let elapsed = elapsed.map_err(|why| format!("'{length}' cannot be read: {why}."))?;
        let calendar = self.world.calendars.get(None).map_err(|why| sentence(&why.to_string()))?;
        let after = Duration::Elapsed(elapsed).after(self.now, calendar);
        after.map_err(|why| sentence(&why.to_string()))
    }

    /// Until something happens by itself.
    fn pass_to_next(&mut self) -> Made {
        let before = self.written();
        while let Some(due) = self.due() {
            self.come_to(due).map_err(refusal)?;
            if self.written() != before || self.unanswered().is_some() {
                return Ok(());
            }
        }
        Err("Nothing is due: it waits for something from outside.".to_owned())
    }

    /// Lets happen what leads to a step, until it is entered anew or waits; without one what is likely, until nothing more happens.
    fn run(&mut self, to: Option<&str>) -> Made {
        let Some(to) = to else { return self.run_out() };
        let distances = Distances::to(self.journey, to);
        let distances = distances.ok_or_else(|| format!("There is no step '{to}'."))?;
        let before = self.visits(to);
        for _ in 0..limits::REHEARSAL_RUN {
            if self.visits(to) > before || self.waits_at(to) {
                return Ok(());
            }
            let next = self.toward(&distances).or_else(|| self.likely());
            let next = next.ok_or_else(|| format!("It does not come to '{to}' this way."))?;
            self.make(&next)?;
        }
        Err(too_long())
    }

    fn run_out(&mut self) -> Made {
        for _ in 0..limits::REHEARSAL_RUN {
            let Some(likely) = self.likely() else { return Ok(()) };
            self.make(&likely)?;
        }
        Err(too_long())
    }

    /// How often a step was entered.
    fn visits(&self, node: &str) -> usize {
        let entered = self.runs.iter().flat_map(Run::entered);
        entered.filter(|entered| *entered == node).count()
    }

    /// A journey that was called is over.
    fn give_back(&mut self, at: &Place, outcome: Option<&str>, vars: &Map<String, Value>) -> Made {
        loop {
            let here = self.called.iter().enumerate();
            let here = here.filter(|(_, called)| self.node(called.run, called.position) == at.node);
            let found = here.map(|(place, _)| place).nth(at.number.saturating_sub(1));
            if let Some(place) = found {
                let called = self.called.remove(place);
                let outcome = outcome.unwrap_or("ended").to_owned();
                let ending = Ending::Ended { outcome, vars: vars.clone() };
                let ended = self.end_below(called.run, called.position, called.index, ending);
                return ended.and_then(|()| self.settle()).map_err(refusal);
            }
            let Some(call) = self.unanswered() else {
                return Err(format!("No journey that '{at}' called is running."));
            };
            self.answer(call, None)?;
        }
    }
}

fn too_long() -> String {
    format!("It goes on and on: {} moves were not enough.", limits::REHEARSAL_RUN)
}

fn refusal(rejection: Rejection) -> String {
    sentence(&rejection.to_string())
}
