//! Mistakes planted in the product's own paths: a workspace that lived with one is not clean, on either database, by the invariant it is against.

use super::{
    drawings::{for_event, onboarding, opened_by, waiting},
    house::{ADA, HOUR, House, START, found},
};
use crate::{
    Evidence,
    Invariant::{self, I1, I2, I4, I5, I6, I7, I8, I9},
};
use journey::{Event, Position, effect::FailureKind};
use runtime::{Opener, StartError, StartRequest, Which};
use scratch::Place;
use serde_json::{Map, Value, json};
use std::{cell::Cell, sync::Arc, time::Duration};
use store::{
    InstanceId, JourneyId, Store,
    accounts::{Created, Statement},
    events::NewEvent,
    nodes::{Joined, NewNode, Succeeds},
    planted::{Mistake, plant},
};

thread_local! {
    /// Whether lives are lived as they are, without a mistake.
    static UNHARMED: Cell<bool> = const { Cell::new(false) };
}

/// Plants a mistake until it is dropped.
struct Planted;

impl Planted {
    fn now(mistake: Mistake) -> Self {
        plant(Some(mistake).filter(|_| !UNHARMED.get()));
        Self
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        plant(None);
    }
}

/// Lets what runs go on for a while.
async fn go_on() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

fn input() -> Value {
    json!({ "id": "A-1", "account": "" })
}

impl House {
    async fn start(&self, journey: JourneyId, key: Option<&str>) -> Result<InstanceId, StartError> {
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: None,
            account: None,
            input: input(),
            dedupe_key: key.map(str::to_owned),
            opener: Opener::Person(ADA.to_owned()),
        };
        self.runtime.start_instance(request).await.map(|started| started.instance)
    }

    /// The checker tells of this invariant, or of none where there is no mistake.
    async fn is_told(&self, evidence: &Evidence, invariant: Invariant) {
        let report = self.verify_with(evidence).await;
        if UNHARMED.get() {
            assert!(report.is_clean(), "{report}");
        } else {
            assert!(found(&report, invariant).0 > 0, "{invariant:?} is not told\n{report}");
        }
    }

    fn sink(&self) -> Evidence {
        Evidence { sink: Some(self.file("sink", &self.arrived())), ..Evidence::default() }
    }

    fn acknowledged(&self, lines: &[Value]) -> Evidence {
        let acknowledged = Some(self.file("acknowledged", lines));
        Evidence { acknowledged, ..Evidence::default() }
    }
}

/// Every planted mistake, over the house it is lived in.
async fn is_caught(mistake: Mistake, house: House) {
    match mistake {
        Mistake::NoFence => no_fence(&house).await,
        Mistake::SplitCommit | Mistake::TaskStays => completed(&house, mistake).await,
        Mistake::LostRecord | Mistake::LostWork => started(&house, mistake).await,
        Mistake::WorkStays => called(&house, mistake).await,
        Mistake::ListenLost => listening(&house).await,
        Mistake::EarlyTimer => timed(&house).await,
        Mistake::StartKeyIgnored => twice(&house).await,
        Mistake::EarlyAcknowledgement => acknowledged(&house).await,
        Mistake::EventsOutOfOrder => events(&house).await,
        Mistake::CallBeforeCommit => unasked(&house).await,
        Mistake::KeyPerAttempt => keyed(&house).await,
        Mistake::FailureForgotten => failed(&house).await,
        Mistake::UnchainedSeal => sealed(&house).await,
    }
}

/// A node is taken for gone while a call of it is out, and then moves the instance all the same.
async fn no_fence(house: &House) {
    let journey = house.publish(&onboarding("hang")).await;
    let id = house.start(journey, None).await.unwrap();
    house.until_at(id, "upsert").await;
    let second: Arc<dyn Store> = house.place.open(2).await;
    let next = NewNode { succeeds: Succeeds::Everyone, ..NewNode::alone() };
    assert!(matches!(second.join(&next).await.unwrap(), Joined::As(_)));
    let _planted = Planted::now(Mistake::NoFence);
    let cancelled = Event::Cancelled { by: ADA.to_owned(), reason: "late".to_owned() };
    assert_eq!(house.runtime.deliver(id, cancelled).await.is_err(), UNHARMED.get());
    house.is_told(&Evidence::default(), I5).await;
}

/// A person completes a task.
async fn completed(house: &House, mistake: Mistake) {
    let journey = house.publish(&onboarding("upsert")).await;
    let id = house.start(journey, None).await.unwrap();
    let position = house.until_at(id, "call").await;
    let _planted = Planted::now(mistake);
    house.claim(id, position, ADA).await;
    let invariant = if mistake == Mistake::SplitCommit {
        I2
    } else {
        let (by, outcome) = (ADA.to_owned(), "done".to_owned());
        let (person, form) = (json!({ "role": "admin", "teams": ["CS"] }), json!({}));
        house.deliver(id, Event::TaskCompleted { position, by, person, outcome, form }).await;
        I4
    };
    house.is_told(&Evidence::default(), invariant).await;
}

async fn started(house: &House, mistake: Mistake) {
    let journey = house.publish(&onboarding("hang")).await;
    let _planted = Planted::now(mistake);
    house.start(journey, None).await.unwrap();
    let invariant = if mistake == Mistake::LostRecord { I2 } else { I4 };
    house.is_told(&Evidence::default(), invariant).await;
}

/// A call is answered.
async fn called(house: &House, mistake: Mistake) {
    let journey = house.publish(&onboarding("upsert")).await;
    let _planted = Planted::now(mistake);
    let id = house.start(journey, None).await.unwrap();
    house.until_at(id, "call").await;
    house.is_told(&Evidence::default(), I4).await;
}

