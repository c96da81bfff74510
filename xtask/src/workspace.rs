//! Where things are, and what the workspace's packages depend on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;

/// The repository's root, its target directory, and its package graph as cargo tells it.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    metadata: Value,
}

impl Workspace {
    /// Asks cargo about the workspace xtask belongs to.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the workspace")?
            .to_path_buf();
        let text =
            command::capture(command::cargo(&root).args(["metadata", "--format-version", "1"]))?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata is JSON")?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names the target directory")?
            .into();
        Ok(Self { root, target, metadata })
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The folders of `package` and of every package of ours it depends on, itself included.
    pub(crate) fn own_folders(&self, package: &str) -> BTreeSet<PathBuf> {
        let mut folders = BTreeSet::new();
        let mut open = vec![package.to_owned()];
        while let Some(name) = open.pop() {
            let Some(found) = self.own_packages().find(|candidate| candidate["name"] == name)
            else {
                continue;
            };
            let manifest = Path::new(found["manifest_path"].as_str().unwrap_or_default());
            let folder = manifest.parent().unwrap_or(&self.root).to_path_buf();
            if folders.insert(folder) {
                let dependencies = found["dependencies"].as_array().into_iter().flatten();
                open.extend(
                    dependencies
                        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)),
                );
            }
        }
        folders
    }

    /// The workspace's members as cargo describes them.
    pub(crate) fn own_packages(&self) -> impl Iterator<Item = &Value> {
        self.packages().filter(|package| package["source"].is_null())
    }

    /// Every package of the lock file as cargo describes it.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata["packages"].as_array().into_iter().flatten()
    }
}
