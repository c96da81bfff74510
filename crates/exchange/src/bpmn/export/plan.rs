//! What is written where: the ids of everything, which nodes stand inside others, what hangs on their edges.

use super::{
    super::words,
    boundary::{self, Boundary},
};
use crate::{ids::Ids, limits};
use journey::draft::{Draft, Edge, Group, Node};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A draft, ready to be written.
pub(super) struct Plan<'a> {
    pub(super) draft: &'a Draft,
    pub(super) ids: Fixed,
    /// In the order of the draft.
    pub(super) nodes: Vec<Planned<'a>>,
    /// In the order of the draft; `None` for an edge that cannot be drawn in BPMN.
    pub(super) flows: Vec<Option<Flow>>,
    /// What each scope holds: the process, and each part of a for-each, by its place.
    scopes: HashMap<Option<usize>, Scope>,
    /// The ids of the lanes, in the order of the draft.
    pub(super) lanes: Vec<String>,
    pub(super) messages: Vec<Message>,
    pub(super) groups: Vec<Frame<'a>>,
}

/// Nodes and edges by place, in the order of the draft.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) nodes: Vec<usize>,
    pub(super) flows: Vec<usize>,
}

/// Ids of what every file has.
pub(super) struct Fixed {
    pub(super) definitions: String,
    pub(super) process: String,
    /// `None` without lanes.
    pub(super) pool: Option<Pool>,
}

pub(super) struct Pool {
    pub(super) collaboration: String,
    pub(super) participant: String,
    pub(super) lanes: String,
}

/// A message that something waits for.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) name: String,
}

/// A group, drawn as a frame around nodes.
pub(super) struct Frame<'a> {
    pub(super) group: &'a Group,
    pub(super) id: String,
    /// The ids of what names it.
    pub(super) category: String,
    pub(super) value: String,
    /// Where it is drawn, and around which nodes there, by place.
    pub(super) scope: Option<usize>,
    pub(super) nodes: Vec<usize>,
}

pub(super) struct Planned<'a> {
    pub(super) node: &'a Node,
    pub(super) id: String,
    pub(super) element: &'static str,
    pub(super) boundaries: Vec<Boundary>,
    /// The for-each it is a part of, by place.
    pub(super) inside: Option<usize>,
    /// The message it waits for, by place.
    pub(super) message: Option<usize>,
    /// By place; only where a lane can say so.
    pub(super) lane: Option<usize>,
    /// By place in [`Plan::flows`].
    pub(super) into: Vec<usize>,
    pub(super) out: Vec<usize>,
}

/// An edge that can be drawn.
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) from: usize,
    /// The event on the border of `from` that it leaves by, by place.
    pub(super) boundary: Option<usize>,
    pub(super) to: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn of(draft: &'a Draft) -> Self {
        let mut ids = Ids::default();
        let mut nodes = nodes(draft, &mut ids);
        for (at, parent) in parts(draft).into_iter().enumerate() {
            nodes[at].inside = parent;
            if parent.is_some() {
                nodes[at].lane = None;
            }
        }
        let flows = flows(draft, &mut nodes, &mut ids);
        let lanes = draft.lanes.iter().map(|lane| ids.free(&name(&lane.id, "lane"))).collect();
        let pool = (!draft.lanes.is_empty()).then(|| Pool {
            collaboration: ids.free("collaboration"),
            participant: ids.free("pool"),
            lanes: ids.free("lanes"),
        });
        let fixed =
            Fixed { definitions: ids.free("definitions"), process: ids.free("process"), pool };
        let messages = messages(&mut nodes, &mut ids);
        let groups = frames(draft, &nodes, &mut ids);
        let scopes = scopes(&nodes, &flows);
        Self { draft, ids: fixed, nodes, flows, scopes, lanes, messages, groups }
    }

    /// The nodes of each lane, in the order of the draft.
    pub(super) fn in_lanes(&self) -> Vec<Vec<&Planned<'a>>> {
        let mut lanes = vec![Vec::new(); self.lanes.len()];
        for planned in &self.nodes {
            if let Some(lane) = planned.lane {
                lanes[lane].push(planned);
            }
        }
        lanes
    }

    /// What one scope holds; `None` when it holds nothing.
    pub(super) fn inside(&self, scope: Option<usize>) -> Option<&Scope> {
        self.scopes.get(&scope)
    }

    /// The message that a node waits for.
    pub(super) fn message(&self, at: usize) -> Option<&str> {
        self.nodes[at].message.map(|message| self.messages[message].id.as_str())
    }

    /// The ids of the nodes in the order of the draft, when the file has another.
    pub(super) fn order_of_nodes(&self) -> Option<Vec<&str>> {
        let is_other = self.nodes.iter().any(|one| one.inside.is_some())
            || self.nodes.windows(2).any(|two| two[0].is_note() && !two[1].is_note());
        is_other.then(|| self.nodes.iter().map(|one| one.id.as_str()).collect())
    }

    /// The ids of the edges in the order of the draft, when the file has another.
    pub(super) fn order_of_edges(&self) -> Option<Vec<&str>> {
        let flows = self.flows.iter().flatten();
        let is_other = flows.clone().any(|flow| self.nodes[flow.from].inside.is_some());
        is_other.then(|| flows.map(|flow| flow.id.as_str()).collect())
    }
}

