//! Which messages went to whom: each recipient gets a message once, and a node's messages only so often.

use crate::{Failure, InstanceId, JourneyId};
use async_trait::async_trait;
use journey::{Position, Timestamp};

/// One recipient's share of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub instance: InstanceId,
    pub position: Position,
    /// E-mail address.
    pub recipient: String,
}

/// Whose cap a share counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub journey: JourneyId,
    pub node: String,
    /// Most messages of the node one recipient gets in 24 hours.
    pub cap: Option<u32>,
}

/// What is known of a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It counts from now on: send it, then say what became of it.
    Ours,
    /// It was sent before.
    Sent,
    /// The recipient has had as many of the node's messages as they get.
    Capped,
}

/// Messages that went out.
#[async_trait]
pub trait Messages {
    /// Counts a share before it is sent. One that was counted and not sent is ours again.
    async fn take_share(
        &self,
        share: &Share,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<Taken, Failure>;

    /// The share was sent, and is never sent again.
    async fn share_sent(&self, share: &Share) -> Result<(), Failure>;

    /// The share cannot be sent and does not count.
    async fn drop_share(&self, share: &Share) -> Result<(), Failure>;

    /// Forgets what was counted before this time; how much.
    async fn forget_messages(&self, before: Timestamp) -> Result<u64, Failure>;
}
