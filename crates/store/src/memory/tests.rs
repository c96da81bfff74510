use super::Memory;
use crate::{
    Commits, Events, Journeys, Paging, Store,
    events::{Filter, Taken},
    promises::{NOW, a_journey, a_start, events::an_event},
};
use futures_util::FutureExt;
use std::sync::Arc;

crate::promises::promises!(open);

async fn open() -> (Arc<dyn Store>, ()) {
    (Arc::new(Memory::new(1)), ())
}

#[tokio::test]
async fn a_workspace_opened_again_is_the_same_with_ids_of_its_own() {
    let first = Memory::new(1);
    let again = first.opened_again(2);
    let journey = a_journey(&first).await;
    assert!(again.journey(journey).await.unwrap().is_some());
    let (start, beside) = (a_start(&first, journey), a_start(&again, journey));
    assert_ne!(start.instance, beside.instance);
    // Whoever asks never waits.
    let written = again.commit(&[start, beside]).now_or_never().unwrap().unwrap();
    assert_eq!(written, [Ok(()), Ok(())]);
    assert_eq!(first.journey(journey).await.unwrap().unwrap().running, 2);
}

#[tokio::test]
async fn whoever_is_cut_off_writes_no_more_and_does_not_hear_of_the_last_commit() {
    let first = Memory::new(1);
    let journey = a_journey(&first).await;
    let cut = first.opened_again(2);
    cut.cut_off_after(1);
    let (last, late) = (a_start(&cut, journey), a_start(&cut, journey));
    assert!(cut.commit(&[last]).await.is_err());
    assert_eq!(first.journey(journey).await.unwrap().unwrap().running, 1);
    assert!(cut.commit(std::slice::from_ref(&late)).await.is_err());
    cut.cut_off_after(u64::MAX);
    assert_eq!(cut.commit(&[late]).await.unwrap(), [Ok(())]);
    assert_eq!(first.journey(journey).await.unwrap().unwrap().running, 2);
}

#[tokio::test]
async fn events_are_forgotten_once_all_were_dispatched() {
    let store = Memory::new(1);
    let taken = store.accept(&[an_event(Some("k"), "paid", None)], NOW).await.unwrap();
    let [Taken::In(id)] = taken[..] else { panic!("{taken:?}") };
    store.forget_dispatched();
    assert!(store.event(id).await.unwrap().is_some(), "it is still to come to its triggers");
    store.dispatched(&[id], &[], NOW).await.unwrap();
    store.forget_dispatched();
    assert_eq!(store.event(id).await.unwrap(), None);
    let all = store.events(&Filter::default(), Paging::first(9)).await.unwrap();
    assert_eq!(all.items, []);
}
