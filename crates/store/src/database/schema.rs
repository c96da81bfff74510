//! What the migrations make: the tables and indexes that a database must have.

use super::opening::Step;
use crate::sql::{Dialect, Pool, query_scalar};
use crate::{Failure, failure::Doing};
use std::{collections::BTreeSet, fmt};

const LOOKING: &str = "list what the database is made of";

const OF_FILE: &str = "SELECT name FROM sqlite_master";

const OF_SERVER: &str = "SELECT relname::TEXT FROM pg_class
    WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

/// A table, or an index or a trigger of one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made<'a> {
    kind: &'a str,
    name: &'a str,
    table: &'a str,
}

impl fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, table } = self;
        match *kind {
            "TABLE" => write!(f, "the table {name} is missing"),
            kind => write!(f, "the {} {name} of the table {table} is missing", kind.to_lowercase()),
        }
    }
}

/// What is missing of all that these migrations made, a sentence each.
pub(super) async fn missing(reader: &Pool, steps: &[Step]) -> Result<Vec<String>, Failure> {
    let listed = match reader.dialect() {
        Dialect::Sqlite => OF_FILE,
        Dialect::Postgres => OF_SERVER,
    };
    let there: Vec<String> = query_scalar(listed).fetch_all(reader).await.doing(LOOKING)?;
    let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
    let gone = made(steps).into_iter().filter(|made| !there.contains(made.name));
    Ok(gone.map(|made| made.to_string()).collect())
}

/// What stands when all of the migrations were run. Each of their statements that makes or removes something begins a line, with its name on
/// it; what is made under a condition does not.
fn made<'a>(steps: &'a [Step]) -> Vec<Made<'a>> {
    let mut made: Vec<Made<'a>> = Vec::new();
    for line in steps.iter().flat_map(|(.., sql)| sql.lines()) {
        let words: Vec<&str> =
            line.split([' ', ';', '(']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["CREATE", "UNIQUE" | "VIRTUAL", kind, name, rest @ ..]
            | ["CREATE", kind, name, rest @ ..] => {
                let on = rest.iter().skip_while(|word| **word != "ON").nth(1);
                made.push(Made { kind, name, table: on.unwrap_or(name) });
            }
            ["DROP", "TABLE", name] => made.retain(|made| made.table != *name),
            ["DROP", _, name] => made.retain(|made| made.name != *name),
            ["ALTER", "TABLE", from, "RENAME", "TO", to] => rename(&mut made, from, to),
            _ => {}
        }
    }
    made
}

fn rename<'a>(made: &mut [Made<'a>], from: &str, to: &'a str) {
    for made in made.iter_mut().filter(|made| made.table == from) {
        made.table = to;
        if made.name == from {
            made.name = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_is_what_was_made_and_not_removed() {
        let first = "CREATE TABLE a (\n    id BIGINT\n);\nCREATE INDEX a_id ON a (id);\nCREATE TABLE b (id BIGINT);\n";
        let second = "CREATE TABLE new (id BIGINT);\nDROP TABLE a;\nALTER TABLE new RENAME TO a;\nCREATE UNIQUE INDEX b_id ON b (id) WHERE id > 1;\n";
        let steps = [(1, "first", first), (2, "second", second)];
        let made = made(&steps);
        let names: Vec<(&str, &str)> = made.iter().map(|made| (made.name, made.table)).collect();
        assert_eq!(names, [("b", "b"), ("a", "a"), ("b_id", "b")]);
        assert_eq!(made[2].to_string(), "the index b_id of the table b is missing");
    }
}
