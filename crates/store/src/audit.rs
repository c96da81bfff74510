//! Who did what.

use crate::{AuditId, Failure, JourneyId, Page, Paging};
use async_trait::async_trait;
use journey::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// E-mail address, or what acted by itself.
    pub actor: String,
    /// What was done: `journey.publish`.
    pub action: String,
    /// Id or name of what it was done to.
    pub object: String,
    pub detail: Value,
    pub at: Timestamp,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: AuditId,
    pub deed: Deed,
}

/// A stretch of the log that is sealed: whoever changes or removes a line of it, or of any before it, makes another hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Counts from 1.
    pub number: u64,
    /// How many lines it seals.
    pub lines: u64,
    /// What [`chain`] gives for them.
    pub hash: String,
    pub at: Timestamp,
}

/// The hash of a stretch, in hexadecimal: SHA-256 over the hash before it (nothing, for the first), its number, and its lines in order of
/// their ids; every part with its length before it, so that no two logs read the same.
pub fn chain(before: Option<&str>, number: u64, lines: &[Entry]) -> String {
    let mut digest = Sha256::new();
    let mut part = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
    };
    part(before.unwrap_or_default().as_bytes());
    part(&number.to_le_bytes());
    for Entry { id, deed } in lines {
        part(&id.number().to_le_bytes());
        part(&deed.at.0.to_le_bytes());
        part(deed.actor.as_bytes());
        part(deed.action.as_bytes());
        part(deed.object.as_bytes());
        part(deed.detail.to_string().as_bytes());
    }
    let mut hash = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a text cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// The audit log; lines are only added.
#[async_trait]
pub trait Audit {
    /// Seals the oldest lines that are not, at most `limits::SEALED`; how many.
    async fn seal_audit(&self, now: Timestamp) -> Result<u64, Failure>;

    /// Seals in order; the cursor is the number.
    async fn seals(&self, paging: Paging<u64>) -> Result<Page<Seal, u64>, Failure>;

    /// The newest seal.
    async fn audit_head(&self) -> Result<Option<Seal>, Failure>;

    /// The lines of a seal, in order of their ids.
    async fn sealed(&self, number: u64) -> Result<Vec<Entry>, Failure>;

    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure>;

    /// Who made a journey or saved its draft last, when it is written down.
    async fn who_saved(&self, journey: JourneyId) -> Result<Option<String>, Failure>;

    /// Newest first.
    async fn audit(&self, paging: Paging<AuditId>) -> Result<Page<Entry, AuditId>, Failure>;
}
