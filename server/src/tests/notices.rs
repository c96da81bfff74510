//! What journeys tell people inside the product, and who reads it.

use super::*;
use crate::{housekeeping, limits};

/// Tells a team and a person, then puts a task before another person.
fn telling() -> Value {
    let node = |id: &str, kind: &str, more: Value| {
        let mut node =
            json!({ "id": id, "kind": kind, "name": id, "position": { "x": 0, "y": 0 } });
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        node
    };
    let team = json!({ "rule": "team", "team": "success" });
    let lead = json!({ "rule": "user", "user": "lead@example.com" });
    json!({
        "format": 1, "name": "Renewal",
        "nodes": [
            node("start", "trigger", json!({ "on": { "type": "manual" } })),
            node("tell_team", "notify", json!({ "channel": "app", "to": team, "body": "{{ input.who }} renews" })),
            node("tell_lead", "notify", json!({ "channel": "app", "to": lead, "body": "Look at {{ input.who }}" })),
            node("call", "task", json!({ "title": "Call", "owner": lead, "sla": { "due": "PT8H", "escalation": [] },
                "outcomes": [{ "id": "done", "label": "Done" }] })),
            node("end", "end", json!({ "outcome": "renewed" })),
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "tell_team" },
            { "id": "e2", "from": "tell_team", "to": "tell_lead" },
            { "id": "e3", "from": "tell_lead", "to": "call" },
            { "id": "e4", "from": "call", "port": "done", "to": "end" },
        ]
    })
}

struct Told {
    server: Server,
    admin: String,
    member: String,
    lead: String,
}

async fn told(who: &[&str]) -> Told {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let member = server.user("mia@example.com", Role::Member).await;
    let lead = server.user("lead@example.com", Role::Member).await;
    let team = json!({ "name": "success", "members": ["mia@example.com"] });
    server.post(&admin, "/api/v1/teams", team).await.expect(201);
    let body = json!({ "name": "Renewal", "draft": telling() });
    let made = server.post(&admin, "/api/v1/journeys", body).await.expect(201);
    let journey = format!("/api/v1/journeys/{}", made.body["id"].as_str().unwrap());
    server
        .post(&admin, &format!("{journey}/versions"), json!({ "mode": "live" }))
        .await
        .expect(201);
    for who in who {
        let input = json!({ "input": { "who": who } });
        server.post(&admin, &format!("{journey}/instances"), input).await.expect(202);
        server.wait(1_000);
    }
    Told { server, admin, member, lead }
}

impl Told {
    async fn notices(&self, token: &str, query: &str) -> Value {
        self.server.get(token, &format!("/api/v1/notices{query}")).await.expect(200).body
    }
}

fn about(notices: &Value) -> Vec<(&str, bool)> {
    let items = notices["items"].as_array().unwrap().iter();
    items.map(|item| (item["about"].as_str().unwrap(), item["unseen"] == true)).collect()
}

#[tokio::test]
async fn each_reads_their_own_and_what_they_have_seen_is_not_counted() {
    let told = told(&["Ada", "Bob"]).await;
    let mine = told.notices(&told.member, "").await;
    assert_eq!(about(&mine), [("Bob renews", true), ("Ada renews", true)]);
    assert_eq!((&mine["unseen"], &mine["next_cursor"]), (&json!(2), &Value::Null));
    assert_eq!(mine["items"][0]["team"], "success");
    assert_eq!(mine["items"][0]["journey_name"], "Renewal");
    assert!(mine["items"][0]["instance"].as_str().unwrap().starts_with("ins_"));
    assert!(mine["items"][0].get("task").is_none(), "it is about no task");
    let leads = told.notices(&told.lead, "").await;
    assert_eq!(about(&leads), [("Look at Bob", true), ("Look at Ada", true)]);
    assert_eq!(about(&told.notices(&told.admin, "").await), []);

    let older = json!({ "until": mine["items"][1]["at"] });
    told.server.post(&told.member, "/api/v1/notices/seen", older.clone()).await.expect(204);
    let mine = told.notices(&told.member, "").await;
    assert_eq!(about(&mine), [("Bob renews", true), ("Ada renews", false)]);
    assert_eq!(mine["unseen"], 1);
    let later = json!({ "until": "9999-01-01T00:00:00Z" });
    told.server.post(&told.member, "/api/v1/notices/seen", later).await.expect(204);
    told.server.post(&told.member, "/api/v1/notices/seen", older).await.expect(204);
    assert_eq!(told.notices(&told.member, "").await["unseen"], 0, "it stays seen");
    assert_eq!(told.notices(&told.lead, "").await["unseen"], 2, "each for themselves");
    let wrong = json!({ "until": "yesterday" });
    let refused = told.server.post(&told.lead, "/api/v1/notices/seen", wrong).await.expect(422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/until");
}

#[tokio::test]
async fn a_time_to_come_hides_nothing_that_is_still_to_be_told() {
    let told = told(&["Ada"]).await;
    let later = json!({ "until": "9999-01-01T00:00:00Z" });
    told.server.post(&told.member, "/api/v1/notices/seen", later).await.expect(204);
    told.server.wait(1_000);
    let journeys = told.server.get(&told.admin, "/api/v1/journeys").await.expect(200);
    let journey = journeys.body["items"][0]["id"].as_str().unwrap();
    let start = format!("/api/v1/journeys/{journey}/instances");
    let input = json!({ "input": { "who": "Bob" } });
    told.server.post(&told.admin, &start, input).await.expect(202);
    assert_eq!(
        about(&told.notices(&told.member, "").await),
        [("Bob renews", true), ("Ada renews", false)]
    );
}

#[tokio::test]
async fn notices_come_in_pages() {
    let told = told(&["Ada", "Bob", "Cem"]).await;
    let first = told.notices(&told.member, "?limit=2").await;
    assert_eq!(about(&first).len(), 2);
    assert_eq!(first["unseen"], 3, "of all pages");
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = told.notices(&told.member, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!(about(&rest), [("Ada renews", true)]);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_task_names_the_person_it_is_for() {
    let told = told(&["Ada"]).await;
    let mine = told.server.get(&told.lead, "/api/v1/tasks?queue=mine").await.expect(200);
    let task = &mine.body["items"][0];
    assert_eq!(
        (&task["offered_to"], &task["status"]),
        (&json!("lead@example.com"), &json!("offered"))
    );
    assert!(task.get("team").is_none() && task.get("assignee").is_none(), "{task}");
}

#[tokio::test]
async fn what_was_told_long_ago_is_forgotten() {
    let told = told(&["Ada"]).await;
    let store = told.server.store.as_ref();
    housekeeping::forget(store, told.server.clock.now().plus(-60_000)).await.unwrap();
    assert_eq!(about(&told.notices(&told.member, "").await).len(), 1);
    let later = told.server.clock.now().plus(limits::NOTICES_MS + 1);
    housekeeping::forget(store, later).await.unwrap();
    assert_eq!(about(&told.notices(&told.member, "").await), []);
}
