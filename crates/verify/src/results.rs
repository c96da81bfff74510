//! I4, its first half: a position has at most one result.

use crate::report::{Findings, Invariant::I4};
use journey::{Fact, Position, Record};
use std::collections::BTreeMap;

/// The results so far, by position and, for instances below one, their place.
#[derive(Debug, Default)]
pub(crate) struct Results {
    of: BTreeMap<(Position, Option<u32>), u64>,
}

impl Results {
    pub(crate) fn record(&mut self, record: &Record, findings: &mut Findings) {
        // What comes to an incident may be tried again.
        if let Fact::IncidentRaised { position, .. } = &record.fact {
            self.of.remove(&(*position, None));
            return;
        }
        let Some(place) = place(&record.fact) else { return };
        let number = record.sequence;
        let Some(first) = self.of.insert(place, number) else { return };
        let below = place.1.map(|index| format!(" for the instance below at {index}"));
        let below = below.unwrap_or_default();
        findings.found_at(
            I4,
            place.0,
            format_args!("record {number} is a second result{below}; record {first} is the first"),
        );
    }
}

/// What a record is the result of.
fn place(fact: &Fact) -> Option<(Position, Option<u32>)> {
    match fact {
        Fact::CallSucceeded { position, .. }
        | Fact::TaskCompleted { position, .. }
        | Fact::Received { position, .. }
        | Fact::TimedOut { position }
        | Fact::ConditionHeld { position }
        | Fact::Undone { position } => Some((*position, None)),
        Fact::ChildEnded { position, index, .. } => Some((*position, Some(*index))),
        _ => None,
    }
}
