//! Going towards a step: of what may become of a wait, that which leads there soonest.

use super::{
    Move, Place,
    open::{Class, Open, What},
    stage::Stage,
};
use crate::{Journey, effect::FailureKind};
use serde_json::Map;
use std::collections::VecDeque;

/// How many ways it is from every node to one of them; `None` where no way leads there.
pub(super) struct Distances {
    by_node: Vec<Option<u32>>,
}

impl Distances {
    pub(super) fn to(journey: &Journey, target: &str) -> Option<Self> {
        let target = *journey.index.get(target)?;
        let mut by_node = vec![None; journey.nodes.len()];
        by_node[target] = Some(0);
        let mut open = VecDeque::from([(target, 0)]);
        while let Some((node, distance)) = open.pop_front() {
            for (_, before) in &journey.nodes[node].incoming {
                if by_node[*before].is_none() {
                    by_node[*before] = Some(distance + 1);
                    open.push_back((*before, distance + 1));
                }
            }
        }
        Some(Self { by_node })
    }

    /// How many ways it is when a node is left by a port.
    fn by(&self, journey: &Journey, node: &str, port: &str) -> Option<u32> {
        let ways = journey.find(node)?.ways.iter().filter(|way| way.port == port);
        ways.filter_map(|way| self.by_node[way.to]).min()
    }
}

impl Stage<'_> {
    /// What leads to the step soonest; `None` when nothing that waits leads there.
    pub(super) fn toward(&self, distances: &Distances) -> Option<Move> {
        let open = self.open();
        let choices = open.iter().flat_map(|one| self.choices(one));
        let leading = choices.filter_map(|(node, port, made)| {
            Some((distances.by(self.journey, &node, &port)?, made))
        });
        leading.min_by_key(|(distance, _)| *distance).map(|(_, made)| made)
    }

    /// What may become of one wait, with the port it is left by.
    fn choices(&self, open: &Open) -> Vec<(String, String, Move)> {
        let at = || open.place.clone();
        let choice = |port: &str, made: Move| (open.place.node.clone(), port.to_owned(), made);
        let passes = || Move::Wait { length: None, until: None };
        match &open.what {
            What::Task { offer, .. } => {
                let complete = |id: &String| {
                    let (form, by, role) = (None, None, None);
                    Move::Complete { at: at(), outcome: Some(id.clone()), form, by, role }
                };
                let outcomes = offer.outcomes.iter();
                let mut all: Vec<_> =
                    outcomes.map(|one| choice(&one.id, complete(&one.id))).collect();
                let timers = self.journey.task_timers(&open.place.node);
                all.extend(timers.map(|timer| choice(timer, passes())));
                all
            }
            What::Call { .. } | What::Message { .. } => {
                let (kind, code, message) = (FailureKind::Permanent, None, None);
                vec![
                    choice("out", Move::Answer { at: Some(at()), output: None }),
                    choice("error", Move::Fail { at: at(), kind, code, message }),
                ]
            }
            What::Event { name, .. } => {
                let (name, data) = (name.clone(), Map::new());
                let comes = Move::Event { name, at: Some(at()), data };
                vec![choice("out", comes), choice("timeout", passes())]
            }
            What::Timer { .. } => vec![choice("out", passes())],
            What::Condition { .. } => vec![choice("timeout", passes())],
            What::Journey { .. } => {
                let (outcome, vars) = (None, Map::new());
                vec![choice("out", Move::Return { at: at(), outcome, vars })]
            }
            What::Incident { ways, .. } => {
                let skip = |way: &String| Move::Skip { at: at(), outcome: way.clone() };
                ways.iter().map(|way| choice(way, skip(way))).collect()
            }
            What::Later { .. } | What::Items { .. } | What::Join | What::Turn => Vec::new(),
        }
    }

    /// Whether something waits at a step.
    pub(super) fn waits_at(&self, node: &str) -> bool {
        self.find(&Place::first(node), Class::Any).is_some()
    }
}
