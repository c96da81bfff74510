//! A backup that is being written.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// What a file and those that SQLite keeps beside it are called behind their name.
const ENDS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// It lies under another name until it is whole; what is left of it when it is dropped goes away.
pub(super) struct Part(PathBuf);

impl Part {
    /// The part of this backup; one that was left by a program that was killed is gone.
    pub(super) fn of(backup: &Path) -> Self {
        let part = Self(beside(backup, ".part"));
        part.clear();
        part
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn clear(&self) {
        for end in ENDS {
            // Most are not there, and whoever opens the file says why it cannot be made anew.
            let _ = fs::remove_file(beside(&self.0, end));
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.clear();
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}
