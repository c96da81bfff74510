//! The draft as a graph: nodes by place, and the edges that lead from one to another.

use super::{
    Diagnostic,
    fields::{Fields, bad_id, is_id, unknown_member},
    names::{INSTANCE, Names, Spot},
    nodes, range,
    report::{Place, Report},
    team, wiring,
};
use crate::{
    Draft, Journey,
    draft::Edge,
    expr::Expression,
    journey::{self, Way},
    limits,
    ports::Port,
    rehearsal::Case,
    settings::Kind,
};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The draft as far as it could be read.
pub(super) struct Drawing<'a> {
    pub(super) draft: &'a Draft,
    pub(super) nodes: Vec<Drawn<'a>>,
    pub(super) edges: Vec<Line<'a>>,
    exits: Vec<journey::Exit>,
}

pub(super) struct Drawn<'a> {
    pub(super) node: &'a crate::draft::Node,
    pub(super) kind: Option<Kind>,
    turn: Option<String>,
    assume: Option<journey::Assume>,
    pub(super) ports: Option<Vec<Port<'a>>>,
    /// Edges by place in [`Drawing::edges`], in the order of the draft.
    pub(super) out: Vec<usize>,
    pub(super) into: Vec<usize>,
    /// A way it needs is missing, and was reported.
    pub(super) incomplete: bool,
    /// It is where the items of a for-each are over, so nothing leads on from it.
    pub(super) ends_items: bool,
}

impl Drawn<'_> {
    /// Whether its ways are chosen by their conditions, not by a table.
    pub(super) fn chooses_by_conditions(&self) -> bool {
        self.node.kind == "decision" && !self.node.settings.contains_key("table")
    }
}

/// An edge both ends of which exist.
pub(super) struct Line<'a> {
    pub(super) edge: &'a Edge,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) when: Option<Expression>,
}

/// Whether the draft is small enough, and of a format this version reads.
pub(super) fn fits(draft: &Draft, report: &Report) -> bool {
    if draft.format != crate::format::FORMAT {
        let message = crate::format::wrong_version(draft.format);
        report.add(Diagnostic::error("unknown-format", Place::Draft, message).on("/format"));
        return false;
    }
    for (what, count, limit) in [
        ("nodes", draft.nodes.len(), limits::NODES),
        ("edges", draft.edges.len(), limits::EDGES),
        ("tests", draft.tests.len(), limits::TESTS),
    ] {
        if count > limit {
            let message = format!(
                "The journey has {count} {what}; the limit is {limit}. Split it into several journeys."
            );
            report
                .add(Diagnostic::error("too-large", Place::Draft, message).on(format!("/{what}")));
            return false;
        }
    }
    true
}

pub(super) fn compile<'a>(draft: &'a Draft, names: &Names<'_>, report: &Report) -> Drawing<'a> {
    members(draft, names);
    let places = ids(draft, report);
    let nodes = draft.nodes.iter().map(|node| {
        let read = nodes::read(names, node);
        Drawn {
            node,
            kind: read.kind,
            turn: read.turn,
            assume: read.assume,
            ports: read.ports,
            out: Vec::new(),
            into: Vec::new(),
            incomplete: false,
            ends_items: false,
        }
    });
    let mut drawing =
        Drawing { draft, nodes: nodes.collect(), edges: Vec::new(), exits: Vec::new() };
    for edge in &draft.edges {
        if let Some((from, to)) = wiring::ends(edge, &places, &drawing.nodes, report) {
            let when = wiring::condition(edge, &drawing.nodes[from], names);
            let place = drawing.edges.len();
            drawing.nodes[from].out.push(place);
            drawing.nodes[to].into.push(place);
            drawing.edges.push(Line { edge, from, to, when });
        }
    }
    drawing.exits = exits(draft, names);
    wiring::check(&mut drawing, report);
    drawing
}

