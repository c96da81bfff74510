//! Where a workspace is kept: the `Store` traits, named after what they are for, and SQLite or PostgreSQL behind them.
//!
//! All SQL of Waymark is in this crate. Time is an argument everywhere. A lost race, a taken name or a repeated key is an answer the
//! caller matches; a [`Failure`] is the world's and says whether to ask again; what is not there is `None`.

pub mod accounts;
pub mod audit;
pub mod backtests;
pub mod calendars;
pub mod commits;
pub mod connectors;
mod database;
pub mod directory;
pub mod events;
mod failure;
pub mod hooks;
pub mod idempotency;
mod ids;
pub mod instances;
pub mod inventory;
pub mod journeys;
pub mod limits;
pub mod listens;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod messages;
pub mod migrations;
pub mod nodes;
pub mod notices;
mod page;
pub mod planted;
#[cfg(test)]
mod promises;
pub mod reviews;
pub mod settings;
mod sql;
#[cfg(debug_assertions)]
pub mod statements;
pub mod tasks;
pub mod triggers;
pub mod work;
pub mod would_have;

pub use accounts::Accounts;
pub use audit::Audit;
pub use backtests::Backtests;
pub use calendars::Calendars;
pub use commits::Commits;
pub use connectors::Connectors;
pub use database::{Copied, Database, Moved, Upkeep};
pub use directory::Directory;
pub use events::Events;
pub use failure::{Failure, FailureKind};
pub use hooks::Hooks;
pub use idempotency::Idempotency;
pub use ids::{
    AccountId, AuditId, BacktestId, ConnectionId, ConnectorId, EventId, Ids, InstanceId, JourneyId,
    LeaseId, MigrationId, NotAnId, NoticeId, ReactionId, ReviewId, Slot, TaskId, TeamId, TokenId,
    UserId, VersionId, WouldHaveId,
};
pub use instances::Instances;
pub use inventory::Inventory;
pub use journeys::Journeys;
pub use listens::Listens;
#[cfg(any(test, feature = "memory"))]
pub use memory::Memory;
pub use messages::Messages;
pub use migrations::Migrations;
pub use nodes::{NodeId, Nodes};
pub use notices::Notices;
pub use page::{AccountCursor, BadCursor, NoticeCursor, Page, Paging, TaskCursor};

pub use reviews::Reviews;
pub use settings::Settings;
pub use tasks::Tasks;
pub use triggers::Triggers;
pub use work::WorkQueue;
pub use would_have::WouldHaves;

/// Everything a workspace is kept in.
#[async_trait::async_trait]
pub trait Store:
    Accounts
    + Audit
    + Backtests
    + Calendars
    + Commits
    + Connectors
    + Directory
    + Events
    + Hooks
    + Idempotency
    + Instances
    + Inventory
    + Journeys
    + Listens
    + Messages
    + Migrations
    + Nodes
    + Notices
    + Reviews
    + Settings
    + Tasks
    + Triggers
    + WorkQueue
    + WouldHaves
    + Send
    + Sync
{
    /// Makes ids for this workspace.
    fn ids(&self) -> &Ids;

    /// Whether the database answers; for readiness.
    async fn ping(&self) -> Result<(), Failure>;

    /// Waits for what is being written and lets the database go.
    async fn close(&self);
}

/// Defines an enum of words that are stored as text.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// The word it is stored and shown as.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads the word; `None` when it is another.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use words;
