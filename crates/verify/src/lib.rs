//! Nothing lost, as a checker: compares what a workspace keeps with its records, and with what others wrote down meanwhile.
//!
//! It only reads, page by page, and may run beside a server. An instance is compared at one moment: if it moved on between two reads it
//! is read again, and what seems wrong is told only when a second look finds it, too.
//!
//! What it cannot check with what is kept today it says, instead of passing over it, and what it does not look at, too. Nor does it know everything of what it checks: when
//! a reminder of a task or a step of its ladder was due follows from calendars, so of these it is checked that they come once, not when;
//! a condition of an instance without an account that nothing is going to move is the drawing's, not a loss.

mod acknowledged;
mod attempts;
mod below;
mod chain;
mod check;
mod effects;
mod ends;
mod epochs;
mod fold;
mod history;
mod kept;
pub mod limits;
mod lines;
mod look;
mod order;
mod report;
mod results;
mod rows;
mod sink;
mod timers;
mod versions;
mod waits;

pub use report::{Checked, Invariant, Outcome, Report};

use journey::Timestamp;
use std::path::PathBuf;
use store::Store;

/// What others wrote down, a JSON object on each line. A last line that is cut off is passed by.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What clients were told is done: `{"kind": "start" | "hook" | "completion", "key": …, "id": …}`. The key is the one the client sent;
    /// the id is that of the instance or, for a completion, of the task.
    pub acknowledged: Option<PathBuf>,
    /// What arrived outside: `{"key": …, "operation": …, "at": …}`. The key is the idempotency key of the call, the time is in milliseconds
    /// since 1970 or RFC 3339, by the server's clock; without one it is not compared. A key, not a line, is held in memory.
    pub sink: Option<PathBuf>,
    /// A seal of the audit log that was written down elsewhere.
    pub audit_head: Option<AuditHead>,
    /// The present moment by the clock of the servers; without it nobody compares when work may be taken up.
    pub now: Option<Timestamp>,
}

/// A seal of the audit log as it is known outside, written `NUMBER:HASH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub number: u64,
    /// In hexadecimal.
    pub hash: String,
}

impl std::str::FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once(':').and_then(|(number, hash)| {
            let hash = hash.trim().to_lowercase();
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            Some(Self { number: number.trim().parse().ok()?, hash }).filter(|_| is_hash)
        });
        parts.ok_or("a head of the audit log is NUMBER:HASH, a hash of 64 hexadecimal digits")
    }
}

/// Why a workspace could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] store::Failure),
    /// A file could not be read.
    #[error("could not read {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of a file is not what it should be.
    #[error("line {number} of {path} cannot be read")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counts from 1.
        number: u64,
        /// Why.
        source: serde_json::Error,
    },
}

/// Checks a workspace, and compares it with what others wrote down.
///
/// # Errors
///
/// The store or a file could not be read. What is damaged in the store is no error: it is reported.
pub async fn verify(store: &dyn Store, evidence: &Evidence) -> Result<Report, Error> {
    check::run(store, evidence).await
}

#[cfg(test)]
mod tests;
