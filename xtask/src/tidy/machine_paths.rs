//! The repository names no place on anyone's machine.

use super::{Source, Violation};

const PLACES: [&str; 4] = ["/root/", "/home/", "/work/", "/Users/"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| !source.is_a_rule()) {
        for (number, line) in source.lines() {
            if let Some(place) = PLACES.iter().find(|place| names_place(line, place)) {
                violations.push(Violation::new(
                    &source.path,
                    number,
                    format!("`{place}` is a place on one machine"),
                ));
            }
        }
    }
    violations
}

/// A place starts a path: `crates/work/` and `https://example.com/home/` are none.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before
            .is_none_or(|character| !character.is_alphanumeric() && !"._-}>*/".contains(character))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found_and_a_relative_one_is_not() {
        let text = "open(\"/root/data\")\nuse crates/work/src\nhttps://example.com/home/page\n";
        let lines: Vec<usize> =
            check(&[Source::new("a.md", text)]).iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [1]);
    }
}
