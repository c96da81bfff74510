//! Backups: what is in their way, and what is refused as none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tests::command::{run_on, wait_for};
use tests::server::waymark;
use tokio::process::Command;

/// A workspace in a folder that is not there yet, and a backup of it.
async fn backed_up(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let (data, backup) = (folder.join("new/workspace"), folder.join("one.backup"));
    for arguments in [["user", "list"].as_slice(), &["backup", shown(&backup)?]] {
        // As most shells are set: others may read.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 022; exec \"$0\" \"$@\""]).arg(waymark()?);
        command.args(arguments).arg("--data").arg(&data);
        wait_for(command, "").await?.well()?;
    }
    Ok((data, backup))
}

fn shown(path: &Path) -> Result<&str> {
    path.to_str().context("a name")
}

/// What lies in a folder, by its name.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn what_is_written_is_for_its_user_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, backup) = backed_up(folder.path()).await?;
    let mode = |path: &Path| anyhow::Ok(fs::metadata(path)?.permissions().mode() & 0o777);
    ensure!(mode(&data)? == 0o700, "{:o}", mode(&data)?);
    ensure!(mode(&backup)? == 0o600, "{:o}", mode(&backup)?);
    let files = names(&data)?;
    ensure!(files.contains(&"waymark.sqlite".to_owned()), "{files:?}");
    for name in files {
        let mode = mode(&data.join(&name))?;
        ensure!(mode == 0o600, "{name}: {mode:o}");
    }
    Ok(())
}
