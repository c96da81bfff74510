use super::{FIRST, NOW, a_journey, a_start, commit};
use crate::{
    InstanceId, Store,
    work::{Backlog, Job, Lease, NewWork},
};
use journey::effect::{Call, Timer};
use serde_json::json;

async fn due_in(store: &dyn Store, after: i64) -> InstanceId {
    let mut start = a_start(store, a_journey(store).await);
    let call = Call {
        connection: "crm".to_owned(),
        operation: "upsert".to_owned(),
        input: json!({ "id": 1 }),
        timeout_ms: 30_000,
        attempt: 1,
    };
    start.work.push(NewWork {
        position: FIRST,
        due: NOW.plus(after),
        job: Job::Call(call),
        lease: None,
    });
    commit(store, start).await
}

pub(crate) async fn due_work_is_claimed_once(store: &dyn Store) {
    let later = due_in(store, 20).await;
    let sooner = due_in(store, 10).await;
    let not_yet = due_in(store, 31).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(10)));
    let claimed = store.claim(NOW.plus(30), NOW.plus(1_000), 10).await.unwrap();
    let claimed: Vec<_> = claimed.iter().map(|work| (work.key.instance, work.due)).collect();
    assert_eq!(claimed, [(sooner, NOW.plus(10)), (later, NOW.plus(20))]);
    assert_eq!(store.claim(NOW.plus(30), NOW.plus(1_000), 10).await.unwrap(), []);
    let rest = store.claim(NOW.plus(31), NOW.plus(1_000), 10).await.unwrap();
    assert_eq!(rest[0].key.instance, not_yet);
}

pub(crate) async fn a_lapsed_lease_is_claimed_again(store: &dyn Store) {
    due_in(store, 0).await;
    let first = store.claim(NOW, NOW.plus(100), 1).await.unwrap();
    assert_eq!(store.claim(NOW.plus(99), NOW.plus(200), 1).await.unwrap(), []);
    let again = store.claim(NOW.plus(100), NOW.plus(200), 1).await.unwrap();
    assert_eq!(again[0].key, first[0].key);
    assert_ne!(again[0].lease, first[0].lease, "no two claims share a lease");
    assert_eq!(again[0].due, NOW, "a lease does not move the due time");
}

pub(crate) async fn work_given_back_is_claimable(store: &dyn Store) {
    due_in(store, 0).await;
    let claimed = store.claim(NOW, NOW.plus(100), 1).await.unwrap();
    let held: Vec<_> = claimed.iter().map(|work| (work.key.clone(), work.lease)).collect();
    store.release(&held, NOW.plus(1)).await.unwrap();
    let again = store.claim(NOW.plus(1), NOW.plus(100), 1).await.unwrap();
    assert_eq!(again.len(), 1);
    store.release(&held, NOW.plus(2)).await.unwrap();
    assert_eq!(
        store.claim(NOW.plus(2), NOW.plus(100), 1).await.unwrap(),
        [],
        "an old lease gives nothing back"
    );
}

pub(crate) async fn leased_work_is_not_claimable(store: &dyn Store) {
    let mut start = a_start(store, a_journey(store).await);
    let id = store.ids().lease(NOW, store.ids().any_slot());
    let lease = Some(Lease { id, until: NOW.plus(100) });
    start.work.push(NewWork { position: FIRST, due: NOW, job: Job::Timer(Timer::Due), lease });
    commit(store, start).await;
    assert_eq!(store.claim(NOW, NOW.plus(100), 1).await.unwrap(), []);
    assert_eq!(store.next_due().await.unwrap(), Some(NOW.plus(100)));
}

pub(crate) async fn the_backlog_is_counted(store: &dyn Store) {
    assert_eq!(store.backlog(NOW, 10).await.unwrap(), Backlog::default());
    for after in 0..4 {
        due_in(store, after).await;
    }
    let backlog = store.backlog(NOW.plus(2), 10).await.unwrap();
    assert_eq!(backlog, Backlog { waiting: 3, oldest: Some(NOW) });
    assert_eq!(store.backlog(NOW.plus(2), 2).await.unwrap().waiting, 2);
}

pub(crate) async fn claimed_work_is_freed_at_once_after_a_restart(store: &dyn Store) {
    due_in(store, 0).await;
    due_in(store, 500).await;
    let claimed = store.claim(NOW, NOW.plus(100), 1).await.unwrap();
    assert_eq!(store.reclaim(NOW.plus(1)).await.unwrap(), 1);
    let again = store.claim(NOW.plus(1), NOW.plus(100), 9).await.unwrap();
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
