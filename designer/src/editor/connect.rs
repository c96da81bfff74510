//! What may be connected with what, and what an edge becomes.

use super::{
    Op, groups, kinds,
    ports::{self, Port, Role},
};
use journey::{
    Draft,
    draft::{Edge, Node},
    ports::takes_edges,
};
use std::collections::BTreeSet;

/// Nodes an edge drawn from this port may lead to.
pub fn targets(draft: &Draft, from: &str, port: &str) -> BTreeSet<String> {
    let fits = |node: &&Node| {
        takes_edges(&node.kind)
            && node.id != from
            && !draft.edges.iter().any(|edge| {
                edge.from == from && edge.port() == port && edge.to == node.id && port != "out"
            })
    };
    draft.nodes.iter().filter(fits).map(|node| node.id.clone()).collect()
}

/// The change that draws an edge; `None` when the two cannot be connected.
///
/// A port that holds one edge gives up the one it had. A decision's `out` adds a way whose condition is still to be written.
pub fn connect(draft: &Draft, from: &str, port: &str, to: &str) -> Option<Op> {
    if from == to || !takes_edges(&draft.node(to)?.kind) {
        return None;
    }
    let role = role_of(draft, from, port)?;
    let same = |edge: &&Edge| edge.from == from && edge.port() == port && edge.to == to;
    if draft.edges.iter().any(|edge| same(&edge)) && !matches!(role, Role::NewWay) {
        return None;
    }
    let mut ops = Vec::new();
    if holds_one(&role) {
        ops.extend(leaving(draft, from, port).map(|edge| Op::RemoveEdge { id: edge.id.clone() }));
    }
    let at = draft.edges.len() - ops.len();
    let edge = Edge {
        id: kinds::fresh_id(draft, "edge"),
        from: from.to_owned(),
        port: Some(port.to_owned()).filter(|port| port != "out"),
        to: to.to_owned(),
        when: matches!(role, Role::NewWay).then(String::new),
        ..Edge::default()
    };
    ops.push(Op::InsertEdge { at, edge });
    Some(Op::Several(ops))
}

/// The change that makes an edge lead elsewhere; `None` when it cannot.
pub fn redirect(draft: &Draft, edge: &str, to: &str) -> Option<Op> {
    let edge = draft.edges.iter().find(|candidate| candidate.id == edge)?;
    let fits = edge.from != to && edge.to != to && takes_edges(&draft.node(to)?.kind);
    fits.then(|| Op::ReplaceEdge { edge: Edge { to: to.to_owned(), ..edge.clone() } })
}

/// The changes that put a new node into an edge: the edge then leads to it, and its first port to where the edge led.
///
/// Between two nodes of a group it belongs to that group, too.
pub fn splice(draft: &Draft, edge: &str, mut node: Node) -> Option<Op> {
    let edge = draft.edges.iter().find(|candidate| candidate.id == edge)?;
    if !takes_edges(&node.kind) {
        return None;
    }
    let group = |id: &str| draft.node(id)?.group.clone();
    node.group = group(&edge.from).filter(|from| group(&edge.to).as_ref() == Some(from));
    let first = ports::ports(draft, &node).into_iter().next();
    let mut ops = vec![Op::InsertNode { at: draft.nodes.len(), node: node.clone() }];
    ops.push(Op::ReplaceEdge { edge: Edge { to: node.id.clone(), ..edge.clone() } });
    if let Some(port) = first {
        let onward = Edge {
            id: kinds::fresh_id(draft, "edge"),
            from: node.id,
            port: Some(port.id).filter(|port| port != "out"),
            to: edge.to.clone(),
            ..Edge::default()
        };
        ops.push(Op::InsertEdge { at: draft.edges.len(), edge: onward });
    }
    Some(Op::Several(ops))
}

/// The changes that take nodes and one edge away, with every edge that would hang in the air.
pub fn remove(draft: &Draft, nodes: &BTreeSet<String>, edge: Option<&str>) -> Op {
    let hangs = |candidate: &&Edge| {
        nodes.contains(&candidate.from)
            || nodes.contains(&candidate.to)
            || edge == Some(candidate.id.as_str())
    };
    let edges = draft.edges.iter().filter(hangs).map(|edge| Op::RemoveEdge { id: edge.id.clone() });
    let gone = draft.nodes.iter().filter(|node| nodes.contains(&node.id));
    let gone = gone.map(|node| Op::RemoveNode { id: node.id.clone() });
    Op::Several(edges.chain(gone).chain(groups::without(draft, nodes)).collect())
}

