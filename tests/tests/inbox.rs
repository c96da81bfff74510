//! Work for people, in a real browser: a long queue on the smallest phone, a form that is not complete, two who want the same task.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::cdp::{Browser, Page, Screen};
use tests::server::{DESIGNER, MEMBER};
use tests::stage::{Stage, TEAM};
use tests::telco;
use tests::visit::{must_fit_a_phone, picture, visit};

/// How many tasks wait for the team: more than a queue shows at once.
const WAITING: u64 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_queue_is_worked_off_on_the_smallest_phone() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = fill_the_queue(&stage).await?;
    let browser = Browser::launch().await?;
    let door = browser.page(Screen::SMALL_PHONE).await?;
    door.goto(stage.server.url()).await?;
    door.wait_for("[data-page=sign-in]").await?;
    must_fit_a_phone(&door).await?;
    picture(&door, "phone-sign-in").await?;

    let phone = visit(&browser, &stage.server, MEMBER, Screen::SMALL_PHONE).await?;
    phone.tap("nav a[href='/inbox']").await?;
    phone.wait_for("[data-page=inbox] [data-state=empty] >> Nothing waits for you").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "phone-inbox-empty").await?;
    phone.tap("[data-action=queue-team]").await?;
    phone.wait_for("[data-page=inbox] [data-row]").await?;
    ensure!(phone.count("[data-page=inbox] [data-row]").await? == 50, "the queue is long");
    must_fit_a_phone(&phone).await?;
    picture(&phone, "phone-inbox").await?;
    phone.tap("[data-action=more-tasks]").await?;
    wait_for_rows(&phone, WAITING).await?;
    phone.wait_until_gone("[data-action=more-tasks]").await?;

    do_the_first_task(&phone).await?;
    see_every_page(&phone, &stage, &journey).await?;
    phone.assert_no_console_errors()?;

    let designer = visit(&browser, &stage.server, DESIGNER, Screen::SMALL_PHONE).await?;
    designer.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    // With no room to draw, the steps are a list.
    designer.tap("[data-row=start]").await?;
    designer.wait_for("[data-inspector=start] [data-field='/name']").await?;
    must_fit_a_phone(&designer).await?;
    picture(&designer, "phone-journey-designer").await?;
    designer.assert_no_console_errors()
}

/// Starts the example for as many customers; gives the journey's id.
async fn fill_the_queue(stage: &Stage) -> Result<String> {
    telco::import(&stage.server, &telco::table())?;
    let journey = stage.publish("simple").await?;
    let path = format!("/api/v1/accounts?limit={WAITING}");
    let customers = stage.admin.get(&path).await?.expect(200)?;
    for customer in customers["items"].as_array().context("accounts are a list")? {
        let id = customer["external_id"].as_str().context("an external id")?;
        stage.start(&journey, id).await?;
    }
    Ok(journey)
}

async fn wait_for_rows(phone: &Page, count: u64) -> Result<()> {
    let rows = "document.querySelectorAll('[data-page=inbox] [data-row]').length";
    phone.wait_until(&format!("{count} tasks are listed"), &format!("{rows} === {count}")).await
}

async fn do_the_first_task(phone: &Page) -> Result<()> {
    phone.tap("[data-page=inbox] [data-row] a").await?;
    phone.wait_for(&format!("[data-field=holder] >> For team {TEAM}")).await?;
    must_fit_a_phone(phone).await?;
    picture(phone, "phone-task-offered").await?;
    phone.tap("[data-action=claim]").await?;
    phone.wait_for("[data-field=holder] >> Claimed by you").await?;
    must_fit_a_phone(phone).await?;
    phone.tap("[data-action=complete] >> All is well").await?;
    phone.wait_for("#problem-field-summary >> This is needed.").await?;
    let focus = phone.evaluate("document.activeElement.id").await?;
    ensure!(focus == "field-summary", "the field that is missing has the focus, not {focus}");
    must_fit_a_phone(phone).await?;
    picture(phone, "phone-task-missing").await?;

    phone.type_text("Happy, and asks for a second line.").await?;
    phone.wait_until_gone("#problem-field-summary").await?;
    phone.reload().await?;
    let kept = phone.value("#field-summary").await?;
    ensure!(kept == "Happy, and asks for a second line.", "a reload lost what was typed: {kept}");
    phone.tap("[data-action=complete] >> Needs help").await?;
    phone.wait_for("[data-page=task] [data-state=completed]").await?;
    phone.wait_for(".pairs dd >> Needs help").await?;
    must_fit_a_phone(phone).await?;
    picture(phone, "phone-task-done").await?;
    phone.tap("[data-action=next-task]").await?;
    phone.wait_for("[data-page=inbox] [data-state=empty]").await?;
    phone.tap("[data-action=queue-team]").await?;
    phone.tap("[data-action=more-tasks]").await?;
    wait_for_rows(phone, WAITING - 1).await
}

