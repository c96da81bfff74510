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
    let browser = Browser::launch().await?;
    let page = drawn(&stage, &browser).await?;
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

/// The page on which the draft is drawn.
async fn drawn(stage: &Stage, browser: &Browser) -> Result<Page> {
    let made = json!({ "name": "Welcome", "draft": draft() });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let id = made["id"].as_str().context("a journey has an id")?;
    let page = visit(browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{id}", stage.server.url())).await?;
    Ok(page)
}

/// Waits until a field has a text.
async fn written(page: &Page, field: &str, expected: &str) -> Result<()> {
    let condition = format!(
        "document.querySelector({}).value === {}",
        json!(format!("[data-field='{field}']")),
        json!(expected)
    );
    page.wait_until(&format!("{field} says {expected}"), &condition).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_are_built_from_rows_and_rows_from_what_is_written() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawn(&stage, &browser).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("which").await?;
    let when = "large/when";
    page.click(&format!("[data-build='{when}']")).await?;
    let row = |places: &str, part: &str| format!("[data-part='{places}'] [data-row={part}]");

    // The row of what was written, and what it becomes by its parts.
    written(&page, when, "account.arr > 500.0").await?;
    page.fill(&format!("{} input", row("", "value")), "750").await?;
    written(&page, when, "account.arr > 750").await?;
    page.choose(&format!("{} select", row("", "operator")), "has a value").await?;
    written(&page, when, "account.arr != null").await?;

    // A row for a missing field asks first whether it is there, and an alternative stands beside it.
    page.click("[data-add=condition]").await?;
    page.choose(&format!("{} select", row("1", "field")), "account.segment").await?;
    page.choose(&format!("{} select", row("1", "operator")), "is one of").await?;
    page.fill(&format!("{} input", row("1", "value")), "smb, enterprise").await?;
    let segment = "has(account.segment) && account.segment in ['smb', 'enterprise']";
    written(&page, when, &format!("account.arr != null && {segment}")).await?;
    page.click("[data-part='1'] [data-action=or]").await?;
    page.choose(&format!("{} select", row("1-1", "field")), "nodes.call.outcome").await?;
    written(
        &page,
        when,
        &format!(
            "account.arr != null && (({segment}) || (has(nodes.call.outcome) && nodes.call.outcome == 'done'))"
        ),
    )
    .await?;
    picture(&page, "canvas-condition").await?;
    // A group that is joined as what it stands in is no group any more.
    page.click("[data-part='1'] > [data-joined] > select").await?;
    page.type_text("all").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.click("[data-part='2'] [data-remove]").await?;
    written(&page, when, &format!("account.arr != null && {segment}")).await?;

    // The other way: what is written is shown, what is no row as it is, and what cannot be read is said.
    canvas.write(when, "vars.ok || 5 < account.arr").await?;
    page.wait_for("[data-part='1'] code >> 5 < account.arr").await?;
    ensure!(
        page.value(&format!("{} select", row("0", "operator"))).await? == "holds",
        "a field alone holds"
    );
    page.fill(&format!("[data-field='{when}']"), "vars.ok ||").await?;
    page.wait_for("[data-rows] >> It is shown as rows when it can be read").await?;
    page.fill(&format!("[data-field='{when}']"), "").await?;
    page.click("[data-add=condition] >> Add a condition").await?;
    page.click("[data-part=''] [data-remove]").await?;
    written(&page, when, "").await?;

    // Rows stay open for the next condition. A text takes a field without its name being known.
    canvas.choose("call").await?;
    canvas.write("/title", "Call ").await?;
    page.click("[data-insert='/title']").await?;
    page.wait_for("[data-choices='/title']").await?;
    picture(&page, "canvas-insert").await?;
    page.click("[data-choice='{{ account.name }}']").await?;
    written(&page, "/title", "Call {{ account.name }}").await?;
    canvas.choose("which").await?;
    page.wait_for("[data-rows]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_date_of_an_account_is_compared_with_days_from_now() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESK).await?;
    let soon = "new Date(Date.now() + 30 * 864e5).toISOString().slice(0, 10)";
    let soon = page.evaluate(soon).await?;
    let fields = json!({ "renewal": soon, "notes": "2026-01-31 or later", "seats": 40 });
    let account = json!({ "external_id": "A-1", "name": "Acme Ltd", "arr": 600, "fields": fields });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    let known = stage.admin.get("/api/v1/workspace").await?.expect(200)?;
    let expected = json!({
        "notes": { "type": ["null", "string"] },
        "renewal": { "type": ["null", "string"], "format": "date" },
        "seats": { "type": ["null", "number"] },
    });
    ensure!(known["account_fields"] == expected, "{}", known["account_fields"]);

    let page = drawn(&stage, &browser).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("which").await?;
    page.click("[data-action=eyes]").await?;
    page.fill("#field-account", "Acme").await?;
    page.click("[data-action=choose-account] >> Acme Ltd").await?;
    let when = "large/when";
    page.click(&format!("[data-build='{when}']")).await?;
    page.click("[data-add=condition]").await?;
    let row = |part: &str| format!("[data-part='1'] [data-row={part}]");
    page.choose(&format!("{} select", row("field")), "account.renewal").await?;
    page.wait_for(&format!("{} input[type=number]", row("value"))).await?;
    page.fill(&format!("{} input", row("value")), "90").await?;
    let asked = "account.arr > 500.0 && has(account.renewal) && account.renewal != null";
    let at = "timestamp(account.renewal)";
    let within = format!("{asked} && {at} >= now && {at} <= now + duration('2160h')");
    written(&page, when, &within).await?;
    seen(&page, "= true").await?;
    picture(&page, "canvas-condition-days").await?;
    page.fill(&format!("{} input", row("value")), "7").await?;
    seen(&page, "= false").await?;
    page.choose(&format!("{} select", row("operator")), "is after").await?;
    page.wait_for(&format!("{} input[type=date]", row("value"))).await?;
    let today = page.evaluate("new Date().toISOString().slice(0, 10)").await?;
    let today = today.as_str().context("a date")?;
    written(&page, when, &format!("{asked} && {at} > timestamp('{today}')")).await?;
    seen(&page, "= true").await?;
    page.resize(Screen::SMALL_PHONE).await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "canvas-condition-days-phone").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_words_are_offered_where_expressions_are_written() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawn(&stage, &browser).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("which").await?;
    let when = "[data-field='large/when']";
    let written = async |expected: &str| written(&page, "large/when", expected).await;
    page.fill(when, "").await?;
    ensure!(page.count("[data-choices]").await? == 0, "nothing is offered before it is begun");
    page.press(" ", Modifiers::CONTROL).await?;
    page.wait_for("[data-choice=account]").await?;
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
