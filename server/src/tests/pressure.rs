//! More at once than the server takes: what is refused changed nothing, what is acknowledged is there, and it recovers by itself. And how
//! much connections may be asked.

use super::*;
use axum::http::header::RETRY_AFTER;
use futures_util::{StreamExt, stream};
use store::{Paging, connectors::NewConnector, instances::Filter};

fn draft() -> Value {
    json!({
        "format": 1, "name": "Busy",
        "nodes": [
            { "id": "hook", "kind": "trigger", "name": "Hook", "on": { "type": "webhook", "hook": "busy", "signed": false } },
            { "id": "begin", "kind": "trigger", "name": "Begin", "on": { "type": "manual" } },
            { "id": "wait", "kind": "wait", "name": "Wait", "for": "PT1H" },
            { "id": "end", "kind": "end", "name": "End", "outcome": "done" }
        ],
        "edges": [
            { "id": "a", "from": "hook", "to": "wait" }, { "id": "b", "from": "begin", "to": "wait" },
            { "id": "c", "from": "wait", "to": "end" }
        ]
    })
}

async fn publish(server: &Server, admin: &str) -> String {
    let made = server
        .post(admin, "/api/v1/journeys", json!({ "name": "Busy", "draft": draft() }))
        .await
        .expect(201);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let versions = format!("/api/v1/journeys/{id}/versions");
    server.post(admin, &versions, json!({ "mode": "live" })).await.expect(201);
    id
}

#[tokio::test]
async fn five_times_too_much_is_refused_in_clear_words_and_nothing_acknowledged_is_lost() {
    let server = Server::start().await;
    let admin = server.user("ada@example.com", Role::Admin).await;
    let journey = publish(&server, &admin).await;
    let starts = format!("/api/v1/journeys/{journey}/instances");
    let sent = 5 * runtime::limits::REQUESTS;
    let asking = (0..sent).map(|number| {
        let (server, admin, starts) = (&server, &admin, &starts);
        async move {
            match number % 2 {
                0 => server.post(admin, starts, json!({ "input": {} })).await,
                _ => {
                    server.send(Request::post("/hooks/busy").body(Body::from("{}")).unwrap()).await
                }
            }
        }
    });
    let answers: Vec<Answer> = stream::iter(asking).buffer_unordered(sent).collect().await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status.is_success());
    assert!(!refused.is_empty() && taken.len() >= runtime::limits::REQUESTS, "{}", taken.len());
    for answer in &refused {
        assert_eq!((answer.status.as_u16(), answer.problem()), (429, "overloaded"));
        assert_eq!(answer.headers[RETRY_AFTER], "1");
        assert_eq!(answer.body["detail"], "too much is being worked on");
    }
    let mut known = std::collections::BTreeSet::new();
    let mut paging = Paging::first(500);
    loop {
        let page = server.store.instances(Filter::default(), paging).await.unwrap();
        known.extend(page.items.iter().map(|one| one.id.to_string()));
        let Some(next) = page.next else { break };
        paging = Paging::new(Some(next), 500);
    }
    let acknowledged: std::collections::BTreeSet<String> = taken
        .iter()
        .map(|answer| {
            let id = answer.body["id"].as_str().or(answer.body["instances"][0].as_str());
            id.unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
        })
        .collect();
    assert_eq!(acknowledged, known, "what was refused changed nothing");
    server.post(&admin, &starts, json!({ "input": {} })).await.expect(202);
}

async fn connect(server: &Server, admin: &str, limits: Value) -> Answer {
    let mut body = json!({ "name": "crm", "connector": "crm", "secrets": { "token": "t0p" } });
    body.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    server.post(admin, "/api/v1/connections", body).await
}

async fn install(server: &Server) {
    let needs =
        json!({ "secrets": [{ "name": "token", "required": true, "header": "authorization" }] });
    let manifest = json!({ "wit": "1.0.0", "id": "crm", "version": "1.0.0", "title": "CRM", "needs": needs,
        "config": { "type": "object" }, "operations": [] });
    let connector = NewConnector {
        name: "crm".to_owned(),
        version: "1.0.0".to_owned(),
        digest: "sha256:00".to_owned(),
        manifest,
        component: Vec::new(),
    };
    server.store.install(&connector, server.now()).await.unwrap();
}

#[tokio::test]
async fn how_much_a_connection_may_be_asked_is_said_and_changed() {
    let server = Server::start().await;
    let admin = server.user("ada@example.com", Role::Admin).await;
    install(&server).await;
    for (limits, pointer) in [
        (json!({ "calls_at_once": 0 }), "/calls_at_once"),
        (json!({ "calls_at_once": 513 }), "/calls_at_once"),
        (json!({ "calls_per_second": 0.0 }), "/calls_per_second"),
    ] {
        let refused = connect(&server, &admin, limits).await.expect(422);
        assert_eq!(refused.body["errors"][0]["pointer"], pointer);
    }
    connect(&server, &admin, json!({ "calls_per_second": 2.5 })).await.expect(201);
    let one = async || {
        let listed = server.get(&admin, "/api/v1/connections").await.expect(200);
        listed.body["items"][0].clone()
    };
    let made = one().await;
    assert_eq!((&made["calls_at_once"], &made["calls_per_second"]), (&json!(64), &json!(2.5)));
    assert_eq!(made["health"]["breaker"], "closed");
    let path = format!("/api/v1/connections/{}", made["id"].as_str().unwrap());
    let change = async |body: Value| server.ask(&admin, Method::PATCH, &path, body).await;
    let changed = change(json!({ "calls_at_once": 3 })).await.expect(200).body;
    assert_eq!((&changed["calls_at_once"], &changed["calls_per_second"]), (&json!(3), &json!(2.5)));
    assert_eq!(changed["secrets"], json!(["token"]), "secrets that are not named stay");
    change(json!({ "calls_per_second": null })).await.expect(200);
    assert_eq!(one().await["calls_per_second"], Value::Null);
    change(json!({ "calls_at_once": 10_000 })).await.expect(422);
    assert_eq!(one().await["calls_at_once"], 3, "what is refused changes nothing");
}
