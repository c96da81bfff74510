//! A file that is being written: it lies in a folder of its own until it is whole.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tempfile::TempPath;

use crate::durable::keep_name;

/// The folder in which a file comes about, and the right to write into it; both go when it is dropped. What a program that was killed has
/// left there goes as the next begins.
#[derive(Debug)]
pub(super) struct Part {
    /// What the file will be called.
    whole: PathBuf,
    folder: PathBuf,
    /// Held for as long as it is written, whatever becomes of us.
    _lock: File,
}

impl Part {
    /// The part of the file `whole`, which must not be there.
    ///
    /// # Errors
    ///
    /// The file is there, somebody else is writing it, or there is no room beside it.
    pub(super) fn of(whole: &Path) -> Result<Self> {
        let folder = beside(whole, ".part");
        let (shown, named) = (folder.display().to_string(), whole.display().to_string());
        refuse_if_there(whole)?;
        let lock = make(&folder).with_context(|| format!("the folder {shown} cannot be made"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{named} is being written by another command"),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("the folder {shown} cannot be locked"));
            }
        }
        // Whoever had the lock before may have ended well, and has removed the folder.
        if !is_same(&lock, &folder) {
            bail!("{named} was being written by another command until now; try again");
        }
        let part = Self { whole: whole.to_owned(), folder, _lock: lock };
        refuse_if_there(whole)?;
        part.clear().with_context(|| format!("the folder {shown} cannot be emptied"))?;
        Ok(part)
    }

    /// Where the file lies until it is whole.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join("whole")
    }

    /// Gives the file its name, for good; one of that name that came meanwhile stays.
    pub(super) fn name(self) -> io::Result<()> {
        let named = TempPath::try_from_path(self.path())?.persist_noclobber(&self.whole);
        named.map_err(|error| error.error)?;
        keep_name(&self.whole)
    }

    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // The next one to write the file begins with what is left, and says what is in the way.
        let _ = self.clear().and_then(|()| fs::remove_dir(&self.folder));
    }
}

/// Nor may there be a log of a file that had this name: SQLite would take what is in it for a part of the new one.
fn refuse_if_there(whole: &Path) -> Result<()> {
    for end in ["", "-wal", "-shm", "-journal"] {
        let named = beside(whole, end);
        if named.symlink_metadata().is_ok() {
            bail!("{} is there already", named.display());
        }
    }
    Ok(())
}

/// Opens the folder, made for its user alone if it is not there.
fn make(folder: &Path) -> io::Result<File> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => File::open(folder),
    }
}

/// Whether a folder is the one that lies under this name.
fn is_same(opened: &File, folder: &Path) -> bool {
    let which = |seen: fs::Metadata| (seen.dev(), seen.ino());
    let (opened, named) = (opened.metadata().map(which), folder.symlink_metadata().map(which));
    matches!((opened, named), (Ok(opened), Ok(named)) if opened == named)
}

fn beside(whole: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(whole);
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_by_one_at_a_time_and_what_another_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("one");
        let first = Part::of(&whole).unwrap();
        fs::write(first.path(), "a part").unwrap();
        let refused = Part::of(&whole).unwrap_err().to_string();
        assert!(refused.ends_with("one is being written by another command"), "{refused}");
        drop(first);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // As a program that was killed leaves it.
        fs::create_dir(beside(&whole, ".part")).unwrap();
        fs::write(beside(&whole, ".part").join("whole"), "left").unwrap();
        let part = Part::of(&whole).unwrap();
        assert!(!part.path().exists());
        fs::write(part.path(), "whole").unwrap();
        part.name().unwrap();
        assert_eq!(fs::read(&whole).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let refused = Part::of(&whole).unwrap_err().to_string();
        assert!(refused.ends_with("one is there already"), "{refused}");
    }

    #[test]
    fn a_log_of_a_file_that_is_gone_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("one");
        for end in ["-wal", "-shm", "-journal"] {
            let left = beside(&whole, end);
            fs::write(&left, "left").unwrap();
            let refused = Part::of(&whole).unwrap_err().to_string();
            assert!(refused.ends_with(&format!("one{end} is there already")), "{refused}");
            fs::remove_file(left).unwrap();
        }
        Part::of(&whole).unwrap();
    }

    #[test]
    fn a_file_that_came_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("one");
        let part = Part::of(&whole).unwrap();
        fs::write(part.path(), "ours").unwrap();
        fs::write(&whole, "theirs").unwrap();
        assert_eq!(part.name().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&whole).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
