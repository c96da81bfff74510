//! Messages: who gets them, how often, and what a mail server's answer comes to.

use super::*;
use journey::instance::On;
use store::directory::{Made, NewTeam, NewUser, Role};

fn telling(to: &Value, cap: Option<u32>) -> Draft {
    let mut node = json!({ "id": "tell", "kind": "notify", "name": "Tell", "channel": "email", "to": to,
        "subject": "About {{ input.id }}", "body": "Hello" });
    if let Some(cap) = cap {
        node["cap"] = json!(cap);
    }
    serde_json::from_value(json!({
        "format": 1, "name": "Telling",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } }, node,
            { "id": "done", "kind": "end", "name": "Done", "outcome": "success" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "tell" }, { "id": "e2", "from": "tell", "to": "done" }]
    }))
    .unwrap()
}

fn team() -> Value {
    json!({ "rule": "team", "team": "CS" })
}

impl House {
    async fn users(&self) {
        for email in ["ada@x.y", "bob@x.y"] {
            let user = NewUser {
                email: email.to_owned(),
                name: email.to_owned(),
                role: Role::Member,
                password_hash: "hash".to_owned(),
            };
            assert!(matches!(self.store.create_user(&user, START).await.unwrap(), Made::Made(_)));
        }
        let members = vec!["ada@x.y".to_owned(), "bob@x.y".to_owned()];
        let team = NewTeam { name: "CS".to_owned(), members, lead: None, calendar: None };
        assert!(matches!(self.store.create_team(&team, START).await.unwrap(), Made::Made(_)));
    }

    async fn tell(&self, draft: &Draft) -> InstanceId {
        let journey = publish(self.store.as_ref(), draft).await;
        self.tell_again(journey).await
    }

    async fn tell_again(&self, journey: JourneyId) -> InstanceId {
        let request = StartRequest { input: json!({ "id": "7" }), ..request(journey, 1) };
        self.runtime.start_and_wait(request, PATIENCE).await.unwrap().instance
    }

    async fn output(&self, id: InstanceId) -> Value {
        let stored = self.store.instance(id).await.unwrap().unwrap();
        (*stored.state.nodes()["tell"].output.clone().unwrap()).clone()
    }

    async fn incident(&self, id: InstanceId) -> Failure {
        let stored = self.store.instance(id).await.unwrap().unwrap();
        let On::Incident { failure, .. } = &stored.state.waits()[0].on else {
            panic!("an incident: {:?}", stored.state)
        };
        failure.clone()
    }
}

fn recipients(script: &Script) -> Vec<String> {
    script.mailed.lock().unwrap().iter().map(|mail| mail.to.clone()).collect()
}

#[tokio::test]
async fn a_team_is_told_member_by_member_under_one_key() {
    let script = Script::of([]);
    let house = house(Arc::clone(&script)).await;
    house.users().await;
    let id = house.tell(&telling(&team(), None)).await;
    assert_eq!(house.status(id).await, Status::Ended);
    assert_eq!(house.output(id).await, json!({ "sent": true, "recipients": 2 }));
    assert_eq!(recipients(&script), ["ada@x.y", "bob@x.y"]);
    let mailed = script.mailed.lock().unwrap();
    assert!(mailed.iter().all(|mail| mail.idempotency_key == format!("{id}:1")));
    assert!(
        mailed
            .iter()
            .all(|mail| (mail.subject.as_str(), mail.body.as_str()) == ("About 7", "Hello"))
    );
}

#[tokio::test]
async fn a_message_that_failed_for_one_goes_again_to_that_one_alone() {
    let script = Script::of([]);
    *script.mail_answers.lock().unwrap() =
        [Ok(()), fails(FailureKind::Transient).map(drop)].into_iter().collect();
    let house = house(Arc::clone(&script)).await;
    house.users().await;
    let id = {
        let journey = publish(house.store.as_ref(), &telling(&team(), Some(1))).await;
        let request = StartRequest { input: json!({ "id": "7" }), ..request(journey, 1) };
        house.runtime.start_instance(request).await.unwrap().instance
    };
    let mut changes = house.runtime.subscribe();
    while house.count(id, "call_retried").await < 1 {
        changes.recv().await.unwrap();
    }
    house.clock.advance(3_600_000);
    house.runtime.wait_for_rest(id, PATIENCE).await.unwrap().unwrap();
    assert_eq!(recipients(&script), ["ada@x.y", "bob@x.y", "bob@x.y"]);
    assert_eq!(house.output(id).await, json!({ "sent": true, "recipients": 2 }));
}

#[tokio::test]
async fn a_message_over_its_cap_is_written_down_and_not_sent() {
    let script = Script::of([]);
    let house = house(Arc::clone(&script)).await;
    house.users().await;
    let journey = publish(house.store.as_ref(), &telling(&team(), Some(1))).await;
    house.tell_again(journey).await;
    let second = house.tell_again(journey).await;
    assert_eq!(house.status(second).await, Status::Ended);
    let output = house.output(second).await;
    assert_eq!(output["sent"], json!(false));
    assert!(output["why"].as_str().unwrap().contains("24 hours"), "{output}");
    assert_eq!(recipients(&script).len(), 2);
    house.clock.advance(24 * 3_600_000);
    let third = house.tell_again(journey).await;
    assert_eq!(house.output(third).await["sent"], json!(true));
}

#[tokio::test]
async fn a_message_nobody_can_get_is_an_incident() {
    let house = house(Script::of([])).await;
    let nobody = house.tell(&telling(&team(), None)).await;
    let failure = house.incident(nobody).await;
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Permanent, "message.no-recipient")
    );
    let stranger = json!({ "rule": "user", "user": "eve@elsewhere" });
    let stranger = house.tell(&telling(&stranger, None)).await;
    assert!(
        house.incident(stranger).await.message.contains("no user has the address 'eve@elsewhere'")
    );
}

#[tokio::test]
async fn one_recipient_who_cannot_be_reached_does_not_keep_it_from_the_others() {
    let script = Script::of([]);
    *script.mail_answers.lock().unwrap() =
        [fails(FailureKind::Permanent).map(drop)].into_iter().collect();
    let house = house(Arc::clone(&script)).await;
    house.users().await;
    let id = house.tell(&telling(&team(), Some(1))).await;
    assert_eq!(house.status(id).await, Status::Incident);
    assert_eq!(recipients(&script), ["ada@x.y", "bob@x.y"]);
    let retry = Event::IncidentRetried { position: Position(1), by: "ada@x.y".to_owned() };
    house.runtime.deliver(id, retry).await.unwrap();
    house.runtime.wait_for_rest(id, PATIENCE).await.unwrap().unwrap();
    assert_eq!(house.status(id).await, Status::Ended);
    assert_eq!(recipients(&script), ["ada@x.y", "bob@x.y", "ada@x.y"], "what failed did not count");
}
