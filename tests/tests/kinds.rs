//! Every kind of step is drawn, set up with the pointer and the keyboard, and saved as file format 1 says.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::canvas::Canvas;
use tests::cdp::{Browser, Modifiers, Page, Screen};
use tests::server::DESIGNER;
use tests::stage::{Stage, TEAM};
use tests::visit::{picture, visit};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_is_set_up_by_hand_and_saved_as_the_format_says() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    let hand = Hand::on(&page, "All kinds").await?;

    for (kind, want) in [
        ("approval", approval(hand).await?),
        ("handoff", handoff(hand).await?),
        ("ai_check", ai_check(hand).await?),
        ("action", undone_action(hand).await?),
        ("decision", table(hand).await?),
        ("join", join(hand).await?),
        ("for_each", for_each(hand).await?),
        ("wait", wait(hand).await?),
        ("journey", sub_journey(hand).await?),
        ("milestone", milestone(hand).await?),
        ("notify", notify(hand).await?),
        ("end", end(hand).await?),
    ] {
        let saved = hand.saved(&stage, &format!("{kind}1")).await?;
        ensure!(holds(&saved, &want), "{kind} is saved as {saved:#}, not as {want:#}");
    }
    page.click("[data-action=tidy]").await?;
    hand.canvas.wait_until_saved().await?;
    picture(&page, "kinds-tidy").await?;
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_open_a_journey_is_set_up_by_hand() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    let hand = Hand::on(&page, "All triggers").await?;
    hand.add("trigger").await?;

    for (words, fields, want) in triggers() {
        hand.canvas.pick("/on/type", words).await?;
        for (field, text) in fields {
            hand.canvas.write(field, text).await?;
        }
        page.press("Tab", Modifiers::NONE).await?;
        let saved = hand.saved(&stage, "trigger1").await?;
        ensure!(holds(&saved["on"], &want), "{words}: {saved:#}, not {want:#}");
    }
    schedule(hand).await?;
    let saved = hand.saved(&stage, "trigger1").await?;
    let rule = json!("FREQ=WEEKLY;BYDAY=MO,WE,TH,FR;BYHOUR=9;BYMINUTE=0");
    ensure!(saved["on"]["rrule"] == rule && saved["on"]["missed"] == "all", "{saved:#}");
    let entry = json!({ "one_per_account": true, "cool_down": "P7D", "cap_per_day": 5 });
    ensure!(saved["entry"] == entry, "{saved:#}");
    page.assert_no_console_errors()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journey_itself_is_set_up_while_no_step_is_chosen() -> Result<()> {
    let stage = Stage::set().await?;
    let browser = Browser::launch().await?;
    let page = visit(&browser, &stage.server, DESIGNER, Screen::DESKTOP).await?;
    let hand = Hand::on(&page, "Before").await?;
    let canvas = hand.canvas;
    page.wait_for("[data-inspector=journey]").await?;
    canvas.write("/name", "After").await?;
    canvas.write("/description", "What it is for").await?;
    canvas.write("/variables/new", "Tier").await?;
    page.press("Enter", Modifiers::NONE).await?;
    canvas.pick("/settings/on_failure", "it becomes an incident").await?;
    page.click("[data-add=lanes]").await?;
    page.click("[data-add=exits]").await?;
    canvas.write("/exits/0/when", "account.stage == 'churned'").await?;
    canvas.write("/exits/0/outcome", "churned").await?;
    page.wait_for(".journey-bar h1 >> After").await?;
    picture(&page, "journey-settings").await?;
    hand.add("task").await?;
    canvas.pick("/lane", TEAM).await?;

    let draft = hand.draft(&stage).await?;
    let want = json!({
        "name": "After",
        "description": "What it is for",
        "variables": { "properties": { "tier": { "type": "string" } } },
        "settings": { "on_failure": "incident" },
        "lanes": [{ "id": "lane1", "team": TEAM }],
        "exits": [{ "when": "account.stage == 'churned'", "outcome": "churned" }],
        "nodes": [{ "id": "task1", "lane": "lane1" }],
    });
    ensure!(holds(&draft, &want), "{draft:#}");
    page.assert_no_console_errors()
}

/// A person at a new journey.
#[derive(Clone, Copy)]
struct Hand<'a> {
    page: &'a Page,
    canvas: Canvas<'a>,
}