/// The members of the draft itself.
fn members(draft: &Draft, names: &Names<'_>) {
    let report = names.report;
    unknown(report, Place::Draft, "", &draft.unknown);
    if draft.variables.as_ref().is_some_and(|variables| !variables.is_object()) {
        let message = "'variables' must be a JSON Schema object.";
        report.add(Diagnostic::error("wrong-type", Place::Draft, message).on("/variables"));
    }
    match &draft.settings {
        None => {}
        Some(serde_json::Value::Object(map)) => {
            let fields = Fields::of_draft(names, "settings", map);
            fields.choice("on_failure", &[("incident", ())]);
            if let Some(calendar) = fields.text("calendar") {
                names.calendar(calendar, fields.spot("/settings/calendar", &[]));
            }
            fields.finish();
        }
        Some(_) => {
            let message = "'settings' must be an object.";
            report.add(Diagnostic::error("wrong-type", Place::Draft, message).on("/settings"));
        }
    }
    lanes(draft, names);
    groups(draft, names.report);
    tests(draft, report);
}

/// Test cases that cannot be played.
fn tests(draft: &Draft, report: &Report) {
    let mut seen = HashSet::new();
    for (place, test) in draft.tests.iter().enumerate() {
        if !seen.insert(&test.id) {
            let message = format!("Two test cases have the id '{}'.", test.id);
            let found = Diagnostic::error("duplicate-id", Place::Draft, message);
            report.add(found.on(format!("/tests/{place}/id")));
        }
        if let Err(why) = Case::read(test) {
            let message = format!("The test case '{}' cannot be read: {why}.", test.name);
            let found = Diagnostic::warning("unreadable-test", Place::Draft, message);
            report.add(found.on(format!("/tests/{place}")));
        }
    }
}

/// Members that nothing knows; they are kept in the draft.
fn unknown(report: &Report, place: Place<'_>, at: &str, members: &Map<String, Value>) {
    for member in members.keys() {
        let message = unknown_member(member);
        report.add(
            Diagnostic::warning("unknown-member", place, message).on(format!("{at}/{member}")),
        );
    }
}

fn lanes(draft: &Draft, names: &Names<'_>) {
    let mut lanes = HashSet::new();
    for (place, lane) in draft.lanes.iter().enumerate() {
        let field = format!("/lanes/{place}");
        unknown(names.report, Place::Draft, &field, &lane.unknown);
        identified(names.report, "lanes", place, &lane.id, lanes.insert(lane.id.as_str()));
        let field = format!("{field}/team");
        names.team(&lane.team, Spot { place: Place::Draft, node: None, field: &field, roots: &[] });
    }
    for node in &draft.nodes {
        if let Some(lane) = node.lane.as_deref().filter(|lane| !lanes.contains(lane)) {
            let message = format!("There is no lane '{lane}'; draw it or move the node.");
            names.report.add(
                Diagnostic::warning("unknown-lane", Place::Node(&node.id), message).on("/lane"),
            );
        }
    }
}

fn groups(draft: &Draft, report: &Report) {
    let mut groups = HashSet::new();
    for (place, group) in draft.groups.iter().enumerate() {
        unknown(report, Place::Draft, &format!("/groups/{place}"), &group.unknown);
        identified(report, "groups", place, &group.id, groups.insert(group.id.as_str()));
    }
    for node in &draft.nodes {
        if let Some(group) = node.group.as_deref().filter(|group| !groups.contains(group)) {
            let message =
                format!("There is no group '{group}'; take the node out of it, or group it anew.");
            report.add(
                Diagnostic::warning("unknown-group", Place::Node(&node.id), message).on("/group"),
            );
        }
    }
}

/// Says when an entry of a list of the draft has no id to go by, or one that an entry before it has.
fn identified(report: &Report, list: &str, place: usize, id: &str, is_first: bool) {
    let field = format!("/{list}/{place}/id");
    if !is_id(id) {
        report.add(Diagnostic::error("bad-id", Place::Draft, bad_id(id)).on(field.clone()));
    }
    if !is_first {
        let message = format!("There are two {list} '{id}'; give one another id.");
        report.add(Diagnostic::error("duplicate-id", Place::Draft, message).on(field));
    }
}

