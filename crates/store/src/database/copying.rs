//! Copies a whole workspace from one database into another, of the same kind or not: a backup, its return, and the move to PostgreSQL.

use super::Database;
use crate::{
    Failure, FailureKind,
    failure::Doing,
    sql::{AnyValue, Builder, Dialect, Kind, Write, query, query_as},
};
use failpoints::Point;
use futures_util::TryStreamExt;
use journey::Timestamp;
use std::collections::BTreeMap;

const DOING: &str = "copy the workspace";
const COUNTING: &str = "count the rows";
const MARKING: &str = "write down that the workspace was moved";
const SETTLING: &str = "bring the log of the file into it";

/// The table that says where the workspace went.
const MOVED: &str = "moved";

/// Rows that are written with one statement.
const ROWS: usize = 100;

/// What became of copying a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// This many rows are there.
    Rows(u64),
    /// There is a workspace already; nothing was written.
    NotEmpty,
}

/// That a workspace was taken elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What people call the place it went to; empty when it comes here from elsewhere, and is not all here.
    pub target: String,
    /// When that began.
    pub at: Timestamp,
    /// Whether the other place is known to have it.
    pub is_done: bool,
}

/// A database's tables, each with its columns in order.
type Tables = BTreeMap<String, Vec<(String, Kind)>>;

impl Database {
    /// Copies all of it as it stands at one moment, also while it is being written, into a database that is empty: whole, or nothing.
    ///
    /// # Errors
    ///
    /// One of them fails, or they have not the same tables.
    pub async fn copy_to(&self, target: &Self) -> Result<Copied, Failure> {
        let Some((to, copied)) = self.fill(target).await? else { return Ok(Copied::NotEmpty) };
        to.commit(Point::Copy).await?;
        Ok(Copied::Rows(copied))
    }

    /// As [`Self::copy_to`], and writes down here that the workspace goes there, before it is there: at no moment is it in two places to be
    /// served. What `named` is called and when it began is for people.
    ///
    /// # Errors
    ///
    /// As there. Unless it is not known whether the other one has it, this one goes on.
    pub async fn move_to(
        &self,
        target: &Self,
        named: &str,
        now: Timestamp,
    ) -> Result<Copied, Failure> {
        let Some((to, copied)) = self.fill(target).await? else { return Ok(Copied::NotEmpty) };
        self.mark_moved(Some(&Moved { target: named.to_owned(), at: now, is_done: false })).await?;
        if let Err(failure) = to.commit(Point::Copy).await {
            if target.is_empty().await? {
                self.mark_moved(None).await?;
            }
            return Err(failure);
        }
        Ok(Copied::Rows(copied))
    }

    /// Writes all of it into an empty database, without a commit, and counts the rows; `None` when there is something.
    async fn fill(&self, target: &Self) -> Result<Option<(Write, u64)>, Failure> {
        let mut from = self.reader.begin_snapshot().await.doing(DOING)?;
        let mut to = target.write().await?;
        let tables = tables(&mut from).await?;
        if tables != self::tables(&mut to).await? {
            return Err(Failure::bare(FailureKind::Corrupt, DOING));
        }
        if !are_empty(&mut to, &tables).await? {
            return Ok(None);
        }
        query("DELETE FROM moved").execute(&mut to).await.doing(DOING)?;
        let mut copied = 0;
        // Where a workspace went is no part of it.
        for (table, columns) in tables.iter().filter(|(table, _)| *table != MOVED) {
            copied += copy(&mut from, &mut to, (table, columns)).await?;
        }
        Ok(Some((to, copied)))
    }

