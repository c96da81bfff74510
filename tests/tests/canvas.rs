//! Finding one's way about a large drawing, and putting it in order: the map, the search, the history, lines to stand in, the list of keys.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tests::accessible::must_be_accessible;
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Point, Screen};
use tests::server::DESIGNER;
use tests::stage::{Stage, TEAM, root};
use tests::visit::{must_fit_a_phone, picture, visit};

/// A page that shows a draft, whose journey is made for it.
async fn drawing(stage: &Stage, browser: &Browser, draft: &Value) -> Result<Page> {
    let made = json!({ "name": draft["name"], "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let id = made["id"].as_str().context("a journey has an id")?;
    let page = visit(browser, &stage.server, DESIGNER, Screen::DESK).await?;
    page.goto(&format!("{}/journeys/{id}", stage.server.url())).await?;
    page.wait_for("[data-node]").await?;
    Ok(page)
}

/// Three steps that stand about, and one between the first and the last of them that lines have to go around.
fn scattered() -> Value {
    let node = |id: &str, kind: &str, x: i64, y: i64| json!({ "id": id, "kind": kind, "name": format!("Step {id}"), "position": { "x": x, "y": y } });
    let mut start = node("start", "trigger", 0, 0);
    start["on"] = json!({ "type": "manual" });
    let mut first = node("first", "milestone", 300, 140);
    first["milestone"] = json!("one");
    let mut second = node("second", "milestone", 640, 330);
    second["milestone"] = json!("two");
    let mut end = node("end", "end", 640, 0);
    end["outcome"] = json!("done");
    let edge = |id: &str, from: &str, to: &str| json!({ "id": id, "from": from, "to": to });
    json!({
        "format": 1, "name": "Scattered",
        "nodes": [start, first, second, end],
        "edges": [edge("e1", "start", "first"), edge("e2", "first", "second"), edge("e3", "second", "end")],
    })
}

fn large() -> Result<Value> {
    let file = root().join("examples/bench/two-hundred.json");
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

async fn place_of_view(page: &Page) -> Result<Value> {
    page.evaluate("document.querySelector('.jc-world').style.transform").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_drawing_is_found_one_s_way_about() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let draft = large()?;
    let page = drawing(&stage, &browser, &draft).await?;
    let canvas = Canvas::on(&page).await?;
    let all = draft["nodes"].as_array().context("nodes")?;
    let drawn = page.count("[data-node]").await?;
    ensure!(drawn < all.len() as u64, "only what is near the view is in the page, not all {drawn}");

    let before = place_of_view(&page).await?;
    page.click("[data-tool=minimap]").await?;
    ensure!(place_of_view(&page).await? != before, "a press on the map moves the view");
    page.wait_for("[data-node]").await?;

    let last = all.last().context("a last node")?;
    let (id, name) =
        (last["id"].as_str().context("an id")?, last["name"].as_str().context("a name")?);
    canvas.press("f", Modifiers::CONTROL).await?;
    page.fill("[data-panel=find] input", name).await?;
    page.wait_for("[data-found]").await?;
    picture(&page, "canvas-find").await?;
    page.fill("[data-panel=find] input", id).await?;
    page.click(&format!("[data-found='{id}']")).await?;
    page.wait_for(&format!("[data-node='{id}'].selected")).await?;
    page.fill("[data-panel=find] input", "no step has this name").await?;
    page.wait_for("[data-panel=find] >> No step is called that.").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-panel=find]").await?;

    canvas.press("1", Modifiers::NONE).await?;
    // From far away the cards are shapes: nobody could read them.
    page.wait_for("[data-canvas=far]").await?;
    let cards = "[...document.querySelectorAll('[data-node]')].filter(card => card.checkVisibility()).length";
    ensure!(page.evaluate(cards).await? == 0, "no card is shown by itself");
    picture(&page, "canvas-large").await?;
    canvas.press("2", Modifiers::NONE).await?;
    page.wait_until_gone("[data-canvas=far]").await?;
    let shown = page.evaluate(cards).await?;
    ensure!(shown.as_u64().is_some_and(|shown| (1..100).contains(&shown)), "{shown} cards shown");
    page.assert_no_console_errors()
}

/// The middle of an edge's line.
async fn on_line(page: &Page, edge: &str) -> Result<Point> {
    let middle = format!(
        "(() => {{
            const line = document.querySelector('[data-edge={edge}] .jc-edge-line');
            const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
            return [at.x, at.y];
        }})()"
    );
    let at = page.evaluate(&middle).await?;
    let at = |place: usize| at[place].as_f64().context("a line has a middle");
    Ok(Point { x: at(0)?, y: at(1)? })
}

