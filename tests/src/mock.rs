//! The outside systems of the examples as a process: CRM, billing, dispatch and vendor portal on one address.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Program, built};
use crate::server::Client;

/// Running mock systems; they end when dropped.
pub struct Mock {
    program: Program,
    _log: TempDir,
}

impl Mock {
    /// Starts them on an address of their own.
    pub fn start() -> Result<Self> {
        let log = tempfile::tempdir()?;
        let mut command = Command::new(built("MOCK_SYSTEMS_BIN", "mock-systems")?);
        command.args(["--listen", "127.0.0.1:0"]);
        Ok(Self { program: Program::start(command, &log.path().join("mock.log"))?, _log: log })
    }

    /// Every answer takes this long from now on.
    pub async fn slow_down(&self, latency: Duration) -> Result<()> {
        self.control(&json!({ "latency_ms": latency.as_millis() })).await
    }

    /// No more than so many requests a second are answered from now on, and the others are told to come back.
    pub async fn limit(&self, per_second: u32) -> Result<()> {
        self.control(&json!({ "rate_limit_per_s": per_second })).await
    }

    async fn control(&self, rules: &Value) -> Result<()> {
        let answer = Client::new(self.url())?.put("/control", rules).await?;
        ensure!(answer.status / 100 == 2, "{}: {}", answer.status, answer.body);
        Ok(())
    }

    /// Where they listen, without a slash at the end.
    pub fn url(&self) -> &str {
        self.program.url()
    }
}
