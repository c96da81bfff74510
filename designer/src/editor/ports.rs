//! A node's ports as a person sees them: what `journey` says of them, in words, with a place for each of a decision's ways.

use crate::messages::t;
use journey::{
    Draft,
    draft::{Edge, Node},
    ports::{self as rule, DEFAULT},
};

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
    /// The way time takes.
    Timer,
}

/// Every port of a node, top to bottom.
pub fn ports(draft: &Draft, node: &Node) -> Vec<Port> {
    let ruled = rule::ports(node);
    let is_alone = ruled.len() == 1;
    let has_ways = ruled.iter().any(|port| port.role == rule::Role::Condition);
    let ways = has_ways.then(|| ways(draft, &node.id)).into_iter().flatten().map(way);
    ways.chain(ruled.iter().map(|port| drawn(port, is_alone))).collect()
}

/// The place in [`ports`] an edge leaves from; `None` when its port is gone.
pub fn index_of(ports: &[Port], edge: &Edge) -> Option<usize> {
    let as_condition = ports
        .iter()
        .position(|port| matches!(&port.role, Role::Condition { edge: id } if *id == edge.id));
    as_condition.or_else(|| ports.iter().position(|port| port.id == edge.port()))
}

/// A decision's ways in the order they are asked, without the default one.
pub fn ways<'a>(draft: &'a Draft, node: &'a str) -> impl Iterator<Item = &'a Edge> {
    draft.edges.iter().filter(move |edge| edge.from == node && edge.port() != DEFAULT)
}

fn drawn(port: &rule::Port<'_>, is_alone: bool) -> Port {
    let (role, label) = match port.role {
        rule::Role::Way if is_alone => (Role::Way, String::new()),
        rule::Role::Way if port.name == "out" => (Role::Way, t!("Done").to_owned()),
        rule::Role::Way => (Role::Way, crate::words::spoken(port.name)),
        rule::Role::Outcome { label: "" } => (Role::Way, port.name.to_owned()),
        rule::Role::Outcome { label } => (Role::Way, label.to_owned()),
        rule::Role::Timer { after } => {
            let after = after.map(super::duration::describe).unwrap_or_default();
            (Role::Timer, t!("After {after}", after))
        }
        rule::Role::Timeout => (Role::Timer, t!("Too late").to_owned()),
        rule::Role::Failure => (Role::Failure, t!("If it fails").to_owned()),
        rule::Role::Every => (Role::Many, String::new()),
        rule::Role::Condition => (Role::NewWay, t!("Add a way").to_owned()),
        rule::Role::Otherwise => (Role::Otherwise, t!("Otherwise").to_owned()),
    };
    Port { id: port.name.to_owned(), label, role }
}

fn way(edge: &Edge) -> Port {
    let written = edge.label.as_deref().or(edge.when.as_deref()).unwrap_or_default();
    let label = if written.trim().is_empty() { t!("Condition to fill in") } else { written };
    Port {
        id: edge.port().to_owned(),
        label: label.to_owned(),
        role: Role::Condition { edge: edge.id.clone() },
    }
}
