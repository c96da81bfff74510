//! Nothing unfinished is landed.

use super::{Source, Violation};

const MARKERS: [&str; 6] = ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "dbg!("];

const EXTENSIONS: [&str; 8] = ["rs", "toml", "md", "css", "html", "js", "sql", "wit"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources
        .iter()
        .filter(|source| EXTENSIONS.contains(&source.extension()) && !source.is_a_rule())
    {
        for (number, line) in source.lines() {
            if let Some(marker) = MARKERS.iter().find(|marker| holds_word(line, marker)) {
                violations.push(Violation::new(
                    &source.path,
                    number,
                    format!("`{marker}` marks unfinished work: finish it or file an issue"),
                ));
            }
        }
    }
    violations
}

/// Whether `word` stands in `line` and is not the end or the start of a longer one.
fn holds_word(line: &str, word: &str) -> bool {
    let is_letter = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        !is_letter(line[..at].chars().next_back()) && (word.ends_with('(') || !is_letter(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_is_found_line_by_line() {
        let text = "fn f() {\n    todo!()\n}\n// TODO: more\nconst PREFIX: &str = \"XXXL\";\n";
        let lines: Vec<usize> =
            check(&[Source::new("a.rs", text)]).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}
