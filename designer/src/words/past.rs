//! An instance as it was after any of its records, by the rule the engine itself follows.

use journey::{Instance, Record, Timestamp, explain::state_at};
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
