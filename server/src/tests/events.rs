//! Events over HTTP: taken in once, wrong ones named, and what came of them shown.

use super::*;
use intake::webhook;
use std::time::Duration;

async fn staff() -> (Server, String) {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    (server, admin)
}

fn listening(on: Value, entry: Value) -> Value {
    json!({
        "format": 1, "name": "Listening",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": on, "entry": entry },
            { "id": "pause", "kind": "wait", "name": "Pause", "for": "P1D" },
            { "id": "end", "kind": "end", "name": "End", "outcome": "done" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "pause" },
            { "id": "e2", "from": "pause", "to": "end" }
        ]
    })
}

async fn publish(server: &Server, admin: &str, draft: Value) -> String {
    let body = json!({ "name": draft["name"], "draft": draft });
    let made = server.post(admin, "/api/v1/journeys", body).await.expect(201);
    let journey = made.body["id"].as_str().unwrap().to_owned();
    let versions = format!("/api/v1/journeys/{journey}/versions");
    server.post(admin, &versions, json!({ "mode": "live" })).await.expect(201);
    journey
}

/// The event once everything that it brings about is there.
async fn settled(server: &Server, token: &str, id: &Value) -> Value {
    let path = format!("/api/v1/events/{}", id.as_str().unwrap());
    for _ in 0..2_000 {
        let event = server.get(token, &path).await.expect(200).body;
        if event["pending"] == false {
            return event;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the event is not dispatched");
}

async fn instances(server: &Server, token: &str, journey: &str) -> usize {
    let path = format!("/api/v1/instances?journey={journey}&limit=500");
    server.get(token, &path).await.expect(200).body["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn events_are_taken_in_once_and_show_what_came_of_them() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "event", "event": "order.paid", "when": "event.amount > 10.0" });
    let journey = publish(&server, &admin, listening(on, json!({}))).await;
    let account = json!({ "external_id": "A-1", "name": "Ada" });
    let account = server.post(&admin, "/api/v1/accounts", account).await.expect(201);
    let batch = json!({ "events": [
        { "key": "o-1", "type": "order.paid", "account": "A-1", "at": "2026-01-31T09:00:00Z", "data": { "amount": 50.0 } },
        { "key": "o-2", "type": "order.paid", "data": { "amount": 5.0 } }
    ] });
    let taken = server.post(&admin, "/api/v1/events", batch.clone()).await.expect(202);
    assert_eq!((&taken.body["accepted"], &taken.body["duplicates"]), (&json!(2), &json!(0)));
    let again = server.post(&admin, "/api/v1/events", batch).await.expect(202);
    assert_eq!((&again.body["accepted"], &again.body["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(taken.body["ids"], again.body["ids"]);

    let started = settled(&server, &admin, &taken.body["ids"][0]).await;
    assert_eq!(started["sent_by"], "root@example.com");
    let reaction = &started["reactions"][0];
    assert_eq!((&reaction["kind"], &reaction["journey"]), (&json!("started"), &json!(journey)));
    assert_eq!(reaction["account"], account.body["id"]);
    let instance = format!("/api/v1/instances/{}", reaction["instance"].as_str().unwrap());
    let instance = server.get(&admin, &instance).await.expect(200);
    assert_eq!(instance.body["input"]["at"], "2026-01-31T09:00:00.000Z");
    let refused = settled(&server, &admin, &taken.body["ids"][1]).await;
    assert_eq!(refused["reactions"][0]["code"], "when");
    assert!(refused["reactions"][0]["sentence"].as_str().is_some_and(|text| text.len() > 20));
    assert_eq!(instances(&server, &admin, &journey).await, 1);

    let listed = server.get(&admin, "/api/v1/events?type=order.paid").await.expect(200);
    assert_eq!(listed.body["items"][1]["id"], taken.body["ids"][0]);
    assert_eq!(listed.body["items"][1]["reactions"][0]["kind"], "started");
    let of_account = server.get(&admin, "/api/v1/events?account=A-1&limit=1").await.expect(200);
    assert_eq!(of_account.body["items"][0]["id"], taken.body["ids"][0]);
    let next = of_account.body["next_cursor"].as_str().unwrap();
    let rest = server.get(&admin, &format!("/api/v1/events?account=A-1&cursor={next}")).await;
    assert_eq!(rest.expect(200).body["items"][0]["type"], "account.changed");
    let nobody = server.get(&admin, "/api/v1/events?account=A-9").await.expect(200);
    assert_eq!(nobody.body["items"], json!([]));
    server.get(&admin, "/api/v1/events/evt_0").await.expect(404);
}

#[tokio::test]
async fn every_wrong_event_is_named_and_none_of_the_batch_is_taken_in() {
    let (server, admin) = staff().await;
    let deep = (0..70).fold(json!(1), |inside, _| json!([inside]));
    let large = "x".repeat(70 * 1024);
    let batch = json!({ "events": [
        { "key": "good", "type": "t" },
        { "key": "", "type": "" },
        { "key": "k", "type": "t", "account": "A-9" },
        { "key": "k", "type": "t", "at": "yesterday" },
        { "key": "k", "type": "t", "data": [] },
        { "key": "k", "type": "t", "data": { "deep": deep } },
        { "key": "k", "type": "t", "data": { "large": large } },
        { "key": "k", "type": "account.changed" },
        { "key": "k", "type": "segment.entered", "data": { "segment": 7 } },
        { "key": "k", "type": "t", "more": 1 },
        7,
        { "type": "t" }
    ] });
    let refused = server.post(&admin, "/api/v1/events", batch).await.expect(422);
    let errors = refused.body["errors"].as_array().unwrap().iter();
    let pointers: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        pointers,
        [
            "/events/1/key",
            "/events/1/type",
            "/events/2/account",
            "/events/3/at",
            "/events/4/data",
            "/events/5/data",
            "/events/6/data",
            "/events/7/type",
            "/events/8/data/segment",
            "/events/8/account",
            "/events/9/more",
            "/events/10",
            "/events/11"
        ]
    );
    let none = server.get(&admin, "/api/v1/events").await.expect(200);
    assert_eq!(none.body["items"], json!([]));
    let empty = server.post(&admin, "/api/v1/events", json!({ "events": [] })).await.expect(422);
    assert_eq!(empty.body["errors"][0]["pointer"], "/events");
    let event = json!({ "key": "k", "type": "t" });
    let many = json!({ "events": vec![event; 501] });
    server.post(&admin, "/api/v1/events", many).await.expect(422);
}

#[tokio::test]
async fn a_changed_account_opens_what_waits_for_the_change() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "change", "object": "account", "field": "segment", "to": "gold" });
    let journey = publish(&server, &admin, listening(on, json!({}))).await;
    let account = json!({ "external_id": "A-1", "name": "Ada", "segment": "base" });
    server.post(&admin, "/api/v1/accounts", account).await.expect(201);
    let gold = json!({ "segment": "gold" });
    server.ask(&admin, Method::PATCH, "/api/v1/accounts/A-1", gold).await.expect(200);
    let events = server.get(&admin, "/api/v1/events?type=account.changed").await.expect(200);
    let changed = settled(&server, &admin, &events.body["items"][0]["id"]).await;
    assert_eq!(changed["data"]["fields"], json!({ "segment": { "from": "base", "to": "gold" } }));
    assert_eq!(changed["reactions"][0]["kind"], "started");
    assert_eq!(instances(&server, &admin, &journey).await, 1);
}

#[tokio::test]
async fn a_thousand_deliveries_of_one_message_open_one_instance() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "webhook", "hook": "paid" });
    let journey = publish(&server, &admin, listening(on, json!({}))).await;
    let hook = json!({ "slug": "paid", "journey": journey });
    let made = server.post(&admin, "/api/v1/hooks", hook).await.expect(201);
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    let at = server.clock.now().0 / 1000;
    let server = std::sync::Arc::new(server);
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (server, secret) = (std::sync::Arc::clone(&server), secret.clone());
        sending.spawn(async move {
            let body = br#"{"order":1}"#;
            let request = Request::post("/hooks/paid")
                .header("webhook-id", "msg_1")
                .header("webhook-timestamp", at)
                .header("webhook-signature", webhook::sign(&secret, "msg_1", at, body).unwrap())
                .body(Body::from(body.to_vec()))
                .unwrap();
            server.send(request).await.expect(202).body["instances"][0].clone()
        });
    }
    let mut opened = std::collections::BTreeSet::new();
    while let Some(instance) = sending.join_next().await {
        opened.insert(instance.unwrap().to_string());
    }
    assert_eq!(opened.len(), 1);
    assert_eq!(instances(&server, &admin, &journey).await, 1);
}

