//! Whether the SQLite file that is served is still somewhere: one that was removed, alone or with its folder, takes in what is written as
//! before, and is gone with all of it once the server has closed it.

use std::{
    fs::{self, File},
    future::pending,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::time::interval;

use crate::{config::Location, limits};

/// The file that is served; on PostgreSQL there is none.
///
/// It is taken once the database is open and kept until that is closed: whoever closes a file gives back all locks that his process has on it,
/// SQLite's, too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foothold(Option<Arc<Held>>);

#[derive(Debug)]
struct Held {
    file: File,
    /// Where it was when it was opened.
    path: PathBuf,
}

impl Foothold {
    /// In the database that is there.
    pub(crate) fn on(location: &Location) -> Result<Self> {
        match location {
            Location::File(path) => {
                let file = File::open(path).with_context(|| location.to_string())?;
                Ok(Self(Some(Arc::new(Held { file, path: path.clone() }))))
            }
            Location::Postgres(_) => Ok(Self(None)),
        }
    }

    /// Whether no name leads to the file any more, or its name to another file, which would be opened from now on. One that was moved has
    /// another name.
    pub(crate) fn is_lost(&self) -> bool {
        let Some(Held { file, path }) = self.0.as_deref() else { return false };
        let Ok(held) = file.metadata() else { return false };
        let is_another =
            |there: fs::Metadata| (there.dev(), there.ino()) != (held.dev(), held.ino());
        held.nlink() == 0 || fs::metadata(path).is_ok_and(is_another)
    }

    /// Ends the program as soon as the file is lost: in no good order, in which it would tell people that what they ask is done.
    pub(crate) async fn or_end(&self) {
        if self.0.is_none() {
            return pending().await;
        }
        let mut often = interval(Duration::from_secs(limits::FOOTHOLD_S));
        while !self.is_lost() {
            often.tick().await;
        }
        tracing::error!(
            "the database was removed or replaced while it was served: the server ends at once, since nothing more would be kept"
        );
        std::process::exit(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_lost_when_it_is_removed_or_replaced_and_not_when_it_is_moved() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        let on = |file: &std::path::Path| Foothold::on(&Location::File(file.to_owned())).unwrap();
        fs::write(&file, "").unwrap();
        let foothold = on(&file);
        fs::rename(&file, &other).unwrap();
        assert!(!foothold.is_lost());
        fs::write(&file, "").unwrap();
        assert!(foothold.is_lost(), "another one has its name");
        fs::remove_file(&file).unwrap();
        assert!(!foothold.is_lost());
        fs::write(&file, "").unwrap();
        let new = on(&file);
        fs::rename(&file, &other).unwrap();
        assert!(foothold.is_lost() && !new.is_lost());
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(new.is_lost());
    }
}
