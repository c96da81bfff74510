//! A file that is being written: it lies in a folder of its own until it is whole.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use failpoints::Point;
use rustix::fs::{Mode, OFlags};
use tempfile::TempPath;

use crate::{
    beside::{LOGS, PART, beside, is_there},
    durable::keep_name,
};

/// What the file is called in its folder.
const WHOLE: &str = "whole";

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
        let folder = beside(whole, PART);
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
        refuse_strange(&folder)?;
        let part = Self { whole: whole.to_owned(), folder, _lock: lock };
        refuse_if_there(whole)?;
        part.clear().with_context(|| format!("the folder {shown} cannot be emptied"))?;
        part.try_naming().with_context(|| {
            format!("the file system of {shown} cannot name a file without overwriting another")
        })?;
        Ok(part)
    }

    /// Where the file lies until it is whole.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(WHOLE)
    }

    /// Gives the file its name, for good; one of that name that came meanwhile stays.
    pub(super) fn name(self) -> io::Result<()> {
        named(&self.path(), &self.whole)?;
        keep_name(&self.whole)
    }

    /// Finds out before all the work whether [`Self::name`] can do its own.
    fn try_naming(&self) -> io::Result<()> {
        let ([log, ..], whole) = (LOGS, self.path());
        let other = beside(&whole, log);
        failpoints::at_once(Point::BeginPart, || File::create(&whole))?;
        named(&whole, &other)?;
        fs::remove_file(other)
    }

    fn clear(&self) -> io::Result<()> {
        let whole = self.path();
        for file in [whole.clone()].into_iter().chain(LOGS.map(|end| beside(&whole, end))) {
            match fs::remove_file(file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
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

/// Gives a file another name that nothing has.
fn named(file: &Path, name: &Path) -> io::Result<()> {
    let persisted = TempPath::try_from_path(file)?.persist_noclobber(name);
    persisted.map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => {
            io::Error::new(ErrorKind::AlreadyExists, "another file of this name came meanwhile")
        }
        _ => error.error,
    })
}

/// Nor may there be a log of a file that had this name: SQLite would take what is in it for a part of the new one.
fn refuse_if_there(whole: &Path) -> Result<()> {
    for named in [whole.to_owned()].into_iter().chain(LOGS.map(|end| beside(whole, end))) {
        if is_there(&named) {
            bail!("{} is there already", named.display());
        }
    }
    Ok(())
}

/// Refuses a folder that somebody else keeps something in.
fn refuse_strange(folder: &Path) -> Result<()> {
    let is_ours = |name: &OsStr| {
        let end = name.to_str().and_then(|name| name.strip_prefix(WHOLE));
        end.is_some_and(|end| end.is_empty() || LOGS.contains(&end))
    };
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry.with_context(|| folder.display().to_string())?;
        if !is_ours(&entry.file_name()) {
            bail!(
                "{} is in the way, and no command of Waymark wrote it: move it elsewhere",
                entry.path().display()
            );
        }
    }
    Ok(())
}

/// Opens the folder, made for its user alone if it is not there; nothing else that has its name, nor what a link leads to.
fn make(folder: &Path) -> io::Result<File> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let how = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(folder, how, Mode::empty())?.into())
}

/// Whether a folder is the one that lies under this name.
fn is_same(opened: &File, folder: &Path) -> bool {
    let which = |seen: fs::Metadata| (seen.dev(), seen.ino());
    let (opened, named) = (opened.metadata().map(which), folder.symlink_metadata().map(which));
    matches!((opened, named), (Ok(opened), Ok(named)) if opened == named)
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

    #[test]
    fn what_somebody_else_keeps_under_the_name_of_the_folder_stays() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("one");
        let part = beside(&whole, PART);
        fs::create_dir(&part).unwrap();
        fs::write(part.join("theirs"), "kept").unwrap();
        fs::write(part.join(WHOLE), "kept").unwrap();
        let refused = Part::of(&whole).unwrap_err().to_string();
        assert!(refused.contains("one.part/theirs is in the way"), "{refused}");
        assert_eq!(fs::read_dir(&part).unwrap().count(), 2);
        fs::remove_dir_all(&part).unwrap();

        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &part).unwrap();
        let refused = format!("{:#}", Part::of(&whole).unwrap_err());
        assert!(refused.contains("one.part cannot be made: Not a directory"), "{refused}");
        fs::remove_file(&part).unwrap();

        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &part, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let refused = format!("{:#}", Part::of(&whole).unwrap_err());
        assert!(refused.contains("one.part cannot be made: Not a directory"), "{refused}");
    }
}
