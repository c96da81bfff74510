//! Shadow runs: they take live triggers, really wait, and reach nothing.

use super::*;
use journey::instance::On;
use store::{
    accounts::Statement,
    directory::{Made, NewTeam, NewUser, Role},
    instances::{Filter as Instances, Summary},
    would_have::{Filter as Deeds, Kind, WouldHave},
};

/// A journey with an effect of every kind, on the way from a call to its end.
fn everything() -> Draft {
    serde_json::from_value(json!({
        "format": 1, "name": "Everything",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "account": "input.account",
              "entry": { "one_per_account": true } },
            { "id": "upsert", "kind": "action", "name": "Upsert", "connection": "crm", "operation": "upsert", "input": { "id": "input.id" },
              "assume": { "output": { "crmId": "assumed" }, "after": "PT1H" },
              "undo": { "operation": "remove", "input": { "id": "input.id" } } },
            { "id": "keep", "kind": "set", "name": "Keep", "assign": [
                { "to": "vars.crm", "value": "nodes.upsert.output.crmId" }, { "to": "account.plan", "value": "'gold'" }] },
            { "id": "gold", "kind": "decision", "name": "Gold?" },
            { "id": "call", "kind": "task", "name": "Call", "title": "Call", "owner": { "rule": "team", "team": "CS" },
              "sla": { "due": "PT8H", "escalation": [] },
              "form": { "type": "object", "required": ["goal"], "properties": { "goal": { "type": "string", "minLength": 2 } } },
              "outcomes": [{ "id": "done", "label": "Done" }, { "id": "missed", "label": "Missed" }],
              "assume": { "outcome": "missed" } },
            { "id": "ok", "kind": "approval", "name": "Approve", "owner": { "rule": "team", "team": "CS" }, "quorum": 2,
              "sla": { "due": "PT8H", "escalation": [] } },
            { "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": { "rule": "team", "team": "CS" }, "subject": "S", "body": "B" },
            { "id": "tell", "kind": "notify", "name": "Tell", "channel": "app", "to": { "rule": "team", "team": "CS" }, "body": "B" },
            { "id": "below", "kind": "journey", "name": "Below", "journey": "Onboarding", "input": { "id": "input.id", "account": "''" } },
            { "id": "finish", "kind": "end", "name": "Finish", "outcome": "success" },
            { "id": "plain", "kind": "end", "name": "Plain", "outcome": "not_gold" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "upsert" }, { "id": "e2", "from": "upsert", "to": "keep" },
            { "id": "e3", "from": "keep", "to": "gold" },
            { "id": "e4", "from": "gold", "to": "call", "when": "account.plan == 'gold'" },
            { "id": "e5", "from": "gold", "port": "default", "to": "plain" },
            { "id": "e6", "from": "call", "port": "done", "to": "plain" }, { "id": "e7", "from": "call", "port": "missed", "to": "ok" },
            { "id": "e8", "from": "ok", "port": "approved", "to": "mail" }, { "id": "e9", "from": "ok", "port": "rejected", "to": "plain" },
            { "id": "e10", "from": "mail", "to": "tell" }, { "id": "e11", "from": "tell", "to": "below" },
            { "id": "e12", "from": "below", "to": "finish" }
        ]
    }))
    .unwrap()
}

struct Shadowed {
    house: House,
    script: Arc<Script>,
    journey: JourneyId,
}

async fn shadowed() -> Shadowed {
    let script = Script::of([]);
    let house = house(Arc::clone(&script)).await;
    let store = house.store.as_ref();
    let account =
        Statement { external_id: "A-1".to_owned(), name: "Ada".to_owned(), ..Statement::default() };
    store.create_account(&account, START).await.unwrap();
    let user = NewUser {
        email: "ada@x.y".to_owned(),
        name: "Ada".to_owned(),
        role: Role::Member,
        password_hash: "hash".to_owned(),
    };
    assert!(matches!(store.create_user(&user, START).await.unwrap(), Made::Made(_)));
    let team =
        NewTeam { name: "CS".to_owned(), members: vec![user.email], lead: None, calendar: None };
    assert!(matches!(store.create_team(&team, START).await.unwrap(), Made::Made(_)));
    let journey = publish(store, &everything()).await;
    house.publish_again(journey, Mode::Shadow).await;
    Shadowed { house, script, journey }
}

