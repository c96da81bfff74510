//! Events: what they start and wake, exactly once, whatever else is broken.

use super::{House, PATIENCE, START, Script, house, publish};
use crate::{Opener, StartRequest, Which, dispatch, limits};
use journey::{Draft, Fact, Status};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{
    AccountId, EventId, InstanceId, JourneyId, Paging,
    accounts::{Created, Statement},
    events::{ACCOUNT_CHANGED, Event, Filter, NewEvent, NewReaction, ReactionKind, Taken},
    instances,
    journeys::{Mode, NewVersion},
};

/// A journey of these nodes beside an end, drawn in a line.
pub(super) fn line(nodes: &[Value]) -> Draft {
    let mut nodes = nodes.to_vec();
    nodes.push(json!({ "id": "end", "kind": "end", "name": "End", "outcome": "done" }));
    let edges: Vec<Value> = nodes
        .windows(2)
        .enumerate()
        .map(|(number, pair)| {
            let id = format!("e{number}");
            json!({ "id": id, "from": pair[0]["id"], "to": pair[1]["id"] })
        })
        .collect();
    draft(&nodes, &edges)
}

fn draft(nodes: &[Value], edges: &[Value]) -> Draft {
    let draft = json!({ "format": 1, "name": "J", "nodes": nodes, "edges": edges });
    serde_json::from_value(draft).unwrap()
}

pub(super) fn trigger(on: Value) -> Value {
    json!({ "id": "begin", "kind": "trigger", "name": "Begin", "on": on })
}

pub(super) fn on_event(name: &str) -> Value {
    trigger(json!({ "type": "event", "event": name }))
}

pub(super) fn wait_for(name: &str) -> Value {
    json!({ "id": "wait", "kind": "wait", "name": "Wait", "timeout": "P30D",
            "event": { "name": name, "key": "event.order", "mine": "string(input.order)" } })
}

pub(super) fn pause() -> Value {
    json!({ "id": "pause", "kind": "wait", "name": "Pause", "for": "P1D" })
}

pub(super) fn event(kind: &str, account: Option<AccountId>, data: Value) -> NewEvent {
    let Value::Object(data) = data else { panic!("data is an object") };
    NewEvent { key: None, kind: kind.to_owned(), account, at: START, data, depth: 0, sent_by: None }
}

impl House {
    pub(super) async fn account(&self, external_id: &str) -> AccountId {
        let statement = Statement {
            external_id: external_id.to_owned(),
            name: external_id.to_owned(),
            ..Statement::default()
        };
        match self.store.create_account(&statement, START).await.unwrap() {
            Created::Account(id) | Created::Taken(id) => id,
        }
    }

    pub(super) async fn patch(&self, account: AccountId, members: Value) {
        self.store.patch_account(account, members.as_object().unwrap(), START).await.unwrap();
    }

    pub(super) async fn send(&self, events: &[NewEvent]) -> Vec<EventId> {
        let taken = self.store.accept(events, START).await.unwrap();
        let ids = taken.iter().map(|(Taken::In(id) | Taken::Before(id))| *id).collect();
        self.dispatched().await;
        ids
    }

