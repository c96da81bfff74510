//! What a person sees and does on the page of one instance.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::DESIGNER;
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};
use tokio::time::sleep;

async fn stage() -> Result<Stage> {
    let stage = Stage::set().await?;
    let account = json!({ "external_id": "A1", "name": "Acme" });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    Ok(stage)
}

async fn publish(stage: &Stage, draft: &Value) -> Result<String> {
    let made = json!({ "name": draft["name"], "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?.to_owned();
    let path = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&path, &json!({ "mode": "live" })).await?.expect(201)?;
    Ok(journey)
}

async fn open(page: &Page, stage: &Stage, instance: &str) -> Result<()> {
    page.goto(&format!("{}/instances/{instance}", stage.server.url())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_of_a_moved_instance_is_drawn_on_the_version_it_followed_then() -> Result<()> {
    let stage = stage().await?;
    let journey = stage.publish("simple").await?;
    let instance = stage.start(&journey, "A1").await?;
    stage.rest(&instance).await?;
    move_to_a_version_where_they_are_phoned(&stage, &journey).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    open(&page, &stage, &instance).await?;

    page.wait_for("[data-node=phone].waiting").await?;
    page.wait_for("#instance-waits >> Where it stands").await?;
    page.click("#field-record").await?;
    page.press("End", Modifiers::NONE).await?;
    page.press("ArrowLeft", Modifiers::NONE).await?;
    page.wait_for("[data-node=call].waiting").await?;
    page.wait_until_gone("[data-node=phone]").await?;
    page.wait_for("#instance-waits >> Where it stood").await?;
    page.wait_for("[data-row=call][data-wait=task] >> Was due").await?;
    picture(&page, "instance-past-moved").await?;
    page.press("Home", Modifiers::NONE).await?;
    page.wait_for("section:has(#instance-waits) >> It waited for nothing.").await?;
    page.click("[data-action=now]").await?;
    page.wait_for("[data-row=phone][data-wait=task]").await?;
    page.assert_no_console_errors()?;

    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    open(&phone, &stage, &instance).await?;
    phone.wait_for("[data-row=phone][data-wait=task]").await?;
    picture(&phone, "instance-phone").await?;
    must_fit_a_phone(&phone).await
}

/// A second version in which `call` is called `phone`, with every instance on it.
async fn move_to_a_version_where_they_are_phoned(stage: &Stage, journey: &str) -> Result<()> {
    let path = format!("/api/v1/journeys/{journey}/draft");
    let draft = stage.admin.get(&path).await?.expect(200)?.to_string();
    let draft = draft.replace("\"call\"", "\"phone\"").replace("nodes.call.", "nodes.phone.");
    let draft: Value = serde_json::from_str(&draft)?;
    let request = stage.admin.request(Method::PUT, &path).header("if-match", "*").json(&draft);
    stage.admin.send(request).await?.expect(204)?;
    let path = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&path, &json!({ "mode": "live" })).await?.expect(201)?;
    let asked = json!({ "from": 1, "to": 2, "mapping": { "nodes": { "call": "phone" } } });
    let path = format!("/api/v1/journeys/{journey}/migrations");
    let made = stage.admin.post(&path, &asked).await?.expect(202)?;
    let path = format!("{path}/{}", made["id"].as_str().context("an id")?);
    for _ in 0..200 {
        let seen = stage.admin.get(&path).await?.expect(200)?;
        if seen["state"] == "done" {
            ensure!(seen["outcomes"]["moved"] == 1, "{seen}");
            return Ok(());
        }
        sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the move does not come to its end")
}

/// A step that always fails, with one way on.
fn failing() -> Value {
    json!({
        "format": 1, "name": "Fails", "settings": { "on_failure": "incident" },
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "position": { "x": 0, "y": 0 },
              "input": { "type": "object", "properties": { "n": { "type": "integer" } } } },
            { "id": "divide", "kind": "set", "name": "Share it out", "position": { "x": 260, "y": 0 },
              "assign": [{ "to": "vars.share", "value": "100 / (has(input.n) ? input.n : 0)" }] },
            { "id": "done", "kind": "end", "name": "Shared", "outcome": "shared", "position": { "x": 520, "y": 0 } },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "divide" },
            { "id": "e2", "from": "divide", "to": "done" },
        ],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skipping_a_step_asks_first_and_says_where_the_journey_goes_on() -> Result<()> {
    let stage = stage().await?;
    let journey = publish(&stage, &failing()).await?;
    let instance = stage.start(&journey, "A1").await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    open(&page, &stage, &instance).await?;
    page.click("[data-wait=incident] [data-action=skip]").await?;
    page.wait_for("[data-dialog=skip] [data-field=way] >> The journey goes on, to “Shared”.")
        .await?;
    picture(&page, "skip").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-dialog=skip] [data-field=way]").await?;
    let seen = stage.admin.get(&format!("/api/v1/instances/{instance}")).await?.expect(200)?;
    ensure!(seen["status"] == "incident", "it was skipped without an answer: {seen}");
    let shown = stage.server.command(&["instance", "show", &instance])?;
    let shown = String::from_utf8(shown.stdout)?;
    ensure!(shown.contains("\n  divide failed: ") && shown.contains("zero"), "{shown}");

    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    open(&phone, &stage, &instance).await?;
    phone.tap("[data-wait=incident] [data-action=skip]").await?;
    phone.wait_for("[data-dialog=skip] [data-field=way]").await?;
    picture(&phone, "skip-phone").await?;
    must_fit_a_phone(&phone).await?;
    phone.tap("[data-action=confirm-skip]").await?;
    phone.wait_for("[data-instance][data-state=ended]").await?;
    page.wait_for("[data-instance][data-state=ended]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_added_to_a_for_each_that_waits() -> Result<()> {
    let stage = stage().await?;
    let below = stage.publish("simple").await?;
    let draft = json!({
        "format": 1, "name": "Each site",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "position": { "x": 0, "y": 0 } },
            { "id": "sites", "kind": "for_each", "name": "Every site", "items": "['north']", "as": "site", "body": below,
              "mode": "parallel", "max": 5, "position": { "x": 260, "y": 0 } },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "done", "position": { "x": 520, "y": 0 } },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "sites" },
            { "id": "e2", "from": "sites", "to": "done" },
            { "id": "e3", "from": "sites", "port": "error", "to": "done" },
        ],
    });
    let journey = publish(&stage, &draft).await?;
    let instance = stage.start(&journey, "A1").await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    open(&page, &stage, &instance).await?;
    page.wait_for("[data-wait=children] [data-field=below] >> 0 of 1 done").await?;
    page.wait_for("[data-wait=children] [data-action=open-child]").await?;
    page.fill("[data-form=add-item] .input", "{ \"name\": \"south\" }").await?;
    page.click("[data-action=add-item]").await?;
    page.wait_for("[data-wait=children] [data-field=below] >> 0 of 2 done").await?;
    picture(&page, "add-item").await?;
    a_dialog_stays_open(&page, &stage, &instance).await?;
    let children = stage.admin.get(&format!("/api/v1/instances?parent={instance}")).await?;
    let child = children.expect(200)?["items"][0]["id"].as_str().context("a child")?.to_owned();
    for part in ["records", "state?at=0"] {
        stage.admin.get(&format!("/api/v1/instances/{child}/{part}")).await?.expect(200)?;
    }
    page.click("[data-wait=children] [data-action=open-child]").await?;
    page.wait_for("[data-action=open-parent]").await?;
    page.wait_for("[aria-labelledby=instance-timeline] >> was offered").await?;
    page.assert_no_console_errors()?;
    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    open(&phone, &stage, &instance).await?;
    phone.wait_for("[data-form=add-item]").await?;
    must_fit_a_phone(&phone).await
}

/// While somebody writes a reason the instance goes on, and takes nothing of what is written away.
async fn a_dialog_stays_open(page: &Page, stage: &Stage, instance: &str) -> Result<()> {
    page.click("[data-action=cancel-instance]").await?;
    page.wait_for("[data-form=cancel]").await?;
    page.type_text("They have").await?;
    let item = json!({ "node": "sites", "item": { "name": "east" } });
    let added = stage.admin.post(&format!("/api/v1/instances/{instance}/items"), &item).await?;
    added.expect(200)?;
    // As long as it takes the news to come and what they change to be read.
    sleep(Duration::from_secs(2)).await;
    let reason = "#field-reason";
    ensure!(page.value(reason).await? == "They have", "what was typed is lost");
    page.click("[data-dialog=cancel] [data-action=close-dialog]").await?;
    page.wait_for("[data-wait=children] [data-field=below] >> 0 of 3 done").await
}
