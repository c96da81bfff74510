//! What is looked at before it touches a customer: shadows, moves between versions, why a journey started, and promises that are paused.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::cdp::{Browser, Screen};
use tests::server::{DESIGNER, MEMBER};
use tests::stage::{Stage, example_draft};
use tests::visit::{must_fit_a_phone, picture, visit};

/// A stage with an account, a live journey and its id.
async fn stage() -> Result<(Stage, String)> {
    let stage = Stage::set().await?;
    let account = json!({ "external_id": "A1", "name": "Acme" });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    let journey = stage.publish("simple").await?;
    Ok((stage, journey))
}

async fn publish_again(stage: &Stage, journey: &str, mode: &str) -> Result<()> {
    let path = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&path, &json!({ "mode": mode })).await?.expect(201).map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_shadow_would_have_done_is_marked_and_the_shadow_made_live() -> Result<()> {
    let (stage, journey) = stage().await?;
    publish_again(&stage, &journey, "shadow").await?;
    stage.start(&journey, "A1").await?;
    let browser = Browser::launch().await?;
    let address = format!("{}/journeys/{journey}/versions/2/would-have", stage.server.url());
    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&address).await?;
    phone.wait_for("[data-page=shadow] [data-kind=task]").await?;
    picture(&phone, "would-have-phone").await?;
    must_fit_a_phone(&phone).await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&address).await?;
    let told = page.text("[data-kind=task] strong").await?;
    ensure!(told.contains(", due ") && !told.ends_with('Z'), "a raw time: {told}");
    page.click("[data-kind=task] [data-action=mark-right]").await?;
    page.wait_for("[data-kind=task] [data-action=mark-right][aria-pressed=true]").await?;
    picture(&page, "would-have").await?;
    page.click("[data-action=promote]").await?;
    page.click("[data-action=confirm-promote]").await?;
    page.wait_until_gone("[data-form=promote]").await?;
    let found = stage.admin.get(&format!("/api/v1/journeys/{journey}")).await?.expect(200)?;
    ensure!(found["live_version"] == 3, "{found}");
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_are_looked_at_before_they_are_moved_to_another_version() -> Result<()> {
    let (stage, journey) = stage().await?;
    let instance = stage.start(&journey, "A1").await?;
    stage.rest(&instance).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}/migrations", stage.server.url())).await?;
    page.wait_for("[data-state=empty] >> There is no other version to move to").await?;
    give_more_time(&stage, &journey).await?;
    publish_again(&stage, &journey, "live").await?;
    page.reload().await?;
    page.choose("#field-from", "version 1").await?;
    page.choose("#field-to", "version 2").await?;
    page.choose("#field-to", "version 1").await?;
    page.wait_for("[data-field=hint] >> not the same").await?;
    page.choose("#field-to", "version 2").await?;
    page.click("[data-action=look]").await?;
    page.wait_for(".row[data-outcome=moves_cleanly] strong >> Acme").await?;
    page.wait_for(".row[data-outcome=moves_cleanly] li >> It was due").await?;
    page.wait_for(".row[data-outcome=moves_cleanly] li >> The warning moves from").await?;
    picture(&page, "migration-preview").await?;
    page.click("[data-action=move]").await?;
    page.click("[data-action=confirm-move]").await?;
    page.wait_for("[data-page=migration] [data-outcome=moved]").await?;
    let seen = stage.admin.get(&format!("/api/v1/instances/{instance}")).await?.expect(200)?;
    ensure!(seen["version"] == 2, "{seen}");
    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&page.url().await?).await?;
    phone.wait_for("[data-page=migration] [data-outcome=moved]").await?;
    phone.wait_for(".row[data-outcome=moved] li >> “Call the customer” goes on.").await?;
    picture(&phone, "migration-phone").await?;
    must_fit_a_phone(&phone).await?;
    phone.tap("[data-action=roll-back]").await?;
    phone.wait_for(".row[data-outcome=rolled_back]").await?;
    page.goto(&format!("{}/journeys/{journey}/migrations", stage.server.url())).await?;
    page.wait_for("a.row .sub >> 1 taken back · ").await?;
    page.wait_for("a.row .sub >> Looked at: 1 would move · ").await?;
    picture(&page, "migrations").await?;
    page.assert_no_console_errors()
}

