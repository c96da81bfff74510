//! Deeds with instances: started in every way, moved on, called off.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::Answer;
use tokio::time::sleep;

use crate::life::{World, find, text, until};

/// A delivery, whose journey calls the CRM twice and waits for a task that is done.
pub(crate) async fn deliveries(world: &World, number: u64) -> Result<()> {
    let id = format!("d{number}");
    let body = json!({ "id": id, "segment": "smb", "account": "Acme", "email": "A@EXAMPLE.COM", "arr": 600 });
    let answer = deliver(world, "w1", &id, &body).await?.expect(202)?;
    let instance = answer["instances"][0].as_str().context("an instance")?.to_owned();
    world.acknowledge(&instance);
    if world.stage.rest(&instance).await?["status"] == "ended" {
        return Ok(());
    }
    complete(world, &instance).await
}

/// A start by a person, under a key.
pub(crate) async fn starts(world: &World, number: u64) -> Result<()> {
    account(world, number).await?;
    let path = format!("/api/v1/journeys/{}/instances", world.journeys["won"]);
    let body = json!({ "account": format!("A-{number}"), "input": {} });
    let started = world.ask_once(&format!("s{number}"), &path, &body).await?;
    world.acknowledge(&text(&started, "id")?);
    Ok(())
}

/// A request under a key that is refused.
pub(crate) async fn refusals(world: &World, number: u64) -> Result<()> {
    let request = world.stage.admin.request(Method::POST, "/api/v1/journeys");
    let key = format!("r{number}");
    let request = request.header("idempotency-key", key).json(&json!({ "name": 7 }));
    let answer = world.stage.admin.send(request).await?;
    answer.expect(422)?;
    Ok(())
}

/// An event that starts a journey, which comes to its end.
pub(crate) async fn events(world: &World, number: u64) -> Result<()> {
    account(world, number).await?;
    let event = json!({ "key": format!("e{number}"), "type": "deal.won", "account": format!("A-{number}"), "data": {} });
    let taken = world.stage.admin.post("/api/v1/events", &json!({ "events": [event] })).await?;
    let taken = taken.expect(202)?;
    let path = format!("/api/v1/events/{}", taken["ids"][0].as_str().context("an event")?);
    world.keep(path.clone());
    until("the event is brought to all", async || {
        let event = world.stage.admin.get(&path).await?.expect(200)?;
        Ok(event["pending"] == false)
    })
    .await?;
    let event = world.stage.admin.get(&path).await?.expect(200)?;
    let instance = event["reactions"][0]["instance"].as_str().context("it started one")?.to_owned();
    world.acknowledge(&instance);
    ended(world, &instance).await
}

/// A journey that sends mail.
pub(crate) async fn letters(world: &World, number: u64) -> Result<()> {
    let instance = letter(world, &format!("l{number}")).await?;
    ended(world, &instance).await
}

/// A journey whose mail is not taken, until it is.
pub(crate) async fn bounces(world: &World, number: u64) -> Result<()> {
    world.mail.answer("550 no such box");
    let bounced = bounce(world, number).await;
    world.mail.answer("250 OK");
    let Some(instance) = bounced? else { return Ok(()) };
    let retry = format!("/api/v1/instances/{instance}/retry");
    let answer = world.stage.admin.post(&retry, &json!({})).await?;
    ensure!(answer.status / 100 == 2 || answer.status == 409, "{}: {}", answer.status, answer.body);
    ended(world, &instance).await
}

/// The instance that stands at its mail; none when it went on before.
async fn bounce(world: &World, number: u64) -> Result<Option<String>> {
    let instance = letter(world, &format!("b{number}")).await?;
    let path = format!("/api/v1/instances/{instance}");
    let is_over = |seen: &Value| seen["status"] != "running";
    until("the mail is refused", async || {
        Ok(is_over(&world.stage.admin.get(&path).await?.expect(200)?))
    })
    .await?;
    let seen = world.stage.admin.get(&path).await?.expect(200)?;
    Ok((seen["status"] != "ended").then_some(instance))
}

