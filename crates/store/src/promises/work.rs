use super::{FIRST, NOW, a_journey, a_start, a_step, an_instance, commit};
use crate::{
    Failure, InstanceId, Paging, Store,
    commits::{Commit, Guard, Refused},
    instances::{Filter, Life},
    nodes::{NewNode, NodeState},
    work::{Backlog, Claimed, Job, Lane, Lease, NewWork, WorkKey},
};
use journey::{
    Position, Timestamp,
    effect::{Call, Follows, StartChild, Timer},
};
use serde_json::json;
use std::collections::BTreeMap;

fn a_call(connection: &str) -> Job {
    Job::Call(Call {
        connection: connection.to_owned(),
        operation: "upsert".to_owned(),
        input: json!({ "id": 1 }),
        timeout_ms: 30_000,
        attempt: 1,
    })
}

pub(crate) async fn due_in(store: &dyn Store, after: i64) -> InstanceId {
    let mut start = a_start(store, a_journey(store).await);
    let (due, job) = (NOW.plus(after), a_call("crm"));
    start.work.push(NewWork { position: FIRST, due, job, lease: None });
    commit(store, start).await
}

/// So many calls of one instance, all due now, in one lane.
pub(crate) async fn a_backlog(store: &dyn Store, connection: &str, calls: u32) -> InstanceId {
    let mut start = a_start(store, a_journey(store).await);
    for position in 1..=calls {
        let (position, job) = (Position(position), a_call(connection));
        start.work.push(NewWork { position, due: NOW, job, lease: None });
    }
    commit(store, start).await
}

/// Takes up to `most` from each lane that has something due.
pub(crate) async fn claim(
    store: &dyn Store,
    now: Timestamp,
    until: Timestamp,
    most: u32,
) -> Result<Vec<Claimed>, Failure> {
    let lanes = store.lanes(None, 1_000).await?;
    let due = lanes.into_iter().filter(|(_, at)| *at <= now);
    let from: Vec<_> = due.map(|(lane, _)| (lane, most)).collect();
    store.claim(now, a_lease(store, until), &from).await
}

fn a_lease(store: &dyn Store, until: Timestamp) -> Lease {
    Lease { id: store.ids().lease(NOW, store.ids().any_slot()), until }
}

pub(crate) async fn due_work_is_claimed_once(store: &dyn Store) {
    let later = due_in(store, 20).await;
    let sooner = due_in(store, 10).await;
    let not_yet = due_in(store, 31).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(10)));
    let claimed = claim(store, NOW.plus(30), NOW.plus(1_000), 10).await.unwrap();
    let claimed: Vec<_> = claimed.iter().map(|work| (work.key.instance, work.due)).collect();
    assert_eq!(claimed, [(sooner, NOW.plus(10)), (later, NOW.plus(20))]);
    assert_eq!(claim(store, NOW.plus(30), NOW.plus(1_000), 10).await.unwrap(), []);
    let rest = claim(store, NOW.plus(31), NOW.plus(1_000), 10).await.unwrap();
    assert_eq!(rest[0].key.instance, not_yet);
}

pub(crate) async fn a_lapsed_lease_is_claimed_again(store: &dyn Store) {
    due_in(store, 0).await;
    let first = claim(store, NOW, NOW.plus(100), 1).await.unwrap();
    assert_eq!(claim(store, NOW.plus(99), NOW.plus(200), 1).await.unwrap(), []);
    let again = claim(store, NOW.plus(100), NOW.plus(200), 1).await.unwrap();
    assert_eq!(again[0].key, first[0].key);
    assert_ne!(again[0].lease, first[0].lease, "no two claims share a lease");
    assert_eq!(again[0].due, NOW, "a lease does not move the due time");
}

pub(crate) async fn work_given_back_is_claimable(store: &dyn Store) {
    due_in(store, 0).await;
    let claimed = claim(store, NOW, NOW.plus(100), 1).await.unwrap();
    let held: Vec<_> = claimed.iter().map(|work| (work.key.clone(), work.lease)).collect();
    store.release(&held, NOW.plus(1)).await.unwrap();
    let again = claim(store, NOW.plus(1), NOW.plus(100), 1).await.unwrap();
    assert_eq!(again.len(), 1);
    store.release(&held, NOW.plus(2)).await.unwrap();
    assert_eq!(
        claim(store, NOW.plus(2), NOW.plus(100), 1).await.unwrap(),
        [],
        "an old lease gives nothing back"
    );
}

