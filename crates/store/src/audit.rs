//! Who did what.

use crate::{AuditId, Failure, Page, Paging};
use async_trait::async_trait;
use journey::Timestamp;
use serde_json::Value;

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

/// The audit log; lines are only added.
#[async_trait]
pub trait Audit {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure>;

    /// Newest first.
    async fn audit(&self, paging: Paging<AuditId>) -> Result<Page<Entry, AuditId>, Failure>;
}
