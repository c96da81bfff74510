//! What the runtime leaves is clean, while it runs and after it is gone.

use super::{
    drawings::{calling, fallible, onboarding, visits},
    house::{ADA, House},
    story::Story,
};
use crate::{Evidence, Invariant, Outcome};
use serde_json::json;
use store::TaskId;

#[tokio::test]
async fn a_workspace_in_which_much_happened_is_clean() {
    let story = Story::lived().await;
    let house = &story.house;
    let sink = Some(house.file("sink", &house.arrived()));
    let acknowledged = [
        json!({ "kind": "start", "key": "k-ended", "id": story.of("ended").to_string() }),
        json!({ "kind": "hook", "key": "k-tasked", "id": story.of("tasked").to_string() }),
        json!({ "kind": "hook", "key": "delivery-1", "id": story.of("hooked").to_string() }),
        json!({ "kind": "start", "id": story.of("pausing").to_string() }),
        json!({ "kind": "completion", "key": "c", "id": task(&story, "ended", 2) }),
        json!({ "kind": "completion", "key": "h", "id": task(&story, "half approved", 1) }),
    ];
    let acknowledged = Some(house.file("acknowledged", &acknowledged));
    let report = house
        .verify_with(&Evidence {
            acknowledged,
            sink,
            audit_head: Some(house.head().await),
            now: Some(house.now()),
        })
        .await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.instances, report.busy), (35, 0), "{report}");
    for invariant in Invariant::ALL {
        match report.outcome(invariant).unwrap() {
            Outcome::Checked { looked_at, .. } => {
                let is_here = invariant != Invariant::I8;
                assert!(*looked_at > 4 || !is_here, "{invariant:?}\n{report}");
            }
            Outcome::NotChecked { why } => panic!("{invariant:?} {why}"),
        }
    }
}

fn task(story: &Story, name: &str, position: u32) -> String {
    let position = journey::Position(position);
    TaskId { instance: story.of(name), position }.to_string()
}

#[tokio::test]
async fn what_was_not_given_is_not_checked() {
    let house = House::new().await;
    let report = house.verify().await;
    assert!(report.is_clean(), "{report}");
    for invariant in [Invariant::I1, Invariant::I6] {
        assert!(matches!(report.outcome(invariant), Some(Outcome::NotChecked { .. })), "{report}");
    }
    let shown = serde_json::to_value(&report).unwrap();
    assert_eq!(shown["invariants"].as_array().map(Vec::len), Some(10));
    let second = json!({ "invariant": "I2", "promise": Invariant::I2.promise(), "status": "checked",
                         "looked_at": 0, "violations": 0, "examples": [] });
    assert_eq!(shown["invariants"][1], second);
    let told = report.to_string();
    assert!(told.contains("I1 not checked: no file says what was acknowledged"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_workspace_at_work_is_clean() {
    let house = House::new().await;
    let alone = house.publish(&onboarding("upsert")).await;
    let called = house.publish(&fallible()).await.to_string();
    let calling = house.publish(&calling(&called, true)).await;
    let visits = house.publish(&visits("parallel")).await;
    let working = async {
        for id in 0..40 {
            let input = json!({ "id": id.to_string(), "account": "", "sites": ["a", "b", "c"] });
            let instance = house.open(alone, input.clone()).await;
            let position = house.until_at(instance, "call").await;
            house.complete(TaskId { instance, position }, ADA, "done").await;
            let caller = house.open(calling, input.clone()).await;
            let parent = house.open(visits, input).await;
            for below in house.children(parent, 3).await {
                let position = house.until_at(below, "visit").await;
                house.complete(TaskId { instance: below, position }, ADA, "done").await;
            }
            house.until_over(parent).await;
            house.until_over(caller).await;
        }
    };
    let looking = async {
        for looked in 0.. {
            let report = house.verify().await;
            assert!(report.is_clean(), "{report}");
            if report.instances == 280 {
                return looked;
            }
        }
        0
    };
    let ((), looked) = tokio::join!(working, looking);
    assert!(looked > 3, "it was looked at {looked} times");
}
