//! A journey that a second person reviews before it goes live.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::{ADMIN, DESIGNER, MEMBER};
use tests::stage::{Stage, TEAM};
use tests::visit::{must_fit_a_phone, picture, visit};

fn drawing(end: &str) -> Value {
    let at = |x: u32| json!({ "x": x, "y": 100 });
    json!({
        "format": 1, "name": "Welcome",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "position": at(0) },
            { "id": "call", "kind": "task", "name": "Welcome call", "title": "Call", "position": at(280),
              "owner": { "rule": "team", "team": TEAM }, "sla": { "due": "P2D", "escalation": [] },
              "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "end", "kind": "end", "name": end, "outcome": "done", "position": at(560) },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "call" },
            { "id": "e2", "from": "call", "port": "done", "to": "end" },
        ],
    })
}

/// A live journey, of which the administrator has drawn more since.
async fn drawn(stage: &Stage) -> Result<String> {
    let journey = stage.publish_draft(&drawing("Welcomed")).await?;
    let save = stage.admin.request(Method::PUT, &format!("/api/v1/journeys/{journey}/draft"));
    let save = save.header("if-match", "*").json(&drawing("Welcomed warmly"));
    stage.admin.send(save).await?.expect(204)?;
    Ok(journey)
}

async fn open_publishing(page: &Page, stage: &Stage, journey: &str) -> Result<()> {
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    page.wait_for("[data-save][data-state=saved]").await?;
    page.click("[data-action=publish]").await?;
    page.wait_for("[data-form=publish]").await.map(drop)
}

