//! Journeys that run: started by people and webhooks, moved on by tasks.

use super::*;
use intake::webhook;

fn with_task(trigger: Value) -> Value {
    json!({
        "format": 1, "name": "Welcome",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": trigger },
            { "id": "call", "kind": "task", "name": "Call", "position": { "x": 200, "y": 0 },
              "title": "Call {{ input.who }}", "owner": { "rule": "team", "team": "onboarding" },
              "sla": { "due": "PT8H", "escalation": [] },
              "form": { "type": "object", "required": ["goal"], "properties": { "goal": { "type": "string", "minLength": 1 } } },
              "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "end", "kind": "end", "name": "End", "position": { "x": 400, "y": 0 }, "outcome": "welcomed" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "call" },
            { "id": "e2", "from": "call", "port": "done", "to": "end" }
        ]
    })
}

struct Team {
    server: Server,
    admin: String,
    member: String,
    outsider: String,
    journey: String,
}

/// A published journey with one task for the team of `member`.
async fn team(trigger: Value) -> Team {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let member = server.user("mia@example.com", Role::Member).await;
    let outsider = server.user("otto@example.com", Role::Member).await;
    let team = json!({ "name": "onboarding", "members": ["mia@example.com"] });
    server.post(&admin, "/api/v1/teams", team).await.expect(201);
    let body = json!({ "name": "Welcome", "draft": with_task(trigger) });
    let made = server.post(&admin, "/api/v1/journeys", body).await.expect(201);
    let journey = made.body["id"].as_str().unwrap().to_owned();
    let versions = format!("/api/v1/journeys/{journey}/versions");
    server.post(&admin, &versions, json!({ "mode": "live" })).await.expect(201);
    Team { server, admin, member, outsider, journey }
}

