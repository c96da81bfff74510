//! The main job, end to end, with nothing but hands: a designer draws and publishes a journey and starts it, a member
//! does the task on a phone, the connector reaches the CRM, the instance ends in front of the designer's eyes.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::{ADMIN, Client, DESIGNER, MEMBER};
use tests::stage::{Stage, TEAM};
use tests::telco;
use tests::visit::{picture, visit};

/// A customer whose monthly charges make it high-value.
const CUSTOMER: &str = "9305-CDSKC";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawn_journey_runs_from_the_first_stroke_to_the_crm() -> Result<()> {
    let stage = Stage::set().await?;
    telco::import(&stage.server, &telco::table())?;
    let browser = Browser::launch().await?;
    let designer = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;

    see_a_journey_made(&designer, "Check in with the customer").await?;
    let canvas = Canvas::on(&designer).await?;
    draw_the_steps(canvas).await?;
    connect_the_steps(canvas).await?;
    undo_and_redo_by_keys(&designer, canvas).await?;
    pan_and_zoom(&designer, canvas).await?;
    fill_in_the_task(&designer, canvas).await?;
    fill_in_the_decision(canvas).await?;
    see_the_problem_and_mend_it(&designer, canvas).await?;
    show_the_drawing(&designer, canvas).await?;

    publish(&designer).await?;
    let instance = start_for_the_customer(&designer, "start").await?;
    do_the_task_on_a_phone(&browser, &stage, "readme-task").await?;
    see_it_end(&designer).await?;
    ensure!(calls_of_the_crm(&stage).await? == 1, "the CRM was called more than once");

    uninstall_the_connector(&browser, &stage).await?;
    go_to_the_journey(&designer).await?;
    let next = start_for_the_customer(&designer, "start-again").await?;
    ensure!(next != instance, "a new instance has an id of its own");
    do_the_task_on_a_phone(&browser, &stage, "phone-second").await?;
    see_the_incident(&designer).await?;
    ensure!(calls_of_the_crm(&stage).await? == 1, "an uninstalled connector called the CRM");
    designer.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_who_draw_the_same_journey_lose_nothing() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let one = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    make_a_journey(&one, "Drawn by two").await?;
    let first = Canvas::on(&one).await?;
    first.place("trigger", 200.0, 200.0).await?;
    first.wait_until_saved().await?;
    let other = visit(&browser, &stage.server, ADMIN, Screen::DESKTOP).await?;
    other.goto(&one.url().await?).await?;
    let second = Canvas::on(&other).await?;

    first.place("task", 500.0, 200.0).await?;
    first.wait_until_saved().await?;
    second.place("end", 500.0, 400.0).await?;
    see_the_conflict(&other, "Only in yours: “Done”.", "Only in theirs: “New task”.").await?;
    picture(&other, "conflict").await?;
    other.reload().await?;
    see_the_conflict(&other, "Only in yours: “Done”.", "Only in theirs: “New task”.").await?;
    wait_for_the_nodes(&other, &["end1", "trigger1"]).await?;

    other.click("[data-action=keep-mine]").await?;
    second.wait_until_saved().await?;
    second.press("z", Modifiers::CONTROL).await?;
    wait_for_the_nodes(&other, &["task1", "trigger1"]).await?;
    second.press("z", Modifiers::CONTROL.and(Modifiers::SHIFT)).await?;
    wait_for_the_nodes(&other, &["end1", "trigger1"]).await?;
    second.wait_until_saved().await?;

    first.place("note", 200.0, 400.0).await?;
    one.click("[data-action=take-theirs]").await?;
    wait_for_the_nodes(&one, &["end1", "trigger1"]).await?;
    first.press("z", Modifiers::CONTROL).await?;
    wait_for_the_nodes(&one, &["note1", "task1", "trigger1"]).await?;
    first.wait_until_saved().await?;
    one.reload().await?;
    wait_for_the_nodes(&one, &["note1", "task1", "trigger1"]).await?;
    one.assert_no_console_errors()?;
    other.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_drawn_a_moment_before_leaving_the_page_is_there_again() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    make_a_journey(&page, "Left at once").await?;
    let canvas = Canvas::on(&page).await?;
    canvas.place("trigger", 200.0, 200.0).await?;
    page.reload().await?;
    wait_for_the_nodes(&page, &["trigger1"]).await?;
    Canvas::on(&page).await?.place("end", 500.0, 200.0).await?;
    page.click("nav a[href='/journeys']").await?;
    page.click("[data-page=journeys] a >> Left at once").await?;
    wait_for_the_nodes(&page, &["end1", "trigger1"]).await?;
    canvas.wait_until_saved().await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drawing_that_was_overtaken_is_not_published() -> Result<()> {
    let stage = Stage::set().await?;
    let address = format!("/journeys/{}", stage.publish("simple").await?);
    let browser = Browser::launch().await?;
    let one = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    let other = visit(&browser, &stage.server, ADMIN, Screen::DESKTOP).await?;
    for page in [&one, &other] {
        page.goto(&format!("{}{address}", stage.server.url())).await?;
        Canvas::on(page).await?.wait_until_saved().await?;
    }
    let canvas = Canvas::on(&one).await?;
    canvas.choose("call").await?;
    canvas.write("/name", "Call them").await?;
    canvas.wait_until_saved().await?;

    other.click("[data-action=publish]").await?;
    other.click("[data-action=confirm-publish]").await?;
    other.wait_for("[data-dialog=publish] [data-state=problem]").await?;
    picture(&other, "publish-overtaken").await?;
    other.press("Escape", Modifiers::NONE).await?;
    other.wait_for("[data-save][data-state=conflict]").await?;
    let versions = stage.admin.get(&format!("/api/v1{address}/versions")).await?.expect(200)?;
    ensure!(versions["items"].as_array().is_some_and(|all| all.len() == 1), "{versions}");
    Ok(())
}

async fn see_the_conflict(page: &Page, mine: &str, theirs: &str) -> Result<()> {
    page.wait_for("[data-save][data-state=conflict]").await?;
    for line in [mine, theirs] {
        page.wait_for(&format!("[data-state=conflict] li >> {line}")).await?;
    }
    Ok(())
}

/// Waits until exactly these nodes are drawn, in the order of their ids.
async fn wait_for_the_nodes(page: &Page, ids: &[&str]) -> Result<()> {
    let drawn =
        "[...document.querySelectorAll('[data-node]')].map(node => node.dataset.node).sort()";
    let condition = format!("{drawn}.join() === '{}'", ids.join(","));
    page.wait_until(&format!("{ids:?} are drawn"), &condition).await
}

async fn make_a_journey(page: &Page, name: &str) -> Result<()> {
    go_to_the_empty_list(page).await?;
    name_a_journey(page, name).await?;
    create_the_journey(page).await
}

/// Makes a journey and keeps pictures of each step.
async fn see_a_journey_made(page: &Page, name: &str) -> Result<()> {
    go_to_the_empty_list(page).await?;
    picture(page, "journeys-empty").await?;
    name_a_journey(page, name).await?;
    picture(page, "journeys-new").await?;
    create_the_journey(page).await?;
    picture(page, "canvas-empty").await
}

async fn go_to_the_empty_list(page: &Page) -> Result<()> {
    page.click("nav a[href='/journeys']").await?;
    page.wait_for("[data-page=journeys] [data-state=empty]").await
}

async fn name_a_journey(page: &Page, name: &str) -> Result<()> {
    page.click("[data-action=new-journey]").await?;
    page.fill("[data-dialog=new-journey] #field-name", name).await
}

async fn create_the_journey(page: &Page) -> Result<()> {
    page.click("[data-action=create-journey]").await?;
    page.wait_for("[data-page=journey] [data-canvas=stage]").await
}

/// Two rows, as they fit on a laptop.
async fn draw_the_steps(canvas: Canvas<'_>) -> Result<()> {
    for (kind, right, down) in [
        ("trigger", 150.0, 130.0),
        ("task", 420.0, 130.0),
        ("decision", 150.0, 330.0),
        ("action", 420.0, 330.0),
        ("end", 420.0, 540.0),
    ] {
        canvas.place(kind, right, down).await?;
    }
    Ok(())
}

async fn connect_the_steps(canvas: Canvas<'_>) -> Result<()> {
    for (port, to) in [
        ("trigger1:out", "task1"),
        ("task1:done", "decision1"),
        ("decision1:out", "action1"),
        ("decision1:default", "end1"),
        ("action1:out", "end1"),
    ] {
        canvas.connect(port, to).await?;
    }
    canvas.wait_until_saved().await
}

async fn undo_and_redo_by_keys(page: &Page, canvas: Canvas<'_>) -> Result<()> {
    let edges = |count: u32| {
        format!("document.querySelectorAll('[data-edge] .jc-edge-line').length === {count}")
    };
    canvas.press("z", Modifiers::CONTROL).await?;
    page.wait_until("the last edge is undone", &edges(4)).await?;
    canvas.press("z", Modifiers::CONTROL).await?;
    page.wait_until("the edge before is undone", &edges(3)).await?;
    canvas.press("z", Modifiers::CONTROL.and(Modifiers::SHIFT)).await?;
    canvas.press("z", Modifiers::CONTROL.and(Modifiers::SHIFT)).await?;
    page.wait_until("both are drawn again", &edges(5)).await?;
    canvas.wait_until_saved().await
}

async fn pan_and_zoom(page: &Page, canvas: Canvas<'_>) -> Result<()> {
    let ground = canvas.corner().await?.moved(40.0, 620.0);
    let before = canvas.place_of("trigger1").await?;
    page.drag_between(ground, ground.moved(60.0, -40.0), 10).await?;
    let after = canvas.place_of("trigger1").await?;
    ensure!(after == before.moved(60.0, -40.0), "panned from {before:?} to {after:?}");

    page.wheel(ground, 120.0).await?;
    page.wait_until(
        "the wheel made everything smaller",
        "parseInt(document.querySelector('[data-action=zoom-reset]').innerText) < 100",
    )
    .await?;
    canvas.press("1", Modifiers::NONE).await?;
    page.click("[data-action=zoom-reset]").await?;
    page.wait_for("[data-action=zoom-reset] >> 100 %").await
}

async fn fill_in_the_task(page: &Page, canvas: Canvas<'_>) -> Result<()> {
    canvas.press("1", Modifiers::NONE).await?;
    canvas.choose("task1").await?;
    canvas.write("/name", "Call the customer").await?;
    canvas.write("/title", "Check in with {{ account.name }}").await?;
    canvas.write("/instructions", "Ask how things are going and write down what you hear.").await?;
    canvas.pick("/owner/rule", "A team").await?;
    canvas.pick("/owner/team", TEAM).await?;
    canvas.write("/form/new", "Summary").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.click("[data-field='/form/0/required']").await?;
    canvas.write("/form/new", "Next call").await?;
    page.press("Enter", Modifiers::NONE).await?;
    canvas.pick("/form/1/type", "Date").await?;
    canvas.write("/outcomes/new", "Nobody answers").await?;
    page.press("Enter", Modifiers::NONE).await?;
    canvas.connect("task1:nobody_answers", "end1").await?;
    picture(page, "canvas-task").await
}

async fn fill_in_the_decision(canvas: Canvas<'_>) -> Result<()> {
    canvas.choose("decision1").await?;
    canvas.write("/name", "High value?").await?;
    canvas.write("edge3/when", "account.segment == 'high-value'").await?;
    canvas.write("edge3/label", "High value").await
}

async fn see_the_problem_and_mend_it(page: &Page, canvas: Canvas<'_>) -> Result<()> {
    page.wait_for("[data-problem=action1]").await?;
    ensure!(canvas.problems().await? > 0, "the toolbar counts the action's problems");
    page.click("[data-action=problems]").await?;
    picture(page, "canvas-problems").await?;
    page.click("[data-action=publish]").await?;
    page.wait_for("[data-dialog=publish] [data-state=obstacles]").await?;
    picture(page, "publish-obstacles").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-dialog=publish]").await?;
    page.click("[data-problem-code=missing-member] >> connection").await?;
    page.wait_for("[data-inspector=action1]").await?;
    page.click("[data-action=problems]").await?;
    canvas.write("/name", "Write a note in the CRM").await?;
    canvas.pick("/connection", "crm").await?;
    canvas.pick("/operation", "Add a note to a customer").await?;
    canvas.write("/input/id", "account.external_id").await?;
    canvas.write("/input/text", "nodes.task1.form.summary").await?;
    // What is left is a hint: a failed call becomes an incident.
    canvas.wait_for_problems(1).await?;
    canvas.wait_until_saved().await
}

