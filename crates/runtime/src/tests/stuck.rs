//! What reaches a limit of the engine is put before a person; nothing waits for ever.

use super::*;

/// A node, and after it so many ways that no step can go through them all.
fn explosion(first: Value, port: &str) -> Draft {
    let mut nodes = vec![
        json!({ "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } }),
        first,
        json!({ "id": "done", "kind": "end", "name": "Done", "outcome": "done" }),
    ];
    let mut edges = vec![
        json!({ "id": "first", "from": "start", "to": "first" }),
        json!({ "id": "then", "from": "first", "port": port, "to": "p0" }),
    ];
    for at in 0..14 {
        let (this, set) = (format!("p{at}"), format!("s{at}"));
        let next = if at == 13 { "done".to_owned() } else { format!("p{}", at + 1) };
        nodes.push(json!({ "id": this, "kind": "parallel", "name": "Both" }));
        nodes.push(json!({ "id": set, "kind": "set", "name": "Set", "assign": [{ "to": "vars.x", "value": "1" }] }));
        for (id, from, to) in [("a", &this, &set), ("b", &this, &next), ("c", &set, &next)] {
            edges.push(json!({ "id": format!("{id}{at}"), "from": from, "to": to }));
        }
    }
    serde_json::from_value(
        json!({ "format": 1, "name": "Explosion", "nodes": nodes, "edges": edges }),
    )
    .unwrap()
}

impl House {
    /// Starts a journey that comes to its limit after its first node, and gives the instance once it is an incident.
    async fn stuck(&self, draft: &Draft, after_ms: i64) -> InstanceId {
        let journey = publish_unchecked(self.store.as_ref(), draft).await;
        let started = self.runtime.start_instance(request(journey, 1)).await.unwrap().instance;
        self.clock.advance(after_ms);
        self.until(async || self.status(started).await == Status::Incident).await;
        started
    }

    async fn failure_code(&self, id: InstanceId) -> String {
        let stored = self.store.instance(id).await.unwrap().unwrap();
        match &stored.state.waits()[0].on {
            journey::instance::On::Incident { failure, .. } => failure.code.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_timer_after_which_a_step_cannot_be_taken_is_an_incident() {
    let house = house(Script::of([])).await;
    let wait = json!({ "id": "first", "kind": "wait", "name": "Wait", "for": "PT1H" });
    let stuck = house.stuck(&explosion(wait, "out"), 3_601_000).await;
    assert_eq!(house.failure_code(stuck).await, "limit.step");
}

#[tokio::test]
async fn a_timer_of_a_task_after_which_a_step_cannot_be_taken_withdraws_the_task() {
    let house = house(Script::of([])).await;
    let task = json!({ "id": "first", "kind": "task", "name": "Call", "title": "Call", "owner": { "rule": "team", "team": "CS" },
        "sla": { "due": "P9D", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }],
        "timers": [{ "id": "late", "after": "PT1H", "interrupting": true }] });
    let mut draft = explosion(task, "late");
    draft.edges.push(
        serde_json::from_value(
            json!({ "id": "done", "from": "first", "port": "done", "to": "done" }),
        )
        .unwrap(),
    );
    let stuck = house.stuck(&draft, 3_601_000).await;
    assert_eq!(house.failure_code(stuck).await, "limit.step");
    assert_eq!(house.the_tasks().await, [], "nobody works on it for nothing");
}

#[tokio::test]
async fn an_answer_after_which_a_step_cannot_be_taken_is_an_incident() {
    let house = house(Script::of([])).await;
    let call = json!({ "id": "first", "kind": "action", "name": "Upsert", "connection": "crm", "operation": "upsert",
        "input": { "id": "input.id" } });
    let stuck = house.stuck(&explosion(call, "out"), 0).await;
    assert_eq!(house.failure_code(stuck).await, "limit.step");
}

#[tokio::test]
async fn an_instance_below_after_which_a_step_cannot_be_taken_is_an_incident() {
    let house = house(Script::of([])).await;
    let below = json!({
        "format": 1, "name": "Below",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } },
            { "id": "end", "kind": "end", "name": "End", "outcome": "done" }
        ],
        "edges": [{ "id": "e", "from": "start", "to": "end" }]
    });
    let below = publish(house.store.as_ref(), &serde_json::from_value(below).unwrap()).await;
    let call =
        json!({ "id": "first", "kind": "journey", "name": "Below", "journey": below.to_string() });
    let stuck = house.stuck(&explosion(call, "out"), 0).await;
    assert_eq!(house.failure_code(stuck).await, "limit.step");
}

#[tokio::test]
async fn who_is_given_a_task_by_its_ladder_has_it() {
    let house = house(Script::of([])).await;
    let mut late = draft();
    late.edges.retain(|edge| edge.id != "e2");
    late.edges[0].to = "call".to_owned();
    late.nodes.retain(|node| node.id != "upsert");
    let call = late.nodes.iter_mut().find(|node| node.id == "call").unwrap();
    let lead = json!({ "rule": "user", "user": "ada@x.y" });
    call.settings["sla"]["escalation"] = json!([{ "at": "breach", "do": "reassign", "to": lead }]);
    call.settings["title"] = json!("Call");
    let journey = publish(house.store.as_ref(), &late).await;
    let started = house.runtime.start_and_wait(request(journey, 1), PATIENCE).await.unwrap();
    house.clock.advance(9 * 3_600_000);
    let task = async || {
        let all = Filter::open(Queue::All);
        house.store.tasks(all, Paging::first(9)).await.unwrap().items.remove(0)
    };
    house.until(async || task().await.state == State::Claimed).await;
    assert_eq!(task().await.assignee.as_deref(), Some("ada@x.y"));
    let (position, by) = (task().await.id.position, "ada@x.y".to_owned());
    let (outcome, form) = ("done".to_owned(), json!({}));
    let done = Event::TaskCompleted { position, by, person: Value::Null, outcome, form };
    house.runtime.deliver(started.instance, done).await.unwrap();
    assert_eq!(house.status(started.instance).await, Status::Ended);
}