    /// Returns when no event waits.
    pub(super) async fn dispatched(&self) {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.store.events_backlog(1).await.unwrap().waiting > 0 {
            assert!(tokio::time::Instant::now() < until, "events are not dispatched");
            self.runtime.look_at_events();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn reactions(&self, event: EventId) -> Vec<NewReaction> {
        let page = self.store.reactions(event, Paging::first(500)).await.unwrap();
        page.items.into_iter().map(|one| one.reaction).collect()
    }

    /// Codes of what kept someone out because of an event.
    async fn codes(&self, event: EventId) -> Vec<String> {
        let reactions = self.reactions(event).await.into_iter();
        reactions.filter_map(|one| one.reason.map(|reason| reason.code)).collect()
    }

    pub(super) async fn instances(&self, journey: JourneyId) -> Vec<InstanceId> {
        let filter = instances::Filter { journey: Some(journey), ..Default::default() };
        let (mut all, mut paging) = (Vec::new(), Paging::first(500));
        loop {
            let page = self.store.instances(filter, paging).await.unwrap();
            all.extend(page.items.iter().map(|one| one.id));
            let Some(next) = page.next else { return all };
            paging = Paging::new(Some(next), 500);
        }
    }

    pub(super) async fn begin(&self, journey: JourneyId, input: Value) -> InstanceId {
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: None,
            account: None,
            input,
            dedupe_key: None,
            opener: Opener::Itself,
        };
        self.runtime.start_instance(request).await.unwrap().instance
    }

    async fn account_events(&self) -> Vec<Event> {
        let filter = Filter { kind: Some(ACCOUNT_CHANGED.to_owned()), account: None };
        let mut events = self.store.events(&filter, Paging::first(500)).await.unwrap().items;
        events.reverse();
        events
    }
}

pub(super) async fn empty_house() -> House {
    house(Script::of([])).await
}

#[tokio::test]
async fn an_event_opens_what_listens_for_it_and_says_what_it_did_not_open() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let mut choosy = on_event("paid");
    choosy["on"]["when"] = json!("event.amount > 10.0 && account.name == 'A-1'");
    choosy["account"] = json!("input.who");
    let plain = publish(store, &line(&[on_event("paid"), pause()])).await;
    let choosy = publish(store, &line(&[choosy, pause()])).await;
    let other = publish(store, &line(&[on_event("unpaid"), pause()])).await;
    let account = house.account("A-1").await;
    let small = event("paid", None, json!({ "amount": 5.0, "who": "A-1" }));
    let large = event("paid", None, json!({ "amount": 50.0, "who": "A-1" }));
    let nobody = event("paid", Some(account), json!({ "amount": 50.0, "who": "A-9" }));
    let odd = event("paid", Some(account), json!({ "amount": "much", "who": "A-1" }));
    let ids = house.send(&[small, large, nobody, odd]).await;
    assert_eq!(house.instances(plain).await.len(), 4);
    let opened = house.instances(choosy).await;
    assert_eq!(opened.len(), 1);
    assert_eq!(house.instances(other).await, []);
    let stored = store.instance(opened[0]).await.unwrap().unwrap();
    assert_eq!(stored.life.account, Some(account));
    assert_eq!(stored.state.input()["amount"], json!(50.0));
    assert_eq!(stored.state.input()["data"], json!({ "amount": 50.0, "who": "A-1" }));
    let mut codes = Vec::new();
    for id in &ids {
        codes.push(house.codes(*id).await);
    }
    assert_eq!(codes, [vec!["when"], vec![], vec!["unknown-account"], vec!["when"]]);
    let small = house.reactions(ids[0]).await.into_iter().find_map(|one| one.reason).unwrap();
    assert_eq!(small.facts, json!({ "event.amount": 5.0 }));
    let odd = house.reactions(ids[3]).await.into_iter().find_map(|one| one.reason).unwrap();
    assert_eq!(odd.facts, json!({ "event.amount": "much" }));
}

#[tokio::test]
async fn a_wait_wakes_for_its_key_alone_and_in_the_order_of_its_account() {
    let house = empty_house().await;
    let account = house.account("A-1").await;
    wakes_in_order(house, Some(account)).await;
}

#[tokio::test]
async fn events_of_no_account_come_in_their_order_too() {
    wakes_in_order(empty_house().await, None).await;
}

async fn wakes_in_order(house: House, account: Option<AccountId>) {
    let journey =
        publish(house.store.as_ref(), &line(&[on_event("ordered"), wait_for("paid")])).await;
    let of = |kind: &str, order: u32| event(kind, account, json!({ "order": order.to_string() }));
    let ids = house.send(&[of("ordered", 1), of("paid", 1), of("paid", 2), of("ordered", 2)]).await;
    let mut instances = house.instances(journey).await;
    instances.sort_unstable();
    assert_eq!(house.status(instances[0]).await, Status::Ended, "opened, then paid for");
    assert_eq!(house.status(instances[1]).await, Status::Running, "its payment came before it");
    let woke = house.reactions(ids[1]).await;
    assert_eq!((woke.len(), woke[0].kind, woke[0].node.as_str()), (1, ReactionKind::Woke, "wait"));
    assert_eq!(house.reactions(ids[2]).await, []);
    house.send(&[of("paid", 2)]).await;
    assert_eq!(house.status(instances[1]).await, Status::Ended);
}

