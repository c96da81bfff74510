//! The programs of `PostgreSQL`: tests start a cluster of their own with them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::debian;

/// Where Debian keeps each version's programs, which are not on the path.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Finds the folder with `initdb` and `postgres`, or installs them.
pub(crate) fn postgres() -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    debian::install("PostgreSQL, for the tests of the store", &["postgresql"])?;
    installed().context("PostgreSQL was installed but `initdb` is nowhere to be found")
}

fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort();
    folders.pop().or_else(|| {
        debian::on_path("initdb").and_then(|program| program.parent().map(PathBuf::from))
    })
}