pub(crate) async fn what_may_be_held_under_a_lease_is_freed(store: &dyn Store) {
    store.join(&NewNode::alone()).await.unwrap();
    let (first, second) = (due_in(store, 0).await, due_in(store, 1).await);
    let lost = claim(store, NOW, NOW.plus(100), 9).await.unwrap();
    let kept = claim(store, NOW.plus(1), NOW.plus(100), 9).await.unwrap();
    assert_eq!((lost[0].key.instance, kept[0].key.instance), (first, second));
    let nobodys = a_lease(store, NOW.plus(100)).id;
    store.free(&[nobodys, lost[0].lease], NOW.plus(2)).await.unwrap();
    store.free(&[], NOW.plus(2)).await.unwrap();
    let again = claim(store, NOW.plus(2), NOW.plus(100), 9).await.unwrap();
    assert_eq!(again.iter().map(|work| &work.key).collect::<Vec<_>>(), [&lost[0].key]);
    store.join(&NewNode::alone()).await.unwrap();
    let others = claim(store, NOW.plus(3), NOW.plus(100), 9).await.unwrap();
    store
        .join(&NewNode { succeeds: crate::nodes::Succeeds::Nobody, ..NewNode::alone() })
        .await
        .unwrap();
    store.free(&[others[0].lease], NOW.plus(4)).await.unwrap();
    assert_eq!(
        claim(store, NOW.plus(4), NOW.plus(100), 9).await.unwrap(),
        [],
        "nobody frees what another node holds"
    );
}

pub(crate) async fn leased_work_is_not_claimable(store: &dyn Store) {
    let mut start = a_start(store, a_journey(store).await);
    let lease = Some(a_lease(store, NOW.plus(100)));
    start.work.push(NewWork { position: FIRST, due: NOW, job: Job::Timer(Timer::Due), lease });
    commit(store, start).await;
    assert_eq!(claim(store, NOW, NOW.plus(100), 1).await.unwrap(), []);
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(100)));
}

pub(crate) async fn work_that_asks_for_itself_again_stays(store: &dyn Store) {
    let start = a_start(store, a_journey(store).await);
    let due = |after| NewWork {
        position: FIRST,
        due: NOW.plus(after),
        job: Job::Timer(Timer::Due),
        lease: None,
    };
    commit(store, Commit { work: vec![due(0)], ..start.clone() }).await;
    let claimed = claim(store, NOW, NOW.plus(1_000), 1).await.unwrap();
    let done = Some((claimed[0].key.clone(), claimed[0].lease));
    // Nothing is recorded by it.
    let (state, records) = (start.state.clone(), Vec::new());
    commit(store, Commit { state, records, done, work: vec![due(50)], ..a_step(&start) }).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(50)));
    let again = claim(store, NOW.plus(50), NOW.plus(1_000), 1).await.unwrap();
    assert_eq!((&again[0].key, again[0].due), (&claimed[0].key, NOW.plus(50)));
}

pub(crate) async fn the_backlog_is_counted_by_kind(store: &dyn Store) {
    assert_eq!(store.backlog(NOW, 10).await.unwrap(), BTreeMap::new());
    for after in 0..4 {
        due_in(store, after).await;
    }
    let mut timed = a_start(store, a_journey(store).await);
    let job = Job::Timer(Timer::Escalation { step: 2 });
    timed.work.push(NewWork { position: FIRST, due: NOW.plus(9), job, lease: None });
    commit(store, timed).await;
    let at = |kind: &str, waiting, oldest| (kind.to_owned(), Backlog { waiting, oldest });
    let backlog = store.backlog(NOW.plus(2), 10).await.unwrap();
    let seen = BTreeMap::from([at("call", 3, Some(NOW)), at("escalation", 0, None)]);
    assert_eq!(backlog, seen);
    assert_eq!(store.backlog(NOW.plus(2), 2).await.unwrap()["call"].waiting, 2);
}

pub(crate) async fn a_backlog_is_one_lane_among_others(store: &dyn Store) {
    let hot = a_backlog(store, "crm", 20_000).await;
    let (mut beside, mut elsewhere) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        beside.push(due_in(store, 1).await);
        elsewhere.push(a_backlog(store, "billing", 1).await);
    }
    let claimed = claim(store, NOW.plus(1), NOW.plus(1_000), 2).await.unwrap();
    let of = |one: InstanceId| claimed.iter().filter(|work| work.key.instance == one).count();
    assert_eq!(of(hot), 2, "as many as every lane gives");
    assert!(beside.iter().chain(&elsewhere).all(|one| of(*one) == 1), "{claimed:?}");
    assert_eq!(claimed.len(), 12);
}

pub(crate) async fn lanes_are_listed_in_pieces_with_the_first_of_each(store: &dyn Store) {
    a_backlog(store, "crm/eu", 3).await;
    a_backlog(store, "crm/eu", 3).await;
    due_in(store, 5).await;
    let all = store.lanes(None, 9).await.unwrap();
    let first = store.lanes(None, 2).await.unwrap();
    let rest = store.lanes(first.last().map(|(lane, _)| lane), 9).await.unwrap();
    assert_eq!([first, rest].concat(), all);
    assert_eq!(all.iter().filter(|(_, at)| *at == NOW).count(), 2);
    assert!(all.iter().all(|(lane, _)| lane.kind() == "call"));
    let mut connections: Vec<_> = all.iter().filter_map(|(lane, _)| lane.connection()).collect();
    connections.sort_unstable();
    assert_eq!(connections, ["crm", "crm/eu", "crm/eu"]);
}