#[tokio::test]
async fn a_key_that_a_thousand_wait_for_wakes_each_once() {
    let house = empty_house().await;
    let manual = trigger(json!({ "type": "manual" }));
    let set = json!({ "id": "count", "kind": "set", "name": "Count",
                      "assign": [{ "to": "vars.n", "value": "1" }] });
    // Round and round: whoever is woken waits for the next one at once.
    let nodes = [
        manual,
        wait_for("ping"),
        set,
        json!({ "id": "end", "kind": "end", "name": "End", "outcome": "done" }),
    ];
    let edges = [
        json!({ "id": "e1", "from": "begin", "to": "wait" }),
        json!({ "id": "e2", "from": "wait", "to": "count" }),
        json!({ "id": "e3", "from": "count", "to": "wait" }),
        json!({ "id": "e4", "from": "wait", "port": "timeout", "to": "end" }),
    ];
    let journey = publish(house.store.as_ref(), &draft(&nodes, &edges)).await;
    let mut opening = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let runtime = house.runtime.clone();
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: None,
            account: None,
            input: json!({ "order": "7" }),
            dedupe_key: None,
            opener: Opener::Itself,
        };
        opening.spawn(async move { runtime.start_instance(request).await.unwrap() });
    }
    while let Some(opened) = opening.join_next().await {
        opened.unwrap();
    }
    let pings = [
        event("ping", None, json!({ "order": "7" })),
        event("ping", None, json!({ "order": "8" })),
    ];
    let ids = house.send(&pings).await;
    // As after an end in the middle of it.
    let stored = house.store.event(ids[0]).await.unwrap().unwrap();
    again(&house, stored).await;
    for instance in house.instances(journey).await {
        assert_eq!(house.count(instance, "received").await, 1);
    }
    let page = house.store.reactions(ids[0], Paging::first(500)).await.unwrap();
    let rest = house.store.reactions(ids[0], Paging::new(page.next, 500)).await.unwrap();
    assert_eq!((page.items.len(), rest.items.len(), rest.next), (500, 500, None));
    assert_eq!(house.reactions(ids[1]).await, []);
}

async fn again(house: &House, event: Event) -> Vec<NewReaction> {
    let mut before = dispatch::Done::default();
    dispatch::dispatch(&house.runtime.inner, event, &mut before).await.unwrap()
}

#[tokio::test]
async fn what_came_before_is_marked_before_an_event_moves_anything() {
    let house = empty_house().await;
    publish(house.store.as_ref(), &line(&[on_event("paid"), pause()])).await;
    for (account, marks) in [(Some(house.account("A-1").await), true), (None, false)] {
        let sent = ["heard.by.nobody", "paid"].map(|kind| event(kind, account, json!({})));
        let [nobody, paid] = house.send(&sent).await[..] else { panic!("two events") };
        let mut lane = Vec::new();
        for id in [nobody, paid, nobody] {
            lane.push(house.store.event(id).await.unwrap().unwrap());
        }
        let left = dispatch::run_lane(&house.runtime.inner, lane).await.events;
        let expected = if marks { vec![paid, nobody] } else { vec![nobody, paid, nobody] };
        assert_eq!(left, expected, "of {account:?}");
    }
}

#[tokio::test]
async fn an_event_dispatched_again_starts_nothing_again() {
    let house = empty_house().await;
    let journey = publish(house.store.as_ref(), &line(&[on_event("paid"), pause()])).await;
    let ids = house.send(&[event("paid", None, json!({}))]).await;
    let before = house.reactions(ids[0]).await;
    for _ in 0..3 {
        let stored = house.store.event(ids[0]).await.unwrap().unwrap();
        assert_eq!(again(&house, stored).await, []);
    }
    assert_eq!(house.instances(journey).await.len(), 1);
    assert_eq!(house.reactions(ids[0]).await, before);
    assert_eq!((before.len(), before[0].kind), (1, ReactionKind::Started));
}

