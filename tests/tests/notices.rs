//! What a journey tells people inside the product: a real ladder is climbed, and those it names find out.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::cdp::{Browser, Page, Screen};
use tests::server::{DESIGNER, MEMBER, PASSWORD, Person};
use tests::stage::{Stage, TEAM};
use tests::visit::{must_fit_a_phone, picture, visit};
use tokio::time::{Instant, sleep};

/// Leads the team without being of it.
const LEAD: Person = Person { email: "lena@example.com", name: "Lena Lead", role: "member" };
/// The number of the navigation.
const UNSEEN: &str = "[data-action=go-notices] [data-field=unseen]";
/// More than one page of notices shows.
const MANY: usize = 51;

/// A stage with the lead and an account.
async fn stage() -> Result<Stage> {
    let stage = Stage::set().await?;
    let lead =
        json!({ "email": LEAD.email, "name": LEAD.name, "role": LEAD.role, "password": PASSWORD });
    stage.admin.post("/api/v1/users", &lead).await?.expect(201)?;
    let account = json!({ "external_id": "A1", "name": "Acme" });
    stage.admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    Ok(stage)
}

fn node(id: &str, kind: &str, name: &str, more: &Value) -> Value {
    let mut node = json!({ "id": id, "kind": kind, "name": name });
    for (member, value) in more.as_object().into_iter().flatten() {
        node[member] = value.clone();
    }
    node
}

/// A call that nobody makes: the team is reminded, the lead told, and then the lead has it.
fn renewal() -> Value {
    let (team, lead) =
        (json!({ "rule": "team", "team": TEAM }), json!({ "rule": "user", "user": LEAD.email }));
    let call = json!({
        "title": "Call {{ account.name }} about the renewal", "owner": team,
        "sla": { "due": "PT4S", "warn_at": 0.5, "escalation": [
            { "at": "warning", "do": "remind", "to": team },
            { "at": "breach", "do": "notify", "to": lead },
            { "at": "PT12S", "do": "reassign", "to": lead },
        ] },
        "outcomes": [{ "id": "done", "label": "Done" }],
    });
    json!({
        "format": 1, "name": "Renewal",
        "nodes": [
            node("start", "trigger", "Start", &json!({ "on": { "type": "manual" } })),
            node("call", "task", "Call", &call),
            node("end", "end", "Renewed", &json!({ "outcome": "renewed" })),
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "call" },
            { "id": "e2", "from": "call", "port": "done", "to": "end" },
        ],
    })
}

/// Tells the team, and is over.
fn news() -> Value {
    let tell = json!({ "channel": "app", "to": { "rule": "team", "team": TEAM },
        "subject": "{{ account.name }} signed", "body": "Say hello within a week." });
    json!({
        "format": 1, "name": "News",
        "nodes": [
            node("start", "trigger", "Start", &json!({ "on": { "type": "manual" } })),
            node("tell", "notify", "Tell the team", &tell),
            node("end", "end", "Told", &json!({ "outcome": "told" })),
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "tell" },
            { "id": "e2", "from": "tell", "to": "end" },
        ],
    })
}

