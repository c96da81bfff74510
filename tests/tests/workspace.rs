//! The pages around the canvas, in a real browser against the real server: accounts, connectors, and what a role may do.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::mock::Mock;
use tests::server::{ADMIN, DESIGNER, MEMBER, PASSWORD, Server};
use tests::stage::{Stage, connectors};
use tests::telco;
use tests::visit::{must_fit_a_phone, picture, sign_in, visit};
use tokio::time::{Instant, sleep};

/// A customer whose monthly charges make it high-value.
const CUSTOMER: &str = "9305-CDSKC";

/// Longer than this, and a person would say that the page froze.
const FROZEN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seven_thousand_accounts_are_paged_searched_and_opened() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, MEMBER, Screen::DESKTOP).await?;
    page.click("nav a[href='/accounts']").await?;
    page.wait_for("[data-page=accounts] [data-state=empty] >> No accounts yet").await?;
    picture(&page, "accounts-empty").await?;

    telco::import(&stage.server, &telco::table())?;
    let journey = stage.publish("simple").await?;
    stage.start(&journey, CUSTOMER).await?;
    page.reload().await?;
    page.wait_for("[data-field=total] >> 7,043 accounts").await?;
    reach_by_keys(&page).await?;
    turn_the_pages(&page).await?;
    picture(&page, "accounts").await?;
    find_by_id_and_open(&page).await?;
    find_nothing(&page).await?;
    keep_to_a_segment(&page).await?;
    page.assert_no_console_errors()
}

/// The first key leads past the navigation; where one is can be seen.
async fn reach_by_keys(page: &Page) -> Result<()> {
    page.press("Tab", Modifiers::NONE).await?;
    page.wait_for("a.skip:focus-visible >> Skip to content").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_until("the page has the focus", "document.activeElement.id === 'main'").await?;
    page.press("Tab", Modifiers::NONE).await?;
    page.wait_for("#field-search:focus-visible").await?;
    for _ in 0..3 {
        page.press("Tab", Modifiers::NONE).await?;
    }
    page.wait_for("tbody a.row-link:focus-visible").await?;
    picture(page, "accounts-focus").await
}

/// Forward over several pages and back; coming back from an account finds the page that was left.
async fn turn_the_pages(page: &Page) -> Result<()> {
    page.wait_for("[data-field=range] >> 1–50 of 7,043").await?;
    ensure!(page.count("[data-page=accounts] tbody tr").await? == 50, "a page has 50 accounts");
    for last in [100, 150, 200, 250] {
        let pressed = Instant::now();
        page.click("[data-action=next-page]").await?;
        page.wait_for(&format!("[data-field=range] >> {}–{last} of 7,043", last - 49)).await?;
        ensure!(pressed.elapsed() < FROZEN, "turning a page took {:?}", pressed.elapsed());
    }
    page.click("[data-action=previous-page]").await?;
    page.wait_for("[data-field=range] >> 151–200 of 7,043").await?;
    page.click("[data-page=accounts] tbody a.row-link").await?;
    page.wait_for("[data-page=account] #account-fields").await?;
    page.back().await?;
    page.wait_for("[data-field=range] >> 151–200 of 7,043").await
}

async fn find_by_id_and_open(page: &Page) -> Result<()> {
    page.fill("#field-search", &CUSTOMER.to_lowercase()).await?;
    page.wait_for("[data-field=total] >> 1 account").await?;
    page.wait_for_url("/accounts?q=9305-cdskc").await?;
    picture(page, "accounts-found").await?;
    page.click(&format!("tbody a >> Customer {CUSTOMER}")).await?;
    page.wait_for(&format!("[data-page=account] h1 >> Customer {CUSTOMER}")).await?;
    for (name, value) in [("Contract", "Month-to-month"), ("Internet service", "Fiber optic")] {
        page.wait_for(&format!(".pairs dt >> {name}")).await?;
        page.wait_for(&format!(".pairs dd >> {value}")).await?;
    }
    page.wait_for("[data-page=account] a.row >> Check in with the customer").await?;
    page.wait_for(&format!("[data-page=account] a.row >> Check in with Customer {CUSTOMER}"))
        .await?;
    picture(page, "account").await?;
    page.back().await?;
    page.wait_for("[data-field=total] >> 1 account").await?;
    ensure!(page.value("#field-search").await? == "9305-cdskc", "the search is as it was left");
    Ok(())
}

