//! Deeds of those who set up and draw: calendars, connectors, journeys and their versions.

use std::fs;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::stage::connectors as built;

use crate::drawings::{dates, end, line, manual, task};
use crate::life::{World, find, text, until};

/// A calendar that is made, changed and deleted.
pub(crate) async fn calendars(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let name = format!("calendar-{number}");
    let hours = |to: &str| json!({ "monday": [{ "from": "09:00", "to": to }] });
    let calendar = |to: &str| json!({ "name": name, "time_zone": "UTC", "hours": hours(to) });
    let made = admin.post("/api/v1/calendars", &calendar("17:00")).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let path = format!("/api/v1/calendars/{name}");
    let save = admin.request(Method::PUT, &path).header("if-match", "*");
    let saved = admin.send(save.json(&calendar("18:00"))).await?;
    ensure!(saved.status / 100 == 2, "{}: {}", saved.status, saved.body);
    let deleted = admin.send(admin.request(Method::DELETE, &path).header("if-match", "*")).await?;
    ensure!(deleted.status == 204, "{}: {}", deleted.status, deleted.body);
    Ok(())
}

/// A connector that is installed and uninstalled.
pub(crate) async fn connectors(world: &World) -> Result<()> {
    let connector = install(world).await?;
    let gone = world.stage.admin.delete(&format!("/api/v1/connectors/{connector}")).await?;
    ensure!(gone.status == 204, "{}: {}", gone.status, gone.body);
    Ok(())
}

async fn install(world: &World) -> Result<String> {
    let wasm = fs::read(built().join("hostile.wasm")).context("run `cargo xtask connectors`")?;
    let install = world.stage.admin.request(Method::POST, "/api/v1/connectors");
    let install = install.header(CONTENT_TYPE, "application/wasm").body(wasm);
    text(&world.stage.admin.send(install).await?.expect(201)?, "id")
}

/// A connection that is made, changed and deleted.
pub(crate) async fn connections(world: &World, number: u64) -> Result<()> {
    let path = connect(world, "crm", &format!("crm-{number}")).await?;
    let change = world.stage.admin.patch(&path, &json!({ "calls_at_once": 3 })).await?;
    ensure!(change.status / 100 == 2, "{}: {}", change.status, change.body);
    let gone = world.stage.admin.delete(&path).await?;
    ensure!(gone.status == 204, "{}: {}", gone.status, gone.body);
    Ok(())
}

/// A connection, which may be there already; its address.
async fn connect(world: &World, connector: &str, name: &str) -> Result<String> {
    let config = match connector {
        "crm" => json!({ "base_url": world.stage.mock.url() }),
        _ => json!({ "url": world.stage.mock.url() }),
    };
    let connection =
        json!({ "name": name, "connector": connector, "config": config, "grants": {} });
    let made = world.stage.admin.post("/api/v1/connections", &connection).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let found = find(&world.stage.admin, "/api/v1/connections", "name", name).await?;
    Ok(format!("/api/v1/connections/{}", text(&found, "id")?))
}

/// A journey whose connector keeps something for later.
pub(crate) async fn remember(world: &World, number: u64) -> Result<()> {
    install(world).await?;
    connect(world, "hostile", "hostile").await?;
    let call = json!({ "id": "call", "kind": "action", "name": "Call", "connection": "hostile", "operation": "remember",
        "input": { "kept": "'this'" } });
    let draft = line(&format!("Remember {number}"), &[("", manual()), ("", call), ("", end())]);
    let journey = world.stage.publish_draft(&draft).await?;
    // Before it is started: of an instance whose start is not answered nobody learns, and it runs.
    if let Ok(mut inside) = world.inside.lock() {
        inside.insert(journey.clone());
    }
    let path = format!("/api/v1/journeys/{journey}/instances");
    let started = world.stage.admin.post(&path, &json!({ "input": {} })).await?.expect(202)?;
    let instance = text(&started, "id")?;
    world.acknowledge(&instance);
    crate::running::ended(world, &instance).await
}

/// A journey that is made, drawn anew and published.
pub(crate) async fn journeys(world: &World, number: u64) -> Result<()> {
    let draft =
        line(&format!("Journey {number}"), &[("", manual()), ("done", task("call")), ("", end())]);
    let journey = journey(world, &draft).await?;
    save(world, &journey, &draft).await?;
    reviewed(world, &journey).await?;
    publish(world, &journey, "live").await.map(drop)
}

/// A review that is asked for and withdrawn, in a workspace that is told not to ask for any.
async fn reviewed(world: &World, journey: &str) -> Result<()> {
    let admin = &world.stage.admin;
    let settings = admin.request(Method::PUT, "/api/v1/settings");
    let settings = settings.json(&json!({ "publishing_live_needs_review": false }));
    admin.send(settings).await?.expect(200)?;
    let path = format!("/api/v1/journeys/{journey}/reviews");
    let asked = admin.post(&path, &json!({ "mode": "live" })).await?;
    ensure!([201, 409].contains(&asked.status), "{}: {}", asked.status, asked.body);
    let newest = text(&admin.get(&path).await?.expect(200)?["items"][0], "id")?;
    let gone = admin.post(&format!("/api/v1/reviews/{newest}/withdraw"), &json!({})).await?;
    ensure!(gone.status == 204, "{}: {}", gone.status, gone.body);
    Ok(())
}

/// A journey that looks at every account's date, a piece of them after the other.
pub(crate) async fn rounds(world: &World, number: u64) -> Result<()> {
    let mut draft = dates();
    draft["name"] = json!(format!("Dates {number}"));
    // No account has this date, and so it starts nothing.
    draft["nodes"][0]["on"]["field"] = json!("never");
    world.stage.publish_draft(&draft).await.map(drop)
}