impl Planned<'_> {
    pub(super) fn is_note(&self) -> bool {
        self.element == "textAnnotation"
    }
}

fn nodes<'a>(draft: &'a Draft, ids: &mut Ids) -> Vec<Planned<'a>> {
    let mut lanes = HashMap::new();
    for (place, lane) in draft.lanes.iter().enumerate() {
        lanes.entry(lane.id.as_str()).or_insert(place);
    }
    let failing = failing(draft);
    let mut nodes = Vec::with_capacity(draft.nodes.len());
    for node in &draft.nodes {
        let element = words::element(node);
        let lane = node.lane.as_deref().and_then(|lane| lanes.get(lane)).copied();
        nodes.push(Planned {
            node,
            id: ids.free(&name(&node.id, "node")),
            element,
            boundaries: Vec::new(),
            inside: None,
            message: None,
            lane: lane.filter(|_| element != "textAnnotation"),
            into: Vec::new(),
            out: Vec::new(),
        });
    }
    for planned in &mut nodes {
        let fails = failing.contains(planned.node.id.as_str());
        let ports = boundary::of(planned.node).into_iter();
        planned.boundaries = ports
            .filter(|(_, event)| fails || !matches!(event, boundary::Event::Error))
            .map(|(port, event)| {
                let id = ids.free(&name(&format!("{}_{port}", planned.id), "boundary"));
                Boundary { id, port, event }
            })
            .collect();
    }
    nodes
}

/// The nodes whose failure leads on.
fn failing(draft: &Draft) -> HashSet<&str> {
    let edges = draft.edges.iter().filter(|edge| edge.port() == "error");
    edges.map(|edge| edge.from.as_str()).collect()
}

/// An id that XML takes: letters, digits, `_`, `-` and `.`, beginning with a letter or `_`.
fn name(id: &str, otherwise: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let name: String =
        id.chars().map(|letter| if fits(letter) { letter } else { '_' }).take(200).collect();
    match name.chars().next() {
        None => otherwise.to_owned(),
        Some(first) if first.is_ascii_alphabetic() || first == '_' => name,
        Some(_) => format!("{otherwise}_{name}"),
    }
}

/// Edges between two nodes of one scope, neither of them a note.
fn flows(draft: &Draft, nodes: &mut [Planned<'_>], ids: &mut Ids) -> Vec<Option<Flow>> {
    let places = places(draft);
    let mut flows = Vec::with_capacity(draft.edges.len());
    for (at, edge) in draft.edges.iter().enumerate() {
        let ends = ends(edge, &places, nodes);
        flows.push(ends.map(|(from, to)| {
            nodes[from].out.push(at);
            nodes[to].into.push(at);
            let mut borders = nodes[from].boundaries.iter();
            let boundary = borders.position(|boundary| boundary.port == edge.port());
            Flow { id: ids.free(&name(&edge.id, "flow")), from, boundary, to }
        }));
    }
    flows
}

fn ends(
    edge: &Edge,
    places: &HashMap<&str, usize>,
    nodes: &[Planned<'_>],
) -> Option<(usize, usize)> {
    let (from, to) = (*places.get(edge.from.as_str())?, *places.get(edge.to.as_str())?);
    let fits =
        nodes[from].inside == nodes[to].inside && !nodes[from].is_note() && !nodes[to].is_note();
    fits.then_some((from, to))
}

fn places(draft: &Draft) -> HashMap<&str, usize> {
    let mut places = HashMap::new();
    for (place, node) in draft.nodes.iter().enumerate() {
        places.entry(node.id.as_str()).or_insert(place);
    }
    places
}

/// The for-each that each node is a part of: what its range leads to, as long as no edge leads in from outside.
fn parts(draft: &Draft) -> Vec<Option<usize>> {
    let places = places(draft);
    let mut ways = vec![Vec::new(); draft.nodes.len()];
    for edge in &draft.edges {
        if let (Some(from), Some(to)) =
            (places.get(edge.from.as_str()), places.get(edge.to.as_str()))
        {
            ways[*from].push(*to);
        }
    }
    let mut parent = vec![None; draft.nodes.len()];
    if draft.nodes.len() > journey::limits::NODES {
        return parent;
    }
    for (at, node) in draft.nodes.iter().enumerate() {
        let Some(first) = first_of_range(node).and_then(|first| places.get(first)) else {
            continue;
        };
        let reached = reached(*first, &ways);
        let is_apart = !reached[at]
            && (0..reached.len())
                .all(|from| reached[from] || ways[from].iter().all(|to| !reached[*to]))
            && (0..reached.len()).all(|part| !reached[part] || parent[part].is_none());
        if is_apart {
            for part in (0..reached.len()).filter(|part| reached[*part]) {
                parent[part] = Some(at);
            }
        }
    }
    cut_deep(&mut parent);
    parent
}

/// The first node of a for-each's part of the drawing.
fn first_of_range(node: &Node) -> Option<&str> {
    let is_range = words::element(node) == "subProcess";
    let body = node.settings.get("body").filter(|_| is_range)?;
    body.get("from").and_then(Value::as_str)
}

fn reached(from: usize, ways: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; ways.len()];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            open.extend(&ways[at]);
        }
    }
    reached
}

