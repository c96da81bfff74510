//! A module is named for its idea, never for being a place where things are put.

use super::{Source, Violation};

const FORBIDDEN: [&str; 9] =
    ["util", "utils", "utility", "utilities", "common", "helper", "helpers", "manager", "mod"];

pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let parts = source.path.trim_end_matches(".rs").split('/');
        if let Some(part) = parts.into_iter().find(|part| FORBIDDEN.contains(part)) {
            violations.push(Violation::new(
                &source.path,
                1,
                format!("`{part}` names no idea; name the module for what it does"),
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_file_without_an_idea_are_found() {
        let paths = [
            "crates/store/src/common/ids.rs",
            "server/src/helpers.rs",
            "server/src/auth/mod.rs",
            "server/src/auth.rs",
        ];
        let sources: Vec<Source> = paths.iter().map(|path| Source::new(path, "")).collect();
        assert_eq!(
            check(&sources).iter().map(|violation| violation.path.as_str()).collect::<Vec<_>>(),
            paths[..3]
        );
    }
}