    /// Whether there is nothing of a workspace in it.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn is_empty(&self) -> Result<bool, Failure> {
        let mut looking = self.reader.begin_snapshot().await.doing(DOING)?;
        let tables = tables(&mut looking).await?;
        are_empty(&mut looking, &tables).await
    }

    /// How many rows there are.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn rows(&self) -> Result<u64, Failure> {
        let mut all = self.reader.begin_snapshot().await.doing(COUNTING)?;
        let mut rows = 0;
        for table in tables(&mut all).await?.keys() {
            let count = Builder::new(&format!("SELECT COUNT(*) AS rows FROM \"{table}\""));
            let counted = count.build().fetch_one(&mut all).await.doing(COUNTING)?;
            rows += counted.count("rows")?;
        }
        Ok(rows)
    }

    /// Where this workspace was taken.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn moved(&self) -> Result<Option<Moved>, Failure> {
        let moved: Option<(String, i64, i64)> =
            query_as("SELECT target, at, is_done FROM moved LIMIT 1")
                .fetch_optional(&self.reader)
                .await
                .doing("see whether the workspace was moved")?;
        let told =
            |(target, at, is_done)| Moved { target, at: Timestamp(at), is_done: is_done == 1 };
        Ok(moved.map(told))
    }

    /// Writes down where this workspace was taken; with none, that it goes on here.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn mark_moved(&self, moved: Option<&Moved>) -> Result<(), Failure> {
        let mut tx = self.write_as_nobody().await?;
        query("DELETE FROM moved").execute(&mut tx).await.doing(MARKING)?;
        if let Some(Moved { target, at, is_done }) = moved {
            let mark = query("INSERT INTO moved (target, at, is_done) VALUES ($1, $2, $3)");
            let mark = mark.bind(target).bind(at.0).bind(i64::from(*is_done));
            mark.execute(&mut tx).await.doing(MARKING)?;
        }
        tx.commit(Point::MarkMoved).await
    }

    /// Brings into a SQLite file what its log holds, so that the file alone is all of it: as it is closed that is tried, too, but nobody is told
    /// when there is no room.
    ///
    /// # Errors
    ///
    /// The disk is full, or somebody else uses the file.
    pub async fn settle(&self) -> Result<(), Failure> {
        match self.writer.dialect() {
            Dialect::Postgres => Ok(()),
            Dialect::Sqlite => {
                let settled = query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer);
                let (is_busy, _, _): (i64, i64, i64) = settled.await.doing(SETTLING)?;
                if is_busy == 0 { Ok(()) } else { Err(Failure::bare(FailureKind::Busy, SETTLING)) }
            }
        }
    }
}

/// Whether there is no row in any of these.
async fn are_empty(tx: &mut Write, tables: &Tables) -> Result<bool, Failure> {
    // That it was to be filled fills it with nothing.
    for table in tables.keys().filter(|table| *table != MOVED) {
        let any = Builder::new(&format!("SELECT 1 FROM \"{table}\" LIMIT 1"));
        if any.build().fetch_optional(&mut *tx).await.doing(DOING)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One table, a few rows at a time.
async fn copy(
    from: &mut Write,
    to: &mut Write,
    (table, columns): (&str, &[(String, Kind)]),
) -> Result<u64, Failure> {
    let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let names = names.join(", ");
    let read = Builder::new(&format!("SELECT {names} FROM \"{table}\""));
    let rows = from.stream(read.build()).doing(DOING)?;
    let mut pieces = rows.try_chunks(ROWS);
    let mut copied = 0;
    while let Some(piece) = pieces.try_next().await.map_err(|error| error.1).doing(DOING)? {
        let mut write = Builder::new(&format!("INSERT INTO \"{table}\" ({names}) "));
        let mut values = Vec::with_capacity(piece.len());
        for row in &piece {
            let read = columns.iter().enumerate().map(|(place, (_, kind))| row.any(place, *kind));
            values.push(read.collect::<Result<Vec<AnyValue>, _>>().doing(DOING)?);
        }
        copied += values.len() as u64;
        write.push_values(values, |mut row, values| {
            for value in values {
                row.push_bind(value);
            }
        });
        write.build().execute(&mut *to).await.doing(DOING)?;
    }
    Ok(copied)
}

/// Every table of ours, but the one in which migrations are kept: each database has its own. What an index of SQLite keeps in tables is made
/// from them.
pub(super) async fn tables(tx: &mut Write) -> Result<Tables, Failure> {
    let listed = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT t.name, c.name, c.type FROM pragma_table_list t JOIN pragma_table_info(t.name) c
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> '_sqlx_migrations'
             ORDER BY t.name, c.cid"
        }
        Dialect::Postgres => {
            "SELECT table_name::TEXT, column_name::TEXT, data_type::TEXT FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations' ORDER BY table_name, ordinal_position"
        }
    };
    let listed: Vec<(String, String, String)> =
        query_as(listed).fetch_all(&mut *tx).await.doing("list the tables")?;
    let mut tables = Tables::new();
    for (table, column, kind) in listed {
        let kind = Kind::of(&kind).doing("list the tables")?;
        tables.entry(table).or_default().push((column, kind));
    }
    // Columns stand in whatever order they came to each.
    for columns in tables.values_mut() {
        columns.sort();
    }
    Ok(tables)
}