async fn find_nothing(page: &Page) -> Result<()> {
    page.fill("#field-search", "nobody at all").await?;
    page.wait_for("[data-state=empty] >> No account matches").await?;
    page.wait_for("[data-field=total] >> 0 accounts").await?;
    picture(page, "accounts-none").await?;
    page.click("[data-action=all-accounts]").await?;
    page.wait_for("[data-field=total] >> 7,043 accounts").await?;
    ensure!(page.value("#field-search").await?.is_empty(), "the search is empty again");
    Ok(())
}

async fn keep_to_a_segment(page: &Page) -> Result<()> {
    let all = telco::customers()?.iter().filter(|one| one.segment == "high-value").count();
    page.click("tbody [data-segment=high-value]").await?;
    let total = format!("{},{:03} accounts", all / 1_000, all % 1_000);
    page.wait_for(&format!("[data-field=total] >> {total}")).await?;
    page.wait_for("[data-action=clear-segment] >> High value").await?;
    ensure!(!page.shows("tbody .chip >> Standard").await?, "others are not shown");
    picture(page, "accounts-segment").await?;
    page.click("[data-action=clear-segment]").await?;
    page.wait_for("[data-field=total] >> 7,043 accounts").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_is_installed_from_its_file_connected_and_uninstalled() -> Result<()> {
    let (server, mock) = (Server::start().await?, Mock::start()?);
    let browser = Browser::launch().await?;
    let page = visit(&browser, &server, ADMIN, Screen::DESKTOP).await?;
    page.click("nav a[href='/connectors']").await?;
    page.wait_for("[data-state=empty] >> Nothing installed yet").await?;
    picture(&page, "connectors-empty").await?;
    refuse_what_is_no_connector(&page).await?;

    page.choose_file("#field-file", &connectors().join("crm.wasm")).await?;
    page.wait_for("[data-field=file] >> crm.wasm").await?;
    page.click("[data-action=confirm-install]").await?;
    page.wait_until_gone("[data-dialog=install]").await?;
    page.wait_for("[data-connector=crm] >> Add a note to a customer").await?;
    connect(&page, &server, &mock).await?;
    picture(&page, "connectors").await?;
    take_it_away_again(&page).await?;
    page.assert_no_console_errors()
}

async fn refuse_what_is_no_connector(page: &Page) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (module, text) = (folder.path().join("module.wasm"), folder.path().join("notes.wasm"));
    fs::write(&module, b"\0asm\x01\0\0\0")?;
    fs::write(&text, "not a connector")?;
    page.click("[data-action=install-connector]").await?;
    page.click("[data-action=confirm-install]").await?;
    page.wait_for(
        "[data-dialog=install] [data-state=problem] >> Choose the connector’s .wasm file first.",
    )
    .await?;
    for (file, sentence) in [
        (&text, "This file is not WebAssembly."),
        (&module, "This file is a core module, not a component: build it with"),
    ] {
        page.choose_file("#field-file", file).await?;
        page.wait_until_gone("[data-dialog=install] [data-state=problem]").await?;
        page.click("[data-action=confirm-install]").await?;
        page.wait_for("[data-dialog=install] strong >> This file cannot be installed").await?;
        page.wait_for(&format!("[data-dialog=install] [data-state=problem] li >> {sentence}"))
            .await?;
    }
    picture(page, "connectors-refused").await
}

