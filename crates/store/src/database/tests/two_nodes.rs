//! Two nodes on one database.

use crate::{
    AccountId, Commits, Database, EventId, Events, FailureKind, Idempotency, Nodes, Slot,
    accounts::{Accounts, Created, Statement},
    commits::Refused,
    events::Taken,
    idempotency::{Begun, Request},
    nodes::{NewNode, NodeState},
    promises::{
        NOW, a_journey, a_start, a_step,
        events::an_event,
        nodes::a_node,
        work::{claim, due_in},
    },
};
use futures_util::future::join_all;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::sleep;

async fn on_a_file() -> ((Database, Database), TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let first = Database::open(&file, 1).await.unwrap();
    ((first, Database::open(&file, 2).await.unwrap()), folder)
}

async fn on_postgres() -> ((Database, Database), ()) {
    let address = scratch::database().await;
    let first = Database::connect(&address, 1).await.unwrap();
    ((first, Database::connect(&address, 2).await.unwrap()), ())
}

async fn join_both(one: &Database, two: &Database, lease_ms: u64) {
    for (store, name) in [(one, "one"), (two, "two")] {
        let brief = NewNode { lease: Duration::from_millis(lease_ms), ..a_node(name) };
        store.join(&brief).await.unwrap();
    }
    for store in [one, two] {
        assert_eq!(store.share_slots().await.unwrap(), 512);
    }
}

/// One takes over while the other stands still; the other writes nothing when it goes on, and takes part anew.
async fn what_a_node_held_is_taken_over(one: Database, two: Database) {
    join_both(&one, &two, 400).await;
    due_in(&two, 0).await;
    let held = claim(&two, NOW, NOW.plus(1_000_000), 9).await.unwrap().remove(0);
    let start = a_start(&two, a_journey(&one).await);
    let mut answer = start.clone();
    answer.done = Some((held.key.clone(), held.lease));
    assert!(!one.beat().await.unwrap().unwrap().others_lapsed);
    assert!(one.expel().await.unwrap().is_empty(), "it may live still");
    assert_eq!(claim(&one, NOW, NOW.plus(1), 9).await.unwrap(), [], "it holds what it claimed");
    sleep(Duration::from_millis(250)).await;
    one.beat().await.unwrap().unwrap();
    sleep(Duration::from_millis(250)).await;
    assert!(one.beat().await.unwrap().unwrap().others_lapsed);
    let gone = one.expel().await.unwrap();
    assert_eq!((gone.len(), gone[0].work), (1, 1));
    assert_eq!(one.share_slots().await.unwrap(), u32::from(Slot::COUNT));
    let again = claim(&one, NOW, NOW.plus(1_000_000), 9).await.unwrap().remove(0);
    assert_eq!(again.key, held.key);
    for late in [answer.clone(), start] {
        let failure = two.commit(&[late]).await.unwrap_err();
        assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Fenced, true));
    }
    assert_eq!(two.beat().await.unwrap(), None);
    assert_eq!(two.leave().await.unwrap_err().kind(), FailureKind::Fenced);
    two.join(&a_node("two")).await.unwrap();
    assert_eq!(two.commit(&[answer]).await.unwrap(), [Err(Refused::LostLease)]);
    let states: Vec<_> = one.nodes(9).await.unwrap().iter().map(|node| node.state).collect();
    assert_eq!(states, [NodeState::Serving, NodeState::Serving, NodeState::Lapsed]);
}

async fn an_account(store: &Database, name: String) -> AccountId {
    let statement = Statement { external_id: name, ..Statement::default() };
    let (Created::Account(id) | Created::Taken(id)) =
        store.create_account(&statement, NOW).await.unwrap();
    id
}

async fn each_dispatches_its_own(one: Database, two: Database) {
    join_both(&one, &two, 10_000).await;
    for number in 0..40 {
        an_account(if number % 2 == 0 { &one } else { &two }, number.to_string()).await;
    }
    let (mine, yours) = (one.pending(99, 9).await.unwrap(), two.pending(99, 9).await.unwrap());
    assert_eq!(mine.len() + yours.len(), 40);
    for (store, events) in [(&one, mine), (&two, yours)] {
        assert!(!events.is_empty());
        let slots = events.iter().filter_map(|event| event.account).map(AccountId::slot);
        assert!(slots.into_iter().all(|slot| store.looks_after(slot)));
    }
}

