//! Subprocesses: their steps become steps of the journey, or the part of the drawing that a for-each runs.

use super::{Build, Made};
use serde_json::json;

/// A subprocess that was taken in.
pub(super) struct Part {
    /// Where ways into it arrive, and where those out of it begin; places that ways pass through.
    begin: usize,
    end: usize,
    /// The for-each that runs it for each item.
    for_each: Option<usize>,
}

impl Build<'_> {
    /// Whether a step lies in a subprocess whose steps become steps of the journey around it.
    pub(super) fn is_inlined(&self, step: usize) -> bool {
        self.behind(step).is_some()
    }

    /// Where a way that nothing follows goes on: behind its subprocess, or nowhere.
    pub(in super::super) fn behind(&self, step: usize) -> Option<usize> {
        let scope = self.reading.steps[step].scope?;
        self.parts.get(&scope).filter(|part| part.for_each.is_none()).map(|part| part.end)
    }

    pub(super) fn part(&mut self, step: usize) -> Made {
        let at = self.reading.steps[step].at;
        if !self.reading.holds_steps(at) {
            self.leave(step, "The subprocess is drawn closed and nothing of it is in the file; it becomes a call of another journey. Choose which.");
            return Made::one(self.put(step, "journey", "Another journey"));
        }
        let items = self.reading.tree.child(at, "multiInstanceLoopCharacteristics");
        let (begin, end) = (self.graph.pass(), self.graph.pass());
        for pass in [begin, end] {
            self.stand(pass, step);
        }
        let Some(items) = items else {
            let more = match self.reading.element(at).name.as_str() {
                "transaction" => " Nothing takes back what was done in it.",
                "adHocSubProcess" => " They have the order in which they are drawn.",
                _ => "",
            };
            self.leave(step, format!("Its steps are steps of the journey itself now; the frame around them is left out.{more}"));
            self.parts.insert(step, Part { begin, end, for_each: None });
            return Made { exit: end, ..Made::one(begin) };
        };
        let for_each = self.put(step, "for_each", "For each item");
        self.items(step, for_each, items);
        self.parts.insert(step, Part { begin, end, for_each: Some(for_each) });
        Made::one(for_each)
    }

    /// Leads from the border of each subprocess to what begins in it, and from what ends in it on.
    pub(super) fn close_parts(&mut self) {
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); self.reading.steps.len()];
        for (step, inner) in self.reading.steps.iter().enumerate() {
            if let Some(scope) = inner.scope.filter(|scope| self.parts.contains_key(scope)) {
                inside[scope].push(step);
            }
        }
        let parts: Vec<(usize, usize, usize)> =
            self.parts.iter().map(|(scope, part)| (*scope, part.begin, part.end)).collect();
        for (scope, begin, end) in parts {
            self.close_part(&inside[scope], (begin, end));
        }
    }

    fn close_part(&mut self, inside: &[usize], (begin, end): (usize, usize)) {
        let is_start = |step: &usize| self.reading.of_step(*step).name == "startEvent";
        let mut first: Vec<usize> = inside.iter().copied().filter(is_start).collect();
        if first.is_empty() {
            first = inside.iter().copied().filter(|step| self.begins(*step)).collect();
        }
        let last: Vec<usize> = inside.iter().copied().filter(|step| self.is_last(*step)).collect();
        if first.len() > 1 {
            self.graph.become_node(begin, "parallel", "At the same time");
        }
        for made in first.iter().filter_map(|step| self.made[*step]) {
            self.graph.draw(begin, "out", made.entry);
        }
        if last.len() > 1 {
            self.graph.become_node(end, "join", "When all are done");
            self.graph.set(end, "need", "all");
        }
        for made in last.iter().filter_map(|step| self.made[*step]) {
            if self.graph.spots[made.exit].is_pass {
                self.graph.draw(made.exit, "out", end);
            }
        }
    }

    fn begins(&self, step: usize) -> bool {
        let is_note = self.reading.of_step(step).name == "textAnnotation";
        self.reading.steps[step].into.is_empty() && !is_note
    }

    /// Whether the way through a subprocess is over behind a step.
    fn is_last(&self, step: usize) -> bool {
        let is_note = self.reading.of_step(step).name == "textAnnotation";
        self.reading.steps[step].out.is_empty() && !is_note
    }

    /// Says of each for-each which part of the drawing it runs, now that this is known.
    pub(super) fn say_ranges(&mut self) {
        let ends = self.graph.ends();
        let mut last = vec![None; self.reading.steps.len()];
        for (step, inner) in self.reading.steps.iter().enumerate() {
            let exit = self.made[step].map(|made| made.exit);
            let exit = exit.filter(|exit| self.graph.spots[*exit].node.kind == "end");
            if let (Some(scope), Some(exit)) = (inner.scope, exit) {
                last[scope].get_or_insert(exit);
            }
        }
        let id = |at: usize| self.graph.spots[at].node.id.clone();
        let mut bodies = Vec::new();
        for (scope, part) in &self.parts {
            let first = ends[part.begin];
            if let (Some(for_each), Some(last)) = (part.for_each, last[*scope])
                && !self.graph.spots[first].is_pass
            {
                bodies.push((for_each, json!({ "from": id(first), "to": id(last) })));
            }
        }
        for (for_each, body) in bodies {
            self.graph.set(for_each, "body", body);
        }
    }
}
