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
    /// The id of the element it was made of.
    pub(super) element: String,
}

pub(super) struct Line {
    pub(super) edge: Edge,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) element: String,
}

impl Graph {
    /// Puts a node that we wrote, under the id it has.
    pub(super) fn keep(&mut self, node: Node, element: &str) -> usize {
        self.ids.take(&node.id);
        self.push(Spot { node, is_pass: false, element: element.to_owned() })
    }

    /// Puts a new node, under an id made of its name, or of the element's id, or of its kind.
    pub(super) fn put(&mut self, kind: &str, name: &str, element: &str) -> usize {
        let id = of_text(name, &of_text(element, kind));
        let id = self.ids.free(&id);
        let node = Node { id, kind: kind.to_owned(), name: name.to_owned(), ..Node::default() };
        self.push(Spot { node, is_pass: false, element: element.to_owned() })
    }

    /// Puts a place that ways pass through.
    pub(super) fn pass(&mut self) -> usize {
        self.push(Spot { node: Node::default(), is_pass: true, element: String::new() })
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
        self.lines.push(Line { edge, from, to, element: String::new() });
        self.lines.len() - 1
    }

    /// Stands a node beside another, a little below.
    pub(super) fn beside(&mut self, at: usize, of: usize) {
        let Point { x, y } = self.spots[of].node.position;
        self.spots[at].node.position = Point { x: x + 130.0, y: y + 110.0 };
        self.spots[at].node.lane = self.spots[of].node.lane.clone();
    }

    /// Takes the places out that ways pass through, and gives every edge its ends and an id.
    pub(super) fn finish(&mut self) {
        self.break_circles();
        let onward = self.onward();
        let mut entered = vec![false; self.spots.len()];
        let mut lines = std::mem::take(&mut self.lines);
        for line in lines.iter().filter(|line| !self.spots[line.from].is_pass) {
            entered[line.to] = true;
        }
        for line in &mut lines {
            let mut to = line.to;
            while let Some((next, label)) = onward[to].as_ref().filter(|_| self.spots[to].is_pass) {
                if line.edge.label.is_none() {
                    line.edge.label.clone_from(label);
                }
                to = *next;
            }
            line.to = to;
        }
        lines.retain(|line| !self.spots[line.from].is_pass);
        for line in lines.iter().filter(|line| !line.edge.id.is_empty()) {
            self.edges.take(&line.edge.id);
        }
        for line in &mut lines {
            if line.edge.id.is_empty() {
                let wanted = of_text(&line.element, "way");
                line.edge.id = self.edges.free(&wanted);
            }
            line.edge.from.clone_from(&self.spots[line.from].node.id);
            line.edge.to.clone_from(&self.spots[line.to].node.id);
        }
        self.lines = lines;
    }

    /// The node that a place leads to at last, or the place itself.
    pub(super) fn resolve(&self, at: usize) -> usize {
        let mut to = at;
        for _ in 0..=self.spots.len() {
            let next = self.lines.iter().find(|line| line.from == to);
            match next.filter(|_| self.spots[to].is_pass) {
                Some(line) => to = line.to,
                None => break,
            }
        }
        to
    }

    /// Where each place leads, and the words on the way; places that lead nowhere become ends.
    fn onward(&mut self) -> Vec<Option<(usize, Option<String>)>> {
        let mut onward = vec![None; self.spots.len()];
        for line in &self.lines {
            if self.spots[line.from].is_pass && onward[line.from].is_none() {
                onward[line.from] = Some((line.to, line.edge.label.clone()));
            }
        }
        for at in 0..self.spots.len() {
            if self.spots[at].is_pass && onward[at].is_none() {
                let is_entered = self.lines.iter().any(|line| line.to == at);
                if is_entered {
                    self.become_node(at, "end", "End");
                    self.set(at, "outcome", "done");
                }
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
