//! When things go wrong around a person: the session ends elsewhere, the server is slow, away, and there again.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::{DESIGNER, MEMBER, PASSWORD};
use tests::stage::Stage;
use tests::telco;
use tests::visit::{end_the_session, picture, sign_in, visit};

/// A customer of the examples.
const CUSTOMER: &str = "9305-CDSKC";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_elsewhere_loses_nothing() -> Result<()> {
    let stage = Stage::set().await?;
    telco::import(&stage.server, &telco::table())?;
    let journey = stage.publish("simple").await?;
    stage.start(&journey, CUSTOMER).await?;
    let browser = Browser::launch().await?;

    let designer = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    draw_without_a_session(&designer, &stage).await?;
    let member = visit(&browser, &stage.server, MEMBER, Screen::DESKTOP).await?;
    answer_without_a_session(&member, &stage).await?;

    stage.start(&journey, CUSTOMER).await?;
    claim_and_answer(&member).await?;
    let keeps = format!("Object.keys(localStorage).join().includes('{}')", MEMBER.email);
    member.wait_until("the browser keeps what is typed", &keeps).await?;
    member.click("[data-action=user-menu]").await?;
    picture(&member, "user-menu").await?;
    member.click("[data-action=sign-out]").await?;
    member.wait_for("[data-page=sign-in]").await?;
    ensure!(!member.shows("[data-state=session-ended]").await?, "who signs out needs no excuse");
    let left = member.evaluate(&keeps).await?;
    ensure!(left == false, "the browser keeps what was typed by who signed out");
    designer.assert_no_console_errors()?;
    member.assert_no_console_errors()
}

async fn draw_without_a_session(page: &Page, stage: &Stage) -> Result<()> {
    let body = json!({ "name": "Drawn in two sessions" });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let address = format!("/journeys/{}", made["id"].as_str().unwrap_or_default());
    page.goto(&format!("{}{address}", stage.server.url())).await?;
    let canvas = Canvas::on(page).await?;
    canvas.place("trigger", 200.0, 200.0).await?;
    canvas.wait_until_saved().await?;

    end_the_session(page, &stage.server).await?;
    canvas.place("end", 500.0, 200.0).await?;
    come_back(page).await?;
    picture(page, "session-ended").await?;
    sign_in(page, DESIGNER, PASSWORD).await?;
    page.wait_for("[data-node=end1]").await?;
    page.wait_for("[data-node=trigger1]").await?;
    page.wait_for_url(&address).await?;
    canvas.wait_until_saved().await?;

    canvas.choose("end1").await?;
    end_the_session(page, &stage.server).await?;
    canvas.write("/name", "Typed without a session").await?;
    come_back(page).await?;
    sign_in(page, DESIGNER, PASSWORD).await?;
    page.wait_for("[data-node=end1] >> Typed without a session").await?;
    canvas.wait_until_saved().await?;
    let path = format!("/api/v1{address}/draft");
    let draft = stage.admin.get(&path).await?.expect(200)?;
    ensure!(draft["nodes"].as_array().is_some_and(|nodes| nodes.len() == 2), "{draft}");
    Ok(())
}

async fn claim_and_answer(page: &Page) -> Result<()> {
    page.click("nav a[href='/inbox']").await?;
    page.click("[data-action=queue-team]").await?;
    page.click("[data-page=inbox] [data-row] a").await?;
    page.click("[data-action=claim]").await?;
    page.fill("#field-summary", "They are happy.").await
}

async fn answer_without_a_session(page: &Page, stage: &Stage) -> Result<()> {
    claim_and_answer(page).await?;
    let address = page.url().await?;
    picture(page, "task").await?;

    end_the_session(page, &stage.server).await?;
    page.click("[data-action=complete] >> All is well").await?;
    come_back(page).await?;
    sign_in(page, MEMBER, PASSWORD).await?;
    page.wait_for("[data-action=complete]").await?;
    ensure!(page.url().await? == address, "back at the task");
    let kept = page.value("#field-summary").await?;
    ensure!(kept == "They are happy.", "what was typed is gone: {kept}");
    page.click("[data-action=complete] >> All is well").await?;
    page.wait_for("[data-page=task] [data-state=completed]").await?;

    end_the_session(page, &stage.server).await?;
    page.click("nav a[href='/accounts']").await?;
    come_back(page).await?;
    sign_in(page, MEMBER, PASSWORD).await?;
    page.wait_for("[data-page=accounts] [data-field=total] >> 7,043 accounts").await
}