impl House {
    /// Publishes the same drawing once more; its number.
    pub(super) async fn publish_again(&self, journey: JourneyId, mode: Mode) -> u64 {
        let found = self.store.draft(journey).await.unwrap().unwrap();
        let version = NewVersion {
            draft: found.draft,
            revision: found.revision,
            mode,
            note: String::new(),
            by: "ada@x.y".to_owned(),
            review: None,
        };
        let published = self.store.publish(journey, &version, self.clock.now()).await;
        self.runtime.published(journey);
        match published.unwrap().unwrap() {
            store::journeys::Published::Version { number, .. } => number,
            store::journeys::Published::LostRace { .. } => panic!("nobody else publishes"),
        }
    }

    async fn in_mode(&self, journey: JourneyId, mode: Mode) -> Vec<Summary> {
        let filter = Instances { journey: Some(journey), mode: Some(mode), ..Instances::default() };
        self.store.instances(filter, Paging::first(500)).await.unwrap().items
    }

    /// The one shadow instance of a journey, once it is there.
    async fn shadow_of(&self, journey: JourneyId) -> InstanceId {
        self.until(async || self.in_mode(journey, Mode::Shadow).await.len() == 1).await;
        self.in_mode(journey, Mode::Shadow).await[0].id
    }

    async fn deeds(&self, journey: JourneyId, version: u64) -> Vec<WouldHave> {
        let page = self.store.would_have(journey, version, Deeds::default(), Paging::first(500));
        let mut deeds = page.await.unwrap().items;
        deeds.reverse();
        deeds
    }

    /// Moves the clock on until an instance is over.
    async fn run_out(&self, id: InstanceId) {
        self.until(async || {
            self.clock.advance(3_600_000);
            self.store.instance(id).await.unwrap().unwrap().state.is_over()
        })
        .await;
    }
}

fn of_account(journey: JourneyId) -> StartRequest {
    StartRequest {
        input: json!({ "id": "7", "account": "A-1" }),
        opener: Opener::Person("ada@x.y".to_owned()),
        ..request(journey, 7)
    }
}

use crate::Clock;

#[tokio::test]
async fn a_shadow_runs_beside_the_live_version_and_reaches_nothing() {
    let Shadowed { house, script, journey } = shadowed().await;
    house.runtime.start_instance(of_account(journey)).await.unwrap();
    let shadow = house.shadow_of(journey).await;
    assert_eq!(house.in_mode(journey, Mode::Live).await.len(), 1);
    // What the live one does is out of the way from here on.
    house.until(async || house.the_tasks().await.len() == 1).await;
    let live = house.in_mode(journey, Mode::Live).await[0].id;
    let cancel = Event::Cancelled { reason: "enough".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(live, cancel).await.unwrap();
    house.until(async || house.status(live).await == Status::Cancelled).await;
    let (calls, mails) = (script.keys().len(), script.mailed.lock().unwrap().len());
    let account = house.store.account_by_external_id("A-1").await.unwrap().unwrap();

    house.run_out(shadow).await;
    let stored = house.store.instance(shadow).await.unwrap().unwrap();
    assert_eq!(stored.state.outcome(), Some("success"), "{:?}", stored.state);
    assert_eq!(stored.state.vars()["crm"], json!("assumed"));
    let kinds: Vec<Kind> =
        house.deeds(journey, 2).await.iter().map(|deed| deed.deed.kind).collect();
    for kind in [
        Kind::Started,
        Kind::Call,
        Kind::Write,
        Kind::Task,
        Kind::Message,
        Kind::Notice,
        Kind::Child,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} in {kinds:?}");
    }
    assert_eq!(script.keys().len(), calls, "no connector was called");
    assert_eq!(script.mailed.lock().unwrap().len(), mails, "no mail was sent");
    assert_eq!(house.the_tasks().await, [], "no task is before anyone");
    let after = house.store.account_by_external_id("A-1").await.unwrap().unwrap();
    assert_eq!(after, account, "the account is as the live run left it");
    let below = house.in_mode(house.journey, Mode::Shadow).await;
    assert_eq!(below.len(), 1, "the journey it called ran as a shadow, too");
    assert_eq!(below[0].status, Status::Ended);
    assert!(house.in_mode(house.journey, Mode::Live).await.is_empty());
    let audit = house.store.audit(Paging::first(500)).await.unwrap().items;
    assert!(audit.iter().all(|line| !line.deed.object.contains(&shadow.to_string())), "{audit:?}");
}