async fn listening(house: &House) {
    let journey = house.publish(&for_event("P30D")).await;
    let _planted = Planted::now(Mistake::ListenLost);
    let id = house.start(journey, None).await.unwrap();
    house.until_at(id, "wait").await;
    house.is_told(&Evidence::default(), I4).await;
}

async fn timed(house: &House) {
    let journey = house.publish(&waiting(json!({ "for": "PT6H" }))).await;
    let id = house.start(journey, None).await.unwrap();
    house.until_at(id, "wait").await;
    let _planted = Planted::now(Mistake::EarlyTimer);
    house.clock.advance(HOUR);
    if !UNHARMED.get() {
        house.until_over(id).await;
    }
    house.is_told(&Evidence::default(), I7).await;
}

async fn twice(house: &House) {
    let journey = house.publish(&waiting(json!({ "for": "PT6H" }))).await;
    let _planted = Planted::now(Mistake::StartKeyIgnored);
    let mut lines = Vec::new();
    for _ in 0..2 {
        let id = house.start(journey, Some("k1")).await.unwrap();
        lines.push(json!({ "kind": "start", "key": "k1", "id": id.to_string() }));
    }
    house.is_told(&house.acknowledged(&lines), I1).await;
}

async fn acknowledged(house: &House) {
    let journey = house.publish(&waiting(json!({ "for": "PT6H" }))).await;
    let _planted = Planted::now(Mistake::EarlyAcknowledgement);
    let id = house.start(journey, Some("k1")).await.unwrap();
    let line = json!({ "kind": "start", "key": "k1", "id": id.to_string() });
    house.is_told(&house.acknowledged(&[line]), I1).await;
}

async fn events(house: &House) {
    house.publish(&opened_by("paid")).await;
    let statement = Statement { external_id: "A-1".to_owned(), ..Statement::default() };
    let made = house.store.create_account(&statement, START).await.unwrap();
    let (Created::Account(account) | Created::Taken(account)) = made;
    let event = NewEvent {
        key: None,
        kind: "paid".to_owned(),
        account: Some(account),
        at: START,
        data: Map::new(),
        depth: 0,
        sent_by: None,
    };
    let _planted = Planted::now(Mistake::EventsOutOfOrder);
    house.store.accept(&vec![event; 6], START).await.unwrap();
    house.runtime.look_at_events();
    for _ in 0..200 {
        if house.store.events_backlog(1).await.unwrap().waiting == 0 {
            break;
        }
        go_on().await;
    }
    house.is_told(&Evidence::default(), I8).await;
}

/// The same start once more calls for an instance that never is.
async fn unasked(house: &House) {
    let journey = house.publish(&onboarding("upsert")).await;
    house.start(journey, Some("k1")).await.unwrap();
    let _planted = Planted::now(Mistake::CallBeforeCommit);
    house.start(journey, Some("k1")).await.unwrap();
    go_on().await;
    house.is_told(&house.sink(), I6).await;
}

async fn keyed(house: &House) {
    let journey = house.publish(&onboarding("upsert")).await;
    let _planted = Planted::now(Mistake::KeyPerAttempt);
    let id = house.start(journey, None).await.unwrap();
    house.until_at(id, "call").await;
    house.is_told(&house.sink(), I6).await;
}

async fn failed(house: &House) {
    let journey = house.publish(&onboarding("upsert")).await;
    house.fail("upsert", &[FailureKind::Permanent]);
    let _planted = Planted::now(Mistake::FailureForgotten);
    let id = house.start(journey, None).await.unwrap();
    go_on().await;
    assert_eq!(house.until_at(id, "upsert").await, Position(1));
    house.is_told(&Evidence::default(), I4).await;
}

async fn sealed(house: &House) {
    let journey = house.publish(&waiting(json!({ "for": "PT6H" }))).await;
    house.start(journey, None).await.unwrap();
    house.head().await;
    house.start(journey, None).await.unwrap();
    let _planted = Planted::now(Mistake::UnchainedSeal);
    house.head().await;
    house.is_told(&Evidence::default(), I9).await;
}

/// Each on SQLite and on PostgreSQL, and the same life without the mistake, which is clean.
macro_rules! caught {
    ($($name:ident: $mistake:ident,)*) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $name() {
                let place = super::Place::File(tempfile::tempdir().unwrap());
                super::is_caught(super::Mistake::$mistake, super::House::at(place).await).await;
            }
        )* }
        mod unharmed { $(
            #[tokio::test]
            async fn $name() {
                super::UNHARMED.set(true);
                let place = super::Place::File(tempfile::tempdir().unwrap());
                super::is_caught(super::Mistake::$mistake, super::House::at(place).await).await;
            }
        )* }
        mod postgres { $(
            #[tokio::test]
            async fn $name() {
                let place = super::Place::Postgres(scratch::database().await);
                super::is_caught(super::Mistake::$mistake, super::House::at(place).await).await;
            }
        )* }
    };
}
caught! {
    no_fence_is_caught: NoFence,
    a_split_commit_is_caught: SplitCommit,
    a_lost_record_is_caught: LostRecord,
    lost_work_is_caught: LostWork,
    work_that_stays_is_caught: WorkStays,
    a_task_that_stays_is_caught: TaskStays,
    a_lost_listen_is_caught: ListenLost,
    an_early_timer_is_caught: EarlyTimer,
    an_ignored_start_key_is_caught: StartKeyIgnored,
    an_early_acknowledgement_is_caught: EarlyAcknowledgement,
    events_out_of_order_are_caught: EventsOutOfOrder,
    a_call_before_the_commit_is_caught: CallBeforeCommit,
    a_key_for_each_attempt_is_caught: KeyPerAttempt,
    a_forgotten_failure_is_caught: FailureForgotten,
    an_unchained_seal_is_caught: UnchainedSeal,
}