impl<'a> Hand<'a> {
    async fn on(page: &'a Page, name: &str) -> Result<Self> {
        page.click("nav a[href='/journeys']").await?;
        page.click("[data-action=new-journey]").await?;
        page.fill("[data-dialog=new-journey] #field-name", name).await?;
        page.click("[data-action=create-journey]").await?;
        page.wait_for("[data-page=journey] [data-canvas=stage]").await?;
        Ok(Self { page, canvas: Canvas::on(page).await? })
    }

    /// Adds a step by its entry of the palette; its settings show at once.
    async fn add(self, kind: &str) -> Result<()> {
        self.page.click(&format!("[data-palette={kind}]")).await?;
        self.page.wait_for(&format!("[data-inspector={kind}1]")).await
    }

    async fn write(self, fields: &[(&str, &str)]) -> Result<()> {
        for (field, text) in fields {
            self.canvas.write(field, text).await?;
        }
        Ok(())
    }

    async fn pick(self, fields: &[(&str, &str)]) -> Result<()> {
        for (field, words) in fields {
            self.canvas.pick(field, words).await?;
        }
        Ok(())
    }

    async fn click(self, field: &str) -> Result<()> {
        self.page.click(&format!("[data-field='{field}']")).await
    }

    /// Gives a name to the list whose new row is at `field`.
    async fn name(self, field: &str, name: &str) -> Result<()> {
        self.canvas.write(field, name).await?;
        self.page.press("Enter", Modifiers::NONE).await
    }

    async fn draft(self, stage: &Stage) -> Result<Value> {
        self.canvas.wait_until_saved().await?;
        let url = self.page.url().await?;
        let id = url.rsplit('/').next().context("the address ends with an id")?;
        stage.admin.get(&format!("/api/v1/journeys/{id}/draft")).await?.expect(200)
    }

    async fn saved(self, stage: &Stage, node: &str) -> Result<Value> {
        let draft = self.draft(stage).await?;
        let nodes = draft["nodes"].as_array().context("a draft has nodes")?;
        let found = nodes.iter().find(|one| one["id"] == node);
        found.cloned().with_context(|| format!("{node} is not in {draft:#}"))
    }
}

/// Whether everything `want` says stands in `value`; what `value` says beside it does not matter.
fn holds(value: &Value, want: &Value) -> bool {
    match (value, want) {
        (Value::Object(value), Value::Object(want)) => {
            want.iter().all(|(name, want)| value.get(name).is_some_and(|value| holds(value, want)))
        }
        (Value::Array(value), Value::Array(want)) => {
            value.len() == want.len()
                && value.iter().zip(want).all(|(value, want)| holds(value, want))
        }
        _ => value == want,
    }
}

async fn approval(hand: Hand<'_>) -> Result<Value> {
    hand.add("approval").await?;
    hand.write(&[
        ("/name", "Approve the discount"),
        ("/quorum", "2"),
        ("/limit", "by.role == 'admin'"),
        ("/sla/due", "4"),
        ("/sla/warn_at", "50"),
    ])
    .await?;
    hand.pick(&[
        ("/owner/rule", "A team"),
        ("/owner/team", TEAM),
        ("/sla/due/unit", "business hours"),
        ("/sla/due/calendar", "the account’s calendar"),
        ("/sla/kind", "a promise between"),
    ])
    .await?;
    hand.pick(&[
        ("/sla/escalation/0/at", "some time"),
        ("/sla/escalation/0/do", "give it to"),
        ("/sla/escalation/0/to/rule", "A person"),
    ])
    .await?;
    picture(hand.page, "kinds-approval").await?;
    hand.page.click("[data-add=timers]").await?;
    hand.page.wait_for("[data-field='/timers/0/after']").await?;
    Ok(json!({
        "name": "Approve the discount",
        "owner": { "rule": "team", "team": TEAM },
        "quorum": 2,
        "limit": "by.role == 'admin'",
        "sla": {
            "due": { "business": "PT4H", "calendar": "account" },
            "kind": "ola",
            "warn_at": 0.5,
            "escalation": [{ "at": "P1D", "do": "reassign", "to": { "rule": "user" } }],
        },
        "timers": [{ "id": "timer", "after": "P1D" }],
    }))
}

async fn handoff(hand: Hand<'_>) -> Result<Value> {
    hand.add("handoff").await?;
    hand.name("/fields/new", "Go-live date").await?;
    hand.canvas.pick("/fields/1/type", "Date").await?;
    hand.name("/values/new", "summary").await?;
    hand.write(&[("/values/summary", "vars.notes"), ("/sla/due", "1")]).await?;
    picture(hand.page, "kinds-handoff").await?;
    Ok(json!({
        "from_team": TEAM,
        "to_team": TEAM,
        "fields": { "properties": { "go_live_date": { "format": "date" } }, "required": ["summary"] },
        "values": { "summary": "vars.notes" },
        "sla": { "due": { "business": "P1D" } },
    }))
}

