use super::{NOW, a_journey, a_start, commit};
use crate::{
    AccountId, EventId, JourneyId, Paging, Store,
    accounts::{Created, Statement},
    commits::Cause,
    events::{ACCOUNT_CHANGED, Filter, NewEvent, NewReaction, ReactionKind, Reason, Taken},
};
use serde_json::{Map, Value, json};

pub(crate) fn an_event(key: Option<&str>, kind: &str, account: Option<AccountId>) -> NewEvent {
    NewEvent {
        key: key.map(str::to_owned),
        kind: kind.to_owned(),
        account,
        at: NOW.plus(-5),
        data: Map::from_iter([("n".to_owned(), json!(7))]),
        depth: 0,
        sent_by: Some("ada@x.y".to_owned()),
    }
}

pub(crate) async fn an_account(store: &dyn Store, external_id: &str) -> AccountId {
    let statement = Statement {
        external_id: external_id.to_owned(),
        name: external_id.to_owned(),
        ..Statement::default()
    };
    match store.create_account(&statement, NOW).await.unwrap() {
        Created::Account(id) | Created::Taken(id) => id,
    }
}

fn ids(taken: &[Taken]) -> Vec<EventId> {
    taken.iter().map(|(Taken::In(id) | Taken::Before(id))| *id).collect()
}

pub(crate) async fn an_event_is_taken_in_once_by_its_key(store: &dyn Store) {
    let batch = [
        an_event(Some("k1"), "paid", None),
        an_event(Some("k1"), "paid", None),
        an_event(None, "paid", None),
    ];
    let taken = store.accept(&batch, NOW).await.unwrap();
    let [Taken::In(first), Taken::Before(again), Taken::In(other)] = taken[..] else {
        panic!("{taken:?}")
    };
    assert!(first == again && first < other);
    let later = store.accept(&[an_event(Some("k1"), "other", None)], NOW).await.unwrap();
    assert_eq!(later, [Taken::Before(first)]);
    let stored = store.event(first).await.unwrap().unwrap();
    assert_eq!((stored.kind.as_str(), stored.at, stored.received_at), ("paid", NOW.plus(-5), NOW));
    assert_eq!((stored.data["n"].clone(), stored.is_pending), (json!(7), true));
    assert_eq!(stored.sent_by.as_deref(), Some("ada@x.y"));
}

pub(crate) async fn pending_events_come_in_order_until_they_are_dispatched(store: &dyn Store) {
    let batch: Vec<_> = (0..5).map(|_| an_event(None, "paid", None)).collect();
    let taken = ids(&store.accept(&batch, NOW).await.unwrap());
    assert_eq!(pending(store, (9, 3)).await, taken[..3]);
    assert_eq!(store.events_backlog(9).await.unwrap().waiting, 5);
    assert_eq!(store.events_backlog(9).await.unwrap().oldest, Some(NOW));
    store.dispatched(&taken[..4], &[], NOW).await.unwrap();
    assert_eq!(pending(store, (9, 3)).await, taken[4..]);
    assert!(!store.event(taken[0]).await.unwrap().unwrap().is_pending);
    let all = store.events(&Filter::default(), Paging::first(9)).await.unwrap().items;
    assert_eq!(all.iter().map(|event| event.id).rev().collect::<Vec<_>>(), taken);
}

async fn pending(store: &dyn Store, (lanes, each): (u32, u32)) -> Vec<EventId> {
    let pending = store.pending(lanes, each).await.unwrap();
    pending.into_iter().map(|event| event.id).collect()
}