async fn show_the_drawing(page: &Page, canvas: Canvas<'_>) -> Result<()> {
    page.click("[data-action=tidy]").await?;
    canvas.choose("action1").await?;
    canvas.wait_until_saved().await?;
    picture(page, "canvas-tidy").await?;
    page.resize(Screen::WIDE).await?;
    canvas.choose("task1").await?;
    page.click("[data-action=fit]").await?;
    page.hover(".journey-bar h1").await?;
    picture(page, "readme-canvas").await?;
    page.resize(Screen::DESKTOP).await
}

async fn publish(page: &Page) -> Result<()> {
    page.click("[data-action=publish]").await?;
    page.fill("[data-dialog=publish] #field-note", "First version").await?;
    picture(page, "publish").await?;
    page.click("[data-action=confirm-publish]").await?;
    page.wait_for("[data-page=journey] [data-state=live]").await?;
    page.click("[data-action=versions]").await?;
    page.wait_for("[data-dialog=versions] [data-row] >> First version").await?;
    picture(page, "versions").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-dialog=versions]").await
}

/// Gives the address of the new instance; keeps pictures of the dialog as `NAME` and of the instance as `NAME-running`.
async fn start_for_the_customer(page: &Page, name: &str) -> Result<String> {
    page.click("[data-action=start-journey]").await?;
    page.fill("[data-dialog=start] #field-account", CUSTOMER).await?;
    page.click(&format!("[data-action=choose-account] >> {CUSTOMER}")).await?;
    picture(page, name).await?;
    page.click("[data-dialog=start] [data-action=start]").await?;
    page.wait_for("[data-page=instance] [data-instance][data-state=running]").await?;
    page.wait_for("[data-page=instance] [data-wait=task]").await?;
    picture(page, &format!("{name}-running")).await?;
    page.url().await
}

