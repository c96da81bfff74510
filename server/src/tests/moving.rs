//! What people do to instances and tasks once they run, and messages that really go out.

use super::*;
use crate::mail::MailSettings;
use mock_systems::MailServer;

fn drawing(name: &str, nodes: Value, edges: &[&str]) -> Value {
    let mut all = vec![
        json!({ "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } }),
        json!({ "id": "done", "kind": "end", "name": "Done", "outcome": "success" }),
    ];
    all.extend(nodes.as_array().unwrap().iter().cloned());
    for (index, node) in all.iter_mut().enumerate() {
        node["position"] = json!({ "x": index * 200, "y": 0 });
        if node["name"].is_null() {
            node["name"] = node["id"].clone();
        }
    }
    let edges = edges.iter().enumerate().map(|(index, edge)| {
        let (from, to) = edge.split_once('>').unwrap();
        let (from, port) = from.split_once(':').unwrap_or((from, "out"));
        json!({ "id": format!("e{index}"), "from": from, "port": port, "to": to })
    });
    json!({ "format": 1, "name": name, "nodes": all, "edges": edges.collect::<Vec<_>>() })
}

struct House {
    server: Server,
    admin: String,
    mia: String,
    bob: String,
}

impl House {
    async fn new(mailer: Option<Mailer>) -> Self {
        let server = Server::with_mail(mailer).await;
        let admin = server.user("root@example.com", Role::Admin).await;
        let mia = server.user("mia@example.com", Role::Member).await;
        let bob = server.user("bob@example.com", Role::Member).await;
        let team = json!({ "name": "CS", "members": ["mia@example.com", "bob@example.com"] });
        server.post(&admin, "/api/v1/teams", team).await.expect(201);
        let team = json!({ "name": "Sales", "members": ["mia@example.com"] });
        server.post(&admin, "/api/v1/teams", team).await.expect(201);
        Self { server, admin, mia, bob }
    }

    async fn publish(&self, draft: Value) -> String {
        let body = json!({ "name": draft["name"], "draft": draft });
        let made = self.server.post(&self.admin, "/api/v1/journeys", body).await.expect(201);
        let id = made.body["id"].as_str().unwrap().to_owned();
        let versions = format!("/api/v1/journeys/{id}/versions");
        self.server.post(&self.admin, &versions, json!({ "mode": "live" })).await.expect(201);
        id
    }

    /// Starts an instance and waits until it rests; gives its address.
    async fn run(&self, draft: Value, input: Value) -> String {
        let journey = self.publish(draft).await;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/v1/journeys/{journey}/instances"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.admin))
            .header(header::CONTENT_TYPE, "application/json")
            .header("prefer", "wait=20");
        let body = Body::from(json!({ "input": input }).to_string());
        let started = self.server.send(request.body(body).unwrap()).await.expect(200);
        format!("/api/v1/instances/{}", started.body["id"].as_str().unwrap())
    }

    async fn read(&self, path: &str) -> Value {
        self.server.get(&self.admin, path).await.expect(200).body
    }

    async fn tasks(&self) -> Vec<String> {
        let page = self.read("/api/v1/tasks?queue=all").await;
        let tasks = page["items"].as_array().unwrap().iter();
        tasks.map(|task| format!("/api/v1/tasks/{}", task["id"].as_str().unwrap())).collect()
    }

    async fn until_tasks(&self, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let tasks = self.tasks().await;
            if tasks.len() == count {
                return tasks;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{count} tasks never came")
    }

    /// What is at an address, once that is so of it.
    async fn until(&self, address: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut seen = self.read(address).await;
        for _ in 0..400 {
            if is_so(&seen) {
                return seen;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
            seen = self.read(address).await;
        }
        panic!("it never came to be: {seen}")
    }

    async fn actions(&self) -> Vec<String> {
        let audit = self.read("/api/v1/audit?limit=100").await;
        let lines = audit["items"].as_array().unwrap().iter();
        lines.map(|line| line["action"].as_str().unwrap().to_owned()).collect()
    }
}

fn task(id: &str, more: Value) -> Value {
    let mut task = json!({ "id": id, "kind": "task", "title": id, "owner": { "rule": "team", "team": "CS" },
        "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    task
}

fn telling() -> Value {
    json!({ "id": "tell", "kind": "notify", "channel": "email", "to": { "rule": "team", "team": "CS" },
        "subject": "About {{ input.who }}", "body": "Hello" })
}

#[tokio::test]
async fn a_message_reaches_a_real_mail_server_once_for_each_member() {
    let mail = MailServer::start().await.unwrap();
    let settings = MailSettings { url: mail.url(), from: "w@example.com".to_owned() };
    let house = House::new(Some(Mailer::new(&settings).unwrap())).await;
    let draft = drawing("Telling", json!([telling()]), &["start>tell", "tell>done"]);
    let instance = house.run(draft, json!({ "who": "Ada\r\nBcc: eve@example.com" })).await;
    assert_eq!(house.read(&instance).await["status"], "ended");
    let mut to: Vec<_> = mail.letters().into_iter().flat_map(|one| one.to).collect();
    to.sort();
    assert_eq!(to, ["bob@example.com", "mia@example.com"]);
}

#[tokio::test]
async fn without_a_mail_server_a_message_is_an_incident_that_can_be_ended() {
    let house = House::new(None).await;
    let draft = drawing("Telling", json!([telling()]), &["start>tell", "tell>done"]);
    let instance = house.run(draft, json!({ "who": "Ada" })).await;
    let shown = house.read(&instance).await;
    assert_eq!(
        (&shown["status"], &shown["waits"][0]["code"]),
        (&json!("incident"), &json!("mail.not-configured"))
    );
    let end = format!("{instance}/end");
    let words = json!({ "node": "tell", "outcome": "gave up" });
    let body = json!({ "node": "tell", "outcome": "gave_up" });
    house.server.post(&house.mia, &end, body.clone()).await.expect(403);
    let elsewhere = json!({ "node": "start", "outcome": "x" });
    house.server.post(&house.admin, &end, elsewhere).await.expect(409);
    house.server.post(&house.admin, &end, words).await.expect(422);
    let ended = house.server.post(&house.admin, &end, body.clone()).await.expect(200);
    assert_eq!(
        (&ended.body["status"], &ended.body["outcome"]),
        (&json!("ended"), &json!("gave_up"))
    );
    house.server.post(&house.admin, &end, body).await.expect(409);
    assert!(house.actions().await.contains(&"instance.end".to_owned()));
}

#[tokio::test]
async fn an_item_is_added_to_a_for_each_and_its_instances_are_shown() {
    let house = House::new(None).await;
    let each = json!({ "id": "each", "kind": "for_each", "items": "input.sites", "as": "site", "max": 3,
        "body": { "from": "visit", "to": "visit" }, "mode": "parallel" });
    let draft =
        drawing("Visits", json!([each, task("visit", json!({}))]), &["start>each", "each>done"]);
    let instance = house.run(draft, json!({ "sites": ["a", "b"] })).await;
    house.until_tasks(2).await;
    let items = format!("{instance}/items");
    let add = json!({ "node": "each", "item": { "name": "c" } });
    house.server.post(&house.admin, &items, add.clone()).await.expect(200);
    house.until_tasks(3).await;
    house.server.post(&house.admin, &items, add.clone()).await.expect(409);
    house.server.post(&house.admin, &items, json!({ "node": "done", "item": 1 })).await.expect(409);
    // What is below has its task a moment before what is above hears that it runs.
    let running = |shown: &Value| {
        let children = shown["waits"][0]["children"].as_array();
        children.is_some_and(|all| all.iter().all(|child| child["state"] == "running"))
    };
    let shown = house.until(&instance, running).await;
    let children = shown["waits"][0]["children"].as_array().unwrap();
    let child = children[2]["instance"].as_str().unwrap();
    let below = house.read(&format!("/api/v1/instances/{child}")).await;
    assert_eq!(below["parent"], instance.rsplit('/').next().unwrap());
    let listed = house
        .read(&format!("/api/v1/instances?parent={}", below["parent"].as_str().unwrap()))
        .await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    house
        .server
        .post(&house.admin, &format!("{instance}/cancel"), json!({ "reason": "over" }))
        .await
        .expect(200);
    house.until_tasks(0).await;
    let below = house.read(&format!("/api/v1/instances/{child}")).await;
    assert_eq!(below["status"], "cancelled");
}

#[tokio::test]
async fn a_claimed_task_is_given_to_another_user() {
    let house = House::new(None).await;
    let draft = drawing("One", json!([task("call", json!({}))]), &["start>call", "call:done>done"]);
    house.run(draft, json!({})).await;
    let [task] = &house.until_tasks(1).await[..] else { panic!() };
    let delegate = format!("{task}/delegate");
    let to_bob = json!({ "to": "Bob@Example.com" });
    house.server.post(&house.mia, &delegate, to_bob.clone()).await.expect(409);
    house.server.post(&house.mia, &format!("{task}/claim"), Value::Null).await.expect(200);
    house.server.post(&house.mia, &delegate, json!({ "to": "eve@example.com" })).await.expect(422);
    let given = house.server.post(&house.mia, &delegate, to_bob).await.expect(200);
    assert_eq!(given.body["assignee"], "bob@example.com");
    let done = json!({ "outcome": "done", "form": {} });
    house.server.post(&house.mia, &format!("{task}/complete"), done.clone()).await.expect(409);
    house.server.post(&house.bob, &format!("{task}/complete"), done).await.expect(200);
    assert!(house.actions().await.contains(&"task.delegate".to_owned()));
}

#[tokio::test]
async fn what_was_handed_over_is_sent_back_with_a_reason() {
    let house = House::new(None).await;
    let handoff = json!({ "id": "over", "kind": "handoff", "from_team": "Sales", "to_team": "CS", "sla": { "due": "PT8H", "escalation": [] },
        "fields": { "type": "object", "properties": { "goal": { "type": "string" } }, "required": ["goal"] }, "values": { "goal": "input.goal" } });
    let draft = drawing(
        "Over",
        json!([handoff, task("again", json!({}))]),
        &["start>over", "over:accepted>done", "over:sent_back>again", "again:done>done"],
    );
    let instance = house.run(draft, json!({ "goal": "grow" })).await;
    let [task] = &house.until_tasks(1).await[..] else { panic!() };
    house.server.post(&house.bob, &format!("{task}/claim"), Value::Null).await.expect(200);
    let back = format!("{task}/send-back");
    house.server.post(&house.bob, &back, json!({ "reason": " " })).await.expect(422);
    let sent =
        house.server.post(&house.bob, &back, json!({ "reason": "no contact" })).await.expect(200);
    assert_eq!(
        (&sent.body["status"], &sent.body["outcome"]),
        (&json!("completed"), &json!("sent_back"))
    );
    let [again] = &house.until_tasks(1).await[..] else { panic!() };
    house
        .server
        .post(&house.bob, &format!("{again}/send-back"), json!({ "reason": "x" }))
        .await
        .expect(409);
    let records = house.read(&format!("{instance}/records")).await.to_string();
    assert!(records.contains("no contact"), "{records}");
}

#[tokio::test]
async fn a_decision_that_a_limit_does_not_let_you_make_is_forbidden_and_stays_open() {
    let house = House::new(None).await;
    let approval = json!({ "id": "ok", "kind": "approval", "owner": { "rule": "team", "team": "CS" }, "sla": { "due": "PT8H", "escalation": [] },
        "limit": "by.teams.exists(team, team == 'Sales') && by.role == 'member'" });
    let draft =
        drawing("Ask", json!([approval]), &["start>ok", "ok:approved>done", "ok:rejected>done"]);
    let instance = house.run(draft, json!({})).await;
    let [task] = &house.until_tasks(1).await[..] else { panic!() };
    house.server.post(&house.bob, &format!("{task}/claim"), Value::Null).await.expect(200);
    let approve = json!({ "outcome": "approved", "form": {} });
    let refused = house
        .server
        .post(&house.bob, &format!("{task}/complete"), approve.clone())
        .await
        .expect(403);
    assert_eq!(refused.problem(), "forbidden");
    house
        .server
        .post(&house.bob, &format!("{task}/delegate"), json!({ "to": "mia@example.com" }))
        .await
        .expect(200);
    house.server.post(&house.mia, &format!("{task}/complete"), approve).await.expect(200);
    assert_eq!(house.read(&instance).await["status"], "ended");
}
