//! A workspace with one of everything, and the ids by which it is read.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::document::Route;
use crate::server::ADMIN;
use crate::stage::Stage;

/// A stage on which something of everything is there.
pub struct Filled {
    /// The product and what is around it.
    pub stage: Stage,
    /// What is there.
    pub ids: Ids,
}

/// Ids of what is there, by the start of the addresses that take them.
pub struct Ids(Vec<(&'static str, String)>);

impl Ids {
    /// The address of a route with ids of what is there.
    pub fn fit(&self, route: &Route) -> String {
        let known = self.0.iter().find(|(start, _)| route.path.starts_with(start));
        let path = route.path.replace("{number}", "1");
        let route = Route { path, ..route.clone() };
        route.with(known.map_or("none", |(_, id)| id))
    }

    /// The id of what lies under this address.
    pub fn get(&self, start: &str) -> Result<&str> {
        let found = self.0.iter().find(|(known, _)| *known == start);
        Ok(&found.with_context(|| format!("nothing under {start}"))?.1)
    }
}

impl Filled {
    /// Fills a stage whose server runs in this environment.
    pub async fn new(environment: &[(&'static str, String)]) -> Result<Self> {
        let stage = Stage::set_in(environment).await?;
        let ids = Ids(fill(&stage).await?);
        Ok(Self { stage, ids })
    }
}

async fn fill(stage: &Stage) -> Result<Vec<(&'static str, String)>> {
    let admin = &stage.admin;
    let journey = stage.publish("w1").await?;
    let body =
        json!({ "id": "c1", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let request = admin.request(Method::POST, "/hooks/w1").header("prefer", "wait=30");
    let started = admin.send(request.json(&body)).await?.expect(200)?;
    let account = json!({ "external_id": "A1", "name": "Acme" });
    let account = admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    admin
        .post("/api/v1/hooks", &json!({ "slug": "one", "journey": journey }))
        .await?
        .expect(201)?;
    admin.post("/api/v1/tokens", &json!({ "name": "one" })).await?.expect(201)?;
    let event =
        json!({ "key": "one", "type": "usage.dropped", "at": "2026-11-25T10:00:00Z", "data": {} });
    admin.post("/api/v1/events", &json!({ "events": [event] })).await?.expect(202)?;
    let reviews = format!("/api/v1/journeys/{journey}/reviews");
    let review = admin.post(&reviews, &json!({ "mode": "live" })).await?.expect(201)?;
    let backtest = lived_again(stage, &journey).await?;
    tell_the_administrator(stage).await?;
    let tasks = admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let me = admin.get("/api/v1/session").await?.expect(200)?;
    let teams = admin.get("/api/v1/teams").await?.expect(200)?;
    Ok(vec![
        ("/api/v1/journeys/", journey),
        ("/api/v1/reviews/", id(&review["id"])?),
        ("/api/v1/backtests/", backtest),
        ("/api/v1/instances/", id(&started["instances"][0]["id"])?),
        ("/api/v1/accounts/", id(&account["id"])?),
        ("/api/v1/tasks/", id(&tasks["items"][0]["id"])?),
        ("/api/v1/users/", id(&me["user"])?),
        ("/api/v1/teams/", id(&teams["items"][0]["id"])?),
        ("/problems/", "conflict".to_owned()),
    ])
}

/// A back-test of what the journey has done so far; its id once it is done.
async fn lived_again(stage: &Stage, journey: &str) -> Result<String> {
    let question = json!({ "journey": journey, "from": "2026-01-01", "to": "2099-12-31" });
    let asked = stage.admin.post("/api/v1/backtests", &question).await?.expect(202)?;
    let asked = id(&asked["id"])?;
    while stage.admin.get(&format!("/api/v1/backtests/{asked}")).await?.expect(200)?["state"]
        == "running"
    {
        sleep(Duration::from_millis(20)).await;
    }
    Ok(asked)
}

/// A journey that tells whoever runs the workspace something, inside the product.
async fn tell_the_administrator(stage: &Stage) -> Result<()> {
    let at = json!({ "x": 0, "y": 0 });
    let draft = json!({
        "format": 1, "name": "News",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": at, "on": { "type": "manual" } },
            { "id": "tell", "kind": "notify", "name": "Tell", "position": at, "channel": "app",
              "to": { "rule": "user", "user": ADMIN.email }, "body": "All is well." },
            { "id": "end", "kind": "end", "name": "Told", "position": at, "outcome": "told" },
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "tell" },
            { "id": "e2", "from": "tell", "to": "end" },
        ],
    });
    let made = json!({ "name": "News", "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &made).await?.expect(201)?;
    let journey = id(&made["id"])?;
    let path = format!("/api/v1/journeys/{journey}/versions");
    stage.admin.post(&path, &json!({ "mode": "live" })).await?.expect(201)?;
    stage.start(&journey, "A1").await.map(drop)
}

fn id(value: &Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("an id: {value}"))?.to_owned())
}
