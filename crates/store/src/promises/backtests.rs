use super::{NOW, a_journey};
use crate::{
    BacktestId, JourneyId, Paging, Store,
    backtests::{BROKEN_OFF, End, NewBacktest, State},
    limits,
};
use futures_util::future::join_all;
use journey::Draft;
use serde_json::{Value, json};

pub(crate) fn of(journey: Option<JourneyId>) -> NewBacktest {
    let draft = Draft { format: 1, name: "Tried".to_owned(), ..Draft::default() };
    let (from, to) = (NOW.plus(-1_000), NOW);
    NewBacktest { journey, draft, from, to, by: "ana@x.y".to_owned() }
}

pub(crate) fn done(runs: u32) -> End {
    let runs = (0..runs).map(|number| json!({ "number": number, "note": "ü\0" }));
    End::Done { summary: json!({ "opened": 2.5, "by": ["a"] }), runs: runs.collect() }
}

async fn keep(store: &dyn Store, journey: Option<JourneyId>) -> BacktestId {
    store.keep_backtest(&of(journey), NOW).await.unwrap()
}

async fn end(store: &dyn Store, id: BacktestId, end: &End) -> bool {
    store.end_backtest(id, end, NOW.plus(9)).await.unwrap()
}

async fn state(store: &dyn Store, id: BacktestId) -> State {
    store.backtest(id).await.unwrap().unwrap().state
}

/// The numbers of its runs, of which each must say its own, page by page.
async fn runs(store: &dyn Store, id: BacktestId, limit: u32) -> Vec<u32> {
    let mut paging = Paging::first(limit);
    let mut numbers = Vec::new();
    loop {
        let page = store.backtest_runs(id, paging).await.unwrap();
        assert!(page.items.iter().all(|(number, run)| run["number"] == json!(number)));
        numbers.extend(page.items.iter().map(|(number, _)| *number));
        let Some(next) = page.next else { return numbers };
        paging = Paging::new(Some(next), limit);
    }
}

pub(crate) async fn a_backtest_runs_until_it_is_done_and_keeps_what_came_of_it(store: &dyn Store) {
    let journey = a_journey(store).await;
    let id = keep(store, Some(journey)).await;
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!((found.id, found.journey, found.name.as_str()), (id, Some(journey), "Tried"));
    assert_eq!((found.from, found.to), (NOW.plus(-1_000), NOW));
    assert_eq!((found.asked_at, found.asked_by.as_str()), (NOW, "ana@x.y"));
    assert_eq!((found.state, found.done, found.of), (State::Running, 0, 0));
    assert_eq!((found.seen_at, found.ended_at, found.failure), (NOW, None, None));
    assert_eq!(store.backtest_draft(id).await.unwrap(), Some(of(None).draft));
    assert_eq!(store.backtest_summary(id).await.unwrap(), None);
    assert_eq!(runs(store, id, 5).await, [0; 0]);
    assert!(store.backtest_came_to(id, 7, 40, NOW.plus(5)).await.unwrap());
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!((found.state, found.done, found.of), (State::Running, 7, 40));
    assert_eq!((found.asked_at, found.seen_at), (NOW, NOW.plus(5)));
    let result = done(3);
    assert!(end(store, id, &result).await);
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!((found.state, found.done, found.of), (State::Done, 7, 40));
    assert_eq!(
        (found.seen_at, found.ended_at, found.failure),
        (NOW.plus(5), Some(NOW.plus(9)), None)
    );
    let End::Done { summary, runs } = result else { panic!("{result:?}") };
    assert_eq!(store.backtest_summary(id).await.unwrap(), Some(summary));
    let page = store.backtest_runs(id, Paging::first(9)).await.unwrap();
    let kept: Vec<Value> = page.items.into_iter().map(|(_, run)| run).collect();
    assert_eq!((kept, page.next), (runs, None));
}

pub(crate) async fn a_backtest_that_failed_says_why(store: &dyn Store) {
    let id = keep(store, None).await;
    assert!(end(store, id, &End::Failed("Its history is gone.".to_owned())).await);
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!((found.state, found.journey), (State::Failed, None));
    assert_eq!(
        (found.failure.as_deref(), found.ended_at),
        (Some("Its history is gone."), Some(NOW.plus(9)))
    );
    assert_eq!(store.backtest_summary(id).await.unwrap(), None);
    assert!(!end(store, id, &done(2)).await);
    assert!(!store.backtest_came_to(id, 1, 2, NOW.plus(20)).await.unwrap());
    assert_eq!(store.backtest(id).await.unwrap().unwrap(), found);
    assert_eq!(runs(store, id, 5).await, [0; 0]);
    let none = store.ids().backtest(NOW, store.ids().any_slot());
    assert_eq!(store.backtest(none).await.unwrap(), None);
    assert_eq!(store.backtest_draft(none).await.unwrap(), None);
    assert_eq!(store.backtest_summary(none).await.unwrap(), None);
    assert!(!end(store, none, &End::Cancelled).await);
    assert!(!store.backtest_came_to(none, 1, 2, NOW).await.unwrap());
    assert_eq!(runs(store, none, 5).await, [0; 0]);
}

