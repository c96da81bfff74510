//! The drawing while it is made: nodes and edges by place, among them places that ways only pass through.

use crate::ids::{Ids, of_text};
use journey::draft::{Edge, Node, Point};
use serde_json::{Map, Value};

/// Nodes and edges by place.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) spots: Vec<Spot>,
    pub(super) lines: Vec<Line>,
    pub(super) ids: Ids,
    edges: Ids,
}

pub(super) struct Spot {
    pub(super) node: Node,
    /// No node will stand here: ways lead through.
    pub(super) is_pass: bool,
    /// Whether the file says where it stands.
    pub(super) is_drawn: bool,
    /// The id of the element it was made of.
    pub(super) element: String,
}

pub(super) struct Line {
    pub(super) edge: Edge,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) element: String,
    /// Whether it has the id that we gave it.
    pub(super) is_ours: bool,
    /// Its place among the flows of the file; the last for one that was not in it.
    pub(super) place: usize,
}

impl Graph {
    /// Puts a node that we wrote, under the id it has.
    pub(super) fn keep(&mut self, node: Node, element: &str) -> usize {
        self.ids.take(&node.id);
        self.push(Spot { node, is_pass: false, is_drawn: false, element: element.to_owned() })
    }

    /// Puts a new node, under an id made of its name, or of the element's id, or of its kind.
    pub(super) fn put(&mut self, kind: &str, name: &str, element: &str) -> usize {
        let id = of_text(name, &of_text(element, kind));
        let id = self.ids.free(&id);
        let node = Node { id, kind: kind.to_owned(), name: name.to_owned(), ..Node::default() };
        self.push(Spot { node, is_pass: false, is_drawn: false, element: element.to_owned() })
    }

    /// Puts a place that ways pass through.
    pub(super) fn pass(&mut self) -> usize {
        self.push(Spot {
            node: Node::default(),
            is_pass: true,
            is_drawn: false,
            element: String::new(),
        })
    }

    /// Makes a node of a place.
    pub(super) fn become_node(&mut self, at: usize, kind: &str, name: &str) {
        let id = self.ids.free(&of_text(name, kind));
        let position = self.spots[at].node.position;
        let (kind, name) = (kind.to_owned(), name.to_owned());
        let spot = &mut self.spots[at];
        spot.node = Node { id, kind, name, position, ..Node::default() };
        spot.is_pass = false;
    }

    fn push(&mut self, spot: Spot) -> usize {
        self.spots.push(spot);
        self.spots.len() - 1
    }

    pub(super) fn settings(&mut self, at: usize) -> &mut Map<String, Value> {
        &mut self.spots[at].node.settings
    }

    pub(super) fn set(&mut self, at: usize, member: &str, value: impl Into<Value>) {
        self.settings(at).insert(member.to_owned(), value.into());
    }

    /// Draws an edge that was not there before.
    pub(super) fn draw(&mut self, from: usize, port: &str, to: usize) -> usize {
        let port = (port != "out").then(|| port.to_owned());
        let edge = Edge { port, ..Edge::default() };
        self.lines.push(Line {
            edge,
            from,
            to,
            element: String::new(),
            is_ours: false,
            place: usize::MAX,
        });
        self.lines.len() - 1
    }

    /// Stands a node beside another, a little below.
    pub(super) fn beside(&mut self, at: usize, of: usize) {
        let Point { x, y } = self.spots[of].node.position;
        self.spots[at].is_drawn = self.spots[of].is_drawn;
        self.spots[at].node.position = Point { x: x + 130.0, y: y + 110.0 };
        self.spots[at].node.lane = self.spots[of].node.lane.clone();
    }

    /// Takes the places out that ways pass through, and gives every edge its ends and an id.
    pub(super) fn finish(&mut self) {
        let ends = self.ends();
        let mut lines = std::mem::take(&mut self.lines);
        lines.retain(|line| !self.spots[line.from].is_pass);
        lines.sort_by_key(|line| line.place);
        for line in lines.iter().filter(|line| line.is_ours) {
            self.edges.take(&line.edge.id);
        }
        for line in &mut lines {
            if !line.is_ours {
                line.edge.id = self.edges.free(&of_text(&line.element, "way"));
            }
            line.to = ends[line.to];
            line.edge.from.clone_from(&self.spots[line.from].node.id);
            line.edge.to.clone_from(&self.spots[line.to].node.id);
        }
        self.lines = lines;
    }

    /// The node that each place leads to at last; places that lead nowhere become ends.
    pub(super) fn ends(&mut self) -> Vec<usize> {
        self.break_circles();
        let onward = self.onward();
        let mut ends: Vec<usize> = (0..self.spots.len()).collect();
        let mut known: Vec<bool> = self.spots.iter().map(|spot| !spot.is_pass).collect();
        for start in 0..ends.len() {
            let (mut at, mut path) = (start, Vec::new());
            while !known[at] {
                path.push(at);
                known[at] = true;
                let Some(next) = onward[at] else { break };
                at = next;
            }
            let end = ends[at];
            for passed in path {
                ends[passed] = end;
            }
        }
        ends
    }

    /// Where each place leads that ways pass through.
    fn onward(&mut self) -> Vec<Option<usize>> {
        let mut onward = vec![None; self.spots.len()];
        let mut is_entered = vec![false; self.spots.len()];
        for line in &self.lines {
            is_entered[line.to] = true;
            if self.spots[line.from].is_pass && onward[line.from].is_none() {
                onward[line.from] = Some(line.to);
            }
        }
        for at in 0..self.spots.len() {
            if self.spots[at].is_pass && onward[at].is_none() && is_entered[at] {
                self.become_node(at, "end", "End");
                self.set(at, "outcome", "done");
            }
        }
        onward
    }

    /// Makes a join of one place in every circle that has nothing but such places in it.
    fn break_circles(&mut self) {
        let mut next = vec![None; self.spots.len()];
        for line in &self.lines {
            if self.spots[line.from].is_pass && next[line.from].is_none() {
                next[line.from] = Some(line.to);
            }
        }
        let mut seen = vec![usize::MAX; self.spots.len()];
        for start in 0..self.spots.len() {
            let mut at = start;
            while self.spots[at].is_pass && seen[at] == usize::MAX {
                seen[at] = start;
                match next[at] {
                    Some(to) => at = to,
                    None => break,
                }
            }
            if self.spots[at].is_pass && seen[at] == start && next[at].is_some() {
                self.become_node(at, "join", "Ways meet");
                self.set(at, "need", "any");
            }
        }
    }
}
