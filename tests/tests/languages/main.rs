//! Everything a page says can be said in another language: read in one that only tests know, nothing is left in English but what
//! the server tells.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use tests::cdp::{Browser, Page, Screen};
use tests::filled::Filled;
use tests::server::{ADMIN, PASSWORD};
use tests::visit::sign_in;

/// Gives the page the language, and keeps what the server answers.
const BEGIN: &str = include_str!("begin.js");

/// The texts on the page that are neither in the language nor what the server told.
const BARE: &str = include_str!("bare.js");

/// Where `cargo xtask test` keeps the language.
const LANGUAGE: &str = "WAYMARK_PSEUDO_LANGUAGE";

/// Panels and dialogs of the canvas, by what opens them.
const PANELS: [&str; 7] =
    ["history", "outline", "search", "keys", "problems", "versions", "rehearse"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_in_english() -> Result<()> {
    let filled = Filled::new(&[]).await?;
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESK).await?;
    page.begin_with(&begin()?).await?;
    let server = &filled.stage.server;
    page.goto(server.url()).await?;
    page.wait_for("#field-email").await?;
    let mut found = bare(&page, "sign-in").await?;
    sign_in(&page, ADMIN, PASSWORD).await?;
    page.wait_for("nav").await?;
    for path in paths(&filled)? {
        page.goto(&format!("{}{path}", server.url())).await?;
        found.extend(bare(&page, &path).await?);
    }
    found.extend(bare_on_canvas(&page, &filled).await?);
    ensure!(found.is_empty(), "{} texts are only English:\n{}", found.len(), found.join("\n"));
    page.assert_no_console_errors()
}

fn begin() -> Result<String> {
    let path = std::env::var(LANGUAGE).with_context(|| format!("{LANGUAGE} is not set"))?;
    let catalogue = fs::read_to_string(&path).context(path)?;
    Ok(BEGIN.replace("CATALOGUE", &catalogue))
}

/// Every page there is.
fn paths(filled: &Filled) -> Result<Vec<String>> {
    let id = |of: &str| filled.ids.get(&format!("/api/v1/{of}/"));
    let journey = format!("/journeys/{}", id("journeys")?);
    let fixed = [
        "",
        "inbox",
        "notices",
        "accounts",
        "journeys",
        "journeys/gallery",
        "instances",
        "calendars",
        "calendars/standard",
        "connectors",
        "servers",
        "settings",
    ];
    let mut paths: Vec<String> = fixed.iter().map(|path| format!("/{path}")).collect();
    for of in ["tasks", "accounts", "instances"] {
        paths.push(format!("/{of}/{}", id(of)?));
    }
    let of_journey = ["changes", "runs", "reviews", "why", "migrations", "versions/1/would-have"];
    paths.extend(of_journey.map(|part| format!("{journey}/{part}")));
    paths.push(format!("{journey}/reviews/{}", id("reviews")?));
    paths.push(format!("{journey}/backtests/{}", id("backtests")?));
    Ok(paths)
}

async fn bare_on_canvas(page: &Page, filled: &Filled) -> Result<Vec<String>> {
    let journey = format!("/journeys/{}", filled.ids.get("/api/v1/journeys/")?);
    let mut found = Vec::new();
    for panel in PANELS {
        page.goto(&format!("{}{journey}", filled.stage.server.url())).await?;
        page.wait_for("[data-node]").await?;
        page.click(&format!("[data-action={panel}]")).await?;
        found.extend(bare(page, &format!("the canvas with {panel}")).await?);
    }
    page.goto(&format!("{}{journey}", filled.stage.server.url())).await?;
    page.wait_for("[data-node]").await?;
    let nodes = page
        .evaluate("[...document.querySelectorAll('[data-node]')].map((node) => node.dataset.node)");
    for node in texts(&nodes.await?) {
        tests::canvas::Canvas::on(page).await?.choose(&node).await?;
        found.extend(bare(page, &format!("the settings of {node}")).await?);
    }
    Ok(found)
}

/// What is only English where the browser is now, once it says no more.
async fn bare(page: &Page, place: &str) -> Result<Vec<String>> {
    page.wait_until("the page says no more", "waymarkIsStill()").await?;
    let found = texts(&page.evaluate(BARE).await?);
    Ok(found.into_iter().map(|text| format!("{place}: {text}")).collect())
}

fn texts(found: &Value) -> Vec<String> {
    found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
