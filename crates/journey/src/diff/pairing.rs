//! Which node or edge of one draft is which of the other.

use crate::{
    Draft,
    draft::{Edge, Node},
};
use std::collections::{HashMap, HashSet};

/// The elements of two drafts, told apart.
pub(super) struct Pairs<'a, T> {
    /// Of the same id, in the order of the first draft.
    pub(super) same: Vec<(&'a T, &'a T)>,
    /// Of another id but the same otherwise, as far as that can be told.
    pub(super) renamed: Vec<(&'a T, &'a T)>,
    pub(super) removed: Vec<&'a T>,
    pub(super) added: Vec<&'a T>,
}

impl<'a, T> Pairs<'a, T> {
    /// What is in both drafts.
    pub(super) fn matched(&self) -> impl Iterator<Item = (&'a T, &'a T)> {
        self.same.iter().chain(&self.renamed).copied()
    }

    /// Pairs by id; where an id is there twice, the first is the first.
    fn by_id(a: &'a [T], b: &'a [T], id: fn(&T) -> &str) -> Self {
        let (a, b) = (counted(a, id), counted(b, id));
        let place: HashMap<_, _> = b.iter().copied().collect();
        let mut pairs =
            Self { same: Vec::new(), renamed: Vec::new(), removed: Vec::new(), added: Vec::new() };
        for (key, from) in &a {
            match place.get(key) {
                Some(to) => pairs.same.push((from, to)),
                None => pairs.removed.push(from),
            }
        }
        let known: HashSet<_> = a.iter().map(|(key, _)| *key).collect();
        pairs.added = b.iter().filter(|(key, _)| !known.contains(key)).map(|(_, to)| *to).collect();
        pairs
    }

    /// Takes for renamed what is gone and new under the same key.
    fn rename(
        &mut self,
        mut before: impl FnMut(&T) -> String,
        mut after: impl FnMut(&T) -> String,
    ) {
        let mut new: HashMap<String, Vec<&'a T>> = HashMap::new();
        // Backwards, so that taking from the end takes in the order of the draft.
        for element in self.added.iter().rev() {
            new.entry(after(element)).or_default().push(element);
        }
        let mut taken: HashSet<*const T> = HashSet::new();
        let removed = std::mem::take(&mut self.removed);
        for from in removed {
            match new.get_mut(&before(from)).and_then(Vec::pop) {
                Some(to) => {
                    taken.insert(std::ptr::from_ref(to));
                    self.renamed.push((from, to));
                }
                None => self.removed.push(from),
            }
        }
        self.added.retain(|element| !taken.contains(&std::ptr::from_ref(*element)));
    }
}

type Counted<'a, T> = Vec<((&'a str, usize), &'a T)>;

/// Each element under its id, and how many of that id came before it.
fn counted<'a, T>(elements: &'a [T], id: fn(&T) -> &str) -> Counted<'a, T> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let count = |element: &'a T| {
        let count = seen.entry(id(element)).or_default();
        *count += 1;
        ((id(element), *count), element)
    };
    elements.iter().map(count).collect()
}

/// Nodes by id; one that is gone was renamed when a new one has its kind and neighbours, and its settings or at least its name.
pub(super) fn nodes<'a>(a: &'a Draft, b: &'a Draft) -> Pairs<'a, Node> {
    let mut pairs = Pairs::by_id(&a.nodes, &b.nodes, |node| &node.id);
    if pairs.removed.is_empty() || pairs.added.is_empty() {
        return pairs;
    }
    let both: HashSet<&str> = pairs.same.iter().map(|(from, _)| from.id.as_str()).collect();
    let (before, after) = (Around::of(a, &both), Around::of(b, &both));
    pairs.rename(
        |node| format!("{}\n{}", before.likeness(node), node.name),
        |node| format!("{}\n{}", after.likeness(node), node.name),
    );
    pairs.rename(|node| before.likeness(node), |node| after.likeness(node));
    pairs.rename(|node| before.place("old", node), |node| after.place("new", node));
    pairs
}

/// Edges by id; one that is gone was renamed when a new one joins the same ports.
pub(super) fn edges<'a>(a: &'a Draft, b: &'a Draft, nodes: &Pairs<'a, Node>) -> Pairs<'a, Edge> {
    let mut pairs = Pairs::by_id(&a.edges, &b.edges, |edge| &edge.id);
    let ids = renames(nodes);
    let ends = |edge: &Edge| format!("{}\n{}\n{}", edge.from, edge.port(), edge.to);
    pairs.rename(|edge| ends(&followed(edge, &ids)), ends);
    pairs
}

/// The new id of every renamed node, by its old one.
pub(super) fn renames<'a>(nodes: &Pairs<'a, Node>) -> HashMap<&'a str, &'a str> {
    nodes.renamed.iter().map(|(from, to)| (from.id.as_str(), to.id.as_str())).collect()
}

/// An edge whose ends have followed the nodes that were renamed.
pub(super) fn followed(edge: &Edge, renames: &HashMap<&str, &str>) -> Edge {
    let follow = |id: &str| renames.get(id).copied().unwrap_or(id).to_owned();
    Edge { from: follow(&edge.from), to: follow(&edge.to), ..edge.clone() }
}

/// The neighbours of every node that is in one draft only.
struct Around<'a> {
    neighbours: HashMap<&'a str, Vec<String>>,
}

impl<'a> Around<'a> {
    fn of(draft: &'a Draft, both: &HashSet<&str>) -> Self {
        let kinds: HashMap<&str, &str> =
            draft.nodes.iter().map(|node| (node.id.as_str(), node.kind.as_str())).collect();
        // A neighbour that has no id in common is known by its kind.
        let name = |id: &'a str| {
            if both.contains(id) { id } else { kinds.get(id).map_or("?", |kind| kind) }
        };
        let mut neighbours: HashMap<&'a str, Vec<String>> = HashMap::new();
        for edge in &draft.edges {
            let (from, to, port) = (edge.from.as_str(), edge.to.as_str(), edge.port());
            neighbours.entry(from).or_default().push(format!("{port}>{}", name(to)));
            neighbours.entry(to).or_default().push(format!("{}:{port}>", name(from)));
        }
        for around in neighbours.values_mut() {
            around.sort_unstable();
        }
        Self { neighbours }
    }

    /// What two nodes of different ids and settings must share to be taken for one: kind, name and neighbours. A node without
    /// a name, or without a neighbour, is like none of the other draft.
    fn place(&self, draft: &str, node: &Node) -> String {
        match self.neighbours.get(node.id.as_str()) {
            Some(around) if !node.name.is_empty() => {
                format!("{}\n{}\n{}", node.kind, node.name, around.join(" "))
            }
            Some(_) | None => format!("{draft} {}", node.id),
        }
    }

    /// What two nodes of different ids must share to be taken for one.
    fn likeness(&self, node: &Node) -> String {
        let settings = serde_json::Value::Object(node.settings.clone());
        let around = self.neighbours.get(node.id.as_str()).map(|around| around.join(" "));
        format!("{}\n{settings}\n{}", node.kind, around.unwrap_or_default())
    }
}
