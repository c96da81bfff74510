//! What the runtime needs from whoever reaches the outside.

use async_trait::async_trait;
use futures_util::FutureExt;
use journey::effect::{Failure, FailureKind};
use serde_json::Value;
use std::{panic::AssertUnwindSafe, time::Duration};
use store::InstanceId;
use tokio::time::timeout;

/// One connector call to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRequest {
    pub instance: InstanceId,
    /// `<instance>:<position>`: the same for every attempt, whatever happened to the others.
    pub idempotency_key: String,
    pub connection: String,
    pub operation: String,
    pub input: Value,
    pub timeout_ms: u64,
    /// Counts from 1.
    pub attempt: u32,
}

/// One message to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `<instance>:<position>`: the same for every attempt and every recipient.
    pub idempotency_key: String,
    /// E-mail address.
    pub to: String,
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Makes connector calls and sends mail.
#[async_trait]
pub trait Perform: Send + Sync {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure>;

    /// Returns when a mail server has taken the message.
    async fn send(&self, mail: Mail) -> Result<(), Failure>;
}

/// Codes of failures that say nothing of the other side, since ours could not be reached.
pub(crate) const OURS: [&str; 2] = [STORE_AWAY, "host.busy"];

/// Codes of calls that were given up on.
pub(crate) const TIMED_OUT: [&str; 2] = [TIMEOUT, "limit.wall"];

const STORE_AWAY: &str = "store.unavailable";
const TIMEOUT: &str = "call.timeout";

/// Does what reaches the outside, so that a panic in it is its own failure and nothing else's.
pub(crate) async fn guarded<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>> + Send,
) -> Result<T, Failure> {
    // What broke off is dropped as it is, and nobody else has a part of it.
    match timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(failure(FailureKind::Internal, "call.panicked", "the call broke off")),
        Err(_) => Err(failure(FailureKind::Transient, TIMEOUT, "the call took too long")),
    }
}

/// The store could not be asked; later it may.
pub(crate) fn store_away(error: store::Failure) -> Failure {
    failure(FailureKind::Transient, STORE_AWAY, &error.to_string())
}

pub(crate) fn failure(kind: FailureKind, code: &str, message: &str) -> Failure {
    Failure { kind, code: code.to_owned(), message: message.to_owned(), retry_after_ms: None }
}
