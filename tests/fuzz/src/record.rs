//! Records and instances as they are kept: what can be read is the same when it is written, and what does not follow is refused.

use crate::check_sentence;
use journey::{
    Draft, Effect, Event, Instance, Record,
    explain::{path, state_at},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::fmt::Debug;

pub(crate) const WORDS: &[&str] = &[
    "started",
    "started_below",
    "entered",
    "waiting",
    "arrived",
    "joined",
    "absorbed",
    "end_reached",
    "variable_set",
    "account_field_set",
    "call_succeeded",
    "call_failed",
    "call_retried",
    "task_claimed",
    "task_released",
    "task_completed",
    "task_delegated",
    "approved",
    "handed_over",
    "sla_warned",
    "sla_breached",
    "sla_changed",
    "task_escalated",
    "task_reassigned",
    "told",
    "timer_fired",
    "incident_raised",
    "incident_retried",
    "incident_skipped",
    "incident_ended",
    "received",
    "timed_out",
    "condition_held",
    "child_asked",
    "child_started",
    "child_ended",
    "item_added",
    "returned",
    "rules_held",
    "judged",
    "milestone_reached",
    "turn_came",
    "withdrawn",
    "undo_kept",
    "migrated",
    "cancelled",
    "ended",
    "call",
    "timer",
    "task",
    "join",
    "incident",
    "event",
    "condition",
    "children",
    "turn",
    "undo",
    "offered",
    "claimed",
    "transient",
    "permanent",
];

pub(crate) fn holds(input: &[u8]) {
    same::<Instance>(input);
    same::<Event>(input);
    same::<Effect>(input);
    same::<Record>(input);
    same::<Draft>(input);
    let Some(records) = same::<Vec<Record>>(input) else { return };
    let mut instance = Instance::new();
    for record in &records {
        let before = instance.clone();
        match instance.apply(record) {
            Ok(()) => assert_eq!(instance.sequence(), before.sequence() + 1, "{record:?}"),
            Err(corrupt) => {
                check_sentence(&corrupt.to_string());
                assert_eq!(instance, before, "what does not follow changes nothing: {record:?}");
                break;
            }
        }
    }
    check_travel(&records, &instance);
}

/// The last state that can be reached is the instance, and the way to it can be told.
fn check_travel(records: &[Record], instance: &Instance) {
    if let Some(last) = instance.sequence().checked_sub(1) {
        assert_eq!(state_at(records, last).as_ref(), Ok(instance));
    }
    let followed = usize::try_from(instance.sequence()).unwrap_or(0).min(records.len());
    let way = path(&records[..followed]);
    let text = serde_json::to_value(&way).expect("a way can be written");
    assert_eq!(serde_json::from_value(text).ok(), Some(way));
}

/// Reads something, writes it and reads it again.
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(input: &[u8]) -> Option<T> {
    match serde_json::from_slice::<T>(input) {
        Ok(read) => {
            let written = serde_json::to_vec(&read).expect("what was read can be written");
            let again = serde_json::from_slice::<T>(&written);
            assert_eq!(again.ok().as_ref(), Some(&read), "what was written is the same");
            let value = serde_json::to_value(&read).expect("as a value, too");
            assert_eq!(serde_json::from_slice::<Value>(&written).ok(), Some(value));
            Some(read)
        }
        Err(error) => {
            check_sentence(&error.to_string());
            None
        }
    }
}
