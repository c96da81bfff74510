//! Whether `dist/` is still what its sources make: a digest of the sources, kept beside the digest of the page.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// A digest of everything the designer is made of, and of how it is built.
pub(crate) fn inputs(workspace: &Workspace, profile: &str) -> Result<String> {
    let mut files = BTreeSet::new();
    for folder in workspace.own_folders("designer") {
        walk(&folder, &mut files)?;
    }
    for folder in ["xtask/src/web", "xtask/src/messages"] {
        walk(&workspace.root().join(folder), &mut files)?;
    }
    files.extend(
        ["Cargo.toml", "Cargo.lock", "xtask/src/web.rs", "xtask/src/messages.rs"]
            .map(|name| workspace.root().join(name)),
    );

    let mut digest = Sha256::new();
    digest.update(profile);
    for file in files {
        digest.update(
            file.strip_prefix(workspace.root()).unwrap_or(&file).to_string_lossy().as_bytes(),
        );
        digest.update(Sha256::digest(fs::read(&file).with_context(|| file.display().to_string())?));
    }
    Ok(hex::encode(digest.finalize()))
}

/// Whether the last build had these inputs and its page is still in place.
pub(crate) fn is_current(workspace: &Workspace, dist: &Path, inputs: &str) -> bool {
    let stamp = fs::read_to_string(path(workspace)).unwrap_or_default();
    page(dist).is_ok_and(|page| stamp == format!("{inputs} {page}"))
}

/// Remembers that `dist` was built from these inputs.
pub(crate) fn write(workspace: &Workspace, dist: &Path, inputs: &str) -> Result<()> {
    fs::write(path(workspace), format!("{inputs} {}", page(dist)?))?;
    Ok(())
}

/// The page names every other file by its content, so its digest stands for all of `dist`.
fn page(dist: &Path) -> Result<String> {
    Ok(hex::encode(Sha256::digest(fs::read(dist.join("index.html"))?)))
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.target().join("web-stamp")
}

fn walk(folder: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}
