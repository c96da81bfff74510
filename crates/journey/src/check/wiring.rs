//! Edges: where they start and end, the ports they leave by, and their conditions.

use super::{
    Diagnostic,
    drawing::{Drawing, Drawn},
    names::{INSTANCE, Names, Spot},
    report::{Place, Report},
};
use crate::{
    draft::Edge,
    expr::Expression,
    ports::{DEFAULT, Port, Role, takes_edges},
    settings::{Join, Kind, Need, On},
};
use std::collections::HashMap;

/// The places of an edge's two nodes, when it may lead from one to the other.
pub(super) fn ends(
    edge: &Edge,
    places: &HashMap<&str, usize>,
    nodes: &[Drawn<'_>],
    report: &Report,
) -> Option<(usize, usize)> {
    let place = Place::Edge(&edge.id);
    let find = |field: &str, id: &str| {
        let found = places.get(id).copied();
        if found.is_none() {
            let message = format!(
                "The edge leads to or from '{id}', which is not drawn; connect it to a node."
            );
            report.add(Diagnostic::error("dangling-edge", place, message).on(field));
        }
        found
    };
    let (from, to) = (find("/from", &edge.from), find("/to", &edge.to));
    let (from, to) = (from?, to?);
    if [from, to].into_iter().any(|end| nodes[end].node.kind == "note") {
        report.error(
            "edge-on-note",
            place,
            "A note is only read; connect the edge to another node.",
        );
        return None;
    }
    if !takes_edges(&nodes[to].node.kind) {
        report.add(
            Diagnostic::error(
                "edge-into-trigger",
                place,
                "Nothing leads into a trigger; an instance begins there.",
            )
            .on("/to"),
        );
        return None;
    }
    if let Some(ports) = &nodes[from].ports {
        let port = edge.port();
        let is_known = |known: &Port<'_>| known.role.is_open() || known.name == port;
        if !ports.iter().any(is_known) {
            let known: Vec<&str> = ports.iter().map(|known| known.name).collect();
            report.add(unknown_port(edge, port, &known));
            return None;
        }
    }
    Some((from, to))
}

fn unknown_port(edge: &Edge, port: &str, known: &[&str]) -> Diagnostic {
    let message = if known.is_empty() {
        format!("'{}' has no ways out; remove the edge.", edge.from)
    } else {
        format!("'{}' has no port '{port}'; it has {}.", edge.from, known.join(", "))
    };
    let mut found = Diagnostic::error("unknown-port", Place::Edge(&edge.id), message).on("/port");
    for port in known.iter().take(4) {
        let change = Edge { port: Some((*port).to_owned()), ..edge.clone() };
        found = found.fix(format!("Leave by '{port}'"), &change);
    }
    found
}

/// The condition of an edge, which only a decision's edges have.
pub(super) fn condition(edge: &Edge, from: &Drawn<'_>, names: &Names<'_>) -> Option<Expression> {
    let place = Place::Edge(&edge.id);
    if from.chooses_by_conditions() && edge.port() != DEFAULT {
        let Some(source) = edge.when.as_deref().filter(|when| !when.trim().is_empty()) else {
            let fix = Edge { port: Some(DEFAULT.to_owned()), when: None, ..edge.clone() };
            names.report.add(
                Diagnostic::error("missing-when", place, "This way has no condition, so it can never be chosen; write one, or make it the default way.")
                    .on("/when")
                    .fix("Make it the default way", &fix),
            );
            return None;
        };
        let spot = Spot { place, node: Some(&edge.from), field: "/when", roots: INSTANCE };
        return names.condition(source, spot);
    }
    if edge.when.is_some() {
        let message = if from.node.kind == "decision" {
            "The default way has no condition: it is taken when no other is."
        } else {
            "Only the ways out of a decision have conditions; this one is always taken."
        };
        let fix = Edge { when: None, ..edge.clone() };
        names.report.add(
            Diagnostic::error("stray-when", place, message)
                .on("/when")
                .fix("Remove the condition", &fix),
        );
    }
    None
}

pub(super) fn check(drawing: &mut Drawing<'_>, report: &Report) {
    ranges(drawing, report);
    for at in 0..drawing.nodes.len() {
        let incomplete = ways_out(drawing, at, report);
        drawing.nodes[at].incomplete = incomplete;
        ways_in(&drawing.nodes[at], report);
    }
    hooks(drawing, report);
}

/// The parts of the drawing that for-eaches run their items through: entered and left by no edge.
fn ranges(drawing: &mut Drawing<'_>, report: &Report) {
    for (_, from, to) in drawing.ranges() {
        drawing.nodes[to].ends_items = true;
        let wrong = |edge: usize, message: String| {
            let id = &drawing.edges[edge].edge.id;
            report.error("bad-range", Place::Edge(id), message);
        };
        for edge in &drawing.nodes[to].out {
            let id = &drawing.nodes[to].node.id;
            wrong(
                *edge,
                format!(
                    "'{id}' is where each item is over, so nothing leads on from it; remove this edge or choose a later node."
                ),
            );
        }
        let inside = drawing.reached_from(from);
        for (edge, line) in drawing.edges.iter().enumerate() {
            if inside[line.to] && !inside[line.from] {
                let id = &drawing.nodes[line.to].node.id;
                wrong(
                    edge,
                    format!(
                        "'{id}' runs once for each item, so nothing else leads to it; remove this edge."
                    ),
                );
            }
        }
        if drawing.nodes[from].node.kind == "join" && drawing.nodes[from].into.is_empty() {
            let node = &drawing.nodes[from].node.id;
            let message = format!(
                "The items would begin at '{node}', which waits for ways that lead to it, and none does; begin with the step behind it."
            );
            report.error("bad-range", Place::Node(node), message);
        }
        if !inside[to] {
            let node = &drawing.nodes[from].node.id;
            let message = format!(
                "No way leads from '{node}' to '{}', where each item is to be over; connect them.",
                drawing.nodes[to].node.id
            );
            report.error("bad-range", Place::Node(node), message);
        }
    }
}

/// Reports the ways a node lacks or has too many of; whether it lacks one.
fn ways_out(drawing: &Drawing<'_>, at: usize, report: &Report) -> bool {
    let drawn = &drawing.nodes[at];
    let place = Place::Node(&drawn.node.id);
    let Some(ports) = &drawn.ports else { return true };
    match drawn.node.kind.as_str() {
        "decision" if drawn.chooses_by_conditions() => return decision(drawing, drawn, report),
        "parallel" => {
            match drawn.out.len() {
                0 => report.error("missing-edge", place, "Nothing follows this node; connect it to what comes next."),
                1 => report.warning("single-way", place, "Only one way leaves here, so nothing runs in parallel; draw another or remove the node."),
                _ => {}
            }
            return drawn.out.is_empty();
        }
        _ => {}
    }
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for edge in &drawn.out {
        *uses.entry(drawing.edges[*edge].edge.port()).or_default() += 1;
    }
    let mut incomplete = false;
    for Port { name, role } in ports {
        let count = uses.get(name).copied().unwrap_or_default();
        if count == 0 && role.must_lead_on() && !drawn.ends_items {
            incomplete = true;
            let message = match role {
                Role::Outcome { label } if !label.is_empty() => {
                    format!("The outcome “{label}” leads nowhere; connect it to what comes next.")
                }
                _ if *name == "out" => {
                    "Nothing follows this node; connect it to what comes next.".to_owned()
                }
                _ => format!("The way '{name}' leads nowhere; connect it to what comes next."),
            };
            report.error("missing-edge", place, message);
        }
        if count > 1 {
            report.error("several-edges", place, format!("Several edges leave by '{name}'; put a parallel node there if all are to be taken, or a decision if one is."));
        }
    }
    incomplete
}

fn decision(drawing: &Drawing<'_>, drawn: &Drawn<'_>, report: &Report) -> bool {
    let place = Place::Node(&drawn.node.id);
    if drawn.out.is_empty() {
        report.error(
            "missing-edge",
            place,
            "Nothing follows this node; connect it to what comes next.",
        );
        return true;
    }
    let edges = || drawn.out.iter().map(|edge| drawing.edges[*edge].edge);
    let defaults = edges().filter(|edge| edge.port() == DEFAULT).count();
    if defaults > 1 {
        report.error(
            "several-defaults",
            place,
            "The decision has several default ways; give all but one a condition and another port.",
        );
    }
    if defaults == 0 {
        let mut found = Diagnostic::error(
            "missing-default",
            place,
            "When no condition holds there is no way on; make one way the default.",
        );
        if let Some(last) = edges().next_back() {
            let fix = Edge { port: Some(DEFAULT.to_owned()), when: None, ..last.clone() };
            found = found.fix(format!("Make the way to '{}' the default", last.to), &fix);
        }
        report.add(found);
    }
    if defaults > 0 && drawn.out.len() == 1 {
        report.warning("single-way", place, "Only the default way leaves here, so nothing is decided; draw another or remove the node.");
    }
    false
}

fn ways_in(drawn: &Drawn<'_>, report: &Report) {
    let Some(Kind::Join(Join { need, .. })) = &drawn.kind else { return };
    let place = Place::Node(&drawn.node.id);
    let ways = drawn.into.len();
    if let Need::Count(count) = need
        && (*count == 0 || *count > ways)
    {
        let message =
            format!("The join needs {count} ways, but {ways} lead here; ask for 1 to {ways}.");
        report.add(Diagnostic::error("join-need", place, message).on("/need"));
    } else if ways == 1 {
        report.warning("single-way", place, "Only one way leads here, so there is nothing to join; draw another or remove the node.");
    }
}

fn hooks(drawing: &Drawing<'_>, report: &Report) {
    let mut hooks = HashMap::new();
    for drawn in &drawing.nodes {
        let Some(Kind::Trigger(trigger)) = &drawn.kind else { continue };
        if let On::Webhook { hook, .. } = &trigger.on
            && let Some(other) = hooks.insert(hook.as_str(), &drawn.node.id)
        {
            let message =
                format!("'{other}' has the hook '{hook}' already; give this one another.");
            report.add(
                Diagnostic::error("duplicate-hook", Place::Node(&drawn.node.id), message)
                    .on("/on/hook"),
            );
        }
    }
}