/// Every id once, and well formed; gives the place of each node.
fn ids<'a>(draft: &'a Draft, report: &Report) -> HashMap<&'a str, usize> {
    let mut places = HashMap::new();
    for (place, node) in draft.nodes.iter().enumerate() {
        let id = node.id.as_str();
        if !is_id(id) {
            report.add(Diagnostic::error("bad-id", Place::Node(id), bad_id(id)).on("/id"));
        }
        if places.contains_key(id) {
            let message = format!("There are two nodes '{id}'; give one another id.");
            report.add(Diagnostic::error("duplicate-id", Place::Node(id), message).on("/id"));
        }
        places.entry(id).or_insert(place);
    }
    let mut edges = HashSet::new();
    for edge in &draft.edges {
        if edge.id.is_empty() || edge.id.len() > 64 {
            let message = "An edge has an id of 1 to 64 characters.";
            report.add(Diagnostic::error("bad-id", Place::Edge(&edge.id), message).on("/id"));
        }
        if !edges.insert(edge.id.as_str()) {
            let message = format!("There are two edges '{}'; give one another id.", edge.id);
            report.add(Diagnostic::error("duplicate-id", Place::Edge(&edge.id), message).on("/id"));
        }
        unknown(report, Place::Edge(&edge.id), "", &edge.unknown);
    }
    places
}

fn exits(draft: &Draft, names: &Names<'_>) -> Vec<journey::Exit> {
    let mut exits = Vec::new();
    for (place, exit) in draft.exits.iter().enumerate() {
        unknown(names.report, Place::Draft, &format!("/exits/{place}"), &exit.unknown);
        let field = format!("/exits/{place}/when");
        let spot = Spot { place: Place::Draft, node: None, field: &field, roots: INSTANCE };
        if !is_id(&exit.outcome) {
            let field = format!("/exits/{place}/outcome");
            names
                .report
                .add(Diagnostic::error("bad-id", Place::Draft, bad_id(&exit.outcome)).on(field));
        }
        if let Some(when) = names.condition(&exit.when, spot) {
            exits.push(journey::Exit { when, outcome: exit.outcome.clone() });
        }
    }
    exits
}

impl Drawing<'_> {
    /// The parts of the drawing that items run through: the for-each, the first node and the last.
    pub(super) fn ranges(&self) -> Vec<(usize, usize, usize)> {
        let place = |id: &str| self.nodes.iter().position(|drawn| drawn.node.id == id);
        let ranges = self.nodes.iter().enumerate().filter_map(|(at, drawn)| {
            let (from, to) = range(drawn.node)?;
            Some((at, place(from)?, place(to)?))
        });
        ranges.collect()
    }

    /// The nodes that edges lead to from one, itself included.
    pub(super) fn reached_from(&self, from: usize) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                open.extend(self.nodes[at].out.iter().map(|edge| self.edges[*edge].to));
            }
        }
        reached
    }

    /// The journey, when every node could be read.
    pub(super) fn finish(self) -> Option<Journey> {
        let index = self
            .nodes
            .iter()
            .enumerate()
            .map(|(place, drawn)| (drawn.node.id.clone(), place))
            .collect();
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for drawn in self.nodes {
            let incoming = drawn.into.iter().map(|edge| {
                let line = &self.edges[*edge];
                (line.edge.id.clone(), line.from)
            });
            nodes.push(journey::Node {
                id: drawn.node.id.clone(),
                name: drawn.node.name.clone(),
                team: team::of(self.draft, drawn.node, drawn.kind.as_ref()),
                kind: drawn.kind?,
                turn: drawn.turn,
                assume: drawn.assume,
                incoming: incoming.collect(),
                ways: Vec::new(),
            });
        }
        for line in self.edges {
            nodes[line.from].ways.push(Way {
                edge: line.edge.id.clone(),
                port: line.edge.port().to_owned(),
                to: line.to,
                when: line.when,
            });
        }
        let calendar = self.draft.settings.as_ref().and_then(|settings| settings.get("calendar"));
        let calendar = calendar.and_then(|calendar| calendar.as_str()).map(str::to_owned);
        let (name, variables) = (self.draft.name.clone(), self.draft.variables.clone());
        let calls =
            |node: &&journey::Node| matches!(node.kind, Kind::ForEach(_) | Kind::Journey(_));
        let callers = nodes.iter().filter(calls).count();
        let callers = u32::try_from(callers).unwrap_or(u32::MAX);
        Some(Journey { name, nodes, index, exits: self.exits, callers, variables, calendar })
    }
}
