use super::{Database, keys::Key};
use crate::sql::{query, query_scalar};
use crate::{
    Failure, Messages,
    failure::Doing,
    messages::{Counted, Share, Taken},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

const DOING: &str = "count a message";
const DAY_MS: i64 = 86_400_000;

#[async_trait]
impl Messages for Database {
    async fn take_share(
        &self,
        share: &Share,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<Taken, Failure> {
        let key = Key::Share(counted.journey, &counted.node, &share.recipient);
        let mut tx = self.write_holding([key], DOING).await?;
        let sent: Option<i64> = query_scalar(
            "SELECT sent FROM messages WHERE slot = $1 AND instance = $2 AND position = $3 AND recipient = $4",
        )
        .bind(share.instance.slot().number())
        .bind(share.instance.number())
        .bind(i64::from(share.position.0))
        .bind(&share.recipient)
        .fetch_optional(&mut tx)
        .await
        .doing(DOING)?;
        match sent {
            Some(0) => return Ok(Taken::Ours),
            Some(_) => return Ok(Taken::Sent),
            None => {}
        }
        let before: i64 = query_scalar(
            "SELECT COUNT(*) FROM messages WHERE journey = $1 AND node = $2 AND recipient = $3 AND at > $4",
        )
        .bind(counted.journey.number())
        .bind(&counted.node)
        .bind(&share.recipient)
        .bind(now.plus(-DAY_MS).0)
        .fetch_one(&mut tx)
        .await
        .doing(DOING)?;
        if counted.cap.is_some_and(|cap| before >= i64::from(cap)) {
            return Ok(Taken::Capped);
        }
        query(
            "INSERT INTO messages (slot, instance, position, recipient, journey, node, at, sent)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        )
        .bind(share.instance.slot().number())
        .bind(share.instance.number())
        .bind(i64::from(share.position.0))
        .bind(&share.recipient)
        .bind(counted.journey.number())
        .bind(&counted.node)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing(DOING)?;
        tx.commit(Point::TakeShare).await?;
        Ok(Taken::Ours)
    }

    async fn share_sent(&self, share: &Share) -> Result<(), Failure> {
        self.change(
            "UPDATE messages SET sent = 1 WHERE slot = $1 AND instance = $2 AND position = $3 AND recipient = $4",
            share,
        )
        .await
    }

    async fn drop_share(&self, share: &Share) -> Result<(), Failure> {
        self.change(
            "DELETE FROM messages WHERE slot = $1 AND instance = $2 AND position = $3 AND recipient = $4 AND sent = 0",
            share,
        )
        .await
    }

    async fn forget_messages(&self, before: Timestamp) -> Result<u64, Failure> {
        let mut tx = self.write_beside().await?;
        let gone = query("DELETE FROM messages WHERE at < $1")
            .bind(before.0)
            .execute(&mut tx)
            .await
            .doing("forget old messages")?;
        tx.commit(Point::ForgetMessages).await?;
        Ok(gone.rows_affected())
    }
}

impl Database {
    async fn change(&self, statement: &'static str, share: &Share) -> Result<(), Failure> {
        let mut tx = self.write_beside().await?;
        query(statement)
            .bind(share.instance.slot().number())
            .bind(share.instance.number())
            .bind(i64::from(share.position.0))
            .bind(&share.recipient)
            .execute(&mut tx)
            .await
            .doing(DOING)?;
        tx.commit(Point::ChangeShare).await
    }
}