#[tokio::test]
async fn a_thousand_sendings_of_one_event_open_one_instance() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "event", "event": "paid" });
    let journey = publish(&server, &admin, listening(on, json!({}))).await;
    let server = std::sync::Arc::new(server);
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (server, admin) = (std::sync::Arc::clone(&server), admin.clone());
        sending.spawn(async move {
            let batch = json!({ "events": [{ "key": "once", "type": "paid" }] });
            server.post(&admin, "/api/v1/events", batch).await.expect(202).body
        });
    }
    let (mut ids, mut accepted) = (std::collections::BTreeSet::new(), 0);
    while let Some(taken) = sending.join_next().await {
        let taken = taken.unwrap();
        ids.insert(taken["ids"][0].as_str().unwrap().to_owned());
        accepted += taken["accepted"].as_u64().unwrap();
    }
    assert_eq!((ids.len(), accepted), (1, 1));
    settled(&server, &admin, &json!(ids.first().unwrap())).await;
    assert_eq!(instances(&server, &admin, &journey).await, 1);
}

#[tokio::test]
async fn an_account_that_a_journey_did_not_start_for_is_told_why() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "event", "event": "paid", "when": "event.amount > 10.0" });
    let journey = publish(&server, &admin, listening(on, json!({ "one_per_account": true }))).await;
    let account = json!({ "external_id": "A-1", "name": "Ada" });
    server.post(&admin, "/api/v1/accounts", account).await.expect(201);
    let why = format!("/api/v1/journeys/{journey}/why");
    let asked = async |query: &str| server.get(&admin, &format!("{why}?{query}")).await;
    let none = asked("account=A-1").await.expect(200);
    assert_eq!(none.body["triggers"][0]["failing"]["code"], "no-event");
    let send = async |key: &str, amount: f64| {
        let event =
            json!({ "key": key, "type": "paid", "account": "A-1", "data": { "amount": amount } });
        let sent = server.post(&admin, "/api/v1/events", json!({ "events": [event] })).await;
        let id = sent.expect(202).body["ids"][0].clone();
        settled(&server, &admin, &id).await;
        id
    };
    let (small, large) = (send("1", 5.0).await, send("2", 50.0).await);
    let shut = asked(&format!("account=A-1&event={}", small.as_str().unwrap())).await.expect(200);
    let trigger = &shut.body["triggers"][0];
    assert_eq!(trigger["failing"]["facts"], json!({ "event.amount": 5.0 }));
    assert!(trigger["failing"]["change"].as_str().is_some_and(|change| change.contains("10")));
    assert_eq!(shut.body["refusals"][0]["code"], "when");
    let open = asked(&format!("account=A-1&event={}", large.as_str().unwrap())).await.expect(200);
    let trigger = &open.body["triggers"][0];
    assert_eq!((&trigger["open"], &trigger["failing"]), (&json!(true), &Value::Null));
    assert!(trigger["instance"].as_str().is_some_and(|id| id.starts_with("ins_")));
    let again = send("3", 50.0).await;
    let shut = asked(&format!("account=A-1&event={}", again.as_str().unwrap())).await.expect(200);
    assert_eq!(shut.body["triggers"][0]["failing"]["code"], "one-per-account");
    asked("account=A-9").await.expect(400);
    asked("account=A-1&event=evt_0").await.expect(404);
    asked("").await.expect(400);
}

