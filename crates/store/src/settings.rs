//! What the workspace as a whole is set to.

use crate::Failure;
use async_trait::async_trait;
use journey::Timestamp;

/// Settings by name; what they mean is their reader's business.
#[async_trait]
pub trait Settings {
    /// `None` until it is set for the first time.
    async fn setting(&self, name: &str) -> Result<Option<String>, Failure>;

    async fn set_setting(&self, name: &str, value: &str, now: Timestamp) -> Result<(), Failure>;
}
