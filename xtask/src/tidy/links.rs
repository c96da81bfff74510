//! A link or a picture in a document leads to something that is there.

use super::{Source, Violation};

/// `exists` tells whether a path of the repository does.
pub(super) fn check(sources: &[Source], exists: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| source.extension() == "md") {
        for (number, line) in source.lines() {
            for target in targets(line).filter(|target| !exists(&resolved(&source.path, target))) {
                let sentence = format!("`{target}` leads nowhere");
                violations.push(Violation::new(&source.path, number, sentence));
            }
        }
    }
    violations
}

/// The targets of `[text](target)` and `![text](target)` that lie in the repository, without their anchors.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let written = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let paths = written.filter_map(|target| target.split(['#', ' ']).next());
    paths.filter(|path| !path.is_empty() && !path.contains(':') && !path.starts_with('/'))
}

/// A target as a path from the repository's root.
fn resolved(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.split('/').filter(|part| *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text =
            "[a](../README.md#x) and ![b](images/gone.png)\n[c](https://example.com) [d](#here)\n";
        let present = ["README.md", "docs/images/other.png"];
        let found = check(&[Source::new("docs/guide.md", text)], |path| present.contains(&path));
        assert_eq!(found, [Violation::new("docs/guide.md", 1, "`images/gone.png` leads nowhere")]);
    }
}