#[tokio::test]
async fn a_broken_trigger_or_wait_leaves_the_others_alone() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let mut broken = on_event("paid");
    broken["account"] = json!("input.nobody.id");
    let broken = publish(store, &line(&[broken, pause()])).await;
    let well = publish(store, &line(&[on_event("paid"), pause()])).await;
    let manual = trigger(json!({ "type": "manual" }));
    let waiting = publish(store, &line(&[manual, wait_for("paid")])).await;
    house.begin(waiting, json!({ "order": "1" })).await;
    let ids = house.send(&[event("paid", None, json!({ "order_number": 1 }))]).await;
    assert_eq!(house.instances(well).await.len(), 1);
    assert_eq!(house.instances(broken).await, []);
    let failed: Vec<_> = house
        .reactions(ids[0])
        .await
        .into_iter()
        .filter(|one| one.kind == ReactionKind::Failed)
        .map(|one| (one.journey, one.node))
        .collect();
    assert_eq!(failed, [(broken, "begin".to_owned()), (waiting, "wait".to_owned())]);
}

#[tokio::test]
async fn a_change_of_a_field_opens_what_waits_for_that_change() {
    let house = empty_house().await;
    let on = json!({ "type": "change", "object": "account", "field": "stage", "from": "trial", "to": "live" });
    let journey = publish(house.store.as_ref(), &line(&[trigger(on), pause()])).await;
    let account = house.account("A-1").await;
    for stage in ["trial", "trial", "lost", "live", "trial", "live"] {
        house.patch(account, json!({ "stage": stage })).await;
    }
    house.dispatched().await;
    let opened = house.instances(journey).await;
    assert_eq!(opened.len(), 1);
    let stored = house.store.instance(opened[0]).await.unwrap().unwrap();
    assert_eq!(stored.life.account, Some(account));
    let input = stored.state.input();
    assert_eq!(input["account"], json!(account));
    assert_eq!(
        (&input["field"], &input["from"], &input["to"]),
        (&json!("stage"), &json!("trial"), &json!("live"))
    );
    let events = house.account_events().await;
    let kept_out = house.codes(events[1].id).await;
    assert_eq!((events.len(), kept_out), (6, vec!["from-to".to_owned()]));
}

#[tokio::test]
async fn an_instance_that_watches_its_account_goes_on_when_it_changes() {
    let house = empty_house().await;
    let wait = json!({ "id": "wait", "kind": "wait", "name": "Wait", "condition": "account.health > 5.0", "timeout": "P30D" });
    let mut begin = trigger(json!({ "type": "manual" }));
    begin["account"] = json!("input.account");
    let journey = publish(house.store.as_ref(), &line(&[begin, wait])).await;
    let account = house.account("A-1").await;
    let instance = house.begin(journey, json!({ "account": "A-1" })).await;
    house.patch(account, json!({ "health": 4.0 })).await;
    house.dispatched().await;
    assert_eq!(house.status(instance).await, Status::Running);
    let (records, _) = house.one_moment_of(instance).await;
    house.patch(account, json!({ "health": 6.0 })).await;
    house.dispatched().await;
    assert_eq!(house.status(instance).await, Status::Ended);
    assert!(!records.iter().any(|record| matches!(record.fact, Fact::ConditionHeld { .. })));
    let last = house.account_events().await.pop().unwrap();
    let woke = house.reactions(last.id).await;
    assert_eq!((woke.len(), woke[0].kind, woke[0].node.as_str()), (1, ReactionKind::Woke, "wait"));
}

