use super::{Database, keys::Key};
use crate::sql::{Row, Write, query};
use crate::{
    Failure, Idempotency,
    failure::Doing,
    idempotency::{self, Answer, Begun, Request},
    limits,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

#[async_trait]
impl Idempotency for Database {
    async fn begin_answer(&self, request: &Request, now: Timestamp) -> Result<Begun, Failure> {
        let doing = "take an idempotency key";
        let (key, me) = (Key::Answer(&request.scope, &request.key), self.membership.number());
        let mut tx = self.write_holding([key], doing).await?;
        let row = query(
            "SELECT request_hash, status, body, begun_at, node, done, (SELECT COUNT(*) FROM nodes WHERE id = answers.node AND ended_at IS NULL) AS lives
             FROM answers WHERE scope = $1 AND key = $2",
        )
        .bind(&request.scope)
        .bind(&request.key)
        .fetch_optional(&mut tx)
        .await
        .doing(doing)?;
        if let Some(begun) = row.map(|row| known(&row, request, (me, now))).transpose()?.flatten() {
            return Ok(begun);
        }
        query(
            "INSERT INTO answers (scope, key, request_hash, begun_at, node) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (scope, key) DO UPDATE SET begun_at = excluded.begun_at, node = excluded.node",
        )
        .bind(&request.scope)
        .bind(&request.key)
        .bind(request.hash.as_slice())
        .bind(now.0)
        .bind(me)
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::TakeKey).await?;
        Ok(Begun::New)
    }

    async fn finish_answer(&self, request: &Request, answer: &Answer) -> Result<(), Failure> {
        let mut tx = self.write_beside().await?;
        query("UPDATE answers SET status = $3, body = $4 WHERE scope = $1 AND key = $2")
            .bind(&request.scope)
            .bind(&request.key)
            .bind(i64::from(answer.status))
            .bind(&answer.body)
            .execute(&mut tx)
            .await
            .doing("keep an answer")?;
        tx.commit(Point::KeepAnswer).await
    }

    async fn abandon_answer(&self, request: &Request) -> Result<(), Failure> {
        let mut tx = self.write_beside().await?;
        query("DELETE FROM answers WHERE scope = $1 AND key = $2 AND status IS NULL AND done = 0")
            .bind(&request.scope)
            .bind(&request.key)
            .execute(&mut tx)
            .await
            .doing("free an idempotency key")?;
        tx.commit(Point::FreeKey).await
    }

    async fn forget_answers(&self, before: Timestamp) -> Result<u64, Failure> {
        let mut tx = self.write_beside().await?;
        let gone = query("DELETE FROM answers WHERE begun_at < $1")
            .bind(before.0)
            .execute(&mut tx)
            .await
            .doing("forget old answers")?;
        tx.commit(Point::ForgetAnswers).await?;
        Ok(gone.rows_affected())
    }
}

/// What a taken key means for this request of node `me`; `None` when it is free again.
fn known(
    row: &Row,
    request: &Request,
    (me, now): (i64, Timestamp),
) -> Result<Option<Begun>, Failure> {
    if row.bytes("request_hash")? != request.hash {
        return Ok(Some(Begun::OtherRequest));
    }
    if let Some(status) = row.opt_int("status")? {
        let status = u16::try_from(status).ok().doing("read a stored row")?;
        let body = row.opt_bytes("body")?.unwrap_or_default();
        return Ok(Some(Begun::Answered(Answer { status, body })));
    }
    let age = now.0.saturating_sub(row.time("begun_at")?.0);
    let is_at_work =
        row.int("node")? != me && row.count("lives")? > 0 && age.abs() < limits::ANSWER_LEASE_MS;
    let is_done = row.int("done")? != 0;
    Ok(is_at_work.then_some(Begun::AtWork).or(is_done.then_some(Begun::Done)))
}

/// Writes down that something is done of the request that is at work here.
pub(super) async fn mark_asked(tx: &mut Write) -> Result<(), Failure> {
    match idempotency::asked() {
        Some(request) => mark(tx, &request).await,
        None => Ok(()),
    }
}

/// Writes down that something is done of a request.
pub(super) async fn mark(tx: &mut Write, request: &Request) -> Result<(), Failure> {
    query("UPDATE answers SET done = 1 WHERE scope = $1 AND key = $2")
        .bind(&request.scope)
        .bind(&request.key)
        .execute(tx)
        .await
        .doing("write down that a request is done")?;
    Ok(())
}
