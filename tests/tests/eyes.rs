//! What settings give for an account: conditions, texts, who would get a task and by when, while a journey is drawn.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Page, Screen};
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