#[tokio::test]
async fn a_shadow_really_waits_for_what_it_assumes() {
    let Shadowed { house, journey, .. } = shadowed().await;
    house.runtime.start_instance(of_account(journey)).await.unwrap();
    let shadow = house.shadow_of(journey).await;
    let stored = house.store.instance(shadow).await.unwrap().unwrap();
    assert!(matches!(stored.state.waits()[0].on, On::Call { .. }));
    house.clock.advance(3_599_000);
    house.until(async || house.store.next_due().await.unwrap().is_some()).await;
    assert_eq!(house.store.instance(shadow).await.unwrap().unwrap(), stored, "an hour is assumed");
    house.clock.advance(2_000);
    house.until(async || house.count(shadow, "waiting").await == 2).await;
    let deeds = house.deeds(journey, 2).await;
    let call = deeds.iter().find(|deed| deed.deed.kind == Kind::Call).unwrap();
    assert_eq!(call.deed.body["assumed"]["output"], json!({ "crmId": "assumed" }));
    assert_eq!(call.account.as_ref().unwrap().external_id, "A-1");
}

#[tokio::test]
async fn entry_rules_look_at_live_and_shadow_runs_apart() {
    let Shadowed { house, journey, .. } = shadowed().await;
    house.runtime.start_instance(of_account(journey)).await.unwrap();
    house.shadow_of(journey).await;
    let again = house.runtime.start_instance(of_account(journey)).await;
    assert!(matches!(again, Err(StartError::AlreadyIn { .. })), "{again:?}");
    let live = house.in_mode(journey, Mode::Live).await[0].id;
    let cancel = Event::Cancelled { reason: "enough".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(live, cancel).await.unwrap();
    house.until(async || house.status(live).await == Status::Cancelled).await;
    house
        .runtime
        .start_instance(of_account(journey))
        .await
        .expect("only the shadow is still in it");
    assert_eq!(house.in_mode(journey, Mode::Live).await.len(), 2);
    assert_eq!(house.in_mode(journey, Mode::Shadow).await.len(), 1);
    let summary = house.store.journey(journey).await.unwrap().unwrap();
    assert_eq!(summary.running, 1, "shadows are not counted");
}

#[tokio::test]
async fn one_key_opens_one_live_and_one_shadow_instance() {
    let Shadowed { house, journey, .. } = shadowed().await;
    let keyed = StartRequest {
        dedupe_key: Some("wh_1".to_owned()),
        account: None,
        input: json!({ "id": "7", "account": "" }),
        ..of_account(journey)
    };
    for _ in 0..3 {
        house.runtime.start_instance(keyed.clone()).await.unwrap();
    }
    house.shadow_of(journey).await;
    house.runtime.shutdown(PATIENCE).await;
    assert_eq!(house.in_mode(journey, Mode::Live).await.len(), 1);
    assert_eq!(house.in_mode(journey, Mode::Shadow).await.len(), 1);
}

#[tokio::test]
async fn a_shadow_that_is_replaced_ends_and_a_newer_one_goes_on() {
    let Shadowed { house, journey, .. } = shadowed().await;
    house.runtime.start_instance(of_account(journey)).await.unwrap();
    let first = house.shadow_of(journey).await;
    assert_eq!(house.runtime.end_stale_shadows().await.unwrap(), 0, "it takes triggers");
    let second = house.publish_again(journey, Mode::Shadow).await;
    assert_eq!(house.runtime.end_stale_shadows().await.unwrap(), 1);
    assert_eq!(house.status(first).await, Status::Cancelled);
    let number = Which::Number(second);
    let started = StartRequest { version: number, ..of_account(journey) };
    let started = house.runtime.start_instance(started).await.unwrap().instance;
    assert_eq!(
        house.store.instance(started).await.unwrap().unwrap().life.shadow.unwrap().version,
        second
    );
    house.publish_again(journey, Mode::Live).await;
    assert_eq!(house.runtime.end_stale_shadows().await.unwrap(), 1);
    assert_eq!(house.status(started).await, Status::Cancelled);
}

/// A journey that starts `below` and then goes by what that one wrote to the account.
fn above(below: JourneyId) -> Draft {
    serde_json::from_value(json!({
        "format": 1, "name": "Above",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "account": "input.account" },
            { "id": "call", "kind": "journey", "name": "Below", "journey": below.to_string(), "input": { "account": "''" } },
            { "id": "ask", "kind": "decision", "name": "Gold?" },
            { "id": "yes", "kind": "end", "name": "Yes", "outcome": "gold" },
            { "id": "no", "kind": "end", "name": "No", "outcome": "plain" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "call" }, { "id": "e2", "from": "call", "to": "ask" },
            { "id": "e3", "from": "ask", "to": "yes", "when": "has(account.plan) && account.plan == 'gold'" },
            { "id": "e4", "from": "ask", "port": "default", "to": "no" }
        ]
    }))
    .unwrap()
}

