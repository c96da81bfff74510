use super::Database;
use crate::sql::{Row, query};
use crate::{Failure, Hooks, JourneyId, directory::Made, failure::Doing, hooks::Hook};
use async_trait::async_trait;
use failpoints::Point;

#[async_trait]
impl Hooks for Database {
    async fn create_hook(&self, hook: &Hook) -> Result<Made<()>, Failure> {
        let mut tx = self.write().await?;
        let made = query(
            "INSERT INTO hooks (slug, journey, secret, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(&hook.slug)
        .bind(hook.journey.number())
        .bind(hook.sealed_secret.as_deref())
        .bind(hook.created_at.0)
        .execute(&mut tx)
        .await
        .doing("make a hook")?;
        tx.commit(Point::MakeHook).await?;
        Ok(if made.rows_affected() == 1 { Made::Made(()) } else { Made::Taken })
    }

    async fn hook(&self, slug: &str) -> Result<Option<Hook>, Failure> {
        let row = query("SELECT slug, journey, secret, created_at FROM hooks WHERE slug = $1")
            .bind(slug)
            .fetch_optional(&self.reader)
            .await
            .doing("read a hook")?;
        row.as_ref().map(hook).transpose()
    }

    async fn hooks(&self) -> Result<Vec<Hook>, Failure> {
        let rows = query("SELECT slug, journey, secret, created_at FROM hooks ORDER BY slug")
            .fetch_all(&self.reader)
            .await
            .doing("list hooks")?;
        rows.iter().map(hook).collect()
    }

    async fn delete_hook(&self, slug: &str) -> Result<bool, Failure> {
        let mut tx = self.write().await?;
        let gone = query("DELETE FROM hooks WHERE slug = $1")
            .bind(slug)
            .execute(&mut tx)
            .await
            .doing("delete a hook")?;
        tx.commit(Point::DeleteHook).await?;
        Ok(gone.rows_affected() > 0)
    }
}

fn hook(row: &Row) -> Result<Hook, Failure> {
    Ok(Hook {
        slug: row.text("slug")?,
        journey: JourneyId::stored(row.int("journey")?),
        sealed_secret: row.opt_bytes("secret")?,
        created_at: row.time("created_at")?,
    })
}
