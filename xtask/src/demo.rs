//! The demo: everything built, then served from a temporary, filled workspace.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::announce;
use crate::workspace::Workspace;
use crate::{connectors, test, web};

/// Builds what the demo needs and becomes `waymark demo`, which prints its address and its sign-ins.
pub(crate) fn serve(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    web::build(workspace, web::Profile::Release)?;
    connectors::build(workspace)?;
    test::build_binaries(workspace)?;
    announce("serving the demo; Ctrl-C ends it");
    let mut waymark = Command::new(test::binary(workspace, "waymark"));
    waymark.arg("demo").args(arguments).current_dir(workspace.root());
    waymark.env("WAYMARK_CONNECTORS_DIR", connectors::folder(workspace));
    waymark.env("MOCK_SYSTEMS_BIN", test::binary(workspace, "mock-systems"));
    // Taking over this process, the demo gets Ctrl-C itself and ends in good order.
    Err(waymark.exec()).context("cannot start `waymark demo`")
}
