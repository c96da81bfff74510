use super::{FIRST, NOW, a_journey, a_start, commit};
use crate::{
    JourneyId, Paging, Store,
    commits::Commit,
    instances::{Life, Shadow},
    journeys::{Mode, NewVersion, Promotion, Published},
    would_have::{Filter, IsMarked, Kind, Mark, Marked, NewDeed},
};
use journey::{Draft, Timestamp};
use serde_json::json;

const WEEK_MS: i64 = 7 * 86_400_000;

fn deed(kind: Kind) -> NewDeed {
    NewDeed {
        position: FIRST,
        node: "call".to_owned(),
        kind,
        summary: format!("Would {}", kind.word()),
        body: json!({ "kind": kind }),
    }
}

/// A shadow start of a version that would have done these.
fn a_shadow(store: &dyn Store, journey: JourneyId, kinds: &[Kind]) -> Commit {
    let start = a_start(store, journey);
    let shadow = Some(Shadow { journey, version: 1 });
    let would_have = kinds.iter().copied().map(deed).collect();
    let overlay = [("plan".to_owned(), json!("gold"))].into_iter().collect();
    Commit { life: Life { shadow, ..start.life }, would_have, overlay, ..start }
}

async fn publish(store: &dyn Store, journey: JourneyId, mode: Mode) -> u64 {
    let draft = Draft { format: 1, name: "Onboarding".to_owned(), ..Draft::default() };
    let (note, by) = (String::new(), "a@b.c".to_owned());
    let version = NewVersion { draft, revision: 1, mode, note, by, review: None };
    match store.publish(journey, &version, NOW).await.unwrap().unwrap() {
        Published::Version { number, .. } => number,
        Published::LostRace { .. } => panic!("nobody saved"),
    }
}

pub(crate) async fn what_a_shadow_would_have_done_is_listed_marked_and_counted(store: &dyn Store) {
    let journey = a_journey(store).await;
    let first = commit(store, a_shadow(store, journey, &[Kind::Started, Kind::Call])).await;
    let later = Commit { at: NOW.plus(WEEK_MS), ..a_shadow(store, journey, &[Kind::Call]) };
    commit(store, later).await;
    let stored = store.instance(first).await.unwrap().unwrap();
    assert_eq!(stored.life.shadow, Some(Shadow { journey, version: 1 }));
    assert_eq!(stored.overlay["plan"], json!("gold"));

    let list =
        async |filter| store.would_have(journey, 1, filter, Paging::first(9)).await.unwrap().items;
    let all = list(Filter::default()).await;
    let kinds: Vec<Kind> = all.iter().map(|row| row.deed.kind).collect();
    assert_eq!(kinds, [Kind::Call, Kind::Call, Kind::Started], "newest first");
    assert_eq!(all[2].deed, deed(Kind::Started));
    let other = store.would_have(journey, 2, Filter::default(), Paging::first(9)).await.unwrap();
    assert_eq!(other.items, []);
    let calls = Filter { kind: Some(Kind::Call), ..Filter::default() };
    assert_eq!(list(calls).await.len(), 2);

    let marked =
        Marked { mark: Mark::Wrong, note: "too early".to_owned(), by: "a@b.c".to_owned(), at: NOW };
    assert!(store.mark((journey, 1), all[0].id, Some(&marked)).await.unwrap());
    assert!(!store.mark((journey, 2), all[0].id, Some(&marked)).await.unwrap());
    let wrong = Filter { mark: Some(IsMarked::As(Mark::Wrong)), ..Filter::default() };
    assert_eq!(list(wrong).await[0].marked, Some(marked));
    let open = Filter { mark: Some(IsMarked::Not), ..Filter::default() };
    assert_eq!(list(open).await.len(), 2);

    let tally = store.tally(journey, 1).await.unwrap();
    assert_eq!(tally.kinds, [(Kind::Call, 2), (Kind::Started, 1)]);
    assert_eq!(tally.marks, [(None, 2), (Some(Mark::Wrong), 1)]);
    // 2025-10-09 is a Thursday of the week that begins on 2025-10-06.
    let monday = Timestamp::from_rfc3339("2025-10-06T00:00:00Z").unwrap();
    assert_eq!(tally.weeks, [(monday, 2), (monday.plus(WEEK_MS), 1)]);
    assert!(store.mark((journey, 1), all[0].id, None).await.unwrap());
    assert_eq!(list(open).await.len(), 3);
}

pub(crate) async fn a_promoted_shadow_is_live_and_its_instances_are_stale(store: &dyn Store) {
    let journey = a_journey(store).await;
    assert_eq!(publish(store, journey, Mode::Shadow).await, 1);
    let shadow = commit(store, a_shadow(store, journey, &[])).await;
    let live = commit(store, a_start(store, journey)).await;
    assert_eq!(store.shadow_version(journey).await.unwrap(), Some(1));
    assert_eq!(store.stale_shadows(9).await.unwrap(), []);
    let promotion = Promotion { note: "good".to_owned(), by: "a@b.c".to_owned(), review: None };
    assert_eq!(store.promote(journey, 7, &promotion, NOW).await.unwrap(), None);
    let (_, number) = store.promote(journey, 1, &promotion, NOW).await.unwrap().unwrap();
    assert_eq!(store.live_version(journey).await.unwrap(), Some(number));
    let version = store.version(journey, number).await.unwrap().unwrap();
    assert_eq!((version.mode, version.note.as_str(), number), (Mode::Live, "good", 2));
    assert_eq!(version.draft, store.version(journey, 1).await.unwrap().unwrap().draft);
    assert!(!store.journey(journey).await.unwrap().unwrap().unpublished_changes);
    assert_eq!(store.shadow_version(journey).await.unwrap(), None);
    assert_eq!(store.stale_shadows(9).await.unwrap(), [shadow], "{live} goes on");
    assert_eq!(store.promote(journey, number, &promotion, NOW).await.unwrap(), None);
    let again = store.promote(journey, 1, &promotion, NOW).await.unwrap();
    assert_eq!(again, None, "once is enough");
}
