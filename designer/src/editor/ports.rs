//! Where edges leave a node, and where they arrive.

use journey::{
    Draft,
    draft::{Edge, Node},
};
use serde_json::Value;

/// A place on a node's right side that edges leave from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The port as the draft names it (`out`, an outcome, a timer, `default`).
    pub id: String,
    /// What is written beside it; empty where a node has only one.
    pub label: String,
    pub role: Role,
}

/// What a port is, which decides how it looks and what an edge drawn from it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// One edge leaves here.
    Way,
    /// As many edges leave here as are drawn (parallel).
    Many,
    /// A decision's existing way: the edge that leaves here.
    Condition { edge: String },
    /// A decision's way for when no condition holds.
    Otherwise,
    /// Drawing from here adds a way to a decision.
    NewWay,
    /// The way a failure takes.
    Failure,
    /// The way a timer takes.
    Timer,
}

/// Every port of a node, top to bottom.
pub fn ports(draft: &Draft, node: &Node) -> Vec<Port> {
    match node.kind.as_str() {
        "end" | "note" => Vec::new(),
        "task" => task(node),
        "approval" => {
            vec![port("approved", "Approved", Role::Way), port("rejected", "Rejected", Role::Way)]
        }
        "action" => {
            vec![port("out", "Done", Role::Way), port("error", "If it fails", Role::Failure)]
        }
        "decision" => decision(draft, node),
        "parallel" => vec![port("out", "", Role::Many)],
        "wait" if node.settings.contains_key("timeout") => {
            vec![port("out", "It happened", Role::Way), port("timeout", "Too late", Role::Timer)]
        }
        _ => vec![port("out", "", Role::Way)],
    }
}

/// Whether edges may arrive at a node.
pub fn has_input(node: &Node) -> bool {
    !matches!(node.kind.as_str(), "trigger" | "note")
}

/// The place in [`ports`] an edge leaves from; `None` when its port is gone.
pub fn index_of(ports: &[Port], edge: &Edge) -> Option<usize> {
    let as_condition = ports
        .iter()
        .position(|port| matches!(&port.role, Role::Condition { edge: id } if *id == edge.id));
    as_condition.or_else(|| ports.iter().position(|port| port.id == edge.port()))
}

fn port(id: &str, label: &str, role: Role) -> Port {
    Port { id: id.to_owned(), label: label.to_owned(), role }
}

fn task(node: &Node) -> Vec<Port> {
    let listed = |field: &str| {
        node.settings.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    };
    let word = |value: &Value, field: &str| {
        value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut ports: Vec<Port> = listed("outcomes")
        .iter()
        .map(|outcome| Port {
            id: word(outcome, "id"),
            label: Some(word(outcome, "label"))
                .filter(|label| !label.is_empty())
                .unwrap_or_else(|| word(outcome, "id")),
            role: Role::Way,
        })
        .collect();
    ports.extend(listed("timers").iter().map(|timer| {
        let after = timer.get("after").map(super::duration::describe).unwrap_or_default();
        Port { id: word(timer, "id"), label: format!("After {after}"), role: Role::Timer }
    }));
    ports
}

fn decision(draft: &Draft, node: &Node) -> Vec<Port> {
    let mut ports: Vec<Port> = ways(draft, &node.id)
        .map(|edge| Port {
            id: edge.port().to_owned(),
            label: way_label(edge),
            role: Role::Condition { edge: edge.id.clone() },
        })
        .collect();
    ports.push(port("default", "Otherwise", Role::Otherwise));
    ports.push(port("out", "Add a way", Role::NewWay));
    ports
}

/// A decision's ways in the order they are asked, without the default one.
pub fn ways<'a>(draft: &'a Draft, node: &'a str) -> impl Iterator<Item = &'a Edge> {
    draft.edges.iter().filter(move |edge| edge.from == node && edge.port() != "default")
}

fn way_label(edge: &Edge) -> String {
    let written = edge.label.as_deref().or(edge.when.as_deref()).unwrap_or_default();
    if written.trim().is_empty() { "Condition to fill in".to_owned() } else { written.to_owned() }
}
