//! Which nodes can be at work at the same time.
//!
//! After the concurrency relation of free-choice nets (Kovalyov 1992), with the engine's joins: whatever a split sends out runs
//! beside one another, and so does what follows each of them; what follows a join runs beside what cannot arrive at it.

use super::{
    bits::Bits,
    drawing::Drawing,
    soundness::{is_inclusive, is_reminder, need},
    ways,
};
use crate::{limits, settings::Need};
use std::collections::{HashMap, HashSet};

/// Where a branch can be: at a node, or at a join by one of its ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum At {
    Node(usize),
    Way(usize),
}

/// What can be at work at the same time, as long as no joins wait for one another.
#[derive(Debug)]
pub(super) struct AtOnce {
    /// Two nodes, the one drawn first first.
    pub(super) pairs: HashSet<(usize, usize)>,
    /// For each node whether two branches can be there.
    pub(super) twice: Vec<bool>,
    /// For each edge into a join the others by which a branch can wait beside it.
    ways: HashMap<usize, Vec<usize>>,
    /// A node, and an edge into a join by which a branch can wait meanwhile.
    waits: HashSet<(usize, usize)>,
}

impl AtOnce {
    /// Whether branches can wait at one join by several of these edges.
    pub(super) fn come_together(&self, edges: &HashSet<usize>) -> bool {
        let mut others = edges.iter().filter_map(|edge| self.ways.get(edge)).flatten();
        others.any(|other| edges.contains(other))
    }

    /// Whether a branch can be at a node while another waits by one of these edges.
    pub(super) fn waits_beside(&self, node: usize, edges: &HashSet<usize>) -> bool {
        edges.iter().any(|edge| self.waits.contains(&(node, *edge)))
    }
}

/// Everything that can be at work at the same time; `None` when there are more pairs than the limit.
pub(super) fn at_once(drawing: &Drawing<'_>) -> Option<AtOnce> {
    let to = |edge: &usize| drawing.edges[*edge].to;
    let mut relation = Relation {
        drawing,
        arcs: drawing.nodes.iter().map(|drawn| drawn.out.iter().map(to).collect()).collect(),
        found: HashSet::new(),
        open: Vec::new(),
        leads: HashMap::new(),
    };
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
    Some(AtOnce::of(drawing, relation.found))
}

impl AtOnce {
    fn of(drawing: &Drawing<'_>, found: HashSet<(At, At)>) -> Self {
        let to = |edge: usize| drawing.edges[edge].to;
        let mut at_once = Self {
            pairs: HashSet::new(),
            twice: vec![false; drawing.nodes.len()],
            ways: HashMap::new(),
            waits: HashSet::new(),
        };
        for pair in found {
            match pair {
                (At::Node(one), At::Node(other)) if one == other => at_once.twice[one] = true,
                (At::Node(one), At::Node(other)) => drop(at_once.pairs.insert((one, other))),
                (At::Node(node), At::Way(edge)) | (At::Way(edge), At::Node(node)) => {
                    at_once.waits.insert((node, edge));
                }
                (At::Way(one), At::Way(other)) if to(one) == to(other) && one != other => {
                    at_once.ways.entry(one).or_default().push(other);
                }
                (At::Way(_), At::Way(_)) => {}
            }
        }
        at_once
    }
}

struct Relation<'r, 'd> {
    drawing: &'r Drawing<'d>,
    /// For each node where it leads to.
    arcs: Vec<Vec<usize>>,
    found: HashSet<(At, At)>,
    open: Vec<(At, At)>,
    /// For each join and node the ways into the join that can be taken from there without passing it.
    leads: HashMap<usize, Vec<Bits>>,
}

impl Relation<'_, '_> {
    fn arrival(&self, edge: usize) -> At {
        let to = self.drawing.edges[edge].to;
        if self.drawing.nodes[to].node.kind == "join" { At::Way(edge) } else { At::Node(to) }
    }

    fn add(&mut self, one: At, other: At) {
        let pair = (one.min(other), one.max(other));
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

    /// Whether a join can go on while a branch is somewhere else: it waits for each way that has not come and that can be taken from there.
    fn passes(&mut self, join: usize, other: At) -> bool {
        let stands = match other {
            At::Node(at) => at,
            At::Way(edge) => self.drawing.edges[edge].to,
        };
        if stands == join {
            // What comes by one way at a time is taken along; a second one waits for the next round.
            return self.has(other, other);
        }
        if need(&self.drawing.nodes[join]) != Need::All {
            return true;
        }
        let drawing = self.drawing;
        let into = &drawing.nodes[join].into;
        let leads = self.leads.entry(join).or_insert_with(|| {
            let ways = into.iter().enumerate().map(|(way, edge)| (drawing.edges[*edge].from, way));
            ways::into(join, &ways.collect::<Vec<_>>(), into.len(), &self.arcs)
        });
        let is_coming: Vec<bool> = (0..into.len()).map(|way| leads[stands].has(way)).collect();
        into.iter()
            .zip(is_coming)
            .all(|(edge, is_coming)| !is_coming || self.has(At::Way(*edge), other))
    }

    fn has(&self, one: At, other: At) -> bool {
        self.found.contains(&(one.min(other), one.max(other)))
    }
}
