//! What differs between two drafts: as data to draw, and in words for whoever reviews it.

use crate::{
    Draft, document,
    draft::{Edge, Node},
};
use pairing::Pairs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;

mod element;
mod fields;
mod lists;
mod pairing;
mod rows;
mod schemas;
mod sentence;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use element::node as node_in_words;
pub(crate) use sentence::capital;
pub(crate) use words::quoted;

/// Every difference between two drafts, journey first, then nodes, then edges.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    pub changes: Vec<Change>,
    /// Whether they do the same and only look different: every change is a move on the canvas.
    pub layout_only: bool,
}

/// One difference. Taken in order, the fields of all changes turn the first draft into the second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    pub element: Element,
    /// Id of the node or edge: the old one of a renamed element, otherwise the one in the second draft (the first when it was removed). Empty for the journey and for moves, which are grouped.
    pub id: String,
    pub fields: Vec<Field>,
    /// What changed, in plain words.
    pub sentence: String,
}

/// What became of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// One field holds the whole element.
    Added,
    /// One field holds the whole element.
    Removed,
    Changed,
    /// Nodes stand elsewhere on the canvas; the field `/<node>/position` of each says where.
    Moved,
    /// Only its id is another; the edges of a renamed node lead to the new id.
    Renamed,
    /// A decision asks its ways in another order; the field `/ways` lists its edges.
    Reordered,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Element {
    Node,
    Edge,
    Journey,
}

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// JSON pointer within the node, edge or draft.
    pub pointer: String,
    /// Absent when the member was added.
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<Value>,
    /// Absent when the member was removed.
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub to: Option<Value>,
}

/// What turns one draft into another.
///
/// Nodes and edges are matched by id. One that is gone while another of the same kind and neighbours, and the same settings or name, is new was renamed.
pub fn diff(a: &Draft, b: &Draft) -> Diff {
    let nodes = pairing::nodes(a, b);
    let edges = pairing::edges(a, b, &nodes);
    let mut comparison = Comparison { a, b, changes: Vec::new() };
    comparison.journey();
    comparison.nodes(&nodes);
    comparison.edges(&edges, &nodes);
    comparison.orders(&edges);
    let layout_only = !comparison.changes.is_empty()
        && comparison.changes.iter().all(|change| change.kind == ChangeKind::Moved);
    Diff { changes: comparison.changes, layout_only }
}