/// Chooses a line by a press that the stage gets, since the view moves; a press that comes too late for that is made again.
async fn pressed_while_the_view_moves(page: &Page) -> Result<()> {
    let note = "addEventListener('pointerdown', event => window.pressed = event.target.dataset.canvas ?? '', true)";
    page.evaluate(note).await?;
    for _ in 0..20 {
        page.press("Escape", Modifiers::NONE).await?;
        page.wait_until_gone(".jc .selected").await?;
        let line = on_line(page, "e2").await?;
        page.point_at(line).await?;
        page.wheel(line, 2.0).await?;
        page.press_at(line).await?;
        page.release_at(line).await?;
        if page.evaluate("window.pressed").await? == "stage" {
            return page.wait_for("[data-edge=e2].selected .jc-edge-tools").await;
        }
    }
    bail!("no press came while the view moved")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_pointed_at_takes_a_step_in_or_goes() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    let lines =
        |count: u64| format!("document.querySelectorAll('.jc-edge-line').length === {count}");
    ensure!(page.count("[data-tool=insert]").await? == 0, "nothing is pointed at");

    page.point_at(on_line(&page, "e3").await?).await?;
    page.wait_for("[data-edge=e3] [data-tool=insert]").await?;
    ensure!(page.count("[data-tool=insert]").await? == 1, "only one line is pointed at");
    picture(&page, "canvas-on-a-line").await?;
    page.click("[data-edge=e3] [data-tool=insert]").await?;
    page.click("[data-offer=wait]").await?;
    page.wait_until("the step has a way to it and one from it", &lines(4)).await?;

    page.point_at(on_line(&page, "e1").await?).await?;
    page.click("[data-edge=e1] [data-tool=delete]").await?;
    page.wait_until("the line is gone", &lines(3)).await?;

    pressed_while_the_view_moves(&page).await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_are_put_in_line_and_any_earlier_state_is_gone_back_to() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    let canvas = Canvas::on(&page).await?;

    canvas.press("a", Modifiers::CONTROL).await?;
    page.wait_for("[data-inspector=several] >> 4 steps chosen").await?;
    picture(&page, "canvas-line-up").await?;
    page.click("[data-action=line-left]").await?;
    page.wait_until("all stand below one another", "new Set([...document.querySelectorAll('[data-node]')].map(card => Math.round(card.getBoundingClientRect().left))).size === 1").await?;

    page.click("[data-action=history]").await?;
    page.wait_for("[data-panel=history] >> Line up left sides").await?;
    canvas.press("1", Modifiers::NONE).await?;
    canvas.choose("first").await?;
    canvas.press("Delete", Modifiers::CONTROL).await?;
    page.wait_until_gone("[data-node=first]").await?;
    page.wait_for("[data-panel=history] >> Delete and reconnect").await?;
    ensure!(page.count("[data-edge] .jc-edge-line").await? == 2, "what led to it leads on");
    picture(&page, "canvas-history").await?;
    page.click("[data-panel=history] button >> Line up left sides").await?;
    page.wait_for("[data-node=first]").await?;
    page.wait_for("[data-panel=history] .undone >> Delete and reconnect").await?;
    page.click("[data-panel=history] button >> Delete and reconnect").await?;
    page.wait_until_gone("[data-node=first]").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_keep_off_cards_and_the_keys_are_listed() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    let canvas = Canvas::on(&page).await?;
    let over = "[...document.querySelectorAll('.jc-edge-line')].some(line => {
        const matrix = line.getScreenCTM();
        const points = Array.from({ length: 200 }, (_, at) => line.getPointAtLength(line.getTotalLength() * at / 199).matrixTransform(matrix));
        return [...document.querySelectorAll('[data-node]')].map(card => card.getBoundingClientRect()).some(box =>
            points.some(point => point.x > box.left + 6 && point.x < box.right - 6 && point.y > box.top + 6 && point.y < box.bottom - 6));
    })";
    ensure!(page.evaluate(over).await? == false, "a line runs over a card");
    // A card that is put in the way of a line is gone around.
    let (first, end) = (canvas.place_of("first").await?, canvas.place_of("end").await?);
    page.drag_between(first.moved(30.0, 20.0), end.moved(-140.0, 180.0), 12).await?;
    ensure!(page.evaluate(over).await? == false, "a line runs over a card that was moved");
    picture(&page, "canvas-around").await?;

    canvas.press("?", Modifiers::NONE).await?;
    page.wait_for("[data-dialog=keys] >> Delete and reconnect what is around").await?;
    picture(&page, "canvas-keys").await?;
    page.click("[data-dialog=keys] [data-action=close-dialog]").await?;
    canvas.choose("end").await?;
    page.click(".jc-stage").await.ok();
    canvas.press("n", Modifiers::NONE).await?;
    canvas.press("Enter", Modifiers::NONE).await?;
    page.wait_until(
        "the settings have the focus",
        "document.activeElement.closest('[data-inspector]') !== null",
    )
    .await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panels_of_the_canvas_fit_a_phone() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    page.resize(Screen::SMALL_PHONE).await?;
    page.reload().await?;
    // There is no room to draw: the steps are a list, and the drawing is a key away.
    page.wait_for("[data-panel=outline] [data-row=start]").await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "canvas-outline-phone").await?;
    page.click("[data-action=outline]").await?;
    page.wait_until_gone("[data-panel=outline]").await?;
    page.wait_for("[data-node]").await?;
    must_fit_a_phone(&page).await?;
    picture(&page, "canvas-phone").await?;
    looked_at_with_a_finger(&page).await?;
    for (tool, panel) in [
        ("search", "[data-panel=find]"),
        ("history", "[data-panel=history]"),
        ("keys", "[data-dialog=keys]"),
    ] {
        page.click(&format!("[data-action={tool}]")).await?;
        page.wait_for(panel).await?;
        must_fit_a_phone(&page).await?;
        picture(&page, &format!("canvas-{tool}-phone")).await?;
        let close = if tool == "keys" {
            "[data-action=close-dialog]".to_owned()
        } else {
            format!("[data-action={tool}]")
        };
        page.click(&close).await?;
        page.wait_until_gone(panel).await?;
    }
    page.assert_no_console_errors()
}

