//! What lies beside a database's file: the log that SQLite keeps, and what a restore that did not come to its end has left.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

/// How the names of what SQLite keeps beside a file go on.
pub(crate) const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The folder of connectors that were compiled, in that of their workspace.
pub(crate) const COMPILED: &str = "compiled";

/// How the name of the folder goes on in which a file comes about.
pub(crate) const PART: &str = ".part";

/// What is called like the file, and goes on like this.
pub(crate) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    name.into()
}

/// Refuses the log of a file that is gone: SQLite would throw it away, or take what is in it for a part of the next file of that name.
pub(crate) fn refuse_stale_logs(file: &Path) -> Result<()> {
    if is_there(file) {
        return Ok(());
    }
    for log in LOGS.map(|end| beside(file, end)) {
        if is_there(&log) {
            bail!(
                "{} is there, and the database it is the log of is not: put {} back, or move the log away",
                log.display(),
                file.display()
            );
        }
    }
    Ok(())
}

/// Refuses to begin an empty workspace where one was being restored.
pub(crate) fn refuse_half_restored(file: &Path) -> Result<()> {
    let part = beside(file, PART);
    if !is_there(file) && is_there(&part) {
        bail!(
            "a restore into {} did not come to its end: run `waymark restore` again, or remove {} to begin an empty workspace",
            file.display(),
            part.display()
        );
    }
    Ok(())
}

/// Refuses to begin an empty workspace where there was one: connectors were compiled for it, and its database is gone or empty.
pub(crate) fn refuse_lost(folder: &Path, file: &Path) -> Result<()> {
    let is_lost = match file.metadata() {
        Ok(file) => file.len() == 0,
        Err(_) => !is_there(file),
    };
    let compiled = folder.join(COMPILED);
    if is_lost && is_there(&compiled) {
        bail!(
            "there was a workspace in {}, and {} is gone or empty: put it back or restore a backup, or remove {} to begin an empty workspace",
            folder.display(),
            file.display(),
            compiled.display()
        );
    }
    Ok(())
}

/// Whether something has this name, also a link that leads nowhere.
pub(crate) fn is_there(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}
