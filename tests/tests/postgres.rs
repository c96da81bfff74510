//! A workspace in PostgreSQL: the same product.

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::crm;
use tests::server::{ADMIN, waymark};
use tests::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_lives_in_postgres() -> Result<()> {
    let mut stage = Stage::set_on_postgres().await?;
    stage.publish("w1").await?;
    let body = json!({ "id": "k1", "segment": "smb", "account": "Acme", "email": "A@EXAMPLE.COM", "arr": 600 });
    let started = stage.server.stranger()?.post("/hooks/w1", &body).await?.expect(202)?;
    let instance = started["instances"][0].as_str().unwrap_or_default().to_owned();
    ensure!(stage.rest(&instance).await?["status"] == "running", "it waits at its task");
    stage.server.stop().await?;
    stage.server.restart().await?;
    stage.admin = stage.server.sign_in(ADMIN).await?;
    let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let task = tasks["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    stage.admin.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await?.expect(200)?;
    let done = json!({ "outcome": tasks["items"][0]["outcomes"][0]["id"], "form": {} });
    stage.admin.post(&format!("/api/v1/tasks/{task}/complete"), &done).await?.expect(200)?;
    let ended = stage.admin.get(&format!("/api/v1/instances/{instance}")).await?.expect(200)?;
    ensure!(ended["status"] == "ended", "{ended:#}");
    let effects = crm::effects(&stage.mock).await?;
    ensure!(effects.values().all(|times| *times == 1), "{effects:?}");
    let listed = stage.server.command(&["journey", "list"])?;
    ensure!(listed.status.success(), "commands work beside the server");
    ensure!(!stage.server.database().exists(), "nothing of it is in a file");
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_not_reached_is_named_without_its_password() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut serve = Command::new(waymark()?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    serve.env("WAYMARK_DATABASE_URL", "postgres://waymark:hunter2@127.0.0.1:1/waymark");
    let refused = serve.output()?;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(!refused.status.success(), "it cannot serve");
    ensure!(said.contains("PostgreSQL") && !said.contains("hunter2"), "{said}");
    ensure!(said.matches("Connection refused").count() == 1, "{said}");
    let address = scratch::database().await + "_is_none";
    let refused = serve.env("WAYMARK_DATABASE_URL", address).output()?;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(said.trim_end().ends_with("does not exist"), "{said}");
    Ok(())
}
