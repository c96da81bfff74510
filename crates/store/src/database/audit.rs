use super::{
    Database, Write,
    keys::Key,
    written::{number as to_column, to_json},
};
use crate::sql::{Bind, Builder, Insert, Keyed, Kind, Row, query, query_scalar, values};
use crate::{
    Audit, AuditId, Failure, Ids, JourneyId, Page, Paging,
    audit::{Deed, Entry, Seal, chain},
    failure::Doing,
    limits,
    planted::{Mistake, makes},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;
use std::sync::LazyLock;

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
        let ids: Vec<_> = lines.iter().map(|line| values![line.id.number()]).collect();
        SEALED.run(&mut tx, &[to_column(number).value()], &ids).await.doing(SEALING)?;
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

    async fn who_saved(&self, journey: JourneyId) -> Result<Option<String>, Failure> {
        // The condition is that of the index, word for word.
        query_scalar(
            "SELECT actor FROM audit WHERE object = $1 AND action IN ('journey.create', 'journey.import', 'journey.save')
             ORDER BY id DESC LIMIT 1",
        )
        .bind(journey.to_string())
        .fetch_optional(&self.reader)
        .await
        .doing("look who saved a draft")
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
    let details = rows.iter().map(|(_, deed)| to_json(&deed.detail));
    let details = details.collect::<Result<Vec<_>, _>>()?;
    let rows = rows.iter().zip(&details).map(|((id, deed), detail)| {
        values![id.number(), deed.at.0, &deed.actor, &deed.action, &deed.object, detail]
    });
    AUDIT.write(tx, rows.collect()).await.doing(WRITING)
}

static SEALED: LazyLock<Keyed> =
    LazyLock::new(|| Keyed::new(("UPDATE audit SET seal = $1", 1), &["id"], |_| String::new()));

static AUDIT: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        ("id", Kind::Int),
        ("at", Kind::Int),
        ("actor", Kind::Text),
        ("action", Kind::Text),
        ("object", Kind::Text),
        ("detail", Kind::Text),
    ];
    Insert::new("audit", &columns, |_| String::new())
});

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
