//! Loops that begin a branch in each round which nothing waits for.

use super::{
    Diagnostic,
    drawing::{Drawing, Line},
    flow::{Walks, reaching},
    loops,
    report::{Place, Report},
    soundness::{is_inclusive, is_reminder},
};
use crate::ports::DEFAULT;

/// Where a loop begins branches that go their own way.
pub(super) struct Leftover<'l, 'd> {
    drawing: &'l Drawing<'d>,
    /// For each node the number of its knot.
    knots: Vec<usize>,
    /// For each node whether a branch there may still come to rest.
    stays: Vec<bool>,
}

impl<'l, 'd> Leftover<'l, 'd> {
    /// Joins may be known never to go on.
    pub(super) fn of(drawing: &'l Drawing<'d>, goes_on: impl Fn(usize) -> bool) -> Self {
        let rests = (0..drawing.nodes.len()).filter(|at| loops::rests(&drawing.nodes[*at]));
        Self { drawing, knots: loops::knots(drawing, goes_on), stays: reaching(drawing, rests) }
    }

    pub(super) fn check(&self, walks: &Walks, report: &Report) {
        for at in 0..self.drawing.nodes.len() {
            let id = &self.drawing.nodes[at].node.id;
            if let Some([back, out]) = self.left_behind(at)
                && !report.has("unbounded-growth", Some(id))
            {
                let mut walk = walks.to(self.drawing, at);
                walk.extend([back, out].map(|edge| self.drawing.edges[edge].edge.id.clone()));
                let message = "Each round of the loop through here begins another branch that nothing waits for; when one takes longer than a round, more and more of them are open. Join them before the way leads back, or see that each is over in time.";
                let found = Diagnostic::warning("unbounded-growth", Place::Node(id), message);
                report.add(found.walk(walk));
            }
        }
    }

    /// For each node whether only branches that a loop leaves behind come there, so that several there are that loop's.
    pub(super) fn nodes(&self) -> Vec<bool> {
        let mut left = vec![false; self.drawing.nodes.len()];
        for at in 0..left.len() {
            if self.left_behind(at).is_none() {
                continue;
            }
            for out in self.drawing.nodes[at].out.iter().filter(|edge| self.leaves(**edge)) {
                let to = self.drawing.edges[*out].to;
                if !left[to] {
                    self.mark(to, self.knots[at], &mut left);
                }
            }
        }
        left
    }

    /// Everything from a node on, unless some other way leads into it.
    fn mark(&self, begin: usize, knot: usize, left: &mut [bool]) {
        let after = self.drawing.reached_from(begin);
        let is_own = |at: usize| after[at] && self.drawing.nodes[at].node.kind != "end";
        let is_foreign = |line: &Line<'_>, edge: usize| {
            is_own(line.to)
                && !after[line.from]
                && !(self.knots[line.from] == knot && self.leaves(edge))
        };
        let mut edges = self.drawing.edges.iter().enumerate();
        if !edges.any(|(edge, line)| is_foreign(line, edge)) {
            (0..left.len()).filter(|at| is_own(*at)).for_each(|at| left[at] = true);
        }
    }

    /// The way back into a node's loop and one out of it that is taken at the same time, to where a branch may stay.
    fn left_behind(&self, at: usize) -> Option<[usize; 2]> {
        let drawn = &self.drawing.nodes[at];
        let is_alone =
            |edge: usize| is_inclusive(drawn) && self.drawing.edges[edge].edge.port() == DEFAULT;
        let mut back = drawn.out.iter().copied();
        let back = back.find(|edge| self.leads_back(*edge) && !is_alone(*edge))?;
        let mut out = drawn.out.iter().copied().filter(|edge| self.leaves(*edge));
        let out = out.find(|edge| self.stays[self.drawing.edges[*edge].to])?;
        Some([back, out])
    }

    fn leads_back(&self, edge: usize) -> bool {
        let line = &self.drawing.edges[edge];
        self.knots[line.to] == self.knots[line.from]
    }

    /// Whether an edge out of a loop is taken beside one that goes on in it.
    fn leaves(&self, edge: usize) -> bool {
        let line = &self.drawing.edges[edge];
        let drawn = &self.drawing.nodes[line.from];
        let is_fork = match drawn.node.kind.as_str() {
            "parallel" => true,
            "decision" => is_inclusive(drawn) && line.edge.port() != DEFAULT,
            _ => is_reminder(drawn, line.edge.port()),
        };
        is_fork && !self.leads_back(edge)
    }
}
