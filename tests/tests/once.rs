//! What is asked for under an idempotency key is done once, also when the server dies between the deed and its answer.

use anyhow::{Context, Result, ensure};
use failpoints::DEADLY;
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{ADMIN, Answer, Client};
use tests::stage::{Stage, TEAM};
use tokio::time::{Duration, sleep};

/// Dies after the deed and before its answer is kept.
const BEFORE_THE_ANSWER: &str = "before keep an answer";

async fn ask(client: &Client, path: &str, body: &Value) -> Result<Answer> {
    let request = client.request(Method::POST, path).header("idempotency-key", "the-key");
    client.send(request.json(body)).await
}

/// Asks, lets the server die before it answers, and asks again: it is done, and says so.
async fn ask_twice(stage: &mut Stage, path: &str, body: &Value) -> Result<()> {
    die_before_the_answer(stage, path, body).await?;
    let lost = ask(&stage.admin, path, body).await?.expect(409).context(path.to_owned())?;
    ensure!(lost["type"] == "/problems/answer-lost", "{lost}");
    Ok(())
}

async fn die_before_the_answer(stage: &mut Stage, path: &str, body: &Value) -> Result<()> {
    stage.server.stop().await?;
    stage.server.restart_in(&[(DEADLY, BEFORE_THE_ANSWER.to_owned())]).await?;
    let client = stage.server.sign_in(ADMIN).await?;
    ensure!(ask(&client, path, body).await.is_err(), "the server died before it answered {path}");
    stage.server.kill()?;
    stage.server.restart_in(&[]).await?;
    stage.admin = stage.server.sign_in(ADMIN).await?;
    Ok(())
}

/// A task that somebody is to do.
fn visit() -> Value {
    json!({
        "format": 1, "name": "Visit",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": { "type": "manual" } },
            { "id": "go", "kind": "task", "name": "Go", "position": { "x": 260, "y": 0 }, "title": "Go", "owner": { "rule": "team", "team": TEAM }, "sla": { "due": "PT2H" },
                "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "end", "kind": "end", "name": "End", "position": { "x": 520, "y": 0 }, "outcome": "done" },
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "go" }, { "id": "e2", "from": "go", "port": "done", "to": "end" }],
    })
}

/// One such journey for each of some sites.
fn visits(body: &str) -> Value {
    json!({
        "format": 1, "name": "Visits",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": { "type": "manual" } },
            { "id": "sites", "kind": "for_each", "name": "Sites", "items": "input.sites", "as": "site", "body": body, "mode": "parallel", "max": 20,
                "position": { "x": 260, "y": 0 } },
            { "id": "end", "kind": "end", "name": "End", "position": { "x": 520, "y": 0 }, "outcome": "done" },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "sites" },
            { "id": "e2", "from": "sites", "to": "end" },
            { "id": "e3", "from": "sites", "port": "error", "to": "end" },
        ],
    })
}

async fn count(stage: &Stage, path: &str) -> Result<usize> {
    let listed = stage.admin.get(path).await?.expect(200)?;
    Ok(listed["items"].as_array().context("a list")?.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_before_the_server_dies_is_not_done_again() -> Result<()> {
    let mut stage = Stage::set().await?;
    let journeys = "/api/v1/journeys";
    ask_twice(&mut stage, journeys, &json!({ "name": "Once" })).await?;
    ensure!(count(&stage, journeys).await? == 1, "one journey");

    let tokens = "/api/v1/tokens";
    ask_twice(&mut stage, tokens, &json!({ "name": "Once" })).await?;
    ensure!(count(&stage, tokens).await? == 1, "one token");

    // What brings an instance on is written by somebody else for the request.
    let below = stage.publish_draft(&visit()).await?;
    let above = stage.publish_draft(&visits(&below)).await?;
    let path = format!("/api/v1/journeys/{above}/instances");
    let started = json!({ "input": { "sites": ["north"] } });
    let instance = stage.admin.post(&path, &started).await?.expect(202)?;
    let instance = instance["id"].as_str().context("an id")?.to_owned();
    let children = format!("/api/v1/instances?parent={instance}");
    while count(&stage, &children).await? == 0 {
        sleep(Duration::from_millis(20)).await;
    }
    let item = json!({ "node": "sites", "item": "south" });
    ask_twice(&mut stage, &format!("/api/v1/instances/{instance}/items"), &item).await?;
    while count(&stage, &children).await? < 2 {
        sleep(Duration::from_millis(20)).await;
    }
    ensure!(count(&stage, &children).await? == 2, "one instance for each item");

    // A start is found again under its key, and answered.
    let again = started_twice(&mut stage, &path, &started).await?;
    let instances = format!("/api/v1/instances?journey={above}");
    ensure!(count(&stage, &instances).await? == 2, "the key started one instance: {again}");
    Ok(())
}

/// As [`ask_twice`], of what is found again.
async fn started_twice(stage: &mut Stage, path: &str, body: &Value) -> Result<Value> {
    die_before_the_answer(stage, path, body).await?;
    Ok(ask(&stage.admin, path, body).await?.expect(202)?.clone())
}
