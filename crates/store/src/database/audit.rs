use super::{Database, Write, pieces, written::to_json};
use crate::sql::{Builder, Row, query};
use crate::{
    Audit, AuditId, Failure, Ids, Page, Paging,
    audit::{Deed, Entry},
    failure::Doing,
};
use async_trait::async_trait;

const WRITING: &str = "write the audit log";

#[async_trait]
impl Audit for Database {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure> {
        let id = self.ids.audit(deed.at, self.ids.any_slot());
        let mut tx = self.write().await?;
        insert(&mut tx, &[(id, deed)]).await?;
        tx.commit().await.doing(WRITING)?;
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

/// Writes deeds within the transaction that does them.
pub(super) async fn write_deeds<'a>(
    tx: &mut Write,
    ids: &Ids,
    deeds: impl Iterator<Item = &'a Deed>,
) -> Result<(), Failure> {
    let rows: Vec<_> = deeds.map(|deed| (ids.audit(deed.at, ids.any_slot()), deed)).collect();
    insert(tx, &rows).await
}

async fn insert(tx: &mut Write, rows: &[(AuditId, &Deed)]) -> Result<(), Failure> {
    for piece in pieces(tx.dialect(), rows) {
        let details: Vec<String> =
            piece.iter().map(|(_, deed)| to_json(&deed.detail)).collect::<Result<_, _>>()?;
        let mut query = Builder::new("INSERT INTO audit (id, at, actor, action, object, detail) ");
        query.push_values(piece.iter().zip(&details), |mut row, ((id, deed), detail)| {
            row.push_bind(id.number())
                .push_bind(deed.at.0)
                .push_bind(&deed.actor)
                .push_bind(&deed.action)
                .push_bind(&deed.object)
                .push_bind(detail);
        });
        query.build().execute(&mut *tx).await.doing(WRITING)?;
    }
    Ok(())
}

fn entry(row: &Row) -> Result<Entry, Failure> {
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
