//! Which nodes can be at work at the same time.
//!
//! After the concurrency relation of free-choice nets (Kovalyov 1992), with the engine's joins: whatever a split sends out runs
//! beside one another, and so does what follows each of them; what follows a join runs beside what cannot arrive at it.

use super::{
    drawing::Drawing,
    soundness::{is_inclusive, is_reminder, need},
};
use crate::{limits, settings::Need};
use std::collections::{HashMap, HashSet};

/// Where a branch can be: at a node, or at a join by one of its ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum At {
    Node(usize),
    Way(usize),
}

/// Every pair of nodes that can be at work at the same time; `None` when there are more pairs than the limit.
pub(super) fn pairs(drawing: &Drawing<'_>) -> Option<HashSet<(usize, usize)>> {
    let mut relation =
        Relation { drawing, found: HashSet::new(), open: Vec::new(), leads: HashMap::new() };
    for at in 0..drawing.nodes.len() {
        let ways = drawing.nodes[at].out.len();
        if ways * ways > limits::PROOF_PAIRS || relation.found.len() > limits::PROOF_PAIRS {
            return None;
        }
        relation.fork(at);
    }
    while let Some((one, other)) = relation.open.pop() {
        if relation.found.len() > limits::PROOF_PAIRS {
            return None;
        }
        relation.follow(one, other);
        relation.follow(other, one);
    }
    let nodes = relation.found.into_iter().filter_map(|pair| match pair {
        (At::Node(one), At::Node(other)) if one != other => Some((one, other)),
        (At::Node(_) | At::Way(_), At::Node(_) | At::Way(_)) => None,
    });
    Some(nodes.collect())
}

struct Relation<'r, 'd> {
    drawing: &'r Drawing<'d>,
    found: HashSet<(At, At)>,
    open: Vec<(At, At)>,
    /// For each join the nodes from which it can be reached without passing it.
    leads: HashMap<usize, Vec<bool>>,
}

impl Relation<'_, '_> {
    fn arrival(&self, edge: usize) -> At {
        let to = self.drawing.edges[edge].to;
        if self.drawing.nodes[to].node.kind == "join" { At::Way(edge) } else { At::Node(to) }
    }

    fn add(&mut self, one: At, other: At) {
        let pair = if one <= other { (one, other) } else { (other, one) };
        if self.found.insert(pair) {
            self.open.push(pair);
        }
    }

    /// What a node sends out beside one another.
    fn fork(&mut self, at: usize) {
        let drawn = &self.drawing.nodes[at];
        let is_fork = drawn.node.kind == "parallel" || is_inclusive(drawn);
        if is_fork {
            let arrivals: Vec<At> = drawn.out.iter().map(|edge| self.arrival(*edge)).collect();
            for (number, one) in arrivals.iter().enumerate() {
                for other in &arrivals[..number] {
                    self.add(*one, *other);
                }
            }
        }
        for edge in &drawn.out {
            if is_reminder(drawn, self.drawing.edges[*edge].edge.port()) {
                self.add(At::Node(at), self.arrival(*edge));
            }
        }
    }

    /// What follows the one can run beside the other.
    fn follow(&mut self, one: At, other: At) {
        let leaves = match one {
            At::Node(at) => at,
            At::Way(edge) => {
                let join = self.drawing.edges[edge].to;
                if !self.passes(join, other) {
                    return;
                }
                join
            }
        };
        for edge in &self.drawing.nodes[leaves].out {
            self.add(self.arrival(*edge), other);
        }
    }

    /// Whether a join can go on while a branch is somewhere else.
    fn passes(&mut self, join: usize, other: At) -> bool {
        let stands = match other {
            At::Node(at) => at,
            At::Way(edge) => self.drawing.edges[edge].to,
        };
        if stands == join {
            return false;
        }
        if need(&self.drawing.nodes[join]) != Need::All || !self.leads_to(stands, join) {
            return true;
        }
        let into = &self.drawing.nodes[join].into;
        into.iter().all(|edge| {
            let way = At::Way(*edge);
            let pair = if way <= other { (way, other) } else { (other, way) };
            self.found.contains(&pair)
        })
    }

    fn leads_to(&mut self, from: usize, join: usize) -> bool {
        let drawing = self.drawing;
        let leads = self.leads.entry(join).or_insert_with(|| {
            let mut leads = vec![false; drawing.nodes.len()];
            let before =
                |at: usize| drawing.nodes[at].into.iter().map(|edge| drawing.edges[*edge].from);
            let mut open: Vec<usize> = before(join).collect();
            while let Some(at) = open.pop() {
                if at != join && !std::mem::replace(&mut leads[at], true) {
                    open.extend(before(at));
                }
            }
            leads
        });
        leads[from]
    }
}
