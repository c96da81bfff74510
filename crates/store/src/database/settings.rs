use super::Database;
use crate::sql::{query, query_scalar};
use crate::{Failure, Settings, failure::Doing};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

#[async_trait]
impl Settings for Database {
    async fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        query_scalar("SELECT value FROM settings WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .doing("read a setting")
    }

    async fn set_setting(&self, name: &str, value: &str, now: Timestamp) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query(
            "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(name)
        .bind(value)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("change a setting")?;
        tx.commit(Point::ChangeSetting).await
    }
}
