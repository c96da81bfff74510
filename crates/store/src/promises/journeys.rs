use super::{NOW, a_journey};
use crate::{
    Paging, Store,
    journeys::{Mode, NewVersion, Published, Saved},
};
use journey::Draft;

fn named(name: &str) -> Draft {
    Draft { format: 1, name: name.to_owned(), ..Draft::default() }
}

fn of(draft: &Draft, revision: u64, mode: Mode) -> NewVersion {
    NewVersion {
        draft: draft.clone(),
        revision,
        mode,
        note: "n".to_owned(),
        by: "a@b.c".to_owned(),
        review: None,
    }
}

pub(crate) async fn a_draft_saved_over_a_newer_one_loses_the_race(store: &dyn Store) {
    let id = a_journey(store).await;
    let first = store.save_draft(id, &named("One"), 1, NOW).await.unwrap();
    assert_eq!(first, Some(Saved::Revision(2)));
    let second = store.save_draft(id, &named("Two"), 1, NOW).await.unwrap();
    assert_eq!(second, Some(Saved::LostRace { current: 2 }));
    let kept = store.draft(id).await.unwrap().unwrap();
    assert_eq!((kept.draft.name.as_str(), kept.revision), ("One", 2));
    let nobody = store.ids().journey(NOW, store.ids().any_slot());
    assert_eq!(store.save_draft(nobody, &named("Three"), 1, NOW).await.unwrap(), None);
}

pub(crate) async fn a_version_is_never_edited(store: &dyn Store) {
    let id = a_journey(store).await;
    assert!(store.journey(id).await.unwrap().unwrap().unpublished_changes);
    let first = store.publish(id, &of(&named("One"), 1, Mode::Live), NOW).await.unwrap();
    assert!(matches!(first, Some(Published::Version { number: 1, .. })));
    assert!(!store.journey(id).await.unwrap().unwrap().unpublished_changes);
    store.save_draft(id, &named("Two"), 1, NOW).await.unwrap();
    let stale = store.publish(id, &of(&named("Two"), 1, Mode::Live), NOW).await.unwrap();
    assert_eq!(stale, Some(Published::LostRace { current: 2 }));
    let shadow = store.publish(id, &of(&named("Two"), 2, Mode::Shadow), NOW).await.unwrap();
    assert!(matches!(shadow, Some(Published::Version { number: 2, .. })));
    assert_eq!(store.live_version(id).await.unwrap(), Some(1), "a shadow is not followed");
    assert_eq!(store.version(id, 1).await.unwrap().unwrap().draft, named("One"));
    let listed = store.versions(id, Paging::first(1)).await.unwrap();
    assert_eq!((listed.items[0].number, listed.next), (2, Some(2)));
    let rest = store.versions(id, Paging::new(listed.next, 1)).await.unwrap();
    assert_eq!((rest.items[0].number, rest.next), (1, None));
}

pub(crate) async fn journeys_are_listed_newest_first(store: &dyn Store) {
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(a_journey(store).await);
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.journeys(Paging::new(after, 2)).await.unwrap();
        seen.extend(page.items.iter().map(|journey| journey.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
}