#[tokio::test]
async fn a_journey_that_starts_itself_by_its_own_change_comes_to_an_end() {
    let house = empty_house().await;
    let on = json!({ "type": "change", "object": "account", "field": "rounds" });
    let set = json!({ "id": "again", "kind": "set", "name": "Again",
                      "assign": [{ "to": "account.rounds", "value": "account.rounds + 1.0" }] });
    let journey = publish(house.store.as_ref(), &line(&[trigger(on), set])).await;
    let account = house.account("A-1").await;
    house.patch(account, json!({ "rounds": 1.0 })).await;
    house.dispatched().await;
    let rounds = usize::try_from(limits::EVENT_DEPTH).unwrap() + 1;
    assert_eq!(house.instances(journey).await.len(), rounds);
    let last = house.account_events().await.pop().unwrap();
    assert_eq!(last.depth, limits::EVENT_DEPTH + 1);
    assert_eq!(house.codes(last.id).await, ["loop"]);
    // A person's change begins anew.
    house.patch(account, json!({ "rounds": 100.0 })).await;
    house.dispatched().await;
    assert_eq!(house.instances(journey).await.len(), 2 * rounds);
}

#[tokio::test]
async fn segments_and_health_bands_open_what_waits_for_them() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let on = |on: Value| line(&[trigger(on), pause()]);
    let entered = json!({ "type": "segment", "segment": "gold", "change": "entered" });
    let entered = publish(store, &on(entered)).await;
    let left =
        publish(store, &on(json!({ "type": "segment", "segment": "gold", "change": "left" })))
            .await;
    let red = publish(store, &on(json!({ "type": "health", "to": "red" }))).await;
    let account = Some(house.account("A-1").await);
    house
        .send(&[
            event("segment.entered", account, json!({ "segment": "gold" })),
            event("segment.left", account, json!({ "segment": "base" })),
            event("health.changed", account, json!({ "from": "green", "to": "amber" })),
            event("health.changed", account, json!({ "from": "amber", "to": "red" })),
        ])
        .await;
    assert_eq!(house.instances(entered).await.len(), 1);
    assert_eq!(house.instances(left).await, []);
    let opened = house.instances(red).await;
    assert_eq!(opened.len(), 1);
    let stored = house.store.instance(opened[0]).await.unwrap().unwrap();
    assert_eq!((stored.life.account, &stored.state.input()["from"]), (account, &json!("amber")));
}

fn with_entry(name: &str, entry: Value) -> Draft {
    let mut begin = on_event(name);
    begin["entry"] = entry;
    line(&[begin, pause()])
}

#[tokio::test]
async fn of_many_events_at_once_one_enters_where_one_may() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let one = publish(store, &with_entry("paid", json!({ "one_per_account": true }))).await;
    let cooling = publish(store, &with_entry("paid", json!({ "cool_down": "PT1H" }))).await;
    let capped = publish(store, &with_entry("paid", json!({ "cap_per_day": 7 }))).await;
    let (first, second) = (house.account("A-1").await, house.account("A-2").await);
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..200 {
        let store = Arc::clone(&house.store);
        let account = Some(if number % 2 == 0 { first } else { second });
        let event = NewEvent { key: Some(number.to_string()), ..event("paid", account, json!({})) };
        sending.spawn(async move { store.accept(&[event], START).await.unwrap() });
    }
    let mut ids = Vec::new();
    while let Some(taken) = sending.join_next().await {
        ids.extend(taken.unwrap().into_iter().map(|(Taken::In(id) | Taken::Before(id))| id));
    }
    house.dispatched().await;
    let counts = [one, cooling, capped].map(|journey| house.instances(journey));
    let mut found = Vec::new();
    for count in counts {
        found.push(count.await.len());
    }
    assert_eq!(found, [2, 2, 7]);
    let refusals = house.store.refusals(one, Some(first), Paging::first(500)).await.unwrap().items;
    assert_eq!(refusals.len(), 99);
    let reason = refusals[0].reaction.reason.clone().unwrap();
    assert_eq!(reason.code, "one-per-account");
    assert!(reason.facts["instance"].as_str().is_some_and(|id| id.starts_with("ins_")));
    let mut codes = std::collections::BTreeMap::new();
    for id in ids {
        for code in house.codes(id).await {
            *codes.entry(code).or_insert(0) += 1;
        }
    }
    let expected = [("cap", 193), ("cool-down", 198), ("one-per-account", 198)];
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        expected.map(|(code, n)| (code.to_owned(), n))
    );
}

