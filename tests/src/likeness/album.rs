//! The pictures that are kept in `tests/pictures`, each a reduced one.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};

use super::{Likeness, Picture};
use crate::stage::root;

/// Says what becomes of the pictures that tests take.
const ASKED: &str = "WAYMARK_PICTURES";

/// What becomes of the pictures that tests take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They are taken, and that is all.
    Take,
    /// They are held against the kept ones.
    Compare,
    /// They are kept.
    Keep,
}

/// What was asked for: with `WAYMARK_PICTURES=kept` pictures are held against the kept ones, with `WAYMARK_PICTURES=new` they are kept.
///
/// # Errors
///
/// Something else was asked for.
pub fn purpose() -> Result<Purpose> {
    let Some(asked) = std::env::var_os(ASKED) else { return Ok(Purpose::Take) };
    match asked.to_str() {
        Some("kept") => Ok(Purpose::Compare),
        Some("new") => Ok(Purpose::Keep),
        _ => bail!("{ASKED} is `kept` or `new`, not {}", asked.display()),
    }
}

/// Fails when a picture of that name has been taken already: both would be held against one.
pub fn claim(name: &str) -> Result<()> {
    static TAKEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let is_new = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    ensure!(is_new, "two pictures are called `{name}`: each needs a name of its own");
    Ok(())
}

/// Where a picture is kept.
pub fn place(name: &str) -> PathBuf {
    root().join("tests/pictures").join(name).with_extension("png")
}

/// The picture of that name, if one is kept.
pub fn kept(name: &str) -> Result<Option<Picture>> {
    let path = place(name);
    let picture = match fs::read(&path) {
        Ok(file) => Picture::read(&file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(error.into()),
    };
    picture.map(Some).with_context(|| path.display().to_string())
}

/// Keeps a reduced picture. One that is equal stays as it is, so that nothing is committed in vain.
pub fn keep(name: &str, picture: &Picture) -> Result<()> {
    if kept(name)?.is_some_and(|kept| Likeness::of(picture, &kept) == Likeness::Equal) {
        return Ok(());
    }
    let path = place(name);
    fs::create_dir_all(path.parent().unwrap_or(&path))?;
    fs::write(&path, picture.write()?).with_context(|| path.display().to_string())
}
