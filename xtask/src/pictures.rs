//! The pictures that browser tests take: those they are held against in `tests/pictures`, and the README's.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::command::{self, announce};
use crate::test::{self, surroundings::Surroundings};
use crate::workspace::Workspace;

/// What a test calls a picture, and what the README does.
const SHOWN: [(&str, &str); 2] = [("readme-canvas", "canvas"), ("readme-task", "task")];

/// What a reader may have to load for one picture.
const MOST_BYTES: usize = 250_000;

/// How a test takes a picture.
const TAKES: [&str; 2] = ["picture(", ".screenshot("];

/// Holds every picture against the one that is kept, and fails when one differs, or is kept and was not taken.
pub(crate) fn compare(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    take(workspace, "kept", arguments)?;
    let stale = if arguments.is_empty() { stale(workspace)? } else { BTreeSet::new() };
    let stale = Vec::from_iter(stale).join(", ");
    ensure!(
        stale.is_empty(),
        "kept and not taken: {stale}; `cargo xtask pictures --new` removes them"
    );
    Ok(())
}

/// Keeps every picture as the tests see it now, removes those that no test takes any more, and takes the README's from them.
pub(crate) fn keep(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    take(workspace, "new", arguments)?;
    if !arguments.is_empty() {
        return Ok(());
    }
    for name in stale(workspace)? {
        announce(&format!("no test takes `{name}` any more"));
        fs::remove_file(kept(workspace).join(name).with_extension("png"))?;
    }
    SHOWN.into_iter().try_for_each(|(seen, shown)| show(workspace, seen, shown))
}

/// Runs the tests that take pictures, for this purpose.
fn take(workspace: &Workspace, purpose: &str, arguments: &[String]) -> Result<()> {
    let surroundings = Surroundings::set_up(workspace)?;
    test::build(workspace)?;
    forget(workspace)?;
    let files = files_with_pictures(&workspace.root().join("tests/tests"))?;
    let mut tests = test::of_files(workspace, &files);
    surroundings.around(&mut tests);
    tests.env("WAYMARK_PICTURES", purpose).arg("--").args(arguments);
    command::run(&mut tests)
}

/// Where tests leave their pictures.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("screenshots")
}

/// Forgets the pictures that tests have left.
fn forget(workspace: &Workspace) -> Result<()> {
    match fs::remove_dir_all(folder(workspace)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The pictures that are kept and were not taken.
fn stale(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let taken = names(&folder(workspace), "png")?;
    Ok(names(&kept(workspace), "png")?.difference(&taken).cloned().collect())
}

/// Copies a picture that was taken into the README's.
fn show(workspace: &Workspace, seen: &str, shown: &str) -> Result<()> {
    let from = folder(workspace).join(seen).with_extension("png");
    let to = workspace.root().join("docs/images").join(shown).with_extension("png");
    let picture = fs::read(&from).with_context(|| from.display().to_string())?;
    let bytes = picture.len();
    ensure!(bytes <= MOST_BYTES, "{seen} has {bytes} bytes, over its {MOST_BYTES}");
    fs::write(&to, picture).with_context(|| to.display().to_string())?;
    announce(&format!("docs/images/{shown}.png: {bytes} bytes"));
    Ok(())
}

fn kept(workspace: &Workspace) -> PathBuf {
    workspace.root().join("tests/pictures")
}

/// The test files that take pictures, by name.
fn files_with_pictures(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for name in names(folder, "rs")? {
        let text = fs::read_to_string(folder.join(&name).with_extension("rs"))?;
        if TAKES.iter().any(|takes| text.contains(takes)) {
            files.push(name);
        }
    }
    Ok(files)
}

/// The files of a folder that end so, without that end; nothing of a folder that is not there.
fn names(folder: &Path, extension: &str) -> Result<BTreeSet<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.with_context(|| folder.display().to_string())?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_take_pictures_are_run() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests");
        let files = files_with_pictures(&folder).unwrap();
        for (name, takes) in [("browser_driver", true), ("canvas", true), ("kill", false)] {
            assert_eq!(files.iter().any(|file| file == name), takes, "{name}");
        }
    }
}