/// Every page, on the smallest phone.
async fn see_every_page(phone: &Page, stage: &Stage, journey: &str) -> Result<()> {
    let instances = stage.admin.get("/api/v1/instances?limit=1").await?.expect(200)?;
    let id = |value: &Value| value.as_str().map(str::to_owned).context("an id");
    let instance = id(&instances["items"][0]["id"])?;
    let account = id(&instances["items"][0]["account"]["id"])?;
    for (name, path, there) in [
        ("home", "/".to_owned(), "[data-page=home] .tile"),
        ("accounts", "/accounts".to_owned(), "[data-page=accounts] tbody tr"),
        ("account", format!("/accounts/{account}"), "[data-page=account] .pairs"),
        ("journeys", "/journeys".to_owned(), "[data-page=journeys] tbody tr"),
        ("journey", format!("/journeys/{journey}"), "[data-page=journey] [data-node]"),
        ("instances", "/instances".to_owned(), "[data-page=instances] tbody tr"),
        ("instance", format!("/instances/{instance}"), "[data-page=instance] [data-node=call]"),
        ("connectors", "/connectors".to_owned(), "[data-page=connectors] [data-connector]"),
    ] {
        phone.goto(&format!("{}{path}", stage.server.url())).await?;
        phone.wait_for(there).await?;
        phone.wait_until_gone("[data-state=loading]").await?;
        must_fit_a_phone(phone).await?;
        picture(phone, &format!("phone-{name}")).await?;
    }
    phone.tap("[data-action=user-menu]").await?;
    must_fit_a_phone(phone).await?;
    picture(phone, "phone-menu").await?;
    phone.tap("nav a[href='/instances']").await?;
    phone.wait_until_gone("#user-menu").await?;
    phone.tap("[data-action=next-page]").await?;
    phone.wait_for("[data-field=range] >> 51–60").await?;
    phone.goto(&format!("{}/accounts/{account}", stage.server.url())).await?;
    phone.tap("[data-action=start-for-account]").await?;
    phone.tap("[data-action=choose-journey] >> Check in with the customer").await?;
    phone.wait_for("[data-dialog=start] [data-action=start]").await?;
    must_fit_a_phone(phone).await?;
    picture(phone, "phone-start").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_second_to_a_task_is_told_who_has_it() -> Result<()> {
    let stage = Stage::set().await?;
    telco::import(&stage.server, &telco::table())?;
    let journey = stage.publish("simple").await?;
    stage.start(&journey, "9305-CDSKC").await?;
    let browser = Browser::launch().await?;
    let first = visit(&browser, &stage.server, MEMBER, Screen::DESKTOP).await?;
    first.click("nav a[href='/inbox']").await?;
    first.click("[data-action=queue-team]").await?;
    first.click("[data-page=inbox] [data-row] a").await?;
    first.wait_for("[data-action=claim]").await?;

    // Live updates do not get through to the second, so that the page still offers what is taken.
    let second = browser.page(Screen::DESKTOP).await?;
    second.keep_back("/api/v1/stream").await?;
    second.goto(&first.url().await?).await?;
    tests::visit::sign_in(&second, DESIGNER, tests::server::PASSWORD).await?;
    second.wait_for("[data-action=claim]").await?;

    first.click("[data-action=claim]").await?;
    first.wait_for("[data-field=holder] >> Claimed by you").await?;
    second.click("[data-action=claim]").await?;
    second.wait_for("[data-state=taken] >> Max Member was quicker and has this task now.").await?;
    second.wait_for("[data-field=holder] >> Claimed by Max Member").await?;
    ensure!(!second.shows("[data-action=claim]").await?, "what is taken is no longer offered");
    picture(&second, "task-taken").await?;

    first.click("[data-action=release]").await?;
    first.wait_for("[data-action=claim]").await?;
    second.reload().await?;
    second.click("[data-action=claim]").await?;
    second.wait_for("[data-field=holder] >> Claimed by you").await?;
    first.wait_for("[data-state=taken] >> Dora Designer has this task.").await?;
    picture(&first, "task-taken-live").await?;
    first.assert_no_console_errors()?;
    second.assert_no_console_errors()
}
