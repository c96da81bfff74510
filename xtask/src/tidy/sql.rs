//! Only the store speaks SQL.

use super::{Source, Violation};

/// Statements by their first words and a word that must follow them.
const STATEMENTS: [(&str, &str); 4] =
    [("SELECT ", " FROM "), ("INSERT INTO ", "("), ("UPDATE ", " SET "), ("DELETE FROM ", " ")];

/// How far apart the words of one statement may be.
const REACH: usize = 600;

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let elsewhere = sources
        .iter()
        .filter(|source| source.is_rust() && !source.is_a_rule() && !may_hold_sql(source));
    elsewhere.flat_map(statements).collect()
}

/// Tests may look into a database behind the store's back.
fn may_hold_sql(source: &Source) -> bool {
    source.path.starts_with("crates/store/") || source.is_tests()
}

fn statements(source: &Source) -> Vec<Violation> {
    let flat = source.text.replace('\n', " ");
    let mut violations = Vec::new();
    for (opening, following) in STATEMENTS {
        for (at, _) in flat.match_indices(opening) {
            let rest: String = flat[at + opening.len() - 1..].chars().take(REACH).collect();
            let statement = rest.split(';').next().unwrap_or_default();
            if statement.contains(following) {
                let line = source.text[..at].matches('\n').count() + 1;
                violations.push(Violation::new(
                    &source.path,
                    line,
                    format!("SQL ({}) belongs into crates/store", opening.trim()),
                ));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_outside_the_store_is_found_with_its_line() {
        let text = "fn f() {\n    let sql = \"SELECT id\n      FROM work\";\n}\n";
        let found = check(&[Source::new("server/src/tasks.rs", text)]);
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn the_store_and_prose_are_left_alone() {
        let store = Source::new("crates/store/src/work.rs", "\"DELETE FROM work WHERE id = ?\"");
        let prose = Source::new("server/src/tasks.rs", "// SELECT is a word; FROM is another");
        assert_eq!(check(&[store, prose]), []);
    }
}
