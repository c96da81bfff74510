//! The way of one instance through its drawing, as its records tell it: where it stayed and for how long, and the edges it went along.

use crate::{Fact, Position, Record, Timestamp};
use std::collections::BTreeMap;

/// One stay at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub position: Position,
    pub node: String,
    pub entered_at: Timestamp,
    /// `None` while it is still there.
    pub left_at: Option<Timestamp>,
    /// Whether the promise of its task was broken.
    pub is_breached: bool,
    /// Whether it ever failed there so that a person had to decide.
    pub has_failed: bool,
    /// Whether that person has not decided yet.
    pub is_failing: bool,
}

impl Visit {
    /// How long it took, in milliseconds; `None` while it lasts. A clock that was set back makes no stay shorter than nothing.
    pub fn took_ms(&self) -> Option<u64> {
        self.left_at.map(|left| u64::try_from(left.0 - self.entered_at.0).unwrap_or(0))
    }
}

/// Where an instance went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// In the order in which they began.
    pub visits: Vec<Visit>,
    /// In the order in which they were taken; one that was taken again is there again.
    pub edges: Vec<String>,
}

/// The way that all records of an instance tell, oldest first. What was moved to another version goes on at the step of that version; edges
/// keep the names under which they were taken.
pub fn passage(records: &[Record]) -> Passage {
    let mut walk = Walk::default();
    for record in records {
        walk.record(record);
    }
    walk.passage
}

#[derive(Default)]
struct Walk {
    passage: Passage,
    /// Visits that last, by where they are in the passage.
    lasting: BTreeMap<Position, usize>,
}

impl Walk {
    fn record(&mut self, record: &Record) {
        match &record.fact {
            Fact::Entered { position, node, edge } => {
                self.enter((*position, node), edge.as_deref(), record.at);
            }
            Fact::Arrived { edge, .. } | Fact::Absorbed { edge, .. } => {
                self.passage.edges.push(edge.clone());
            }
            Fact::SlaBreached { position, .. } => {
                self.at(*position, |visit| visit.is_breached = true);
            }
            Fact::IncidentRaised { position, .. } => {
                self.at(*position, |visit| (visit.has_failed, visit.is_failing) = (true, true));
            }
            Fact::IncidentRetried { position, .. } | Fact::IncidentSkipped { position, .. } => {
                self.at(*position, |visit| visit.is_failing = false);
            }
            Fact::Left { position, .. } | Fact::Withdrawn { position, .. } => {
                self.leave(*position, record.at);
            }
            Fact::Migrated(migrated) => {
                for moved in &migrated.waits {
                    self.at(moved.position, |visit| visit.node.clone_from(&moved.to));
                }
            }
            Fact::Ended { .. } | Fact::Cancelled { .. } => {
                while let Some((position, _)) = self.lasting.first_key_value() {
                    self.leave(*position, record.at);
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, (position, node): (Position, &str), edge: Option<&str>, at: Timestamp) {
        self.passage.edges.extend(edge.map(str::to_owned));
        self.lasting.insert(position, self.passage.visits.len());
        self.passage.visits.push(Visit {
            position,
            node: node.to_owned(),
            entered_at: at,
            left_at: None,
            is_breached: false,
            has_failed: false,
            is_failing: false,
        });
    }

    fn at(&mut self, position: Position, change: impl FnOnce(&mut Visit)) {
        let place = self.lasting.get(&position);
        if let Some(visit) = place.and_then(|place| self.passage.visits.get_mut(*place)) {
            change(visit);
        }
    }

    fn leave(&mut self, position: Position, at: Timestamp) {
        self.at(position, |visit| (visit.left_at, visit.is_failing) = (Some(at), false));
        self.lasting.remove(&position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn told(facts: &[(i64, Value)]) -> Passage {
        let records = facts.iter().zip(0..).map(|((at, fact), sequence)| {
            let mut record = fact.clone();
            record["at"] = json!(at);
            record["sequence"] = json!(sequence);
            serde_json::from_value(record).unwrap()
        });
        passage(&records.collect::<Vec<Record>>())
    }

    fn entered(position: u32, node: &str, edge: Option<&str>) -> Value {
        json!({ "fact": "entered", "position": position, "node": node, "edge": edge })
    }

    fn left(position: u32, edges: &[&str]) -> Value {
        json!({ "fact": "left", "position": position, "edges": edges })
    }

    #[test]
    fn stays_begin_and_end_and_ways_are_counted_as_often_as_they_are_taken() {
        let failure = json!({ "kind": "permanent", "code": "gone", "message": "gone" });
        let passage = told(&[
            (0, entered(0, "start", None)),
            (0, left(0, &["e1"])),
            (0, entered(1, "call", Some("e1"))),
            (5, json!({ "fact": "incident_raised", "position": 1, "failure": failure })),
            (9, left(1, &["e2"])),
            (9, entered(2, "ask", Some("e2"))),
            (20, json!({ "fact": "sla_breached", "position": 2, "due": 15 })),
            (30, left(2, &["e1"])),
            (30, entered(3, "call", Some("e1"))),
        ]);
        assert_eq!(passage.edges, ["e1", "e2", "e1"]);
        let stays: Vec<_> = passage
            .visits
            .iter()
            .map(|visit| {
                (visit.node.as_str(), visit.took_ms(), visit.has_failed, visit.is_breached)
            })
            .collect();
        assert_eq!(
            stays,
            [
                ("start", Some(0), false, false),
                ("call", Some(9), true, false),
                ("ask", Some(21), false, true),
                ("call", None, false, false),
            ]
        );
    }

    #[test]
    fn whatever_lasts_is_over_when_the_instance_is() {
        let passage = told(&[
            (0, entered(0, "split", None)),
            (0, left(0, &["a", "b"])),
            (0, entered(1, "left", Some("a"))),
            (0, entered(2, "right", Some("b"))),
            (4, json!({ "fact": "withdrawn", "position": 2, "why": "the other was faster" })),
            (7, json!({ "fact": "cancelled", "reason": "no", "by": "ada" })),
        ]);
        let stays: Vec<_> = passage.visits.iter().map(Visit::took_ms).collect();
        assert_eq!(stays, [Some(0), Some(7), Some(4)]);
    }

    #[test]
    fn a_clock_that_was_set_back_makes_no_negative_stay() {
        let passage = told(&[(9, entered(0, "wait", None)), (2, left(0, &[]))]);
        assert_eq!(passage.visits[0].took_ms(), Some(0));
    }
}
