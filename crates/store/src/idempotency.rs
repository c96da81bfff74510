//! The first answer given under an idempotency key.

use crate::Failure;
use async_trait::async_trait;
use journey::Timestamp;
use std::future::Future;

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

tokio::task_local! {
    static ASKED: Request;
}

/// Does what a request asks for: whatever is written on the way says so under its key, in the same transaction.
pub async fn asking<T>(request: Request, work: impl Future<Output = T>) -> T {
    ASKED.scope(request, work).await
}

/// As [`asking`] for the request that is at work here, if one is, also where the work is done by a task of its own.
pub fn still_asking<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let request = asked();
    async move {
        match request {
            Some(request) => asking(request, work).await,
            None => work.await,
        }
    }
}

/// The request that is at work here, when it has a key.
pub fn asked() -> Option<Request> {
    ASKED.try_with(Clone::clone).ok()
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is new and now taken: do the work, then `finish_answer` or `abandon_answer`.
    New,
    /// Another node that lives is at work on the first request.
    AtWork,
    /// Something of it is done, and whoever did it is gone before it was answered.
    Done,
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

    /// Frees a key whose request was refused or failed, unless something of it is done.
    async fn abandon_answer(&self, request: &Request) -> Result<(), Failure>;

    /// Forgets keys taken before this time; how many.
    async fn forget_answers(&self, before: Timestamp) -> Result<u64, Failure>;
}
