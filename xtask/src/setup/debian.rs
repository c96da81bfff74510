//! Installing Debian packages, with an answer one can act on where that is not possible.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{self, announce};

/// Installs `packages`, which are needed for `purpose`.
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!("sudo apt-get install --no-install-recommends {}", packages.join(" "));
    if !Path::new("/etc/debian_version").exists() {
        bail!(
            "{purpose} is missing, and only Debian packages are installed for you: install {}",
            packages.join(", ")
        );
    }
    if command::capture(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("{purpose} is missing, and installing it needs root: run `{by_hand}` and try again");
    }
    announce(&format!("installing {purpose} (Debian packages: {})", packages.join(", ")));
    let wait_for_others = "DPkg::Lock::Timeout=400";
    command::run(Command::new("apt-get").args(["-q", "-o", wait_for_others, "update"]))?;
    let mut install = Command::new("apt-get");
    install
        .args(["-q", "-y", "-o", wait_for_others, "install", "--no-install-recommends"])
        .args(packages);
    command::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The program of that name on the path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
