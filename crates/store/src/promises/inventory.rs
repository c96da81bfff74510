use super::{NOW, a_journey, a_start, a_step, an_instance, an_offer, commit, commits::by_key};
use crate::{
    InstanceId, JourneyId, Paging, Store,
    commits::{Commit, NewListen, TaskChange},
    inventory::{Columns, Rows, Start},
    work::{Job, NewWork},
};
use journey::{
    Position, Status,
    effect::{Close, Timer},
};
use serde_json::json;

/// Commits an instance with three timers, two tasks and three waits for events.
async fn busy(store: &dyn Store, journey: JourneyId) -> InstanceId {
    let mut start = a_start(store, journey);
    let mut state = serde_json::to_value(an_instance(2, "running")).unwrap();
    state["waits"] = (1..4)
        .map(|at| {
            json!({ "position": at, "node": "wait", "since": NOW.0,
                    "on": { "kind": "event", "name": "paid", "key": "k" } })
        })
        .collect();
    start.state = serde_json::from_value(state).unwrap();
    start.watches_account = true;
    for timer in [Timer::Wait, Timer::Due, Timer::Warning] {
        let job = Job::Timer(timer);
        start.work.push(NewWork { position: Position(1), due: NOW.plus(7), job, lease: None });
    }
    for at in [1, 2] {
        let offer = an_offer(None, None, NOW);
        start.tasks.push(TaskChange::Offer { position: Position(at), offer });
    }
    for at in [1, 2, 3] {
        let (name, key) = ("paid".to_owned(), format!("k{at}"));
        start.listens.push(NewListen { position: Position(at), name, key });
    }
    commit(store, start.clone()).await;
    let close = Close::Cancelled { reason: "late".to_owned() };
    let closed = TaskChange::Close { position: Position(1), close, answers: None };
    commit(store, Commit { tasks: vec![closed], listens: Vec::new(), ..a_step(&start) }).await
}

async fn with(store: &dyn Store, rows: Rows) -> Vec<InstanceId> {
    let (mut all, mut paging) = (Vec::new(), Paging::first(2));
    loop {
        let page = store.instances_with(rows, paging).await.unwrap();
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        paging = Paging::new(Some(next), 2);
    }
}

pub(crate) async fn what_opened_instances_is_gone_through_page_by_page(store: &dyn Store) {
    let mut expected = Vec::new();
    for _ in 0..2 {
        let journey = a_journey(store).await;
        for number in 0..3 {
            let key = format!("k{number}");
            let start = by_key(a_start(store, journey), &key);
            expected.push(Start { journey, key, instance: commit(store, start).await });
        }
        // Without a key.
        commit(store, a_start(store, journey)).await;
    }
    expected.sort_by_key(|start| (start.journey, start.key.clone()));
    let (mut all, mut paging) = (Vec::new(), Paging::first(2));
    loop {
        let page = store.starts(paging).await.unwrap();
        all.extend(page.items);
        let Some(next) = page.next else { break };
        paging = Paging::new(Some(next), 2);
    }
    assert_eq!(all, expected);
    assert_eq!(store.damage().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn what_is_kept_of_instances_is_gone_through_page_by_page(store: &dyn Store) {
    let journey = a_journey(store).await;
    let mut expected = Vec::new();
    for _ in 0..5 {
        expected.push(busy(store, journey).await);
    }
    let mut all = expected.clone();
    all.push(commit(store, a_start(store, journey)).await);
    for ids in [&mut all, &mut expected] {
        ids.sort_unstable();
    }
    for (rows, ids) in [
        (Rows::States, &all),
        (Rows::Records, &all),
        (Rows::Work, &expected),
        (Rows::Tasks, &expected),
        (Rows::Listens, &expected),
    ] {
        let mut seen = with(store, rows).await;
        seen.sort_unstable();
        assert_eq!(&seen, ids, "{rows:?}");
    }
    one_has(store, expected[0]).await;
    let nobody = store.ids().instance(NOW, store.ids().any_slot());
    assert_eq!(store.columns(nobody).await.unwrap(), None);
}

async fn one_has(store: &dyn Store, id: InstanceId) {
    let columns =
        Columns { status: Status::Running, outcome: None, sequence: 3, watches_account: true };
    assert_eq!(store.columns(id).await.unwrap(), Some(columns));
    let first = store.work_of(id, Paging::first(2)).await.unwrap();
    let rest = store.work_of(id, Paging::new(first.next, 2)).await.unwrap();
    let work: Vec<_> =
        first.items.iter().chain(&rest.items).map(|one| one.key.name.as_str()).collect();
    assert_eq!((work, rest.next), (vec!["due", "wait", "warning"], None));
    assert_eq!(first.items[0].due, NOW.plus(7));
    assert_eq!(first.items[0].job, Job::Timer(Timer::Due));
    let tasks = store.open_tasks_of(id, Paging::first(9)).await.unwrap().items;
    assert_eq!(tasks.iter().map(|task| task.id.position).collect::<Vec<_>>(), [Position(2)]);
    let first = store.listens_of(id, Paging::first(2)).await.unwrap();
    let rest = store.listens_of(id, Paging::new(first.next, 2)).await.unwrap();
    let listens: Vec<_> = first.items.iter().chain(&rest.items).collect();
    let keys: Vec<_> = listens.iter().map(|one| (one.position.0, one.key.as_str())).collect();
    assert_eq!(keys, [(1, "k1"), (2, "k2"), (3, "k3")]);
    assert_eq!((listens[0].ear.name.as_str(), listens[0].ear.node.as_str()), ("paid", "wait"));
}
