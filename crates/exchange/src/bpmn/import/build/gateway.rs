//! Gateways: choices, several ways at once, and where ways meet.

use super::{Build, Made};
use crate::{bpmn::import::texts, shown};

impl Build<'_> {
    pub(super) fn gateway(&mut self, step: usize) -> Made {
        let parts = &self.reading.steps[step];
        let (ins, outs) = (parts.into.len(), parts.out.len());
        match self.reading.of_step(step).name.as_str() {
            "parallelGateway" => self.split_and_meet(step, (ins, outs), Split::All),
            "inclusiveGateway" => self.split_and_meet(step, (ins, outs), Split::Some),
            "complexGateway" => self.complex(step, (ins, outs)),
            "eventBasedGateway" => {
                self.leave(step, "The first of several events decided here; now all are waited for at the same time. A wait with a time-out can do it for one event.");
                Made::one(self.put(step, "parallel", "At the same time"))
            }
            _ if outs > 1 || self.has_condition(step) => {
                Made::one(self.decision(step, "exclusive"))
            }
            _ => self.meeting(step),
        }
    }

    /// Where ways only meet no node is needed: each arrival goes on by itself.
    fn meeting(&mut self, step: usize) -> Made {
        self.leave(step, "Ways meet here and go on as one. That needs no step, so the ways lead straight on to the next one.");
        let pass = self.graph.pass();
        self.stand(pass, step);
        Made::one(pass)
    }

    fn has_condition(&self, step: usize) -> bool {
        let outs = self.reading.steps[step].out.iter();
        let mut outs = outs.map(|flow| self.reading.flows[*flow].at);
        outs.any(|at| self.reading.tree.child(at, "conditionExpression").is_some())
    }

    fn decision(&mut self, step: usize, mode: &str) -> usize {
        let decision = self.put(step, "decision", "Which way?");
        self.graph.set(decision, "mode", mode);
        decision
    }

    /// A gateway that joins, splits, or both: then it becomes two nodes.
    fn split_and_meet(&mut self, step: usize, (ins, outs): (usize, usize), split: Split) -> Made {
        let splits = match split {
            Split::All => outs > 1,
            Split::Some => outs > 1 || self.has_condition(step),
        };
        if ins <= 1 {
            return if splits { Made::one(self.split(step, split)) } else { self.meeting(step) };
        }
        let join = self.put(step, "join", "When all are done");
        self.graph.set(join, "need", "all");
        if !splits {
            return Made::one(join);
        }
        let split = self.split(step, split);
        self.behind_join(join, split)
    }

    fn behind_join(&mut self, join: usize, split: usize) -> Made {
        self.graph.beside(split, join);
        self.graph.draw(join, "out", split);
        Made { exit: split, ..Made::one(join) }
    }

    fn split(&mut self, step: usize, split: Split) -> usize {
        match split {
            Split::All => self.put(step, "parallel", "At the same time"),
            Split::Some => self.decision(step, "inclusive"),
        }
    }

    fn complex(&mut self, step: usize, (ins, outs): (usize, usize)) -> Made {
        let at = self.reading.steps[step].at;
        let rule = self.reading.tree.child_text(at, "activationCondition").unwrap_or_default();
        let rule = shown(rule);
        self.leave(step, format!("When it goes on is a rule of another program ({rule}). As a join it goes on with the first way that arrives; as a split it is a choice of several ways."));
        if ins <= 1 && outs > 1 {
            return Made::one(self.decision(step, "inclusive"));
        }
        let join = self.put(step, "join", "The first is enough");
        self.graph.set(join, "need", "any");
        if outs <= 1 {
            return Made::one(join);
        }
        let split = self.decision(step, "inclusive");
        self.behind_join(join, split)
    }

    /// A race between one event and a timer becomes one wait with a time-out.
    pub(super) fn join_races(&mut self) {
        for step in 0..self.reading.steps.len() {
            if self.reading.of_step(step).name == "eventBasedGateway"
                && let Some(race) = self.race(step)
            {
                self.join_race(step, race);
            }
        }
    }

    /// The event and the timer, with how long it runs, when these two are all that a gateway leads to.
    fn race(&self, step: usize) -> Option<(usize, usize, String)> {
        let [one, other] = self.reading.steps[step].out.as_slice() else { return None };
        let (one, other) = (self.reading.flows[*one].to, self.reading.flows[*other].to);
        let is_alone = |end: usize| {
            self.reading.steps[end].into.len() == 1
                && self.reading.of_step(end).name == "intermediateCatchEvent"
                && self.made[end].is_none()
        };
        if one == other || !is_alone(one) || !is_alone(other) {
            return None;
        }
        let both = [(one, other), (other, one)].into_iter();
        let mut both = both.filter(|(event, _)| self.is_about_something(*event));
        both.find_map(|(event, late)| Some((event, late, self.runs_for(late)?)))
    }

    fn is_about_something(&self, step: usize) -> bool {
        let definition = self.definition(self.reading.steps[step].at);
        matches!(definition, Some((_, "message" | "signal" | "conditional")))
    }

    fn runs_for(&self, step: usize) -> Option<String> {
        let (at, kind) = self.definition(self.reading.steps[step].at)?;
        let (how, text) = self.timer(at);
        texts::duration(text).filter(|_| kind == "timer" && how == "timeDuration")
    }

    fn join_race(&mut self, gateway: usize, (event, timer, after): (usize, usize, String)) {
        let Some(definition) = self.definition(self.reading.steps[event].at) else { return };
        let wait = self.wait(event, definition);
        self.graph.set(wait, "timeout", after);
        let made = Made::one(wait);
        self.made[gateway] = Some(made);
        self.made[event] = Some(Made { port: Some("out"), ..made });
        self.made[timer] = Some(Made { port: Some("timeout"), ..made });
        self.drawn_within.extend(self.reading.steps[gateway].out.iter().copied());
    }
}

/// Which ways a gateway takes.
#[derive(Clone, Copy)]
enum Split {
    All,
    Some,
}
