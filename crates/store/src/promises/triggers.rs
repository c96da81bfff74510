use super::{
    NOW, a_start, a_start_for, a_step, an_instance, commit,
    events::{an_account, an_event},
    records,
};
use crate::{
    InstanceId, JourneyId, Paging, Store,
    commits::{Cause, Commit, Guard, NewListen},
    events::Taken,
    journeys::{Mode, NewVersion},
    listens::Ear,
    triggers::{NewDate, Planned, TriggerKey},
};
use journey::{Draft, Instance, Position, listing::Kind};
use serde_json::json;

/// An instance that waits at these positions, at a node each.
fn waiting(sequence: u64, positions: &[u32]) -> Instance {
    let mut state = serde_json::to_value(an_instance(sequence, "running")).unwrap();
    state["waits"] = positions
        .iter()
        .map(|at| {
            json!({ "position": at, "node": "wait", "since": NOW.0,
                    "on": { "kind": "event", "name": "paid", "key": "k" } })
        })
        .collect();
    serde_json::from_value(state).unwrap()
}

fn listen(at: u32, key: &str) -> NewListen {
    NewListen { position: Position(at), name: "paid".to_owned(), key: key.to_owned() }
}

fn a_listener(store: &dyn Store, journey: JourneyId, key: &str) -> Commit {
    Commit { state: waiting(2, &[1]), listens: vec![listen(1, key)], ..a_start(store, journey) }
}

fn ear(journey: JourneyId) -> Ear {
    Ear { name: "paid".to_owned(), journey, version: 1, node: "wait".to_owned() }
}

async fn heard(
    store: &dyn Store,
    journey: JourneyId,
    event: crate::EventId,
) -> Vec<(InstanceId, u32)> {
    let (mut all, mut paging) = (Vec::new(), Paging::first(2));
    loop {
        let page = store.listeners(&ear(journey), "k", event, paging).await.unwrap();
        all.extend(page.items.into_iter().map(|(instance, at)| (instance, at.0)));
        let Some(next) = page.next else { return all };
        paging = Paging::new(Some(next), 2);
    }
}

async fn the_event(store: &dyn Store) -> crate::EventId {
    match store.accept(&[an_event(None, "paid", None)], NOW).await.unwrap()[0] {
        Taken::In(id) | Taken::Before(id) => id,
    }
}

pub(crate) async fn waits_for_an_event_are_found_by_their_key(store: &dyn Store) {
    let (journey, other) = (super::a_journey(store).await, super::a_journey(store).await);
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push((commit(store, a_listener(store, journey, "k")).await, 1));
    }
    commit(store, a_listener(store, journey, "another")).await;
    commit(store, a_listener(store, other, "k")).await;
    expected.sort();
    let event = the_event(store).await;
    assert_eq!(heard(store, journey, event).await, expected);
    assert_eq!(store.ears("paid").await.unwrap(), [ear(journey), ear(other)]);
    assert_eq!(store.ears("unpaid").await.unwrap(), []);
}

pub(crate) async fn a_wait_that_is_over_is_not_found(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let mut start = a_listener(store, journey, "k");
    start.state = waiting(2, &[1, 2]);
    start.listens = vec![listen(1, "k"), listen(2, "k")];
    commit(store, start.clone()).await;
    let event = the_event(store).await;
    assert_eq!(heard(store, journey, event).await, [(start.instance, 1), (start.instance, 2)]);
    let mut step = a_step(&start);
    step.listens = Vec::new();
    step.state = waiting(3, &[2]);
    step.left = vec![Position(1)];
    step.deaf.clone_from(&step.left);
    commit(store, step).await;
    assert_eq!(heard(store, journey, event).await, [(start.instance, 2)]);
}

pub(crate) async fn a_wait_that_is_tried_again_listens_for_its_new_key_alone(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let start = a_listener(store, journey, "k");
    commit(store, start.clone()).await;
    let event = the_event(store).await;
    assert_eq!(heard(store, journey, event).await, [(start.instance, 1)]);
    let mut again = a_step(&start);
    again.state = waiting(3, &[1]);
    let retried = json!({ "sequence": 2, "at": NOW.0, "fact": "incident_retried", "position": 1, "by": "ada@x.y" });
    again.records = vec![serde_json::from_value(retried).unwrap()];
    again.listens = vec![listen(1, "another")];
    commit(store, again).await;
    assert_eq!(heard(store, journey, event).await, []);
}

