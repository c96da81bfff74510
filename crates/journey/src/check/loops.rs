//! Loops in which an instance would run without rest.

use super::{
    Diagnostic,
    drawing::{Drawing, Drawn},
    report::{Place, Report},
};
use crate::{
    calendar::Duration,
    settings::{Kind, Until},
};
use petgraph::{algo::kosaraju_scc, graph::DiGraph};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};

/// In milliseconds.
const A_MINUTE: i64 = 60_000;

/// How soon an instance can leave a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stay {
    /// Within the same step.
    None,
    /// As soon as another system has answered, or a moment has passed.
    Answer,
    /// When a person or time moves it on.
    Rest,
}

fn stay(drawn: &Drawn<'_>) -> Stay {
    let settings = &drawn.node.settings;
    match drawn.node.kind.as_str() {
        // A list may be empty, a condition may hold already, and what nobody is told of goes on.
        "set" | "decision" | "parallel" | "join" | "milestone" | "for_each" | "notify" => {
            Stay::None
        }
        "wait" if settings.contains_key("condition") => Stay::None,
        "journey" if settings.get("wait") == Some(&Value::Bool(false)) => Stay::Answer,
        "action" | "ai_check" => Stay::Answer,
        "wait" if is_hardly_one(drawn) => Stay::Answer,
        _ => Stay::Rest,
    }
}

/// Whether a wait is over before anyone could notice: for less than a minute, or until now.
fn is_hardly_one(drawn: &Drawn<'_>) -> bool {
    let Some(Kind::Wait(wait)) = &drawn.kind else { return false };
    match &wait.until {
        Until::Elapsed(Duration::Elapsed(time)) => time.as_milliseconds() < A_MINUTE,
        Until::Elapsed(Duration::Business(time)) => {
            time.days == 0 && time.milliseconds < A_MINUTE && time.by.is_none()
        }
        Until::Moment(moment) => moment.source() == "now",
        _ => false,
    }
}

/// Whether a branch may stay at a node for as long as a person or time takes.
pub(super) fn rests(drawn: &Drawn<'_>) -> bool {
    match drawn.node.kind.as_str() {
        "wait" | "for_each" => true,
        "end" | "note" | "trigger" => false,
        _ => stay(drawn) == Stay::Rest,
    }
}

/// For each node the number of its knot: nodes of one knot lead to one another. A node in no loop has a knot of its own, and so has one that does not go on.
pub(super) fn knots(drawing: &Drawing<'_>, goes_on: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut knots = vec![0; drawing.nodes.len()];
    for (number, component) in kosaraju_scc(&graph(drawing, goes_on)).into_iter().enumerate() {
        for place in component {
            knots[place.index()] = number;
        }
    }
    knots
}

fn graph(drawing: &Drawing<'_>, has: impl Fn(usize) -> bool) -> DiGraph<usize, ()> {
    let mut graph = DiGraph::with_capacity(drawing.nodes.len(), drawing.edges.len());
    let places: Vec<_> = (0..drawing.nodes.len()).map(|at| graph.add_node(at)).collect();
    for line in drawing.edges.iter().filter(|line| has(line.from) && has(line.to)) {
        graph.add_edge(places[line.from], places[line.to], ());
    }
    graph
}

pub(super) fn check(drawing: &Drawing<'_>, report: &Report) {
    for round in rounds(drawing, Stay::None) {
        let message = "This loop never waits for a person, a connector or time, so it would run for ever; put a wait, task or action into it.";
        let place = Place::Node(&drawing.nodes[round.first].node.id);
        report.add(Diagnostic::error("endless-loop", place, message).walk(round.walk));
    }
    for round in
        rounds(drawing, Stay::Answer).into_iter().filter(|round| round.stay == Stay::Answer)
    {
        let message = "This loop only calls other systems or waits for moments: it goes round as fast as they answer, until its condition lets it out. Put a wait of a minute or more into it.";
        let place = Place::Node(&drawing.nodes[round.first].node.id);
        report.add(Diagnostic::warning("busy-loop", place, message).walk(round.walk));
    }
}

struct Round {
    first: usize,
    walk: Vec<String>,
    /// The longest stay in the loop.
    stay: Stay,
}

/// Loops through nodes at which an instance stays no longer than this; one of each knot of loops.
fn rounds(drawing: &Drawing<'_>, longest: Stay) -> Vec<Round> {
    let passes = |at: usize| stay(&drawing.nodes[at]) <= longest;
    let graph = graph(drawing, passes);
    let mut rounds = Vec::new();
    for component in kosaraju_scc(&graph) {
        let within: HashSet<usize> = component.iter().map(|place| graph[*place]).collect();
        let slow = within.iter().filter(|at| stay(&drawing.nodes[**at]) == longest).min();
        let Some(first) = slow.or(within.iter().min()).copied() else { continue };
        let walk = round(drawing, first, &within);
        if passes(first) && !walk.is_empty() {
            rounds.push(Round { first, walk, stay: stay(&drawing.nodes[first]) });
        }
    }
    rounds
}

/// The edges of one way round a loop, from a node back to itself.
fn round(drawing: &Drawing<'_>, begin: usize, within: &HashSet<usize>) -> Vec<String> {
    let mut by: HashMap<usize, usize> = HashMap::new();
    let mut open = VecDeque::from([begin]);
    while let Some(at) = open.pop_front() {
        for edge in &drawing.nodes[at].out {
            let to = drawing.edges[*edge].to;
            if within.contains(&to) && !by.contains_key(&to) {
                by.insert(to, *edge);
                open.push_back(to);
            }
        }
    }
    let mut walk = Vec::new();
    let mut at = begin;
    while let Some(edge) = by.get(&at) {
        walk.push(drawing.edges[*edge].edge.id.clone());
        at = drawing.edges[*edge].from;
        if at == begin {
            break;
        }
    }
    walk.reverse();
    walk
}