/// An instance that is called off.
pub(crate) async fn cancels(world: &World, number: u64) -> Result<()> {
    let id = format!("c{number}");
    let body = json!({ "id": id, "segment": "smb", "account": "Acme", "email": "A@EXAMPLE.COM", "arr": 600 });
    let answer = deliver(world, "w1", &id, &body).await?.expect(202)?;
    let instance = answer["instances"][0].as_str().context("an instance")?.to_owned();
    world.acknowledge(&instance);
    let path = format!("/api/v1/instances/{instance}/cancel");
    let answer = world.stage.admin.post(&path, &json!({ "reason": "no more" })).await?;
    ensure!(answer.status / 100 == 2 || answer.status == 409, "{}: {}", answer.status, answer.body);
    ended(world, &instance).await
}

/// Somebody sees what they were told.
pub(crate) async fn notices(world: &World) -> Result<()> {
    let seen = json!({ "until": "2100-01-01T00:00:00Z" });
    world.stage.admin.post("/api/v1/notices/seen", &seen).await?.expect(204).map(drop)
}

/// A date of an account that comes in a moment.
pub(crate) async fn dates(world: &World, number: u64) -> Result<()> {
    account(world, number).await?;
    let external = format!("A-{number}");
    let found = find(&world.stage.admin, "/api/v1/accounts", "external_id", &external).await?;
    let path = format!("/api/v1/accounts/{}", text(&found, "id")?);
    // Time enough to be written before it comes, on a machine that others use.
    let second = tests::webhook::now()? + 3;
    let due = journey::Timestamp(second * 1_000).to_rfc3339();
    let change = world.stage.admin.request(Method::PATCH, &path).header("if-match", "*");
    let change = change.json(&json!({ "due": due }));
    world.stage.admin.send(change).await?.expect(200)?;
    let started =
        format!("/api/v1/instances?journey={}&account={external}", world.journeys["dates"]);
    until("the date starts its journey", async || {
        let all = world.stage.admin.get(&started).await?.expect(200)?;
        Ok(all["items"].as_array().is_some_and(|all| !all.is_empty()))
    })
    .await
}

/// A delivery that its journey does not let in, which is written down.
pub(crate) async fn kept_out(world: &World, number: u64) -> Result<()> {
    let answer = deliver(world, "picky", &format!("k{number}"), &json!({})).await?;
    ensure!(answer.status / 100 != 5, "{}: {}", answer.status, answer.body);
    Ok(())
}

/// Time goes by in which a server does what it does by itself.
pub(crate) async fn rest() -> Result<()> {
    sleep(Duration::from_secs(6)).await;
    Ok(())
}

/// An account that is there.
async fn account(world: &World, number: u64) -> Result<()> {
    let account = json!({ "external_id": format!("A-{number}"), "name": "Acme" });
    let made = world.stage.admin.post("/api/v1/accounts", &account).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    Ok(())
}

async fn letter(world: &World, key: &str) -> Result<String> {
    let answer = deliver(world, "letter", key, &json!({})).await?.expect(202)?;
    let instance = answer["instances"][0].as_str().context("an instance")?.to_owned();
    world.acknowledge(&instance);
    Ok(instance)
}

async fn deliver(world: &World, slug: &str, key: &str, body: &Value) -> Result<Answer> {
    let request = world.stage.admin.request(Method::POST, &format!("/hooks/{slug}"));
    world.stage.admin.send(request.header("webhook-id", key).json(body)).await
}

/// Claims and completes the task an instance waits for, unless that was done before.
async fn complete(world: &World, instance: &str) -> Result<()> {
    let admin = &world.stage.admin;
    let task = find(admin, "/api/v1/tasks?queue=all", "instance", instance).await?;
    let path = format!("/api/v1/tasks/{}", text(&task, "id")?);
    let claimed = admin.post(&format!("{path}/claim"), &json!({})).await?;
    ensure!([200, 409].contains(&claimed.status), "{}: {}", claimed.status, claimed.body);
    let done = json!({ "outcome": "done", "form": {} });
    let done = admin.post(&format!("{path}/complete"), &done).await?;
    ensure!([200, 409].contains(&done.status), "{}: {}", done.status, done.body);
    ended(world, instance).await
}

pub(crate) async fn ended(world: &World, instance: &str) -> Result<()> {
    let path = format!("/api/v1/instances/{instance}");
    until("the instance ends", async || {
        let status = world.stage.admin.get(&path).await?.expect(200)?["status"].clone();
        Ok(status == "ended" || status == "cancelled")
    })
    .await
}