/// As [`remove`], and what led to the nodes leads on to where their first ways led.
pub fn heal(draft: &Draft, nodes: &BTreeSet<String>, edge: Option<&str>) -> Op {
    let first = |id: &str| ways_in_order(draft, id).next();
    let onward = |id: &str| {
        let mut at = first(id)?;
        // So many steps at most, since the nodes may lead round in a circle.
        for _ in 0..nodes.len() {
            if !nodes.contains(&at.to) {
                return Some(at.to.clone());
            }
            at = first(&at.to)?;
        }
        None
    };
    let arriving =
        draft.edges.iter().filter(|edge| !nodes.contains(&edge.from) && nodes.contains(&edge.to));
    let healed: Vec<Edge> = arriving
        .filter_map(|edge| {
            let to = onward(&edge.to).filter(|to| *to != edge.from)?;
            Some(Edge { to, ..edge.clone() })
        })
        .collect();
    let stays = |id: &str| healed.iter().any(|edge| edge.id == id);
    let Op::Several(removed) = remove(draft, nodes, edge) else { return Op::Several(Vec::new()) };
    let removed =
        removed.into_iter().filter(|op| !matches!(op, Op::RemoveEdge { id } if stays(id)));
    let led = healed.iter().cloned().map(|edge| Op::ReplaceEdge { edge });
    Op::Several(led.chain(removed).collect())
}

/// The edges that leave a node, in the order of its ports.
pub(super) fn ways_in_order<'a>(draft: &'a Draft, id: &str) -> impl Iterator<Item = &'a Edge> {
    let ports = draft.node(id).map(|node| ports::ports(draft, node)).unwrap_or_default();
    let mut ways: Vec<&Edge> = draft.edges.iter().filter(|edge| edge.from == id).collect();
    ways.sort_by_key(|edge| ports::index_of(&ports, edge));
    ways.into_iter()
}

/// A node's new self. Edges go along with a port that is called otherwise now, and away with one that is gone.
pub fn replace(draft: &Draft, node: Node) -> Op {
    let before = draft.node(&node.id).map(|old| ports::ports(draft, old)).unwrap_or_default();
    let after = ports::ports(draft, &node);
    let renamed = renamed(&before, &after);
    let mut ops = Vec::new();
    for edge in draft.edges.iter().filter(|edge| edge.from == node.id) {
        let stays =
            ports::index_of(&before, edge).is_none() || ports::index_of(&after, edge).is_some();
        match renamed {
            _ if stays => {}
            Some((from, to)) if edge.port() == from => {
                let port = Some(to.to_owned()).filter(|port| port != "out");
                ops.push(Op::ReplaceEdge { edge: Edge { port, ..edge.clone() } });
            }
            _ => ops.push(Op::RemoveEdge { id: edge.id.clone() }),
        }
    }
    ops.push(Op::ReplaceNode { node });
    Op::Several(ops)
}

/// The one port that has another name now, with both names; `None` when something else happened to the ports.
fn renamed<'a>(before: &'a [Port], after: &'a [Port]) -> Option<(&'a str, &'a str)> {
    fn without<'p>(these: &'p [Port], those: &[Port]) -> Vec<&'p str> {
        let missing = these.iter().filter(|port| those.iter().all(|other| other.id != port.id));
        missing.map(|port| port.id.as_str()).collect()
    }
    match (without(before, after).as_slice(), without(after, before).as_slice()) {
        ([from], [to]) => Some((from, to)),
        _ => None,
    }
}

/// The edges that leave a node by a port.
pub fn leaving<'a>(
    draft: &'a Draft,
    node: &'a str,
    port: &'a str,
) -> impl Iterator<Item = &'a Edge> {
    draft.edges.iter().filter(move |edge| edge.from == node && edge.port() == port)
}

fn role_of(draft: &Draft, node: &str, port: &str) -> Option<Role> {
    let node = draft.node(node)?;
    let ports = ports::ports(draft, node);
    // A decision's new way stands last and shares its port's name with the ways before it.
    let found: Option<Port> = ports.into_iter().rev().find(|candidate| candidate.id == port);
    found.map(|port| port.role)
}

fn holds_one(role: &Role) -> bool {
    match role {
        Role::Way | Role::Otherwise | Role::Failure | Role::Timer => true,
        Role::Many | Role::NewWay | Role::Condition { .. } => false,
    }
}
