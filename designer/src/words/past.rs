//! An instance as it was after any of its records, by the rule the engine itself follows.

use journey::{Fact, Instance, Record, Timestamp, explain::state_at, migrate::Migrated};
use std::collections::BTreeSet;
use wire::RecordView;

/// The instance after the first `count` records; a fresh one when they cannot be followed.
pub fn after(records: &[RecordView], count: usize) -> Instance {
    let record = |view: &RecordView| {
        let at = Timestamp::from_rfc3339(&view.at).unwrap_or_default();
        Record { sequence: view.sequence, at, fact: view.fact.clone() }
    };
    let records: Vec<Record> = records.iter().take(count).map(record).collect();
    let last = (records.len() as u64).checked_sub(1);
    last.and_then(|last| state_at(&records, last).ok()).unwrap_or_default()
}

/// The version an instance followed after its first `count` records; `now` is the one it follows.
pub fn version(records: &[RecordView], count: usize, now: u64) -> u64 {
    let (before, since) = records.split_at(count.min(records.len()));
    let moved_to = before.iter().rev().find_map(moved).map(|moved| moved.to);
    let moved_from = || since.iter().find_map(moved).map(|moved| moved.from);
    moved_to.or_else(moved_from).unwrap_or(now)
}

/// Every version an instance has followed, with the one it follows `now`.
pub fn versions(records: &[RecordView], now: u64) -> BTreeSet<u64> {
    let moves = records.iter().filter_map(moved);
    moves.flat_map(|moved| [moved.from, moved.to]).chain([now]).collect()
}

fn moved(record: &RecordView) -> Option<&Migrated> {
    match &record.fact {
        Fact::Migrated(migrated) => Some(migrated),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::Status;
    use serde_json::{Value, json};

    fn records(facts: &Value) -> Vec<RecordView> {
        let facts = facts.as_array().unwrap().iter().enumerate();
        let record = |(sequence, fact): (usize, &Value)| {
            let mut record = fact.clone();
            record["sequence"] = json!(sequence);
            record["at"] = json!("2026-03-02T12:00:00.000Z");
            serde_json::from_value(record).unwrap()
        };
        facts.map(record).collect()
    }

    #[test]
    fn an_instance_is_seen_as_it_was_after_any_record() {
        let records = records(&json!([
            { "fact": "started", "trigger": "start", "input": { "plan": "fiber" } },
            { "fact": "variable_set", "name": "tier", "value": "tin" },
            { "fact": "variable_set", "name": "tier", "value": "gold" },
            { "fact": "ended", "outcome": "done" },
        ]));
        let tier = |count| after(&records, count).vars().get("tier").cloned();
        assert_eq!(tier(1), None);
        assert_eq!(tier(2), Some(json!("tin")));
        assert_eq!(tier(3), Some(json!("gold")));
        assert_eq!(after(&records, 3).status(), Status::Running);
        assert_eq!(after(&records, 9).status(), Status::Ended);
    }

    #[test]
    fn a_moved_instance_is_seen_on_the_version_it_followed_then() {
        let migrated = |from: u64, to: u64| json!({ "fact": "migrated", "from": from, "to": to, "by": "ada@example.com", "waits": [] });
        let records = records(&json!([
            { "fact": "started", "trigger": "start", "input": {} },
            migrated(2, 4),
            { "fact": "variable_set", "name": "tier", "value": "tin" },
            migrated(4, 2),
        ]));
        let seen: Vec<u64> = (0..=4).map(|count| version(&records, count, 2)).collect();
        assert_eq!(seen, [2, 2, 4, 4, 2]);
        assert_eq!(version(&records[..1], 1, 7), 7);
        assert_eq!(versions(&records, 2), BTreeSet::from([2, 4]));
        assert_eq!(versions(&[], 3), BTreeSet::from([3]));
    }

    #[test]
    fn records_that_cannot_be_followed_show_a_fresh_instance() {
        let mut records = records(&json!([
            { "fact": "started", "trigger": "start", "input": { "plan": "fiber" } },
            { "fact": "variable_set", "name": "tier", "value": "tin" },
        ]));
        records[1].sequence = 7;
        assert_eq!(after(&records, 2), Instance::new());
        assert_eq!(after(&[], 0), Instance::new());
    }
}