/// Takes out parts that lie too deep, or in themselves.
fn cut_deep(parent: &mut [Option<usize>]) {
    let is_deep = |parent: &[Option<usize>], at: usize| {
        let mut depth = 0;
        let mut above = parent[at];
        while let Some(next) = above.filter(|_| depth <= limits::PARTS_DEPTH) {
            depth += 1;
            above = parent[next];
        }
        depth > limits::PARTS_DEPTH
    };
    let owners: HashSet<Option<usize>> =
        (0..parent.len()).filter(|at| is_deep(parent, *at)).map(|at| parent[at]).collect();
    for one in parent.iter_mut().filter(|one| owners.contains(one)) {
        *one = None;
    }
}

fn scopes(nodes: &[Planned<'_>], flows: &[Option<Flow>]) -> HashMap<Option<usize>, Scope> {
    let mut scopes: HashMap<Option<usize>, Scope> = HashMap::new();
    for (at, planned) in nodes.iter().enumerate() {
        scopes.entry(planned.inside).or_default().nodes.push(at);
    }
    for (at, flow) in flows.iter().enumerate() {
        if let Some(flow) = flow {
            scopes.entry(nodes[flow.from].inside).or_default().flows.push(at);
        }
    }
    scopes
}

fn messages(nodes: &mut [Planned<'_>], ids: &mut Ids) -> Vec<Message> {
    let mut messages = Vec::new();
    for planned in nodes {
        if let Some(name) = awaited(planned.node) {
            planned.message = Some(messages.len());
            messages.push(Message { id: ids.free("message"), name: words::clean(name) });
        }
    }
    messages
}

/// The groups that have nodes; of one whose nodes stand in several scopes those in the scope of the first.
fn frames<'a>(draft: &'a Draft, nodes: &[Planned<'_>], ids: &mut Ids) -> Vec<Frame<'a>> {
    let frame = |group: &'a Group| {
        let own = || {
            let nodes = nodes.iter().enumerate();
            nodes.filter(|(_, one)| one.node.group.as_ref() == Some(&group.id))
        };
        let scope = own().next()?.1.inside;
        let nodes = own().filter(|(_, one)| one.inside == scope).map(|(at, _)| at).collect();
        let id = ids.free(&name(&group.id, "group"));
        let category = ids.free(&format!("{id}_category"));
        let value = ids.free(&format!("{id}_name"));
        Some(Frame { group, id, category, value, scope, nodes })
    };
    draft.groups.iter().filter_map(frame).collect()
}

/// What a node waits for from outside: a hook, or a type of event.
fn awaited(node: &Node) -> Option<&str> {
    let settings = &node.settings;
    let name = match node.kind.as_str() {
        "trigger" => {
            let on = settings.get("on")?;
            match on.get("type")?.as_str()? {
                "webhook" => on.get("hook")?,
                "event" => on.get("event")?,
                _ => return None,
            }
        }
        "wait" => settings.get("event")?.get("name")?,
        _ => return None,
    };
    name.as_str()
}