#[tokio::test]
async fn a_task_is_claimed_completed_with_its_form_and_ends_the_instance() {
    let Team { server, admin, member, outsider, journey } = team(json!({ "type": "manual" })).await;
    let start = format!("/api/v1/journeys/{journey}/instances");
    let input = json!({ "input": { "who": "Ada" } });
    let started = server.post(&admin, &start, input).await.expect(202);
    let instance = format!("/api/v1/instances/{}", started.body["id"].as_str().unwrap());

    let queue = server.get(&member, "/api/v1/tasks?queue=team").await.expect(200);
    assert_eq!(queue.body["items"][0]["title"], "Call Ada");
    let task = format!("/api/v1/tasks/{}", queue.body["items"][0]["id"].as_str().unwrap());
    server.get(&outsider, &task).await.expect(404);
    server.post(&outsider, &format!("{task}/claim"), Value::Null).await.expect(404);
    server.get(&member, "/api/v1/tasks?queue=all").await.expect(403);

    let claimed = server.post(&member, &format!("{task}/claim"), Value::Null).await.expect(200);
    assert_eq!(claimed.body["assignee"], "mia@example.com");
    server.post(&admin, &format!("{task}/claim"), Value::Null).await.expect(409);
    let mine = server.get(&member, "/api/v1/tasks?queue=mine").await.expect(200);
    assert_eq!(mine.body["items"].as_array().unwrap().len(), 1);

    let complete = format!("{task}/complete");
    let wrong = json!({ "outcome": "done", "form": { "goal": 7 } });
    let refused = server.post(&member, &complete, wrong).await.expect(422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/form/goal");
    let unknown = json!({ "outcome": "nope", "form": { "goal": "x" } });
    server.post(&member, &complete, unknown).await.expect(422);
    let right = json!({ "outcome": "done", "form": { "goal": "First value in a week" } });
    let completed = server.post(&member, &complete, right.clone()).await.expect(200);
    assert_eq!(completed.body["status"], "completed");
    server.post(&member, &complete, right).await.expect(409);

    let ended = server.get(&admin, &instance).await.expect(200);
    assert_eq!(
        (&ended.body["status"], &ended.body["outcome"]),
        (&json!("ended"), &json!("welcomed"))
    );
    let records = server.get(&admin, &format!("{instance}/records")).await.expect(200);
    let sequences: Vec<u64> = records.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!(sequences, (0..sequences.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn tasks_of_one_account_are_found_by_either_id() {
    let Team { server, admin, member, journey, .. } = team(json!({ "type": "manual" })).await;
    let path = format!("/api/v1/journeys/{journey}/instances");
    for customer in ["C1", "C2"] {
        let account = json!({ "external_id": customer, "name": customer });
        server.post(&admin, "/api/v1/accounts", account).await.expect(201);
        let start = json!({ "account": customer, "input": { "who": customer } });
        server.post(&admin, &path, start).await.expect(202);
    }
    let account = server.get(&admin, "/api/v1/accounts/C1").await.expect(200);
    for id in ["C1", account.body["id"].as_str().unwrap()] {
        let found = server.get(&member, &format!("/api/v1/tasks?queue=team&account={id}")).await;
        let found = found.expect(200);
        assert_eq!(found.body["items"].as_array().unwrap().len(), 1, "{}", found.body);
        assert_eq!(found.body["items"][0]["title"], "Call C1");
    }
    let nobody = server.get(&member, "/api/v1/tasks?queue=team&account=C3").await.expect(200);
    assert_eq!(nobody.body["items"], json!([]));
}

#[tokio::test]
async fn a_start_that_is_repeated_with_its_key_starts_once() {
    let Team { server, admin, journey, .. } = team(json!({ "type": "manual" })).await;
    let start = async || {
        let request = Request::post(format!("/api/v1/journeys/{journey}/instances"))
            .header(header::AUTHORIZATION, format!("Bearer {admin}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "one")
            .header("prefer", "wait=5");
        let body = Body::from(json!({ "input": { "who": "Ada" } }).to_string());
        server.send(request.body(body).unwrap()).await
    };
    let first = start().await.expect(200);
    assert_eq!(first.body["status"], "running");
    assert_eq!(start().await.expect(200).body, first.body);
    let list =
        server.get(&admin, &format!("/api/v1/instances?journey={journey}")).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    let unknown = json!({ "account": "nobody", "input": {} });
    let path = format!("/api/v1/journeys/{journey}/instances");
    let refused = server.post(&admin, &path, unknown).await.expect(422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/account");
}

async fn send_hook(
    server: &Server,
    slug: &str,
    signed: Option<(&str, &str, i64)>,
    body: &str,
) -> Answer {
    let mut request = Request::post(format!("/hooks/{slug}"));
    if let Some((secret, id, at)) = signed {
        request = request
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", webhook::sign(secret, id, at, body.as_bytes()).unwrap());
    }
    server.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn a_signed_delivery_starts_once_and_an_unsigned_one_never() {
    let on = json!({ "type": "webhook", "hook": "welcome" });
    let Team { server, admin, journey, .. } = team(on).await;
    let body = r#"{"who":"Ada"}"#;
    let refused = send_hook(&server, "welcome", None, body).await.expect(401);
    assert_eq!(refused.problem(), "invalid-signature");
    let made = server
        .post(&admin, "/api/v1/hooks", json!({ "slug": "welcome", "journey": journey }))
        .await
        .expect(201);
    let secret = made.body["secret"].as_str().unwrap();
    let now = server.clock.now().0 / 1000;
    send_hook(&server, "welcome", None, body).await.expect(401);
    let first = send_hook(&server, "welcome", Some((secret, "msg_1", now)), body).await.expect(202);
    let again = send_hook(&server, "welcome", Some((secret, "msg_1", now)), body).await.expect(202);
    assert_eq!(first.body, again.body);
    let other = send_hook(&server, "welcome", Some((secret, "msg_2", now)), body).await.expect(202);
    assert_ne!(first.body, other.body);
    send_hook(&server, "welcome", Some((secret, "msg_3", now - 301)), body).await.expect(401);
    send_hook(&server, "welcome", Some((secret, "msg_4", now)), "{").await.expect(400);
    send_hook(&server, "welcome", Some((secret, "msg_5", now)), "[]").await.expect(422);
    send_hook(&server, "unknown", None, body).await.expect(404);
    let hooks = server.get(&admin, "/api/v1/hooks").await.expect(200);
    assert!(!hooks.body.to_string().contains("whsec_"));
}

#[tokio::test]
async fn a_trigger_that_is_open_on_purpose_takes_unsigned_deliveries() {
    let on = json!({ "type": "webhook", "hook": "open", "signed": false });
    let Team { server, .. } = team(on).await;
    let request = Request::post("/hooks/open")
        .header("prefer", "wait=5")
        .body(Body::from(r#"{"who":"Ada"}"#))
        .unwrap();
    let answer = server.send(request).await.expect(200);
    assert_eq!(answer.body["instances"][0]["status"], "running");
}

#[tokio::test]
async fn a_cancelled_instance_takes_its_task_with_it() {
    let Team { server, admin, member, journey, .. } = team(json!({ "type": "manual" })).await;
    let start = format!("/api/v1/journeys/{journey}/instances");
    let started =
        server.post(&admin, &start, json!({ "input": { "who": "Ada" } })).await.expect(202);
    let instance = format!("/api/v1/instances/{}", started.body["id"].as_str().unwrap());
    let cancel = format!("{instance}/cancel");
    let reason = json!({ "reason": "The customer left" });
    server.post(&member, &cancel, reason.clone()).await.expect(403);
    let cancelled = server.post(&admin, &cancel, reason.clone()).await.expect(200);
    assert_eq!(cancelled.body["status"], "cancelled");
    server.post(&admin, &cancel, reason).await.expect(409);
    let queue = server.get(&member, "/api/v1/tasks?queue=team").await.expect(200);
    assert_eq!(queue.body["items"], json!([]));
    server.post(&admin, &format!("{instance}/retry"), Value::Null).await.expect(409);
}

#[tokio::test]
async fn a_file_that_is_no_component_is_refused_in_words() {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let install = async |kind: &str, body: &'static [u8]| {
        let request = Request::post("/api/v1/connectors")
            .header(header::AUTHORIZATION, format!("Bearer {admin}"))
            .header(header::CONTENT_TYPE, kind);
        server.send(request.body(Body::from(body)).unwrap()).await
    };
    let refused = install("application/wasm", b"not wasm at all").await.expect(422);
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.len() > 10));
    install("application/json", b"{}").await.expect(415);
}
