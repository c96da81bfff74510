//! A workspace that is backed up while it works, restored, and taken to PostgreSQL: nothing in it is lost or done twice.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::crm;
use tests::server::{ADMIN, Client, waymark};
use tests::stage::Stage;

const BEFORE: usize = 20;

async fn start(client: &Client, number: usize) -> Result<()> {
    let body = json!({ "id": format!("k{number}"), "segment": "smb", "account": "Acme", "email": "A@EXAMPLE.COM", "arr": 600 });
    client.post("/hooks/w1", &body).await?.expect(202)?;
    Ok(())
}

async fn complete_all(admin: &Client) -> Result<usize> {
    let tasks = admin.get("/api/v1/tasks?queue=all&limit=500").await?.expect(200)?;
    let tasks = tasks["items"].as_array().cloned().unwrap_or_default();
    for task in &tasks {
        let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap_or_default());
        admin.post(&format!("{path}/claim"), &json!({})).await?.expect(200)?;
        let done = json!({ "outcome": task["outcomes"][0]["id"], "form": {} });
        admin.post(&format!("{path}/complete"), &done).await?.expect(200)?;
    }
    Ok(tasks.len())
}

/// Runs a command on the workspace in a folder, in this environment.
fn command(arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Result<Output> {
    let mut command = Command::new(waymark()?);
    command.args(arguments).arg("--data").arg(folder).envs(environment.iter().copied());
    command.output().with_context(|| format!("waymark {}", arguments.join(" ")))
}

fn succeeded(output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    Ok(())
}

fn refused(output: &Output, because: &str) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success() && said.contains(because), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_under_load_is_restored_and_goes_on() -> Result<()> {
    let stage = Stage::set().await?;
    stage.publish("w1").await?;
    let stranger = stage.server.stranger()?;
    for number in 0..BEFORE {
        start(&stranger, number).await?;
    }
    let folder = tempfile::tempdir()?;
    let (backup, shown) =
        (folder.path().join("backup"), folder.path().join("backup").display().to_string());
    let loading = tokio::spawn(async move {
        for number in BEFORE..2 * BEFORE {
            start(&stranger, number).await?;
        }
        anyhow::Ok(())
    });
    succeeded(&stage.server.command(&["backup", &shown])?)?;
    loading.await??;
    refused(&stage.server.command(&["backup", &shown])?, "is there already")?;

    let again = folder.path().join("again");
    refused(&command(&["restore", &shown], &again, &[])?, "secrets.key")?;
    fs::create_dir_all(&again)?;
    fs::copy(stage.server.data().join("secrets.key"), again.join("secrets.key"))?;
    succeeded(&command(&["restore", &shown], &again, &[])?)?;
    refused(&command(&["restore", &shown], &again, &[])?, "already")?;
    ensure!(backup.is_file(), "the backup stays");
    let instances = stage.admin.get("/api/v1/instances?limit=500").await?.expect(200)?;
    ensure!(instances["items"].as_array().map(Vec::len) == Some(2 * BEFORE), "the source goes on");

    let restored = stage.server.beside(&again).await?;
    let admin = restored.sign_in(ADMIN).await?;
    let done = complete_all(&admin).await?;
    ensure!(done >= BEFORE, "everything from before the backup is there: {done}");
    let ended = admin.get("/api/v1/instances?status=ended&limit=500").await?.expect(200)?;
    ensure!(ended["items"].as_array().map(Vec::len) == Some(done), "{ended:#}");
    each_once(&crm::effects(&stage.mock).await?.into_values().collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_with_living_instances_moves_to_postgres() -> Result<()> {
    let mut stage = Stage::set().await?;
    stage.publish("w1").await?;
    let stranger = stage.server.stranger()?;
    for number in 0..BEFORE {
        start(&stranger, number).await?;
    }
    let address = scratch::database().await;
    let to = [("WAYMARK_MOVE_TO", address.as_str())];
    let folder = stage.server.data().to_owned();
    refused(&command(&["move"], &folder, &to)?, "serves this workspace already")?;
    stage.server.stop().await?;
    succeeded(&command(&["move"], &folder, &to)?)?;
    refused(&command(&["move"], &folder, &to)?, "already")?;
    stage.server.restart_in(&[("WAYMARK_DATABASE_URL", address)]).await?;
    let admin = stage.server.sign_in(ADMIN).await?;
    ensure!(complete_all(&admin).await? == BEFORE, "every task is there");
    let ended = admin.get("/api/v1/instances?status=ended&limit=500").await?.expect(200)?;
    ensure!(ended["items"].as_array().map(Vec::len) == Some(BEFORE), "{ended:#}");
    let connections: Value = admin.get("/api/v1/connections").await?.expect(200)?;
    ensure!(connections["items"][0]["name"] == "crm", "{connections:#}");
    start(&stage.server.stranger()?, BEFORE).await?;
    each_once(&crm::effects(&stage.mock).await?.into_values().collect::<Vec<_>>())
}

fn each_once(effects: &[u64]) -> Result<()> {
    ensure!(!effects.is_empty() && effects.iter().all(|times| *times == 1), "{effects:?}");
    Ok(())
}

#[test]
fn what_is_not_there_is_neither_checked_nor_copied_nor_made() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let slip = folder.path().join("waymrak");
    let file = folder.path().join("backup").display().to_string();
    let to = [("WAYMARK_MOVE_TO", "sqlite:elsewhere")];
    for arguments in [&["verify"][..], &["backup", &file], &["move"]] {
        refused(&command(arguments, &slip, &to)?, "there is no workspace in")?;
        ensure!(!slip.exists(), "{arguments:?} made it");
    }
    Ok(())
}
