//! What a journey was and what an instance was: versions compared in words, and a life looked at from any record.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::cdp::{Browser, Page, Screen};
use tests::server::{ADMIN, Client, DESIGNER};
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_versions_are_compared_in_words_and_on_the_drawing() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("simple").await?;
    publish_another(&stage.admin, &journey).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    page.click("[data-action=versions]").await?;
    page.click("[data-dialog=versions] [data-action=compare]").await?;

    page.wait_for("[data-page=compare] .rows >> is added").await?;
    page.wait_for("[data-page=compare] .rows >> is removed").await?;
    picture(&page, "compare").await?;
    page.click("[data-page=compare] .row:has(.chip.danger) [data-action=jump]").await?;
    page.wait_for("[data-action=show-before][aria-pressed=true]").await?;
    page.wait_for("[data-node=watch].selected").await?;
    page.click("[data-page=compare] .row:has(.chip.good) [data-action=jump]").await?;
    page.wait_for("[data-action=show-after][aria-pressed=true]").await?;
    page.wait_for("[data-node=thank].selected").await?;
    page.wait_until_gone("[data-node=watch]").await?;
    page.choose("#field-to", "version 1").await?;
    page.wait_for("[data-page=compare] [data-state=empty] >> No difference").await?;
    page.goto(&format!("{}/journeys/{journey}/changes", stage.server.url())).await?;
    page.wait_until("the newest version is compared with the draft", "document.querySelector('#field-from')?.value === '2' && document.querySelector('#field-to')?.value === 'draft'").await?;
    page.wait_for("[data-page=compare] [data-state=empty] >> No difference").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_is_seen_as_it_was_after_any_of_its_records() -> Result<()> {
    let stage = Stage::set().await?;
    let account = json!({ "external_id": "A1", "name": "Acme" });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    let journey = stage.publish("simple").await?;
    let instance = stage.start(&journey, "A1").await?;
    stage.rest(&instance).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/instances/{instance}", stage.server.url())).await?;

    page.wait_for("[data-node=call].waiting").await?;
    page.wait_for(".past[data-state=now]").await?;
    page.click("#field-record").await?;
    page.press("Home", tests::cdp::Modifiers::NONE).await?;
    page.wait_for(".past[data-state=past] [data-field=record] >> Record 1 of").await?;
    page.wait_until_gone("[data-node=call].waiting").await?;
    picture(&page, "instance-past").await?;
    page.click("[data-action=now]").await?;
    page.wait_for("[data-node=call].waiting").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_is_made_changed_and_filled_from_a_file() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.click("nav a[href='/calendars']").await?;
    page.wait_for("[data-page=calendars] [data-row=standard]").await?;
    page.click("[data-action=new-calendar]").await?;
    page.fill("#field-name", "uk").await?;
    page.fill("#field-zone", "Europe/London").await?;
    page.click("[data-action=create-calendar]").await?;

    page.fill("#field-saturday", "10-14").await?;
    page.fill("#field-monday", "noon to five").await?;
    page.click("[data-action=add-holiday]").await?;
    page.click("[data-action=save-calendar]").await?;
    page.wait_for("[data-page=calendar] [data-state=problem]").await?;
    page.fill("#field-monday", "9-12:30, 13:30-17").await?;
    page.click("[data-row=holiday-0] [aria-label=Remove]").await?;
    page.click("[data-action=save-calendar]").await?;
    page.wait_for(".toast >> The calendar is saved.").await?;
    page.fill("#field-tuesday", "7-15").await?;
    import(&page).await?;
    ensure!(page.value("#field-tuesday").await? == "7-15", "what was typed is lost");
    page.click("[data-action=save-calendar]").await?;
    page.wait_until(
        "the hours are saved",
        "document.querySelector('#field-tuesday')?.value === '07:00–15:00'",
    )
    .await?;
    picture(&page, "calendar").await?;

    let saved = stage.admin.get("/api/v1/calendars/uk").await?.expect(200)?;
    let hours = |day: &str| saved["hours"][day].clone();
    ensure!(hours("saturday") == json!([{ "from": "10:00", "to": "14:00" }]), "{saved:#}");
    ensure!(hours("tuesday") == json!([{ "from": "07:00", "to": "15:00" }]), "{saved:#}");
    ensure!(hours("monday").as_array().map(Vec::len) == Some(2), "{saved:#}");
    ensure!(saved["holidays"].as_array().is_some_and(|all| !all.is_empty()), "{saved:#}");
    page.click(".crumb").await?;
    page.wait_for("[data-row=uk] >> Sat 10:00–14:00").await?;
    picture(&page, "calendars").await?;
    a_team_takes_it(&stage, &browser).await?;
    page.assert_no_console_errors()?;
    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&format!("{}/calendars", stage.server.url())).await?;
    phone.wait_for("[data-row=standard]").await?;
    let tall =
        "document.querySelector('[data-row=standard] strong').getBoundingClientRect().height";
    let tall = phone.evaluate(tall).await?;
    ensure!(tall.as_f64().is_some_and(|tall| tall < 30.0), "a name is broken into {tall} pixels");
    picture(&phone, "calendars-phone").await?;
    must_fit_a_phone(&phone).await
}