pub(crate) async fn a_wait_begun_because_of_an_event_does_not_hear_it(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let start = a_listener(store, journey, "k");
    commit(store, start.clone()).await;
    let (event, next) = (the_event(store).await, the_event(store).await);
    let mut woken = a_step(&start);
    woken.cause = Some(Cause { event, depth: 0, reaction: None });
    woken.left = vec![Position(1)];
    woken.deaf.clone_from(&woken.left);
    woken.state = waiting(3, &[2]);
    woken.listens = vec![listen(2, "k")];
    commit(store, woken.clone()).await;
    assert_eq!(heard(store, journey, event).await, []);
    assert_eq!(heard(store, journey, next).await, [(start.instance, 2)]);
    // A wait that follows later, after a call or a timer, is behind that event all the same.
    let later = Commit {
        guard: Guard::At { sequence: 3 },
        state: waiting(4, &[3]),
        records: records(3, 4),
        left: vec![Position(2)],
        deaf: vec![Position(2)],
        listens: vec![listen(3, "k")],
        cause: None,
        ..woken
    };
    commit(store, later).await;
    assert_eq!(heard(store, journey, event).await, []);
    assert_eq!(heard(store, journey, next).await, [(start.instance, 3)]);
}

pub(crate) async fn a_wait_that_moves_to_another_version_is_found_there(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let start = a_listener(store, journey, "k");
    commit(store, start.clone()).await;
    let moved = json!({
        "sequence": 2, "at": NOW.0, "fact": "migrated", "from": 1, "to": 2, "by": "ada@x.y",
        "waits": [{ "position": 1, "from": "wait", "to": "payment" }]
    });
    let mut step = a_step(&start);
    step.life.version = 2;
    step.records = vec![serde_json::from_value(moved).unwrap()];
    step.listens = Vec::new();
    commit(store, step).await;
    let there = Ear { version: 2, node: "payment".to_owned(), ..ear(journey) };
    assert_eq!(store.ears("paid").await.unwrap(), std::slice::from_ref(&there));
    let event = the_event(store).await;
    let found = store.listeners(&there, "k", event, Paging::first(9)).await.unwrap().items;
    assert_eq!(found, [(start.instance, Position(1))]);
}

pub(crate) async fn instances_that_watch_their_account_are_found(store: &dyn Store) {
    let (journey, account) = (super::a_journey(store).await, an_account(store, "A-1").await);
    let watcher =
        |watches_account| Commit { watches_account, ..a_start_for(store, journey, account) };
    let first = watcher(true);
    commit(store, first.clone()).await;
    commit(store, watcher(false)).await;
    let found = async || store.watchers(account, Paging::first(9)).await.unwrap().items;
    assert_eq!(found().await, [first.instance]);
    commit(store, Commit { watches_account: false, ..a_step(&first) }).await;
    assert_eq!(found().await, []);
}

fn draft(triggers: &[(&str, serde_json::Value)]) -> Draft {
    let nodes: Vec<_> =
        triggers.iter().map(|(id, on)| json!({ "id": id, "kind": "trigger", "on": on })).collect();
    serde_json::from_value(json!({ "format": 1, "name": "J", "nodes": nodes })).unwrap()
}

async fn publish(store: &dyn Store, journey: JourneyId, draft: &Draft, mode: Mode) {
    let revision = store.draft(journey).await.unwrap().unwrap().revision;
    let version = NewVersion {
        draft: draft.clone(),
        revision,
        mode,
        note: String::new(),
        by: "ada@x.y".to_owned(),
        review: None,
    };
    store.publish(journey, &version, NOW).await.unwrap().unwrap();
}