#[tokio::test]
async fn a_delivery_that_is_forged_old_or_replayed_starts_nothing() {
    let (server, admin) = staff().await;
    let on = json!({ "type": "webhook", "hook": "paid" });
    let journey = publish(&server, &admin, listening(on, json!({}))).await;
    let hook = json!({ "slug": "paid", "journey": journey });
    let made = server.post(&admin, "/api/v1/hooks", hook).await.expect(201);
    let secret = made.body["secret"].as_str().unwrap();
    let now = server.clock.now().0 / 1000;
    let (body, changed) = (r#"{"order":1}"#, r#"{"order":2}"#);
    let send = async |id: &str, at: i64, signature: String, body: &'static str| {
        let request = Request::post("/hooks/paid")
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signature)
            .body(Body::from(body))
            .unwrap();
        server.send(request).await
    };
    let sign = |id: &str, at: i64| webhook::sign(secret, id, at, body.as_bytes()).unwrap();
    let other = webhook::sign(&webhook::secret(&[1; 32]), "msg_1", now, body.as_bytes()).unwrap();
    let refused = [
        send("msg_1", now, other, body).await,
        send("msg_1", now, sign("msg_1", now), changed).await,
        send("msg_2", now, sign("msg_1", now), body).await,
        send("msg_1", now - 10, sign("msg_1", now), body).await,
        send("msg_1", now - 301, sign("msg_1", now - 301), body).await,
        send("msg_1", now + 301, sign("msg_1", now + 301), body).await,
        send("msg_1", now, "v2,AAAA".to_owned(), body).await,
        send(&"m".repeat(300), now, sign(&"m".repeat(300), now), body).await,
    ];
    for answer in refused {
        assert_eq!(answer.expect(401).problem(), "invalid-signature");
    }
    assert_eq!(instances(&server, &admin, &journey).await, 0);
    let first = send("msg_1", now, sign("msg_1", now), body).await.expect(202);
    // The same message, caught and sent again within the tolerance: another signature of the same id finds the first.
    let later = send("msg_1", now + 60, sign("msg_1", now + 60), body).await.expect(202);
    assert_eq!(first.body, later.body);
    server.wait(301_000);
    send("msg_1", now, sign("msg_1", now), body).await.expect(401);
    assert_eq!(instances(&server, &admin, &journey).await, 1);
}
