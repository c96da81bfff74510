//! The whole suite: set up, tidy, formatted, built, then every test of every package.

pub(crate) mod cluster;
pub(crate) mod surroundings;
mod tally;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{self, announce};
use crate::workspace::Workspace;
use crate::{connectors, setup, tidy, web};
use surroundings::Surroundings;
use tally::Tally;

/// Packages whose tests are built apart: xtask is built before all others, with features of its own.
const APART: [&str; 1] = ["xtask"];

/// Runs the suite and ends with one line a machine can read: `N passed, N failed`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let surroundings = Surroundings::set_up(workspace)?;
    setup::components(workspace)?;
    let mut tally = Tally::default();
    tally.check("tidy", tidy::check(workspace));
    announce("format");
    tally.check(
        "format",
        command::run(command::cargo(workspace.root()).args(["fmt", "--all", "--check"])),
    );
    let built = build(workspace);
    let is_built = built.is_ok();
    tally.check("build", built);
    if !is_built {
        return conclude(&tally, true);
    }

    announce("clippy");
    tally.check("clippy", clippy(workspace));

    let mut sound = true;
    for mut tests in [cargo_test(workspace, Part::Apart), cargo_test(workspace, Part::Product)] {
        surroundings.around(&mut tests);
        tests.arg("--").args(arguments);
        sound &= stream(&mut tests, &mut tally)?;
    }
    for store in ["postgres", "partitioned", "memory"] {
        let mut tests = built_tests(workspace, "runtime")?;
        surroundings.around(&mut tests);
        tests.env("WAYMARK_TEST_STORE", store).args(arguments);
        sound &= stream(&mut tests, &mut tally)?;
    }
    conclude(&tally, sound)
}

/// Builds all that is tested.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    web::build(workspace, web::Profile::Release)?;
    connectors::build(workspace)
}

/// Builds the programs that tests and the demo start.
pub(crate) fn build_binaries(workspace: &Workspace) -> Result<()> {
    announce("building the programs");
    let mut build = command::cargo(workspace.root());
    command::run(build.arg("build").args(selection(Part::Product)).arg("--bins"))
}

/// A program of ours, as `build_binaries` leaves it.
pub(crate) fn binary(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target().join("debug").join(name)
}

#[derive(Clone, Copy)]
enum Part {
    Apart,
    Product,
}

/// Lints what is built natively; its warnings are errors. Connectors are all wasm: natively nothing of theirs is used.
fn clippy(workspace: &Workspace) -> Result<()> {
    let mut clippy = command::cargo(workspace.root());
    clippy.args(["clippy", "--workspace", "--all-targets"]);
    for plugin in connectors::packages(workspace) {
        clippy.args(["--exclude", &plugin]);
    }
    command::run(clippy.args(["--quiet", "--", "--deny", "warnings"]))
}

/// The same packages for building and for testing: another selection has other features, and builds the world again.
fn selection(part: Part) -> Vec<&'static str> {
    match part {
        Part::Apart => APART.iter().flat_map(|package| ["--package", package]).collect(),
        Part::Product => ["--workspace"]
            .into_iter()
            .chain(APART.iter().flat_map(|package| ["--exclude", package]))
            .collect(),
    }
}

fn cargo_test(workspace: &Workspace, part: Part) -> Command {
    let mut command = command::cargo(workspace.root());
    command.arg("test").args(selection(part)).arg("--no-fail-fast");
    command
}

/// The tests of files of ours, by the files' names.
pub(crate) fn of_files(workspace: &Workspace, files: &[String]) -> Command {
    let mut command = cargo_test(workspace, Part::Product);
    command.args(files.iter().flat_map(|file| ["--test", file]));
    command
}

/// The tests of one library, as they were built with all others: what they prove on SQLite they prove on other stores, too.
fn built_tests(workspace: &Workspace, package: &str) -> Result<Command> {
    let mut build = cargo_test(workspace, Part::Product);
    let told = command::capture(build.args(["--lib", "--no-run", "--message-format=json"]))?;
    let program = told.lines().find_map(|line| {
        let artifact: Value = serde_json::from_str(line).ok()?;
        let is_it = artifact["target"]["name"] == package && artifact["profile"]["test"] == true;
        artifact["executable"].as_str().filter(|_| is_it).map(str::to_owned)
    });
    let program = program.with_context(|| format!("the tests of {package} were not built"))?;
    let mut command = Command::new(program);
    command.current_dir(workspace.root().join("crates").join(package));
    Ok(command)
}

/// Runs tests, shows what they say as they say it, and counts; gives whether the runner itself was content.
fn stream(tests: &mut Command, tally: &mut Tally) -> Result<bool> {
    announce(&command::shown(tests));
    let mut child = tests.stdout(Stdio::piped()).spawn().context("cannot start cargo test")?;
    let output = child.stdout.take().context("the output of cargo test is piped")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        tally.read(&line);
    }
    Ok(child.wait()?.success())
}

fn conclude(tally: &Tally, sound: bool) -> Result<()> {
    let failed = tally.failed_including_crashes(sound);
    for name in tally.failures() {
        println!("failed: {name}");
    }
    if !sound && tally.failed == 0 {
        println!("a test program did not build or did not come to its end; see above");
    }
    println!("{} passed, {failed} failed", tally.passed);
    if failed > 0 {
        bail!("the suite failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tested_apart_is_not_tested_twice() {
        let product = selection(Part::Product);
        for package in selection(Part::Apart).into_iter().filter(|word| !word.starts_with("--")) {
            assert!(product.windows(2).any(|words| words == ["--exclude", package]), "{package}");
        }
    }
}