async fn connect(page: &Page, server: &Server, mock: &Mock) -> Result<()> {
    page.click("[data-action=add-connection]").await?;
    page.click("[data-action=confirm-connection]").await?;
    page.wait_for("#problem-field-connection-name >> This is needed.").await?;
    page.wait_for("#problem-field-config-base_url >> This is needed.").await?;
    picture(page, "connectors-connect").await?;
    page.fill("#field-connection-name", "crm").await?;
    page.wait_until_gone("#problem-field-connection-name").await?;
    page.fill("#field-config-base_url", mock.url()).await?;
    page.fill("#field-secret-token", "of-no-use").await?;
    let host = mock.url().trim_start_matches("http://");
    page.fill("#field-grants-hosts", host).await?;
    page.fill("#field-grants-allow_private", "127.0.0.0/8").await?;
    page.click("[data-action=confirm-connection]").await?;
    page.wait_for(&format!("[data-connection=crm] >> {host}")).await?;
    page.wait_for("[data-connection=crm] .chip >> Secrets set").await?;
    let held = server.sign_in(ADMIN).await?.get("/api/v1/connections").await?.expect(200)?;
    let connection = &held["items"][0];
    let grants = json!({ "hosts": [host], "allow_private": ["127.0.0.0/8"] });
    ensure!(connection["grants"] == grants, "{connection}");
    ensure!(connection["config"]["base_url"] == mock.url(), "{connection}");
    ensure!(connection["config"]["token"] == Value::Null, "a secret is no configuration");
    Ok(())
}

async fn take_it_away_again(page: &Page) -> Result<()> {
    page.click("[data-connector=crm] [data-action=uninstall]").await?;
    picture(page, "connectors-uninstall").await?;
    page.click("[data-dialog=uninstall] button >> Keep it").await?;
    page.wait_until_gone("[data-dialog=uninstall]").await?;
    page.wait_for("[data-connector=crm]").await?;
    page.click("[data-connector=crm] [data-action=uninstall]").await?;
    page.click("[data-action=confirm-uninstall]").await?;
    page.wait_until_gone("[data-connector=crm]").await?;
    page.wait_for("[data-connection=crm] [data-state=not-installed]").await?;
    picture(page, "connectors-uninstalled").await?;
    page.click("[data-connection=crm] [data-action=remove-connection]").await?;
    page.click("[data-action=confirm-remove-connection]").await?;
    page.wait_for("[data-state=empty] >> No connections yet").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_a_connection_are_changed_and_taken_away() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, ADMIN, Screen::SMALL_PHONE).await?;
    page.goto(&format!("{}/connectors", stage.server.url())).await?;
    page.wait_for("[data-connection=crm] .sub >> 64 calls at once").await?;
    page.click("[data-connection=crm] [data-action=limits]").await?;
    page.fill("#field-pace-calls_at_once", "0").await?;
    page.fill("#field-pace-calls_per_second", "2.5").await?;
    page.click("[data-action=confirm-limits]").await?;
    page.wait_for("#problem-field-pace-calls_at_once").await?;
    picture(&page, "connection-limits").await?;
    page.fill("#field-pace-calls_at_once", "3").await?;
    page.click("[data-action=confirm-limits]").await?;
    page.wait_for("[data-connection=crm] .sub >> 3 calls at once, 2.5 in a second").await?;
    let cut = "(([one]) => one.scrollWidth > one.clientWidth)(document.querySelectorAll('[data-connection=crm] .sub'))";
    ensure!(page.evaluate(cut).await? == false, "the limits are cut off on a phone");
    must_fit_a_phone(&page).await?;
    picture(&page, "connections-phone").await?;
    page.click("[data-connection=crm] [data-action=limits]").await?;
    page.fill("#field-pace-calls_per_second", "").await?;
    page.click("[data-action=confirm-limits]").await?;
    page.wait_until_gone("[data-dialog=limits]").await?;
    let held = stage.admin.get("/api/v1/connections").await?.expect(200)?;
    let limits = (&held["items"][0]["calls_at_once"], &held["items"][0]["calls_per_second"]);
    ensure!(limits == (&json!(3), &Value::Null), "{limits:?}");
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_takes_a_server_out() -> Result<()> {
    let server = Server::start().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &server, ADMIN, Screen::SMALL_PHONE).await?;
    page.click("[data-action=user-menu]").await?;
    page.click("[data-action=go-servers]").await?;
    page.wait_for("[data-page=servers] [data-state=serving] .chip >> Takes part").await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "servers-phone").await?;
    page.click("[data-action=drain]").await?;
    page.wait_for("[data-dialog=drain] p >> takes up nothing new").await?;
    picture(&page, "servers-drain").await?;
    page.click("[data-action=confirm-drain]").await?;
    page.wait_for("[data-page=servers] [data-state=draining]").await?;
    ensure!(!page.shows("[data-action=drain]").await?, "it is taken out once");
    let until = Instant::now() + FROZEN * 10;
    while server.stranger()?.get("/readyz").await?.status != 503 {
        ensure!(Instant::now() < until, "a load balancer is told to leave it out");
        sleep(Duration::from_millis(100)).await;
    }
    let member = visit(&browser, &server, MEMBER, Screen::DESKTOP).await?;
    member.click("[data-action=user-menu]").await?;
    member.wait_for("[data-action=sign-out]").await?;
    ensure!(!member.shows("[data-action=go-servers]").await?, "servers are not a member's");
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_sees_what_it_may_do_and_is_told_what_it_may_not() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("simple").await?;
    let browser = Browser::launch().await?;
    let page = browser.page(Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    page.wait_for("[data-page=sign-in]").await?;
    picture(&page, "sign-in").await?;
    sign_in(&page, MEMBER, "a guess").await?;
    page.wait_for("[data-state=problem] >> The e-mail address or the password is wrong").await?;
    picture(&page, "sign-in-wrong").await?;
    sign_in(&page, MEMBER, PASSWORD).await?;

    page.wait_for("[data-page=journey] [data-state=live]").await?;
    for action in ["[data-action=publish]", "[data-action=undo]", "[data-palette]", "[data-save]"] {
        ensure!(!page.shows(action).await?, "a member draws nothing: {action}");
    }
    picture(&page, "journey-member").await?;
    page.click("nav a[href='/journeys']").await?;
    page.wait_for("[data-page=journeys] a >> Check in with the customer").await?;
    ensure!(!page.shows("[data-action=new-journey]").await?, "a member makes no journeys");
    page.click("nav a[href='/connectors']").await?;
    page.wait_for("[data-connector=crm]").await?;
    for action in ["install-connector", "add-connection", "uninstall", "remove-connection"] {
        ensure!(!page.shows(&format!("[data-action={action}]")).await?, "not a member's: {action}");
    }
    let member = stage.server.sign_in(MEMBER).await?;
    let refused = member.post("/api/v1/journeys", &json!({ "name": "Mine" })).await?.expect(403)?;
    ensure!(refused["title"] == "Your role may not do this", "{refused}");
    see_what_is_not_there(&page, &stage).await?;
    page.assert_no_console_errors()?;

    let designer = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    designer.click("nav a[href='/connectors']").await?;
    designer.wait_for("[data-connector=crm]").await?;
    ensure!(!designer.shows("[data-action=uninstall]").await?, "only an admin uninstalls");
    lose_a_right_on_the_way(&designer, &stage).await?;
    designer.assert_no_console_errors()
}

