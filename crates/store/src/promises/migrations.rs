use super::{NOW, a_journey, a_start, a_step, commit};
use crate::{
    JourneyId, MigrationId, Paging, Store,
    instances::Life,
    migrations::{Begun, Looked, NewMigration, Outcome, Purpose, State},
};
use journey::migrate::Mapping;
use serde_json::json;

fn a_move(journey: JourneyId, purpose: Purpose) -> NewMigration {
    let mapping =
        Mapping { nodes: [("a".to_owned(), "b".to_owned())].into(), ..Mapping::default() };
    NewMigration { journey, from: 1, to: 2, mapping, purpose, by: "ana@x.y".to_owned() }
}

async fn begin(store: &dyn Store, migration: &NewMigration) -> MigrationId {
    let begun = store.create_migration(migration, NOW).await.unwrap();
    let Begun::Migration(id) = begun else { panic!("{begun:?}") };
    id
}

pub(crate) async fn a_journey_has_one_move_at_a_time(store: &dyn Store) {
    let journey = a_journey(store).await;
    let preview = begin(store, &a_move(journey, Purpose::Preview)).await;
    let moving = begin(store, &a_move(journey, Purpose::Move)).await;
    let again = store.create_migration(&a_move(journey, Purpose::Move), NOW).await;
    assert_eq!(again.unwrap(), Begun::Busy(moving));
    begin(store, &a_move(a_journey(store).await, Purpose::Move)).await;
    store.finish_migration(moving, State::Failed, "no version", NOW).await.unwrap();
    let found = store.migration(moving).await.unwrap().unwrap();
    assert_eq!((found.state, found.note.as_str()), (State::Failed, "no version"));
    assert_eq!((found.mapping.nodes["a"].as_str(), found.finished_at), ("b", Some(NOW)));
    let again = begin(store, &a_move(journey, Purpose::Move)).await;
    let listed = store.migrations(journey, Paging::first(2)).await.unwrap();
    assert_eq!(listed.items.iter().map(|found| found.id).collect::<Vec<_>>(), [again, moving]);
    assert_eq!(listed.next, Some(moving));
    let running = store.unfinished_migrations(10).await.unwrap();
    assert_eq!(running.first().map(|found| found.id), Some(preview));
    assert_eq!(running.len(), 3);
}

pub(crate) async fn what_became_of_each_instance_is_kept(store: &dyn Store) {
    let journey = a_journey(store).await;
    let id = begin(store, &a_move(journey, Purpose::Move)).await;
    let start = a_start(store, journey);
    let first = commit(store, start.clone()).await;
    let second = commit(store, a_start(store, journey)).await;
    let looked = |instance, outcome| Looked { instance, outcome, detail: json!({"v": 1}), at: NOW };
    let both = [looked(first, Outcome::Moving), looked(second, Outcome::MustStay)];
    store.note_looked(id, &both, None).await.unwrap();
    assert_eq!(store.migration(id).await.unwrap().unwrap().through, None);
    let done = [looked(first, Outcome::Moved)];
    store.note_looked(id, &done, Some(second)).await.unwrap();
    assert_eq!(store.migration(id).await.unwrap().unwrap().through, Some(second));
    let counts = store.outcomes(id).await.unwrap();
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("moved", 1), ("must_stay", 1)]);
    let page = store.looked(id, None, Paging::first(1)).await.unwrap();
    assert_eq!((page.items.as_slice(), page.next), (done.as_slice(), Some(first)));
    let stay = store.looked(id, Some(Outcome::MustStay), Paging::first(9)).await.unwrap();
    assert_eq!(stay.items[0].instance, second);
    assert_eq!(store.looked_at(id, first).await.unwrap().as_ref(), done.first());
}

pub(crate) async fn an_instance_follows_the_version_its_last_commit_names(store: &dyn Store) {
    let journey = a_journey(store).await;
    let start = a_start(store, journey);
    let id = commit(store, start.clone()).await;
    let other = commit(store, a_start(store, journey)).await;
    let living = store.living_on(journey, 1, Paging::first(1)).await.unwrap();
    assert_eq!((living.items, living.next), (vec![id], Some(id)));
    let step = a_step(&start);
    let life = Life { version: 2, ..step.life };
    commit(store, crate::commits::Commit { life, ..step }).await;
    assert_eq!(store.instance(id).await.unwrap().unwrap().life.version, 2);
    assert_eq!(store.instance_summary(id).await.unwrap().unwrap().version, 2);
    let living = store.living_on(journey, 1, Paging::first(9)).await.unwrap();
    assert_eq!((living.items, living.next), (vec![other], None));
    assert_eq!(store.count_living_on(journey, 2).await.unwrap(), 1);
}
