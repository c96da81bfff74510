use super::{NOW, a_journey};
use crate::{
    JourneyId, Paging, ReviewId, Store,
    audit::Deed,
    journeys::{Mode, NewVersion, Promotion, Published},
    reviews::{Asked, Bundle, Decided, Decision, Dependency, NewReview, State, Verdict},
};
use journey::{Called, Draft, calendar::Calendar};
use serde_json::Value;

fn a_review(journey: JourneyId, revision: u64, mode: Mode) -> NewReview {
    let called = Called { journey: "Welcome".to_owned(), version: None };
    let depends_on = vec![
        Dependency::Journey { called, id: journey, name: "Welcome".to_owned(), version: 4 },
        Dependency::Connection {
            name: "crm".to_owned(),
            connector: "crm".to_owned(),
            version: "1.0.0".to_owned(),
            digest: "sha256:a".to_owned(),
            operations: ["upsert".to_owned()].into(),
        },
        Dependency::Team { name: "CS".to_owned(), calendar: None },
        Dependency::Calendar { calendar: Box::new(Calendar::standard().clone()) },
    ];
    let draft = Draft { format: 1, name: "Frozen".to_owned(), ..Draft::default() };
    NewReview {
        journey,
        revision,
        mode,
        note: "please".to_owned(),
        by: "ana@x.y".to_owned(),
        drawn_by: Some("bo@x.y".to_owned()),
        bundle: Bundle { draft, live_version: Some(3), depends_on },
    }
}

async fn ask(store: &dyn Store, review: &NewReview) -> ReviewId {
    let asked = store.ask_review(review, NOW).await.unwrap();
    let Some(Asked::Review(id)) = asked else { panic!("{asked:?}") };
    id
}

fn verdict(decision: Decision) -> Verdict {
    Verdict { decision, comment: "well".to_owned(), by: "cy@x.y".to_owned() }
}

async fn decide(store: &dyn Store, id: ReviewId, decision: Decision) {
    let decided = store.decide_review(id, &verdict(decision), NOW.plus(1)).await.unwrap();
    assert_eq!(decided, Some(Decided::Done));
}

async fn publish(store: &dyn Store, review: &NewReview, under: ReviewId) -> Published {
    let version = NewVersion {
        draft: review.bundle.draft.clone(),
        revision: review.revision,
        mode: review.mode,
        note: String::new(),
        by: "ana@x.y".to_owned(),
        review: Some(under),
    };
    store.publish(review.journey, &version, NOW).await.unwrap().unwrap()
}

pub(crate) async fn a_journey_has_one_open_review_of_its_present_draft(store: &dyn Store) {
    let journey = a_journey(store).await;
    let review = a_review(journey, 1, Mode::Live);
    let first = ask(store, &review).await;
    assert_eq!(store.ask_review(&review, NOW).await.unwrap(), Some(Asked::Busy(first)));
    ask(store, &a_review(a_journey(store).await, 1, Mode::Live)).await;
    decide(store, first, Decision::Withdraw).await;
    let newer = a_review(journey, 2, Mode::Live);
    let stale = store.ask_review(&newer, NOW).await.unwrap();
    assert_eq!(stale, Some(Asked::LostRace { current: 1 }));
    store.save_draft(journey, &review.bundle.draft, 1, NOW).await.unwrap();
    ask(store, &newer).await;
    let nobody = store.ids().journey(NOW, store.ids().any_slot());
    let of_nothing = store.ask_review(&a_review(nobody, 1, Mode::Live), NOW).await.unwrap();
    assert_eq!(of_nothing, None);
}

pub(crate) async fn what_was_frozen_stays_and_the_first_decision_holds(store: &dyn Store) {
    let journey = a_journey(store).await;
    let asked = a_review(journey, 1, Mode::Live);
    let id = ask(store, &asked).await;
    let changed = Draft { format: 1, name: "Changed".to_owned(), ..Draft::default() };
    store.save_draft(journey, &changed, 1, NOW).await.unwrap();
    let (review, bundle) = store.review(id).await.unwrap().unwrap();
    assert_eq!(bundle, asked.bundle);
    assert_eq!((review.state, review.revision, review.mode), (State::Open, 1, Mode::Live));
    assert_eq!((review.asked_by.as_str(), review.drawn_by.as_deref()), ("ana@x.y", Some("bo@x.y")));
    assert_eq!((review.decided_at, review.decided_by, review.version), (None, None, None));
    decide(store, id, Decision::SendBack).await;
    let late = Verdict { by: "di@x.y".to_owned(), ..verdict(Decision::Approve) };
    let over = store.decide_review(id, &late, NOW.plus(2)).await.unwrap();
    let Some(Decided::Over(review)) = over else { panic!("{over:?}") };
    assert_eq!((review.state, review.comment.as_str()), (State::SentBack, "well"));
    assert_eq!(
        (review.decided_by.as_deref(), review.decided_at),
        (Some("cy@x.y"), Some(NOW.plus(1)))
    );
    assert_eq!(store.review(id).await.unwrap().unwrap(), (*review, asked.bundle));
    let none = store.ids().review(NOW, store.ids().any_slot());
    assert_eq!(store.decide_review(none, &late, NOW).await.unwrap(), None);
    assert_eq!(store.review(none).await.unwrap(), None);
}

