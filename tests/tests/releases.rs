//! A workspace that an earlier release left goes on with this one: its living instances, too, on both databases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tests::server::{ADMIN, Client, MEMBER, Server, waymark};
use tests::stage::root;
use tokio::time::{Instant, sleep};

/// Names the release whose workspace is recorded; otherwise it is recorded where nobody keeps it.
const RECORD: &str = "WAYMARK_RECORD_RELEASE";

/// What is recorded: a journey, its nodes between trigger and end, and where an instance of it is then.
fn journeys() -> [(&'static str, Value, &'static str); 5] {
    let wait = json!({ "id": "wait", "kind": "wait", "name": "Wait", "timeout": "P3650D",
        "event": { "name": "paid", "key": "event.order", "mine": "string(input.order)" } });
    let pause = json!({ "id": "pause", "kind": "wait", "name": "Pause", "for": "P3650D" });
    let task = json!({ "id": "call", "kind": "task", "name": "Call", "title": "Call {{ input.order }}",
        "owner": { "rule": "team", "team": "CS" }, "sla": { "due": "P3650D", "escalation": [] },
        "outcomes": [{ "id": "done", "label": "Done" }] });
    let fails = json!({ "id": "share", "kind": "set", "name": "Share it out",
        "assign": [{ "to": "vars.share", "value": "100 / (has(input.n) ? input.n : 0)" }] });
    let sets = json!({ "id": "set", "kind": "set", "name": "Set", "assign": [{ "to": "vars.order", "value": "input.order" }] });
    [
        ("Waits for an event", wait, "wait"),
        ("Waits for a time", pause, "wait"),
        ("Is at a task", task, "task"),
        ("Is an incident", fails, "incident"),
        ("Has ended", sets, "ended"),
    ]
}

fn drawing(name: &str, node: &Value) -> Value {
    let at = json!({ "x": 0, "y": 0 });
    let mut node = node.clone();
    node["position"] = at.clone();
    let id = node["id"].clone();
    json!({
        "format": 1, "name": name, "settings": { "on_failure": "incident" },
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": at, "on": { "type": "manual" } },
            node,
            { "id": "end", "kind": "end", "name": "End", "position": at, "outcome": "done" },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": id },
            { "id": "e2", "from": id, "to": "end", "port": if name == "Is at a task" { "done" } else { "out" } },
        ],
    })
}

/// Where recorded workspaces are.
fn recorded() -> PathBuf {
    root().join("tests/fixtures/releases")
}

/// Lives a small workspace and leaves its file and its key in a folder.
async fn record(folder: &Path) -> Result<()> {
    let mut server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let team = json!({ "name": "CS", "members": [MEMBER.email] });
    admin.post("/api/v1/teams", &team).await?.expect(201)?;
    for (name, node, stands) in journeys() {
        let body = json!({ "name": name, "draft": drawing(name, &node) });
        let made = admin.post("/api/v1/journeys", &body).await?.expect(201)?;
        let journey = made["id"].as_str().context("an id")?;
        let live = json!({ "mode": "live" });
        let published = admin.post(&format!("/api/v1/journeys/{journey}/versions"), &live).await?;
        published.expect(201).context(name)?;
        let input = json!({ "input": { "order": "o-1" } });
        let path = format!("/api/v1/journeys/{journey}/instances");
        let begun = admin.post(&path, &input).await?.expect(202)?;
        until(&admin, begun["id"].as_str().context("an id")?, stands).await?;
    }
    server.stop().await?;
    // What a release left is never left anew.
    fs::create_dir(folder).with_context(|| folder.display().to_string())?;
    for file in ["waymark.sqlite", "secrets.key"] {
        fs::copy(server.data().join(file), folder.join(file))?;
    }
    Ok(())
}

/// How an instance stands, in a word.
fn stands(seen: &Value) -> String {
    let waits = seen["waits"].as_array().into_iter().flatten();
    let has_task = waits.clone().any(|wait| wait["kind"] == "task");
    match seen["status"].as_str() {
        Some("running") if has_task => "task".to_owned(),
        Some("running") if waits.count() > 0 => "wait".to_owned(),
        status => status.unwrap_or_default().to_owned(),
    }
}