async fn do_the_task_on_a_phone(browser: &Browser, stage: &Stage, name: &str) -> Result<()> {
    let phone = visit(browser, &stage.server, MEMBER, Screen::PHONE).await?;
    phone.tap("nav a[href='/inbox']").await?;
    phone.tap("[data-action=queue-team]").await?;
    phone.tap("[data-page=inbox] [data-row] >> Check in with").await?;
    phone.tap("[data-action=claim]").await?;
    phone.tap_and_type("#field-summary", "All is well, they want a second line.").await?;
    phone.wait_until_gone(".toast").await?;
    picture(&phone, name).await?;
    phone.tap("[data-action=complete] >> Done").await?;
    phone.wait_for("[data-page=task] [data-state=completed]").await?;
    picture(&phone, &format!("{name}-done")).await?;
    phone.assert_no_console_errors()
}

/// Without a reload: what happened comes over the stream.
async fn see_it_end(page: &Page) -> Result<()> {
    page.wait_for("[data-instance][data-state=ended]").await?;
    page.wait_for(".timeline li >> The journey ended").await?;
    for node in ["trigger1", "task1", "decision1", "action1", "end1"] {
        page.wait_for(&format!("[data-node={node}].visited")).await?;
    }
    picture(page, "instance-ended").await
}

