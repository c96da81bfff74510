//! Accounts by name, all of them or those with a text in them.
//!
//! A text is in few accounts, which the index finds and which are then put in order; or in so many that a page is soon full when accounts are
//! looked at in the order of their names. Each is slow where the other is quick, and nobody knows beforehand which it is.

use super::ACCOUNT;
use crate::{
    AccountCursor, AccountId, Failure, Paging,
    accounts::Search,
    database::{Database, written::containing},
    failure::Doing,
    sql::{Builder, Dialect, Row, Statement, query},
};

const LISTING: &str = "list accounts";
const COUNTING: &str = "count accounts";

/// A text that is in more accounts is common; of any other, all accounts are fetched and put in order. With a million accounts in a file this
/// many take 10 ms.
const FEW: i64 = if cfg!(test) { 20 } else { 10_000 };
/// So many accounts are looked at in the order of their names before all that have a common text are fetched; in a file it takes 12 ms. Of a
/// million, those with a common text fill a page of 50 within 5,100, unless they lie close together.
const NEAR: i64 = if cfg!(test) { 15 } else { 6_000 };
/// Letters of a piece of a text; the index knows no shorter ones.
const PIECE: usize = 3;
/// So many pieces are looked up: with a million accounts each costs up to 2 ms, and what is found is looked at again anyway.
const PIECES: usize = 8;

impl Database {
    /// The accounts of a page, and one more.
    pub(super) async fn page(
        &self,
        search: &Search,
        paging: &Paging<AccountCursor>,
    ) -> Result<Vec<Row>, Failure> {
        let wanted = Wanted::new(search, paging);
        let rows = async |query: Statement<'_>| query.fetch_all(&self.reader).await.doing(LISTING);
        let Some(pieces) = &wanted.pieces else { return rows(wanted.by_name(None)).await };
        let dialect = self.reader.dialect();
        // PostgreSQL's index gives all or nothing, so that it is asked last.
        if dialect == Dialect::Sqlite {
            let few = rows(wanted.by_index_if_few(pieces)).await?;
            if !few.is_empty() || !self.is_common(pieces).await? {
                return Ok(few);
            }
        }
        let last = rows(wanted.last_near()).await?;
        let Some(last) = last.first().map(cursor).transpose()? else {
            return rows(wanted.by_name(None)).await;
        };
        let near = rows(wanted.by_name(Some(&last))).await?;
        if near.len() as u64 == wanted.probe.unsigned_abs() {
            return Ok(near);
        }
        rows(wanted.by_index(dialect, pieces)).await
    }

    /// How many accounts are found, counted up to `limit`.
    pub(super) async fn count(&self, search: &Search, limit: u32) -> Result<u64, Failure> {
        let everything = Paging::first(1);
        let wanted = Wanted::new(search, &everything);
        let mut pieces = wanted.pieces.as_deref().filter(|_| self.is_a_file());
        // A segment may be far smaller than what has a common text.
        if let (Some(some), Some(_)) = (pieces, wanted.segment)
            && self.is_common(some).await?
        {
            pieces = None;
        }
        let counted = wanted.count(pieces, limit).fetch_one(&self.reader).await.doing(COUNTING)?;
        counted.count("found")
    }

    fn is_a_file(&self) -> bool {
        self.reader.dialect() == Dialect::Sqlite
    }

    /// Whether more than a few accounts in a file have a text.
    async fn is_common(&self, pieces: &str) -> Result<bool, Failure> {
        let next = "SELECT rowid FROM accounts_text WHERE accounts_text MATCH $1 LIMIT 1 OFFSET $2";
        let next = query(next).bind(pieces).bind(FEW).fetch_optional(&self.reader).await;
        Ok(next.doing("look a text up")?.is_some())
    }
}

/// Which accounts, as the statements say it.
struct Wanted<'a> {
    segment: Option<&'a str>,
    /// The text, as a pattern.
    pattern: Option<String>,
    /// The text, as SQLite's index takes it.
    pieces: Option<String>,
    after: Option<&'a AccountCursor>,
    /// How many rows, one more than the page has.
    probe: i64,
}

impl<'a> Wanted<'a> {
    fn new(search: &'a Search, paging: &'a Paging<AccountCursor>) -> Self {
        let text = search.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Self {
            segment: search.segment.as_deref(),
            pattern: text.map(containing),
            pieces: text.and_then(pieces),
            after: paging.after.as_ref(),
            probe: paging.probe(),
        }
    }

    /// The first in the order of their names; with a last one, those up to it.
    fn by_name<'w>(&'w self, last: Option<&'w AccountCursor>) -> Statement<'w> {
        let mut query = Builder::new(ACCOUNT);
        query.push(" WHERE 1 = 1");
        self.narrow(&mut query);
        if let Some(last) = last {
            query.push(" AND (name, id) <= (").push_bind(&last.name);
            query.push(", ").push_bind(last.id.number()).push(")");
        }
        query.push(" ORDER BY name, id LIMIT ").push_bind(self.probe);
        query.build()
    }

