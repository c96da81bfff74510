//! The benchmarks: the programs built as they are shipped, then measured from outside.

use std::process::Command;

use anyhow::Result;

use crate::command::{self, announce};
use crate::test::cluster::{self, Cluster};
use crate::workspace::Workspace;
use crate::{connectors, setup, web};

/// The packages whose programs are measured or measure; always the same selection, or everything is built again.
const PACKAGES: [&str; 3] = ["server", "mock-systems", "tests"];

/// Measures and keeps the results: as JSON in `target/bench.json`, and as a table in `docs/performance.md` when everything was measured.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    web::build(workspace, web::Profile::Release)?;
    connectors::build(workspace)?;
    announce("building the programs as they are shipped");
    let mut build = command::cargo(workspace.root());
    build.args(["build", "--release", "--bins"]);
    command::run(build.args(PACKAGES.iter().flat_map(|package| ["--package", package])))?;
    let cluster = Cluster::start(&setup::postgres()?)?;
    announce("measuring; nothing else should run beside it");
    let released = workspace.target().join("release");
    let json = workspace.target().join("bench.json");
    let mut bench = Command::new(released.join("bench"));
    bench.arg("--json").arg(&json).args(arguments).current_dir(workspace.root());
    if arguments.is_empty() {
        bench.args(["--page", "docs/performance.md"]);
    }
    bench.env("WAYMARK_BIN", released.join("waymark"));
    bench.env("MOCK_SYSTEMS_BIN", released.join("mock-systems"));
    bench.env("WAYMARK_CONNECTORS_DIR", connectors::folder(workspace));
    bench.env(cluster::ADDRESS, cluster.address());
    command::run(&mut bench)
}