async fn come_back(page: &Page) -> Result<()> {
    let sentence = "Your session has ended. Sign in again to go on where you were.";
    page.wait_for(&format!("[data-page=sign-in] [data-state=session-ended] >> {sentence}")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_wait_for_a_slow_server_and_outlive_one_that_is_away() -> Result<()> {
    let mut stage = Stage::set().await?;
    telco::import(&stage.server, &telco::table())?;
    let journey = stage.publish("simple").await?;
    stage.start(&journey, CUSTOMER).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.wait_for("[data-page=home] [data-row]").await?;
    let fresh = browser.page(Screen::DESKTOP).await?;
    fresh.answer_after(Duration::from_secs(1)).await?;
    let splash = fresh.wait_for(".splash >> Loading Waymark…");
    tokio::try_join!(fresh.goto(stage.server.url()), splash)?;
    fresh.wait_for("[data-page=sign-in]").await?;
    fresh.wait_until_gone(".splash").await?;
    see_it_load(&page).await?;

    let drawing = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    drawing.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    let canvas = Canvas::on(&drawing).await?;
    canvas.wait_until_saved().await?;
    let answering = visit(&browser, &stage.server, MEMBER, Screen::DESKTOP).await?;
    claim_and_answer(&answering).await?;

    ensure!(stage.server.stop().await?.success(), "the server stops in good order");
    page.wait_for("[data-state=away] >> Live updates have stopped.").await?;
    for place in ["journeys", "instances", "accounts", "connectors"] {
        page.click(&format!("nav a[href='/{place}']")).await?;
        page.wait_for(&format!(
            "[data-page={place}] [data-state=problem] [data-action=retry-load]"
        ))
        .await?;
        page.wait_for("[data-state=problem] >> The server cannot be reached").await?;
    }
    picture(&page, "server-away").await?;
    page.click("[data-action=retry-load]").await?;
    page.wait_for("[data-page=connectors] [data-action=retry-load] >> Try again").await?;
    canvas.press("a", Modifiers::CONTROL).await?;
    canvas.press("ArrowDown", Modifiers::NONE).await?;
    drawing.wait_for("[data-save][data-state=failed]").await?;
    picture(&drawing, "server-away-drawing").await?;

    answering.click("[data-action=complete] >> All is well").await?;
    answering
        .wait_for("[data-page=task] [data-state=problem] >> The server cannot be reached")
        .await?;
    picture(&answering, "server-away-task").await?;

    stage.server.restart().await?;
    answering.click("[data-action=complete] >> All is well").await?;
    answering.wait_for("[data-page=task] [data-state=completed]").await?;
    answering.wait_for(".pairs dd >> They are happy.").await?;
    page.click("[data-page=connectors] [data-action=retry-load]").await?;
    page.wait_for("[data-connector=crm]").await?;
    page.wait_until_gone("[data-state=away]").await?;
    drawing.wait_for("[data-save][data-state=saved]").await?;
    drawing.wait_until_gone("[data-state=problem]").await?;
    page.assert_no_console_errors()?;
    answering.assert_no_console_errors()?;
    drawing.assert_no_console_errors()
}

/// What is on its way has a place already; what is there stays while it is read again.
async fn see_it_load(page: &Page) -> Result<()> {
    page.answer_after(Duration::from_secs(2)).await?;
    page.click("nav a[href='/accounts']").await?;
    page.wait_for("[data-page=accounts] [data-state=loading]").await?;
    picture(page, "accounts-loading").await?;
    page.wait_for("[data-field=total] >> 7,043 accounts").await?;
    page.click("[data-action=next-page]").await?;
    page.wait_for("[data-page=accounts] [aria-busy=true] tbody tr").await?;
    page.wait_for("[data-field=range] >> 51–100 of 7,043").await?;
    page.answer_after(Duration::ZERO).await
}