/// What is offered still, and may be done no more, is refused in words.
async fn lose_a_right_on_the_way(page: &Page, stage: &Stage) -> Result<()> {
    page.click("nav a[href='/journeys']").await?;
    page.click("[data-action=new-journey]").await?;
    page.fill("[data-dialog=new-journey] #field-name", "Too late").await?;
    let users = stage.admin.get("/api/v1/users").await?.expect(200)?;
    let all = users["items"].as_array().into_iter().flatten();
    let own = all.filter(|user| user["email"] == DESIGNER.email).find_map(|one| one["id"].as_str());
    let path = format!("/api/v1/users/{}", own.unwrap_or_default());
    stage.admin.patch(&path, &json!({ "role": "member" })).await?.expect(200)?;
    page.click("[data-action=create-journey]").await?;
    page.wait_for("[data-dialog=new-journey] [data-state=problem] >> Your role may not do this")
        .await?;
    picture(page, "journeys-forbidden").await
}

/// A mistyped address, and a thing that is gone or not one's own, say so and lead on.
async fn see_what_is_not_there(page: &Page, stage: &Stage) -> Result<()> {
    page.goto(&format!("{}/accounts/nobody", stage.server.url())).await?;
    page.wait_for("[data-page=account] [data-state=empty] >> This is not here").await?;
    picture(page, "account-missing").await?;
    page.goto(&format!("{}/no/such/page", stage.server.url())).await?;
    page.wait_for("[data-page=lost] >> There is no such page").await?;
    page.click("[data-page=lost] a >> Go to Home").await?;
    page.wait_for("[data-page=home]").await?;
    picture(page, "home-member").await
}
