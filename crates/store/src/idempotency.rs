//! The first answer given under an idempotency key.

use crate::Failure;
use async_trait::async_trait;
use journey::Timestamp;

/// An answer to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A key within its scope (who asked for what), and the request it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub scope: String,
    pub key: String,
    /// SHA-256 of the body.
    pub hash: [u8; 32],
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is new and now taken: do the work, then `finish_answer` or `abandon_answer`.
    New,
    /// Another node that lives is at work on the first request.
    AtWork,
    /// It was answered.
    Answered(Answer),
    /// The key came with another request before.
    OtherRequest,
}

/// Answers by idempotency key.
#[async_trait]
pub trait Idempotency {
    /// Takes the key if it is free. One that was taken and never answered is free again when the node that took it is gone, after a minute, and
    /// for that node itself, which knows what it has at work.
    async fn begin_answer(&self, request: &Request, now: Timestamp) -> Result<Begun, Failure>;

    async fn finish_answer(&self, request: &Request, answer: &Answer) -> Result<(), Failure>;

    /// Frees a key whose request was refused or failed.
    async fn abandon_answer(&self, request: &Request) -> Result<(), Failure>;

    /// Forgets keys taken before this time; how many.
    async fn forget_answers(&self, before: Timestamp) -> Result<u64, Failure>;
}
