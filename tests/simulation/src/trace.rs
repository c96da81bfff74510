//! Everything that happened, in its order, as text.

use sha2::{Digest, Sha256};
use std::{
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
};

/// What happened so far. Clones are the same trace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Arc<Mutex<String>>);

impl Trace {
    /// Adds a line: at what millisecond of the life, who, and what.
    pub(crate) fn tell(&self, at: i64, who: &str, what: impl Display) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&format!("{at:>9} {who:<8} {what}\n"));
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The first half of the text's SHA-256.
pub(crate) fn digest(text: &str) -> String {
    let mut digest = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(16) {
        digest.push_str(&format!("{byte:02x}"));
    }
    digest
}
