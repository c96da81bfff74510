use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What kind of failure it is decides what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The input or the configuration is wrong.
    InvalidInput,
    /// The other system refused the credentials.
    Auth,
    /// What it should act on is not there.
    NotFound,
    /// The other system's state does not allow it.
    Conflict,
    /// Too many calls: try again, later.
    RateLimited,
    /// It may succeed when tried again.
    Transient,
    /// It will not succeed when tried again.
    Permanent,
    /// The connector itself is at fault.
    Internal,
}

impl FailureKind {
    /// Whether the same call may succeed later.
    pub fn may_pass(self) -> bool {
        matches!(self, FailureKind::RateLimited | FailureKind::Transient)
    }
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What follows from it.
    pub kind: FailureKind,
    /// For machines: the connector's own code, or one of [`kill`].
    pub code: String,
    /// For the person who reads the incident.
    pub message: String,
    /// The other system should not be asked before this many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// What a person may need to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl Failure {
    /// A failure the host found.
    pub fn new(kind: FailureKind, code: &str, message: impl Into<String>) -> Self {
        Failure {
            kind,
            code: code.to_owned(),
            message: message.into(),
            retry_after_ms: None,
            details: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

/// The codes of calls that the host ended.
pub mod kill {
    /// It used up its CPU time.
    pub const CPU: &str = "limit.cpu";
    /// It did not answer in time.
    pub const WALL: &str = "limit.wall";
    /// It asked for more memory than it may have.
    pub const MEMORY: &str = "limit.memory";
    /// It recursed too deep.
    pub const STACK: &str = "limit.stack";
    /// It moved more bytes than it may.
    pub const IO_BYTES: &str = "limit.io-bytes";
    /// It called the host more often than it may.
    pub const CALLS: &str = "limit.calls";
    /// It panicked, and said why.
    pub const PANIC: &str = "connector.panic";
    /// It stopped without a word.
    pub const TRAP: &str = "connector.trap";
    /// It touched memory it does not have.
    pub const OOB: &str = "connector.oob";
}
