//! What can happen once it runs: what is reached, what never ends, what is read before it is there.

use super::{
    Diagnostic, Severity,
    drawing::Drawing,
    leftover, loops,
    names::{Names, Reading},
    report::{Place, Report},
    soundness,
};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};

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
    let bodies = bodies(drawing);
    if !triggers.is_empty() {
        let begin: Vec<usize> = triggers.iter().chain(bodies.iter().map(|body| &body.from)).copied().collect();
        let walks = Walks::from(drawing, &begin);
        unreachable(drawing, &walks, report);
        if !ends.is_empty() {
            let ends: Vec<usize> = ends.iter().chain(bodies.iter().map(|body| &body.to)).copied().collect();
            no_way_to_end(drawing, &ends, &walks, report);
        }
        let proof = soundness::check(drawing, &triggers, &walks, report);
        for body in &bodies {
            soundness::check(drawing, &[body.from], &walks, report);
        }
        leftover::check(drawing, &walks, report);
        debug_assert!(proof.meetings.len() <= drawing.nodes.len());
    }
    readings(drawing, names, report);
}

/// A part of the drawing that a node runs for each item of a list: no edge leads into it.
struct Body {
    from: usize,
    to: usize,
}

fn bodies(drawing: &Drawing<'_>) -> Vec<Body> {
    let find = |body: &Value, member: &str| {
        let id = body.get(member)?.as_str()?;
        drawing.nodes.iter().position(|drawn| drawn.node.id == id)
    };
    let bodies = drawing.nodes.iter().filter(|drawn| drawn.node.kind == "for_each");
    let bodies = bodies.filter_map(|drawn| drawn.node.settings.get("body"));
    bodies.filter_map(|body| Some(Body { from: find(body, "from")?, to: find(body, "to")? })).collect()
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
        while let Some(at) = open.pop_front() {
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

    /// The edges from a trigger to this node.
    pub(super) fn to(&self, drawing: &Drawing<'_>, mut at: usize) -> Vec<String> {
        let mut walk = Vec::new();
        while let Some(edge) = self.by[at] {
            walk.push(drawing.edges[edge].edge.id.clone());
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
        if walks.reached[at] && !reaching[at] {
            let message = "No end can be reached from here, so an instance would never finish; lead a way to an end.";
            report.add(
                Diagnostic::error("no-way-to-end", Place::Node(&drawn.node.id), message)
                    .walk(walks.to(drawing, at)),
            );
        }
    }
}

/// Variables nothing writes, and nodes read before they can have run.
fn readings(drawing: &Drawing<'_>, names: &Names<'_>, report: &Report) {
    let places: HashMap<&str, usize> =
        drawing.nodes.iter().enumerate().map(|(at, drawn)| (drawn.node.id.as_str(), at)).collect();
    let mut before: HashMap<usize, Vec<bool>> = HashMap::new();
    for reading in names.readings() {
        let path = &reading.reads.path;
        let (Some(root), Some(name)) = (path.first(), path.get(1)) else { continue };
        if root == "vars" && !names.is_written(name) && !reading.reads.tested {
            let message =
                format!("Nothing sets the variable '{name}'; set it before it is read here.");
            report.add(warn("unknown-variable", &reading, message));
        }
        if root != "nodes" {
            continue;
        }
        let at = reading.node.as_deref().and_then(|node| places.get(node).copied());
        let (Some(at), Some(read)) = (at, places.get(name.as_str()).copied()) else { continue };
        let before = before.entry(at).or_insert_with(|| runs_before(drawing, at));
        // An edge's condition is read when its node has been entered, not left.
        if !before[read] {
            let message = format!(
                "'{name}' cannot have run when this is read; no way leads from it to here."
            );
            report.add(warn("read-too-early", &reading, message));
        }
    }
}

/// Every node from which a way of at least one edge leads here.
fn runs_before(drawing: &Drawing<'_>, at: usize) -> Vec<bool> {
    reaching(drawing, drawing.nodes[at].into.iter().map(|edge| drawing.edges[*edge].from))
}

fn warn(code: &str, reading: &Reading, message: String) -> Diagnostic {
    let place = match (&reading.edge, &reading.node) {
        (Some(edge), _) => Place::Edge(edge),
        (None, Some(node)) => Place::Node(node),
        (None, None) => Place::Draft,
    };
    let found = Diagnostic::warning(code, place, message).on(reading.field.clone());
    debug_assert_eq!(found.severity, Severity::Warning);
    found
}