async fn who_listens(store: &dyn Store, kind: Kind, name: &str) -> Vec<(u64, String, Mode)> {
    let found = store.listening(kind, &[name, "elsewhere"]).await.unwrap();
    found.into_iter().map(|one| (one.key.version, one.key.node, one.mode)).collect()
}

pub(crate) async fn publishing_lists_the_triggers_new_instances_follow(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let event = |name: &str| json!({ "type": "event", "event": name });
    publish(store, journey, &draft(&[("a", event("paid")), ("b", event("left"))]), Mode::Live)
        .await;
    let is_live = |version, node: &str| (version, node.to_owned(), Mode::Live);
    assert_eq!(who_listens(store, Kind::Event, "paid").await, [is_live(1, "a")]);
    assert_eq!(who_listens(store, Kind::Change, "paid").await, []);
    publish(store, journey, &draft(&[("a", event("paid"))]), Mode::Shadow).await;
    let beside = (2, "a".to_owned(), Mode::Shadow);
    assert_eq!(who_listens(store, Kind::Event, "paid").await, [is_live(1, "a"), beside]);
    publish(store, journey, &draft(&[("c", event("paid"))]), Mode::Live).await;
    assert_eq!(who_listens(store, Kind::Event, "paid").await, [is_live(3, "c")]);
    assert_eq!(who_listens(store, Kind::Event, "left").await, []);
    assert_eq!(store.triggers_of(journey).await.unwrap().len(), 1);
}

pub(crate) async fn triggers_are_listed_anew_once(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let on = json!({ "type": "segment", "segment": "gold", "change": "entered" });
    publish(store, journey, &draft(&[("a", on)]), Mode::Live).await;
    let before = store.triggers_of(journey).await.unwrap();
    assert!(store.list_triggers_anew(NOW).await.unwrap());
    assert!(!store.list_triggers_anew(NOW.plus(9)).await.unwrap());
    assert_eq!(store.triggers_of(journey).await.unwrap(), before);
    assert_eq!(who_listens(store, Kind::Segment, "entered gold").await.len(), 1);
}

pub(crate) async fn a_schedule_is_due_until_its_next_time_is_known(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let on =
        json!({ "type": "schedule", "rrule": "FREQ=DAILY", "timezone": "UTC", "for_each": "gold" });
    publish(store, journey, &draft(&[("a", on)]), Mode::Live).await;
    let due = store.due_triggers(NOW, 9).await.unwrap();
    let key = due[0].trigger.key.clone();
    assert_eq!((due.len(), due[0].due, due[0].done_to), (1, None, None));
    store.due_next(&key, Some(NOW.plus(5))).await.unwrap();
    assert_eq!(store.due_triggers(NOW.plus(4), 9).await.unwrap(), []);
    assert_eq!(store.next_time().await.unwrap(), Some(NOW.plus(5)));
    let account = an_account(store, "A-1").await;
    store.round_done_to(&key, account).await.unwrap();
    let due = store.due_triggers(NOW.plus(5), 9).await.unwrap();
    assert_eq!((due[0].due, due[0].done_to), (Some(NOW.plus(5)), Some(account)));
    store.due_next(&key, None).await.unwrap();
    assert_eq!(store.due_triggers(NOW.plus(99), 9).await.unwrap(), []);
    assert_eq!(store.next_time().await.unwrap(), None);
}

pub(crate) async fn a_round_under_way_goes_on_after_a_publication(store: &dyn Store) {
    let journey = super::a_journey(store).await;
    let on = |rule: &str| json!({ "type": "schedule", "rrule": rule, "timezone": "UTC", "for_each": "gold" });
    let of = |rule: &str| draft(&[("a", on(rule))]);
    publish(store, journey, &of("FREQ=DAILY"), Mode::Live).await;
    let key = |version| TriggerKey { journey, version, node: "a".to_owned() };
    let account = an_account(store, "A-1").await;
    store.due_next(&key(1), Some(NOW)).await.unwrap();
    store.round_done_to(&key(1), account).await.unwrap();
    publish(store, journey, &of("FREQ=DAILY"), Mode::Live).await;
    publish(store, journey, &of("FREQ=HOURLY"), Mode::Live).await;
    let due = store.due_triggers(NOW, 9).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(
        (&due[0].trigger.key, due[0].due, due[0].done_to),
        (&key(3), Some(NOW), Some(account))
    );
    store.due_next(&key(3), Some(NOW.plus(9))).await.unwrap();
    publish(store, journey, &of("FREQ=HOURLY"), Mode::Live).await;
    assert_eq!(
        store.due_triggers(NOW.plus(8), 9).await.unwrap(),
        [],
        "the same rule, the same time"
    );
    publish(store, journey, &of("FREQ=MINUTELY"), Mode::Live).await;
    let due = store.due_triggers(NOW, 9).await.unwrap();
    assert_eq!((due[0].due, due[0].done_to), (None, None), "another rule has another next time");
}

