//! Parts of a drawing as text: what copy gives and paste takes.

use super::{Op, geometry, groups, kinds};
use crate::messages::t;
use journey::{
    Draft,
    draft::{Edge, Group, Node, Point},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Most characters that are read from a clipboard.
const TEXT: usize = 1_000_000;

#[derive(Serialize, Deserialize)]
struct Part {
    /// Tells our text from other JSON.
    waymark: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// The groups that were copied whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
}

/// The chosen nodes and the edges between them, as JSON text; `None` when nothing is chosen.
pub fn copy(draft: &Draft, chosen: &BTreeSet<String>) -> Option<String> {
    let nodes: Vec<Node> =
        draft.nodes.iter().filter(|node| chosen.contains(&node.id)).cloned().collect();
    let inside = |edge: &&Edge| chosen.contains(&edge.from) && chosen.contains(&edge.to);
    let edges = draft.edges.iter().filter(inside).cloned().collect();
    let groups = groups::whole(draft, chosen).cloned().collect();
    let part = Part { waymark: "part".to_owned(), nodes, edges, groups };
    (!part.nodes.is_empty()).then(|| serde_json::to_string_pretty(&part).unwrap_or_default())
}

/// The left upper corner of copied nodes; `None` when the text is not ours.
pub fn corner(text: &str) -> Option<Point> {
    let places = read(text)?.nodes.into_iter().map(|node| node.position);
    places.reduce(|a, b| Point { x: a.x.min(b.x), y: a.y.min(b.y) })
}

fn read(text: &str) -> Option<Part> {
    if text.len() > TEXT {
        return None;
    }
    let part: Part = serde_json::from_str(text).ok()?;
    (part.waymark == "part" && !part.nodes.is_empty()).then_some(part)
}

/// The change that adds copied text with fresh ids, moved by `by`, and the ids of its nodes; `None` when the text is not ours.
pub fn paste(draft: &Draft, text: &str, by: Point) -> Option<(Op, Vec<String>)> {
    let part = read(text)?;
    let mut taken = Vec::new();
    let mut renamed = HashMap::new();
    let (regrouped, all) = fresh_groups(draft, part.groups);
    let mut ops: Vec<Op> = groups::with_groups(draft, all).into_iter().collect();
    for (at, mut node) in (draft.nodes.len()..).zip(part.nodes) {
        let id = kinds::fresh_id(draft, &stem(&node), &taken);
        taken.push(id.clone());
        renamed.insert(std::mem::replace(&mut node.id, id), taken[taken.len() - 1].clone());
        node.group = node.group.and_then(|group| regrouped.get(&group).cloned());
        node.position = geometry::snap(geometry::plus(node.position, by));
        ops.push(Op::InsertNode { at, node });
    }
    let nodes = taken.clone();
    let mut at = draft.edges.len();
    for mut edge in part.edges {
        let (Some(from), Some(to)) = (renamed.get(&edge.from), renamed.get(&edge.to)) else {
            continue;
        };
        edge.id = kinds::fresh_id(draft, "edge", &taken);
        taken.push(edge.id.clone());
        (edge.from, edge.to) = (from.clone(), to.clone());
        ops.push(Op::InsertEdge { at, edge });
        at += 1;
    }
    Some((Op::Several(ops), nodes))
}

/// New ids for groups, by the ids they were copied with, and all groups of the draft with them.
fn fresh_groups(draft: &Draft, copied: Vec<Group>) -> (HashMap<String, String>, Vec<Group>) {
    let (mut renamed, mut all) = (HashMap::new(), draft.groups.clone());
    for group in copied {
        let Group { id, .. } = groups::fresh(&all, t!("Group"));
        renamed.insert(group.id.clone(), id.clone());
        all.push(Group { id, ..group });
    }
    (renamed, all)
}

fn stem(node: &Node) -> String {
    kinds::find(&node.kind).map_or_else(|| "node".to_owned(), |kind| kind.id.to_owned())
}
