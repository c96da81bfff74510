//! The only ways a draft changes, each with its way back.

use super::settings;
use journey::{
    Draft,
    draft::{Edge, Node, Point},
};

/// One change of a draft. Applying it gives the change that takes it back.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    InsertNode {
        at: usize,
        node: Node,
    },
    RemoveNode {
        id: String,
    },
    /// Puts another node in the place of the one with its id.
    ReplaceNode {
        node: Node,
    },
    InsertEdge {
        at: usize,
        edge: Edge,
    },
    RemoveEdge {
        id: String,
    },
    /// Puts another edge in the place of the one with its id.
    ReplaceEdge {
        edge: Edge,
    },
    /// Gives an edge another place in the order; a decision asks its ways in that order.
    ReorderEdge {
        id: String,
        to: usize,
    },
    /// New positions by node id.
    Move {
        to: Vec<(String, Point)>,
    },
    /// Another draft in the place of this one.
    Replace {
        draft: Box<Draft>,
    },
    /// Other settings of the journey itself; the drawing stays.
    ReplaceHead {
        head: Box<Draft>,
    },
    /// Several changes that hold together; undone in reverse.
    Several(Vec<Op>),
}

/// The change is about something the draft does not hold, or would give two things one id; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale;

impl Op {
    /// Changes the draft and gives the inverse.
    ///
    /// # Errors
    ///
    /// [`Stale`] when the draft does not hold what the change is about; the draft is as it was.
    pub fn apply(self, draft: &mut Draft) -> Result<Self, Stale> {
        match self {
            Self::InsertNode { at, node } => insert_node(draft, at, node),
            Self::RemoveNode { id } => {
                let at = node_at(draft, &id)?;
                Ok(Self::InsertNode { at, node: draft.nodes.remove(at) })
            }
            Self::ReplaceNode { node } => {
                let at = node_at(draft, &node.id)?;
                Ok(Self::ReplaceNode { node: std::mem::replace(&mut draft.nodes[at], node) })
            }
            Self::InsertEdge { at, edge } => insert_edge(draft, at, edge),
            Self::RemoveEdge { id } => {
                let at = edge_at(draft, &id)?;
                Ok(Self::InsertEdge { at, edge: draft.edges.remove(at) })
            }
            Self::ReplaceEdge { edge } => {
                let at = edge_at(draft, &edge.id)?;
                Ok(Self::ReplaceEdge { edge: std::mem::replace(&mut draft.edges[at], edge) })
            }
            Self::ReorderEdge { id, to } => {
                let at = edge_at(draft, &id)?;
                let edge = draft.edges.remove(at);
                draft.edges.insert(to.min(draft.edges.len()), edge);
                Ok(Self::ReorderEdge { id, to: at })
            }
            Self::Move { to } => relocate(draft, to),
            Self::Replace { draft: other } => {
                Ok(Self::Replace { draft: Box::new(std::mem::replace(draft, *other)) })
            }
            Self::ReplaceHead { head } => {
                let before = settings::head(draft);
                let (nodes, edges) =
                    (std::mem::take(&mut draft.nodes), std::mem::take(&mut draft.edges));
                *draft = Draft { nodes, edges, ..*head };
                Ok(Self::ReplaceHead { head: Box::new(before) })
            }
            Self::Several(ops) => several(draft, ops),
        }
    }
}

fn node_at(draft: &Draft, id: &str) -> Result<usize, Stale> {
    draft.nodes.iter().position(|node| node.id == id).ok_or(Stale)
}

fn edge_at(draft: &Draft, id: &str) -> Result<usize, Stale> {
    draft.edges.iter().position(|edge| edge.id == id).ok_or(Stale)
}

fn insert_node(draft: &mut Draft, at: usize, node: Node) -> Result<Op, Stale> {
    if node_at(draft, &node.id).is_ok() || at > draft.nodes.len() {
        return Err(Stale);
    }
    let id = node.id.clone();
    draft.nodes.insert(at, node);
    Ok(Op::RemoveNode { id })
}

fn insert_edge(draft: &mut Draft, at: usize, edge: Edge) -> Result<Op, Stale> {
    if edge_at(draft, &edge.id).is_ok() || at > draft.edges.len() {
        return Err(Stale);
    }
    let id = edge.id.clone();
    draft.edges.insert(at, edge);
    Ok(Op::RemoveEdge { id })
}

fn relocate(draft: &mut Draft, to: Vec<(String, Point)>) -> Result<Op, Stale> {
    let places =
        to.iter().map(|(id, _)| node_at(draft, id)).collect::<Result<Vec<usize>, Stale>>()?;
    let mut back = Vec::with_capacity(to.len());
    for (at, (id, point)) in places.into_iter().zip(to) {
        back.push((id, std::mem::replace(&mut draft.nodes[at].position, point)));
    }
    back.reverse();
    Ok(Op::Move { to: back })
}

fn several(draft: &mut Draft, ops: Vec<Op>) -> Result<Op, Stale> {
    let mut back = Vec::with_capacity(ops.len());
    for op in ops {
        if let Ok(inverse) = op.apply(draft) {
            back.push(inverse);
        } else {
            for inverse in back.into_iter().rev() {
                inverse.apply(draft)?;
            }
            return Err(Stale);
        }
    }
    back.reverse();
    Ok(Op::Several(back))
}