pub(crate) async fn a_date_fires_until_it_is_planned_anew_or_its_version_goes(store: &dyn Store) {
    let (journey, account) = (super::a_journey(store).await, an_account(store, "A-1").await);
    let on = json!({ "type": "date", "field": "ends" });
    publish(store, journey, &draft(&[("a", on.clone())]), Mode::Live).await;
    let key = TriggerKey { journey, version: 1, node: "a".to_owned() };
    let planned = |key: &TriggerKey, value: &str, after| Planned {
        trigger: key.clone(),
        account,
        value: value.to_owned(),
        fires_at: NOW.plus(after),
    };
    let plan = async |date: &Planned| {
        let moment = Some((date.value.clone(), date.fires_at));
        let trigger = date.trigger.clone();
        store.plan_dates(&[NewDate { trigger, account, seen: NOW, moment }]).await.unwrap();
    };
    let (first, second) = (planned(&key, "2026-01-01", 1), planned(&key, "2026-02-01", 2));
    plan(&first).await;
    assert_eq!(store.due_dates(NOW, 9).await.unwrap(), []);
    assert_eq!(store.due_dates(NOW.plus(1), 9).await.unwrap(), std::slice::from_ref(&first));
    plan(&second).await;
    store.dates_fired(std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), std::slice::from_ref(&second));
    store.dates_fired(std::slice::from_ref(&second)).await.unwrap();
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), []);
    plan(&second).await;
    let none = NewDate { trigger: key.clone(), account, seen: NOW, moment: None };
    store.plan_dates(&[none]).await.unwrap();
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), []);
    let moment = Some((second.value.clone(), second.fires_at));
    let stale = NewDate { trigger: key.clone(), account, seen: NOW.plus(-1), moment };
    store.plan_dates(&[stale]).await.unwrap();
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), [], "the account changed since");
    plan(&second).await;
    publish(store, journey, &draft(&[("a", on)]), Mode::Live).await;
    let key = TriggerKey { version: 2, ..key };
    let second_now = planned(&key, "2026-02-01", 2);
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), [second_now], "it is the same");
    let sooner = json!({ "type": "date", "field": "ends", "before": "P1D" });
    publish(store, journey, &draft(&[("a", sooner)]), Mode::Live).await;
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), []);
    plan(&second).await;
    assert_eq!(store.due_dates(NOW.plus(9), 9).await.unwrap(), [], "nobody follows it any more");
}

pub(crate) async fn accounts_of_a_segment_are_walked_in_order(store: &dyn Store) {
    let mut gold = Vec::new();
    for (number, segment) in ["gold", "base", "gold", "gold"].iter().enumerate() {
        let account = an_account(store, &format!("A-{number}")).await;
        let members = json!({ "segment": segment });
        store.patch_account(account, members.as_object().unwrap(), NOW).await.unwrap();
        if *segment == "gold" {
            gold.push(account);
        }
    }
    let first = store.accounts_in_order(Some("gold"), Paging::first(2)).await.unwrap();
    let second = store.accounts_in_order(Some("gold"), Paging::new(first.next, 2)).await.unwrap();
    let walked: Vec<_> = first.items.iter().chain(&second.items).map(|one| one.id).collect();
    assert_eq!((walked, second.next), (gold, None));
    assert_eq!(store.accounts_in_order(None, Paging::first(9)).await.unwrap().items.len(), 4);
}
