//! How the instances of a version went: figures on the drawing, in a table, and the instances behind each.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::cdp::{Browser, Screen};
use tests::server::MEMBER;
use tests::stage::{Stage, TEAM};
use tests::visit::{must_fit_a_phone, picture, visit};
use tokio::time::sleep;

/// A step that fails for some, then a task that is late after two seconds.
fn drawing() -> Value {
    let at = |x: u32, y: u32| json!({ "x": x, "y": y });
    json!({
        "format": 1, "name": "Welcome", "settings": { "on_failure": "incident" },
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "position": at(0, 100),
              "input": { "type": "object", "properties": { "n": { "type": "integer" } } } },
            { "id": "share", "kind": "set", "name": "Share it out", "position": at(280, 100),
              "assign": [{ "to": "vars.share", "value": "100 / (has(input.n) ? input.n : 0)" }] },
            { "id": "call", "kind": "task", "name": "Welcome call", "title": "Call", "position": at(560, 100),
              "owner": { "rule": "team", "team": TEAM }, "sla": { "due": "PT2S", "escalation": [] },
              "outcomes": [{ "id": "done", "label": "Done" }, { "id": "lost", "label": "Lost" }] },
            { "id": "won", "kind": "end", "name": "Won", "outcome": "won", "position": at(860, 40) },
            { "id": "gone", "kind": "end", "name": "Gone", "outcome": "gone", "position": at(860, 200) },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "share" },
            { "id": "e2", "from": "share", "to": "call" },
            { "id": "e3", "from": "call", "port": "done", "to": "won" },
            { "id": "e4", "from": "call", "port": "lost", "to": "gone" },
        ],
    })
}

