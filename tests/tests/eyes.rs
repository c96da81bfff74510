//! Help with what is written in the settings: what it gives for an account, and what may be written at all.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::DESIGNER;
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

fn draft() -> Value {
    let node = |id: &str, kind: &str, x: i64| json!({ "id": id, "kind": kind, "name": format!("Step {id}"), "position": { "x": x, "y": 0 } });
    let mut start = node("start", "trigger", 0);
    start["on"] = json!({ "type": "manual" });
    let mut call = node("call", "task", 600);
    call["title"] = json!("Welcome {{ account.name }}");
    call["owner"] = json!({ "rule": "account_owner" });
    call["sla"] = json!({ "due": "PT2H" });
    call["outcomes"] = json!([{ "id": "done", "label": "Done" }]);
    let mut end = node("end", "end", 900);
    end["outcome"] = json!("done");
    json!({
        "format": 1, "name": "Welcome",
        "nodes": [start, node("which", "decision", 300), call, end],
        "edges": [
            { "id": "e1", "from": "start", "to": "which" },
            { "id": "large", "from": "which", "port": "large", "to": "call", "when": "account.arr > 500.0" },
            { "id": "other", "from": "which", "port": "default", "to": "end" },
            { "id": "e2", "from": "call", "port": "done", "to": "end" },
        ],
    })
}

async fn seen(page: &Page, words: &str) -> Result<()> {
    page.wait_for(&format!("[data-seen] >> {words}")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_seen_for_an_account() -> Result<()> {
    let stage = Stage::set().await?;
    for (id, name, owner, arr) in
        [("A-1", "Acme Ltd", Some("ana@example.com"), 600), ("B-1", "Bolt Inc", None, 20)]
    {
        let account = json!({ "external_id": id, "name": name, "owner": owner, "arr": arr });
        stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    }
    let made = json!({ "name": "Welcome", "draft": draft() });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let id = made["id"].as_str().context("a journey has an id")?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{id}", stage.server.url())).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("call").await?;
    ensure!(page.count("[data-seen]").await? == 0, "nothing is said of nobody");

    let look_for = async |name: &str| {
        page.click("[data-action=eyes]").await?;
        page.fill("#field-account", name).await?;
        page.click(&format!("[data-action=choose-account] >> {name}")).await?;
        page.wait_for(&format!(".jc-eyes >> Seen for {name}")).await
    };
    look_for("Acme Ltd").await?;
    seen(&page, "= Welcome Acme Ltd").await?;
    seen(&page, "ana@example.com would get it.").await?;
    seen(&page, "Were it given out now, it would be due").await?;
    picture(&page, "canvas-eyes").await?;
    // What is changed is seen as it is now.
    canvas.write("/title", "{{ account.arr }} of {{ vars.tier }}").await?;
    seen(&page, "Known while it runs: it reads vars").await?;
    canvas.choose("which").await?;
    seen(&page, "= true").await?;

    page.click("[data-action=eyes-closed]").await?;
    page.wait_until_gone("[data-seen]").await?;
    look_for("Bolt Inc").await?;
    seen(&page, "= false").await?;
    canvas.choose("call").await?;
    seen(&page, "Nobody would get it: the owner rule finds nobody.").await?;
    page.resize(Screen::SMALL_PHONE).await?;
    must_fit_a_phone(&page).await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_words_are_offered_where_expressions_are_written() -> Result<()> {
    let stage = Stage::set().await?;
    let made = json!({ "name": "Welcome", "draft": draft() });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let id = made["id"].as_str().context("a journey has an id")?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{id}", stage.server.url())).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("which").await?;
    let when = "[data-field='large/when']";
    let written = async |expected: &str| {
        let condition =
            format!("document.querySelector({}).value === {}", json!(when), json!(expected));
        page.wait_until(&format!("it says {expected}"), &condition).await
    };
    page.fill(when, "acc").await?;
    page.wait_for("[data-choice=account]").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.type_text(".se").await?;
    page.wait_for("[data-choice=segment]").await?;
    picture(&page, "canvas-choices").await?;
    page.press("Tab", Modifiers::NONE).await?;
    written("account.segment").await?;
    page.type_text(" == 'smb' && nodes.call.outcome == '").await?;
    page.wait_for("[data-choice=done]").await?;
    page.press("ArrowDown", Modifiers::NONE).await?;
    page.press("Enter", Modifiers::NONE).await?;
    written("account.segment == 'smb' && nodes.call.outcome == 'done").await?;
    page.wait_until_gone("[data-choices]").await?;

    // In a text, between double braces.
    canvas.choose("call").await?;
    canvas.write("/title", "Call account.").await?;
    ensure!(page.count("[data-choices]").await? == 0, "nothing is offered to plain words");
    canvas.write("/title", "Call {{ account.na").await?;
    page.click("[data-choice=name]").await?;
    page.wait_until(
        "the title has it",
        "document.querySelector(\"[data-field='/title']\").value === 'Call {{ account.name'",
    )
    .await?;
    canvas.write("/title", "{{ acc").await?;
    page.wait_for("[data-choice=account]").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-choices]").await?;
    page.wait_for("[data-inspector=call]").await?;
    page.assert_no_console_errors()
}
