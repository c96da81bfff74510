//! Files of JSON, a value on each line, read one line at a time.

use crate::Error;
use serde::de::DeserializeOwned;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// The lines of a file.
#[derive(Debug)]
pub(crate) struct Lines {
    path: PathBuf,
    file: BufReader<File>,
    number: u64,
    line: String,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| unread(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::new(file),
            number: 0,
            line: String::new(),
        })
    }

    /// The next value. The last line may be cut off, since whoever writes it may have been killed.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Error> {
        loop {
            self.line.clear();
            let read = self.file.read_line(&mut self.line);
            if read.map_err(|source| unread(&self.path, source))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.trim().is_empty() {
                continue;
            }
            return match serde_json::from_str(&self.line) {
                Ok(value) => Ok(Some(value)),
                Err(_) if !self.line.ends_with('\n') => Ok(None),
                Err(source) => {
                    Err(Error::Line { path: self.path.clone(), number: self.number, source })
                }
            };
        }
    }
}

fn unread(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}
