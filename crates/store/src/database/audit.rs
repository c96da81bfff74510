use super::{
    Database, Write,
    keys::Key,
    pieces,
    written::{number as to_column, to_json},
};
use crate::sql::{Builder, Row, query};
use crate::{
    Audit, AuditId, Failure, Ids, Page, Paging,
    audit::{Deed, Entry, Seal, chain},
    failure::Doing,
    limits,
    planted::{Mistake, makes},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

const WRITING: &str = "write the audit log";
const SEALING: &str = "seal the audit log";
const CHECKING: &str = "read the seals of the audit log";

const LINE: &str = "SELECT id, at, actor, action, object, detail FROM audit";
const NEWEST: &str = "SELECT number, lines, hash, at FROM audit_seals ORDER BY number DESC LIMIT 1";

#[async_trait]
impl Audit for Database {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure> {
        let id = self.ids.audit(deed.at, self.ids.any_slot());
        let mut tx = self.write().await?;
        insert(&mut tx, &[(id, deed)]).await?;
        tx.commit(Point::WriteAudit).await?;
        Ok(id)
    }

    async fn seal_audit(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut tx = self.write_holding([Key::Seal], SEALING).await?;
        let mut unsealed = Builder::new(LINE);
        unsealed
            .push(" WHERE seal IS NULL ORDER BY id LIMIT ")
            .push_bind(i64::from(limits::SEALED));
        let rows = unsealed.build().fetch_all(&mut tx).await.doing(SEALING)?;
        let lines = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        if lines.is_empty() {
            return Ok(0);
        }
        let last = query(NEWEST).fetch_optional(&mut tx).await.doing(SEALING)?;
        let last = last.as_ref().map(seal).transpose()?;
        let number = last.as_ref().map_or(1, |last| last.number + 1);
        let before = last.as_ref().filter(|_| !makes(Mistake::UnchainedSeal));
        let hash = chain(before.map(|last| last.hash.as_str()), number, &lines);
        query("INSERT INTO audit_seals (number, lines, hash, at) VALUES ($1, $2, $3, $4)")
            .bind(to_column(number))
            .bind(to_column(lines.len() as u64))
            .bind(hash)
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing(SEALING)?;
        for piece in pieces(tx.dialect(), &lines) {
            let mut bind = Builder::new("UPDATE audit SET seal = ");
            bind.push_bind(to_column(number)).push(" WHERE id IN (");
            let mut ids = bind.separated(", ");
            for line in piece {
                ids.push_bind(line.id.number());
            }
            bind.push(")");
            bind.build().execute(&mut tx).await.doing(SEALING)?;
        }
        tx.commit(Point::SealAudit).await?;
        Ok(lines.len() as u64)
    }

    async fn seals(&self, paging: Paging<u64>) -> Result<Page<Seal, u64>, Failure> {
        let rows = query(
            "SELECT number, lines, hash, at FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(to_column(paging.after.unwrap_or(0)))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing(CHECKING)?;
        let rows = rows.iter().map(seal).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Seal| row.number))
    }

    async fn audit_head(&self) -> Result<Option<Seal>, Failure> {
        let newest = query(NEWEST).fetch_optional(&self.reader).await.doing(CHECKING)?;
        newest.as_ref().map(seal).transpose()
    }

    async fn sealed(&self, number: u64) -> Result<Vec<Entry>, Failure> {
        let mut query = Builder::new(LINE);
        query.push(" WHERE seal = ").push_bind(to_column(number)).push(" ORDER BY id");
        let rows = query.build().fetch_all(&self.reader).await.doing(CHECKING)?;
        rows.iter().map(entry).collect()
    }

    async fn audit(&self, paging: Paging<AuditId>) -> Result<Page<Entry, AuditId>, Failure> {
        let mut query = Builder::new(LINE);
        query.push(" WHERE id < ").push_bind(paging.after.map_or(i64::MAX, AuditId::number));
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("read the audit log")?;
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

fn seal(row: &Row) -> Result<Seal, Failure> {
    Ok(Seal {
        number: row.count("number")?,
        lines: row.count("lines")?,
        hash: row.text("hash")?,
        at: row.time("at")?,
    })
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