/// A finger on the canvas moves the view and chooses, and changes nothing.
async fn looked_at_with_a_finger(page: &Page) -> Result<()> {
    ensure!(!page.shows("[data-palette=task]").await?, "nothing is drawn here");
    let (view, card) = (place_of_view(page).await?, page.centre("[data-node=first]").await?);
    page.swipe(card, card.moved(-30.0, 20.0), 6).await?;
    ensure!(place_of_view(page).await? != view, "a finger on a card takes the view along");
    // What the browser brings into view it does by the view.
    page.evaluate("document.querySelector('[data-node=end]').scrollIntoView()").await?;
    page.wait_until(
        "the stage stays where it is",
        "document.querySelector('[data-canvas=stage]').scrollLeft === 0",
    )
    .await?;
    page.tap("[data-node=first] .jc-name").await?;
    page.wait_for("[data-inspector=first]").await?;
    page.wait_for("[data-action=undo]:disabled").await
}

async fn keyboard_to(page: &Page, css: &str) -> Result<()> {
    page.wait_for(css).await?;
    page.evaluate(&format!("document.querySelector({}).focus()", json!(css))).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outline_draws_without_a_pointer() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    Canvas::on(&page).await?.press("o", Modifiers::NONE).await?;
    page.wait_for("[data-panel=outline] [data-row=start]").await?;
    let rows = "[...document.querySelectorAll('[data-row]')].map(row => row.dataset.row)";
    let before: Vec<String> = serde_json::from_value(page.evaluate(rows).await?)?;
    ensure!(before.len() == 4 && before[0] == "start", "{before:?}");

    // Down the list, and a step after the second one.
    page.wait_until(
        "the first step has the keyboard",
        "document.activeElement.dataset.row === 'start'",
    )
    .await?;
    page.press("ArrowDown", Modifiers::NONE).await?;
    page.wait_for(&format!("[data-row='{}'][aria-current=true]", before[1])).await?;
    let added = "[data-row][aria-current=true]";
    page.press("Tab", Modifiers::NONE).await?;
    let at = page.evaluate("document.activeElement.outerHTML").await?.to_string();
    ensure!(at.contains("data-lead") || at.contains("data-add-after"), "{at}");
    let way = format!("li:has(> [data-row='{}']) [data-add-after]", before[1]);
    keyboard_to(&page, &way).await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_for("[data-offer=wait]").await?;
    picture(&page, "canvas-outline-offer").await?;
    page.type_text("wait").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_until("there is a step more, and the keyboard is at it", &format!(
        "document.querySelectorAll('[data-row]').length === 5 && document.activeElement === document.querySelector(\"{added}\")"
    )).await?;
    let after: Vec<String> = serde_json::from_value(page.evaluate(rows).await?)?;
    ensure!(after[2].starts_with("wait"), "it stands after the step it follows: {after:?}");
    picture(&page, "canvas-outline").await?;

    // Its settings, and back without it.
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_until(
        "the settings have the keyboard",
        "document.activeElement.closest('[data-inspector]') !== null",
    )
    .await?;
    keyboard_to(&page, &format!("[data-row='{}']", after[2])).await?;
    page.press("Delete", Modifiers::NONE).await?;
    page.wait_until("the step after it has the keyboard", &format!(
        "document.querySelectorAll('[data-row]').length === 4 && document.activeElement.dataset.row === '{}'", after[3]
    )).await?;
    page.press("o", Modifiers::NONE).await?;
    page.wait_until_gone("[data-panel=outline]").await?;
    Canvas::on(&page).await?.must_have_the_keyboard().await?;
    page.assert_no_console_errors()
}

