//! The operation of a step is tried while it is drawn, through a connection that is there for tests.

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Screen};
use tests::server::{ADMIN, Client, DESIGNER, MEMBER};
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

fn draft() -> Value {
    json!({
        "format": 1, "name": "Notes",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "position": { "x": 0, "y": 0 } },
            { "id": "note", "kind": "action", "name": "Note it", "connection": "crm", "operation": "note", "position": { "x": 300, "y": 0 },
              "input": { "id": "account.external_id", "text": "'Welcome ' + account.name" }, "retry": { "attempts": 1 } },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "done", "position": { "x": 600, "y": 0 } }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "note" }, { "id": "e2", "from": "note", "to": "done" }]
    })
}

async fn calls(mock: &Client) -> Result<usize> {
    let seen = mock.get("/calls?limit=1000").await?.expect(200)?;
    Ok(seen["items"].as_array().context("calls")?.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_is_tried_with_what_the_step_gives_it() -> Result<()> {
    let stage = Stage::set().await?;
    let account = json!({ "external_id": "A-1", "name": "Acme Ltd" });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    let mock = Client::new(stage.mock.url())?;
    let made = json!({ "name": "Notes", "draft": draft() });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let at = format!("{}/journeys/{}", stage.server.url(), made["id"].as_str().context("an id")?);

    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&at).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("note").await?;
    // The connection that journeys use is nobody's to play with.
    page.click("[data-action=try]").await?;
    page.wait_for(".jc-try >> there is none of crm").await?;

    let desk = visit(&browser, &stage.server, ADMIN, Screen::DESK).await?;
    desk.goto(&format!("{}/connectors", stage.server.url())).await?;
    desk.click("[data-connection=crm] [data-action=limits]").await?;
    desk.click("#field-pace-for_tests").await?;
    desk.click("[data-action=confirm-limits]").await?;
    desk.wait_for("[data-connection=crm] [data-state=for-tests]").await?;
    picture(&desk, "connection-for-tests").await?;

    page.goto(&at).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("note").await?;
    page.click("[data-action=eyes]").await?;
    page.fill("#field-account", "Acme Ltd").await?;
    page.click("[data-action=choose-account] >> Acme Ltd").await?;
    page.wait_for(".jc-eyes >> Seen for Acme Ltd").await?;
    page.click("[data-action=try]").await?;
    page.wait_for("[data-form=try]").await?;
    let filled = "[document.querySelector('#field-try-id').value, document.querySelector('#field-try-text').value]";
    ensure!(
        page.evaluate(filled).await? == json!(["\"A-1\"", "Welcome Acme Ltd"]),
        "as the step says"
    );
    let before = calls(&mock).await?;
    page.click("[data-action=call]").await?;
    page.wait_for("[data-tried=answered]").await?;
    ensure!(calls(&mock).await? == before + 1, "it was called once");
    picture(&page, "canvas-tried").await?;

    // How it fails is told as well, and so is what it does not take.
    mock.put("/control", &json!({ "error_status": 404, "fail_next": 1 })).await?;
    page.click("[data-action=call]").await?;
    page.wait_for("[data-tried=failed] >> http.404").await?;
    page.fill("#field-try-text", "").await?;
    page.click("[data-action=call]").await?;
    page.wait_for("#problem-field-try-text").await?;
    page.resize(Screen::SMALL_PHONE).await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "canvas-tried-phone").await?;
    page.assert_no_console_errors()?;
    refused(&stage, &mock).await
}

/// What is not for whoever asks, or not there to be tried, is not called.
async fn refused(stage: &Stage, mock: &Client) -> Result<()> {
    let held = stage.admin.get("/api/v1/connections").await?.expect(200)?;
    let at = format!("/api/v1/connections/{}", held["items"][0]["id"].as_str().context("an id")?);
    let path = format!("{at}/try");
    let trial = json!({ "operation": "note", "input": { "id": "A-1", "text": "x" } });
    let before = calls(mock).await?;
    let member = stage.server.sign_in(MEMBER).await?;
    member.post(&path, &trial).await?.problem(403, "forbidden")?;
    let unknown = json!({ "operation": "burn", "input": {} });
    let said = stage.admin.post(&path, &unknown).await?.expect(422)?;
    ensure!(said["errors"][0]["pointer"] == "/operation", "{said}");
    let misfit = json!({ "operation": "note", "input": { "id": "A-1", "text": 7 } });
    let said = stage.admin.post(&path, &misfit).await?.expect(422)?;
    ensure!(said["errors"][0]["pointer"] == "/input/text", "{said}");
    stage.admin.patch(&at, &json!({ "for_tests": false })).await?.expect(200)?;
    stage.admin.post(&path, &trial).await?.problem(409, "conflict")?;
    ensure!(calls(mock).await? == before, "nothing was called");
    // Who tries takes no places from what is live.
    stage.admin.patch(&at, &json!({ "for_tests": true })).await?.expect(200)?;
    mock.put("/control", &json!({ "latency_ms": 2_000 })).await?;
    let many = (0..12).map(|_| stage.admin.post(&path, &trial));
    let answers = join_all(many).await.into_iter().collect::<Result<Vec<_>>>()?;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    ensure!((of(200), of(429)) == (8, 4), "{} and {}", of(200), of(429));
    Ok(())
}