/// Publishes a journey and gives its id.
async fn publish(stage: &Stage, mut draft: Value) -> Result<String> {
    let nodes = draft["nodes"].as_array_mut().context("nodes")?;
    for (at, node) in nodes.iter_mut().enumerate() {
        node["position"] = json!({ "x": at * 290, "y": 0 });
    }
    let body = json!({ "name": draft["name"], "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?.to_owned();
    let path = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&path, &json!({ "mode": "live" })).await?.expect(201)?;
    Ok(journey)
}

/// Waits until the ladder was climbed to its end.
async fn wait_for_the_lead(stage: &Stage) -> Result<()> {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let tasks = stage.admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
        if tasks["items"][0]["offered_to"] == LEAD.email {
            return Ok(());
        }
        ensure!(Instant::now() < until, "nobody gave the task to the lead: {tasks}");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_an_escalation_names_finds_out_while_they_are_at_work() -> Result<()> {
    let stage = stage().await?;
    let journey = publish(&stage, renewal()).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, LEAD, Screen::DESKTOP).await?;
    page.click("nav a[href='/notices']").await?;
    page.wait_for("[data-page=notices] [data-state=empty]").await?;
    picture(&page, "notices-empty").await?;
    page.click("nav a[href='/']").await?;
    page.wait_for("[data-page=home]").await?;
    ensure!(page.count(UNSEEN).await? == 0, "there is nothing to see");

    let instance = stage.start(&journey, "A1").await?;
    page.wait_for(&format!("{UNSEEN} >> 1")).await?;
    let said = page.text("[data-action=go-notices]").await?;
    ensure!(said.split_whitespace().collect::<Vec<_>>() == ["Notices", "1", "unseen"], "{said}");
    picture(&page, "notices-count").await?;
    page.evaluate("document.querySelector('[data-action=go-notices]').focus()").await?;
    page.press("Enter", tests::cdp::Modifiers::NONE).await?;
    page.wait_for("[data-page=notices] [data-new=true] >> Call Acme about the renewal").await?;
    page.wait_for("[data-page=notices] [data-row] >> To you").await?;
    page.wait_until_gone(UNSEEN).await?;
    ensure!(page.shows("[data-field=new]").await?, "it stays marked while it is looked at");

    wait_for_the_lead(&stage).await?;
    page.wait_for("[data-page=notices] a[href^='/tasks/'] >> Still to do").await?;
    picture(&page, "notices").await?;
    page.click("[data-page=notices] [data-row] a").await?;
    page.wait_for("[data-page=task] [data-field=holder] >> Claimed by you").await?;
    let task = page.url().await?;
    picture(&page, "task-for-you").await?;
    page.click("nav a[href='/notices']").await?;
    page.wait_for("[data-page=notices] [data-new=false]").await?;
    page.assert_no_console_errors()?;

    let other = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    other.goto(&task).await?;
    other.wait_for("[data-field=holder] >> Claimed by Lena Lead").await?;
    picture(&other, "task-for-a-person").await?;
    other.goto(&format!("{}/instances/{instance}", stage.server.url())).await?;
    for line in ["reminded team onboarding", "told Lena Lead", "given to Lena Lead"] {
        other.wait_for(&format!(".timeline .what >> “Call” was escalated: {line}")).await?;
    }
    picture(&other, "timeline-escalations").await?;
    other.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_reads_what_it_was_told_on_a_phone() -> Result<()> {
    let stage = stage().await?;
    let news = publish(&stage, news()).await?;
    let mut last = String::new();
    for _ in 0..MANY {
        last = stage.start(&news, "A1").await?;
    }
    let journey = publish(&stage, renewal()).await?;
    stage.start(&journey, "A1").await?;
    wait_for_the_lead(&stage).await?;
    let browser = Browser::launch().await?;
    let phone = visit(&browser, &stage.server, MEMBER, Screen::PHONE).await?;
    phone.wait_for(&format!("{UNSEEN} >> {}", MANY + 1)).await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "notices-count-phone").await?;
    phone.tap("[data-action=go-notices]").await?;
    phone
        .wait_for("[data-page=notices] [data-new=true] >> Acme signed: Say hello within a week.")
        .await?;
    phone.wait_for("[data-page=notices] [data-row] >> To team onboarding").await?;
    phone.wait_until_gone(UNSEEN).await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "notices-phone").await?;
    phone.tap("[data-action=more-notices]").await?;
    wait_for_rows(&phone, MANY + 1).await?;
    phone.wait_until_gone("[data-action=more-notices]").await?;
    phone.reload().await?;
    phone.wait_for("[data-page=notices] [data-new=false]").await?;
    ensure!(phone.count("[data-new=true]").await? == 0, "all of it was seen");
    phone.tap(&format!("[data-page=notices] a[href='/instances/{last}']")).await?;
    phone.wait_for(".timeline .what >> “Tell the team” told team onboarding").await?;
    phone.wait_for(".timeline .more >> Acme signed: Say hello within a week.").await?;
    let near = "document.querySelector('.timeline').scrollIntoView({ block: 'center' })";
    phone.evaluate(near).await?;
    picture(&phone, "timeline-told-phone").await?;
    phone.resize(Screen::SMALL_PHONE).await?;
    phone.tap("[data-action=go-notices]").await?;
    phone.wait_for("[data-page=notices] [data-row]").await?;
    must_fit_a_phone(&phone).await?;
    picture(&phone, "notices-small-phone").await?;
    phone.assert_no_console_errors()
}

async fn wait_for_rows(phone: &Page, count: usize) -> Result<()> {
    let rows = "document.querySelectorAll('[data-page=notices] [data-row]').length";
    phone.wait_until(&format!("{count} notices are listed"), &format!("{rows} === {count}")).await
}