struct Comparison<'a> {
    a: &'a Draft,
    b: &'a Draft,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn journey(&mut self) {
        let (from, to) = (journey_members(self.a), journey_members(self.b));
        self.members(Element::Journey, "", (&from, &to), &sentence::Subject::journey());
    }

    fn nodes(&mut self, pairs: &Pairs<'_, Node>) {
        for (node, renamed) in &pairs.renamed {
            let subject = element::node(node);
            let sentence = sentence::renamed(&subject, &node.id, &renamed.id);
            self.renamed(Element::Node, (&node.id, &renamed.id), sentence);
        }
        for node in &pairs.removed {
            let sentence = format!("{} is removed.", sentence::capital(&element::node(node)));
            self.removed(Element::Node, &node.id, node, sentence);
        }
        for node in &pairs.added {
            let sentence = format!("{} is added.", sentence::capital(&element::node(node)));
            self.added(Element::Node, &node.id, node, sentence);
        }
        for (from, to) in pairs.matched() {
            let members = (node_members(from), node_members(to));
            let subject = sentence::Subject::node(from, to);
            self.members(Element::Node, &to.id, (&members.0, &members.1), &subject);
        }
        self.moves(pairs);
    }

    fn moves(&mut self, pairs: &Pairs<'_, Node>) {
        let moved: Vec<_> =
            pairs.matched().filter(|(from, to)| from.position != to.position).collect();
        let sentence = match moved.as_slice() {
            [] => return,
            [(_, node)] => {
                format!("{} was moved on the canvas.", sentence::capital(&element::node(node)))
            }
            moved => format!("{} nodes were moved on the canvas.", moved.len()),
        };
        let fields = moved.iter().map(|(from, to)| Field {
            pointer: format!("/{}/position", fields::escaped(&to.id)),
            from: Some(value(&from.position)),
            to: Some(value(&to.position)),
        });
        self.changes.push(Change {
            kind: ChangeKind::Moved,
            element: Element::Node,
            id: String::new(),
            fields: fields.collect(),
            sentence,
        });
    }

    fn edges(&mut self, pairs: &Pairs<'_, Edge>, nodes: &Pairs<'_, Node>) {
        let ids = pairing::renames(nodes);
        let (before, after) = (element::Names::of(self.a), element::Names::of(self.b));
        let both = element::Names::of_both(self.a, self.b);
        for (edge, renamed) in &pairs.renamed {
            let sentence = sentence::renamed(&before.edge(edge), &edge.id, &renamed.id);
            self.renamed(Element::Edge, (&edge.id, &renamed.id), sentence);
        }
        for edge in &pairs.removed {
            let sentence = format!("{} is removed.", sentence::capital(&before.edge(edge)));
            self.removed(Element::Edge, &edge.id, edge, sentence);
        }
        for edge in &pairs.added {
            let sentence = format!("{} is added.", sentence::capital(&after.edge(edge)));
            self.added(Element::Edge, &edge.id, edge, sentence);
        }
        for (from, to) in pairs.matched() {
            let followed = pairing::followed(from, &ids);
            let members = (edge_members(&followed), edge_members(to));
            for name in differing(&members.0, &members.1) {
                let (was, is) = (members.0.get(name), members.1.get(name));
                let sentence = both.edge_member(&followed, to, name);
                self.changed((Element::Edge, &to.id), name, (was, is), sentence);
            }
        }
    }

    /// The order in which decisions ask their ways.
    fn orders(&mut self, pairs: &Pairs<'_, Edge>) {
        let after = element::Names::of(self.b);
        let ids: HashMap<_, _> =
            pairs.matched().map(|(from, to)| (from.id.as_str(), to.id.as_str())).collect();
        let before = self.a.edges.iter().enumerate();
        let place: HashMap<_, _> =
            before.filter_map(|(at, edge)| Some((*ids.get(edge.id.as_str())?, at))).collect();
        for node in self.b.nodes.iter().filter(|node| node.kind == "decision") {
            let asked = |edge: &&Edge| edge.from == node.id && edge.when.is_some();
            let now: Vec<&Edge> = self.b.edges.iter().filter(asked).collect();
            let mut was = now.clone();
            // What is new comes last, unless the change of order says otherwise.
            was.sort_by_key(|edge| place.get(edge.id.as_str()).copied().unwrap_or(usize::MAX));
            let ids = |edges: &[&Edge]| -> Vec<String> {
                edges.iter().map(|edge| edge.id.clone()).collect()
            };
            let (was, ids) = (ids(&was), ids(&now));
            if was != ids {
                let sentence = after.order(node, &now);
                let (was, is) = (Value::from(was), Value::from(ids));
                let fields =
                    vec![Field { pointer: "/ways".to_owned(), from: Some(was), to: Some(is) }];
                self.changes.push(Change {
                    kind: ChangeKind::Reordered,
                    element: Element::Node,
                    id: node.id.clone(),
                    fields,
                    sentence,
                });
            }
        }
    }

    /// One change for each member that differs.
    fn members(
        &mut self,
        element: Element,
        id: &str,
        (from, to): (&Map<String, Value>, &Map<String, Value>),
        subject: &sentence::Subject,
    ) {
        for name in differing(from, to) {
            let (was, is) = (from.get(name), to.get(name));
            self.changed((element, id), name, (was, is), sentence::of(subject, name, was, is));
        }
    }

    fn changed(
        &mut self,
        (element, id): (Element, &str),
        name: &str,
        (from, to): (Option<&Value>, Option<&Value>),
        sentence: String,
    ) {
        let fields = fields::between(&format!("/{}", fields::escaped(name)), from, to);
        let kind = ChangeKind::Changed;
        self.changes.push(Change { kind, element, id: id.to_owned(), fields, sentence });
    }

    fn renamed(&mut self, element: Element, (from, to): (&str, &str), sentence: String) {
        let field = Field {
            pointer: "/id".to_owned(),
            from: Some(Value::from(from)),
            to: Some(Value::from(to)),
        };
        let (kind, id) = (ChangeKind::Renamed, from.to_owned());
        self.changes.push(Change { kind, element, id, fields: vec![field], sentence });
    }

    fn removed(&mut self, element: Element, id: &str, whole: &impl Serialize, sentence: String) {
        let field = Field { pointer: String::new(), from: Some(value(whole)), to: None };
        let (kind, id) = (ChangeKind::Removed, id.to_owned());
        self.changes.push(Change { kind, element, id, fields: vec![field], sentence });
    }

    fn added(&mut self, element: Element, id: &str, whole: &impl Serialize, sentence: String) {
        let field = Field { pointer: String::new(), from: None, to: Some(value(whole)) };
        let (kind, id) = (ChangeKind::Added, id.to_owned());
        self.changes.push(Change { kind, element, id, fields: vec![field], sentence });
    }
}

/// The members that differ, in order of their names, `name` first: it is what the others are told apart by.
fn differing<'a>(from: &'a Map<String, Value>, to: &'a Map<String, Value>) -> Vec<&'a str> {
    let mut names: Vec<&str> = from
        .keys()
        .chain(to.keys().filter(|name| !from.contains_key(*name)))
        .map(String::as_str)
        .collect();
    names.retain(|name| from.get(*name) != to.get(*name));
    names.sort_by_key(|name| (*name != "name", *name));
    names
}

fn journey_members(draft: &Draft) -> Map<String, Value> {
    let whole = Draft { nodes: Vec::new(), edges: Vec::new(), ..draft.clone() };
    without(value(&whole), &["nodes", "edges"])
}

fn node_members(node: &Node) -> Map<String, Value> {
    without(value(node), &["id", "position"])
}

fn edge_members(edge: &Edge) -> Map<String, Value> {
    without(value(edge), &["id"])
}

fn without(whole: Value, names: &[&str]) -> Map<String, Value> {
    let Value::Object(mut members) = whole else { return Map::new() };
    members.retain(|name, _| !names.contains(&name.as_str()));
    members
}

/// What a draft's member is in JSON.
fn value(whole: &impl Serialize) -> Value {
    serde_json::to_value(whole).expect("a draft is read from JSON and has text for every key")
}
