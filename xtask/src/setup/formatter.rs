//! rustfmt, which a minimal toolchain lacks.

use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{self, announce};
use crate::workspace::Workspace;

/// Makes sure that `cargo fmt` works.
pub(crate) fn rustfmt(workspace: &Workspace) -> Result<()> {
    if command::capture(command::cargo(workspace.root()).args(["fmt", "--version"])).is_ok() {
        return Ok(());
    }
    announce("installing rustfmt with rustup");
    command::run(
        Command::new("rustup").args(["component", "add", "rustfmt"]).current_dir(workspace.root()),
    )
    .context("the suite checks the formatting, and rustfmt is missing")
}
