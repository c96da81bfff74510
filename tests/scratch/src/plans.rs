//! How a database goes about the statements of the store, once much is in it.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::statements::Said;

use crate::Place;

/// Tables that grow with what people set up, and not with the instances, the accounts and what happens to them.
const SMALL: [&str; 22] = [
    "_sqlx_migrations",
    "audit_seals",
    "calendars",
    "connection_values",
    "connections",
    "connectors",
    "hooks",
    "imports",
    "journeys",
    "migrations",
    "nodes",
    "notices_seen",
    "registries",
    "slots",
    "sqlite_stat1",
    "sqlite_stat4",
    "team_members",
    "teams",
    "tokens",
    "triggers",
    "users",
    "versions",
];

/// How many rows each of the others has at least once it is filled.
const ROWS: i64 = 5_000;

/// A hand on a database, beside the store.
#[derive(Debug)]
pub enum Hand {
    /// On a file.
    Sqlite(SqliteConnection),
    /// On a database of PostgreSQL.
    Postgres(PgConnection),
}

/// A table's columns: their names, their types, and whether a unique key has them.
type Columns = Vec<(String, String, bool)>;

impl Hand {
    /// Reaches for the database in a place.
    ///
    /// # Panics
    ///
    /// It is in memory, or it does not open.
    pub async fn on(place: &Place) -> Self {
        match place.file() {
            Ok(file) => {
                let address = format!("sqlite://{}", file.display());
                Self::Sqlite(SqliteConnection::connect(&address).await.unwrap())
            }
            Err(address) => Self::Postgres(PgConnection::connect(address).await.unwrap()),
        }
    }

    /// Repeats what is in every table that grows, each time under other numbers and keys, until there is much, and lets the database count it.
    /// Gives those in which there is nothing.
    ///
    /// # Panics
    ///
    /// The database refuses.
    pub async fn fill(&mut self) -> Vec<String> {
        // Nobody pulls the plug.
        match self {
            Self::Sqlite(_) => self.run("PRAGMA synchronous = OFF").await,
            Self::Postgres(_) => self.run("SET synchronous_commit = off").await,
        }
        let mut empty = Vec::new();
        for table in self.tables().await {
            if SMALL.contains(&table.as_str()) {
                continue;
            }
            let rows = self.number(&format!("SELECT COUNT(*) FROM \"{table}\"")).await;
            if rows == 0 {
                empty.push(table);
                continue;
            }
            let columns = self.columns(&table).await;
            self.run(&repeating(&table, &columns, ROWS / rows)).await;
        }
        self.run("ANALYZE").await;
        empty
    }

    /// How the database would go about a statement whatever its values, as it does once it has said it a few times, and the tables that grow
    /// and that it would go through from end to end.
    ///
    /// # Panics
    ///
    /// The database does not take the statement.
    pub async fn plan(&mut self, said: &Said) -> (String, BTreeSet<String>) {
        let plan = match self {
            Self::Sqlite(_) => self.lines(&format!("EXPLAIN QUERY PLAN {}", said.text)).await,
            Self::Postgres(_) => {
                self.explain(said, "force_generic_plan", "EXPLAIN (COSTS OFF)").await
            }
        };
        // SQLite goes along an index to the first few then.
        let is_held = said.text.contains(" LIMIT ") && !plan.contains("TEMP B-TREE");
        let lines: Vec<&str> =
            plan.lines().filter(|line| !(is_held && line.starts_with("SCAN "))).collect();
        let mut through = BTreeSet::new();
        for table in self.tables().await {
            let is_it = |name: &str| name == table || is_called(&said.text, &table, name);
            let is_gone_through = |place: &usize| whole(&lines, *place).is_some_and(&is_it);
            if !SMALL.contains(&table.as_str()) && (0..lines.len()).any(|at| is_gone_through(&at)) {
                through.insert(table);
            }
        }
        (plan, through)
    }