    /// The last of those that are looked at in the order of their names; nothing when there are fewer.
    fn last_near(&self) -> Statement<'_> {
        let mut query = Builder::new("SELECT name, id FROM accounts WHERE 1 = 1");
        self.narrow_to_segment(&mut query);
        self.begin(&mut query);
        query.push(" ORDER BY name, id LIMIT 1 OFFSET ").push_bind(NEAR - 1);
        query.build()
    }

    /// All that the index finds, put in order.
    fn by_index<'w>(&'w self, dialect: Dialect, pieces: &'w str) -> Statement<'w> {
        let mut query = Builder::new(ACCOUNT);
        query.push(" WHERE 1 = 1");
        self.narrow(&mut query);
        if dialect == Dialect::Sqlite {
            query.push(" AND id IN (SELECT rowid FROM accounts_text WHERE accounts_text MATCH ");
            query.push_bind(pieces).push(")");
        }
        self.sort(&mut query);
        query.build()
    }

    /// As [`Self::by_index`] in a file; nothing when the text is common.
    fn by_index_if_few<'w>(&'w self, pieces: &'w str) -> Statement<'w> {
        let mut query = Builder::new(
            "WITH found AS MATERIALIZED (SELECT rowid AS account FROM accounts_text WHERE accounts_text MATCH ",
        );
        query.push_bind(pieces).push(" LIMIT ").push_bind(FEW + 1).push(") ").push(ACCOUNT);
        query.push(" WHERE id IN (SELECT account FROM found)");
        query.push(" AND (SELECT COUNT(*) FROM found) <= ").push_bind(FEW);
        self.narrow(&mut query);
        self.sort(&mut query);
        query.build()
    }

    /// How many there are; with pieces, by the index of a file, which gives one after the other.
    fn count<'w>(&'w self, pieces: Option<&'w str>, limit: u32) -> Statement<'w> {
        let mut query = Builder::new("SELECT COUNT(*) AS found FROM (SELECT id FROM ");
        if let Some(pieces) = pieces {
            query.push("(SELECT rowid AS account FROM accounts_text WHERE accounts_text MATCH ");
            query.push_bind(pieces).push(") CROSS JOIN accounts ON id = account");
        } else {
            query.push("accounts");
        }
        query.push(" WHERE 1 = 1");
        self.narrow(&mut query);
        query.push(" LIMIT ").push_bind(i64::from(limit)).push(") AS counted");
        query.build()
    }

    fn narrow<'w>(&'w self, query: &mut Builder<'w>) {
        self.narrow_to_segment(query);
        self.begin(query);
        let Some(pattern) = &self.pattern else { return };
        query.push(" AND (LOWER(name) LIKE ").push_bind(pattern);
        query.push(" ESCAPE '\\' OR LOWER(external_id) LIKE ").push_bind(pattern);
        query.push(" ESCAPE '\\' OR LOWER(owner) LIKE ").push_bind(pattern);
        query.push(" ESCAPE '\\')");
    }

    fn narrow_to_segment<'w>(&'w self, query: &mut Builder<'w>) {
        if let Some(segment) = self.segment {
            query.push(" AND segment = ").push_bind(segment);
        }
    }

    fn begin<'w>(&'w self, query: &mut Builder<'w>) {
        if let Some(after) = self.after {
            query.push(" AND (name, id) > (").push_bind(&after.name);
            query.push(", ").push_bind(after.id.number()).push(")");
        }
    }

    /// By name, but said so that neither database thinks of going through all accounts in that order.
    fn sort(&self, query: &mut Builder<'_>) {
        query.push(" ORDER BY name || '', id LIMIT ").push_bind(self.probe);
    }
}

/// What SQLite's index is asked for: pieces of a text from its beginning to its end. None when it is too short, or has a letter with which
/// SQLite ends texts.
fn pieces(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < PIECE || letters.contains(&'\0') {
        return None;
    }
    let all: Vec<_> = letters.windows(PIECE).collect();
    let some = all.len().min(PIECES);
    let spread = (0..some).map(|place| all[place * (all.len() - 1) / (some - 1).max(1)]);
    let quoted = spread.map(|piece| {
        let piece: String = piece.iter().collect();
        format!("\"{}\"", piece.replace('"', "\"\""))
    });
    Some(quoted.collect::<Vec<_>>().join(" AND "))
}

fn cursor(row: &Row) -> Result<AccountCursor, Failure> {
    Ok(AccountCursor { name: row.text("name")?, id: AccountId::stored(row.int("id")?) })
}
