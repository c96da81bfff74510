//! What the designer costs a browser: how long `check` takes in WebAssembly, from a change until its problems are on show.

use anyhow::{Context, Result};
use journey::Draft;
use serde_json::json;
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::{DESIGNER, Server};
use tests::visit::visit;

use crate::drafts::two_hundred;
use crate::figure::{Figure, Report, percentile};

const PART: &str = "browser";
/// Changes in a round, each of which checks once.
const CHANGES: usize = 20;
/// Keeps every `check` that the designer puts on the browser's timeline.
const OBSERVE: &str = "window.checks = [];
    new PerformanceObserver((list) => window.checks.push(...list.getEntriesByName('check').map((one) => one.duration)))
        .observe({ entryTypes: ['measure'] })";

/// A page of the designer that shows a draft.
pub(crate) async fn drawing(server: &Server, browser: &Browser, draft: &Draft) -> Result<Page> {
    let designer = server.sign_in(DESIGNER).await?;
    let body = json!({ "name": draft.name, "draft": draft });
    let made = designer.post("/api/v1/journeys", &body).await?.expect(201)?;
    let journey = made["id"].as_str().context("a created journey has an id")?;
    let page = visit(browser, server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys/{journey}", server.url())).await?;
    Ok(page)
}

/// Measures `check` of 200 nodes in the designer.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let (server, browser) = (Server::start().await?, Browser::launch().await?);
    let page = drawing(&server, &browser, &two_hundred()?).await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("set11").await?;
    page.evaluate(OBSERVE).await?;
    let mut medians = Vec::new();
    for _ in 0..rounds {
        page.evaluate("window.checks.length = 0").await?;
        for change in 1..=CHANGES {
            canvas.press("ArrowDown", Modifiers::NONE).await?;
            page.wait_until("the change is checked", &format!("window.checks.length >= {change}"))
                .await?;
        }
        let took = page.evaluate("window.checks").await?;
        let mut took: Vec<f64> = serde_json::from_value(took)?;
        took.sort_by(f64::total_cmp);
        medians.push(percentile(&took, 0.5));
    }
    let name =
        "check of a journey of 200 nodes in WebAssembly, with its problems put on show, wall time";
    report.add(Figure::new(PART, name, "ms", medians).at_most(50.0));
    Ok(())
}