#[tokio::test]
async fn a_start_that_is_refused_is_written_down() {
    let house = empty_house().await;
    let mut begin = trigger(json!({ "type": "manual" }));
    begin["account"] = json!("input.account");
    begin["entry"] = json!({ "condition": "input.sum > 10.0" });
    let journey = publish(house.store.as_ref(), &line(&[begin, pause()])).await;
    let account = house.account("A-1").await;
    let request = StartRequest {
        journey,
        version: Which::Live,
        trigger: None,
        account: None,
        input: json!({ "account": "A-1", "sum": 1.0 }),
        dedupe_key: None,
        opener: Opener::Person("ada@x.y".to_owned()),
    };
    house.runtime.start_instance(request).await.unwrap_err();
    let refusals = house.store.refusals(journey, Some(account), Paging::first(9)).await.unwrap();
    let reaction = &refusals.items[0].reaction;
    assert_eq!((reaction.kind, reaction.node.as_str()), (ReactionKind::Refused, "begin"));
    let reason = reaction.reason.as_ref().unwrap();
    assert_eq!((reason.code.as_str(), &reason.facts), ("condition", &json!({ "input.sum": 1.0 })));
    assert_eq!(refusals.items.len(), 1);
}

#[tokio::test]
async fn events_survive_an_end_in_the_middle_of_their_dispatch() {
    let mut house = empty_house().await;
    let store = house.store.as_ref();
    let opened = publish(store, &line(&[on_event("ordered"), wait_for("paid")])).await;
    let accounts = [house.account("A-1").await, house.account("A-2").await];
    let mut events = Vec::new();
    for order in 0..150_usize {
        let (account, order) = (Some(accounts[order % 2]), json!({ "order": order.to_string() }));
        events.push(event("ordered", account, order.clone()));
        events.push(event("paid", account, order));
    }
    house.store.accept(&events, START).await.unwrap();
    for _ in 0..4 {
        house.runtime.look_at_events();
        tokio::time::sleep(Duration::from_millis(15)).await;
        house = house.again(0).await;
    }
    house.dispatched().await;
    let instances = house.instances(opened).await;
    assert_eq!(instances.len(), 150);
    for instance in instances {
        assert_eq!(house.status(instance).await, Status::Ended);
        assert_eq!(house.count(instance, "received").await, 1);
    }
}

#[tokio::test]
async fn a_shadow_version_takes_an_event_beside_the_live_one() {
    let house = empty_house().await;
    let store = house.store.as_ref();
    let draft = with_entry("paid", json!({ "one_per_account": true }));
    let journey = publish(store, &draft).await;
    let version = NewVersion {
        draft,
        revision: 1,
        mode: Mode::Shadow,
        note: String::new(),
        by: "ada@x.y".to_owned(),
        review: None,
    };
    store.publish(journey, &version, START).await.unwrap().unwrap();
    let account = Some(house.account("A-1").await);
    let once = event("paid", account, json!({}));
    let ids = house.send(&[once.clone(), once]).await;
    let mut came = Vec::new();
    for id in ids {
        let reactions = house.reactions(id).await.into_iter();
        let mut of_event: Vec<_> = reactions.map(|one| (one.version, one.kind)).collect();
        of_event.sort_unstable_by_key(|one| one.0);
        came.push(of_event);
    }
    let both = |kind| vec![(1, kind), (2, kind)];
    assert_eq!(came, [both(ReactionKind::Started), both(ReactionKind::Refused)]);
    let first = house.store.refusals(journey, account, Paging::first(9)).await.unwrap().items;
    let kept_out_by = |one: &store::events::Reaction| {
        one.reaction.reason.as_ref().unwrap().facts["instance"].clone()
    };
    assert_ne!(kept_out_by(&first[0]), kept_out_by(&first[1]), "each has its own instance");
}
