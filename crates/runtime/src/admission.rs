//! Whether a request is taken in.

use journey::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

/// Why a request was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmitted {
    #[error("too much is being worked on")]
    Overloaded,
    #[error("the server is shutting down")]
    ShuttingDown,
    /// What is written is not made durable.
    #[error("the database does not acknowledge what is written")]
    Unheard,
}

/// A place among the requests at work.
#[derive(Debug)]
pub struct Admitted(#[expect(dead_code, reason = "it is held")] pub(crate) OwnedSemaphorePermit);

/// How many events wait, as it was seen last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flood {
    pub(crate) seen_at: Timestamp,
    pub(crate) is_flooded: bool,
}
