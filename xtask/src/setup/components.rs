//! rustfmt and clippy, which a minimal toolchain lacks.

use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{self, announce};
use crate::workspace::Workspace;

/// The components of rustup's that the suite uses, each with the verb of cargo's that shows whether it is there.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "fmt"), ("clippy", "clippy")];

/// Makes sure that `cargo fmt` and `cargo clippy` work.
pub(crate) fn components(workspace: &Workspace) -> Result<()> {
    for (component, verb) in COMPONENTS {
        let mut probe = command::cargo(workspace.root());
        if command::capture(probe.args([verb, "--version"])).is_ok() {
            continue;
        }
        announce(&format!("installing {component} with rustup"));
        let mut add = Command::new("rustup");
        add.args(["component", "add", component]).current_dir(workspace.root());
        command::run(&mut add)
            .with_context(|| format!("the suite needs {component}, which is missing"))?;
    }
    Ok(())
}
