use super::Memory;
use crate::{
    Failure, Idempotency, NodeId,
    idempotency::{Answer, Begun, Request},
    limits,
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By scope and key.
    rows: BTreeMap<(String, String), Row>,
}

#[derive(Debug)]
struct Row {
    hash: [u8; 32],
    answer: Option<Answer>,
    begun_at: Timestamp,
    node: Option<NodeId>,
    done: bool,
}

impl Kept {
    /// Writes down that something is done of a request.
    pub(super) fn mark(&mut self, request: Option<&Request>) {
        if let Some(row) = request.and_then(|request| self.rows.get_mut(&key(request))) {
            row.done = true;
        }
    }
}

#[async_trait]
impl Idempotency for Memory {
    async fn begin_answer(&self, request: &Request, now: Timestamp) -> Result<Begun, Failure> {
        let (kept, me) = (&mut *self.to_write()?, self.node());
        let rows = &mut kept.idempotency.rows;
        match rows.get(&key(request)) {
            Some(row) if row.hash != request.hash => return Ok(Begun::OtherRequest),
            Some(Row { answer: Some(answer), .. }) => return Ok(Begun::Answered(answer.clone())),
            Some(Row { node: Some(node), begun_at, .. })
                if Some(*node) != me
                    && kept.nodes.lives(*node)
                    && (now.0 - begun_at.0).abs() < limits::ANSWER_LEASE_MS =>
            {
                return Ok(Begun::AtWork);
            }
            Some(Row { done: true, .. }) => return Ok(Begun::Done),
            Some(_) | None => {}
        }
        rows.insert(
            key(request),
            Row { hash: request.hash, answer: None, begun_at: now, node: me, done: false },
        );
        Ok(Begun::New)
    }

    async fn finish_answer(&self, request: &Request, answer: &Answer) -> Result<(), Failure> {
        if let Some(row) = self.kept().idempotency.rows.get_mut(&key(request)) {
            row.answer = Some(answer.clone());
        }
        Ok(())
    }

    async fn abandon_answer(&self, request: &Request) -> Result<(), Failure> {
        let rows = &mut self.to_write()?.idempotency.rows;
        if rows.get(&key(request)).is_some_and(|row| row.answer.is_none() && !row.done) {
            rows.remove(&key(request));
        }
        Ok(())
    }

    async fn forget_answers(&self, before: Timestamp) -> Result<u64, Failure> {
        let rows = &mut self.to_write()?.idempotency.rows;
        let many = rows.len();
        rows.retain(|_, row| row.begun_at >= before);
        Ok((many - rows.len()) as u64)
    }
}

fn key(request: &Request) -> (String, String) {
    (request.scope.clone(), request.key.clone())
}
