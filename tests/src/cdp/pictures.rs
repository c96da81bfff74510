//! Pictures of a page, held against those that are kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::page::Page;
use crate::likeness::album::{self, Purpose};
use crate::likeness::{Likeness, Picture};

/// How long a page may take until it looks as it is kept, or no longer changes.
const SETTLING: Duration = Duration::from_secs(10);

/// How often a page that has not settled is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

impl Page {
    /// Takes a picture of what is shown as `NAME.png` in the screenshots folder; where they are held against the kept ones, it fails if
    /// it looks otherwise. Gives its path.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf> {
        album::claim(name)?;
        match album::purpose()? {
            Purpose::Take => self.snapshot(name).await,
            Purpose::Compare => self.compare(name).await,
            Purpose::Keep => self.keep(name).await,
        }
    }

    /// Takes a picture of the page as it is at this moment, which nothing is held against; gives its path.
    pub(super) async fn snapshot(&self, name: &str) -> Result<PathBuf> {
        save(name, &self.capture().await?)
    }

    async fn compare(&self, name: &str) -> Result<PathBuf> {
        let Some(kept) = album::kept(name)? else {
            let taken = save(name, &self.capture_still(name).await?)?;
            bail!(
                "no picture `{name}` is kept: look at {} and keep it with `cargo xtask pictures --new`",
                taken.display()
            );
        };
        let until = Instant::now() + SETTLING;
        loop {
            let file = self.capture_still(name).await?;
            let seen = Picture::read(&file)?;
            match Likeness::of(&seen.reduced(), &kept) {
                Likeness::Equal | Likeness::Alike => return save(name, &file),
                _ if Instant::now() < until => sleep(LOOK_AGAIN).await,
                Likeness::Otherwise(difference) => {
                    let shown = difference.shown_in(&seen).write()?;
                    let shown = save(&format!("{name}.differs"), &shown)?;
                    let what = format!("{difference}; what differs is red in {}", shown.display());
                    bail!(otherwise(name, &save(name, &file)?, &what));
                }
                Likeness::Resized => {
                    let size = format!("it is {} x {} now", seen.width(), seen.height());
                    bail!(otherwise(name, &save(name, &file)?, &size));
                }
            }
        }
    }

    /// Keeps what is shown once it looks the same twice.
    async fn keep(&self, name: &str) -> Result<PathBuf> {
        let until = Instant::now() + SETTLING;
        let mut before: Option<Picture> = None;
        loop {
            let file = self.capture_still(name).await?;
            let seen = Picture::read(&file)?.reduced();
            if before.is_some_and(|before| Likeness::of(&seen, &before) == Likeness::Equal) {
                album::keep(name, &seen)?;
                return save(name, &file);
            }
            if Instant::now() > until {
                bail!("`{name}` was not kept: the page still changed after {SETTLING:?}");
            }
            before = Some(seen);
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn capture_still(&self, name: &str) -> Result<Vec<u8>> {
        self.hold_for(name).await?;
        let file = self.capture().await;
        self.let_go().await?;
        file
    }

    async fn capture(&self) -> Result<Vec<u8>> {
        let answer =
            self.session.call("Page.captureScreenshot", json!({ "format": "png" })).await?;
        Ok(STANDARD.decode(answer["data"].as_str().context("a screenshot has data")?)?)
    }
}

/// Says that a picture is not as it is kept, and what to do then.
fn otherwise(name: &str, taken: &Path, what: &str) -> String {
    format!(
        "the picture `{name}` looks otherwise than it is kept: {what}\nnow: {}\nkept: {}\n\
         if it is right as it is now, keep it with `cargo xtask pictures --new`",
        taken.display(),
        album::place(name).display()
    )
}

/// Writes a file into the screenshots folder.
fn save(name: &str, png: &[u8]) -> Result<PathBuf> {
    let folder = screenshots()?;
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.png"));
    fs::write(&path, png)?;
    Ok(path)
}

fn screenshots() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("WAYMARK_SCREENSHOTS") {
        return Ok(folder.into());
    }
    // A test program lies in `TARGET/debug/deps`.
    let test = std::env::current_exe()?;
    Ok(test.ancestors().nth(3).context("a test lies in the target directory")?.join("screenshots"))
}