async fn ai_check(hand: Hand<'_>) -> Result<Value> {
    hand.add("ai_check").await?;
    hand.pick(&[("/connection", "crm"), ("/operation", "Add a note to a customer")]).await?;
    hand.write(&[("/input/id", "account.external_id"), ("/threshold", "72.5")]).await?;
    hand.name("/verdict/new", "Reason").await?;
    hand.canvas.write("/retry/attempts", "2").await?;
    picture(hand.page, "kinds-ai-check").await?;
    Ok(json!({
        "connection": "crm",
        "input": { "id": "account.external_id" },
        "threshold": 0.725,
        "verdict": { "properties": { "reason": { "type": "string" } } },
        "retry": { "attempts": 2 },
        "timeout": "PT2M",
    }))
}

async fn undone_action(hand: Hand<'_>) -> Result<Value> {
    hand.add("action").await?;
    hand.pick(&[("/connection", "crm"), ("/operation", "Add a note to a customer")]).await?;
    hand.page.click("[data-add=undo]").await?;
    hand.canvas.pick("/undo/operation", "Add a note to a customer").await?;
    hand.write(&[("/undo/input/text", "'never mind'"), ("/turn", "crm")]).await?;
    hand.click("/repeat_acknowledged").await?;
    picture(hand.page, "kinds-action").await?;
    Ok(json!({
        "undo": { "input": { "text": "'never mind'" } },
        "turn": "crm",
        "repeat_acknowledged": true,
    }))
}

async fn table(hand: Hand<'_>) -> Result<Value> {
    hand.add("decision").await?;
    hand.canvas.pick("/mode", "a table: every").await?;
    for list in ["table/inputs", "table/inputs", "table/rules", "table/rules"] {
        hand.page.click(&format!("[data-add='{list}']")).await?;
    }
    hand.name("/table/outputs/new", "tier").await?;
    hand.write(&[
        ("/table/inputs/0", "account.arr"),
        ("/table/inputs/1", "account.segment"),
        ("/table/rules/0/when/0", "it > 1000"),
        ("/table/rules/0/set/tier", "'gold'"),
        ("/table/rules/1/when/1", "'smb'"),
        ("/table/rules/1/set/tier", "'tin'"),
        ("/table/rules/0/port", "Gold"),
    ])
    .await?;
    hand.page.press("Tab", Modifiers::NONE).await?;
    picture(hand.page, "kinds-table").await?;
    Ok(json!({ "table": {
        "hit": "collect",
        "inputs": ["account.arr", "account.segment"],
        "rules": [
            { "when": ["it > 1000", ""], "set": { "tier": "'gold'" }, "port": "gold" },
            { "when": ["", "'smb'"], "set": { "tier": "'tin'" } },
        ],
    } }))
}

async fn join(hand: Hand<'_>) -> Result<Value> {
    hand.add("join").await?;
    hand.canvas.pick("/need/kind", "a number").await?;
    hand.canvas.write("/need", "3").await?;
    hand.click("/cancel_rest").await?;
    Ok(json!({ "need": 3, "cancel_rest": true }))
}

async fn for_each(hand: Hand<'_>) -> Result<Value> {
    hand.add("for_each").await?;
    hand.write(&[("/items", "account.contacts"), ("/as", "contact"), ("/max", "20")]).await?;
    hand.canvas.pick("/mode", "one after").await?;
    hand.canvas.pick("/body/kind", "steps of").await?;
    hand.pick(&[("/body/from", "Approve the discount"), ("/body/to", "Hand over")]).await?;
    hand.canvas.pick("/need/kind", "as many").await?;
    hand.canvas.write("/need", "size(account.contacts) / 2").await?;
    hand.canvas.pick("/need/kind", "a number").await?;
    hand.canvas.write("/need", "2").await?;
    hand.click("/cancel_rest").await?;
    picture(hand.page, "kinds-for-each").await?;
    Ok(json!({
        "items": "account.contacts",
        "as": "contact",
        "body": { "from": "approval1", "to": "handoff1" },
        "mode": "sequence",
        "max": 20,
        "need": 2,
        "cancel_rest": true,
    }))
}

