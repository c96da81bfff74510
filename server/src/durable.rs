//! Names of files that outlast a power cut.

use std::{fs::File, io, path::Path};

/// Makes durable that a file was given its name, or another one: a folder has its names on the disk only when it was synchronised itself.
///
/// # Errors
///
/// The folder cannot be read or written.
pub(crate) fn keep_name(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
