//! Deliveries that are not signed, signed by another, old, or sent again.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{ADMIN, Answer, Client, Server};
use tests::webhook::{self, Delivery};

struct Bench {
    server: Server,
    admin: Client,
    journey: String,
    secret: String,
}

/// A published journey with a signed hook called `orders`.
async fn bench() -> Result<Bench> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let draft = json!({
        "format": 1, "name": "Orders",
        "nodes": [
            { "id": "start", "kind": "trigger", "on": { "type": "webhook", "hook": "orders" } },
            { "id": "done", "kind": "end", "outcome": "done" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "done" }]
    });
    let made = admin.post("/api/v1/journeys", &json!({ "name": "Orders", "draft": draft })).await?;
    let journey = made.expect(201)?["id"].as_str().context("an id")?.to_owned();
    let versions = format!("/api/v1/journeys/{journey}/versions");
    admin.post(&versions, &json!({ "mode": "live" })).await?.expect(201)?;
    let hook = json!({ "slug": "orders", "journey": journey, "signed": true });
    let hook = admin.post("/api/v1/hooks", &hook).await?.expect(201)?;
    let secret = hook["secret"].as_str().context("a secret")?.to_owned();
    Ok(Bench { server, admin, journey, secret })
}

impl Bench {
    async fn deliver(&self, delivery: Delivery<'_>, secret: &str) -> Result<Answer> {
        let sender = self.server.stranger()?;
        sender.send(delivery.sign(sender.request(Method::POST, "/hooks/orders"), secret)?).await
    }

    async fn instances(&self) -> Result<Vec<Value>> {
        let page = self.admin.get(&format!("/api/v1/instances?journey={}", self.journey)).await?;
        Ok(page.expect(200)?["items"].as_array().context("items")?.clone())
    }
}

#[tokio::test]
async fn a_delivery_that_cannot_be_trusted_starts_nothing() -> Result<()> {
    let bench = bench().await?;
    let now = webhook::now()?;
    let sender = bench.server.stranger()?;
    let unsigned = sender.post("/hooks/orders", &json!({ "id": "o1" })).await?;
    unsigned.problem(401, "invalid-signature")?;
    let body = r#"{"id":"o1"}"#;
    let theirs = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let fresh = Delivery { id: "msg_1", sent: now, body };
    bench.deliver(fresh, theirs).await?.problem(401, "invalid-signature")?;
    for sent in [now - 400, now + 400, 0, i64::MIN, i64::MAX] {
        let odd = bench.deliver(Delivery { sent, ..fresh }, &bench.secret).await?;
        odd.problem(401, "invalid-signature").with_context(|| format!("sent {sent}"))?;
    }
    let signed = fresh.sign(sender.request(Method::POST, "/hooks/orders"), &bench.secret)?;
    sender.send(signed.body(r#"{"id":"o2"}"#)).await?.problem(401, "invalid-signature")?;
    for (name, value) in
        [("webhook-signature", "v1,"), ("webhook-timestamp", "now"), ("webhook-id", "")]
    {
        let signed = fresh.sign(sender.request(Method::POST, "/hooks/orders"), &bench.secret)?;
        let mut request = signed.build()?;
        request.headers_mut().insert(name, value.parse()?);
        let answer = sender.execute(request).await?;
        answer.problem(401, "invalid-signature").with_context(|| name.to_owned())?;
    }
    // Its sender is known, but what it sent is nothing a journey can start from.
    for (body, status, kind) in
        [("{", 400, "malformed-body"), ("[1]", 422, "invalid-body"), ("", 400, "malformed-body")]
    {
        let odd = bench.deliver(Delivery { body, ..fresh }, &bench.secret).await?;
        odd.problem(status, kind)?;
    }
    ensure!(bench.instances().await? == Vec::<Value>::new(), "nothing was started");
    Ok(())
}

#[tokio::test]
async fn a_delivery_sent_again_finds_the_first() -> Result<()> {
    let bench = bench().await?;
    let delivery = Delivery { id: "msg_1", sent: webhook::now()?, body: r#"{"id":"o1"}"# };
    let first = bench.deliver(delivery, &bench.secret).await?.expect(202)?;
    for _ in 0..5 {
        let again = bench.deliver(delivery, &bench.secret).await?.expect(202)?;
        ensure!(again == first, "{again} is not {first}");
    }
    ensure!(bench.instances().await?.len() == 1, "one instance");
    let other = bench.deliver(Delivery { id: "msg_2", ..delivery }, &bench.secret).await?;
    ensure!(other.expect(202)? != first, "another delivery");
    Ok(())
}

/// Without it a delivery would go to either.
#[tokio::test]
async fn an_open_address_belongs_to_one_journey() -> Result<()> {
    let bench = bench().await?;
    let open = json!({ "type": "webhook", "hook": "open", "signed": false });
    let make = async |name: &str| {
        let draft = json!({
            "format": 1, "name": name,
            "nodes": [
                { "id": "start", "kind": "trigger", "on": open },
                { "id": "done", "kind": "end", "outcome": "done" }
            ],
            "edges": [{ "id": "e1", "from": "start", "to": "done" }]
        });
        let body = json!({ "name": name, "draft": draft });
        let made = bench.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
        let id = made["id"].as_str().context("an id")?.to_owned();
        anyhow::Ok(id)
    };
    let publish = async |journey: &str, mode: &str| {
        let versions = format!("/api/v1/journeys/{journey}/versions");
        bench.admin.post(&versions, &json!({ "mode": mode })).await
    };
    let (first, second) = (make("First").await?, make("Second").await?);
    publish(&first, "live").await?.expect(201)?;
    let refused = publish(&second, "live").await?.problem(422, "not-publishable")?;
    let told = &refused["diagnostics"][0];
    ensure!(told["code"] == "duplicate-hook" && told["field"] == "/on/hook", "{refused}");
    ensure!(told["message"].as_str().is_some_and(|text| text.contains(&first)), "{refused}");
    publish(&second, "shadow").await?.expect(201)?;
    publish(&first, "live").await?.expect(201)?;
    for _ in 0..10 {
        bench.admin.post("/hooks/open", &json!({})).await?.expect(202)?;
    }
    let theirs =
        bench.admin.get(&format!("/api/v1/instances?journey={first}")).await?.expect(200)?;
    ensure!(theirs["items"].as_array().is_some_and(|items| items.len() == 10), "{theirs}");
    let hook = json!({ "slug": "open", "journey": second, "signed": false });
    bench.admin.post("/api/v1/hooks", &hook).await?.expect(201)?;
    publish(&second, "live").await?.expect(201)?;
    bench.admin.post("/hooks/open", &json!({})).await?.expect(202)?;
    let theirs =
        bench.admin.get(&format!("/api/v1/instances?journey={second}")).await?.expect(200)?;
    ensure!(theirs["items"].as_array().is_some_and(|items| items.len() == 1), "{theirs}");
    Ok(())
}

#[tokio::test]
async fn a_hook_that_was_deleted_takes_nothing_any_more() -> Result<()> {
    let bench = bench().await?;
    bench.admin.delete("/api/v1/hooks/orders").await?.expect(204)?;
    let delivery = Delivery { id: "msg_1", sent: webhook::now()?, body: "{}" };
    // The journey's trigger has the same name and takes signed deliveries only, for which there is no secret now.
    bench.deliver(delivery, &bench.secret).await?.problem(401, "invalid-signature")?;
    bench.admin.delete("/api/v1/hooks/orders").await?.problem(404, "not-found")?;
    Ok(())
}
