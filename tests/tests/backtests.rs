//! Back-tests over the interface and on the command line: what a draft would have done on what a workspace remembers.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tests::{
    cdp::{Browser, Page, Screen},
    server::{DESIGNER, MEMBER},
    stage::{Stage, TEAM},
    visit::{must_fit_a_phone, picture, visit},
};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_mins(1);
/// How many run or wait for their turn on one server.
const PLACES: usize = 8;

/// An asked customer of whom much depends is called within a day; the others get a mail.
fn asked() -> Value {
    let nodes = json!([
        { "id": "asked", "kind": "trigger", "name": "Asked", "on": { "type": "event", "event": "support.asked" },
          "entry": { "cool_down": "P10D" } },
        { "id": "large", "kind": "decision", "name": "Much depends on it?" },
        { "id": "call", "kind": "task", "name": "Call", "title": "Call {{ account.name }}", "owner": { "rule": "team", "team": TEAM },
          "sla": { "due": "PT24H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
        { "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": { "rule": "team", "team": TEAM },
          "subject": "{{ account.name }} asked", "body": "Hello" },
        { "id": "called", "kind": "end", "name": "Called", "outcome": "called" },
        { "id": "mailed", "kind": "end", "name": "Mailed", "outcome": "mailed" }
    ]);
    let edges = json!([
        { "id": "e1", "from": "asked", "to": "large" },
        { "id": "e2", "from": "large", "to": "call", "when": "account.arr > 10000.0" },
        { "id": "e3", "from": "large", "port": "default", "to": "mail" },
        { "id": "e4", "from": "call", "port": "done", "to": "called" },
        { "id": "e5", "from": "mail", "to": "mailed" }
    ]);
    json!({ "format": 1, "name": "Asked", "nodes": nodes, "edges": edges })
}

/// A workspace whose customers asked in January.
async fn remembered() -> Result<Stage> {
    let stage = Stage::set().await?;
    for (external_id, arr) in [("large", 50_000), ("small", 500)] {
        let account = json!({ "external_id": external_id, "name": external_id, "arr": arr });
        stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    }
    let asked = |key: &str, account: &str, at: &str| json!({ "key": key, "type": "support.asked", "account": account, "at": at, "data": {} });
    let events = json!({ "events": [
        asked("1", "large", "2026-01-05T09:00:00Z"),
        asked("2", "small", "2026-01-06T09:00:00Z"),
        // Too soon.
        asked("3", "small", "2026-01-09T09:00:00Z"),
        asked("4", "small", "2026-01-31T22:00:00Z"),
        // After what is asked about.
        asked("5", "large", "2026-02-01T00:00:00Z"),
    ] });
    stage.admin.post("/api/v1/events", &events).await?.expect(202)?;
    Ok(stage)
}

async fn ended(stage: &Stage, id: &str) -> Result<Value> {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = stage.admin.get(&format!("/api/v1/backtests/{id}")).await?.expect(200)?;
        if found["state"] != "running" {
            return Ok(found);
        }
        ensure!(Instant::now() < until, "it goes on: {found}");
        sleep(Duration::from_millis(50)).await;
    }
}

fn id(made: &Value) -> Result<String> {
    Ok(made["id"].as_str().context("no id")?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_tried_on_what_the_workspace_remembers() -> Result<()> {
    let stage = remembered().await?;
    let body = json!({ "draft": asked(), "from": "2026-01-01", "to": "2026-01-31" });
    let made = stage.admin.post("/api/v1/backtests", &body).await?.expect(202)?;
    let found = ended(&stage, &id(&made)?).await?;
    ensure!(found["state"] == "done", "{found}");
    let summary = &found["summary"];
    ensure!(summary["started"] == 3 && summary["ended"] == 3, "{summary}");
    let outcomes = json!([{ "name": "mailed", "count": 2 }, { "name": "called", "count": 1 }]);
    ensure!(summary["outcomes"] == outcomes, "{summary}");
    ensure!(summary["deeds"] == json!({ "started": 3, "task": 1, "message": 2 }), "{summary}");
    ensure!(summary["owners"] == json!([{ "name": TEAM, "count": 1 }]), "{summary}");
    ensure!(summary["kept_out"][0]["code"] == "cool-down", "{summary}");
    ensure!(summary["kept_out"][0]["count"] == 1, "{summary}");
    ensure!(summary["came_later"] == 2 && summary["accounts"] == 2, "{summary}");
    let taken = summary["edges"].as_array().context("edges")?;
    ensure!(taken.contains(&json!({ "edge": "e3", "passed": 2 })), "{summary}");

    let runs = format!("/api/v1/backtests/{}/runs", id(&made)?);
    let first = stage.admin.get(&format!("{runs}?limit=2")).await?.expect(200)?;
    let accounts = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|run| run["account"]["external_id"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    ensure!(accounts(&first) == ["large", "small"], "{first}");
    let run = &first["items"][0];
    ensure!(run["started_at"] == "2026-01-05T09:00:00.000Z" && run["outcome"] == "called", "{run}");
    ensure!(run["stays"][2]["node"] == "call" && run["stays"][2]["late"] == false, "{run}");
    ensure!(run["deeds"][0]["node"] == "call", "{run}");
    let cursor = first["next_cursor"].as_str().context("there is more")?;
    let rest = stage.admin.get(&format!("{runs}?limit=2&cursor={cursor}")).await?.expect(200)?;
    ensure!(accounts(&rest) == ["small"] && rest["next_cursor"].is_null(), "{rest}");
    let mailed = stage.admin.get(&format!("{runs}?node=mail&limit=1")).await?.expect(200)?;
    let cursor = mailed["next_cursor"].as_str().context("there is more")?;
    let mailed =
        stage.admin.get(&format!("{runs}?node=mail&limit=1&cursor={cursor}")).await?.expect(200)?;
    ensure!(mailed["items"][0]["started_at"] == "2026-01-31T22:00:00.000Z", "{mailed}");
    ensure!(mailed["next_cursor"].is_null(), "{mailed}");
    let called = stage.admin.get(&format!("{runs}?outcome=called")).await?.expect(200)?;
    ensure!(accounts(&called) == ["large"], "{called}");
    as_a_table(&stage, &format!("{runs}/export")).await?;
    // Nothing of it is there: no instance, no task, no mail.
    let instances = stage.admin.get("/api/v1/instances").await?.expect(200)?;
    ensure!(instances["items"] == json!([]), "{instances}");
    let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    ensure!(tasks["items"] == json!([]), "{tasks}");
    Ok(())
}

/// The same list as CSV, whole and kept to those that came to a step.
async fn as_a_table(stage: &Stage, path: &str) -> Result<()> {
    let read = async |asked: &str| -> Result<Vec<csv::StringRecord>> {
        let answer = stage.admin.get(&format!("{path}{asked}")).await?;
        let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
        ensure!(header("content-type") == Some("text/csv; charset=utf-8"), "{:?}", answer.headers);
        let saved = "attachment; filename=\"asked-back-test.csv\"";
        ensure!(header("content-disposition") == Some(saved), "{:?}", answer.headers);
        let body = answer.expect(200)?;
        let text = body.as_str().context("a table is a text")?;
        let table = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        Ok(table.into_records().collect::<Result<_, _>>()?)
    };
    let lines = read("").await?;
    let columns = |line: &csv::StringRecord| [2, 5, 8, 9, 10].map(|at| line[at].to_owned());
    ensure!(lines.len() == 4, "{lines:?}");
    ensure!(columns(&lines[0]) == ["external_id", "started_at", "outcome", "late", "steps"]);
    let first = ["large", "2026-01-05T09:00:00.000Z", "called", "0", "asked large call called"];
    ensure!(columns(&lines[1]) == first, "{lines:?}");
    let mailed = read("?node=mail&outcome=mailed").await?;
    ensure!(mailed.len() == 3 && mailed[1][2] == *"small", "{mailed:?}");
    ensure!(read("?node=call&outcome=mailed").await?.len() == 1, "only the heading");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journey_is_tried_with_what_really_started_it() -> Result<()> {
    let stage = remembered().await?;
    let mut draft = asked();
    draft["nodes"][0]["on"] = json!({ "type": "manual" });
    draft["nodes"][0]["account"] = json!("input.account");
    draft["nodes"][0]["entry"] = json!({});
    let made = json!({ "name": "Asked", "draft": draft });
    let journey = id(&stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?)?;
    let journey_path = format!("/api/v1/journeys/{journey}");
    stage
        .admin
        .post(&format!("{journey_path}/versions"), &json!({ "mode": "live" }))
        .await?
        .expect(201)?;
    let start = json!({ "account": "small", "input": { "account": "small" } });
    stage.admin.post(&format!("{journey_path}/instances"), &start).await?.expect(202)?;
    // What is tried is not what is saved: everybody is called.
    draft["edges"][1]["when"] = json!("account.arr > 100.0");
    let body =
        json!({ "journey": journey, "draft": draft, "from": "2026-01-01", "to": "2099-01-01" });
    let asked = stage.admin.post("/api/v1/backtests", &body).await?.expect(202)?;
    let found = ended(&stage, &id(&asked)?).await?;
    ensure!(found["summary"]["started"] == 1, "{found}");
    let call = found["summary"]["nodes"].as_array().context("nodes")?;
    ensure!(call.iter().any(|node| node["node"] == "call" && node["here"] == 1), "{found}");
    let listed =
        stage.admin.get(&format!("/api/v1/backtests?journey={journey}")).await?.expect(200)?;
    ensure!(listed["items"][0]["id"] == asked["id"], "{listed}");
    ensure!(listed["items"].as_array().is_some_and(|items| items.len() == 1), "{listed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_tried_is_refused_with_the_reason() -> Result<()> {
    let stage = remembered().await?;
    let ask = async |body: Value| stage.admin.post("/api/v1/backtests", &body).await;
    let pointer = |problem: &Value| problem["errors"][0]["pointer"].clone();
    let problem = ask(json!({ "from": "2026-01-01", "to": "2026-01-31" })).await?;
    ensure!(pointer(&problem.problem(422, "invalid-body")?) == "/journey");
    let problem = ask(json!({ "draft": asked(), "from": "soon", "to": "2026-01-31" })).await?;
    ensure!(pointer(&problem.problem(422, "invalid-body")?) == "/from");
    let problem =
        ask(json!({ "draft": asked(), "from": "2026-02-01", "to": "2026-01-31" })).await?;
    ensure!(pointer(&problem.problem(422, "invalid-body")?) == "/to");
    let problem =
        ask(json!({ "draft": asked(), "from": "1900-01-01", "to": "2026-01-31" })).await?;
    ensure!(pointer(&problem.problem(422, "invalid-body")?) == "/to");
    let mut broken = asked();
    broken["edges"][1]["when"] = json!("account.arr >");
    let problem = ask(json!({ "draft": broken, "from": "2026-01-01", "to": "2026-01-31" })).await?;
    let problem = problem.problem(422, "not-publishable")?;
    ensure!(problem["diagnostics"][0]["edge"] == "e2", "{problem}");
    let gone =
        ask(json!({ "journey": "jrn_0000000000000", "from": "2026-01-01", "to": "2026-01-31" }))
            .await?;
    gone.problem(404, "not-found")?;
    let asked = ask(json!({ "draft": asked(), "from": "2026-01-01", "to": "2026-01-31" })).await?;
    let asked = id(&asked.expect(202)?)?;
    ended(&stage, &asked).await?;
    let cancel = format!("/api/v1/backtests/{asked}/cancel");
    stage.admin.post(&cancel, &json!({})).await?.problem(409, "conflict")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_takes_long_is_stopped_and_others_have_their_turn() -> Result<()> {
    let stage = remembered().await?;
    let mut minutely = asked();
    minutely["nodes"][0]["on"] = json!({ "type": "schedule", "rrule": "FREQ=MINUTELY", "timezone": "UTC", "for_each": "all" });
    let body = json!({ "draft": minutely, "from": "2017-01-01", "to": "2025-12-31" });
    let long = id(&stage.admin.post("/api/v1/backtests", &body).await?.expect(202)?)?;
    let body = json!({ "draft": asked(), "from": "2026-01-01", "to": "2026-01-31" });
    let next = id(&stage.admin.post("/api/v1/backtests", &body).await?.expect(202)?)?;
    let long_path = format!("/api/v1/backtests/{long}");
    ensure!(stage.admin.get(&long_path).await?.expect(200)?["state"] == "running");
    stage.admin.post(&format!("{long_path}/cancel"), &json!({})).await?.expect(204)?;
    let cancelled = stage.admin.get(&long_path).await?.expect(200)?;
    ensure!(cancelled["state"] == "cancelled" && cancelled["summary"].is_null(), "{cancelled}");
    let found = ended(&stage, &next).await?;
    ensure!(found["state"] == "done" && found["summary"]["started"] == 3, "{found}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_stopped_before_its_turn_leaves_its_place_to_another() -> Result<()> {
    let stage = remembered().await?;
    let mut minutely = asked();
    minutely["nodes"][0]["on"] = json!({ "type": "schedule", "rrule": "FREQ=MINUTELY", "timezone": "UTC", "for_each": "all" });
    let long = json!({ "draft": minutely, "from": "2017-01-01", "to": "2025-12-31" });
    let ask = async || stage.admin.post("/api/v1/backtests", &long).await;
    let cancel = async |id: &str| {
        let path = format!("/api/v1/backtests/{id}/cancel");
        stage.admin.post(&path, &json!({})).await?.expect(204)
    };
    let mut taken = Vec::new();
    for _ in 0..PLACES {
        taken.push(id(&ask().await?.expect(202)?)?);
    }
    ask().await?.problem(429, "overloaded")?;
    cancel(&taken[PLACES - 1]).await?;
    let until = Instant::now() + PATIENCE;
    let last = loop {
        let answer = ask().await?;
        if answer.status == 202 {
            break id(&answer.body)?;
        }
        ensure!(Instant::now() < until, "its place stays taken: {}", answer.body);
        sleep(Duration::from_millis(50)).await;
    };
    let first = format!("/api/v1/backtests/{}", taken[0]);
    ensure!(stage.admin.get(&first).await?.expect(200)?["state"] == "running", "not its turn");
    for id in taken.iter().take(PLACES - 1).chain([&last]) {
        cancel(id).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_says_what_would_have_happened() -> Result<()> {
    let stage = remembered().await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("asked.json");
    fs::write(&file, asked().to_string())?;
    let file = file.to_str().context("a path")?;
    let arguments = ["backtest", "--journey", file, "--from", "2026-01-01", "--to", "2026-01-31"];
    let output = stage.server.command(&arguments)?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.success(), "{text}");
    ensure!(text.starts_with("3 would have started, of 2 accounts and "), "{text}");
    ensure!(text.contains("\noutcome\tmailed\t2\n"), "{text}");
    ensure!(text.contains("\nkept out\tcool-down\t1\tsuch as: "), "{text}");
    let output = stage.server.command(&[&arguments[..], &["--json"]].concat())?;
    let value: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(value["summary"]["started"] == 3, "{value}");
    ensure!(value["runs"].as_array().is_some_and(|runs| runs.len() == 3), "{value}");
    let output =
        stage.server.command(&["backtest", "--journey", file, "--from", "x", "--to", "y"])?;
    ensure!(output.status.code() == Some(2), "{output:?}");
    fs::write(file, asked().to_string().replace("account.arr >", "account.arr > >"))?;
    let output = stage.server.command(&arguments)?;
    ensure!(output.status.code() == Some(1), "{output:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_shows_it_on_the_drawing_and_one_by_one() -> Result<()> {
    let stage = remembered().await?;
    let mut draft = asked();
    for (place, node) in draft["nodes"].as_array_mut().context("nodes")?.iter_mut().enumerate() {
        node["position"] = json!({ "x": 280 * (place / 2), "y": 160 * (place % 2) });
    }
    let made = json!({ "name": "Asked", "draft": draft });
    let journey = id(&stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?)?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    let drawing = format!("{}/journeys/{journey}", stage.server.url());
    page.goto(&drawing).await?;
    page.click("[data-action=backtest]").await?;
    page.wait_for("[data-form=backtest]").await?;
    page.click("[data-span=\"365\"]").await?;
    page.wait_for("[data-span=\"365\"][aria-pressed=true]").await?;
    // What is drawn now is tried, whatever the dates say; these are the ones of the history.
    for (field, day) in [("from", "2026-01-01"), ("to", "2026-01-31")] {
        let set = format!(
            "{{ const field = document.getElementById('field-{field}'); field.value = '{day}'; field.dispatchEvent(new Event('input', {{ bubbles: true }})); }}"
        );
        page.evaluate(&set).await?;
    }
    picture(&page, "backtest-ask").await?;
    page.click("[data-action=ask-backtest]").await?;
    page.wait_for_url("/backtests/bkt_").await?;
    page.wait_for("[data-figure=started] .figure >> 3").await?;
    page.wait_for("[data-figure=kept_out] .figure >> 1").await?;
    page.wait_for("[data-node=mail] [data-sign=visits] >> 2 came").await?;
    ensure!(page.text(".jc-edge[data-edge=e3] .jc-edge-count").await? == "2", "along e3");
    ensure!(page.count("[data-action=show-run]").await? == 3, "all are listed");
    page.click("[data-row=\"0\"] [data-action=show-run]").await?;
    page.wait_for("[data-row=\"0\"] .run-told >> Would give").await?;
    page.wait_for(".jc-edge[data-edge=e2].taken").await?;
    ensure!(page.count(".jc-edge[data-edge=e3].taken").await? == 0, "it did not go there");
    picture(&page, "backtest").await?;
    page.click("[data-node=mail]").await?;
    page.wait_until(
        "those that came there",
        "document.querySelectorAll('[data-action=show-run]').length === 2",
    )
    .await?;
    the_table_has_the_same_rows(&page).await?;
    page.click("[data-action=any-step]").await?;
    page.choose("select[aria-label='How they ended']", "Called").await?;
    page.wait_until(
        "the one that was called",
        "document.querySelectorAll('[data-action=show-run]').length === 1",
    )
    .await?;
    page.assert_no_console_errors()?;
    nothing_happened(&page, &drawing).await?;

    let phone = visit(&browser, &stage.server, MEMBER, Screen::SMALL_PHONE).await?;
    let listed = stage.admin.get("/api/v1/backtests").await?.expect(200)?;
    let first = listed["items"][1]["id"].as_str().context("two were asked")?;
    let address = format!("{}/journeys/{journey}/backtests/{first}", stage.server.url());
    phone.goto(&address).await?;
    phone.wait_for("[data-figure=started] .figure >> 3").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "backtest-phone").await?;
    phone.assert_no_console_errors()
}

/// Those that came to the step that is chosen.
async fn the_table_has_the_same_rows(page: &Page) -> Result<()> {
    let table = page.attribute("[data-action=export-rows]", "href").await?.unwrap_or_default();
    ensure!(table.starts_with("/api/v1/backtests/bkt_"), "{table}");
    ensure!(table.ends_with("/runs/export?node=mail"), "{table}");
    Ok(())
}

/// A time in which nothing happened, asked about where what was asked before is listed.
async fn nothing_happened(page: &Page, drawing: &str) -> Result<()> {
    page.goto(drawing).await?;
    page.click("[data-action=backtest]").await?;
    page.wait_for("[data-form=backtest]").await?;
    page.wait_for(".dialog [data-row^=bkt_] >> 2026-01-01 – 2026-01-31").await?;
    page.click("[data-span=\"30\"]").await?;
    page.click("[data-action=ask-backtest]").await?;
    page.wait_for("[data-state=empty] >> It would never have started").await?;
    page.assert_no_console_errors()
}
