//! What holds when many do the same at once, on whatever connection and node.

use super::{
    NOW, a_journey, a_start, a_start_for, a_step, commit,
    commits::{an_account, by_key, under},
    work::{claim, due_in},
};
use crate::{
    Paging, Store,
    commits::{Commit, EntryRule, Refused},
    events::{NewEvent, Taken},
    instances::Filter,
    messages::{self, Counted, Share},
};
use futures_util::future::join_all;
use serde_json::{Map, json};
use std::collections::BTreeSet;

const RUSH: usize = 24;

/// What became of commits that are written beside each other, each in a transaction of its own.
async fn at_once(store: &dyn Store, commits: Vec<Commit>) -> Vec<Result<(), Refused>> {
    let written = commits.iter().map(|commit| store.commit(std::slice::from_ref(commit)));
    join_all(written).await.into_iter().map(|verdicts| verdicts.unwrap()[0]).collect()
}

fn accepted(verdicts: &[Result<(), Refused>]) -> usize {
    verdicts.iter().filter(|verdict| verdict.is_ok()).count()
}

pub(crate) async fn a_start_key_opens_one_instance_in_a_rush(store: &dyn Store) {
    let journey = a_journey(store).await;
    let starts: Vec<_> = (0..RUSH).map(|_| by_key(a_start(store, journey), "wh_1")).collect();
    let ids: Vec<_> = starts.iter().map(|start| start.instance).collect();
    let verdicts = at_once(store, starts).await;
    assert_eq!(accepted(&verdicts), 1, "{verdicts:?}");
    let opened = ids[verdicts.iter().position(Result::is_ok).unwrap()];
    let others = verdicts.iter().filter_map(|verdict| verdict.err());
    for refused in others {
        assert_eq!(refused, Refused::Duplicate { instance: opened });
    }
}

pub(crate) async fn entry_rules_hold_in_a_rush(store: &dyn Store) {
    let (once, capped) = (a_journey(store).await, a_journey(store).await);
    let account = an_account(store).await;
    let one = EntryRule { one_per_account: true, ..EntryRule::default() };
    let of_account = |_| under(a_start_for(store, once, account), one);
    let verdicts = at_once(store, (0..RUSH).map(of_account).collect()).await;
    assert_eq!(accepted(&verdicts), 1, "{verdicts:?}");
    let five = EntryRule { cap_per_day: Some(5), ..EntryRule::default() };
    let starts = (0..RUSH).map(|_| under(a_start(store, capped), five)).collect();
    assert_eq!(accepted(&at_once(store, starts).await), 5);
}

pub(crate) async fn one_of_many_steps_of_an_instance_is_written(store: &dyn Store) {
    let start = a_start(store, a_journey(store).await);
    let id = commit(store, start.clone()).await;
    let verdicts = at_once(store, vec![a_step(&start); RUSH]).await;
    assert_eq!(accepted(&verdicts), 1, "{verdicts:?}");
    assert_eq!(store.records(id, Paging::first(9)).await.unwrap().items.len(), 3);
}

pub(crate) async fn work_is_claimed_by_one_of_many(store: &dyn Store) {
    for _ in 0..60 {
        due_in(store, 0).await;
    }
    let claims = (0..RUSH).map(|_| claim(store, NOW, NOW.plus(1_000), 10));
    let claims = join_all(claims).await.into_iter().flat_map(Result::unwrap);
    let mut claimed: Vec<_> = claims.map(|work| work.key.instance).collect();
    // What was passed by because somebody held it just then is there for who comes next.
    claimed.extend(
        claim(store, NOW, NOW.plus(1_000), 60).await.unwrap().iter().map(|work| work.key.instance),
    );
    assert_eq!(claimed.len(), 60);
    assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), 60, "none twice");
}

pub(crate) async fn events_are_taken_in_once_and_in_order_in_a_rush(store: &dyn Store) {
    let event = |key: usize| NewEvent {
        key: Some(format!("k{key}")),
        kind: "paid".to_owned(),
        account: None,
        at: NOW,
        data: Map::new(),
        depth: 0,
        sent_by: None,
    };
    let events: Vec<_> = (0..RUSH).map(|number| [event(number), event(number / 2)]).collect();
    let taken = join_all(events.iter().map(|events| store.accept(events, NOW))).await;
    let taken = taken.into_iter().flat_map(Result::unwrap);
    let new: BTreeSet<_> = taken
        .filter_map(|taken| match taken {
            Taken::In(id) => Some(id),
            Taken::Before(_) => None,
        })
        .collect();
    assert_eq!(new.len(), RUSH, "each key once");
    let pending = store.pending(1, 100).await.unwrap();
    assert_eq!(pending.iter().map(|event| event.id).collect::<BTreeSet<_>>(), new);
}

pub(crate) async fn a_message_is_begun_once_in_a_rush(store: &dyn Store) {
    let journey = a_journey(store).await;
    let counted = Counted { journey, node: "tell".to_owned(), cap: Some(3) };
    let share = |_| Share {
        instance: store.ids().instance(NOW, store.ids().any_slot()),
        position: super::FIRST,
        recipient: "ada@x.y".to_owned(),
    };
    let shares: Vec<_> = (0..RUSH).map(share).collect();
    let taken = join_all(shares.iter().map(|share| store.take_share(share, &counted, NOW))).await;
    let ours = taken.into_iter().filter(|taken| *taken.as_ref().unwrap() == messages::Taken::Ours);
    assert_eq!(ours.count(), 3, "the cap holds");
}

pub(crate) async fn no_change_of_an_account_is_lost_in_a_rush(store: &dyn Store) {
    let account = an_account(store).await;
    let journey = a_journey(store).await;
    let by_instance = |number: usize| {
        let mut start = a_start(store, journey);
        start.life.account = Some(account);
        start.account_fields.insert(format!("instance_{number}"), json!(number));
        start
    };
    let starts = (0..RUSH).map(by_instance).collect();
    let by_person = (0..RUSH).map(|number| {
        let member = Map::from_iter([(format!("person_{number}"), json!(number))]);
        async move { store.patch_account(account, &member, NOW).await.unwrap() }
    });
    let (verdicts, _) = tokio::join!(at_once(store, starts), join_all(by_person));
    assert_eq!(accepted(&verdicts), RUSH);
    let fields = store.account(account).await.unwrap().unwrap().fields;
    assert_eq!(fields.len(), 2 * RUSH, "{fields:?}");
    let of_journey = Filter { journey: Some(journey), ..Filter::default() };
    let instances = store.instances(of_journey, Paging::first(100)).await.unwrap();
    assert_eq!(instances.items.len(), RUSH);
}
