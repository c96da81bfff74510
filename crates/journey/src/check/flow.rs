//! What can happen once it runs: what is reached, what never ends, what is read before it is there.

use super::{
    Diagnostic, concurrent,
    dataflow::{self, Proven},
    drawing::Drawing,
    loops,
    names::Names,
    promises,
    report::{Place, Report},
    soundness::{Proof, Proving},
};
use std::collections::VecDeque;

pub(super) fn check(drawing: &Drawing<'_>, names: &Names<'_>, report: &Report) {
    loops::check(drawing, report);
    let triggers = of_kind(drawing, "trigger");
    let ends = of_kind(drawing, "end");
    if triggers.is_empty() {
        report.error("no-trigger", Place::Draft, "Nothing starts this journey; draw a trigger.");
    }
    if ends.is_empty() {
        report.error("no-end", Place::Draft, "Nothing ends this journey; draw an end.");
    }
    let ranges = drawing.ranges();
    let at_once = concurrent::at_once(drawing);
    let mut proof = Proof::default();
    if !triggers.is_empty() {
        let walks = Walks::from(drawing, &triggers);
        unreachable(drawing, &walks, report);
        if !ends.is_empty() {
            let items = ranges.iter().map(|(_, _, to)| *to);
            let ends: Vec<_> = ends.iter().copied().chain(items).collect();
            no_way_to_end(drawing, &ends, &walks, report);
        }
        let items = ranges.iter().map(|(_, from, _)| vec![*from]);
        let parts: Vec<_> = [triggers].into_iter().chain(items).collect();
        proof = Proving::of(drawing, &walks, at_once.as_ref(), report).check(&parts);
    }
    promises::check(drawing, names, report);
    let proven = Proven { proof: &proof, at_once: at_once.as_ref() };
    dataflow::check(drawing, names, &proven, report);
}

fn of_kind(drawing: &Drawing<'_>, kind: &str) -> Vec<usize> {
    (0..drawing.nodes.len()).filter(|at| drawing.nodes[*at].node.kind == kind).collect()
}

/// For every node the edge by which it is first reached; a trigger is reached by none.
pub(super) struct Walks {
    reached: Vec<bool>,
    by: Vec<Option<usize>>,
}

impl Walks {
    fn from(drawing: &Drawing<'_>, begin: &[usize]) -> Self {
        let count = drawing.nodes.len();
        let mut walks = Self { reached: vec![false; count], by: vec![None; count] };
        let mut open: VecDeque<usize> = begin.iter().copied().collect();
        for at in begin {
            walks.reached[*at] = true;
        }
        let ranges = drawing.ranges();
        while let Some(at) = open.pop_front() {
            for (_, from, _) in ranges.iter().filter(|(each, _, _)| *each == at) {
                if !std::mem::replace(&mut walks.reached[*from], true) {
                    open.push_back(*from);
                }
            }
            for edge in &drawing.nodes[at].out {
                let to = drawing.edges[*edge].to;
                if !walks.reached[to] {
                    walks.reached[to] = true;
                    walks.by[to] = Some(*edge);
                    open.push_back(to);
                }
            }
        }
        walks
    }

    /// Whether any way leads to this node.
    pub(super) fn lead_to(&self, at: usize) -> bool {
        self.reached[at]
    }

    /// The edges from a trigger to this node, by id.
    pub(super) fn to(&self, drawing: &Drawing<'_>, at: usize) -> Vec<String> {
        let edges = self.edges_to(drawing, at);
        edges.into_iter().map(|edge| drawing.edges[edge].edge.id.clone()).collect()
    }

    /// The edges from a trigger to this node.
    pub(super) fn edges_to(&self, drawing: &Drawing<'_>, mut at: usize) -> Vec<usize> {
        let mut walk = Vec::new();
        while let Some(edge) = self.by[at] {
            walk.push(edge);
            at = drawing.edges[edge].from;
        }
        walk.reverse();
        walk
    }
}

/// Every node from which one of these can be reached, themselves included.
pub(super) fn reaching(drawing: &Drawing<'_>, goals: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut reaching = vec![false; drawing.nodes.len()];
    let mut open: Vec<usize> = goals.into_iter().collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut reaching[at], true) {
            open.extend(drawing.nodes[at].into.iter().map(|edge| drawing.edges[*edge].from));
        }
    }
    reaching
}

fn unreachable(drawing: &Drawing<'_>, walks: &Walks, report: &Report) {
    for (at, drawn) in drawing.nodes.iter().enumerate() {
        if !walks.reached[at] && drawn.node.kind != "note" {
            report.error(
                "unreachable",
                Place::Node(&drawn.node.id),
                "No way leads here from a trigger; connect it or remove it.",
            );
        }
    }
}

fn no_way_to_end(drawing: &Drawing<'_>, ends: &[usize], walks: &Walks, report: &Report) {
    // A node with a way still missing has been reported; what leads to it may yet reach an end.
    let open = (0..drawing.nodes.len()).filter(|at| drawing.nodes[*at].incomplete);
    let reaching = reaching(drawing, ends.iter().copied().chain(open));
    for (at, drawn) in drawing.nodes.iter().enumerate() {
        // Told once, where it begins: what comes after has no way to an end because of it.
        let before = walks.by[at].map(|edge| drawing.edges[edge].from);
        let is_first = before.is_none_or(|from| reaching[from]);
        if walks.reached[at] && !reaching[at] && is_first {
            let message = "No end can be reached from here, so an instance would never finish; lead a way to an end.";
            report.add(
                Diagnostic::error("no-way-to-end", Place::Node(&drawn.node.id), message)
                    .walk(walks.to(drawing, at)),
            );
        }
    }
}