pub(crate) async fn a_backtest_ends_once_in_a_rush(store: &dyn Store) {
    let id = keep(store, None).await;
    let ends: Vec<End> = (1..=12)
        .map(|count| match count % 3 {
            0 => done(count),
            1 => End::Failed(count.to_string()),
            _ => End::Cancelled,
        })
        .collect();
    let ended = join_all(ends.iter().map(|one| end(store, id, one))).await;
    let held: Vec<&End> = ends.iter().zip(&ended).filter(|(_, it)| **it).map(|it| it.0).collect();
    let [held] = held.as_slice() else { panic!("{held:?}") };
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!(found.state, held.state());
    let summary = store.backtest_summary(id).await.unwrap();
    match held {
        End::Done { summary: kept, runs: all } => {
            assert_eq!((summary.as_ref(), found.failure), (Some(kept), None));
            assert_eq!(runs(store, id, 5).await.len(), all.len());
        }
        End::Failed(why) => {
            assert_eq!((summary, found.failure.as_ref()), (None, Some(why)));
            assert_eq!(runs(store, id, 5).await, [0; 0]);
        }
        End::Cancelled => {
            assert_eq!((summary, found.failure), (None, None));
            assert_eq!(runs(store, id, 5).await, [0; 0]);
        }
    }
}

pub(crate) async fn a_backtest_that_is_cancelled_comes_no_further(store: &dyn Store) {
    let id = keep(store, None).await;
    let (going, ()) = tokio::join!(
        async {
            let mut far = 0;
            while store.backtest_came_to(id, far + 1, 1_000, NOW.plus(1)).await.unwrap() {
                far += 1;
                tokio::task::yield_now().await;
            }
            far
        },
        async {
            while store.backtest(id).await.unwrap().unwrap().done < 3 {
                tokio::task::yield_now().await;
            }
            assert!(end(store, id, &End::Cancelled).await);
        }
    );
    let found = store.backtest(id).await.unwrap().unwrap();
    assert_eq!((found.state, found.done), (State::Cancelled, going), "no further than it was told");
    assert!(!end(store, id, &done(2)).await);
    assert_eq!(state(store, id).await, State::Cancelled);
    assert_eq!(store.backtest_summary(id).await.unwrap(), None);
    assert_eq!(runs(store, id, 5).await, [0; 0]);
}

pub(crate) async fn backtests_are_paged_newest_first(store: &dyn Store) {
    let (one, other) = (a_journey(store).await, a_journey(store).await);
    let mut made = Vec::new();
    for journey in [Some(one), Some(other), None, Some(one), Some(one)] {
        made.push(keep(store, journey).await);
    }
    let listed = async |journey, after| {
        let page = store.backtests(journey, Paging::new(after, 2)).await.unwrap();
        let ids: Vec<BacktestId> = page.items.iter().map(|backtest| backtest.id).collect();
        (ids, page.next)
    };
    assert_eq!(listed(Some(one), None).await, (vec![made[4], made[3]], Some(made[3])));
    assert_eq!(listed(Some(one), Some(made[3])).await, (vec![made[0]], None));
    assert_eq!(listed(None, None).await, (vec![made[4], made[3]], Some(made[3])));
    assert_eq!(listed(None, Some(made[3])).await, (vec![made[2], made[1]], Some(made[1])));
    assert_eq!(listed(None, Some(made[1])).await, (vec![made[0]], None));
}

pub(crate) async fn the_runs_of_a_backtest_are_paged_by_their_numbers(store: &dyn Store) {
    let (id, other) = (keep(store, None).await, keep(store, None).await);
    let many = u32::try_from(limits::RUNS_AT_ONCE).unwrap() + 7;
    assert!(end(store, id, &done(many)).await);
    assert!(end(store, other, &done(4)).await);
    assert_eq!(runs(store, id, limits::PAGE_ROWS).await, (0..many).collect::<Vec<_>>());
    assert_eq!(runs(store, other, 2).await, [0, 1, 2, 3]);
    let page = store.backtest_runs(other, Paging::first(3)).await.unwrap();
    assert_eq!((page.items.len(), page.next), (3, Some(2)));
    let page = store.backtest_runs(other, Paging::new(Some(3), 3)).await.unwrap();
    assert_eq!((page.items, page.next), (vec![], None));
}