/// An administrator gives a team the calendar, which is then not deleted under it.
async fn a_team_takes_it(stage: &Stage, browser: &Browser) -> Result<()> {
    let page = visit(browser, &stage.server, ADMIN, Screen::DESKTOP).await?;
    page.goto(&format!("{}/calendars", stage.server.url())).await?;
    let chosen = "[data-section=teams] select";
    page.wait_for(chosen).await?;
    page.choose(chosen, "uk").await?;
    page.wait_for(".toast >> calendar is saved.").await?;
    picture(&page, "calendars-of-teams").await?;
    let teams = stage.admin.get("/api/v1/teams").await?.expect(200)?;
    ensure!(teams["items"][0]["calendar"] == "uk", "{teams:#}");
    let kept = stage.admin.delete("/api/v1/calendars/uk").await?.expect(409)?;
    ensure!(kept["detail"].as_str().is_some_and(|detail| detail.contains("keeps it")), "{kept:#}");
    let reserved = json!({ "name": "team", "time_zone": "UTC", "hours": {} });
    stage.admin.post("/api/v1/calendars", &reserved).await?.expect(422)?;
    page.choose(chosen, "the journey").await?;
    page.wait_until(
        "the team keeps none",
        "document.querySelector('[data-section=teams] select')?.value === ''",
    )
    .await?;
    page.assert_no_console_errors()
}

async fn import(page: &Page) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("uk.ics");
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20211225\r\n\
        RRULE:FREQ=YEARLY\r\nSUMMARY:Christmas Day\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Some day\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";
    std::fs::write(&file, ics)?;
    page.click("[data-action=import-holidays]").await?;
    page.choose_file("#field-ics", &file).await?;
    page.click("[data-action=confirm-import]").await?;
    page.wait_for("[data-state=left-out] >> holidays are added.").await?;
    page.wait_for("[data-state=left-out] li >> Some day").await?;
    picture(page, "import-holidays").await?;
    must_fit_a_phone_too(page, "import-holidays-phone").await?;
    page.click("[data-action=close-dialog]").await?;
    page.wait_for("[data-row=holiday-0]").await
}

/// The same page on a phone.
async fn must_fit_a_phone_too(page: &Page, name: &str) -> Result<()> {
    page.resize(Screen::PHONE).await?;
    picture(page, name).await?;
    must_fit_a_phone(page).await?;
    page.resize(Screen::DESKTOP).await
}

/// A second version: one step more, one end less.
async fn publish_another(admin: &Client, journey: &str) -> Result<()> {
    let path = format!("/api/v1/journeys/{journey}/draft");
    let mut draft = admin.get(&path).await?.expect(200)?;
    let nodes = draft["nodes"].as_array_mut().context("a draft has nodes")?;
    nodes.retain(|node| node["id"] != "watch");
    let thank = json!({
        "id": "thank", "kind": "milestone", "name": "Say thanks", "milestone": "thanked",
        "position": { "x": 910, "y": 380 },
    });
    nodes.push(thank);
    let edges = draft["edges"].as_array_mut().context("a draft has edges")?;
    for edge in edges.iter_mut().filter(|edge| edge["to"] == "watch") {
        edge["to"] = Value::from("thank");
    }
    edges.push(json!({ "id": "e7", "from": "thank", "to": "done" }));
    let request = admin.request(Method::PUT, &path).header("if-match", "*").json(&draft);
    admin.send(request).await?.expect(204)?;
    let path = format!("/api/v1/journeys/{journey}/versions");
    admin.post(&path, &json!({ "mode": "live" })).await?.expect(201).map(drop)
}
