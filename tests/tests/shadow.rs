//! A shadow version of a journey that reaches a CRM and a mail server when it is live: the outside sees nothing of it.

use anyhow::{Context, Result, ensure};
use mock_systems::MailServer;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    cdp::{Browser, Modifiers, Screen},
    crm,
    server::{ADMIN, MEMBER},
    stage::{Stage, TEAM},
    visit::{picture, visit},
};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_mins(1);

fn everything() -> Value {
    let nodes = json!([
        { "id": "won", "kind": "trigger", "name": "Won", "on": { "type": "event", "event": "deal.won" } },
        { "id": "upsert", "kind": "action", "name": "Tell the CRM", "connection": "crm", "operation": "upsert", "input": { "id": "account.external_id" } },
        { "id": "mark", "kind": "set", "name": "Mark", "assign": [{ "to": "account.plan", "value": "'gold'" }] },
        { "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": { "rule": "team", "team": TEAM },
          "subject": "Won {{ account.name }}", "body": "Hello" },
        { "id": "tell", "kind": "notify", "name": "Tell", "channel": "app", "to": { "rule": "team", "team": TEAM }, "body": "Won" },
        { "id": "call", "kind": "task", "name": "Call", "title": "Call", "owner": { "rule": "team", "team": TEAM },
          "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }], "assume": { "after": "PT1S" } },
        { "id": "end", "kind": "end", "name": "End", "outcome": "success" }
    ]);
    let mut nodes = nodes.as_array().cloned().unwrap_or_default();
    for (place, node) in nodes.iter_mut().enumerate() {
        node["position"] = json!({ "x": 200 * place, "y": 0 });
    }
    let edges = [
        json!({ "id": "e1", "from": "won", "to": "upsert" }),
        json!({ "id": "e2", "from": "upsert", "to": "mark" }),
        json!({ "id": "e3", "from": "mark", "to": "mail" }),
        json!({ "id": "e4", "from": "mail", "to": "tell" }),
        json!({ "id": "e5", "from": "tell", "to": "call" }),
        json!({ "id": "e6", "from": "call", "port": "done", "to": "end" }),
    ];
    json!({ "format": 1, "name": "Won deals", "nodes": nodes, "edges": edges })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_sees_a_shadow_and_everything_sees_it_once_it_is_live() -> Result<()> {
    let mail = MailServer::start().await?;
    let environment =
        [("WAYMARK_SMTP_URL", mail.url()), ("WAYMARK_MAIL_FROM", "waymark@example.com".to_owned())];
    let stage = Stage::set_in(&environment).await?;
    let account = json!({ "external_id": "A-1", "name": "Ada" });
    let account = stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    let account = format!("/api/v1/accounts/{}", text(&account, "id")?);
    let body = json!({ "name": "Won deals", "draft": everything() });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let versions = format!("/api/v1/journeys/{}/versions", text(&made, "id")?);
    stage.admin.post(&versions, &json!({ "mode": "shadow" })).await?.expect(201)?;

    win(&stage, "first").await?;
    let shadow = format!("/api/v1/instances?mode=shadow&journey={}", text(&made, "id")?);
    let seen = until(&stage, &shadow, |page| page["items"][0]["status"] == "ended").await?;
    ensure!(seen["items"].as_array().is_some_and(|items| items.len() == 1), "{seen}");
    ensure!(seen["items"][0]["outcome"] == "success", "{seen}");
    ensure!(crm::effects(&stage.mock).await?.is_empty(), "the CRM was called");
    ensure!(mail.letters().is_empty(), "mail was sent: {:?}", mail.letters());
    let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    ensure!(tasks["items"] == json!([]), "{tasks}");
    let unchanged = stage.admin.get(&account).await?.expect(200)?;
    ensure!(!unchanged.to_string().contains("gold"), "the account was written: {unchanged}");
    ensure!(
        stage.admin.get("/api/v1/instances").await?.expect(200)?["items"] == json!([]),
        "a live list shows it"
    );

    let notes = format!("{versions}/1/would-have");
    let tally = stage.admin.get(&format!("{notes}/summary")).await?.expect(200)?;
    let kinds =
        json!({ "started": 1, "call": 1, "write": 1, "message": 1, "notice": 1, "task": 1 });
    ensure!(tally["kinds"] == kinds, "{tally}");
    let calls = stage.admin.get(&format!("{notes}?kind=call&account=A-1")).await?.expect(200)?;
    ensure!(calls["items"][0]["summary"] == "Would call 'upsert' of 'crm'", "{calls}");
    ensure!(calls["items"][0]["body"]["assumed"]["output"].is_object(), "{calls}");
    let mark = format!("{notes}/{}/mark", text(&calls["items"][0], "id")?);
    stage
        .admin
        .post(&mark, &json!({ "mark": "right", "note": "as it should" }))
        .await?
        .expect(204)?;
    let right = stage.admin.get(&format!("{notes}?mark=right")).await?.expect(200)?;
    ensure!(right["items"][0]["marked"]["note"] == "as it should", "{right}");

    stage.admin.post(&format!("{versions}/1/promote"), &json!({})).await?.expect(201)?;
    win(&stage, "second").await?;
    let waiting =
        until(&stage, "/api/v1/tasks?queue=all", |page| page["items"][0]["title"] == "Call")
            .await?;
    ensure!(waiting["items"].as_array().is_some_and(|items| items.len() == 1), "{waiting}");
    let effects = crm::effects(&stage.mock).await?;
    ensure!(effects.values().sum::<u64>() == 1, "{effects:?}");
    let letters = mail.letters();
    ensure!(letters.len() == 1 && letters[0].to == [MEMBER.email], "{letters:?}");
    let written = stage.admin.get(&account).await?.expect(200)?;
    ensure!(written.to_string().contains("gold"), "{written}");
    let again = stage.admin.get(&format!("{notes}/summary")).await?.expect(200)?;
    ensure!(again["total"] == tally["total"], "the shadow went on: {again}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_toolbar_lets_a_drawing_watch() -> Result<()> {
    let stage = Stage::set().await?;
    let body = json!({ "name": "Won deals", "draft": everything() });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, ADMIN, Screen::DESK).await?;
    let drawing = format!("{}/journeys/{}", stage.server.url(), text(&made, "id")?);
    page.goto(&drawing).await?;
    page.wait_for("[data-save][data-state=saved]").await?;
    page.click("[data-action=shadow]").await?;
    page.wait_for("[data-action=mode-shadow]:checked").await?;
    ensure!(page.count("[data-state=watching]").await? == 0, "nothing watches yet");
    page.click("[data-action=confirm-publish]").await?;
    page.wait_for(".toast >> Version 1 watches").await?;
    // Publishing is for going live, whatever was asked for before.
    page.click("[data-action=publish]").await?;
    page.wait_for("[data-action=mode-live]:checked").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.goto(&drawing).await?;
    page.click("[data-action=shadow]").await?;
    page.wait_for("[data-state=watching] >> Version 1 watches now").await?;
    picture(&page, "shadow-watching").await?;
    // The link may go over two lines, and its middle lie in neither.
    let follow = "document.querySelector('[data-state=watching] a[href*=runs]').click()";
    page.evaluate(follow).await?;
    page.wait_for_url("/runs?version=1").await?;
    page.wait_for("[data-page=runs] [data-node=won]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_reaches_a_shadow_before_any_version_is_live() -> Result<()> {
    let stage = Stage::set().await?;
    let draft = json!({
        "format": 1, "name": "Deliveries",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "webhook", "hook": "deliveries", "signed": false },
              "input": { "type": "object", "required": ["id"] } },
            { "id": "upsert", "kind": "action", "name": "Tell the CRM", "connection": "crm", "operation": "upsert", "input": { "id": "input.id" } },
            { "id": "end", "kind": "end", "name": "End", "outcome": "success" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "upsert" }, { "id": "e2", "from": "upsert", "to": "end" }]
    });
    let body = json!({ "name": "Deliveries", "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let journey = text(&made, "id")?;
    let versions = format!("/api/v1/journeys/{journey}/versions");
    let sender = stage.server.stranger()?;
    let delivery = json!({ "id": "7" });
    sender.post("/hooks/deliveries", &delivery).await?.expect(404)?;
    stage.admin.post(&versions, &json!({ "mode": "shadow" })).await?.expect(201)?;
    sender.post("/hooks/deliveries", &json!({})).await?.problem(422, "invalid-body")?;
    sender.post("/hooks/deliveries", &delivery).await?.expect(202)?;
    let by_hand = format!("/api/v1/journeys/{journey}/instances");
    stage.admin.post(&by_hand, &json!({ "input": delivery })).await?.expect(202)?;

    let shadows = format!("/api/v1/instances?mode=shadow&status=ended&journey={journey}");
    let of = |page: &Value| page["items"].as_array().map_or(0, Vec::len);
    until(&stage, &shadows, |page| of(page) == 2).await?;
    let live =
        stage.admin.get(&format!("/api/v1/instances?journey={journey}")).await?.expect(200)?;
    ensure!(of(&live) == 0, "{live}");
    ensure!(crm::effects(&stage.mock).await?.is_empty(), "the CRM was called");

    stage.admin.post(&format!("{versions}/1/promote"), &json!({})).await?.expect(201)?;
    sender.post("/hooks/deliveries", &delivery).await?.expect(202)?;
    let live = format!("/api/v1/instances?status=ended&journey={journey}");
    until(&stage, &live, |page| of(page) == 1).await?;
    ensure!(crm::effects(&stage.mock).await?.values().sum::<u64>() == 1);
    Ok(())
}

/// Sends the event that opens the journey.
async fn win(stage: &Stage, key: &str) -> Result<()> {
    let event =
        json!({ "events": [{ "key": key, "type": "deal.won", "account": "A-1", "data": {} }] });
    stage.admin.post("/api/v1/events", &event).await?.expect(202)?;
    Ok(())
}

/// Reads an address until what it says holds.
async fn until(stage: &Stage, path: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let seen = stage.admin.get(path).await?.expect(200)?;
        if holds(&seen) {
            return Ok(seen);
        }
        ensure!(Instant::now() < until, "{path} never came to it: {seen}\n{}", stage.server.log());
        sleep(Duration::from_millis(50)).await;
    }
}

fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str> {
    value[member].as_str().with_context(|| format!("no {member} in {value}"))
}
