//! I6, as far as one instance goes: what it intended, what its records say succeeded, and what arrived outside.

use crate::{
    report::{Findings, Invariant::I6},
    sink::Arrival,
};
use journey::{Fact, Instance, Journey, Position, Record, Timestamp, instance::On};
use std::collections::{BTreeMap, BTreeSet};

/// The calls of an instance.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// When each was first intended.
    intended: BTreeMap<Position, Timestamp>,
    /// Answered with success at a node of the version that is followed.
    answered: Vec<(Position, String)>,
    /// Those that must have arrived.
    arrived: BTreeSet<Position>,
}

impl Effects {
    /// `before` is the instance as it was before the record, where that is known.
    pub(crate) fn record(&mut self, record: &Record, before: Option<&Instance>) {
        let wait = |position: &Position| before.and_then(|before| before.wait(*position));
        match &record.fact {
            Fact::Waiting { position, on: On::Call { .. } | On::Undo { .. } } => {
                self.intended.entry(*position).or_insert(record.at);
            }
            Fact::CallSucceeded { position, .. } => {
                let node = wait(position).map(|wait| wait.node.clone());
                self.answered.extend(node.map(|node| (*position, node)));
            }
            // What a person skipped was not undone by a call.
            Fact::Undone { position }
                if wait(position).is_some_and(|wait| matches!(wait.on, On::Undo { .. })) =>
            {
                self.arrived.insert(*position);
            }
            _ => {}
        }
    }

    /// The instance goes on with another version, or its records are over. Messages go to people, not to the sink.
    pub(crate) fn close_version(&mut self, journey: Option<&Journey>) {
        let is_call = |node: &str| journey.is_some_and(|journey| journey.operation(node).is_some());
        for (position, node) in std::mem::take(&mut self.answered) {
            if is_call(&node) {
                self.arrived.insert(position);
            }
        }
    }

    /// Compares with what arrived; gives the positions whose calls succeeded and were not seen to arrive.
    pub(crate) fn compare(
        self,
        arrivals: &[Arrival],
        is_shadow: bool,
        findings: &mut Findings,
    ) -> Vec<Position> {
        for Arrival { position, at } in arrivals {
            findings.looked(I6);
            if is_shadow {
                findings.found_at(I6, *position, "a shadow run reached the sink");
                continue;
            }
            match (self.intended.get(position), at) {
                (None, _) => {
                    findings.found_at(I6, *position, "what arrived at the sink was never intended");
                }
                (Some(intended), Some(at)) if at < intended => findings.found_at(
                    I6,
                    *position,
                    format_args!(
                        "it arrived at the sink at {}, before it was intended at {}",
                        at.to_rfc3339(),
                        intended.to_rfc3339()
                    ),
                ),
                (Some(_), _) => {}
            }
        }
        if is_shadow {
            return Vec::new();
        }
        let seen: BTreeSet<Position> = arrivals.iter().map(|arrival| arrival.position).collect();
        self.arrived.iter().for_each(|_| findings.looked(I6));
        self.arrived.into_iter().filter(|position| !seen.contains(position)).collect()
    }
}
