//! One server per workspace: a second would take up the work that the first is still doing.

use std::{
    fs::{File, TryLockError},
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};
use store::Alone;

use crate::config::Location;

/// The right to serve a workspace; it is given back however the process ends.
#[derive(Debug)]
pub(crate) enum Lock {
    File { _file: File },
    Postgres { _alone: Alone },
}

impl Lock {
    /// Takes the lock of a workspace. Other commands work without it, beside the server.
    pub(crate) async fn take(location: &Location) -> Result<Self> {
        match location {
            Location::File(file) => Self::beside(file),
            Location::Postgres(address) => {
                let taken = Alone::take(address).await.with_context(|| location.to_string())?;
                let Some(alone) = taken else {
                    bail!("another server serves this workspace already, in the same database");
                };
                Ok(Self::Postgres { _alone: alone })
            }
        }
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
        Ok(Self::File { _file: file })
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
