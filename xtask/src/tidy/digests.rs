//! A landed migration and a released interface are never edited: their digests are kept, and only new files are added.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::Violation;
use crate::workspace::Workspace;

/// What is frozen once it has landed.
const FROZEN: [&str; 2] = ["migrations", "sdk/wit"];

/// The digests, one line each: digest, two spaces, path.
const LIST: &str = "xtask/digests.txt";

type Digests = BTreeMap<String, String>;

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    Ok(compare(&recorded(workspace)?, &present(workspace)?))
}

/// Adds the digests of files that have none; refuses when a recorded file has changed.
pub(super) fn bless_new(workspace: &Workspace) -> Result<()> {
    let mut recorded = recorded(workspace)?;
    let mut added = 0;
    for (path, digest) in present(workspace)? {
        match recorded.get(&path) {
            None => {
                println!("    new: {path}");
                recorded.insert(path, digest);
                added += 1;
            }
            Some(known) if *known != digest => {
                bail!("{path} has landed and is never edited: add a new file instead")
            }
            Some(_) => {}
        }
    }
    let text: String = recorded
        .iter()
        .fold(String::new(), |text, (path, digest)| text + digest + "  " + path + "\n");
    fs::write(workspace.root().join(LIST), text)?;
    println!("    {added} files added to {LIST}");
    Ok(())
}

fn compare(recorded: &Digests, present: &Digests) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, digest) in present {
        match recorded.get(path) {
            None => violations.push(Violation::new(
                path,
                1,
                "not recorded yet: run `cargo xtask tidy --bless-new`",
            )),
            Some(known) if known != digest => {
                violations.push(Violation::new(
                    path,
                    1,
                    "has landed and is never edited: add a new file instead",
                ));
            }
            Some(_) => {}
        }
    }
    let gone = recorded.keys().filter(|path| !present.contains_key(*path));
    violations.extend(gone.map(|path| Violation::new(path, 1, "has landed and is never removed")));
    violations
}

fn recorded(workspace: &Workspace) -> Result<Digests> {
    let text = match fs::read_to_string(workspace.root().join(LIST)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).context(LIST),
    };
    let parts = text.lines().filter_map(|line| line.split_once("  "));
    Ok(parts.map(|(digest, path)| (path.to_owned(), digest.to_owned())).collect())
}

fn present(workspace: &Workspace) -> Result<Digests> {
    let mut open: Vec<PathBuf> =
        FROZEN.iter().map(|folder| workspace.root().join(folder)).collect();
    let mut digests = Digests::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        } else if path.is_file() {
            digests.insert(
                relative(workspace.root(), &path),
                hex::encode(Sha256::digest(fs::read(&path)?)),
            );
        }
    }
    Ok(digests)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(pairs: &[(&str, &str)]) -> Digests {
        pairs.iter().map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned())).collect()
    }

    #[test]
    fn a_changed_a_new_and_a_removed_file_are_found() {
        let recorded = digests(&[
            ("migrations/1.sql", "a"),
            ("migrations/2.sql", "b"),
            ("migrations/3.sql", "c"),
        ]);
        let present = digests(&[
            ("migrations/1.sql", "a"),
            ("migrations/2.sql", "edited"),
            ("migrations/4.sql", "d"),
        ]);
        let found: Vec<String> =
            compare(&recorded, &present).into_iter().map(|violation| violation.path).collect();
        assert_eq!(found, ["migrations/2.sql", "migrations/4.sql", "migrations/3.sql"]);
    }
}