/// The draft gives the call four days instead of two.
async fn give_more_time(stage: &Stage, journey: &str) -> Result<()> {
    let path = format!("/api/v1/journeys/{journey}/draft");
    let mut draft = stage.admin.get(&path).await?.expect(200)?;
    draft["nodes"][1]["sla"]["due"] = json!({ "business": "P4D" });
    let request = stage.admin.request(Method::PUT, &path).header("if-match", "*").json(&draft);
    stage.admin.send(request).await?.expect(204).map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_journey_did_not_start_for_an_account_is_said_with_what_would_have_to_change()
-> Result<()> {
    let (stage, _) = stage().await?;
    let mut draft = example_draft("simple")?;
    draft["nodes"][0]["entry"] = json!({ "condition": "account.name == 'Globex'" });
    let made = json!({ "name": "Only Globex", "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?;
    publish_again(&stage, journey, "live").await?;
    let browser = Browser::launch().await?;
    for (screen, name) in [(Screen::DESKTOP, "why"), (Screen::PHONE, "why-phone")] {
        let page = visit(&browser, &stage.server, DESIGNER, screen).await?;
        let address = format!("{}/journeys/{journey}/why?account=A1", stage.server.url());
        page.goto(&address).await?;
        page.wait_for("[data-trigger=start][data-open=false] [data-code]").await?;
        page.wait_for("[data-trigger=start] [data-field=change] >> Globex").await?;
        page.wait_for("[data-field=account] h2 >> Acme").await?;
        ensure!(!page.shows("#field-account").await?, "the search stays open");
        picture(&page, name).await?;
        page.assert_no_console_errors()?;
        if name == "why-phone" {
            must_fit_a_phone(&page).await?;
            page.tap("[data-action=other-account]").await?;
            page.wait_for("#field-account").await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_a_task_is_paused_and_runs_again_on_a_phone() -> Result<()> {
    let (stage, journey) = stage().await?;
    let instance = stage.start(&journey, "A1").await?;
    stage.rest(&instance).await?;
    let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let task = tasks["items"][0]["id"].as_str().context("a task")?.to_owned();
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, MEMBER, Screen::PHONE).await?;
    page.goto(&format!("{}/tasks/{task}", stage.server.url())).await?;
    page.tap("[data-action=claim]").await?;
    page.tap("[data-action=pause-clock]").await?;
    page.choose("#field-why", "Waiting on a vendor").await?;
    page.wait_for("[data-field=turn] >> It is the vendor’s turn").await?;
    page.choose("#field-why", "Waiting on the customer").await?;
    page.wait_for("[data-field=turn] >> It is the customer’s turn").await?;
    picture(&page, "pause-phone").await?;
    must_fit_a_phone(&page).await?;
    page.tap("[data-action=confirm-pause]").await?;
    page.wait_for("[data-promise=paused]").await?;
    picture(&page, "promise-phone").await?;
    must_fit_a_phone(&page).await?;
    page.tap("[data-action=resume-clock]").await?;
    page.wait_for("[data-promise=running]").await?;
    page.tap("[data-action=cancel-promise]").await?;
    page.tap_and_type("#field-reason", "They left the programme").await?;
    picture(&page, "cancel-promise-phone").await?;
    must_fit_a_phone(&page).await?;
    page.tap("[data-action=confirm-cancel-promise]").await?;
    page.wait_for("[data-promise=cancelled]").await?;
    page.wait_until_gone("[data-action=cancel-promise]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_is_overdue_says_by_how_much() -> Result<()> {
    let (stage, _) = stage().await?;
    let mut draft = example_draft("simple")?;
    draft["nodes"][1]["sla"] = json!({ "due": "PT1S" });
    let made = json!({ "name": "In a second", "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?;
    publish_again(&stage, journey, "live").await?;
    let instance = stage.start(journey, "A1").await?;
    stage.rest(&instance).await?;
    let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let task = tasks["items"][0]["id"].as_str().context("a task")?.to_owned();
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.wait_until("a second has passed", "performance.now() > 1500").await?;
    page.goto(&format!("{}/tasks/{task}", stage.server.url())).await?;
    page.wait_for("[data-promise=breached] dt >> Overdue by").await?;
    picture(&page, "overdue").await?;
    page.click("[data-action=cancel-promise]").await?;
    page.wait_for("[data-dialog=cancel-promise] #field-reason").await?;
    picture(&page, "cancel-promise").await?;
    page.assert_no_console_errors()
}