async fn wait(hand: Hand<'_>) -> Result<Value> {
    hand.add("wait").await?;
    hand.canvas.pick("/waits_for", "an event").await?;
    hand.write(&[
        ("/event/name", "order.shipped"),
        ("/event/key", "event.data.order_id"),
        ("/event/mine", "vars.order_id"),
        ("/timeout", "3"),
    ])
    .await?;
    picture(hand.page, "kinds-wait").await?;
    hand.page.wait_for("[data-port='wait1:timeout']").await?;
    let event =
        json!({ "name": "order.shipped", "key": "event.data.order_id", "mine": "vars.order_id" });
    Ok(json!({ "event": event, "timeout": "P3D" }))
}

async fn sub_journey(hand: Hand<'_>) -> Result<Value> {
    hand.add("journey").await?;
    hand.canvas.write("/journey", "Renewal").await?;
    hand.canvas.pick("/version/kind", "always").await?;
    hand.canvas.write("/version", "4").await?;
    hand.click("/wait").await?;
    hand.name("/input/new", "customer").await?;
    hand.canvas.write("/input/customer", "account.id").await?;
    hand.name("/output/new", "result").await?;
    hand.canvas.write("/output/result", "output.outcome").await?;
    picture(hand.page, "kinds-journey").await?;
    Ok(json!({
        "journey": "Renewal",
        "version": 4,
        "wait": false,
        "input": { "customer": "account.id" },
        "output": { "result": "output.outcome" },
    }))
}

async fn milestone(hand: Hand<'_>) -> Result<Value> {
    hand.add("milestone").await?;
    hand.write(&[("/milestone", "first_value"), ("/stage", "adoption")]).await?;
    Ok(json!({ "milestone": "first_value", "stage": "adoption" }))
}

async fn notify(hand: Hand<'_>) -> Result<Value> {
    hand.add("notify").await?;
    hand.canvas.write("/channel", "email").await?;
    hand.canvas.pick("/to/kind", "an address").await?;
    hand.write(&[
        ("/to", "account.email"),
        ("/subject", "Welcome, {{ account.name }}"),
        ("/body", "We are glad you are here."),
        ("/cap", "2"),
    ])
    .await?;
    picture(hand.page, "kinds-notify").await?;
    Ok(json!({
        "channel": "email",
        "to": "account.email",
        "subject": "Welcome, {{ account.name }}",
        "cap": 2,
    }))
}

async fn end(hand: Hand<'_>) -> Result<Value> {
    hand.add("end").await?;
    hand.canvas.write("/outcome", "onboarded").await?;
    hand.click("/everything").await?;
    Ok(json!({ "outcome": "onboarded", "everything": true }))
}

/// The words of a type of trigger, the fields to write, and what is saved under `on`.
type Opening = (&'static str, Vec<(&'static str, &'static str)>, Value);

fn triggers() -> Vec<Opening> {
    vec![
        (
            "Something happens",
            vec![("/on/event", "order.shipped"), ("/on/when", "event.data.amount > 5")],
            json!({ "type": "event", "event": "order.shipped", "when": "event.data.amount > 5" }),
        ),
        (
            "A field of a record",
            vec![("/on/field", "stage"), ("/on/from", "trial"), ("/on/to", "3")],
            json!({ "type": "change", "object": "account", "field": "stage", "from": "trial", "to": 3 }),
        ),
        (
            "A date of the account",
            vec![("/on/field", "contract_end"), ("/on/before", "90")],
            json!({ "type": "date", "field": "contract_end", "before": { "business": "P90D" } }),
        ),
        (
            "An account enters",
            vec![("/on/segment", "enterprise")],
            json!({ "type": "segment", "segment": "enterprise", "change": "entered" }),
        ),
        (
            "An account's health",
            vec![("/on/to", "amber")],
            json!({ "type": "health", "to": "amber" }),
        ),
        ("Another journey", vec![], json!({ "type": "journey" })),
        (
            "Another system",
            vec![("/on/hook", "new-customer")],
            json!({ "type": "webhook", "hook": "new-customer", "signed": true }),
        ),
    ]
}

async fn schedule(hand: Hand<'_>) -> Result<()> {
    hand.canvas.pick("/on/type", "A time comes").await?;
    hand.click("/on/rrule/day/1").await?;
    hand.canvas.pick("/on/missed", "run each").await?;
    hand.canvas.write("/on/timezone", "Europe/Berlin").await?;
    hand.click("/entry/one_per_account").await?;
    hand.write(&[("/entry/cool_down", "7"), ("/entry/cap_per_day", "5")]).await?;
    picture(hand.page, "kinds-schedule").await?;
    hand.page.wait_for("[data-node=trigger1] >> Every Mon, Wed, Thu, Fri at 09:00").await
}
