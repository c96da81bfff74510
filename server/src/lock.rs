//! One server per SQLite file: a second would take up the work that the first is still doing. On PostgreSQL servers share the work.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use crate::{config::Location, workspace::Workspace};
use anyhow::{Context, Result, bail};

/// The right to a workspace in a file; it is given back however the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// Takes the lock of a workspace to serve it. Other commands work without it, beside the server.
    pub(crate) fn take(location: &Location) -> Result<Self> {
        match location {
            Location::File(file) => Self::beside(file),
            Location::Postgres(_) => Ok(Self { _file: None }),
        }
    }

    /// The same for who needs a workspace that nobody serves.
    pub(crate) async fn take_alone(workspace: &Workspace) -> Result<Self> {
        let lock = Self::take(&workspace.location)?;
        if let Location::Postgres(_) = workspace.location {
            workspace.store.expel().await?;
            if let Some(node) = workspace.store.nodes(0).await?.first() {
                bail!("the server '{}' serves this workspace: stop it first", node.name);
            }
        }
        Ok(lock)
    }

    fn beside(database: &Path) -> Result<Self> {
        // Who comes by way of a symbolic link finds the same lock.
        let database = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let mut path = database.into_os_string();
        path.push(".lock");
        let shown = Path::new(&path).display().to_string();
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("the lock {shown} cannot be opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who it is only helps to find it; the refusal stands without.
                let _ = file.read_to_string(&mut holder);
                bail!(
                    "process {} serves this workspace already, or moves it; its lock is {shown}",
                    holder.trim()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("the lock {shown} cannot be taken"));
            }
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()))?;
        Ok(Self { _file: Some(file) })
    }
}

/// Refuses a file that has other names: SQLite keeps its log, and we our lock, beside the name by which it was opened, so that whoever comes
/// by another one knows of neither.
pub(crate) fn refuse_links(database: &Path) -> Result<()> {
    // Whoever opens the file says why it cannot be looked at.
    let names = fs::metadata(database).map_or(1, |seen| seen.nlink());
    if names > 1 {
        bail!(
            "the database {} has {names} names (hard links), and is damaged when it is used by more than one: remove the other names, and copy it with `waymark backup` instead of linking it",
            database.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbolic_link_leads_to_the_same_lock_and_a_hard_link_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        refuse_links(&file).unwrap();
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &other).unwrap();
        refuse_links(&other).unwrap();
        let held = Lock::beside(&file).unwrap();
        Lock::beside(&other).unwrap_err();
        drop(held);
        fs::remove_file(&other).unwrap();
        fs::hard_link(&file, &other).unwrap();
        let refused = refuse_links(&other).unwrap_err().to_string();
        assert!(refused.contains("b.sqlite has 2 names"), "{refused}");
    }

    #[test]
    fn a_workspace_is_served_once_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("waymark.sqlite");
        let first = Lock::beside(&database).unwrap();
        let refused = Lock::beside(&database).unwrap_err().to_string();
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        Lock::beside(&database).unwrap();
    }
}
