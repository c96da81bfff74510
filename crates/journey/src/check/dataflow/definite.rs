//! What has been written on every way to a node: a forward analysis to its greatest fixed point.
//!
//! Where ways merge, what both have written; after a join, what any of the ways has written that arrive together, for each set
//! of ways with which the join goes on (the proof of soundness says which there are).

use super::facts::{self, Fact};
use crate::check::{
    bits::Bits,
    drawing::Drawing,
    soundness::{Proof, Slot},
};
use std::collections::{HashMap, VecDeque};

/// The facts written before each node, and by each edge.
pub(super) struct Definite<'f, 'd> {
    drawing: &'f Drawing<'d>,
    proof: &'f Proof,
    pub(super) numbers: &'f HashMap<Fact, usize>,
    /// Before each node; `None` while no way there is known.
    into: Vec<Option<Bits>>,
    /// What each edge adds to what its node had.
    adds: Vec<Bits>,
}

/// What is known of facts at a place where nothing was written yet, beside what nodes write.
pub(super) struct Known {
    /// By node: what reading it shows to be there.
    pub(super) at: Vec<Vec<usize>>,
    /// By edge: what its condition shows.
    pub(super) on: Vec<Vec<usize>>,
    /// What the beginning of a part of the drawing has, by node.
    pub(super) begin: Vec<(usize, Vec<usize>)>,
}

impl<'f, 'd> Definite<'f, 'd> {
    pub(super) fn of(
        drawing: &'f Drawing<'d>,
        proof: &'f Proof,
        numbers: &'f HashMap<Fact, usize>,
        known: &Known,
    ) -> Self {
        let size = numbers.len();
        let mut adds = Vec::with_capacity(drawing.edges.len());
        for (edge, line) in drawing.edges.iter().enumerate() {
            let mut bits = Bits::none(size);
            let written = facts::written(&drawing.nodes[line.from], line.edge.port());
            let written = written.iter().filter_map(|fact| numbers.get(fact));
            for number in written.chain(&known.at[line.from]).chain(&known.on[edge]) {
                bits.set(*number);
            }
            adds.push(bits);
        }
        let into = vec![None; drawing.nodes.len()];
        let mut definite = Self { drawing, proof, numbers, into, adds };
        definite.settle(known);
        definite
    }

    fn settle(&mut self, known: &Known) {
        let mut open = VecDeque::new();
        for (at, facts) in &known.begin {
            let mut bits = Bits::none(self.numbers.len());
            for fact in facts {
                bits.set(*fact);
            }
            self.into[*at] = Some(bits);
            open.push_back(*at);
        }
        let is_begin: Vec<usize> = known.begin.iter().map(|(at, _)| *at).collect();
        while let Some(at) = open.pop_front() {
            for edge in &self.drawing.nodes[at].out {
                let to = self.drawing.edges[*edge].to;
                if is_begin.contains(&to) {
                    continue;
                }
                let now = self.before(to);
                if now != self.into[to] {
                    self.into[to] = now;
                    open.push_back(to);
                }
            }
        }
    }

    fn before(&self, at: usize) -> Option<Bits> {
        let drawn = &self.drawing.nodes[at];
        if drawn.node.kind != "join" {
            return all_of(drawn.into.iter().map(|edge| self.by(*edge)));
        }
        match self.proof.meetings.get(&at) {
            Some(meeting) if self.proof.is_whole && !meeting.arrivals.is_empty() => {
                all_of(meeting.arrivals.iter().map(|slots| self.any_of(slots)))
            }
            // Nothing is known of what arrives together: assume the best, so that nobody is warned for nothing.
            _ => {
                let slots: Vec<Slot> = drawn.into.iter().map(|edge| Slot::Edge(*edge)).collect();
                self.any_of(&slots)
            }
        }
    }

    /// What has been written when an edge has been walked; `None` is everything.
    pub(super) fn by(&self, edge: usize) -> Option<Bits> {
        let mut bits = self.into[self.drawing.edges[edge].from].clone()?;
        bits.add(&self.adds[edge]);
        Some(bits)
    }

    fn any_of(&self, slots: &[Slot]) -> Option<Bits> {
        slots.iter().map(|slot| self.slot(slot)).reduce(|any, more| {
            let (mut any, more) = (any?, more?);
            any.add(&more);
            Some(any)
        })?
    }

    /// Slots are as deep as decisions and splits are nested before one join.
    fn slot(&self, slot: &Slot) -> Option<Bits> {
        match slot {
            Slot::Edge(edge) => self.by(*edge),
            Slot::OneOf(slots) => all_of(slots.iter().map(|slot| self.slot(slot))),
            Slot::AllOf(slots) => self.any_of(slots),
        }
    }

    /// Whether a fact was written on every way to a node; also when no way leads there.
    pub(super) fn has(&self, at: usize, fact: usize) -> bool {
        self.into[at].as_ref().is_none_or(|bits| bits.has(fact))
    }

    /// A walk to a node on which a fact was not written.
    pub(super) fn walk_without(&self, at: usize, fact: usize) -> Vec<String> {
        let mut by: HashMap<usize, Option<usize>> = HashMap::from([(at, None)]);
        let mut open = VecDeque::from([at]);
        while let Some(at) = open.pop_front() {
            let drawn = &self.drawing.nodes[at];
            if drawn.node.kind == "trigger" {
                return self.forward(at, &by);
            }
            for edge in &drawn.into {
                let from = self.drawing.edges[*edge].from;
                if !by.contains_key(&from) && self.by(*edge).is_some_and(|bits| !bits.has(fact)) {
                    by.insert(from, Some(*edge));
                    open.push_back(from);
                }
            }
        }
        Vec::new()
    }

    fn forward(&self, begin: usize, by: &HashMap<usize, Option<usize>>) -> Vec<String> {
        let mut walk = Vec::new();
        let mut at = begin;
        while let Some(Some(edge)) = by.get(&at) {
            walk.push(self.drawing.edges[*edge].edge.id.clone());
            at = self.drawing.edges[*edge].to;
        }
        walk
    }
}

/// What is in every one of these sets; `None` is everything.
fn all_of(sets: impl Iterator<Item = Option<Bits>>) -> Option<Bits> {
    sets.flatten().reduce(|mut all, more| {
        all.keep(&more);
        all
    })
}
