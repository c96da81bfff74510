//! Flows as edges: the port they leave by, their words, and conditions that another program has to be asked for.

use super::{
    super::words::CEL,
    build::{Build, Made},
    ours, texts,
};
use crate::{
    ids::{Ids, of_text},
    limits, shown,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// What a flow says.
struct Said {
    label: Option<String>,
    /// The condition in its own language.
    condition: Option<String>,
    is_cel: bool,
    is_default: bool,
}

/// What a way is taken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Its condition.
    Choice,
    /// What a person completes a task with.
    Outcome,
    /// Nothing but its turn.
    Plain,
}

impl Build<'_> {
    /// Draws every flow.
    pub(super) fn connect(&mut self) {
        for step in 0..self.made.len() {
            let Some(made) = self.made[step] else { continue };
            let outs = &self.reading.steps[step].out;
            let outs: Vec<usize> =
                outs.iter().copied().filter(|flow| !self.drawn_within.contains(flow)).collect();
            let others: Vec<usize> =
                outs.iter().copied().filter(|flow| !self.draw_ours(made, *flow)).collect();
            self.draw_others(step, made, &others);
        }
        for flow in 0..self.reading.flows.len() {
            if let Some(border) = self.reading.flows[flow].border {
                self.draw_from_border(flow, border);
            }
        }
    }

    /// Draws a flow that we wrote, when it still connects what it did.
    fn draw_ours(&mut self, made: Made, flow: usize) -> bool {
        let found = &self.reading.flows[flow];
        let Some(to) = self.made[found.to] else { return false };
        if !made.is_ours || !to.is_ours {
            return false;
        }
        let node = |at: usize| &self.graph.spots[at].node;
        let Some(kept) = ours::edge(&self.reading, found, (node(made.exit), node(to.entry))) else {
            return false;
        };
        if kept.has_stray_condition {
            let at = found.at;
            self.reading.leave(at, "Its condition was changed, but such a way has none of its own, so the change is left out.");
        }
        let line = self.draw(flow, made.exit, "out", to.entry);
        let drawn = &mut self.graph.lines[line];
        drawn.edge = kept.edge;
        drawn.is_ours = true;
        true
    }

    fn draw(&mut self, flow: usize, from: usize, port: &str, to: usize) -> usize {
        let line = self.graph.draw(from, port, to);
        let element = self.reading.element(self.reading.flows[flow].at);
        let drawn = &mut self.graph.lines[line];
        drawn.place = flow;
        ours::id(element).unwrap_or_default().clone_into(&mut drawn.element);
        line
    }

    fn draw_from_border(&mut self, flow: usize, border: usize) {
        let found = &self.reading.flows[flow];
        let (at, from, to) = (found.at, found.from, found.to);
        let (Some(made), Some(end)) = (self.made[from], self.made[to]) else { return };
        if self.draw_ours(made, flow) {
            return;
        }
        match self.border_ports[border].clone() {
            Some(port) => {
                let line = self.draw(flow, made.entry, &port, end.entry);
                self.graph.lines[line].edge.label = self.said(flow).label;
            }
            None => self
                .reading
                .leave(at, "It left by an event that has no counterpart, so the way is left out."),
        }
    }

    fn draw_others(&mut self, step: usize, made: Made, flows: &[usize]) {
        if flows.is_empty() {
            return;
        }
        let node = &self.graph.spots[made.exit].node;
        let is_table = node.settings.contains_key("table");
        let kind = if self.graph.spots[made.exit].is_pass { "" } else { node.kind.as_str() };
        match kind {
            "decision" if !is_table => self.choices(made.exit, flows),
            "task" | "approval" | "handoff" if made.is_ours => self.new_outcome(step, made, flows),
            "task" => self.outcomes(step, made, flows),
            "decision" => self.onward(step, (made.exit, "default"), flows),
            "parallel" => self.plain(made.exit, "out", flows),
            _ => self.onward(step, (made.exit, made.port.unwrap_or("out")), flows),
        }
    }

    /// The ways out of a choice.
    fn choices(&mut self, decision: usize, flows: &[usize]) {
        let from = flows.first().map(|flow| self.reading.of_step(self.reading.flows[*flow].from));
        let has_default = from.is_some_and(|from| from.attribute("default").is_some());
        let bare = |said: &Said| said.condition.is_none() && !said.is_default;
        let bare: Vec<usize> =
            flows.iter().copied().filter(|flow| bare(&self.said(*flow))).collect();
        // A single way without a condition is what remains.
        let remains = (bare.len() == 1 && !has_default).then(|| bare[0]);
        for flow in flows {
            let said = self.said(*flow);
            let Some(to) = self.made[self.reading.flows[*flow].to] else { continue };
            let is_default = said.is_default || remains == Some(*flow);
            let port = if is_default { "default" } else { "out" };
            let line = self.draw(*flow, decision, port, to.entry);
            if said.condition.is_none() && !is_default {
                let at = self.reading.flows[*flow].at;
                self.reading
                    .leave(at, "The file gives no condition for this way; say when it is taken.");
            }
            self.say(*flow, line, said, if is_default { Way::Plain } else { Way::Choice });
        }
    }

    /// Writes what a flow says onto its edge; a condition of another program is kept as words.
    fn say(&mut self, flow: usize, line: usize, said: Said, way: Way) {
        let at = self.reading.flows[flow].at;
        let name = self.reading.element(at).attribute("name");
        if let Some(sentence) = texts::too_long(name, said.condition.as_deref()) {
            self.reading.leave(at, sentence);
        }
        let edge = &mut self.graph.lines[line].edge;
        let Some(condition) = said.condition else {
            edge.label = said.label;
            return;
        };
        if said.is_cel && way == Way::Choice {
            edge.when = Some(condition);
            edge.label = said.label;
            return;
        }
        let words = match said.label {
            Some(label) if label != condition => format!("{label} ({condition})"),
            Some(_) | None => condition.clone(),
        };
        edge.label = Some(words.chars().take(limits::TEXT_CHARACTERS).collect());
        let what = match way {
            Way::Choice => {
                "Its condition is in a language of another program, so it stands on the way as words; say it anew as an expression"
            }
            Way::Outcome => {
                "It is an outcome of the task now, chosen by whoever completes it; its condition stands on the way as words"
            }
            Way::Plain => "Its condition has no place on such a way, so it stands there as words",
        };
        self.reading.leave(at, format!("{what}: {}", shown(&condition)));
    }

    fn said(&self, flow: usize) -> Said {
        let (tree, found) = (self.reading.tree, &self.reading.flows[flow]);
        let element = self.reading.element(found.at);
        let label = texts::name(element.attribute("name").unwrap_or_default());
        let expression = tree.child(found.at, "conditionExpression");
        let text = expression.map(|at| self.reading.element(at));
        let language = text.and_then(|text| text.attribute("language"));
        let language = language.or_else(|| tree.root().attribute("expressionLanguage"));
        let source = self.reading.of_step(found.from);
        Said {
            label: (!label.is_empty()).then_some(label),
            condition: text.map(|text| text.text.trim().to_owned()).filter(|text| !text.is_empty()),
            is_cel: language == Some(CEL),
            is_default: source.attribute("default").is_some()
                && source.attribute("default") == ours::id(element),
        }
    }

    /// Ways that are all taken.
    fn plain(&mut self, from: usize, port: &str, flows: &[usize]) {
        for flow in flows {
            let Some(to) = self.made[self.reading.flows[*flow].to] else { continue };
            let line = self.draw(*flow, from, port, to.entry);
            let said = self.said(*flow);
            self.say(*flow, line, said, Way::Plain);
        }
    }

    /// One way on, or several: then a step is put in between that takes them.
    fn onward(&mut self, step: usize, (from, port): (usize, &str), flows: &[usize]) {
        if flows.len() == 1 && self.said(flows[0]).condition.is_none() {
            return self.plain(from, port, flows);
        }
        let is_choice = flows.iter().any(|flow| self.said(*flow).condition.is_some());
        let between = if is_choice {
            let between = self.graph.put("decision", "Which way?", "");
            self.graph.set(between, "mode", "inclusive");
            between
        } else {
            self.graph.put("parallel", "At the same time", "")
        };
        self.graph.beside(between, from);
        self.graph.draw(from, port, between);
        self.leave(step, "Several ways leave it; a step is put behind it that takes them.");
        if is_choice { self.choices(between, flows) } else { self.plain(between, "out", flows) }
    }

    /// The ways out of a task: each with a condition is one of its outcomes.
    fn outcomes(&mut self, step: usize, made: Made, flows: &[usize]) {
        let is_choice = flows.iter().any(|flow| {
            let said = self.said(*flow);
            said.condition.is_some() || said.is_default
        });
        if !is_choice || flows.len() == 1 {
            self.graph.set(made.exit, "outcomes", json!([{ "id": "done", "label": "Done" }]));
            return self.onward(step, (made.exit, "done"), flows);
        }
        let mut outcomes = Vec::new();
        let mut ids = Ids::default();
        for flow in flows {
            let said = self.said(*flow);
            let words = said.label.clone().or_else(|| said.condition.clone());
            let words = words.unwrap_or_else(|| "Otherwise".to_owned());
            let id = ids.free(&of_text(&words, "outcome"));
            outcomes.push(json!({ "id": id, "label": texts::name(&words) }));
            let Some(to) = self.made[self.reading.flows[*flow].to] else { continue };
            let line = self.draw(*flow, made.exit, &id, to.entry);
            self.say(*flow, line, said, Way::Outcome);
        }
        self.graph.set(made.exit, "outcomes", Value::Array(outcomes));
    }

    /// A new way out of a task that we wrote: nobody said by which outcome.
    fn new_outcome(&mut self, step: usize, made: Made, flows: &[usize]) {
        self.leave(step, "A way out of it is new; say by which outcome it leaves.");
        self.plain(made.exit, "out", flows);
    }

    /// Gives ways that nothing follows an end.
    pub(super) fn end_loose_ends(&mut self) {
        let leaving: HashSet<usize> = self.graph.lines.iter().map(|line| line.from).collect();
        for step in 0..self.made.len() {
            let Some(made) = self.made[step].filter(|made| !made.is_ours) else { continue };
            let spot = &self.graph.spots[made.exit];
            let is_loose = !spot.is_pass && !leaving.contains(&made.exit);
            let kind = spot.node.kind.clone();
            if !is_loose || matches!(kind.as_str(), "end" | "note") {
                continue;
            }
            let port = match kind.as_str() {
                "task" => {
                    self.graph.set(
                        made.exit,
                        "outcomes",
                        json!([{ "id": "done", "label": "Done" }]),
                    );
                    "done"
                }
                "decision" => "default",
                _ => made.port.unwrap_or("out"),
            };
            let to = self.behind(step).unwrap_or_else(|| self.new_end(made.exit));
            self.graph.draw(made.exit, port, to);
        }
    }

    fn new_end(&mut self, behind: usize) -> usize {
        let end = self.graph.put("end", "End", "");
        self.graph.set(end, "outcome", "done");
        self.graph.beside(end, behind);
        end
    }
}