pub(crate) async fn old_backtests_go_with_their_runs(store: &dyn Store) {
    let (one, other) = (a_journey(store).await, a_journey(store).await);
    for (journey, beside) in [(Some(one), None), (None, Some(other))] {
        let elsewhere = keep(store, beside).await;
        assert!(end(store, elsewhere, &done(1)).await);
        let (running, oldest) = (keep(store, journey).await, keep(store, journey).await);
        assert!(end(store, oldest, &done(2)).await);
        let mut newer = Vec::new();
        for _ in 1..limits::BACKTESTS {
            let id = keep(store, journey).await;
            assert!(end(store, id, &done(1)).await);
            newer.push(id);
        }
        assert_eq!(runs(store, oldest, 5).await, [0, 1], "there are not too many");
        newer.push(keep(store, journey).await);
        assert_eq!(store.backtest(oldest).await.unwrap(), None);
        assert_eq!(store.backtest_draft(oldest).await.unwrap(), None);
        assert_eq!(runs(store, oldest, 5).await, [0; 0]);
        for id in newer.iter().take(newer.len() - 1).chain([&elsewhere]) {
            assert_eq!(runs(store, *id, 5).await, [0]);
        }
        assert_eq!(state(store, running).await, State::Running, "what still runs stays");
        assert!(end(store, running, &done(1)).await);
        newer.push(keep(store, journey).await);
        assert_eq!(store.backtest(running).await.unwrap(), None, "it is over now");
        assert_eq!(store.backtest(newer[0]).await.unwrap(), None);
        assert_eq!(runs(store, newer[1], 5).await, [0]);
    }
}

pub(crate) async fn a_backtest_nobody_runs_fails_when_the_next_is_kept(store: &dyn Store) {
    let (one, other) = (a_journey(store).await, a_journey(store).await);
    let (later, too_late) =
        (NOW.plus(limits::BACKTEST_SILENT_MS), NOW.plus(limits::BACKTEST_SILENT_MS + 1));
    for (journey, beside) in [(Some(one), None), (None, Some(other))] {
        let (left, runs_on, over) =
            (keep(store, journey).await, keep(store, journey).await, keep(store, journey).await);
        let elsewhere = keep(store, beside).await;
        assert!(store.backtest_came_to(runs_on, 7, 40, NOW.plus(1)).await.unwrap());
        assert!(end(store, over, &End::Cancelled).await);
        store.keep_backtest(&of(journey), later).await.unwrap();
        let found = store.backtest(left).await.unwrap().unwrap();
        assert_eq!((found.state, found.is_broken_off(later)), (State::Running, false), "a minute");
        assert!(found.is_broken_off(too_late));
        let newest = store.keep_backtest(&of(journey), too_late).await.unwrap();
        let found = store.backtest(left).await.unwrap().unwrap();
        assert_eq!((found.state, found.ended_at), (State::Failed, Some(too_late)));
        assert_eq!(found.failure.as_deref(), Some(BROKEN_OFF));
        assert_eq!((found.seen_at, found.is_broken_off(too_late)), (NOW, false));
        assert!(!end(store, left, &done(2)).await, "it is over for good");
        assert!(!store.backtest_came_to(left, 8, 40, too_late).await.unwrap());
        assert_eq!(state(store, over).await, State::Cancelled);
        for running in [runs_on, elsewhere, newest] {
            assert_eq!(state(store, running).await, State::Running);
        }
        for _ in 5..limits::BACKTESTS {
            store.keep_backtest(&of(journey), too_late).await.unwrap();
        }
        assert_eq!(state(store, left).await, State::Failed, "there are not too many");
        store.keep_backtest(&of(journey), too_late).await.unwrap();
        assert_eq!(store.backtest(left).await.unwrap(), None, "it goes as others do");
    }
}

pub(crate) async fn old_backtests_go_once_in_a_rush(store: &dyn Store) {
    for _ in 0..limits::BACKTESTS {
        let id = keep(store, None).await;
        assert!(end(store, id, &done(3)).await);
    }
    let running = join_all((0..12).map(|_| keep(store, None))).await;
    let last = keep(store, None).await;
    let listed = store.backtests(None, Paging::first(limits::PAGE_ROWS)).await.unwrap().items;
    assert_eq!(listed.len(), limits::BACKTESTS as usize);
    let are_there = |id| listed.iter().any(|backtest| backtest.id == id);
    assert!(running.into_iter().chain([last]).all(are_there), "{listed:?}");
}
