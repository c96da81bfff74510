//! A person who comes to the product with a browser.

use anyhow::Result;

use crate::cdp::{Browser, Page, Scheme, Screen};
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
    page.fill("#field-email", person.email).await?;
    page.fill("#field-password", PASSWORD).await?;
    page.click("[data-action=sign-in]").await?;
    page.wait_for("nav").await?;
    Ok(page)
}

/// Keeps two pictures of what is shown: `NAME.png` in light and `NAME-dark.png` in dark colours.
pub async fn picture(page: &Page, name: &str) -> Result<()> {
    rest(page).await?;
    page.screenshot(name).await?;
    page.prefer(Scheme::Dark).await?;
    rest(page).await?;
    page.screenshot(&format!("{name}-dark")).await?;
    page.prefer(Scheme::Light).await
}

/// Waits until nothing glides from one colour to another.
async fn rest(page: &Page) -> Result<()> {
    let moving = "document.getAnimations().some(one => one instanceof CSSTransition)";
    page.wait_until("every transition has ended", &format!("!{moving}")).await
}
