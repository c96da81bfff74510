//! Random inputs for what reads strangers' bytes, led by what each reaches in the code.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::field::Field;
use super::figure::Figure;
use crate::command::{self, announce};
use crate::workspace::Workspace;

/// What marks every edge of the code and every comparison, so that the program sees what an input reaches. The marks are the
/// compiler's own; without a sanitizer they need no other toolchain.
const MARKS: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// The stack a thread of the server has, in KiB: what overflows there has to overflow here.
const STACK_KIB: u32 = 2048;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many minutes each target is given inputs.
    #[arg(long, default_value_t = 2)]
    fuzz_minutes: u64,
    /// Only these targets, with commas between them; all when left out.
    #[arg(long, value_delimiter = ',')]
    fuzz_targets: Vec<String>,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let workspace = field.workspace();
    let host = host()?;
    build(workspace, &host)?;
    let kept = workspace.root().join("tests/fuzz/corpus");
    let mut figures = Vec::new();
    for target in targets(&kept)? {
        if !amounts.fuzz_targets.is_empty() && !amounts.fuzz_targets.contains(&target) {
            continue;
        }
        announce(&format!("random inputs: {target}"));
        figures.extend(feed(workspace, &host, &target, amounts.fuzz_minutes * 60)?);
    }
    Ok(figures)
}

/// The targets are the folders of inputs that were kept.
fn targets(kept: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in fs::read_dir(kept).with_context(|| kept.display().to_string())? {
        names.push(folder?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The triple of this machine: named, the marks stay out of build scripts.
fn host() -> Result<String> {
    let told = command::capture(Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc tells its host")?.to_owned())
}

fn build(workspace: &Workspace, host: &str) -> Result<()> {
    let mut build = command::cargo(workspace.root());
    build.args(["build", "--profile", "torture", "--package", "fuzz", "--features", "guided"]);
    build.args(["--bin", "guided", "--target", host, "--target-dir"]);
    build.arg(workspace.target().join("guided"));
    command::run(build.env("RUSTFLAGS", MARKS.join(" ")))
}

/// Gives a target inputs for so many seconds; those that reach something new are kept beside the build, for the next time.
fn feed(workspace: &Workspace, host: &str, target: &str, seconds: u64) -> Result<Vec<Figure>> {
    let built = workspace.target().join("guided");
    let found = built.join("inputs").join(target);
    fs::create_dir_all(&found).with_context(|| found.display().to_string())?;
    let crash = built.join(format!("{target}."));
    let mut feed = Command::new("sh");
    feed.args(["-c", &format!("ulimit -s {STACK_KIB} && exec \"$@\""), "sh"]);
    feed.arg(built.join(host).join("torture/guided")).arg(&found);
    feed.arg(workspace.root().join("tests/fuzz/corpus").join(target));
    feed.arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}", crash.display()));
    feed.args(["-max_len=8192", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    let output = feed.env("WAYMARK_FUZZ_TARGET", target).output().context("cannot start sh")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let end: Vec<&str> = told.lines().rev().take(40).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        bail!("{target} does not hold; the input is {}…:\n{}", crash.display(), end.join("\n"));
    }
    let count = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let value = count.unwrap_or("0").trim().to_owned();
    println!("{value} inputs");
    Ok(vec![Figure { what: format!("random inputs for: {target}"), value }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_has_inputs_that_were_kept() -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let readers = fs::read_to_string(root.join("tests/fuzz/src/lib.rs"))?;
        let kept = targets(&root.join("tests/fuzz/corpus"))?;
        assert!(kept.len() > 5, "{kept:?}");
        for target in kept {
            assert!(readers.contains(&format!("name: \"{target}\"")), "{target}");
        }
        Ok(())
    }
}
