//! Versions compared, and instances moved from one to another.

use super::*;
use journey::migrate::Mapping;
use store::{
    InstanceId,
    instances::Stored,
    migrations::{Begun, Looked, NewMigration, Outcome, Purpose},
};

fn calling(task: &str, due: &str) -> Value {
    json!({
        "format": 1, "name": "Welcome",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } },
            { "id": task, "kind": "task", "name": "Call", "title": "Call {{ input.who }}", "owner": { "rule": "team", "team": "onboarding" },
              "sla": { "due": due, "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "end", "kind": "end", "name": "End", "outcome": "welcomed" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": task }, { "id": "e2", "from": task, "port": "done", "to": "end" }]
    })
}

struct Moving {
    server: Server,
    admin: String,
    journey: String,
}

/// A journey with two versions: the second calls its task otherwise, and lets it take longer.
async fn two_versions(instances: usize) -> (Moving, Vec<String>) {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let team = json!({ "name": "onboarding", "members": ["root@example.com"] });
    server.post(&admin, "/api/v1/teams", team).await.expect(201);
    let body = json!({ "name": "Welcome", "draft": calling("call", "PT8H") });
    let made = server.post(&admin, "/api/v1/journeys", body).await.expect(201);
    let journey = format!("/api/v1/journeys/{}", made.body["id"].as_str().unwrap());
    let versions = format!("{journey}/versions");
    server.post(&admin, &versions, json!({ "mode": "live" })).await.expect(201);
    let mut ids = Vec::new();
    for who in 0..instances {
        let input = json!({ "input": { "who": who } });
        let started = server.post(&admin, &format!("{journey}/instances"), input).await.expect(202);
        ids.push(started.body["id"].as_str().unwrap().to_owned());
    }
    let request = Request::put(format!("{journey}/draft"))
        .header(header::AUTHORIZATION, format!("Bearer {admin}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "*")
        .body(Body::from(calling("phone", "PT10H").to_string()));
    server.send(request.unwrap()).await.expect(204);
    server.post(&admin, &versions, json!({ "mode": "live" })).await.expect(201);
    (Moving { server, admin, journey }, ids)
}

impl Moving {
    async fn get(&self, path: &str) -> Answer {
        self.server.get(&self.admin, &format!("{}{path}", self.journey)).await
    }

    async fn begin(&self, body: Value) -> Answer {
        let path = format!("{}/migrations", self.journey);
        self.server.post(&self.admin, &path, body).await
    }

    /// Waits for a migration to end.
    async fn ended(&self, begun: &Answer) -> (String, Value) {
        let path = format!("/migrations/{}", begun.body["id"].as_str().unwrap());
        for _ in 0..2_000 {
            let read = self.get(&path).await.expect(200);
            if read.body["state"] != "running" {
                return (path, read.body);
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        panic!("the migration does not end");
    }

    async fn stored(&self, id: &str) -> Stored {
        let id: InstanceId = id.parse().unwrap();
        self.server.store.instance(id).await.unwrap().unwrap()
    }
}

fn move_to_two(more: Value) -> Value {
    let mut body = json!({ "from": 1, "to": 2, "mapping": { "nodes": { "call": "phone" } } });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    body
}

#[tokio::test]
async fn two_versions_are_compared_in_words() {
    let (moving, _) = two_versions(0).await;
    let diff = moving.get("/versions/1/diff/2").await.expect(200);
    let sentences: Vec<_> = diff.body["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["sentence"].clone())
        .collect();
    assert!(
        sentences.contains(&json!("The task 'Call' is due in 10 hours instead of 8.")),
        "{sentences:?}"
    );
    let same = moving.get("/versions/2/diff/draft").await.expect(200);
    assert_eq!(same.body, json!({ "changes": [], "layout_only": false }));
    moving.get("/versions/1/diff/7").await.expect(404);
    moving.get("/versions/nonsense/diff/1").await.expect(404);
}

#[tokio::test]
async fn a_dry_run_says_what_would_become_of_each_instance_and_moves_none() {
    let (moving, ids) = two_versions(3).await;
    let begun = moving.begin(json!({ "from": 1, "to": 2, "dry_run": true })).await.expect(202);
    let (path, ended) = moving.ended(&begun).await;
    assert_eq!(ended["outcomes"], json!({ "needs_mapping": 3 }));
    assert_eq!((&ended["left"], &ended["dry_run"]), (&json!(3), &json!(true)));
    let listed = moving.get(&format!("{path}/instances?limit=2")).await.expect(200);
    assert_eq!(listed.body["items"][0]["instance"], json!(ids[0]));
    let reason = &listed.body["items"][0]["plan"]["reasons"][0];
    assert_eq!(reason["code"], "node-gone");
    assert!(listed.body["next_cursor"].is_string());
    let begun = moving.begin(move_to_two(json!({ "dry_run": true }))).await.expect(202);
    let (path, ended) = moving.ended(&begun).await;
    assert_eq!(ended["outcomes"], json!({ "moves_cleanly": 3 }));
    let listed = moving.get(&format!("{path}/instances?outcome=moves_cleanly")).await.expect(200);
    let timers = &listed.body["items"][0]["plan"]["waits"][0]["timers"];
    assert_eq!(timers[1]["change"], "recomputed");
    moving.get(&format!("{path}/instances?outcome=flown")).await.expect(400);
    assert_eq!(moving.stored(&ids[0]).await.life.version, 1);
}

#[tokio::test]
async fn instances_are_moved_with_their_tasks_and_one_can_be_taken_back() {
    let (moving, ids) = two_versions(120).await;
    let begun = moving.begin(move_to_two(json!({}))).await.expect(202);
    let (path, ended) = moving.ended(&begun).await;
    assert_eq!((&ended["outcomes"], &ended["left"]), (&json!({ "moved": 120 }), &json!(0)));
    let moved = moving.stored(&ids[0]).await;
    assert_eq!((moved.life.version, moved.state.waits()[0].node.as_str()), (2, "phone"));
    let tasks =
        moving.server.get(&moving.admin, "/api/v1/tasks?queue=team&limit=1").await.expect(200);
    let task = format!("/api/v1/tasks/{}", tasks.body["items"][0]["id"].as_str().unwrap());
    let due = moving.server.now().plus(10 * 3_600_000).to_rfc3339();
    let task = moving.server.get(&moving.admin, &task).await.expect(200);
    assert_eq!((&task.body["node"], &task.body["sla"]["due"]), (&json!("phone"), &json!(due)));

    let back = format!("{}{path}/roll-back", moving.journey);
    let one = json!({ "instance": ids[0] });
    moving.server.post(&moving.admin, &back, one.clone()).await.expect(204);
    let stored = moving.stored(&ids[0]).await;
    assert_eq!((stored.life.version, stored.state.waits()[0].node.as_str()), (1, "call"));
    assert_eq!(stored.state.waits()[0].due(), Some(moving.server.now().plus(8 * 3_600_000)));
    moving.server.post(&moving.admin, &back, one).await.expect(409);
    let read = moving.get(&path).await.expect(200);
    assert_eq!(read.body["outcomes"], json!({ "moved": 119, "rolled_back": 1 }));
    let unknown = json!({ "instance": "ins_0000000000000" });
    moving.server.post(&moving.admin, &back, unknown).await.expect(404);
    let records = format!("/api/v1/instances/{}/records", ids[0]);
    let records = moving.server.get(&moving.admin, &records).await.expect(200);
    let facts: Vec<_> = records.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| record["fact"] == "migrated")
        .collect();
    assert_eq!((facts.len(), &facts[0]["by"]), (2, &json!("root@example.com")));
}

#[tokio::test]
async fn a_migration_that_cannot_be_is_refused_with_its_place() {
    let (moving, _) = two_versions(0).await;
    let pointers = |answer: Answer| answer.body["errors"][0]["pointer"].clone();
    assert_eq!(pointers(moving.begin(json!({ "from": 1, "to": 9 })).await.expect(422)), "/to");
    assert_eq!(pointers(moving.begin(json!({ "from": 1, "to": 1 })).await.expect(422)), "/to");
    let wrong = json!({ "from": 1, "to": 2, "mapping": { "nodes": { "call": "end" } } });
    assert_eq!(pointers(moving.begin(wrong).await.expect(422)), "/mapping/nodes/call");
    let more = json!({ "from": 1, "to": 2, "mapping": { "edges": {} } });
    moving.begin(more).await.expect(422);
    let listed = moving.get("/migrations").await.expect(200);
    assert_eq!(listed.body["items"], json!([]));
    moving.get("/migrations/mig_0000000000000").await.expect(404);
}

#[tokio::test]
async fn an_instance_is_shown_as_it_stood_after_any_record() {
    let (moving, ids) = two_versions(1).await;
    let path = format!("/api/v1/instances/{}/state", ids[0]);
    let now = moving.server.get(&moving.admin, &path).await.expect(200);
    assert_eq!(now.body["waits"][0]["node"], "call");
    assert_eq!(now.body["path"]["edges"][0]["edge"], "e1");
    let first = moving.server.get(&moving.admin, &format!("{path}?at=0")).await.expect(200);
    assert_eq!((&first.body["waits"], &first.body["at"]), (&json!([]), &json!(0)));
    let beyond = moving.server.get(&moving.admin, &format!("{path}?at=999")).await.expect(400);
    assert!(beyond.body["detail"].as_str().unwrap().contains("none numbered 999"), "{beyond:?}");
    let unknown = "/api/v1/instances/ins_0000000000000/state";
    moving.server.get(&moving.admin, unknown).await.expect(404);
}

#[tokio::test]
async fn a_migration_that_broke_off_goes_on_and_counts_each_instance_once() {
    let (moving, ids) = two_versions(3).await;
    let store = &moving.server.store;
    let journey = moving.journey.rsplit('/').next().unwrap().parse().unwrap();
    let mapping: Mapping = serde_json::from_value(json!({ "nodes": { "call": "phone" } })).unwrap();
    let by = "root@example.com".to_owned();
    let begun = NewMigration { journey, from: 1, to: 2, mapping, purpose: Purpose::Move, by };
    // As a process leaves it that ended between writing down the first move and making it.
    let broken_off = async || {
        let begun = store.create_migration(&begun, moving.server.now()).await.unwrap();
        let Begun::Migration(id) = begun else { panic!("{begun:?}") };
        let (instance, at) = (ids[0].parse().unwrap(), moving.server.now());
        let looked = Looked { instance, outcome: Outcome::Moving, detail: Value::Null, at };
        store.note_looked(id, &[looked], None).await.unwrap();
        // Whatever is begun next wakes what does the work.
        let next = moving.begin(move_to_two(json!({ "dry_run": true }))).await.expect(202);
        let answer = Answer { body: json!({ "id": id.to_string() }), ..moving.get("").await };
        let outcomes = moving.ended(&answer).await.1["outcomes"].clone();
        moving.ended(&next).await;
        outcomes
    };
    assert_eq!(broken_off().await, json!({ "moved": 3 }));
    // As one leaves it that ended after the move and before writing that down.
    let mut outcomes = broken_off().await;
    for _ in 0..9 {
        if outcomes == json!({ "moving": 1 }) {
            // What does the work looked once more, and found it before its first move was written down.
            outcomes = broken_off().await;
        }
    }
    assert_eq!(outcomes, json!({ "moved": 1 }));
    let records = format!("/api/v1/instances/{}/records", ids[0]);
    let records = moving.server.get(&moving.admin, &records).await.expect(200);
    let moves = records.body["items"].as_array().unwrap().iter();
    assert_eq!(moves.filter(|record| record["fact"] == "migrated").count(), 1);
}
