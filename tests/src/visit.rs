//! A person who comes to the product with a browser.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::accessible::must_be_accessible;
use crate::cdp::{Browser, Page, Scheme, Screen};
use crate::legible::must_be_legible;
use crate::server::{PASSWORD, Person, Server};

/// Opens a page of `person`'s own and signs in through the form.
pub async fn visit(
    browser: &Browser,
    server: &Server,
    person: Person,
    screen: Screen,
) -> Result<Page> {
    let page = browser.page(screen).await?;
    page.prefer(Scheme::Light).await?;
    page.goto(server.url()).await?;
    sign_in(&page, person, PASSWORD).await?;
    page.wait_for("nav").await?;
    Ok(page)
}

/// Fills in the sign-in form that is shown and sends it.
pub async fn sign_in(page: &Page, person: Person, password: &str) -> Result<()> {
    page.fill("#field-email", person.email).await?;
    page.fill("#field-password", password).await?;
    page.click("[data-action=sign-in]").await
}

/// Ends the session of whoever uses the page, away from it.
pub async fn end_the_session(page: &Page, server: &Server) -> Result<()> {
    let elsewhere = server.stranger()?.with_cookies(page.cookies().await?);
    elsewhere.delete("/api/v1/session").await?.expect(204).map(drop)
}

/// What a finger has to hit, and is smaller than a finger: its place, its size and its words.
const SMALL: &str = "[...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches('.unseen, .skip'))
    .map((one) => [one, (one.closest('label, tr') ?? one).getBoundingClientRect()])
    .filter(([one, box]) => box.width > 0 && (box.height < 44 || box.width < 24) && !one.matches('.chip, p a'))
    .map(([one, box]) => `${one.outerHTML.slice(0, 90)}: ${Math.round(box.width)} x ${Math.round(box.height)}`)";

/// Fails if the page scrolls sideways, or has something too small to be hit by a finger.
pub async fn must_fit_a_phone(page: &Page) -> Result<()> {
    let widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]").await?;
    let url = page.url().await?;
    ensure!(widths[0].as_f64() <= widths[1].as_f64(), "{url} scrolls sideways: {widths}");
    let wide = "[...document.querySelectorAll('.table-wrap')].filter((one) => one.scrollWidth > one.clientWidth).length";
    ensure!(page.evaluate(wide).await? == 0, "{url} has a table that scrolls sideways");
    let small = page.evaluate(SMALL).await?;
    ensure!(small == Value::Array(Vec::new()), "{url} has small targets: {small:#}");
    Ok(())
}

/// Keeps two pictures of what is shown: `NAME.png` in light and `NAME-dark.png` in dark colours; everybody must be able to use and read both.
pub async fn picture(page: &Page, name: &str) -> Result<()> {
    rest(page).await?;
    page.screenshot(name).await?;
    must_be_legible(page).await?;
    must_be_accessible(page).await?;
    page.prefer(Scheme::Dark).await?;
    rest(page).await?;
    page.screenshot(&format!("{name}-dark")).await?;
    must_be_legible(page).await?;
    must_be_accessible(page).await?;
    page.prefer(Scheme::Light).await
}

/// Waits until nothing glides from one colour to another.
async fn rest(page: &Page) -> Result<()> {
    let moving = "document.getAnimations().some(one => one instanceof CSSTransition)";
    let still = format!("!{moving} && document.fonts.status === 'loaded'");
    page.wait_until("every transition has ended and the letters are there", &still).await
}
