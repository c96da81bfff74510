//! A command of `waymark` that comes to an end, and what it said.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::server::waymark;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub error: String,
}

impl Ended {
    /// Its output, if it succeeded.
    pub fn well(self) -> Result<String> {
        ensure!(self.code == Some(0), "{self:?}");
        Ok(self.out)
    }

    /// The line it refused with, if it ended with `code` and said one line of its own and nothing else.
    pub fn refusal(self, code: i32) -> Result<String> {
        ensure!(self.code == Some(code), "expected exit code {code}: {self:?}");
        let lines: Vec<&str> = self.error.lines().collect();
        let [line] = lines.as_slice() else { bail!("one line: {self:?}") };
        let line = line.strip_prefix("waymark: ").with_context(|| format!("{self:?}"))?;
        ensure!(self.out.is_empty(), "nothing on standard output: {self:?}");
        Ok(line.to_owned())
    }

    /// Its output as JSON, one value a line.
    pub fn json(self) -> Result<Vec<Value>> {
        let values = serde_json::Deserializer::from_str(&self.out).into_iter();
        values.collect::<Result<_, _>>().with_context(|| format!("{self:?}"))
    }
}

/// Runs `waymark ARGUMENTS` with nothing on standard input.
pub async fn run(arguments: &[&str]) -> Result<Ended> {
    run_with(arguments, "").await
}

/// Runs `waymark ARGUMENTS --data FOLDER`.
pub async fn run_on(folder: &Path, arguments: &[&str]) -> Result<Ended> {
    run_on_with(folder, arguments, "").await
}

/// Runs `waymark ARGUMENTS --data FOLDER` with `input` on standard input.
pub async fn run_on_with(folder: &Path, arguments: &[&str], input: &str) -> Result<Ended> {
    let folder = folder.to_str().context("a folder whose name is text")?;
    run_with(&[arguments, &["--data", folder]].concat(), input).await
}

/// Runs `waymark ARGUMENTS` with `input` on standard input.
pub async fn run_with(arguments: &[&str], input: &str) -> Result<Ended> {
    let mut command = Command::new(waymark()?);
    command.args(arguments);
    wait_for(command, input).await
}

/// Runs a command to its end.
pub async fn wait_for(mut command: Command, input: &str) -> Result<Ended> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().context("cannot start waymark")?;
    // A command that does not read its input has closed it already.
    let _ = child.stdin.take().context("the input is piped")?.write_all(input.as_bytes()).await;
    let output = timeout(PATIENCE, child.wait_with_output()).await;
    let output = output.with_context(|| format!("{command:?} does not end"))??;
    Ok(Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout)?,
        error: String::from_utf8(output.stderr)?,
    })
}
