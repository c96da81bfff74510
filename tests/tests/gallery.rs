//! Journeys that ship with the program: looked at and taken, each of them as it is.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::cdp::{Browser, Screen};
use tests::server::{DESIGNER, MEMBER};
use tests::stage::{Stage, TEAM};
use tests::visit::{must_fit_a_phone, picture, visit};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_journey_of_the_gallery_can_be_taken() -> Result<()> {
    let stage = Stage::set().await?;
    let gallery = stage.admin.get("/api/v1/gallery").await?.expect(200)?;
    let all = gallery["items"].as_array().context("templates")?;
    ensure!(all.len() >= 15, "{} templates", all.len());
    for template in all {
        let slug = template["slug"].as_str().context("a slug")?;
        ensure!(template.get("draft").is_none(), "a list is short: {template}");
        let one = stage.admin.get(&format!("/api/v1/gallery/{slug}")).await?.expect(200)?;
        let made = json!({ "name": one["name"], "draft": one["draft"] });
        let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
        let id = made["id"].as_str().context("a journey has an id")?;
        let kept = stage.admin.get(&format!("/api/v1/journeys/{id}/draft")).await?.expect(200)?;
        ensure!(kept["nodes"] == one["draft"]["nodes"], "{slug} is kept as it is");
    }
    stage.admin.get("/api/v1/gallery/none").await?.problem(404, "not-found")?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journey_is_looked_at_and_taken_in_the_browser() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys", stage.server.url())).await?;
    page.click("[data-action=gallery]").await?;
    page.wait_for("[data-template=renewal]").await?;
    picture(&page, "gallery").await?;
    page.click("[data-template=renewal]").await?;
    page.wait_for("[data-dialog=template] [data-node]").await?;
    picture(&page, "gallery-template").await?;
    page.wait_for("[data-missing=billing]").await?;
    page.choose("[data-missing=customer-success]", TEAM).await?;
    page.choose("[data-missing=finance]", TEAM).await?;
    page.fill("#field-template-name", "Renewal in Europe").await?;
    picture(&page, "gallery-stand-ins").await?;
    page.click("[data-action=take-template]").await?;
    page.wait_for_url("/journeys/jrn_").await?;
    page.wait_for("[data-node]").await?;
    page.wait_for("h1 >> Renewal in Europe").await?;
    let url = page.url().await?;
    let id = url.rsplit('/').next().context("an id")?;
    let taken = stage.admin.get(&format!("/api/v1/journeys/{id}/draft")).await?.expect(200)?;
    let text = taken.to_string();
    for (name, is_left) in
        [("customer-success", false), ("finance", false), ("cs-ops", true), (TEAM, true)]
    {
        ensure!(text.contains(&format!("\"team\":\"{name}\"")) == is_left, "{name}: {taken:#}");
    }
    picture(&page, "gallery-taken").await?;

    page.resize(Screen::SMALL_PHONE).await?;
    page.goto(&format!("{}/journeys/gallery", stage.server.url())).await?;
    page.wait_for("[data-template=renewal]").await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "gallery-phone").await?;
    page.click("[data-template=renewal]").await?;
    page.wait_for("[data-action=take-template]").await?;
    must_fit_a_phone(&page).await?;
    page.assert_no_console_errors()?;

    // Who does not draw looks only.
    let page = visit(&browser, &stage.server, MEMBER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/gallery", stage.server.url())).await?;
    page.click("[data-template=qbr]").await?;
    page.wait_for("[data-dialog=template] [data-node]").await?;
    ensure!(page.count("[data-action=take-template]").await? == 0, "a member takes none");
    page.assert_no_console_errors()
}