async fn uninstall_the_connector(browser: &Browser, stage: &Stage) -> Result<()> {
    let page = visit(browser, &stage.server, ADMIN, Screen::DESKTOP).await?;
    page.click("nav a[href='/connectors']").await?;
    page.click("[data-connector=crm] [data-action=uninstall]").await?;
    page.click("[data-action=confirm-uninstall]").await?;
    page.wait_until_gone("[data-connector=crm]").await?;
    page.assert_no_console_errors()
}

async fn go_to_the_journey(page: &Page) -> Result<()> {
    page.click("nav a[href='/journeys']").await?;
    page.click("[data-page=journeys] a >> Check in with the customer").await?;
    page.wait_for("[data-page=journey] [data-state=live]").await
}

async fn see_the_incident(page: &Page) -> Result<()> {
    page.wait_for("[data-instance][data-state=incident]").await?;
    page.wait_for("[data-node=action1].stuck").await?;
    let words = page.text("[data-wait=incident] [data-field=failure]").await?;
    let want = "The connector 'crm' is not installed. Install it, then try again.";
    ensure!(words == want, "{words}");
    picture(page, "instance-incident").await
}

async fn calls_of_the_crm(stage: &Stage) -> Result<u64> {
    let counts = Client::new(stage.mock.url())?.get("/counts").await?.expect(200)?;
    let counts = counts.as_array().or(counts["items"].as_array()).context("counts are a list")?;
    let calls = |count: &Value| count["calls"].as_u64();
    counts.iter().map(|count| calls(count).context("a count of calls")).sum()
}
