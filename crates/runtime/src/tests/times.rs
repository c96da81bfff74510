//! Schedules and dates: they open what they open once, on time or after a time that was missed.

use super::{
    House, PATIENCE, START, Script,
    events::{empty_house, line, pause, trigger},
    publish,
};
use crate::{ManualClock, Runtime};
use journey::{Draft, Timestamp};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{
    JourneyId, Paging,
    journeys::{Mode, NewVersion},
    nodes::NewNode,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// `START` is a Thursday, 08:53:20 UTC.
fn hourly(missed: &str, for_each: Option<&str>) -> Draft {
    let mut on =
        json!({ "type": "schedule", "rrule": "FREQ=HOURLY", "timezone": "UTC", "missed": missed });
    if let Some(segment) = for_each {
        on["for_each"] = json!(segment);
    }
    line(&[trigger(on), pause()])
}

impl House {
    /// Returns when nothing is due any more.
    async fn timed(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let next = self.store.next_time().await.unwrap();
            let now = crate::Clock::now(&self.clock);
            if next.is_none_or(|next| next > now) {
                return;
            }
            assert!(tokio::time::Instant::now() < until, "time opens nothing");
            self.runtime.inner.times.notify_one();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn pass(&self, milliseconds: i64) {
        self.clock.advance(milliseconds);
        self.timed().await;
    }

    /// The `at` of the inputs of a journey's instances, oldest first.
    async fn times(&self, journey: JourneyId) -> Vec<String> {
        let mut times = Vec::new();
        for instance in self.instances(journey).await {
            let stored = self.store.instance(instance).await.unwrap().unwrap();
            times.push(stored.state.input()["at"].as_str().unwrap().to_owned());
        }
        times.sort_unstable();
        times
    }

    /// The runtime of a process that ended, begun again over the same file.
    pub(super) async fn again(self, after: i64) -> Self {
        self.runtime.shutdown(PATIENCE).await;
        self.store.close().await;
        let store = self.place.open(2).await;
        let clock = ManualClock::new(crate::Clock::now(&self.clock).plus(after));
        let (performer, time) = (Script::of([]), Arc::new(clock.clone()));
        let runtime =
            Runtime::start(Arc::clone(&store), performer, time, NewNode::alone()).await.unwrap();
        let house = Self { runtime, store, clock, journey: self.journey, place: self.place };
        house.timed().await;
        house
    }
}

fn times(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| format!("2025-10-09T{text}:00.000Z")).collect()
}

#[tokio::test]
async fn a_schedule_opens_an_instance_at_each_of_its_times() {
    let house = empty_house().await;
    let journey = publish(house.store.as_ref(), &hourly("once", None)).await;
    house.timed().await;
    assert_eq!(house.times(journey).await, times(&[]));
    for _ in 0..3 {
        house.pass(HOUR / 2).await;
    }
    assert_eq!(house.times(journey).await, times(&["09:00", "10:00"]));
}

#[tokio::test]
async fn times_missed_while_nothing_ran_are_made_up_for_as_the_schedule_says() {
    let house = empty_house().await;
    let mut journeys = Vec::new();
    for missed in ["skip", "once", "all"] {
        journeys.push(publish(house.store.as_ref(), &hourly(missed, None)).await);
    }
    house.timed().await;
    let house = house.again(4 * HOUR).await;
    let mut opened = Vec::new();
    for journey in &journeys {
        opened.push(house.times(*journey).await);
    }
    let all = times(&["09:00", "10:00", "11:00", "12:00"]);
    assert_eq!(opened, [times(&[]), times(&["12:00"]), all]);
    let skipped = house.store.refusals(journeys[0], None, Paging::first(9)).await.unwrap().items;
    assert_eq!(skipped.len(), 1);
    let reason = skipped[0].reaction.reason.clone().unwrap();
    assert_eq!(
        (reason.code.as_str(), &reason.facts["from"]),
        ("missed", &json!(times(&["09:00"])[0]))
    );
    house.pass(7 * 60_000).await;
    assert_eq!(house.times(journeys[0]).await, times(&["13:00"]), "twenty seconds late is on time");
}

#[tokio::test]
async fn a_schedule_for_a_segment_opens_one_instance_for_each_of_its_accounts() {
    let house = empty_house().await;
    for number in 0..600 {
        let account = house.account(&format!("A-{number}")).await;
        let segment = if number % 2 == 0 { "gold" } else { "base" };
        house.patch(account, json!({ "segment": segment })).await;
    }
    house.dispatched().await;
    let journey = publish(house.store.as_ref(), &hourly("once", Some("gold"))).await;
    house.timed().await;
    house.pass(HOUR).await;
    let opened = house.instances(journey).await;
    assert_eq!(opened.len(), 300);
    let mut accounts = std::collections::BTreeSet::new();
    for instance in opened {
        let stored = house.store.instance(instance).await.unwrap().unwrap();
        let account = stored.life.account.unwrap();
        assert_eq!(stored.state.input()["account"], json!(account));
        accounts.insert(account);
    }
    assert_eq!(accounts.len(), 300);
    // As after an end in the middle of the round.
    let due = house.store.triggers_of(journey).await.unwrap();
    let key = due[0].key.clone();
    house.store.due_next(&key, Some(Timestamp(START.0 - START.0 % HOUR + HOUR))).await.unwrap();
    house.timed().await;
    assert_eq!(house.instances(journey).await.len(), 300);
}

#[tokio::test]
async fn a_version_published_between_two_times_takes_over_without_a_second_start() {
    let house = empty_house().await;
    let journey = publish(house.store.as_ref(), &hourly("once", None)).await;
    house.timed().await;
    house.pass(HOUR).await;
    let version = NewVersion {
        draft: hourly("once", None),
        revision: 1,
        mode: Mode::Live,
        note: String::new(),
        by: "ada@x.y".to_owned(),
        review: None,
    };
    // Published as of a time before the last one, as a clock that was set might have it.
    house.store.publish(journey, &version, START).await.unwrap().unwrap();
    house.timed().await;
    assert_eq!(house.times(journey).await, times(&["09:00"]));
    house.pass(HOUR).await;
    assert_eq!(house.times(journey).await, times(&["09:00", "10:00"]));
}

fn on_date(before: Value) -> Draft {
    let mut on = json!({ "type": "date", "field": "ends" });
    if !before.is_null() {
        on["before"] = before;
    }
    line(&[trigger(on), pause()])
}

#[tokio::test]
async fn a_date_opens_an_instance_ahead_of_it_once() {
    let house = empty_house().await;
    let (early, late) = (house.account("A-1").await, house.account("A-2").await);
    house.patch(early, json!({ "ends": "2025-10-20" })).await;
    house.patch(late, json!({ "ends": "2025-10-10" })).await;
    house.dispatched().await;
    let journey = publish(house.store.as_ref(), &on_date(json!({ "business": "P2D" }))).await;
    house.timed().await;
    // 20 October 2025 is a Monday: two business days before it is Thursday, 09:00.
    house.pass(7 * DAY).await;
    assert_eq!(house.times(journey).await, times(&[]));
    house.pass(HOUR).await;
    let opened = house.instances(journey).await;
    assert_eq!(opened.len(), 1, "what lay in the past when it was published does not fire");
    let stored = house.store.instance(opened[0]).await.unwrap().unwrap();
    assert_eq!(stored.life.account, Some(early));
    let input = stored.state.input();
    assert_eq!((&input["field"], &input["date"]), (&json!("ends"), &json!("2025-10-20")));
    assert_eq!(input["at"], "2025-10-16T09:00:00.000Z");
    // Written again with the value it had, and back from another one.
    for ends in ["2025-10-20", "2025-12-01", "2025-10-20"] {
        house.patch(early, json!({ "ends": ends })).await;
    }
    house.dispatched().await;
    house.timed().await;
    assert_eq!(house.instances(journey).await.len(), 1);
}

#[tokio::test]
async fn a_date_that_changes_is_planned_anew() {
    let house = empty_house().await;
    let account = house.account("A-1").await;
    house.patch(account, json!({ "ends": "2025-10-20" })).await;
    house.dispatched().await;
    let journey = publish(house.store.as_ref(), &on_date(json!("P3D"))).await;
    house.timed().await;
    house.patch(account, json!({ "ends": "2025-11-20" })).await;
    house.dispatched().await;
    house.pass(20 * DAY).await;
    assert_eq!(house.instances(journey).await, [], "the first date was taken away");
    // Its lead began yesterday, and it is still ahead.
    let now = crate::Clock::now(&house.clock);
    let ends = &now.plus(2 * DAY).to_rfc3339()[..10];
    house.patch(account, json!({ "ends": ends })).await;
    house.dispatched().await;
    house.timed().await;
    assert_eq!(house.instances(journey).await.len(), 1);
    house.patch(account, json!({ "ends": "2025-10-01" })).await;
    house.patch(account, json!({ "ends": null })).await;
    house.dispatched().await;
    house.pass(60 * DAY).await;
    assert_eq!(house.instances(journey).await.len(), 1);
}

#[tokio::test]
async fn dates_of_many_accounts_are_planned_piece_by_piece() {
    let house = empty_house().await;
    for number in 0..520 {
        let account = house.account(&format!("A-{number}")).await;
        house.patch(account, json!({ "ends": "2025-10-20" })).await;
    }
    house.dispatched().await;
    let journey = publish(house.store.as_ref(), &on_date(Value::Null)).await;
    house.timed().await;
    let house = house.again(0).await;
    house.pass(12 * DAY).await;
    assert_eq!(house.instances(journey).await.len(), 520);
    assert_eq!(house.store.next_time().await.unwrap(), None);
}

#[test]
fn the_clock_of_these_tests_stands_where_they_say() {
    assert_eq!(START.to_rfc3339(), "2025-10-09T08:53:20.000Z");
}

/// What opens an instance of each kind of trigger for one account, twice.
async fn cause_twice(house: &House, kind: &str, account: store::AccountId) {
    use super::events::event;
    for (round, value) in [("first", "2025-10-20"), ("second", "2025-10-21")] {
        let about = |kind: &str, data: Value| [event(kind, Some(account), data)];
        match kind {
            "event" => drop(house.send(&about("paid", json!({}))).await),
            "segment" => {
                let data = json!({ "segment": "gold" });
                drop(house.send(&about("segment.entered", data)).await);
            }
            "health" => drop(house.send(&about("health.changed", json!({ "to": "red" }))).await),
            "change" => house.patch(account, json!({ "stage": round })).await,
            "date" => house.patch(account, json!({ "ends": value })).await,
            "schedule" => house.pass(HOUR).await,
            other => panic!("there is no '{other}'"),
        }
        house.dispatched().await;
        if kind == "date" {
            house.pass(DAY * 12).await;
        }
    }
}

#[tokio::test]
async fn an_account_enters_once_where_one_may_whatever_opens_the_journey() {
    let kinds = [
        ("event", json!({ "type": "event", "event": "paid" })),
        ("segment", json!({ "type": "segment", "segment": "gold", "change": "entered" })),
        ("health", json!({ "type": "health", "to": "red" })),
        ("change", json!({ "type": "change", "object": "account", "field": "stage" })),
        ("date", json!({ "type": "date", "field": "ends", "before": "P30D" })),
        (
            "schedule",
            json!({ "type": "schedule", "rrule": "FREQ=HOURLY", "timezone": "UTC", "for_each": "gold" }),
        ),
    ];
    for (kind, on) in kinds {
        let house = empty_house().await;
        let account = house.account("A-1").await;
        house.patch(account, json!({ "segment": "gold" })).await;
        house.dispatched().await;
        let mut begin = trigger(on);
        begin["entry"] = json!({ "one_per_account": true });
        let forever = json!({ "id": "pause", "kind": "wait", "name": "Pause", "for": "P300D" });
        let journey = publish(house.store.as_ref(), &line(&[begin, forever])).await;
        house.timed().await;
        cause_twice(&house, kind, account).await;
        house.timed().await;
        assert_eq!(house.instances(journey).await.len(), 1, "{kind}");
        let refusals =
            house.store.refusals(journey, Some(account), Paging::first(9)).await.unwrap();
        let codes: Vec<_> =
            refusals.items.iter().filter_map(|one| one.reaction.reason.as_ref()).collect();
        assert!(codes.iter().all(|reason| reason.code == "one-per-account"), "{kind}: {codes:?}");
        assert_eq!(codes.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn entry_rules_hold_among_many_who_start_at_once() {
    let house = empty_house().await;
    let account = house.account("A-1").await;
    let entries = [
        (json!({ "one_per_account": true }), 1),
        (json!({ "cool_down": { "business": "P1D" } }), 1),
        (json!({ "cap_per_day": 13 }), 13),
    ];
    for (entry, expected) in entries {
        let mut begin = trigger(json!({ "type": "webhook", "hook": "paid" }));
        begin["account"] = json!("input.account");
        begin["entry"] = entry.clone();
        let journey = publish(house.store.as_ref(), &line(&[begin, pause()])).await;
        let mut starting = tokio::task::JoinSet::new();
        for number in 0..200 {
            let runtime = house.runtime.clone();
            let request = crate::StartRequest {
                journey,
                version: crate::Which::Live,
                trigger: Some("begin".to_owned()),
                account: None,
                input: json!({ "account": "A-1" }),
                dedupe_key: Some(number.to_string()),
                opener: crate::Opener::Hook("paid".to_owned()),
            };
            starting.spawn(async move { runtime.start_instance(request).await.is_ok() });
        }
        let mut started = 0;
        while let Some(one) = starting.join_next().await {
            started += usize::from(one.unwrap());
        }
        assert_eq!(
            (started, house.instances(journey).await.len()),
            (expected, expected),
            "{entry}"
        );
        let refusals =
            house.store.refusals(journey, Some(account), Paging::first(500)).await.unwrap();
        assert_eq!(refusals.items.len(), 200 - expected, "{entry}");
    }
}
