//! A rehearsal in the designer: played by hand, kept as a test case, run with the others, played again on another drawing.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::DESIGNER;
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

/// The designer, open on a journey of the gallery.
struct Drawn {
    stage: Stage,
    journey: String,
    browser: Browser,
    page: Page,
}

impl Drawn {
    async fn of_gallery(slug: &str) -> Result<Self> {
        let stage = Stage::set().await?;
        let template = stage.admin.get(&format!("/api/v1/gallery/{slug}")).await?.expect(200)?;
        let mut draft = template["draft"].clone();
        draft.as_object_mut().context("a draft")?.remove("tests");
        let made = json!({ "name": draft["name"], "draft": draft });
        let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
        let journey = made["id"].as_str().context("a journey has an id")?.to_owned();
        let browser = Browser::launch().await?;
        let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
        page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
        Canvas::on(&page).await?;
        Ok(Self { stage, journey, browser, page })
    }

    async fn saved(&self) -> Result<Value> {
        self.page.wait_for("[data-save][data-state=saved]").await?;
        let path = format!("/api/v1/journeys/{}/draft", self.journey);
        self.stage.admin.get(&path).await?.expect(200)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journey_is_rehearsed_kept_as_a_test_case_and_run_again() -> Result<()> {
    let drawn = Drawn::of_gallery("failed-payment").await?;
    let page = &drawn.page;
    page.click("[data-action=rehearse]").await?;
    page.wait_for("[data-panel=rehearsal]").await?;

    // The connector's answer is chosen.
    page.wait_for("[data-open=retry] >> Calls Retry payment of billing").await?;
    page.click("[data-open=retry] [data-action=fail-for-good]").await?;
    page.wait_for("[data-open=paid] >> Waits for “payment.settled”").await?;
    page.wait_for("[data-node=paid].waiting").await?;
    page.wait_for("[data-edge=retry_error].taken").await?;

    // Time passes, and the way of a payment that does not come is taken.
    let before = page.text("[data-field=rehearsal-now]").await?;
    page.click("[data-action=pass-next]").await?;
    page.wait_for("[data-open=remind] >> A task for the team finance").await?;
    ensure!(page.text("[data-field=rehearsal-now]").await? != before, "time has passed");
    page.wait_for("[data-field=rehearsal-vars] >> tries").await?;
    picture(page, "rehearsal").await?;

    // Looking back changes nothing.
    page.click("[data-move=begin]").await?;
    page.wait_for("[data-open=retry]").await?;
    page.click("[data-action=rehearsal-newest]").await?;
    page.wait_for("[data-open=remind]").await?;

    // To a step far away, by the ways that lead there; then a form is filled in.
    page.click("[data-node=call]").await?;
    page.click("[data-action=rehearsal-run-to]").await?;
    page.wait_for("[data-open=call] >> A task for csm@example.com").await?;
    page.fill("#field-rehearsal-words", "They moved to another bank").await?;
    page.click("[data-open=call] [data-action=outcome-promise]").await?;
    page.wait_for("[data-open=promised]").await?;
    page.click("[data-open=promised] [data-action=comes]").await?;
    page.wait_for("[data-field=rehearsal-over] >> It has ended: Paid").await?;
    page.click("[data-action=expect]").await?;
    page.click("[data-action=expect-0]").await?;
    page.wait_for(".jc-story [data-state=held] >> it has ended with Paid").await?;
    page.click("[data-action=expect]").await?;
    page.fill("[data-field=expect-that]", "nodes.call.form.words != ''").await?;
    page.click("[data-action=expect-that]").await?;
    page.wait_for(".jc-story [data-state=held] >> nodes.call.form.words").await?;

    // Kept, it is part of the draft.
    page.click("[data-action=keep-test]").await?;
    page.fill("[data-field=test-name]", "Paid after a call").await?;
    page.click("[data-action=keep-test-now]").await?;
    page.wait_for("[data-action=choose-test] >> Paid after a call").await?;
    let saved = drawn.saved().await?;
    ensure!(saved["tests"][0]["name"] == "Paid after a call", "{}", saved["tests"]);
    let moves = saved["tests"][0]["moves"].as_array().context("moves")?;
    ensure!(moves.iter().filter(|made| made["do"] == "expect").count() == 2, "{moves:?}");

    page.click("[data-action=run-tests]").await?;
    page.wait_for("[data-field=test-results] >> The test case holds.").await?;
    page.wait_for("[data-test=t1][data-state=held]").await?;
    page.wait_for("[data-node=suspend].unvisited").await?;
    picture(page, "rehearsal-results").await?;
    fails_on_another_drawing(&drawn).await?;
    page.assert_no_console_errors()
}

/// Promises are not waited for any more: the case says what is not so.
async fn fails_on_another_drawing(drawn: &Drawn) -> Result<()> {
    let page = &drawn.page;
    page.click("[data-node=promised]").await?;
    page.press("Delete", Modifiers::NONE).await?;
    page.wait_for(".jc-rehearsal >> cannot be rehearsed while it has errors").await?;
    page.click("[data-action=show-hindrance]").await?;
    page.wait_for(":is(.jc-node, .jc-edge).selected").await?;
    page.wait_until_gone("[data-field=test-results]").await?;
    page.click("[data-action=undo]").await?;
    page.click("[data-node=promised]").await?;
    page.press("Delete", Modifiers::CONTROL).await?;
    page.wait_until_gone("[data-node=promised]").await?;
    page.click("[data-action=run-tests]").await?;
    page.wait_for("[data-field=test-results] >> 1 of 1 test cases fail").await?;
    page.wait_for("[data-test=t1][data-state=failed]").await?;
    page.click("[data-action=undo]").await?;
    page.wait_for("[data-node=promised]").await?;
    page.click("[data-action=run-tests]").await?;
    page.wait_for("[data-field=test-results] >> The test case holds.").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rehearsal_begins_as_it_is_told_and_takes_junk_with_words() -> Result<()> {
    let drawn = Drawn::of_gallery("failed-payment").await?;
    let page = &drawn.page;
    let account = json!({ "external_id": "A-9", "name": "Acme Ltd", "owner": "ana@example.com" });
    drawn.stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    page.click("[data-node=failed]").await?;
    page.press("r", Modifiers::NONE).await?;
    page.wait_for("[data-panel=rehearsal]").await?;

    page.click("[data-action=rehearsal-begin]").await?;
    page.fill("#field-rehearsal-input-payment", "P-1").await?;
    page.fill("#field-rehearsal-input-account", "A-9").await?;
    page.fill("#field-rehearsal-input-invoice", "R-7").await?;
    page.fill("#field-rehearsal-input-amount", "seven").await?;
    page.fill("#field-rehearsal-input-currency", "EUR").await?;
    page.click("[data-action=rehearsal-begin-so]").await?;
    page.wait_for("#problem-field-rehearsal-input-amount").await?;
    page.fill("#field-rehearsal-input-amount", "70").await?;
    page.fill("[data-field=rehearsal-about]", "{ not json").await?;
    page.click("[data-action=rehearsal-begin-so]").await?;
    page.wait_for(".jc-begin .jc-wrong >> This is not JSON").await?;
    page.fill("#field-account", "Acme").await?;
    page.click("[data-action=choose-account] >> Acme Ltd").await?;
    page.wait_until(
        "the account is taken over",
        "document.querySelector('[data-field=rehearsal-about]').value.includes('ana@example.com')",
    )
    .await?;
    page.fill("[data-field=rehearsal-start]", "yesterday").await?;
    page.click("[data-action=rehearsal-begin-so]").await?;
    page.wait_for(".jc-begin .jc-wrong >> This is not a time").await?;
    picture(page, "rehearsal-begin-wrong").await?;
    page.fill("[data-field=rehearsal-start]", "2026-03-02T09:00:00Z").await?;
    picture(page, "rehearsal-begin").await?;
    page.click("[data-action=rehearsal-begin-so]").await?;
    page.wait_until_gone("[data-form=rehearsal-begin]").await?;
    page.wait_for("[data-field=rehearsal-now] >> 2026").await?;

    page.fill("[data-field=rehearsal-answer]", "[").await?;
    page.click("[data-action=answer]").await?;
    page.wait_for("[data-open=retry] .jc-wrong >> This is not JSON").await?;
    page.fill("[data-field=rehearsal-answer]", "{\"ok\": true}").await?;
    page.click("[data-action=answer]").await?;
    page.wait_for("[data-open=paid] >> with the key R-7").await?;
    // Nothing of it reached the server.
    let instances = drawn.stage.admin.get("/api/v1/instances").await?.expect(200)?;
    ensure!(instances["items"] == json!([]), "{instances}");
    page.press("Escape", Modifiers::NONE).await?;

    let phone = visit(&drawn.browser, &drawn.stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&format!("{}/journeys/{}", drawn.stage.server.url(), drawn.journey)).await?;
    phone.tap("[data-action=rehearse]").await?;
    phone.tap("[data-action=rehearsal-step]").await?;
    phone.wait_for("[data-open=paid]").await?;
    picture(&phone, "rehearsal-phone").await?;
    must_fit_a_phone(&phone).await
}
