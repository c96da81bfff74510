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
use std::collections::BTreeMap;

/// Where a loop begins branches that go their own way.
pub(super) struct Leftover<'l, 'd> {
    drawing: &'l Drawing<'d>,
    /// For each node whether an instance may come there and go on.
    goes_on: Vec<bool>,
    /// For each node the number of its knot.
    knots: Vec<usize>,
    /// For each node whether a branch there may still come to rest.
    stays: Vec<bool>,
}

/// What one loop leaves behind.
#[derive(Debug)]
pub(super) struct Behind {
    /// Where it begins: a node in the loop, and the edges that leave there beside the way back.
    pub(super) forks: Vec<(usize, Vec<usize>)>,
    /// For each node whether only these branches come there; ends are not told apart.
    pub(super) nodes: Vec<bool>,
}

impl<'l, 'd> Leftover<'l, 'd> {
    /// Joins may be known never to go on, and nodes never to be reached.
    pub(super) fn of(drawing: &'l Drawing<'d>, goes_on: impl Fn(usize) -> bool) -> Self {
        let rests = (0..drawing.nodes.len()).filter(|at| loops::rests(&drawing.nodes[*at]));
        let stays = reaching(drawing, rests);
        let goes_on: Vec<bool> = (0..drawing.nodes.len()).map(goes_on).collect();
        Self { drawing, knots: loops::knots(drawing, |at| goes_on[at]), goes_on, stays }
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

    /// For each node whether only branches that a loop leaves behind come there, so that those of several rounds there are that loop's.
    pub(super) fn nodes(&self) -> Vec<bool> {
        let all = self.behind();
        (0..self.drawing.nodes.len()).map(|at| all.values().any(|it| it.nodes[at])).collect()
    }

    /// What each loop leaves behind, without what loops within that leave behind.
    pub(super) fn behind_each(&self) -> Vec<Behind> {
        let mut all: Vec<Behind> = self.behind().into_values().collect();
        // What two loops leave behind is either apart or the one within the other, so each node is of the smallest that has it.
        let size = |it: &Behind| it.nodes.iter().filter(|is_there| **is_there).count();
        all.sort_by_cached_key(size);
        let mut taken = vec![false; self.drawing.nodes.len()];
        for behind in &mut all {
            for (is_there, is_taken) in behind.nodes.iter_mut().zip(&mut taken) {
                *is_there &= !std::mem::replace(is_taken, *is_taken || *is_there);
            }
        }
        all
    }

    /// What is left behind, by the number of the knot.
    fn behind(&self) -> BTreeMap<usize, Behind> {
        let count = self.drawing.nodes.len();
        let mut all: BTreeMap<usize, Behind> = BTreeMap::new();
        for at in (0..count).filter(|at| self.left_behind(*at).is_some()) {
            let nothing = || Behind { forks: Vec::new(), nodes: vec![false; count] };
            let behind = all.entry(self.knots[at]).or_insert_with(nothing);
            let mut out = self.drawing.nodes[at].out.clone();
            out.retain(|edge| self.leaves(*edge) && self.is_own(*edge, &mut behind.nodes));
            behind.forks.push((at, out));
        }
        all
    }

    /// Whether no other way than such edges leads into what follows an edge; if so, that is noted.
    fn is_own(&self, edge: usize, noted: &mut [bool]) -> bool {
        let Line { from, to: begin, .. } = self.drawing.edges[edge];
        if noted[begin] {
            return true;
        }
        let after = self.drawing.reached_from(begin);
        let is_own = |at: usize| after[at] && self.drawing.nodes[at].node.kind != "end";
        let is_foreign = |line: &Line<'_>, edge: usize| {
            is_own(line.to)
                && !after[line.from]
                && !(self.knots[line.from] == self.knots[from] && self.leaves(edge))
        };
        let mut edges = self.drawing.edges.iter().enumerate();
        let is_foreign = edges.any(|(edge, line)| is_foreign(line, edge));
        if !is_foreign {
            (0..noted.len()).filter(|at| is_own(*at)).for_each(|at| noted[at] = true);
        }
        !is_foreign
    }

    /// The way back into a node's loop and one out of it that is taken at the same time, to where a branch may stay.
    fn left_behind(&self, at: usize) -> Option<[usize; 2]> {
        let drawn = self.goes_on[at].then_some(&self.drawing.nodes[at])?;
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