pub(crate) async fn work_is_in_the_lane_of_what_it_is(store: &dyn Store) {
    let (instance, journey) = (due_in(store, 0).await, a_journey(store).await);
    let lane = |job: &Job| Lane::of(instance, journey, job);
    let (wait, due) = (lane(&Job::Timer(Timer::Wait)), lane(&Job::Timer(Timer::Due)));
    assert_eq!((wait.kind(), wait.connection()), ("wait", None));
    assert_eq!(due.kind(), "due");
    assert_ne!(lane(&a_call("crm")), lane(&a_call("billing")));
    assert_ne!(lane(&a_call("crm")), Lane::of(instance, a_journey(store).await, &a_call("crm")));
}

pub(crate) async fn claimed_work_is_freed_at_once_after_a_restart(store: &dyn Store) {
    due_in(store, 0).await;
    due_in(store, 500).await;
    store.join(&NewNode::alone()).await.unwrap();
    let claimed = claim(store, NOW, NOW.plus(100), 1).await.unwrap();
    assert_eq!(store.nodes(0).await.unwrap()[0].work, 1);
    store.join(&NewNode::alone()).await.unwrap();
    let ended = &store.nodes(9).await.unwrap()[1];
    assert_eq!((ended.state, ended.work), (NodeState::Lapsed, 0));
    let again = claim(store, NOW.plus(1), NOW.plus(100), 9).await.unwrap();
    assert_eq!(again.iter().map(|work| &work.key).collect::<Vec<_>>(), [&claimed[0].key]);
    let held = |work: &[crate::work::Claimed]| vec![(work[0].key.clone(), work[0].lease)];
    store.forget(&held(&claimed)).await.unwrap();
    assert_eq!(
        store.next_due().await.unwrap(),
        Some(NOW.plus(100)),
        "an old lease removes nothing"
    );
    store.forget(&held(&again)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(500)));
}

/// Work that starts an instance below, held under a lease.
async fn held_start(store: &dyn Store) -> (Commit, (WorkKey, crate::LeaseId)) {
    let journey = a_journey(store).await;
    let mut above = a_start(store, journey);
    let start = StartChild {
        index: 4,
        follows: Follows::Part { from: "x".to_owned() },
        input: json!({}),
        seed: None,
        depth: 1,
        room: 9,
    };
    let job = Job::StartChild(Box::new(start));
    above.work.push(NewWork { position: FIRST, due: NOW, job, lease: None });
    commit(store, above.clone()).await;
    let claimed = claim(store, NOW, NOW.plus(1_000), 9).await.unwrap();
    (above, (claimed[0].key.clone(), claimed[0].lease))
}

/// The start of the instance below for that work.
fn a_child(store: &dyn Store, above: &Commit, work: (WorkKey, crate::LeaseId)) -> Commit {
    let mut state = serde_json::to_value(an_instance(2, "running")).unwrap();
    let parent = above.instance;
    state["parent"] =
        json!({ "instance": parent.to_string(), "position": FIRST, "index": 4, "depth": 1 });
    let life = Life { parent: Some(parent), ..above.life };
    let (state, guard) = (serde_json::from_value(state).unwrap(), Guard::Below { work });
    let instance = store.ids().instance(NOW, above.instance.slot());
    Commit { instance, life, guard, state, ..a_start(store, above.life.journey) }
}

pub(crate) async fn one_instance_is_started_for_a_place_below(store: &dyn Store) {
    let (above, work) = held_start(store).await;
    let first = commit(store, a_child(store, &above, work.clone())).await;
    let again = store.commit(&[a_child(store, &above, work)]).await.unwrap();
    assert_eq!(again, [Err(Refused::Duplicate { instance: first })]);
    let below = store.children_at(above.instance, FIRST, Paging::first(9)).await.unwrap();
    assert_eq!(below.items, [(4, first)]);
    let elsewhere = store.children_at(above.instance, Position(2), Paging::first(9)).await.unwrap();
    assert_eq!(elsewhere.items, []);
}

pub(crate) async fn nothing_is_started_below_when_the_work_is_gone(store: &dyn Store) {
    let (above, work) = held_start(store).await;
    let leaving = Commit { left: vec![FIRST], ..a_step(&above) };
    commit(store, leaving).await;
    let refused = store.commit(&[a_child(store, &above, work)]).await.unwrap();
    assert_eq!(refused, [Err(Refused::LostLease)]);
    let filter = Filter { parent: Some(above.instance), ..Filter::default() };
    assert_eq!(store.instances(filter, Paging::first(9)).await.unwrap().items, []);
}

pub(crate) async fn instances_below_do_not_count_for_entry(store: &dyn Store) {
    let (above, work) = held_start(store).await;
    commit(store, a_child(store, &above, work)).await;
    let entry = crate::commits::EntryRule { cap_per_day: Some(2), ..Default::default() };
    let guard = Guard::New { trigger: "start".to_owned(), dedupe_key: None, entry };
    let second = Commit { guard: guard.clone(), ..a_start(store, above.life.journey) };
    commit(store, second).await;
    let third = Commit { guard, ..a_start(store, above.life.journey) };
    assert_eq!(store.commit(&[third]).await.unwrap(), [Err(Refused::CapReached)]);
}
