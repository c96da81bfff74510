//! Explanations: for each way a trigger can stay shut, what stood in the way first and what would have to change.

use super::{
    House, START,
    events::{empty_house, event, line, on_event, pause, trigger},
    publish,
};
use crate::{StartRequest, Which, Why};
use serde_json::{Value, json};
use store::{AccountId, JourneyId};

impl House {
    async fn why(&self, journey: JourneyId, account: AccountId) -> Why {
        let account = self.store.account(account).await.unwrap().unwrap();
        let mut all = self.runtime.why(journey, &account, None).await.unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// The code, and what would have to change.
    async fn shut(&self, journey: JourneyId, account: AccountId) -> (String, Option<String>) {
        let why = self.why(journey, account).await;
        let failing = why.failing.unwrap_or_else(|| panic!("nothing stands in the way"));
        (failing.reason.code, failing.change)
    }
}

fn shut(code: &str, change: &str) -> (String, Option<String>) {
    (code.to_owned(), (!change.is_empty()).then(|| change.to_owned()))
}

fn on(on: Value) -> journey::Draft {
    line(&[trigger(on), pause()])
}

#[tokio::test]
async fn an_event_that_did_not_fit_is_explained_by_its_first_clause() {
    let house = empty_house().await;
    let mut begin = on_event("paid");
    begin["on"]["when"] = json!("event.amount > 10.0 && account.tier == 'gold'");
    let journey = publish(house.store.as_ref(), &line(&[begin, pause()])).await;
    let account = house.account("A-1").await;
    assert_eq!(
        house.shut(journey, account).await,
        shut("no-event", "A 'paid' event would have to come.")
    );
    house.patch(account, json!({ "tier": "base" })).await;
    let ids = house.send(&[event("paid", Some(account), json!({ "amount": 5.0 }))]).await;
    let why = house.why(journey, account).await;
    assert_eq!((why.event, why.fired), (Some(ids[0]), None));
    let failing = why.failing.unwrap();
    assert_eq!(failing.reason.code, "when");
    assert_eq!(failing.reason.facts, json!({ "event.amount": 5.0 }));
    assert!(failing.change.unwrap().contains("event.amount"), "the first clause comes first");
    assert_eq!(why.when.unwrap().clauses.len(), 2);
    house.send(&[event("paid", Some(account), json!({ "amount": 50.0 }))]).await;
    let failing = house.why(journey, account).await.failing.unwrap();
    assert_eq!(failing.reason.facts, json!({ "account.tier": "base" }));
    house.patch(account, json!({ "tier": "gold" })).await;
    let ids = house.send(&[event("paid", Some(account), json!({ "amount": 50.0 }))]).await;
    let why = house.why(journey, account).await;
    assert_eq!((why.event, why.failing), (Some(ids[0]), None));
    let stored = house.store.instance(why.fired.unwrap().instance).await.unwrap().unwrap();
    assert_eq!(stored.life.journey, journey);
}

#[tokio::test]
async fn an_event_for_another_account_or_of_another_type_is_told() {
    let house = empty_house().await;
    let journey = publish(house.store.as_ref(), &line(&[on_event("paid"), pause()])).await;
    let (one, two) = (house.account("A-1").await, house.account("A-2").await);
    let ids = house
        .send(&[event("paid", Some(one), json!({})), event("left", Some(two), json!({}))])
        .await;
    let account = house.store.account(two).await.unwrap().unwrap();
    let mut codes = Vec::new();
    for id in ids {
        let why = house.runtime.why(journey, &account, Some(id)).await.unwrap().remove(0);
        codes.push(why.failing.unwrap().reason.code);
    }
    assert_eq!(codes, ["other-account", "other-event"]);
    let nothing = house.store.ids().event(START, house.store.ids().any_slot());
    house.runtime.why(journey, &account, Some(nothing)).await.unwrap_err();
}

#[tokio::test]
async fn entry_rules_are_explained_as_they_stand() {
    let house = empty_house().await;
    let account = house.account("A-1").await;
    let entries = [
        json!({ "condition": "account.health < 50.0" }),
        json!({ "one_per_account": true }),
        json!({ "cool_down": "PT1H" }),
        json!({ "cap_per_day": 1 }),
    ];
    let mut codes = Vec::new();
    for entry in entries {
        let mut begin = trigger(json!({ "type": "manual" }));
        begin["account"] = json!("input.account");
        begin["entry"] = entry;
        let journey = publish(house.store.as_ref(), &line(&[begin, pause()])).await;
        house.patch(account, json!({ "health": 10.0 })).await;
        assert_eq!(house.why(journey, account).await.failing, None);
        house.begin(journey, json!({ "account": "A-1" })).await;
        house.patch(account, json!({ "health": 62.0 })).await;
        let (code, change) = house.shut(journey, account).await;
        assert!(change.is_some_and(|change| change.len() > 20), "{code}");
        codes.push(code);
        assert!(house.why(journey, account).await.fired.is_some());
    }
    assert_eq!(codes, ["condition", "one-per-account", "cool-down", "cap"]);
}

#[tokio::test]
async fn a_change_segments_health_schedules_and_dates_say_what_they_wait_for() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let account = house.account("A-1").await;
    let change = json!({ "type": "change", "object": "account", "field": "stage", "to": "live" });
    let change = publish(store, &on(change)).await;
    assert_eq!(
        house.shut(change, account).await,
        shut("no-event", "account.stage would have to change.")
    );
    house.patch(account, json!({ "stage": "trial" })).await;
    house.patch(account, json!({ "segment": "base" })).await;
    house.dispatched().await;
    assert_eq!(
        house.shut(change, account).await,
        shut("from-to", "account.stage would have to change to \"live\".")
    );
    let segment = json!({ "type": "segment", "segment": "gold", "change": "entered" });
    let segment = publish(store, &on(segment)).await;
    house.send(&[event("segment.entered", Some(account), json!({ "segment": "base" }))]).await;
    assert_eq!(house.shut(segment, account).await.0, "no-event");
    let health = publish(store, &on(json!({ "type": "health", "to": "red" }))).await;
    assert_eq!(house.shut(health, account).await.0, "no-event");
    let schedule = json!({ "type": "schedule", "rrule": "FREQ=DAILY;BYHOUR=9", "timezone": "UTC", "for_each": "gold" });
    let schedule = publish(store, &on(schedule)).await;
    assert_eq!(
        house.shut(schedule, account).await,
        shut("not-in-segment", "account.segment would have to be 'gold'.")
    );
    house.patch(account, json!({ "segment": "gold" })).await;
    let next = "It would have to be 2025-10-09T09:00:00.000Z.";
    assert_eq!(house.shut(schedule, account).await, shut("not-yet", next));
    let date = publish(store, &on(json!({ "type": "date", "field": "ends" }))).await;
    let mut codes = Vec::new();
    for ends in ["never", "2025-12-01", "2025-01-01"] {
        house.patch(account, json!({ "ends": ends })).await;
        codes.push(house.shut(date, account).await.0);
    }
    assert_eq!(codes, ["no-date", "not-yet", "date-passed"]);
}

#[tokio::test]
async fn a_journey_without_a_version_has_no_triggers_to_explain() {
    let house = empty_house().await;
    let account = house.account("A-1").await;
    let journey =
        house.store.create_journey(&on(json!({ "type": "manual" })), START).await.unwrap();
    let account = house.store.account(account).await.unwrap().unwrap();
    assert_eq!(house.runtime.why(journey, &account, None).await.unwrap(), []);
    let request = StartRequest {
        journey,
        version: Which::Live,
        trigger: None,
        account: None,
        input: json!({}),
        dedupe_key: None,
        opener: crate::Opener::Itself,
    };
    house.runtime.start_instance(request).await.unwrap_err();
}
