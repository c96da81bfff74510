//! Schemathesis, which tries an interface by its description, in a Python environment of its own under the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::command::{self, announce};
use crate::workspace::Workspace;

/// Names another schemathesis than the one installed here.
pub(crate) const CHOSEN: &str = "WAYMARK_SCHEMATHESIS";

/// Finds schemathesis, or installs the versions that `tests/schemathesis.txt` lists with their digests.
pub(crate) fn schemathesis(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(CHOSEN) {
        return Ok(chosen.into());
    }
    let list = workspace.root().join("tests/schemathesis.txt");
    let folder = workspace.target().join("schemathesis");
    let (program, installed) = (folder.join("bin/schemathesis"), folder.join("installed.txt"));
    let wanted = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    if program.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(program);
    }
    announce("installing schemathesis");
    command::run(Command::new(python()?).args(["-m", "venv", "--clear"]).arg(&folder))?;
    install(&folder, &list)?;
    fs::write(&installed, wanted).with_context(|| installed.display().to_string())?;
    Ok(program)
}

fn install(folder: &Path, list: &Path) -> Result<()> {
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-compile",
    ]);
    command::run(pip.arg("--require-hashes").arg("--requirement").arg(list))
}

/// A Python that can make environments.
fn python() -> Result<PathBuf> {
    if let Some(found) = able() {
        return Ok(found);
    }
    debian::install("Python, for the test of the interface", &["python3", "python3-venv"])?;
    match able() {
        Some(found) => Ok(found),
        None => bail!("Python was installed but makes no environments"),
    }
}

fn able() -> Option<PathBuf> {
    let found = debian::on_path("python3")?;
    let modules = Command::new(&found).args(["-c", "import venv, ensurepip"]).output();
    modules.is_ok_and(|output| output.status.success()).then_some(found)
}
