//! The last line of a backup: a digest of all before it, by which a restore knows that the file is byte for byte what was written.
//!
//! SQLite reads as many pages as the beginning of a file counts and nothing behind them, so a backup stays one of its files.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use anyhow::{Result, bail};
use rustix::fs::{Mode, OFlags};
use sha2::{Digest, Sha256};

/// What stands before the digest.
const BEGINNING: &str = "\nwaymark-backup-1 sha256:";

/// How long an ending is: with 64 digits and the end of the line.
const BYTES: usize = BEGINNING.len() + 64 + 1;

/// Ends a backup whose pages are there, and makes it durable.
pub(super) fn write(backup: &Path) -> io::Result<()> {
    let mut file = File::options().read(true).append(true).open(backup)?;
    let ending = copy_pages(&mut file, &mut io::sink())?;
    file.write_all(ending.as_bytes())?;
    file.sync_all()
}

/// Opens a backup to read it; what is no file is refused, and nobody waits for who writes into a pipe.
pub(super) fn open(backup: &Path) -> io::Result<File> {
    let how = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(backup, how, Mode::empty())?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no file")) }
}

/// Copies a backup without its ending.
///
/// # Errors
///
/// It is none, or not as it was written; then the copy is worth nothing.
pub(super) fn copy(mut file: File, to: &Path) -> Result<()> {
    let Some(pages) = file.metadata()?.len().checked_sub(BYTES as u64) else { bail!(NONE) };
    let mut found = [0; BYTES];
    file.seek(SeekFrom::Start(pages))?;
    file.read_exact(&mut found)?;
    if !found.starts_with(BEGINNING.as_bytes()) || !found.ends_with(b"\n") {
        bail!(NONE);
    }
    file.rewind()?;
    let mut unpacked =
        Unpacked { file: File::create(to).map_err(|error| unwritten(to, &error))?, to };
    let ending = copy_pages(&mut file.take(pages), &mut unpacked)?;
    if found != *ending.as_bytes() {
        bail!(
            "it is not what `waymark backup` wrote: it was changed or is damaged; restore another backup"
        );
    }
    Ok(())
}

const NONE: &str =
    "it is no backup, or its end is missing; restore a whole file that `waymark backup` wrote";

/// Copies all there is, and gives the ending that belongs behind it.
fn copy_pages(from: &mut impl Read, to: &mut impl Write) -> io::Result<String> {
    let mut digested = Digested { digest: Sha256::new(), to };
    io::copy(from, &mut digested)?;
    Ok(format!("{BEGINNING}{}\n", hex::encode(digested.digest.finalize())))
}

/// What becomes of a backup, which is not to be blamed when this cannot be written.
struct Unpacked<'a> {
    file: File,
    to: &'a Path,
}

fn unwritten(to: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{} cannot be written: {error}", to.display()))
}

impl Write for Unpacked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| unwritten(self.to, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A writer that digests what goes through it.
struct Digested<'a, W> {
    digest: Sha256,
    to: &'a mut W,
}

impl<W: Write> Write for Digested<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_backup_is_taken_only_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let (backup, to) = (folder.path().join("backup"), folder.path().join("copy"));
        fs::write(&backup, "pages\n\npages").unwrap();
        write(&backup).unwrap();
        copy(open(&backup).unwrap(), &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"pages\n\npages");
        let whole = fs::read(&backup).unwrap();
        let is_taken = |bytes: &[u8]| {
            fs::write(&backup, bytes).unwrap();
            copy(open(&backup).unwrap(), &to).is_ok()
        };
        for at in 0..whole.len() {
            assert!(!is_taken(&whole[..at]), "cut off at {at}");
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                assert!(!is_taken(&damaged), "bit {bit} of byte {at}");
            }
        }
        assert!(!is_taken(&[&whole[..], b"\n"].concat()));
        assert!(!is_taken(&[&whole[..], &whole].concat()));
        assert!(is_taken(&whole));
    }
}