/// Which lane a step is in, as the draft that was saved says.
async fn lane_of(stage: &Stage, page: &Page, node: &str) -> Result<Value> {
    let address = page.evaluate("location.pathname").await?;
    let path = format!("/api/v1{}/draft", address.as_str().context("an address")?);
    let draft = stage.admin.get(&path).await?.expect(200)?;
    let nodes = draft["nodes"].as_array().context("nodes")?;
    Ok(nodes.iter().find(|one| one["id"] == node).context("the step")?["lane"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lanes_lie_behind_their_steps_and_take_in_what_is_put_there() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let mut draft = scattered();
    draft["lanes"] = json!([{ "id": "cs", "team": TEAM }, { "id": "field", "team": "Field" }]);
    stage
        .admin
        .post("/api/v1/teams", &json!({ "name": "Field", "members": [] }))
        .await?
        .expect(201)?;
    for (node, lane) in [(0, "cs"), (3, "cs"), (2, "field")] {
        draft["nodes"][node]["lane"] = json!(lane);
    }
    let page = drawing(&stage, &browser, &draft).await?;
    page.wait_for(&format!("[data-lane=cs] >> {TEAM}")).await?;
    page.wait_for("[data-lane=field] >> Field").await?;
    let canvas = Canvas::on(&page).await?;
    // Between the two it is nobody's; in the band it is theirs, and comes back with one undo.
    canvas.choose("first").await?;
    for _ in 0..4 {
        canvas.press("ArrowDown", Modifiers::SHIFT).await?;
    }
    canvas.wait_until_saved().await?;
    ensure!(lane_of(&stage, &page, "first").await? == "field", "it was put there");
    picture(&page, "canvas-lanes").await?;
    canvas.press("T", Modifiers::SHIFT).await?;
    canvas.wait_until_saved().await?;
    let apart = "(([one, other]) => one.bottom < other.top)(['cs', 'field'].map(lane => document.querySelector(`[data-lane=${lane}]`).getBoundingClientRect()))";
    page.wait_until("the lanes lie below one another", apart).await?;
    let seen = "document.querySelector('[data-lane=cs] > span').getBoundingClientRect().left >= document.querySelector('.jc-stage').getBoundingClientRect().left";
    page.wait_until("the names of the lanes are seen", seen).await?;
    picture(&page, "canvas-lanes-tidied").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steps_are_grouped_collapsed_renamed_and_made_another_kind() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    let canvas = Canvas::on(&page).await?;

    // Two steps become a group with a name, and the group one card.
    canvas.choose("first").await?;
    page.click_with("[data-node=second]", Modifiers::SHIFT).await?;
    page.click("[data-action=group]").await?;
    page.wait_for("[data-group=group1] >> Group 1").await?;
    canvas.write("/groups/0/name", "Kick-off").await?;
    page.wait_for("[data-group=group1] >> Kick-off").await?;
    picture(&page, "canvas-group").await?;
    page.click("[data-collapse=group1]").await?;
    page.wait_until_gone("[data-node=first]").await?;
    page.wait_for(".jc-cluster.collapsed >> 2 steps").await?;
    page.wait_for("[data-edge=e1]").await?;
    ensure!(!page.shows("[data-edge=e2]").await?, "what is within is not drawn");
    picture(&page, "canvas-group-collapsed").await?;

    // It is moved as one, walked to by keys, and everything is there again after a reload.
    let before = page.centre(".jc-cluster.collapsed").await?;
    page.drag_to(".jc-cluster.collapsed .jc-name", before.moved(0.0, 140.0), 8).await?;
    canvas.wait_until_saved().await?;
    page.reload().await?;
    page.wait_for(".jc-cluster.collapsed >> Kick-off").await?;
    let canvas = Canvas::on(&page).await?;
    canvas.choose("start").await?;
    canvas.press("n", Modifiers::NONE).await?;
    page.wait_for(".jc-cluster.collapsed[aria-selected=true]").await?;
    canvas.press("c", Modifiers::NONE).await?;
    page.wait_for("[data-node=first]").await?;

    // Another name, by the key and by the pointer; Escape leaves it as it was.
    canvas.choose("first").await?;
    canvas.press("F2", Modifiers::NONE).await?;
    page.fill("[data-rename]", "Signed").await?;
    page.press("Enter", Modifiers::NONE).await?;
    page.wait_for("[data-node=first] .jc-name >> Signed").await?;
    page.double_click_at(page.centre("[data-node=second] .jc-name").await?).await?;
    page.fill("[data-rename]", "Never").await?;
    picture(&page, "canvas-rename").await?;
    page.press("Escape", Modifiers::NONE).await?;
    page.wait_until_gone("[data-rename]").await?;
    page.wait_for("[data-node=second] .jc-name >> Step second").await?;

    // A milestone becomes a task with the same name, and its ways lead on.
    canvas.choose("first").await?;
    canvas.press("k", Modifiers::NONE).await?;
    page.wait_for("[data-offer=task]").await?;
    ensure!(!page.shows("[data-offer=trigger]").await?, "a way leads to it");
    picture(&page, "canvas-change-kind").await?;
    page.click("[data-offer=task]").await?;
    page.wait_for("[data-node=first][data-kind=task] .jc-name >> Signed").await?;
    page.wait_for("[data-edge=e2]").await?;
    for _ in 0..2 {
        canvas.press("z", Modifiers::CONTROL).await?;
    }
    page.wait_for("[data-node=first][data-kind=milestone] .jc-name >> Step first").await?;
    canvas.wait_until_saved().await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_made_by_keys_and_takes_in_what_is_put_into_it() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = drawing(&stage, &browser, &scattered()).await?;
    let canvas = Canvas::on(&page).await?;

    // One step, and the next as well.
    canvas.choose("first").await?;
    canvas.press("N", Modifiers::SHIFT).await?;
    page.wait_for(".jc-form >> 2 steps chosen").await?;
    canvas.press("g", Modifiers::CONTROL).await?;
    page.wait_for("[data-group=group1] >> Group 1").await?;

    // What is held over the frame would belong to it, and does when it is let go.
    let (from, into) = (
        page.centre("[data-node=second] .jc-name").await?,
        page.centre("[data-node=first]").await?,
    );
    page.press_at(from).await?;
    page.move_held(into.moved(150.0, -60.0)).await?;
    page.move_held(into.moved(160.0, -60.0)).await?;
    page.wait_for(".jc-cluster.caught").await?;
    picture(&page, "canvas-group-takes-in").await?;
    page.release_at(into.moved(160.0, -60.0)).await?;
    page.wait_until_gone(".jc-cluster.caught").await?;
    canvas.choose("second").await?;
    ensure!(page.value("[data-field='/group']").await? == "group1", "it belongs to the group");

    // Its settings make it a group of its own, and name that.
    canvas.pick("/group", "no group").await?;
    page.click("[data-action=group]").await?;
    page.wait_for("[data-group=group2] >> Group 2").await?;
    canvas.write("/groups/1/name", "Later").await?;
    page.wait_for("[data-group=group2] >> Later").await?;
    must_be_accessible(&page).await?;
    picture(&page, "canvas-group-of-one").await?;
    canvas.wait_until_saved().await?;
    page.assert_no_console_errors()
}
