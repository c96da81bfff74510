//! A workspace that is backed up while it works, restored, and taken to PostgreSQL: nothing in it is lost or done twice.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tests::crm;
use tests::server::{ADMIN, Client, Server, waymark};
use tests::stage::Stage;
use tokio::time::{Instant, sleep};

const BEFORE: usize = 20;

/// How many starts are under way at the same time.
const AT_ONCE: usize = 32;

/// The most that one list gives.
const PAGE: usize = 500;

/// How many instances move to PostgreSQL: those of the suite, or as many as are asked for.
fn moved() -> Result<usize> {
    match std::env::var("WAYMARK_TEST_MOVED") {
        Ok(asked) => asked.parse().context("WAYMARK_TEST_MOVED is a number"),
        Err(_) => Ok(BEFORE),
    }
}

/// Waits until what was begun before the move has come to its tasks.
async fn until_tasks(admin: &Client, count: usize) -> Result<()> {
    let until = Instant::now() + Duration::from_mins(2);
    loop {
        let tasks = admin.get("/api/v1/tasks?queue=all&limit=500").await?.expect(200)?;
        if tasks["items"].as_array().map(Vec::len) == Some(count) {
            return Ok(());
        }
        ensure!(Instant::now() < until, "not {count} tasks");
        sleep(Duration::from_millis(50)).await;
    }
}

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
    let moved = moved()?;
    let starts = stream::iter((0..moved).map(|number| start(&stranger, number)));
    starts.buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
    let address = scratch::database().await;
    let to = [("WAYMARK_MOVE_TO", address.as_str())];
    let folder = stage.server.data().to_owned();
    refused(&command(&["move"], &folder, &to)?, "serves this workspace already")?;
    stage.server.stop().await?;
    succeeded(&command(&["move"], &folder, &to)?)?;
    refused(&command(&["move"], &folder, &to)?, "this workspace was moved to")?;
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    refused(&command(&serve, &folder, &[])?, "start a server here with --take-back")?;
    stage.server.restart_in(&[("WAYMARK_DATABASE_URL", address)]).await?;
    let admin = stage.server.sign_in(ADMIN).await?;
    let verified = stage.server.command(&["verify", "--json"])?;
    let report: Value = serde_json::from_slice(&verified.stdout)?;
    ensure!(verified.status.success() && report["instances"] == moved, "{report:#}");
    println!("figure: living instances that moved from SQLite to PostgreSQL, none lost: {moved}");
    until_tasks(&admin, moved.min(PAGE)).await?;
    ensure!(complete_all(&admin).await? == moved.min(PAGE), "every task is there");
    let ended = admin.get("/api/v1/instances?status=ended&limit=500").await?.expect(200)?;
    ensure!(ended["items"].as_array().map(Vec::len) == Some(moved.min(PAGE)), "{ended:#}");
    let connections: Value = admin.get("/api/v1/connections").await?.expect(200)?;
    ensure!(connections["items"][0]["name"] == "crm", "{connections:#}");
    start(&stage.server.stranger()?, moved).await?;
    each_once(&crm::effects(&stage.mock).await?.into_values().collect::<Vec<_>>())
}

#[tokio::test]
async fn a_workspace_that_was_moved_is_taken_back_when_somebody_says_so() -> Result<()> {
    let mut server = Server::start().await?;
    server.stop().await?;
    let folder = server.data().to_owned();
    let elsewhere = tempfile::tempdir()?;
    let to = format!("sqlite:{}", elsewhere.path().join("elsewhere.sqlite").display());
    succeeded(&command(&["move"], &folder, &[("WAYMARK_MOVE_TO", &to)])?)?;
    ensure!(server.restart().await.is_err(), "it is served elsewhere");
    server.restart_with(&["--take-back"]).await?;
    server.sign_in(ADMIN).await?;
    server.stop().await?;
    server.restart().await?;
    server.sign_in(ADMIN).await?;
    let audited = server.sign_in(ADMIN).await?.get("/api/v1/audit").await?.expect(200)?;
    let actions: Vec<&Value> =
        audited["items"].as_array().into_iter().flatten().map(|line| &line["action"]).collect();
    ensure!(actions.contains(&&json!("workspace.take_back")), "{actions:?}");
    Ok(())
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