/// Somebody else finds it on Home, looks and approves.
async fn approve(browser: &Browser, stage: &Stage, id: &str) -> Result<()> {
    let other = visit(browser, &stage.server, DESIGNER, Screen::DESK).await?;
    other.wait_for("#home-reviews").await?;
    picture(&other, "home-reviews").await?;
    other.click(&format!("[data-row={id}] a")).await?;
    other.wait_for_url(&format!("/reviews/{id}")).await?;
    other.wait_for("#compare-changes").await?;
    other.wait_for("[data-action=send-back-review]:disabled").await?;
    picture(&other, "review").await?;
    other.fill("#field-comment", "Warm enough").await?;
    other.click("[data-action=approve-review]").await?;
    other.wait_for(".facts[data-state=Approved]").await?;
    other.wait_for("[data-field=comment] >> Warm enough").await?;
    other.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_live_is_approved_by_another_person_first() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = drawn(&stage).await?;
    let browser = Browser::launch().await?;
    let admin = visit(&browser, &stage.server, ADMIN, Screen::DESK).await?;

    // The workspace is told to ask for it.
    admin.click("[data-action=user-menu]").await?;
    admin.click("[data-action=go-settings]").await?;
    admin.wait_for("[data-page=settings] [data-field=publishing-live-needs-review]").await?;
    admin.click("[data-field=publishing-live-needs-review]").await?;
    admin.wait_for(".toast >> Changed").await?;
    picture(&admin, "settings").await?;

    // Publishing is not offered, a review is.
    open_publishing(&admin, &stage, &journey).await?;
    admin.wait_for("[data-state=review] >> only after a review by a second person").await?;
    ensure!(admin.count("[data-action=confirm-publish]").await? == 0, "nothing is published yet");
    picture(&admin, "review-needed").await?;
    admin.click("[data-action=mode-shadow]").await?;
    admin.wait_for("[data-action=confirm-publish]").await?;
    admin.click("[data-action=mode-live]").await?;
    admin.fill("#field-note", "Warmer words").await?;
    admin.click("[data-action=ask-review]").await?;
    admin.wait_for_url("/reviews/rev_").await?;
    admin.wait_for("[data-field=note] >> Warmer words").await?;
    admin.wait_for("[data-row=onboarding] >> As reviewed").await?;
    admin.wait_for("[data-action=withdraw-review]").await?;
    ensure!(admin.count("[data-action=approve-review]").await? == 0, "not one's own");
    let review = admin.url().await?;
    let id = review.rsplit('/').next().context("an id")?.to_owned();
    let own = json!({ "decision": "approve" });
    let path = format!("/api/v1/reviews/{id}/decide");
    stage.admin.post(&path, &own).await?.problem(403, "another-person")?;
    open_publishing(&admin, &stage, &journey).await?;
    admin.wait_for("[data-state=review] >> which is not decided").await?;
    ensure!(admin.count("[data-action=ask-review]").await? == 0, "one at a time");
    let live = json!({ "mode": "live" });
    let versions = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&versions, &live).await?.problem(409, "review-needed")?;
    let settings = json!({ "publishing_live_needs_review": true });
    let change = stage.server.sign_in(DESIGNER).await?.request(Method::PUT, "/api/v1/settings");
    stage.admin.send(change.json(&settings)).await?.problem(403, "forbidden")?;

    approve(&browser, &stage, &id).await?;
    open_publishing(&admin, &stage, &journey).await?;
    admin.wait_for("[data-state=review] >> approved this drawing").await?;
    admin.click("[data-action=confirm-publish]").await?;
    admin.wait_for("[data-state=live] >> v2").await?;
    admin.goto(&review).await?;
    admin.wait_for(".facts[data-state=Published] >> as version 2").await?;
    admin.assert_no_console_errors()?;

    // Members see it and decide nothing.
    let phone = visit(&browser, &stage.server, MEMBER, Screen::SMALL_PHONE).await?;
    ensure!(phone.count("#home-reviews").await? == 0, "members decide nothing");
    phone.goto(&review).await?;
    phone.wait_for(".facts[data-state=Published]").await?;
    phone.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_is_read_and_sent_back_on_a_phone() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = drawn(&stage).await?;
    let asked = json!({ "mode": "live", "note": "Warmer words" });
    let path = format!("/api/v1/journeys/{journey}/reviews");
    let made = stage.admin.post(&path, &asked).await?.expect(201)?;
    let id = made["id"].as_str().context("an id")?;
    let browser = Browser::launch().await?;
    let phone = visit(&browser, &stage.server, DESIGNER, Screen::SMALL_PHONE).await?;
    phone.click(&format!("[data-row={id}] a")).await?;
    phone.wait_for("#field-comment").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "review-phone").await?;
    phone.fill("#field-comment", "Say who calls").await?;
    let focus = "document.querySelector('[data-action=send-back-review]').focus()";
    phone.evaluate(focus).await?;
    phone.press("Enter", Modifiers::NONE).await?;
    phone.wait_for(".facts[data-state=SentBack]").await?;
    open_publishing(&phone, &stage, &journey).await?;
    phone.wait_for("[data-state=review] >> sent this drawing back: Say who calls").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "review-publish-phone").await?;
    phone.goto(&format!("{}/settings", stage.server.url())).await?;
    phone.wait_for("[data-field=publishing-live-needs-review]:disabled").await?;
    must_fit_a_phone(&phone).await?;
    phone.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_that_are_open_hear_of_reviews() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = drawn(&stage).await?;
    let browser = Browser::launch().await?;
    let home = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    home.wait_for("#home-journeys").await?;
    ensure!(home.count("#home-reviews").await? == 0, "nobody has asked");
    let list = visit(&browser, &stage.server, MEMBER, Screen::SMALL_PHONE).await?;
    list.goto(&format!("{}/journeys/{journey}/reviews", stage.server.url())).await?;
    list.wait_for("[data-state=empty] >> Nobody was asked yet").await?;

    let path = format!("/api/v1/journeys/{journey}/reviews");
    let asked = json!({ "mode": "live", "note": "Warmer words" });
    let made = stage.admin.post(&path, &asked).await?.expect(201)?;
    let id = made["id"].as_str().context("an id")?;
    home.wait_for(&format!("[data-row={id}] >> Asked by")).await?;
    list.wait_for(&format!("[data-row={id}] .chip >> Open")).await?;
    let decision = json!({ "decision": "send_back", "comment": "Say who calls" });
    let other = stage.server.sign_in(DESIGNER).await?;
    other.post(&format!("/api/v1/reviews/{id}/decide"), &decision).await?.expect(204)?;
    list.wait_for(&format!("[data-row={id}] .chip >> Sent back")).await?;
    home.wait_until_gone("#home-reviews").await?;
    list.wait_for(&format!("[data-row={id}] >> Say who calls")).await?;
    must_fit_a_phone(&list).await?;
    picture(&list, "reviews-phone").await?;
    list.click(&format!("[data-row={id}] a")).await?;
    list.wait_for(".facts[data-state=SentBack]").await?;
    home.assert_no_console_errors()?;
    list.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_keeps_to_the_same_rule() -> Result<()> {
    let mut stage = Stage::set().await?;
    let journey = drawn(&stage).await?;
    let settings = stage.admin.request(Method::PUT, "/api/v1/settings");
    let settings = settings.json(&json!({ "publishing_live_needs_review": true }));
    stage.admin.send(settings).await?.expect(200)?;
    stage.server.stop().await?;
    let refused = stage.server.command(&["journey", "publish", &journey])?;
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success() && told.contains("ask for a review"), "{told}");
    let shadow = stage.server.command(&["journey", "publish", &journey, "--shadow"])?;
    ensure!(shadow.status.success(), "{}", String::from_utf8_lossy(&shadow.stderr));
    Ok(())
}