/// Seven instances: one fails, two are done, one is lost, and three wait for a person until they are late.
async fn lived(stage: &Stage) -> Result<String> {
    let journey = stage.publish_draft(&drawing()).await?;
    for number in 0..7 {
        let account =
            json!({ "external_id": format!("A{number}"), "name": format!("Account {number}") });
        stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
        let start = json!({ "account": format!("A{number}"), "input": { "n": number } });
        let path = format!("/api/v1/journeys/{journey}/instances");
        stage.admin.post(&path, &start).await?.expect(202)?;
    }
    let tasks = loop {
        let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
        let tasks = tasks["items"].as_array().cloned().unwrap_or_default();
        if tasks.len() == 6 {
            break tasks;
        }
        sleep(Duration::from_millis(50)).await;
    };
    for (task, outcome) in tasks.iter().zip(["done", "done", "lost"]) {
        let path = format!("/api/v1/tasks/{}", task["id"].as_str().context("an id")?);
        stage.admin.post(&format!("{path}/claim"), &json!({})).await?.expect(200)?;
        let done = json!({ "outcome": outcome, "form": {} });
        stage.admin.post(&format!("{path}/complete"), &done).await?.expect(200)?;
    }
    for _ in 0..200 {
        if figure(&flow(stage, &journey, "").await?, "call")?["breached"] == 3 {
            return Ok(journey);
        }
        sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("nobody is late: {:#}", flow(stage, &journey, "").await?)
}

async fn flow(stage: &Stage, journey: &str, query: &str) -> Result<Value> {
    let path = format!("/api/v1/journeys/{journey}/versions/1/flow{query}");
    stage.admin.get(&path).await?.expect(200)
}

fn figure<'a>(flow: &'a Value, node: &str) -> Result<&'a Value> {
    let nodes = flow["nodes"].as_array().context("nodes")?;
    nodes.iter().find(|figure| figure["node"] == node).with_context(|| format!("{node}: {flow:#}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_say_how_instances_went_and_lead_to_them() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = lived(&stage).await?;
    let all = flow(&stage, &journey, "").await?;
    ensure!(all["instances"] == 7 && all["complete"] == true && all["version"] == 1, "{all:#}");
    let count = |node: &str, what: &str| anyhow::Ok(figure(&all, node)?[what].clone());
    for (node, what, is) in [
        ("start", "visits", 7),
        ("share", "visits", 7),
        ("share", "here", 1),
        ("share", "failing", 1),
        ("share", "failed", 1),
        ("call", "visits", 6),
        ("call", "here", 3),
        ("call", "failing", 0),
        ("call", "breached", 3),
        ("won", "visits", 2),
        ("won", "here", 0),
        ("gone", "visits", 1),
    ] {
        ensure!(count(node, what)? == is, "{node} {what}: {all:#}");
    }
    let (median, p90) = (count("call", "median_ms")?, count("call", "p90_ms")?);
    ensure!(median.as_u64() <= p90.as_u64() && median.is_u64(), "{median} {p90}");
    let passed = json!([{ "edge": "e1", "passed": 7 }, { "edge": "e2", "passed": 6 }, { "edge": "e3", "passed": 2 }, { "edge": "e4", "passed": 1 }]);
    ensure!(all["edges"] == passed, "{all:#}");

    let visits = async |query: &str| {
        let path = format!("/api/v1/journeys/{journey}/versions/1/flow/visits?{query}");
        stage.admin.get(&path).await?.expect(200)
    };
    let late = visits("node=call&which=breached").await?;
    ensure!(late["total"] == 3 && late["items"][0]["breached"] == true, "{late:#}");
    ensure!(late["items"][0]["instance"]["status"] == "running", "{late:#}");
    ensure!(late["items"][0].get("left_at").is_none(), "{late:#}");
    let failed = visits("node=share&which=failed").await?;
    ensure!(failed["items"][0]["instance"]["account"]["external_id"] == "A0", "{failed:#}");
    ensure!(visits("node=won").await?["total"] == 2);

    let later = flow(&stage, &journey, "?since=2999-01-01T00:00:00Z").await?;
    ensure!(later["instances"] == 0 && later["nodes"] == json!([]), "{later:#}");
    let base = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.get(&format!("{base}/2/flow")).await?.problem(404, "not-found")?;
    stage.admin.get(&format!("{base}/1/flow?since=today")).await?.problem(400, "invalid-query")?;
    stage
        .admin
        .get(&format!("{base}/1/flow/visits?node=call&which=lost"))
        .await?
        .problem(400, "invalid-query")?;
    stage.admin.get(&format!("{base}/1/flow/visits")).await?.problem(400, "invalid-query")?;
    stage.admin.get(&format!("{base}/1/flow/visits?node=none")).await?.problem(404, "not-found")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_them_on_the_drawing() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = lived(&stage).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, MEMBER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    page.click("[data-action=more]").await?;
    page.click("[data-action=runs]").await?;
    page.wait_for("[data-instances=\"7\"]").await?;
    page.wait_for("[data-node=call] [data-sign=late] >> 3 late").await?;
    page.wait_for("[data-node=call] [data-sign=here] >> 3 here").await?;
    page.wait_for("[data-node=share] [data-sign=failed] >> 1 needs a person").await?;
    ensure!(page.text(".jc-edge[data-edge=e2] .jc-edge-count").await? == "6", "along e2");
    ensure!(page.text("[data-step=call] [data-figure=late]").await? == "3", "in the table");
    // From the drawing, and from the table.
    page.click("[data-node=call]").await?;
    page.wait_for("[data-visits=call] [data-which=here][aria-pressed=true]").await?;
    page.wait_for("[data-visits=call] li.row >> Late").await?;
    ensure!(page.count("[data-visits=call] li.row").await? == 3, "three wait");
    picture(&page, "runs").await?;
    page.click("[data-visits=call] [data-which=all]").await?;
    page.wait_until(
        "all six",
        "document.querySelectorAll('[data-visits=call] li.row').length === 6",
    )
    .await?;
    page.click("[data-step=share] [data-action=choose-step]").await?;
    page.wait_for("[data-node=share].selected").await?;
    page.click("[data-visits=share] a.row-link").await?;
    page.wait_for_url("/instances/ins_").await?;
    page.wait_for("[data-state=incident]").await?;
    page.back().await?;
    page.wait_for("[data-instances=\"7\"]").await?;
    page.choose("#field-since", "The last 7 days").await?;
    page.wait_for_url("since=7").await?;
    page.wait_for("[data-instances=\"7\"]").await?;
    page.click("[data-action=refresh]").await?;
    page.wait_for("[data-node=call] [data-sign=late]").await?;
    page.assert_no_console_errors()?;

    let phone = visit(&browser, &stage.server, MEMBER, Screen::SMALL_PHONE).await?;
    phone.goto(&format!("{}/journeys/{journey}/runs", stage.server.url())).await?;
    phone.wait_for("[data-step=call]").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "runs-phone").await?;
    phone.assert_no_console_errors()
}
