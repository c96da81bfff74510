//! The designer comes in parts: a first visit loads one, a page that is opened brings its own, and one that cannot come says so.

use anyhow::{Result, ensure};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Page, Screen};
use tests::server::{DESIGNER, MEMBER};
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

/// The part with the canvas and the engine, and the part with the lists.
const DRAWING: &str = "split_drawing";
const DESK: &str = "split_desk";

/// How often the page has asked for what is called so.
async fn asked(page: &Page, part: &str) -> Result<u64> {
    let named = format!(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('{part}')).length"
    );
    Ok(page.evaluate(&named).await?.as_u64().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_visit_loads_nothing_of_what_draws_journeys() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("simple").await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.wait_for("[data-page=home] [data-row]").await?;
    page.click("nav a[href='/inbox']").await?;
    page.wait_for("[data-page=inbox]").await?;
    ensure!(asked(&page, "app_bg.wasm").await? == 1, "the first part comes once");
    for part in [DRAWING, DESK, "chunk_"] {
        ensure!(asked(&page, part).await? == 0, "{part} comes before anybody wants it");
    }

    page.click("nav a[href='/journeys']").await?;
    page.click(&format!("[data-page=journeys] a[href='/journeys/{journey}']")).await?;
    Canvas::on(&page).await?;
    page.back().await?;
    page.click(&format!("[data-page=journeys] a[href='/journeys/{journey}']")).await?;
    Canvas::on(&page).await?;
    for part in [DRAWING, DESK] {
        ensure!(asked(&page, part).await? == 1, "{part} comes once");
    }
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_part_opens_by_its_address() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("simple").await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    Canvas::on(&page).await?;
    ensure!(asked(&page, DESK).await? == 0, "a drawing needs no lists");
    page.goto(&format!("{}/connectors", stage.server.url())).await?;
    page.wait_for("[data-page=connectors] [data-connector=crm]").await?;
    ensure!(asked(&page, DRAWING).await? == 0, "a list needs no canvas");
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_part_is_gone_offers_to_load_again() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, MEMBER, Screen::DESKTOP).await?;
    page.wait_for("[data-page=home]").await?;
    page.lose(DESK).await?;
    page.click("nav a[href='/accounts']").await?;
    page.wait_for("[data-page=accounts][data-state=part-gone] >> This page could not be loaded")
        .await?;
    page.wait_for("[data-action=load-again] >> Load again").await?;
    picture(&page, "part-gone").await?;
    page.resize(Screen::SMALL_PHONE).await?;
    must_fit_a_phone(&page).await?;

    // What is here still works, and what was gone is asked for anew.
    page.resize(Screen::DESKTOP).await?;
    page.click("nav a[href='/inbox']").await?;
    page.wait_for("[data-page=inbox] h1 >> Inbox").await?;
    page.back().await?;
    page.wait_for("[data-action=load-again]").await?;
    page.find_again().await?;
    page.click("[data-action=load-again]").await?;
    page.wait_for("[data-page=accounts] h1 >> Accounts").await?;
    page.wait_for_url("/accounts").await?;
    page.assert_no_console_errors()
}
