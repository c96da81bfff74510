//! The addresses that webhooks are sent to.

use crate::{Failure, JourneyId, directory::Made};
use async_trait::async_trait;
use journey::Timestamp;

/// A hook: a delivery to its slug starts the journey's live version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub slug: String,
    pub journey: JourneyId,
    /// The sealed signing secret; `None` when it was made unsigned on purpose.
    pub sealed_secret: Option<Vec<u8>>,
    pub created_at: Timestamp,
}

/// Hooks.
#[async_trait]
pub trait Hooks {
    async fn create_hook(&self, hook: &Hook) -> Result<Made<()>, Failure>;

    async fn hook(&self, slug: &str) -> Result<Option<Hook>, Failure>;

    /// By slug; there are few.
    async fn hooks(&self) -> Result<Vec<Hook>, Failure>;

    /// Whether there was such a hook.
    async fn delete_hook(&self, slug: &str) -> Result<bool, Failure>;
}
