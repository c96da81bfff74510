//! Requests under idempotency keys that this process is at: whatever the database says of a key of this node, it is free when it is not here.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use store::idempotency::Request;

/// Scopes and keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct AtWork(Arc<Mutex<BTreeSet<(String, String)>>>);

/// One of them, for as long as it is kept; a client that goes away drops it with its request.
#[derive(Debug)]
pub(crate) struct Turn {
    all: AtWork,
    key: (String, String),
}

impl AtWork {
    /// The turn of a request; `None` while another has it.
    pub(crate) fn begin(&self, request: &Request) -> Option<Turn> {
        let key = (request.scope.clone(), request.key.clone());
        self.keys().insert(key.clone()).then(|| Turn { all: self.clone(), key })
    }

    fn keys(&self) -> MutexGuard<'_, BTreeSet<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.all.keys().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_requests_until_that_is_over() {
        let all = AtWork::default();
        let request =
            |key: &str| Request { scope: "ada /x".to_owned(), key: key.to_owned(), hash: [0; 32] };
        let turn = all.begin(&request("a"));
        assert!(turn.is_some() && all.begin(&request("b")).is_some());
        assert!(all.begin(&request("a")).is_none());
        drop(turn);
        assert!(all.begin(&request("a")).is_some());
    }
}