pub(crate) async fn publishing_under_a_review_marks_it(store: &dyn Store) {
    let journey = a_journey(store).await;
    let shadow = a_review(journey, 1, Mode::Shadow);
    let id = ask(store, &shadow).await;
    assert_eq!(store.approved_review(journey, Mode::Shadow).await.unwrap(), None);
    decide(store, id, Decision::Approve).await;
    assert_eq!(store.approved_review(journey, Mode::Live).await.unwrap(), None);
    let (found, bundle) = store.approved_review(journey, Mode::Shadow).await.unwrap().unwrap();
    assert_eq!((found.id, bundle), (id, shadow.bundle.clone()));
    let published = publish(store, &shadow, id).await;
    assert!(matches!(published, Published::Version { number: 1, .. }), "{published:?}");
    assert_eq!(store.approved_review(journey, Mode::Shadow).await.unwrap(), None);
    let (found, _) = store.review(id).await.unwrap().unwrap();
    assert_eq!((found.state, found.version), (State::Published, Some(1)));

    let live = ask(store, &a_review(journey, 1, Mode::Live)).await;
    let promotion = Promotion { note: String::new(), by: "ana@x.y".to_owned(), review: Some(live) };
    store.promote(journey, 1, &promotion, NOW).await.unwrap().unwrap();
    let (found, _) = store.review(live).await.unwrap().unwrap();
    assert_eq!((found.state, found.version), (State::Open, None), "it was not approved");
}

pub(crate) async fn reviews_are_paged_newest_first(store: &dyn Store) {
    let (one, other) = (a_journey(store).await, a_journey(store).await);
    let mut made = Vec::new();
    for _ in 0..3 {
        let id = ask(store, &a_review(one, 1, Mode::Live)).await;
        decide(store, id, Decision::SendBack).await;
        made.push(id);
    }
    let open = ask(store, &a_review(one, 1, Mode::Live)).await;
    let elsewhere = ask(store, &a_review(other, 1, Mode::Live)).await;
    let first = store.reviews(one, Paging::first(2)).await.unwrap();
    let ids: Vec<ReviewId> = first.items.iter().map(|review| review.id).collect();
    assert_eq!((ids, first.next), (vec![open, made[2]], Some(made[2])));
    let rest = store.reviews(one, Paging::new(first.next, 2)).await.unwrap();
    let ids: Vec<ReviewId> = rest.items.iter().map(|review| review.id).collect();
    assert_eq!((ids, rest.next), (vec![made[1], made[0]], None));
    let waiting = store.open_reviews(Paging::first(1)).await.unwrap();
    assert_eq!((waiting.items[0].id, waiting.next), (elsewhere, Some(elsewhere)));
    let waiting = store.open_reviews(Paging::new(waiting.next, 1)).await.unwrap();
    assert_eq!((waiting.items[0].id, waiting.next), (open, None));
}

pub(crate) async fn who_saved_a_draft_last_is_known(store: &dyn Store) {
    let (journey, other) = (a_journey(store).await, a_journey(store).await);
    assert_eq!(store.who_saved(journey).await.unwrap(), None);
    for (actor, action, object) in [
        ("ana@x.y", "journey.create", journey),
        ("bo@x.y", "journey.save", journey),
        ("cy@x.y", "journey.save", other),
        ("di@x.y", "journey.publish", journey),
    ] {
        let deed = Deed {
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: object.to_string(),
            detail: Value::Null,
            at: NOW,
        };
        store.write_down(&deed).await.unwrap();
    }
    assert_eq!(store.who_saved(journey).await.unwrap().as_deref(), Some("bo@x.y"));
}

pub(crate) async fn a_setting_is_what_it_was_set_to_last(store: &dyn Store) {
    assert_eq!(store.setting("colour").await.unwrap(), None);
    store.set_setting("colour", "red", NOW).await.unwrap();
    store.set_setting("size", "10", NOW).await.unwrap();
    store.set_setting("colour", "blue", NOW).await.unwrap();
    assert_eq!(store.setting("colour").await.unwrap().as_deref(), Some("blue"));
    assert_eq!(store.setting("size").await.unwrap().as_deref(), Some("10"));
}
