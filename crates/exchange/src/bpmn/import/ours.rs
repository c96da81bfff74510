//! What we wrote ourselves, read again: our own text of a node or an edge, and over it what somebody changed in BPMN's words since.

use super::{
    super::{
        tree::{Element, Space, Tree},
        words,
    },
    reading::{Border, Bounds, Flow, Reading},
};
use journey::{
    draft::{Draft, Edge, Lane, Node, Point},
    ports::DEFAULT,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::HashMap;

/// What the process says of the journey as a whole.
#[derive(Deserialize)]
pub(super) struct Journey {
    pub(super) draft: Draft,
    /// Edges that are not drawn, with their places.
    #[serde(default)]
    pub(super) kept: Vec<(usize, Edge)>,
    /// The ids of elements in the order of the draft, where the file has another.
    #[serde(default)]
    pub(super) nodes: Vec<String>,
    #[serde(default)]
    pub(super) edges: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Port {
    pub(super) port: String,
}

/// Our text of an element, when it is still the element that we wrote it for.
pub(super) fn said<T: DeserializeOwned>(tree: &Tree, at: usize, name: &str) -> Option<T> {
    let text = tree.extension(at, Space::Ours, name)?;
    let is_of = text.attribute("for") == tree.elements[at].attribute("id");
    serde_json::from_str(&text.text).ok().filter(|_| is_of)
}

/// The journey as a whole, with what was changed since.
pub(super) fn journey(reading: &Reading<'_>) -> Option<Journey> {
    let (tree, at) = (reading.tree, reading.process);
    let mut journey: Journey = said(tree, at, "journey")?;
    let draft = &mut journey.draft;
    if let Some(name) = tree.elements[at].attribute("name") {
        follow(&mut draft.name, name);
    }
    match (tree.child_text(at, "documentation"), &mut draft.description) {
        (Some(text), Some(description)) => follow(description, text),
        (text, description) => *description = text.map(str::to_owned),
    }
    Some(journey)
}

/// The lane an element was written for, with the team somebody may have renamed.
pub(super) fn lane(tree: &Tree, at: usize) -> Option<Lane> {
    let mut lane: Lane = said(tree, at, "lane")?;
    if let Some(name) = tree.elements[at].attribute("name") {
        follow(&mut lane.team, name);
    }
    Some(lane)
}

/// The node a step was written for; `None` when somebody made another element of it.
pub(super) fn node(reading: &Reading<'_>, step: usize) -> Option<Node> {
    let at = reading.steps[step].at;
    let element = reading.element(at);
    let mut node: Node = said(reading.tree, at, "node")?;
    if words::element(&node) != element.name {
        return None;
    }
    if element.name == "textAnnotation" {
        rewrite(&mut node, "text", reading.tree.child_text(at, "text"), &words::note);
    } else {
        follow(&mut node.name, element.attribute("name").unwrap_or_default());
        let text = reading.tree.child_text(at, "documentation");
        let written = |node: &Node| words::documentation(node).unwrap_or_default();
        rewrite(&mut node, "instructions", text, &written);
    }
    if let Some(bounds) = reading.shape(at) {
        moved(&mut node, bounds);
    }
    Some(node)
}

/// Writes a text into a setting when it is not what we would have written.
fn rewrite(node: &mut Node, member: &str, text: Option<&str>, written: &dyn Fn(&Node) -> String) {
    let text = text.unwrap_or_default();
    if text != written(node) {
        node.settings.insert(member.to_owned(), text.into());
    }
}

fn moved(node: &mut Node, found: Bounds) {
    let element = words::element(node);
    let written = words::corner(element, node.position);
    let is_there =
        |one: f64, other: f64| one.to_bits() == other.to_bits() || (one - other).abs() == 0.0;
    if !is_there(found.x, written.x) || !is_there(found.y, written.y) {
        let (x, y) = words::inset(element);
        node.position = Point { x: found.x - x, y: found.y - y };
    }
}

/// The port an event on a border was written for.
pub(super) fn port(reading: &Reading<'_>, border: &Border) -> Option<String> {
    said::<Port>(reading.tree, border.at, "port").map(|said| said.port)
}

/// An edge that we wrote, with what was changed in its words.
pub(super) struct Kept {
    pub(super) edge: Edge,
    /// Whether its condition was changed, although such a way has none of its own.
    pub(super) has_stray_condition: bool,
}

/// The edge a flow was written for; `None` when it connects other things now.
pub(super) fn edge(reading: &Reading<'_>, flow: &Flow, ends: (&Node, &Node)) -> Option<Kept> {
    let element = reading.element(flow.at);
    let mut edge: Edge = said(reading.tree, flow.at, "edge")?;
    let (from, to) = ends;
    if edge.from != from.id || edge.to != to.id {
        return None;
    }
    let name = element.attribute("name").map(str::to_owned);
    if name != words::label(from, &edge) {
        edge.label = name;
    }
    let text = reading.tree.child_text(flow.at, "conditionExpression").map(str::to_owned);
    let written = words::condition(from, &edge).filter(|_| flow.border.is_none());
    let is_choice = matches!(words::element(from), "exclusiveGateway" | "inclusiveGateway");
    let mut has_stray_condition = false;
    if text != written {
        if is_choice && !words::is_default(from, &edge) {
            edge.when.clone_from(&text);
        } else {
            has_stray_condition = true;
        }
    }
    if is_choice && let Some(default) = new_default(reading, flow) {
        if id(element) == Some(default) {
            edge.port = Some(DEFAULT.to_owned());
            edge.when = None;
        } else if edge.port() == DEFAULT {
            edge.port = None;
            edge.when = text;
        }
    }
    Some(Kept { edge, has_stray_condition })
}

/// The default way of a choice, when it was another one that we wrote.
fn new_default<'t>(reading: &Reading<'t>, flow: &Flow) -> Option<&'t str> {
    let default = reading.of_step(flow.from).attribute("default")?;
    let written: Option<Edge> = said(reading.tree, reading.named(default)?, "edge");
    written.is_none_or(|edge| edge.port() != DEFAULT).then_some(default)
}

/// Takes over a text that is not what we would have written for ours.
fn follow(ours: &mut String, found: &str) {
    if words::clean(ours) != found {
        found.clone_into(ours);
    }
}

/// Puts items in the order of a list of ids; those that are not in it keep their order behind the others.
pub(super) fn in_order<T>(items: &mut [T], order: &[String], id: impl Fn(&T) -> Option<&str>) {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, id) in order.iter().enumerate() {
        places.entry(id.as_str()).or_insert(place);
    }
    items.sort_by_key(|item| id(item).and_then(|id| places.get(id)).copied().unwrap_or(usize::MAX));
}

/// Whether an element carries a text of ours that is no longer heeded.
pub(super) fn is_stale(tree: &Tree, at: usize) -> bool {
    let has = |name: &str| tree.extension(at, Space::Ours, name).is_some();
    has("node") || has("edge")
}

/// The id of an element.
pub(super) fn id(element: &Element) -> Option<&str> {
    element.attribute("id")
}
