//! Parts of a drawing as text: what copy gives and paste takes.

use super::{
    Op, geometry, groups,
    kinds::{self, FreshIds},
};
use crate::messages::t;
use journey::{
    Draft,
    draft::{Edge, Group, Node, Point},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Most characters that are read from a clipboard.
const TEXT: usize = 8_000_000;

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

/// Why a text cannot be pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is nothing of a journey.
    Foreign,
    /// It is longer than any drawing.
    TooLong,
}

/// The chosen nodes and the edges between them, as JSON text; `None` when nothing is chosen.
pub fn copy(draft: &Draft, chosen: &BTreeSet<String>) -> Option<String> {
    let nodes: Vec<Node> =
        draft.nodes.iter().filter(|node| chosen.contains(&node.id)).cloned().collect();
    let inside = |edge: &&Edge| chosen.contains(&edge.from) && chosen.contains(&edge.to);
    let edges = draft.edges.iter().filter(inside).cloned().collect();
    let groups = groups::whole(draft, chosen).cloned().collect();
    let part = Part { waymark: "part".to_owned(), nodes, edges, groups };
    (!part.nodes.is_empty()).then(|| serde_json::to_string(&part).unwrap_or_default())
}

/// The left upper corner of copied nodes; `None` when the text cannot be pasted.
pub fn corner(text: &str) -> Option<Point> {
    let places = read(text).ok()?.nodes.into_iter().map(|node| node.position);
    places.reduce(|a, b| Point { x: a.x.min(b.x), y: a.y.min(b.y) })
}

fn read(text: &str) -> Result<Part, Unusable> {
    if text.len() > TEXT {
        return Err(Unusable::TooLong);
    }
    let part: Part = serde_json::from_str(text).map_err(|_| Unusable::Foreign)?;
    if part.waymark == "part" && !part.nodes.is_empty() { Ok(part) } else { Err(Unusable::Foreign) }
}

/// The change that adds copied text with fresh ids, moved by `by`, and the ids of its nodes.
pub fn paste(draft: &Draft, text: &str, by: Point) -> Result<(Op, Vec<String>), Unusable> {
    let part = read(text)?;
    let mut fresh = FreshIds::of(draft);
    let (mut nodes, mut renamed) = (Vec::new(), HashMap::new());
    let (regrouped, all) = fresh_groups(draft, part.groups);
    let mut ops: Vec<Op> = groups::with_groups(draft, all).into_iter().collect();
    for (at, mut node) in (draft.nodes.len()..).zip(part.nodes) {
        let id = fresh.next(&stem(&node));
        nodes.push(id.clone());
        renamed.insert(std::mem::replace(&mut node.id, id.clone()), id);
        node.group = node.group.and_then(|group| regrouped.get(&group).cloned());
        node.position = geometry::snap(geometry::plus(node.position, by));
        ops.push(Op::InsertNode { at, node });
    }
    let mut at = draft.edges.len();
    for mut edge in part.edges {
        let (Some(from), Some(to)) = (renamed.get(&edge.from), renamed.get(&edge.to)) else {
            continue;
        };
        edge.id = fresh.next("edge");
        (edge.from, edge.to) = (from.clone(), to.clone());
        ops.push(Op::InsertEdge { at, edge });
        at += 1;
    }
    Ok((Op::Several(ops), nodes))
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
