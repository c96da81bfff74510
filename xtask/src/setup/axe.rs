//! axe-core, which finds what keeps people from using a page, unpacked under the target directory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::debian;
use crate::command::{self, announce};
use crate::workspace::Workspace;

/// Names another `axe.min.js` than the one unpacked here.
pub(crate) const CHOSEN: &str = "WAYMARK_AXE";

const VERSION: &str = "4.14.1";

/// What `axe.min.js` of that version is.
const DIGEST: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// Finds `axe.min.js`, or takes it from the npm registry.
pub(crate) fn axe(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(CHOSEN) {
        return Ok(chosen.into());
    }
    let folder = workspace.target().join(format!("axe-{VERSION}"));
    let script = folder.join("package/axe.min.js");
    let digest = || fs::read(&script).map(|text| hex::encode(Sha256::digest(text)));
    if digest().is_ok_and(|digest| digest == DIGEST) {
        return Ok(script);
    }
    announce("unpacking axe-core");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut pack = Command::new(npm()?);
    pack.args(["pack", "--silent", &format!("axe-core@{VERSION}")]);
    command::run(pack.current_dir(&folder))?;
    let archive = format!("axe-core-{VERSION}.tgz");
    let mut unpack = Command::new("tar");
    unpack.args(["-xzf", &archive, "package/axe.min.js", "package/LICENSE"]);
    command::run(unpack.current_dir(&folder))?;
    let digest = digest().with_context(|| script.display().to_string())?;
    ensure!(digest == DIGEST, "axe.min.js of axe-core {VERSION} is not the one that is known");
    Ok(script)
}

fn npm() -> Result<PathBuf> {
    if let Some(found) = debian::on_path("npm") {
        return Ok(found);
    }
    debian::install("npm, for axe-core", &["npm"])?;
    debian::on_path("npm").context("npm was installed but is not on the path")
}
