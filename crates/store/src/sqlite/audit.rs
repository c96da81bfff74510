use super::{
    SqliteStore,
    row::{Columns, to_json},
};
use crate::{
    Audit, AuditId, Failure, Page, Paging,
    audit::{Deed, Entry},
    failure::Doing,
};
use async_trait::async_trait;
use sqlx::{query, sqlite::SqliteRow};

#[async_trait]
impl Audit for SqliteStore {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure> {
        let id = self.ids.audit(deed.at, self.ids.any_slot());
        let mut tx = self.write().await?;
        query(
            "INSERT INTO audit (id, at, actor, action, object, detail)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.number())
        .bind(deed.at.0)
        .bind(&deed.actor)
        .bind(&deed.action)
        .bind(&deed.object)
        .bind(to_json(&deed.detail)?)
        .execute(&mut *tx)
        .await
        .doing("write the audit log")?;
        tx.commit().await.doing("write the audit log")?;
        Ok(id)
    }

    async fn audit(&self, paging: Paging<AuditId>) -> Result<Page<Entry, AuditId>, Failure> {
        let rows = query(
            "SELECT id, at, actor, action, object, detail FROM audit
             WHERE id < $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(paging.after.map_or(i64::MAX, AuditId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("read the audit log")?;
        let rows = rows.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Entry| row.id))
    }
}

fn entry(row: &SqliteRow) -> Result<Entry, Failure> {
    Ok(Entry {
        id: AuditId::stored(row.int("id")?),
        deed: Deed {
            actor: row.text("actor")?,
            action: row.text("action")?,
            object: row.text("object")?,
            detail: row.json("detail")?,
            at: row.time("at")?,
        },
    })
}