    /// How PostgreSQL goes about a statement, and which of its steps it comes to, when all values of it are alike; nothing stays of it.
    ///
    /// # Panics
    ///
    /// It does not take the statement.
    pub async fn steps(&mut self, said: &Said) -> String {
        // What is inserted goes where its slot says; twice the same would be refused.
        let how = if said.text.starts_with("INSERT") {
            "EXPLAIN (COSTS OFF)"
        } else {
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)"
        };
        self.explain(said, "force_custom_plan", how).await
    }

    async fn explain(&mut self, said: &Said, mode: &str, how: &str) -> String {
        let kinds = if said.kinds.is_empty() {
            String::new()
        } else {
            format!("({})", said.kinds.join(", "))
        };
        let values: Vec<&str> = said.kinds.iter().map(|kind| value(kind)).collect();
        let values =
            if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        self.run(&format!("SET plan_cache_mode = {mode}")).await;
        self.run(&format!("PREPARE said {kinds} AS {}", said.text)).await;
        self.run("BEGIN").await;
        let plan = self.lines(&format!("{how} EXECUTE said {values}")).await;
        self.run("ROLLBACK").await;
        self.run("DEALLOCATE said").await;
        plan
    }

    async fn tables(&mut self) -> Vec<String> {
        let listed = match self {
            Self::Sqlite(_) => {
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema'"
            }
            Self::Postgres(_) => {
                "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public'"
            }
        };
        self.lines(listed).await.lines().map(str::to_owned).collect()
    }

    async fn columns(&mut self, table: &str) -> Columns {
        let listed = match self {
            Self::Sqlite(_) => format!(
                "SELECT c.name || '|' || lower(c.type) || '|' ||
                    EXISTS (SELECT 1 FROM pragma_index_list('{table}') l JOIN pragma_index_info(l.name) i WHERE l.\"unique\" = 1 AND i.name = c.name)
                 FROM pragma_table_info('{table}') c"
            ),
            Self::Postgres(_) => format!(
                "SELECT attname || '|' || format_type(atttypid, NULL) || '|' ||
                    CAST(EXISTS (SELECT 1 FROM pg_index WHERE indrelid = attrelid AND indisunique AND attnum = ANY (indkey)) AS INTEGER)
                 FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
            ),
        };
        let listed = self.lines(&listed).await;
        let column = |line: &str| {
            let mut words = line.split('|').map(str::to_owned);
            let (name, kind) = (words.next().unwrap(), words.next().unwrap());
            (name, kind, words.next().unwrap() == "1")
        };
        listed.lines().map(column).collect()
    }

    async fn run(&mut self, statement: &str) {
        let text = AssertSqlSafe(statement.to_owned());
        let run = match self {
            Self::Sqlite(hand) => sqlx::raw_sql(text).execute(hand).await.map(drop),
            Self::Postgres(hand) => sqlx::raw_sql(text).execute(hand).await.map(drop),
        };
        run.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    async fn number(&mut self, statement: &str) -> i64 {
        let text = AssertSqlSafe(statement.to_owned());
        match self {
            Self::Sqlite(hand) => sqlx::query_scalar(text).fetch_one(hand).await.unwrap(),
            Self::Postgres(hand) => sqlx::query_scalar(text).fetch_one(hand).await.unwrap(),
        }
    }

    /// The last column of what a statement gives.
    async fn lines(&mut self, statement: &str) -> String {
        let text = AssertSqlSafe(statement.to_owned());
        let lines: Result<Vec<String>, _> = match self {
            Self::Sqlite(hand) => sqlx::raw_sql(text).fetch_all(hand).await.map(|rows| {
                rows.iter().map(|row| row.get::<String, _>(row.len() - 1) + "\n").collect()
            }),
            Self::Postgres(hand) => sqlx::raw_sql(text).fetch_all(hand).await.map(|rows| {
                rows.iter().map(|row| row.get::<String, _>(row.len() - 1) + "\n").collect()
            }),
        };
        lines.unwrap_or_else(|error| panic!("{error}: {statement}")).concat()
    }
}

fn value(kind: &str) -> &'static str {
    match kind {
        array if array.ends_with("[]") => "'{5}'",
        "bigint" => "5",
        "text" => "'5'",
        "bytea" => "'\\x05'",
        _ => "5.0",
    }
}

/// Writes the rows of a table again so many times. Zero and one stay, since they say yes and no.
fn repeating(table: &str, columns: &Columns, times: i64) -> String {
    let names: Vec<String> = columns.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    let values = columns.iter().map(|(name, kind, is_key)| match kind.as_str() {
        "bigint" | "integer" if name == "slot" => "(slot + k) % 1024".to_owned(),
        "bigint" | "integer" => {
            format!(
                "CASE WHEN \"{name}\" IN (0, 1) THEN \"{name}\" ELSE \"{name}\" + k * 1024 + k END"
            )
        }
        "text" if *is_key => format!("\"{name}\" || '~' || k"),
        _ => format!("\"{name}\""),
    });
    format!(
        "INSERT INTO \"{table}\" ({}) WITH RECURSIVE times (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM times WHERE k < {times})
         SELECT {} FROM \"{table}\", times WHERE TRUE ON CONFLICT DO NOTHING",
        names.join(", "),
        values.collect::<Vec<_>>().join(", ")
    )
}

/// The partitions that a plan came to.
#[must_use]
pub fn partitions(plan: &str) -> BTreeSet<String> {
    let steps =
        plan.lines().filter(|line| line.contains("Scan") && !line.contains("never executed"));
    let tables = steps.filter_map(|line| line.split(" on ").nth(1)?.split_whitespace().next());
    tables.filter(|table| table.contains("_part_")).map(str::to_owned).collect()
}

/// Whether a statement calls a table by another name, as in `FROM versions v`.
fn is_called(text: &str, table: &str, name: &str) -> bool {
    let words: Vec<&str> =
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    words.windows(2).any(|pair| pair == [table, name])
}

/// What a step of a plan goes through from end to end. PostgreSQL says `Seq Scan`, or names an index and no condition for it, which is well when
/// it goes along it to the first few; SQLite says `SCAN`.
fn whole<'a>(lines: &[&'a str], place: usize) -> Option<&'a str> {
    let line = lines[place];
    if let Some(scanned) = line.strip_prefix("SCAN ") {
        return scanned.split_whitespace().next();
    }
    let on = line.split(" on ").nth(1)?.split_whitespace().next();
    if line.contains("Seq Scan on ") {
        return on;
    }
    if !(line.contains("Index") && line.contains(" using ")) {
        return None;
    }
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut below = lines[place + 1..].iter().take_while(|one| depth(one) > depth(line));
    let mut least = depth(line);
    let mut above = lines[..place].iter().rev().filter(|one| {
        let is_above = depth(one) < least;
        least = least.min(depth(one));
        is_above
    });
    let is_held =
        below.any(|one| one.contains("Index Cond")) || above.any(|one| one.contains("Limit"));
    on.filter(|_| !is_held)
}
