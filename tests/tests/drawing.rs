//! What stands beside the drawing: how a problem comes about, and the hooks that other systems call.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::DESIGNER;
use tests::stage::Stage;
use tests::visit::{must_fit_a_phone, picture, visit};

async fn journey(stage: &Stage, draft: &Value) -> Result<String> {
    let made = json!({ "name": draft["name"], "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    made["id"].as_str().map(str::to_owned).context("a journey has an id")
}

/// Whoever is not greeted is counted round and round.
fn round_and_round() -> Value {
    let node = |id: &str, kind: &str, name: &str, x: i64, y: i64| json!({ "id": id, "kind": kind, "name": name, "position": { "x": x, "y": y } });
    let mut start = node("start", "trigger", "A customer asks", 0, 100);
    start["on"] = json!({ "type": "manual" });
    let choose = node("choose", "decision", "Are they new?", 250, 100);
    let mut nap = node("nap", "wait", "Wait a day", 500, 60);
    nap["for"] = json!("P1D");
    let mut again = node("again", "milestone", "Count the round", 750, 60);
    again["milestone"] = json!("round");
    let mut done = node("done", "end", "Greeted", 500, 220);
    done["outcome"] = json!("greeted");
    let edge = |id: &str, from: &str, to: &str| json!({ "id": id, "from": from, "to": to });
    let mut old = edge("e2", "choose", "nap");
    old["when"] = json!("account.segment == 'old'");
    old["label"] = json!("They are old");
    let mut new = edge("e3", "choose", "done");
    new["port"] = json!("default");
    json!({
        "format": 1, "name": "Round and round",
        "nodes": [start, choose, nap, again, done],
        "edges": [
            edge("e1", "start", "choose"), old, new,
            edge("e4", "nap", "again"), edge("e5", "again", "nap"),
        ],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_shows_step_by_step_how_it_comes_about() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = journey(&stage, &round_and_round()).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    Canvas::on(&page).await?;
    page.wait_for("[data-action=problems] >> error").await?;
    page.click("[data-action=problems]").await?;
    let problem = "[data-problem-code=no-way-to-end]";
    page.click(&format!("{problem} [data-action=show-walk]")).await?;
    page.wait_for("[data-stop=start][aria-current=step] >> It begins at “A customer asks”.")
        .await?;
    page.wait_for("[data-node=start].selected").await?;

    page.click("[data-action=walk-on]").await?;
    page.wait_for("[data-stop=choose][aria-current=step] >> opens the journey").await?;
    page.wait_for("[data-node=choose].selected").await?;
    page.click("[data-stop=choose]").await?;
    page.press("ArrowDown", Modifiers::NONE).await?;
    page.wait_for("[data-stop=nap][aria-current=step] >> chooses “They are old”").await?;
    page.wait_for("[data-node=nap].selected").await?;
    must_be_in_the_open(&page, "nap").await?;
    let before = place(&stage, &journey, "nap").await?;
    page.press("ArrowUp", Modifiers::NONE).await?;
    page.wait_for("[data-field=walk-at] >> Step 2 of").await?;
    ensure!(place(&stage, &journey, "nap").await? == before, "the arrow keys moved a step");
    picture(&page, "walk").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-field=walk]").await?;
    page.assert_no_console_errors()?;

    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    phone.tap("[data-action=problems]").await?;
    phone.tap(&format!("{problem} [data-action=show-walk]")).await?;
    phone.tap("[data-action=walk-on]").await?;
    phone.wait_for("[data-stop=choose][aria-current=step]").await?;
    picture(&phone, "walk-phone").await?;
    must_fit_a_phone(&phone).await
}

/// Nothing lies over the card.
async fn must_be_in_the_open(page: &Page, node: &str) -> Result<()> {
    let look = format!(
        "(card => {{ const box = card.getBoundingClientRect(); \
         return card.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)) }})\
         (document.querySelector('[data-node={node}]'))"
    );
    ensure!(page.evaluate(&look).await? == true, "something lies over {node}");
    Ok(())
}

async fn place(stage: &Stage, journey: &str, node: &str) -> Result<Value> {
    let draft = stage.admin.get(&format!("/api/v1/journeys/{journey}/draft")).await?.expect(200)?;
    let nodes = draft["nodes"].as_array().context("a draft has nodes")?;
    let found = nodes.iter().find(|one| one["id"] == node).context("the node is there")?;
    Ok(found["position"].clone())
}

/// Fails unless what `inner` names lies within what `outer` names.
async fn must_lie_within(page: &Page, inner: &str, outer: &str) -> Result<()> {
    let look = format!(
        "(([inner, outer]) => inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom)\
         ([{}, {}].map((name) => document.querySelector(name).getBoundingClientRect()))",
        json!(inner),
        json!(outer)
    );
    ensure!(page.evaluate(&look).await? == true, "{inner} is not within {outer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_laptop_the_tools_keep_to_the_stage_and_the_menu_to_its_button() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = journey(&stage, &round_and_round()).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    Canvas::on(&page).await?.choose("nap").await?;
    must_lie_within(&page, ".jc-toolbar", "[data-canvas=stage]").await?;
    must_lie_within(&page, "[data-problems-count]", ".jc-toolbar").await?;
    picture(&page, "canvas-laptop").await?;

    page.evaluate(
        "(() => { const board = new DataTransfer(); board.setData('text/plain', 'some words'); \
         document.querySelector('[data-canvas=stage]').dispatchEvent(new ClipboardEvent('paste', { clipboardData: board, bubbles: true })); })()",
    )
    .await?;
    page.wait_for(".toast >> There is nothing of a journey on the clipboard").await?;

    page.click("[data-action=more]").await?;
    page.wait_for("#journey-more [data-action=why]").await?;
    let place = "(([menu, button]) => [menu.width, button.bottom - menu.top, button.right - menu.right].map(Math.abs))\
                 (['#journey-more', '[data-action=more]'].map((name) => document.querySelector(name).getBoundingClientRect()))";
    let place: Vec<f64> = serde_json::from_value(page.evaluate(place).await?)?;
    ensure!(place[0] < 400.0 && place[1] < 40.0 && place[2] < 300.0, "{place:?}");
    picture(&page, "journey-more").await?;
    page.click("#journey-more [data-action=hooks]").await?;
    page.wait_for("[data-dialog=hooks]").await?;
    let is_open = page.evaluate("document.querySelector('#journey-more').matches(':popover-open')");
    ensure!(is_open.await? == false, "the menu is closed after a choice");
    page.assert_no_console_errors()
}

/// Has kinds offered on the empty ground, with the keyboard in their search.
async fn offer_kinds(page: &Page, canvas: &Canvas<'_>) -> Result<()> {
    page.double_click_at(canvas.corner().await?.moved(120.0, 620.0)).await?;
    let has = "document.activeElement.matches('.jc-offer-search')";
    page.wait_until("the search has the keyboard", has).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_is_back_at_the_canvas_after_kinds_were_offered() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = journey(&stage, &round_and_round()).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    let canvas = Canvas::on(&page).await?;
    page.wait_for("[data-node=nap]").await?;
    offer_kinds(&page, &canvas).await?;
    page.type_text("note").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_for("[data-node=note1]").await?;
    canvas.must_have_the_keyboard().await?;
    page.press("z", Modifiers::CONTROL).await?;
    page.wait_until_gone("[data-node=note1]").await?;
    offer_kinds(&page, &canvas).await?;
    page.press("Escape", Modifiers::NONE).await?;
    canvas.must_have_the_keyboard().await?;
    page.press("z", Modifiers::CONTROL.and(Modifiers::SHIFT)).await?;
    page.wait_for("[data-node=note1]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_drawn_amid_a_slow_save_arrives_though_the_page_is_left() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = journey(&stage, &round_and_round()).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    let canvas = Canvas::on(&page).await?;
    page.answer_after(Duration::from_secs(2)).await?;
    canvas.place("note", 200.0, 640.0).await?;
    // The save begins once drawing rests.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    canvas.place("note", 500.0, 640.0).await?;
    page.click("[data-action=go-journeys]").await?;
    page.wait_until_gone("[data-canvas=stage]").await?;
    page.back().await?;
    page.wait_for("[data-node=note2]").await?;
    page.answer_after(Duration::ZERO).await?;
    canvas.wait_until_saved().await?;
    ensure!(!page.shows("[data-action=keep-mine]").await?, "in conflict with oneself");
    place(&stage, &journey, "note2").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_is_made_beside_its_trigger_and_its_secret_is_shown_once() -> Result<()> {
    let stage = Stage::set().await?;
    let mut draft = round_and_round();
    draft["nodes"][0]["on"] = json!({ "type": "webhook", "hook": "new-customer", "signed": true });
    let journey = journey(&stage, &draft).await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    Canvas::on(&page).await?.choose("start").await?;
    page.click("[data-inspector=start] [data-action=hooks]").await?;
    page.wait_for("[data-dialog=hooks] [data-state=empty]").await?;
    ensure!(page.value("#field-slug").await? == "new-customer", "the trigger's name is taken over");
    page.click("[data-action=create-hook]").await?;
    let secret = page.value("[data-state=hook-made] #field-hook-secret").await?;
    ensure!(secret.starts_with("whsec_"), "{secret}");
    let address = page.value("[data-state=hook-made] #field-hook-address").await?;
    ensure!(address == format!("{}/hooks/new-customer", stage.server.url()), "{address}");
    page.wait_for("[data-dialog=hooks] [data-row=new-customer] .chip >> Signed").await?;
    page.click("[data-action=copy-hook-secret]").await?;
    page.wait_for(".toast").await?;
    page.wait_until_gone("[data-form=new-hook]").await?;
    picture(&page, "hooks").await?;
    page.click("[data-action=close-dialog]").await?;

    let phone = visit(&browser, &stage.server, DESIGNER, Screen::PHONE).await?;
    phone.goto(&format!("{}/journeys/{journey}", stage.server.url())).await?;
    phone.tap("[data-action=more]").await?;
    phone.wait_for("#journey-more [data-action=why]").await?;
    picture(&phone, "journey-more-phone").await?;
    must_fit_a_phone(&phone).await?;
    phone.tap("#journey-more [data-action=hooks]").await?;
    phone.wait_for("[data-dialog=hooks] [data-row=new-customer]").await?;
    ensure!(!phone.shows("#field-hook-secret").await?, "the secret is shown again");
    picture(&phone, "hooks-phone").await?;
    must_fit_a_phone(&phone).await?;
    phone.tap("[data-action=delete-hook]").await?;
    phone.tap("[data-action=confirm-delete-hook]").await?;
    phone.wait_for("[data-dialog=hooks] [data-state=empty]").await?;
    phone.tap("[data-action=close-dialog]").await?;
    phone.tap("[data-action=more]").await?;
    phone.tap("#journey-more [data-action=why]").await?;
    phone.wait_for("[data-page=why]").await?;
    phone.assert_no_console_errors()?;
    page.assert_no_console_errors()
}
