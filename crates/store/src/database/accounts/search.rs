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

/// A text that is in more accounts is common; of any other, all accounts are fetched and put in order. In a file of a million accounts one is
/// fetched in 3 µs. Tests come to every way with few accounts.
const FEW: i64 = if cfg!(test) { 20 } else { 3_000 };
/// So many accounts are looked at in the order of their names before all that have a common text are fetched: 0.3 µs each in a file, 0.8 µs in
/// PostgreSQL. Of a million, 5,100 that have it fill a page of 50 by then, unless they lie close together.
const NEAR: i64 = if cfg!(test) { 15 } else { 10_000 };
/// Letters of a piece of a text; the index knows no shorter ones.
const PIECE: usize = 3;
/// So many pieces are looked up: with a million accounts each costs up to 2 ms, and what is found is looked at again anyway.
const PIECES: usize = 6;

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
        self.build(query)
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
        self.build(query)
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
        self.build(query)
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
        self.build(query)
    }

    /// PostgreSQL takes its index for whatever text, unless it sees which one it is: for "a", too, for which that gives all accounts.
    fn build<'w>(&self, query: Builder<'w>) -> Statement<'w> {
        if self.pattern.is_some() { query.build().planned_by_values() } else { query.build() }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Accounts, Copied, Store, accounts::Statement as Stated, promises::NOW};
    use sqlx::{AssertSqlSafe, Connection, PgConnection};

    /// So many accounts, each with a number, in every database.
    async fn fill(store: &Database) {
        let account = |n| Stated {
            external_id: format!("A{n:05}"),
            name: format!("Account {:05}", n * 7_919 % 5_000),
            ..Stated::default()
        };
        let batch: Vec<_> = (0..5_000).map(account).collect();
        store.upsert_accounts(&batch, None, NOW).await.unwrap();
    }

    async fn in_a_file() -> (Database, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Database::open(&folder.path().join("waymark.db"), 1).await.unwrap(), folder)
    }

    /// How a database goes about a statement.
    async fn plan(store: &Database, statement: Statement<'_>) -> String {
        let dialect = store.reader.dialect();
        let column = if dialect == Dialect::Sqlite { "detail" } else { "QUERY PLAN" };
        let steps = statement.explained(dialect).fetch_all(&store.reader).await.unwrap();
        steps.iter().map(|step| step.text(column).unwrap() + "\n").collect()
    }

    fn looking_for(q: &str) -> Search {
        Search { q: Some(q.to_owned()), segment: None }
    }

    async fn count(store: &Database, q: &str) -> u64 {
        store.count_accounts(&looking_for(q), 99).await.unwrap()
    }

    #[test]
    fn a_text_is_looked_up_in_pieces_from_its_beginning_to_its_end() {
        assert_eq!(pieces("ab"), None);
        assert_eq!(pieces("a\0bc"), None);
        assert_eq!(pieces("a\"ö").unwrap(), "\"a\"\"ö\"");
        assert_eq!(pieces("abcde").unwrap(), "\"abc\" AND \"bcd\" AND \"cde\"");
        let long = pieces("abcdefghijklmnopqrstuvwxyz").unwrap();
        assert!(long.starts_with("\"abc\" AND ") && long.ends_with(" AND \"xyz\""), "{long}");
        assert_eq!(long.matches(" AND ").count() + 1, PIECES);
    }

    #[tokio::test]
    async fn a_file_is_asked_by_its_index_and_looked_through_without_its_rows() {
        let (store, _folder) = in_a_file().await;
        for after in [None, Some(AccountCursor { name: "M".to_owned(), id: AccountId::stored(1) })]
        {
            let (search, paging) = (looking_for("a0012"), Paging::new(after, 50));
            let wanted = Wanted::new(&search, &paging);
            let text = wanted.pieces.as_deref().unwrap();
            for by_index in [wanted.by_index_if_few(text), wanted.by_index(Dialect::Sqlite, text)] {
                let plan = plan(&store, by_index).await;
                assert!(
                    plan.contains("SEARCH accounts USING INTEGER PRIMARY KEY (rowid=?)"),
                    "{plan}"
                );
                assert!(plan.contains("SCAN accounts_text VIRTUAL TABLE"), "{plan}");
            }
            let counted = plan(&store, wanted.count(Some(text), 99)).await;
            assert!(counted.contains("SCAN accounts_text VIRTUAL TABLE"), "{counted}");
            let last = AccountCursor { name: "N".to_owned(), id: AccountId::stored(1) };
            let near = plan(&store, wanted.by_name(Some(&last))).await;
            assert!(
                near.contains("USING INDEX accounts_name") && !near.contains("B-TREE"),
                "{near}"
            );
            let last = plan(&store, wanted.last_near()).await;
            assert!(last.contains("USING COVERING INDEX accounts_name"), "{last}");
        }
    }

    #[tokio::test]
    async fn postgres_is_asked_by_its_index() {
        let store = Database::connect(&scratch::database().await, 1).await.unwrap();
        // Among fewer it would rather look at all.
        let fill = "INSERT INTO accounts (id, external_id, name, fields, created_at, updated_at)
            SELECT n, 'A' || n, 'Account ' || n, '{}', 0, 0 FROM generate_series(100000, 150000) AS n";
        for run in [query(fill), query("VACUUM (ANALYZE) accounts")] {
            run.fetch_all(&store.writer).await.unwrap();
        }
        let (search, paging) = (looking_for("a100123"), Paging::first(50));
        let wanted = Wanted::new(&search, &paging);
        let text = wanted.pieces.as_deref().unwrap();
        let plan = plan(&store, wanted.by_index(Dialect::Postgres, text)).await;
        assert!(plan.contains("Bitmap Index Scan on accounts_text"), "{plan}");
        assert_eq!(count(&store, "a100123").await, 1);
    }

    #[tokio::test]
    async fn postgres_without_the_right_to_its_extension_searches_all_the_same() {
        let address = scratch::database().await;
        let mut owner = PgConnection::connect(&address).await.unwrap();
        // A role that is there, and may make tables and nothing else.
        let grant = "GRANT ALL ON SCHEMA public TO pg_monitor";
        sqlx::query(AssertSqlSafe(grant)).execute(&mut owner).await.unwrap();
        let store = Database::connect(&(address + "?options[role]=pg_monitor"), 1).await.unwrap();
        let indexes = "SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'accounts_text'";
        let made: i64 = sqlx::query_scalar(indexes).fetch_one(&mut owner).await.unwrap();
        assert_eq!(made, 0);
        fill(&store).await;
        assert_eq!((count(&store, "a00123").await, count(&store, "nowhere").await), (1, 0));
        let page = store.accounts(&looking_for("a00123"), Paging::first(9)).await.unwrap();
        assert_eq!(page.items.len(), 1);
    }

    #[tokio::test]
    async fn postgres_finds_its_extension_in_another_schema() {
        let address = scratch::database().await;
        let mut owner = PgConnection::connect(&address).await.unwrap();
        for make in ["CREATE SCHEMA elsewhere", "CREATE EXTENSION pg_trgm SCHEMA elsewhere"] {
            sqlx::query(AssertSqlSafe(make)).execute(&mut owner).await.unwrap();
        }
        Database::connect(&address, 1).await.unwrap();
        let indexes = "SELECT COUNT(*) FROM pg_indexes WHERE indexname = 'accounts_text'";
        let made: i64 = sqlx::query_scalar(indexes).fetch_one(&mut owner).await.unwrap();
        assert_eq!(made, 1);
    }

    #[tokio::test]
    async fn a_copy_is_searched_as_what_it_was_copied_from() {
        let ((first, _first), (last, _last)) = (in_a_file().await, in_a_file().await);
        let server = Database::connect(&scratch::database().await, 1).await.unwrap();
        fill(&first).await;
        for (from, to) in [(&first, &server), (&server, &last)] {
            assert!(matches!(from.copy_to(to).await.unwrap(), Copied::Rows(_)));
            assert_eq!((count(to, "a00123").await, count(to, "A0123").await), (1, 10));
        }
        let check = "INSERT INTO accounts_text (accounts_text, rank) VALUES ('integrity-check', 1)";
        query(check).fetch_all(&last.writer).await.unwrap();
    }

    #[tokio::test]
    async fn what_an_older_release_wrote_is_found() {
        let (store, folder) = in_a_file().await;
        // As it was before the index.
        for undo in [
            "DROP TRIGGER accounts_text_insert",
            "DROP TRIGGER accounts_text_update",
            "DROP TRIGGER accounts_text_delete",
            "DROP TABLE accounts_text",
            "DELETE FROM _sqlx_migrations WHERE version = 19",
        ] {
            query(undo).fetch_all(&store.writer).await.unwrap();
        }
        let write = query(
            "INSERT INTO accounts (id, external_id, name, owner, fields, created_at, updated_at)
             VALUES (1, 'A-1', 'Ada Lovelace', NULL, '{}', 0, 0), (2, 'A-2', 'Bob', 'Ovelia@x.y', '{}', 0, 0)",
        );
        write.fetch_all(&store.writer).await.unwrap();
        store.close().await;
        let store = Database::open(&folder.path().join("waymark.db"), 2).await.unwrap();
        assert_eq!((count(&store, "ovel").await, count(&store, "LOVE").await), (2, 1));
    }
}
