//! Where the parts run: the programs and tests built for it, and databases of both kinds.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::figure::Figure;
use crate::command::{self, announce};
use crate::connectors;
use crate::test::cluster::{self, Cluster};
use crate::workspace::Workspace;

/// The packages that are built for it; always the same selection, or everything is built again.
const PACKAGES: [&str; 6] = ["server", "mock-systems", "tests", "simulation", "store", "runtime"];

/// The profile, and the folder under the target directory that it builds into.
const PROFILE: &str = "torture";

/// Built programs and a running PostgreSQL.
pub(super) struct Field<'a> {
    workspace: &'a Workspace,
    cluster: &'a Cluster,
}

/// Which tests of the packages.
#[derive(Clone, Copy)]
pub(super) enum Tests {
    /// Those of a file in a package's `tests` folder.
    File(&'static str),
    /// Those within the libraries.
    Libraries,
}

impl<'a> Field<'a> {
    /// Builds the programs that tests start.
    pub(super) fn prepare(workspace: &'a Workspace, cluster: &'a Cluster) -> Result<Self> {
        announce("building the programs for it");
        let field = Self { workspace, cluster };
        command::run(field.cargo("build").arg("--bins"))?;
        Ok(field)
    }

    /// Where everything is.
    pub(super) fn workspace(&self) -> &Workspace {
        self.workspace
    }

    /// The tests whose names contain `name`, not yet started; what they print is seen.
    pub(super) fn tests(&self, tests: Tests, name: &str) -> Command {
        let mut command = self.cargo("test");
        match tests {
            Tests::File(file) => command.args(["--test", file]),
            Tests::Libraries => command.arg("--lib"),
        };
        command.args(["--", "--nocapture", name]);
        command.env("WAYMARK_BIN", self.program("waymark"));
        command.env("MOCK_SYSTEMS_BIN", self.program("mock-systems"));
        command.env("WAYMARK_CONNECTORS_DIR", connectors::folder(self.workspace));
        command.env(cluster::ADDRESS, self.cluster.address());
        command
    }

    /// Runs tests, shows what they say as they say it, and gives the figures they tell: lines `figure: WHAT: VALUE`.
    pub(super) fn measure(tests: &mut Command) -> Result<Vec<Figure>> {
        let shown = command::shown(tests);
        println!("  $ {shown}");
        let mut child = tests.stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
        let output = child.stdout.take().context("the output of cargo test is piped")?;
        let mut figures = Vec::new();
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("{line}");
            figures.extend(Figure::told(&line));
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{shown}` failed ({status})");
        }
        Ok(figures)
    }

    /// A program of ours, as [`Self::prepare`] leaves it.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.workspace.target().join(PROFILE).join(name)
    }

    fn cargo(&self, verb: &str) -> Command {
        let mut cargo = command::cargo(self.workspace.root());
        cargo.args([verb, "--profile", PROFILE]);
        cargo.args(PACKAGES.iter().flat_map(|package| ["--package", package]));
        cargo
    }
}
