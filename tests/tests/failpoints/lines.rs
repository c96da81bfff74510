//! Deeds by the command line, and those that end a server in good order.

use std::fs;
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
    let mut command = Command::new(waymark()?);
    command.envs(world.stage.server.environment().iter().cloned());
    command.args(arguments).arg("--data").arg(world.stage.server.data());
    told_a_password(command)
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

/// A backup that becomes a workspace of its own, which is moved elsewhere; what a command that died had done is not done again.
pub(crate) fn restores(world: &World, number: u64) -> Result<()> {
    let folder = world.folder.path().join(format!("restored-{number}"));
    let backup = world.folder.path().join(format!("to-restore-{number}"));
    if !backup.exists() {
        run(world, &["backup", &backup.display().to_string()])?;
    }
    fs::create_dir_all(&folder)?;
    fs::copy(world.stage.server.data().join("secrets.key"), folder.join("secrets.key"))?;
    let database = folder.join("restored.sqlite");
    let url = format!("sqlite:{}", database.display());
    if !database.exists() {
        let mut restore = beside(world, &folder, &url)?;
        succeeded(&restore.arg("restore").arg(&backup).output()?)?;
    }
    let to = format!("sqlite:{}", folder.join("moved.sqlite").display());
    let mut relocate = beside(world, &folder, &url)?;
    let moved = relocate.arg("move").env("WAYMARK_MOVE_TO", to).output()?;
    let said = String::from_utf8_lossy(&moved.stderr);
    if ["was moved to", "there is something in"].iter().any(|done| said.contains(done)) {
        return Ok(());
    }
    succeeded(&moved)
}

/// A workspace of its own, whose key and tables are made, and which is looked into.
pub(crate) async fn folders(world: &World, number: u64) -> Result<()> {
    let folder = world.folder.path().join(format!("folder-{number}"));
    let database = world.once(format!("database {number}"), async || {
        let is_file = world.stage.server.database_url().is_empty();
        let file = || format!("sqlite:{}.sqlite", folder.display());
        Ok(if is_file { file() } else { scratch::database().await })
    });
    let database = database.await?;
    let email = format!("f{number}@example.com");
    let mut create = beside(world, &folder, &database)?;
    create.args(["user", "create", "--email", &email, "--role", "member", "--password-stdin"]);
    match told_a_password(create) {
        Err(error) if error.to_string().contains("is a user already") => {}
        done => done?,
    }
    let mut look = beside(world, &folder, &database)?;
    look.args(["journey", "why", &world.journeys["w1"], "--account", "A-1"]);
    let looked = look.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&looked.stderr);
    ensure!(said.contains("there is no journey"), "{}: {said}", looked.status);
    Ok(())
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

/// A command on a workspace that is not the server's.
fn beside(world: &World, folder: &Path, database: &str) -> Result<Command> {
    let mut command = Command::new(waymark()?);
    command.envs(world.stage.server.environment().iter().cloned());
    command.env("WAYMARK_DATABASE_URL", database).env("WAYMARK_DATA", folder);
    Ok(command)
}

fn told_a_password(mut command: Command) -> Result<()> {
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
