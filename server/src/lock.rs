//! One server per SQLite file: a second would take up the work that the first is still doing. On PostgreSQL servers share the work.

use std::{
    fs::{File, TryLockError},
    io::{Read, Write},
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
        let mut path = database.as_os_str().to_owned();
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
                    "process {} serves this workspace already; its lock is {shown}",
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

#[cfg(test)]
mod tests {
    use super::*;

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