fn writing_gold() -> Draft {
    serde_json::from_value(json!({
        "format": 1, "name": "Gold",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "account": "input.account" },
            { "id": "gild", "kind": "set", "name": "Gild", "assign": [{ "to": "account.plan", "value": "'gold'" }] },
            { "id": "end", "kind": "end", "name": "End", "outcome": "done" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "gild" }, { "id": "e2", "from": "gild", "to": "end" }]
    }))
    .unwrap()
}

#[tokio::test]
async fn a_shadow_reads_what_the_one_below_it_would_have_written() {
    let Shadowed { house, .. } = shadowed().await;
    let store = house.store.as_ref();
    let below = publish(store, &writing_gold()).await;
    let journey = publish(store, &above(below)).await;
    let version = Which::Number(house.publish_again(journey, Mode::Shadow).await);
    let shadow = StartRequest { version, ..of_account(journey) };
    let shadow = house.runtime.start_instance(shadow).await.unwrap().instance;
    house.run_out(shadow).await;
    let stored = house.store.instance(shadow).await.unwrap().unwrap();
    assert_eq!(stored.state.outcome(), Some("gold"), "{:?}", stored.state);
    let account = house.store.account_by_external_id("A-1").await.unwrap().unwrap();
    assert!(!account.to_value().to_string().contains("gold"), "{account:?}");
}

#[tokio::test]
async fn a_journey_that_only_has_a_shadow_is_started_as_one() {
    let Shadowed { house, .. } = shadowed().await;
    let store = house.store.as_ref();
    let journey = store.create_journey(&writing_gold(), START).await.unwrap();
    let unpublished = house.runtime.start_instance(of_account(journey)).await;
    assert!(matches!(unpublished, Err(StartError::NotPublished)), "{unpublished:?}");
    house.publish_again(journey, Mode::Shadow).await;
    let started = house.runtime.start_instance(of_account(journey)).await.unwrap().instance;
    house.until(async || house.status(started).await == Status::Ended).await;
    house.runtime.shutdown(PATIENCE).await;
    assert_eq!(house.in_mode(journey, Mode::Shadow).await.len(), 1, "it is started once");
    assert!(house.in_mode(journey, Mode::Live).await.is_empty());
}