/// A back-test that is asked for and lived to its end.
pub(crate) async fn backtests(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let draft = line(&format!("Back-test {number}"), &[("", manual()), ("", end())]);
    let question = json!({ "draft": draft, "from": "2026-01-01", "to": "2026-01-31" });
    let asked = text(&admin.post("/api/v1/backtests", &question).await?.expect(202)?, "id")?;
    let path = format!("/api/v1/backtests/{asked}");
    until("the back-test is over", async || {
        Ok(admin.get(&path).await?.expect(200)?["state"] != "running")
    })
    .await
}

/// A hook that is made and deleted.
pub(crate) async fn hooks(world: &World, number: u64) -> Result<()> {
    let slug = format!("hook-{number}");
    let hook = json!({ "slug": slug, "journey": world.journeys["letter"], "signed": true });
    let made = world.stage.admin.post("/api/v1/hooks", &hook).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let gone = world.stage.admin.delete(&format!("/api/v1/hooks/{slug}")).await?;
    ensure!(gone.status == 204, "{}: {}", gone.status, gone.body);
    Ok(())
}

/// An instance that is taken to another version and back.
pub(crate) async fn moves(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let drawn = |id: &str| {
        line(&format!("Moving {number}"), &[("", manual()), ("done", task(id)), ("", end())])
    };
    let known = |what: &str| format!("{what} of {number}");
    let journey = world.once(known("journey"), async || journey(world, &drawn("call")).await);
    let journey = journey.await?;
    let from = world.once(known("from"), async || publish(world, &journey, "live").await).await?;
    let started = world.once(known("instance"), async || {
        let path = format!("/api/v1/journeys/{journey}/instances");
        text(&admin.post(&path, &json!({ "input": {} })).await?.expect(202)?, "id")
    });
    let instance = started.await?;
    world.acknowledge(&instance);
    save(world, &journey, &drawn("phone")).await?;
    let to = world.once(known("to"), async || publish(world, &journey, "live").await).await?;
    let migrations = format!("/api/v1/journeys/{journey}/migrations");
    let begun = world.once(known("migration"), async || {
        // One whose answer never came is there all the same.
        let before = admin.get(&migrations).await?.expect(200)?;
        if let Ok(begun) = text(&before["items"][0], "id") {
            return Ok(begun);
        }
        let versions = json!({ "from": from.parse::<u64>()?, "to": to.parse::<u64>()?, "mapping": { "nodes": { "call": "phone" } } });
        text(&admin.post(&migrations, &versions).await?.expect(202)?, "id")
    });
    let moved = over(world, &format!("{migrations}/{}", begun.await?)).await?;
    let back = admin.post(&format!("{moved}/roll-back"), &json!({ "instance": instance })).await?;
    let is_back = back.body.to_string().contains("rolled_back");
    ensure!(back.status == 204 || is_back, "{}: {}", back.status, back.body);
    Ok(())
}

/// Waits until a migration is over, and gives its address.
async fn over(world: &World, path: &str) -> Result<String> {
    until("the migration is over", async || {
        Ok(world.stage.admin.get(path).await?.expect(200)?["state"] != "running")
    })
    .await?;
    world.keep(path.to_owned());
    Ok(path.to_owned())
}

/// A version that only shows what it would do, is judged, and goes live.
pub(crate) async fn shadows(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let draft =
        line(&format!("Shadow {number}"), &[("", manual()), ("done", task("call")), ("", end())]);
    let journey = journey(world, &draft).await?;
    let version = publish(world, &journey, "shadow").await?;
    let path = format!("/api/v1/journeys/{journey}/instances");
    let started = admin.post(&path, &json!({ "input": {} })).await?;
    ensure!(started.status / 100 == 2, "{}: {}", started.status, started.body);
    let version = format!("/api/v1/journeys/{journey}/versions/{version}");
    let notes = format!("{version}/would-have");
    until("the shadow would do something", async || {
        let seen = admin.get(&notes).await?.expect(200)?;
        Ok(seen["items"].as_array().is_some_and(|all| !all.is_empty()))
    })
    .await?;
    let first = text(&admin.get(&notes).await?.expect(200)?["items"][0], "id")?;
    let mark = json!({ "mark": "right", "note": "as it should" });
    admin.post(&format!("{notes}/{first}/mark"), &mark).await?.expect(204)?;
    let promoted = admin.post(&format!("{version}/promote"), &json!({})).await?;
    ensure!([201, 409].contains(&promoted.status), "{}: {}", promoted.status, promoted.body);
    Ok(())
}

async fn journey(world: &World, draft: &Value) -> Result<String> {
    let body = json!({ "name": draft["name"], "draft": draft });
    let made = world.stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let id = text(&made, "id")?;
    world.keep(format!("/api/v1/journeys/{id}"));
    Ok(id)
}

async fn save(world: &World, journey: &str, draft: &Value) -> Result<()> {
    let path = format!("/api/v1/journeys/{journey}/draft");
    let save = world.stage.admin.request(Method::PUT, &path).header("if-match", "*").json(draft);
    world.stage.admin.send(save).await?.expect(204).map(drop)
}

/// Publishes the draft and gives the version's number.
async fn publish(world: &World, journey: &str, mode: &str) -> Result<String> {
    let path = format!("/api/v1/journeys/{journey}/versions");
    let made = world.stage.admin.post(&path, &json!({ "mode": mode })).await?.expect(201)?;
    let number = made["number"].as_u64().or(made["version"].as_u64());
    let number = number.with_context(|| format!("a version has a number: {made}"))?;
    world.keep(format!("{path}/{number}"));
    Ok(number.to_string())
}
