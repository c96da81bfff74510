use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One call as it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// From 1, without gaps.
    pub seq: u64,
    /// crm, billing, dispatch or vendor.
    pub system: String,
    /// What was asked.
    pub operation: String,
    /// For whom.
    pub id: String,
    /// The idempotency key it carried.
    pub key: Option<String>,
    /// What it was answered.
    pub status: u16,
    /// Whether its key had been seen: answered as before, without effect.
    pub repeated: bool,
    /// What was sent.
    pub body: Value,
}

/// How often one operation was called for one id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// crm, billing, dispatch or vendor.
    pub system: String,
    /// Which operation.
    pub operation: String,
    /// For whom.
    pub id: String,
    /// Calls, failed and repeated ones too.
    pub calls: u64,
    /// Calls that changed something.
    pub effects: u64,
}

/// What a call asks for.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) system: String,
    pub(crate) operation: String,
    pub(crate) id: String,
    pub(crate) key: Option<String>,
    pub(crate) body: Value,
}

/// What happened, kept for whoever checks.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Book>);

#[derive(Default)]
struct Book {
    calls: Vec<CallRecord>,
    answers: HashMap<(String, String), Value>,
    counts: BTreeMap<(String, String, String), (u64, u64)>,
}

impl Ledger {
    /// Writes down a refused call.
    pub(crate) fn refuse(&self, asked: Asked, status: u16) {
        self.book().write(asked, status, Effect::None);
    }

    /// Writes down a call and answers it: as before when its key is known, else with `answer`.
    pub(crate) fn perform(&self, asked: Asked, answer: Value) -> Value {
        let mut book = self.book();
        let place = asked.key.clone().map(|key| (asked.system.clone(), key));
        if let Some(before) = place.as_ref().and_then(|place| book.answers.get(place)).cloned() {
            book.write(asked, 200, Effect::Repeated);
            return before;
        }
        if let Some(place) = place {
            book.answers.insert(place, answer.clone());
        }
        book.write(asked, 200, Effect::New);
        answer
    }

    pub(crate) fn calls(&self) -> Vec<CallRecord> {
        self.book().calls.clone()
    }

    /// At most `limit` calls after the call `after`.
    pub(crate) fn page(&self, after: u64, limit: usize) -> Vec<CallRecord> {
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        self.book().calls.iter().skip(from).take(limit).cloned().collect()
    }

    pub(crate) fn counts(&self) -> Vec<Count> {
        let book = self.book();
        let counts = book.counts.iter();
        counts
            .map(|((system, operation, id), (calls, effects))| Count {
                system: system.clone(),
                operation: operation.clone(),
                id: id.clone(),
                calls: *calls,
                effects: *effects,
            })
            .collect()
    }

    pub(crate) fn clear(&self) {
        *self.book() = Book::default();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Effect {
    New,
    Repeated,
    None,
}

impl Book {
    fn write(&mut self, asked: Asked, status: u16, effect: Effect) {
        let count = self
            .counts
            .entry((asked.system.clone(), asked.operation.clone(), asked.id.clone()))
            .or_default();
        count.0 += 1;
        count.1 += u64::from(effect == Effect::New);
        self.calls.push(CallRecord {
            seq: self.calls.len() as u64 + 1,
            system: asked.system,
            operation: asked.operation,
            id: asked.id,
            key: asked.key,
            status,
            repeated: effect == Effect::Repeated,
            body: asked.body,
        });
    }
}