async fn until(admin: &Client, instance: &str, wanted: &str) -> Result<()> {
    let until = Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let seen = admin.get(&format!("/api/v1/instances/{instance}")).await?.expect(200)?;
        if stands(&seen) == wanted {
            return Ok(());
        }
        ensure!(Instant::now() < until, "not '{wanted}': {seen:#}");
        sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// A copy of what was recorded, as the folder of a workspace.
fn copy_of(recorded: &Path) -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    for file in ["waymark.sqlite", "secrets.key"] {
        let copy = folder.path().join(file);
        fs::copy(recorded.join(file), &copy)?;
        fs::set_permissions(copy, fs::Permissions::from_mode(0o600))?;
    }
    Ok(folder)
}

/// Every instance stands where it stood, and goes from there to its end.
async fn goes_on(server: &Server) -> Result<()> {
    let admin = server.sign_in(ADMIN).await?;
    let listed = admin.get("/api/v1/instances").await?.expect(200)?;
    let listed = listed["items"].as_array().context("a list")?;
    ensure!(listed.len() == journeys().len(), "{listed:#?}");
    for (name, _, wanted) in journeys() {
        let found = listed.iter().find(|one| one["journey_name"] == name).context(name)?;
        let id = found["id"].as_str().context("an id")?;
        until(&admin, id, wanted).await.context(name)?;
        move_on(&admin, name, id).await.context(name)?;
    }
    let verified = server.command(&["verify"])?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    Ok(())
}

async fn move_on(admin: &Client, name: &str, id: &str) -> Result<()> {
    let path = format!("/api/v1/instances/{id}");
    match name {
        "Waits for an event" => {
            let event = json!({ "key": "e-1", "type": "paid", "at": "2026-11-26T10:00:00Z", "data": { "order": "o-1" } });
            admin.post("/api/v1/events", &json!({ "events": [event] })).await?.expect(202)?;
            until(admin, id, "ended").await
        }
        "Is at a task" => {
            let tasks = admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
            let task = tasks["items"][0]["id"].as_str().context("a task")?;
            let path = format!("/api/v1/tasks/{task}");
            admin.post(&format!("{path}/claim"), &json!({})).await?.expect(200)?;
            let done = json!({ "outcome": "done", "form": {} });
            admin.post(&format!("{path}/complete"), &done).await?.expect(200)?;
            until(admin, id, "ended").await
        }
        "Waits for a time" | "Is an incident" => {
            let why = json!({ "reason": "long ago" });
            let cancelled = admin.post(&format!("{path}/cancel"), &why).await?;
            ensure!(cancelled.status / 100 == 2, "{}: {}", cancelled.status, cancelled.body);
            until(admin, id, "cancelled").await
        }
        "Has ended" => Ok(()),
        _ => bail!("nothing moves it on"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_earlier_release_left_goes_on_on_both_databases() -> Result<()> {
    let mut count = 0;
    for release in fs::read_dir(recorded())? {
        let release = release?.path();
        let why = || release.display().to_string();
        goes_on(&Server::on(copy_of(&release)?, &[]).await?).await.with_context(why)?;
        // A server brings it up to date, then it is moved.
        let mut server = Server::on(copy_of(&release)?, &[]).await?;
        server.stop().await?;
        let database = scratch::database().await;
        let mut moves = Command::new(waymark()?);
        moves.arg("move").arg("--data").arg(server.data()).env("WAYMARK_MOVE_TO", &database);
        let moved = moves.output()?;
        ensure!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));
        server.restart_in(&[("WAYMARK_DATABASE_URL", database)]).await?;
        goes_on(&server).await.with_context(why)?;
        count += 1;
    }
    ensure!(count > 0, "no release is recorded in {}", recorded().display());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_that_is_recorded_goes_on() -> Result<()> {
    let nowhere = tempfile::tempdir()?;
    let folder = match std::env::var(RECORD) {
        Ok(release) => recorded().join(release),
        Err(_) => nowhere.path().join("workspace"),
    };
    record(&folder).await?;
    goes_on(&Server::on(copy_of(&folder)?, &[]).await?).await
}
