//! Deeds by the command line, and those that end a server in good order.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tests::cluster::signal;
use tests::server::{PASSWORD, waymark};
use tokio::time::sleep;

use crate::life::World;

/// Runs a command beside the server; it dies where the server would.
pub(crate) fn run(world: &World, arguments: &[&str]) -> Result<()> {
    succeeded(&world.stage.server.command(arguments)?)
}

/// As [`run`], for a command that reads a password.
pub(crate) fn with_password(world: &World, arguments: &[&str]) -> Result<()> {
    with_password_in(world, arguments, world.stage.server.data())
}

/// A backup, which is there or is not.
pub(crate) fn backups(world: &World, number: u64) -> Result<()> {
    let file = world.folder.path().join(format!("backup-{number}"));
    if file.exists() {
        // Its name was the last thing it was given.
        return Ok(());
    }
    run(world, &["backup", &file.display().to_string()])
}

/// A workspace in a new folder, with a key of its own.
pub(crate) fn folders(world: &World, number: u64) -> Result<()> {
    let folder = world.folder.path().join(format!("folder-{number}"));
    let email = format!("f{number}@example.com");
    let create = ["user", "create", "--email", &email, "--role", "member", "--password-stdin"];
    match with_password_in(world, &create, &folder) {
        Err(error) if error.to_string().contains("is a user already") => Ok(()),
        done => done,
    }
}

/// The server is asked to take up nothing new.
pub(crate) async fn drain(world: &World) -> Result<()> {
    let nodes = world.stage.admin.get("/api/v1/nodes").await?.expect(200)?;
    let serving = nodes.as_array().into_iter().flatten().find(|node| node["state"] == "serving");
    let id = serving.context("a server serves")?["id"].as_str().unwrap_or_default();
    let path = format!("/api/v1/nodes/{id}/drain");
    world.stage.admin.post(&path, &serde_json::json!({})).await?.expect(204).map(drop)
}

/// The server ends in good order.
pub(crate) async fn stop(world: &World) -> Result<()> {
    signal(world.stage.server.id(), Signal::TERM)?;
    let mut looks = 0;
    while world.stage.admin.get("/healthz").await.is_ok() {
        looks += 1;
        ensure!(looks < 1_000, "it goes on");
        sleep(Duration::from_millis(10)).await;
    }
    // It answers nobody any more, and has left the others a moment later.
    sleep(Duration::from_millis(500)).await;
    Ok(())
}

fn with_password_in(world: &World, arguments: &[&str], folder: &Path) -> Result<()> {
    let mut command = Command::new(waymark()?);
    command.envs(world.stage.server.environment().iter().cloned());
    command.args(arguments).arg("--data").arg(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start waymark")?;
    // One that has died already reads nothing.
    let _ = writeln!(child.stdin.take().context("the input is piped")?, "{PASSWORD}");
    succeeded(&child.wait_with_output()?)
}

fn succeeded(output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", output.status);
    Ok(())
}
