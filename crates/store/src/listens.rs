//! Which instances wait for an event or watch their account.

use crate::{AccountId, EventId, Failure, InstanceId, JourneyId, Page, Paging};
use async_trait::async_trait;
use journey::Position;

/// A wait of a version at which some instance waits for events of a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ear {
    /// What it waits for.
    pub name: String,
    pub journey: JourneyId,
    pub version: u64,
    pub node: String,
}

/// Waiting instances, to read. They are written by `Commits` alone.
#[async_trait]
pub trait Listens {
    /// The waits at which instances wait for events of this name: one row each, however many instances wait there.
    async fn ears(&self, name: &str) -> Result<Vec<Ear>, Failure>;

    /// The instances that wait there with this key and have not heard `event` yet, nor began to wait because of it.
    async fn listeners(
        &self,
        ear: &Ear,
        key: &str,
        event: EventId,
        paging: Paging<(InstanceId, Position)>,
    ) -> Result<Page<(InstanceId, Position), (InstanceId, Position)>, Failure>;

    /// The instances of an account that must hear when it changes.
    async fn watchers(
        &self,
        account: AccountId,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure>;
}