pub(crate) async fn a_busy_account_gives_way_to_the_others(store: &dyn Store) {
    let (busy, quiet) = (an_account(store, "A-1").await, an_account(store, "A-2").await);
    let made = pending(store, (9, 9)).await;
    store.dispatched(&made, &[], NOW).await.unwrap();
    assert_eq!(pending(store, (9, 9)).await, []);
    let backlog: Vec<_> = (0..20).map(|_| an_event(None, "paid", Some(busy))).collect();
    let backlog = ids(&store.accept(&backlog, NOW).await.unwrap());
    let other = ids(&store.accept(&[an_event(None, "paid", Some(quiet))], NOW).await.unwrap());
    assert_eq!(pending(store, (1, 4)).await, backlog[..4], "who came first has the first turn");
    store.dispatched(&backlog[..4], &[], NOW.plus(1)).await.unwrap();
    assert_eq!(pending(store, (1, 4)).await, other);
    assert_eq!(pending(store, (2, 2)).await, [&other, &backlog[4..6]].concat());
    store.dispatched(&other, &[], NOW.plus(2)).await.unwrap();
    assert_eq!(pending(store, (1, 99)).await, backlog[4..]);
}

pub(crate) async fn events_are_found_by_type_and_account(store: &dyn Store) {
    let account = an_account(store, "A-1").await;
    let batch = [
        an_event(None, "paid", Some(account)),
        an_event(None, "paid", None),
        an_event(None, "left", Some(account)),
    ];
    let taken = ids(&store.accept(&batch, NOW).await.unwrap());
    let found = async |kind: Option<&str>, account| {
        let filter = Filter { kind: kind.map(str::to_owned), account };
        let page = store.events(&filter, Paging::first(9)).await.unwrap();
        page.items.into_iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(found(Some("paid"), None).await, [taken[1], taken[0]]);
    assert_eq!(found(Some("paid"), Some(account)).await, [taken[0]]);
    assert_eq!(found(Some("left"), Some(account)).await, [taken[2]]);
    assert_eq!(found(Some("none"), None).await, []);
}

fn a_refusal(
    event: Option<EventId>,
    journey: JourneyId,
    account: Option<AccountId>,
) -> NewReaction {
    NewReaction {
        event,
        journey,
        version: 1,
        node: "start".to_owned(),
        account,
        instance: None,
        kind: ReactionKind::Refused,
        reason: Some(Reason {
            code: "when".to_owned(),
            sentence: "No.".to_owned(),
            facts: json!({ "n": 7 }),
        }),
    }
}

pub(crate) async fn what_came_of_an_event_is_written_once(store: &dyn Store) {
    let (journey, account) = (a_journey(store).await, Some(an_account(store, "A-1").await));
    let event = ids(&store.accept(&[an_event(None, "paid", account)], NOW).await.unwrap())[0];
    let mut start = a_start(store, journey);
    let started = NewReaction {
        instance: Some((start.instance, journey::Position(0))),
        kind: ReactionKind::Started,
        reason: None,
        ..a_refusal(Some(event), journey, account)
    };
    start.cause = Some(Cause { event, depth: 0, reaction: Some(started.clone()) });
    commit(store, start).await;
    let refused = a_refusal(Some(event), journey, account);
    for _ in 0..2 {
        store.dispatched(&[event], &[refused.clone(), started.clone()], NOW).await.unwrap();
    }
    let page = store.reactions(event, Paging::first(1)).await.unwrap();
    assert_eq!(page.items[0].reaction, started);
    let page = store.reactions(event, Paging::new(page.next, 9)).await.unwrap();
    assert_eq!(page.items.iter().map(|one| &one.reaction).collect::<Vec<_>>(), [&refused]);
}

pub(crate) async fn refusals_are_listed_by_account_newest_first(store: &dyn Store) {
    let (journey, other) = (a_journey(store).await, a_journey(store).await);
    let account = Some(an_account(store, "A-1").await);
    let refused = [
        a_refusal(None, journey, account),
        a_refusal(None, journey, None),
        a_refusal(None, other, account),
    ];
    store.react(&refused, NOW).await.unwrap();
    store.react(&refused[..1], NOW.plus(1)).await.unwrap();
    let of_account = store.refusals(journey, account, Paging::first(9)).await.unwrap().items;
    assert_eq!(of_account.iter().map(|one| one.at).collect::<Vec<_>>(), [NOW.plus(1), NOW]);
    assert_eq!(of_account[0].reaction, refused[0]);
    let of_nobody = store.refusals(journey, None, Paging::first(9)).await.unwrap().items;
    assert_eq!(of_nobody.len(), 1);
}

async fn changes(store: &dyn Store) -> Vec<(Option<AccountId>, Value, u32)> {
    let filter = Filter { kind: Some(ACCOUNT_CHANGED.to_owned()), account: None };
    let page = store.events(&filter, Paging::first(99)).await.unwrap();
    let mut found: Vec<_> = page
        .items
        .into_iter()
        .map(|event| (event.account, event.data["fields"].clone(), event.depth))
        .collect();
    found.reverse();
    found
}

pub(crate) async fn a_change_of_an_account_is_an_event(store: &dyn Store) {
    let account = an_account(store, "A-1").await;
    let made = changes(store).await.remove(0);
    assert_eq!(made.0, Some(account));
    assert_eq!(
        made.1,
        json!({ "external_id": { "from": null, "to": "A-1" }, "name": { "from": null, "to": "A-1" } })
    );
    let members = json!({ "segment": "gold", "health": 3, "name": "A-1" });
    store.patch_account(account, members.as_object().unwrap(), NOW).await.unwrap();
    store.patch_account(account, members.as_object().unwrap(), NOW).await.unwrap();
    let unfit = json!({ "arr": "much", "health": 4 });
    store.patch_account(account, unfit.as_object().unwrap(), NOW).await.unwrap();
    store
        .patch_account(account, json!({ "health": null }).as_object().unwrap(), NOW)
        .await
        .unwrap();
    let imported =
        Statement { external_id: "A-1".to_owned(), name: "Ada".to_owned(), ..Statement::default() };
    for _ in 0..2 {
        store.upsert_accounts(std::slice::from_ref(&imported), None, NOW).await.unwrap();
    }
    let found = changes(store).await;
    let fields: Vec<_> = found[1..].iter().map(|(_, fields, _)| fields).collect();
    assert_eq!(
        fields,
        [
            &json!({ "segment": { "from": null, "to": "gold" }, "health": { "from": null, "to": 3 } }),
            &json!({ "health": { "from": 3, "to": null } }),
            &json!({ "name": { "from": "A-1", "to": "Ada" } }),
        ]
    );
}

pub(crate) async fn a_journey_that_changes_an_account_is_one_event_deeper(store: &dyn Store) {
    let account = an_account(store, "A-1").await;
    let event = ids(&store.accept(&[an_event(None, "paid", Some(account))], NOW).await.unwrap())[0];
    let mut start = a_start(store, a_journey(store).await);
    start.life.account = Some(account);
    start.account_fields = json!({ "stage": "live" }).as_object().unwrap().clone();
    start.cause = Some(Cause { event, depth: 3, reaction: None });
    commit(store, start.clone()).await;
    let mut step = super::a_step(&start);
    step.cause = None;
    step.account_fields = json!({ "stage": "done" }).as_object().unwrap().clone();
    commit(store, step.clone()).await;
    let mut by_person = super::a_step(&start);
    by_person.guard = crate::commits::Guard::At { sequence: 3 };
    by_person.state = super::an_instance(4, "running");
    by_person.records = super::records(3, 4);
    by_person.cause = None;
    by_person.account_fields = json!({ "stage": "again" }).as_object().unwrap().clone();
    by_person.deed = Some(crate::audit::Deed {
        actor: "ada@x.y".to_owned(),
        action: "task.complete".to_owned(),
        object: start.instance.to_string(),
        detail: Value::Null,
        at: NOW,
    });
    commit(store, by_person).await;
    let depths: Vec<u32> = changes(store).await[1..].iter().map(|(.., depth)| *depth).collect();
    assert_eq!(depths, [4, 4, 1], "a person's deed begins anew");
}
