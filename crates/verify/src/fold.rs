//! I2: the records of an instance have no gap, and folding them gives what is stored.

use crate::report::{Findings, Invariant::I2};
use journey::{Instance, Record};
use serde_json::{Map, Value};
use store::inventory::Columns;

/// An instance rebuilt from its records.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    rebuilt: Instance,
    /// How many records there were.
    count: u64,
    /// What the fold broke off at was told.
    is_broken: bool,
}

impl Fold {
    /// The instance as the records so far make it; `None` when they make none.
    pub(crate) fn rebuilt(&self) -> Option<&Instance> {
        (!self.is_broken).then_some(&self.rebuilt)
    }

    pub(crate) fn record(&mut self, record: &Record, findings: &mut Findings) {
        let expected = self.count;
        self.count += 1;
        // What comes after the end is another invariant's.
        if self.is_broken || self.rebuilt.is_over() {
            return;
        }
        if record.sequence != expected {
            let found = record.sequence;
            let why = format!("record {expected} is missing: the next one is numbered {found}");
            return self.give_up(why, findings);
        }
        if let Err(corrupt) = self.rebuilt.apply(record) {
            self.give_up(corrupt.to_string(), findings);
        }
    }

    /// What follows cannot be folded.
    fn give_up(&mut self, why: String, findings: &mut Findings) {
        self.break_off();
        findings.found(I2, why);
    }

    /// The rest of the records cannot be read, as was told.
    pub(crate) fn break_off(&mut self) {
        self.is_broken = true;
    }

    pub(crate) fn compare(
        &self,
        stored: &Instance,
        columns: Option<&Columns>,
        findings: &mut Findings,
    ) {
        findings.looked(I2);
        if let Some(rebuilt) = self.rebuilt()
            && rebuilt != stored
        {
            let differs = differences(rebuilt, stored).join(", ");
            findings.found(
                I2,
                format_args!(
                    "its {} records do not make the stored state; it differs in {differs}",
                    self.count
                ),
            );
        }
        // They are of the same row: what cannot be read of it was told.
        let Some(columns) = columns else { return };
        let beside = (columns.status, columns.outcome.as_deref(), columns.sequence);
        if beside != (stored.status(), stored.outcome(), stored.sequence()) {
            findings
                .found(I2, format_args!("its row says {beside:?}, its state says something else"));
        }
    }
}

/// The members in which two states differ.
fn differences(one: &Instance, other: &Instance) -> Vec<String> {
    let (one, other) = (members(one), members(other));
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names
        .filter(|name| one.get(*name) != other.get(*name))
        .map(|name| format!("'{name}'"))
        .collect()
}

fn members(instance: &Instance) -> Map<String, Value> {
    match serde_json::to_value(instance) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
