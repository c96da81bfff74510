//! Chromium, for the tests that drive the designer as a person does.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::debian;

/// Names another Chromium than Debian's.
const CHOSEN: &str = "WAYMARK_CHROMIUM";

/// The browser, and a font without which headless pages have no text.
const PACKAGES: [&str; 2] = ["chromium", "fonts-dejavu-core"];

/// Finds Chromium, or installs it.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(CHOSEN) {
        return Ok(chosen.into());
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    debian::install("Chromium, for the browser tests", &PACKAGES)?;
    installed().context("Chromium was installed but is not on the path")
}

fn installed() -> Option<PathBuf> {
    debian::on_path("chromium").or_else(|| debian::on_path("chromium-browser"))
}