/// Whichever node takes an event in, its id is greater than all before, whatever its clock shows.
async fn events_are_in_order(one: Database, two: Database) {
    join_both(&one, &two, 10_000).await;
    let mut last = EventId::stored(0);
    for turn in 0..30 {
        let (store, now) = if turn % 3 == 0 { (&two, NOW.plus(-50_000)) } else { (&one, NOW) };
        let taken = store.accept(&[an_event(None, "paid", None)], now).await.unwrap();
        let [Taken::In(id)] = taken[..] else { panic!("it has no key") };
        assert!(id > last, "{id} after {last}");
        last = id;
    }
}

/// A step of one node is a lost race for the other, which reads again.
async fn one_of_them_moves_an_instance(one: Database, two: Database) {
    join_both(&one, &two, 10_000).await;
    let start = a_start(&one, a_journey(&one).await);
    one.commit(std::slice::from_ref(&start)).await.unwrap();
    assert_eq!(two.commit(&[a_step(&start)]).await.unwrap(), [Ok(())]);
    assert_eq!(one.commit(&[a_step(&start)]).await.unwrap(), [Err(Refused::LostRace)]);
}

/// A key is taken by one of them in a rush, and free for the other when that one is gone.
async fn a_request_is_done_by_one_of_them(one: Database, two: Database) {
    join_both(&one, &two, 10_000).await;
    let request = Request { scope: "ada /x".to_owned(), key: "k".to_owned(), hash: [1; 32] };
    let rush = (0..24).map(|turn| {
        let store = if turn % 2 == 0 { &one } else { &two };
        store.begin_answer(&request, NOW)
    });
    let begun: Vec<_> = join_all(rush).await.into_iter().map(Result::unwrap).collect();
    let of = |node: usize| begun.iter().skip(node).step_by(2).filter(|one| **one == Begun::New);
    assert_eq!((of(0).count().min(of(1).count()), of(0).count().max(of(1).count())), (0, 12));
    let (taker, other) = if of(0).count() > 0 { (&one, &two) } else { (&two, &one) };
    // Their clocks differ, and who waits for the other has looked at its own before.
    for wrong in [NOW.plus(-60_000), NOW.plus(60_000)] {
        assert_eq!(taker.begin_answer(&request, NOW).await.unwrap(), Begun::New);
        for close in [NOW.plus(-1), NOW.plus(-59_999), NOW.plus(59_999)] {
            assert_eq!(other.begin_answer(&request, close).await.unwrap(), Begun::AtWork);
        }
        assert_eq!(other.begin_answer(&request, wrong).await.unwrap(), Begun::New, "{wrong:?}");
        other.abandon_answer(&request).await.unwrap();
    }
    assert_eq!(other.begin_answer(&request, NOW).await.unwrap(), Begun::New);
    assert_eq!(taker.begin_answer(&request, NOW.plus(1)).await.unwrap(), Begun::AtWork);
    other.leave().await.unwrap();
    assert_eq!(taker.begin_answer(&request, NOW.plus(1)).await.unwrap(), Begun::New);
}

macro_rules! on_both {
    ($($name:ident),*) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $name() {
                let ((one, two), _folder) = super::on_a_file().await;
                super::$name(one, two).await;
            }
        )* }
        mod postgres { $(
            #[tokio::test]
            async fn $name() {
                let ((one, two), ()) = super::on_postgres().await;
                super::$name(one, two).await;
            }
        )* }
    };
}
on_both!(
    what_a_node_held_is_taken_over,
    each_dispatches_its_own,
    events_are_in_order,
    one_of_them_moves_an_instance,
    a_request_is_done_by_one_of_them
);

#[tokio::test]
async fn nodes_on_postgres_hear_each_other() {
    let ((one, two), ()) = on_postgres().await;
    let heard = async { two.hear().await.unwrap() };
    let told = async {
        sleep(Duration::from_millis(300)).await;
        one.tell_nodes(&["it's\nso".to_owned()]).await.unwrap();
    };
    let (heard, ()) = tokio::join!(heard, told);
    assert_eq!(heard, "it's\nso");
}
