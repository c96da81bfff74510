//! What nodes and edges are called in a sentence.

use super::{
    sentence::capital,
    words::{formula, quoted},
};
use crate::{
    Draft,
    draft::{Edge, Node},
};
use std::collections::HashMap;

/// A node by its kind and name.
pub(crate) fn node(node: &Node) -> String {
    named(&node.kind, called(node))
}

/// What people call a node: its name, or its id while it has none.
pub(super) fn called(node: &Node) -> &str {
    if node.name.is_empty() { &node.id } else { &node.name }
}

pub(super) fn named(kind: &str, name: &str) -> String {
    format!("the {} {}", kind_word(kind), quoted(name))
}

pub(super) fn kind_word(kind: &str) -> &str {
    match kind {
        "ai_check" => "AI check",
        "for_each" => "for-each",
        "journey" => "sub-journey",
        "notify" => "notice",
        kind => kind,
    }
}

/// The names of a draft's nodes, by id.
pub(super) struct Names<'a> {
    nodes: HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(draft: &'a Draft) -> Self {
        let nodes = draft.nodes.iter();
        Self { nodes: nodes.map(|node| (node.id.as_str(), called(node))).collect() }
    }

    /// The names of two drafts; where both have a node, the second's.
    pub(super) fn of_both(a: &'a Draft, b: &'a Draft) -> Self {
        let mut names = Self::of(a);
        names.nodes.extend(Self::of(b).nodes);
        names
    }

    fn name(&self, id: &str) -> String {
        quoted(self.nodes.get(id).copied().unwrap_or(id))
    }

    /// Two nodes by their names, or by their ids when they are called the same.
    fn told_apart(&self, one: &str, other: &str) -> (String, String) {
        let (name, others) = (self.name(one), self.name(other));
        if name == others { (quoted(one), quoted(other)) } else { (name, others) }
    }

    /// An edge by its label or port and the nodes it joins.
    pub(super) fn edge(&self, edge: &Edge) -> String {
        let (way, from, to) = (way(edge), self.name(&edge.from), self.name(&edge.to));
        format!("the way{way} from {from} to {to}")
    }

    /// What changed in one member of an edge that was `from`, its ends under their present ids.
    pub(super) fn edge_member(&self, from: &Edge, to: &Edge, member: &str) -> String {
        let (way, start, end) = (way(to), self.name(&to.from), self.name(&to.to));
        let text = |label: &Option<String>| label.as_deref().map_or("nothing".to_owned(), quoted);
        match member {
            "to" => {
                let (end, was) = self.told_apart(&to.to, &from.to);
                format!("The way{way} from {start} now leads to {end} instead of {was}.")
            }
            "from" => {
                let (start, was) = self.told_apart(&to.from, &from.from);
                format!("The way{way} to {end} now begins at {start} instead of {was}.")
            }
            "port" => {
                let (port, was) = (quoted(to.port()), quoted(from.port()));
                format!("The way{way} from {start} to {end} now leaves by {port} instead of {was}.")
            }
            "label" => {
                let (label, was) = (text(&to.label), text(&from.label));
                format!("The way from {start} to {end} is now labelled {label} instead of {was}.")
            }
            "when" => {
                let way = format!("The way{way} from {start} to {end}");
                match (&from.when, &to.when) {
                    (Some(was), Some(when)) => format!(
                        "{way} is now taken when {} instead of {}.",
                        formula(when),
                        formula(was)
                    ),
                    (None, Some(when)) => format!("{way} is now taken when {}.", formula(when)),
                    (_, None) => format!("{way} no longer has a condition."),
                }
            }
            member => {
                let way = capital(&self.edge(to));
                format!("{way} changes in its member {}.", quoted(member))
            }
        }
    }

    /// The order in which a decision asks its ways now.
    pub(super) fn order(&self, decision: &Node, ways: &[&Edge]) -> String {
        const SHOWN: usize = 8;
        let shown: Vec<_> = ways.iter().take(SHOWN).map(|edge| self.asked(edge)).collect();
        let more = if ways.len() > SHOWN { ", …" } else { "" };
        let decision = capital(&node(decision));
        format!("{decision} asks its ways in another order: {}{more}.", shown.join(", "))
    }

    fn asked(&self, edge: &Edge) -> String {
        let label = edge.label.as_deref().filter(|label| !label.is_empty());
        label.map_or_else(|| format!("to {}", self.name(&edge.to)), quoted)
    }
}

/// ` 'label'`, or the port when that says more than `out`.
fn way(edge: &Edge) -> String {
    let label = edge.label.as_deref().filter(|label| !label.is_empty());
    let name = label.or_else(|| edge.port.as_deref().filter(|port| *port != "out"));
    name.map(|name| format!(" {}", quoted(name))).unwrap_or_default()
}
