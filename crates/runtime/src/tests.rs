//! The runtime over a real store, with a performer that answers by a script and a clock that stands.

use crate::{
    CallRequest, DeliverError, Mail, ManualClock, Opener, Perform, Runtime, StartError,
    StartRequest, Started, Which, limits,
};
use async_trait::async_trait;
use journey::{
    Draft, Event, Position, Record, Rejection, Status, Timestamp,
    effect::{Failure, FailureKind},
};
use scratch::Place;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{
    InstanceId, JourneyId, Paging, Store, TaskId,
    accounts::Statement,
    journeys::{Mode, NewVersion},
    nodes::NewNode,
    tasks::{Filter, Queue, State},
    work::{Claimed, Lease},
};
use tokio::sync::{Notify, mpsc};

mod away;
mod events;
mod times;
mod why;

const START: Timestamp = Timestamp(1_760_000_000_000);
const PATIENCE: Duration = Duration::from_secs(20);

/// What the next calls answer; when nothing is left, success.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Result<Value, Failure>>>,
    seen: Mutex<Vec<CallRequest>>,
    mailed: Mutex<Vec<Mail>>,
    /// What the next messages come to; when nothing is left, success.
    mail_answers: Mutex<VecDeque<Result<(), Failure>>>,
    called: Notify,
    /// Calls never return.
    hangs: bool,
}

#[async_trait]
impl Perform for Script {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        self.seen.lock().unwrap().push(request);
        self.called.notify_one();
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or_else(|| Ok(json!({ "ok": true, "crmId": "c-1" })))
    }

    async fn send(&self, mail: Mail) -> Result<(), Failure> {
        self.mailed.lock().unwrap().push(mail);
        self.mail_answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Result<Value, Failure>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), ..Self::default() })
    }

    fn hanging() -> Arc<Self> {
        Arc::new(Self { hangs: true, ..Self::default() })
    }

    fn keys(&self) -> Vec<(String, u32)> {
        let seen = self.seen.lock().unwrap();
        seen.iter().map(|call| (call.idempotency_key.clone(), call.attempt)).collect()
    }
}

fn fails(kind: FailureKind) -> Result<Value, Failure> {
    let message = "the other side is away".to_owned();
    Err(Failure { kind, code: "http.503".to_owned(), message, retry_after_ms: None })
}

struct House {
    runtime: Runtime,
    store: Arc<dyn Store>,
    clock: ManualClock,
    journey: JourneyId,
    place: Place,
}

fn draft() -> Draft {
    serde_json::from_value(json!({
        "format": 1,
        "name": "Onboarding",
        "nodes": [
            { "id": "begin", "kind": "trigger", "name": "Begin", "on": { "type": "manual" }, "account": "input.account" },
            { "id": "upsert", "kind": "action", "name": "Upsert", "connection": "crm", "operation": "upsert",
              "input": { "id": "input.id" }, "timeout": "PT30S", "retry": { "attempts": 3, "backoff": "PT10S", "max": "PT5M" } },
            { "id": "call", "kind": "task", "name": "Call", "title": "Call {{ input.id }}",
              "owner": { "rule": "team", "team": "CS" },
              "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "finish", "kind": "end", "name": "Finish", "outcome": "success" }
        ],
        "edges": [
            { "id": "e1", "from": "begin", "to": "upsert" },
            { "id": "e2", "from": "upsert", "to": "call" },
            { "id": "e3", "from": "call", "port": "done", "to": "finish" }
        ]
    }))
    .unwrap()
}

async fn house(performer: Arc<Script>) -> House {
    let place = Place::chosen().await;
    let store = place.open(1).await;
    let journey = publish(store.as_ref(), &draft()).await;
    let clock = ManualClock::new(START);
    let runtime =
        Runtime::start(Arc::clone(&store), performer, Arc::new(clock.clone()), NewNode::alone())
            .await
            .unwrap();
    House { runtime, store, clock, journey, place }
}

async fn publish(store: &dyn Store, draft: &Draft) -> JourneyId {
    let (checked, diagnostics) = journey::check(draft, None);
    assert!(checked.is_some(), "{diagnostics:?}");
    publish_unchecked(store, draft).await
}

/// For drafts that take long to check, or that say on purpose what no draft may say.
async fn publish_unchecked(store: &dyn Store, draft: &Draft) -> JourneyId {
    let id = store.create_journey(draft, START).await.unwrap();
    let version = NewVersion {
        draft: draft.clone(),
        revision: 1,
        mode: Mode::Live,
        note: String::new(),
        by: "ada@x.y".to_owned(),
        review: None,
    };
    store.publish(id, &version, START).await.unwrap().unwrap();
    id
}

/// Takes all work that may be taken at `now`.
async fn claim(store: &dyn Store, now: Timestamp, until: Timestamp) -> Vec<Claimed> {
    let lanes = store.lanes(None, 1_000).await.unwrap();
    let due = lanes.into_iter().filter(|(_, at)| *at <= now);
    let from: Vec<_> = due.map(|(lane, _)| (lane, 1_000)).collect();
    let lease = Lease { id: store.ids().lease(now, store.ids().any_slot()), until };
    store.claim(now, lease, &from).await.unwrap()
}

fn request(journey: JourneyId, id: u32) -> StartRequest {
    StartRequest {
        journey,
        version: Which::Live,
        trigger: None,
        account: None,
        input: json!({ "id": id.to_string(), "account": "" }),
        dedupe_key: None,
        opener: Opener::Itself,
    }
}

impl House {
    async fn start(&self, id: u32) -> Started {
        self.runtime.start_and_wait(request(self.journey, id), PATIENCE).await.unwrap()
    }

    /// The instance's facts, in one word each.
    async fn facts(&self, id: InstanceId) -> Vec<String> {
        let (records, stored) = self.one_moment_of(id).await;
        let mut rebuilt = journey::Instance::new();
        for record in &records {
            rebuilt.apply(record).unwrap();
        }
        assert_eq!(rebuilt, stored, "records rebuild the instance");
        records
            .iter()
            .map(|record| {
                serde_json::to_value(record).unwrap()["fact"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    /// The instance's records and its state as of one moment: the runtime may commit between
    /// two reads, so a pair read around a commit is read again.
    async fn one_moment_of(&self, id: InstanceId) -> (Vec<Record>, journey::Instance) {
        loop {
            let before = self.store.instance(id).await.unwrap().unwrap().state;
            let records = self.store.records(id, Paging::first(500)).await.unwrap().items;
            let after = self.store.instance(id).await.unwrap().unwrap().state;
            if before == after {
                return (records, after);
            }
        }
    }

    async fn count(&self, id: InstanceId, fact: &str) -> usize {
        self.facts(id).await.iter().filter(|known| *known == fact).count()
    }

    async fn the_task(&self) -> TaskId {
        let page = self.store.tasks(Filter::open(Queue::All), Paging::first(9)).await.unwrap();
        assert_eq!(page.items.len(), 1);
        page.items[0].id
    }

    async fn the_tasks(&self) -> Vec<TaskId> {
        let page = self.store.tasks(Filter::open(Queue::All), Paging::first(99)).await.unwrap();
        page.items.into_iter().map(|task| task.id).collect()
    }

    async fn status(&self, id: InstanceId) -> Status {
        self.store.instance(id).await.unwrap().unwrap().state.status()
    }

    async fn complete(&self, task: TaskId) -> Result<crate::Standing, DeliverError> {
        let position = task.position;
        let by = "ada@x.y".to_owned();
        let claim = Event::TaskClaimed { position, by: by.clone() };
        self.runtime.deliver(task.instance, claim).await?;
        let (outcome, form) = ("done".to_owned(), json!({}));
        self.runtime
            .deliver(
                task.instance,
                Event::TaskCompleted { position, by, person: Value::Null, outcome, form },
            )
            .await
    }
}

#[tokio::test]
async fn a_journey_runs_from_start_to_end() {
    let script = Script::of([]);
    let house = house(Arc::clone(&script)).await;
    let started = house.start(7).await;
    assert_eq!(
        started.standing.as_ref().map(|at| (at.status, at.is_at_rest)),
        Some((Status::Running, true))
    );
    let task = house.the_task().await;
    assert_eq!(task.instance, started.instance);
    let shown = house.store.task(task).await.unwrap().unwrap();
    assert_eq!((shown.title.as_str(), shown.team.as_deref()), ("Call 7", Some("CS")));
    let ended = house.complete(task).await.unwrap();
    assert_eq!((ended.status, ended.outcome.as_deref()), (Status::Ended, Some("success")));
    assert_eq!(house.store.task(task).await.unwrap().unwrap().state, State::Completed);
    assert_eq!(script.keys(), [(format!("{}:1", started.instance), 1)]);
    assert_eq!(house.store.next_due().await.unwrap(), None, "no work is left behind");
    assert_eq!(house.count(started.instance, "ended").await, 1);
}

#[tokio::test]
async fn a_failed_call_is_made_again_under_its_key_when_it_is_time() {
    let script = Script::of([fails(FailureKind::Transient), fails(FailureKind::Transient)]);
    let house = house(Arc::clone(&script)).await;
    let started = house.runtime.start_instance(request(house.journey, 1)).await.unwrap();
    let key = format!("{}:1", started.instance);
    let mut changes = house.runtime.subscribe();
    while house.count(started.instance, "call_retried").await < 1 {
        changes.recv().await.unwrap();
    }
    house.clock.advance(9_000);
    assert_eq!(script.keys(), [(key.clone(), 1)], "not before its time");
    // Its pause of ten seconds may be a fifth longer.
    house.clock.advance(3_000);
    while house.count(started.instance, "call_retried").await < 2 {
        changes.recv().await.unwrap();
    }
    house.clock.advance(60_000);
    let rest = house.runtime.wait_for_rest(started.instance, PATIENCE).await.unwrap().unwrap();
    assert_eq!(rest.status, Status::Running);
    assert_eq!(script.keys(), [(key.clone(), 1), (key.clone(), 2), (key, 3)]);
    house.the_task().await;
}

#[tokio::test]
async fn a_call_that_cannot_succeed_is_an_incident_until_a_person_retries_it() {
    let house = house(Script::of([fails(FailureKind::Permanent)])).await;
    let started = house.start(1).await;
    assert_eq!(started.standing.map(|at| at.status), Some(Status::Incident));
    assert_eq!(house.store.next_due().await.unwrap(), None);
    let retry = Event::IncidentRetried { position: Position(1), by: "ada@x.y".to_owned() };
    house.runtime.deliver(started.instance, retry.clone()).await.unwrap();
    let rest = house.runtime.wait_for_rest(started.instance, PATIENCE).await.unwrap().unwrap();
    assert_eq!(rest.status, Status::Running);
    let again = house.runtime.deliver(started.instance, retry).await;
    assert!(matches!(again, Err(DeliverError::Rejected(Rejection::NotWaiting(_)))), "{again:?}");
}

#[tokio::test]
async fn a_performer_that_panics_harms_only_its_call() {
    struct Panics;
    #[async_trait]
    impl Perform for Panics {
        async fn call(&self, _: CallRequest) -> Result<Value, Failure> {
            panic!("the connector broke the host");
        }

        async fn send(&self, _: Mail) -> Result<(), Failure> {
            panic!("the mailer broke the host");
        }
    }
    let place = Place::chosen().await;
    let store = place.open(1).await;
    let journey = publish(store.as_ref(), &draft()).await;
    let clock = Arc::new(ManualClock::new(START));
    let runtime = Runtime::start(store, Arc::new(Panics), clock, NewNode::alone()).await.unwrap();
    let started = runtime.start_and_wait(request(journey, 1), PATIENCE).await.unwrap();
    assert_eq!(started.standing.map(|at| at.status), Some(Status::Incident));
}

#[tokio::test]
async fn one_key_opens_one_instance() {
    let house = house(Script::of([])).await;
    let keyed = StartRequest { dedupe_key: Some("wh_1".to_owned()), ..request(house.journey, 1) };
    let mut opened = Vec::new();
    let mut set = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (runtime, keyed) = (house.runtime.clone(), keyed.clone());
        set.spawn(async move { runtime.start_and_wait(keyed, PATIENCE).await.unwrap() });
    }
    while let Some(started) = set.join_next().await {
        opened.push(started.unwrap());
    }
    assert_eq!(opened.iter().filter(|started| !started.is_duplicate).count(), 1);
    assert!(opened.iter().all(|started| started.instance == opened[0].instance));
    assert!(opened.iter().all(|started| started.standing.is_some()));
    house.the_task().await;
}

#[tokio::test]
async fn an_account_is_found_by_its_external_id_or_refused() {
    let house = house(Script::of([])).await;
    let account =
        Statement { external_id: "A-1".to_owned(), name: "Ada".to_owned(), ..Statement::default() };
    house.store.create_account(&account, START).await.unwrap();
    let mut known = request(house.journey, 1);
    known.input["account"] = json!("A-1");
    let started = house.runtime.start_instance(known).await.unwrap();
    let summary = house.store.instance_summary(started.instance).await.unwrap().unwrap();
    let about = summary.account.unwrap();
    assert_eq!(about.external_id, "A-1");
    assert_eq!(started.instance.slot(), about.id.slot(), "an instance lives with its account");
    let unknown = StartRequest { account: Some("A-2".to_owned()), ..request(house.journey, 2) };
    let refused = house.runtime.start_instance(unknown).await;
    assert!(matches!(refused, Err(StartError::UnknownAccount(id)) if id == "A-2"));
    let elsewhere =
        StartRequest { trigger: Some("nowhere".to_owned()), ..request(house.journey, 3) };
    let refused = house.runtime.start_instance(elsewhere).await;
    assert!(matches!(refused, Err(StartError::NoTrigger(id)) if id == "nowhere"));
}

#[tokio::test]
async fn many_starts_at_once_share_transactions_and_are_all_durable() {
    let house = house(Script::of([])).await;
    let mut set = tokio::task::JoinSet::new();
    for id in 0..200 {
        let (runtime, request) = (house.runtime.clone(), request(house.journey, id));
        set.spawn(async move { runtime.start_and_wait(request, PATIENCE).await.unwrap() });
    }
    let mut instances = Vec::new();
    while let Some(started) = set.join_next().await {
        let started = started.unwrap();
        assert!(started.standing.is_some_and(|at| at.is_at_rest));
        instances.push(started.instance);
    }
    let transactions = house.runtime.transactions();
    assert!(transactions < 200, "{transactions} transactions for 400 commits");
    house.runtime.shutdown(PATIENCE).await;
    house.store.close().await;
    let store = house.place.open(2).await;
    let mut tasks = 0;
    let mut after = None;
    loop {
        let page = store.tasks(Filter::open(Queue::All), Paging::new(after, 50)).await.unwrap();
        tasks += page.items.len();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((tasks, instances.len()), (200, 200));
}

#[tokio::test]
async fn a_cancelled_instance_withdraws_its_task_and_its_timers() {
    let house = house(Script::of([])).await;
    let started = house.start(1).await;
    let task = house.the_task().await;
    assert!(house.store.next_due().await.unwrap().is_some(), "its SLA is timed");
    let cancel = Event::Cancelled { reason: "churned".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(started.instance, cancel.clone()).await.unwrap();
    assert_eq!(house.status(started.instance).await, Status::Cancelled);
    assert_eq!(house.store.task(task).await.unwrap().unwrap().state, State::Cancelled);
    assert_eq!(house.store.next_due().await.unwrap(), None);
    let again = house.runtime.deliver(started.instance, cancel).await;
    assert!(matches!(again, Err(DeliverError::Rejected(Rejection::Over))));
    let nobody = house.store.ids().instance(START, house.store.ids().any_slot());
    let missing = house
        .runtime
        .deliver(nobody, Event::TaskClaimed { position: Position(1), by: String::new() });
    assert!(matches!(missing.await, Err(DeliverError::NotFound)));
}

#[tokio::test]
async fn an_sla_that_lapsed_while_nobody_ran_is_seen_at_the_next_start() {
    let house = house(Script::of([])).await;
    let started = house.start(1).await;
    house.runtime.shutdown(PATIENCE).await;
    let clock = ManualClock::new(START.plus(24 * 3_600_000));
    let runtime =
        Runtime::start(Arc::clone(&house.store), Script::of([]), Arc::new(clock), NewNode::alone())
            .await
            .unwrap();
    let mut changes = runtime.subscribe();
    while house.count(started.instance, "sla_breached").await == 0 {
        changes.recv().await.unwrap();
    }
    assert_eq!(house.count(started.instance, "sla_warned").await, 1);
}

#[tokio::test]
async fn a_hanging_connection_leaves_the_others_alone() {
    let script = Script::hanging();
    let house = house(Arc::clone(&script)).await;
    let (sent, mut done) = mpsc::channel::<()>(1);
    for id in 0..store::limits::CALLS_AT_ONCE + 50 {
        let (runtime, request, sent) =
            (house.runtime.clone(), request(house.journey, id), sent.clone());
        tokio::spawn(async move {
            runtime.start_instance(request).await.unwrap();
            drop(sent);
        });
    }
    drop(sent);
    assert_eq!(done.recv().await, None, "every start is durable though no call returns");
    while script.seen.lock().unwrap().len() < store::limits::CALLS_AT_ONCE as usize {
        script.called.notified().await;
    }
    assert_eq!(script.seen.lock().unwrap().len(), store::limits::CALLS_AT_ONCE as usize);
    let without_calls: Draft = {
        let mut draft = draft();
        draft.nodes.retain(|node| node.id != "upsert");
        draft.edges.retain(|edge| edge.id != "e2");
        draft.edges[0].to = "call".to_owned();
        draft
    };
    let other = publish(house.store.as_ref(), &without_calls).await;
    let started = house.runtime.start_and_wait(request(other, 1), PATIENCE).await.unwrap();
    assert!(started.standing.is_some_and(|at| at.is_at_rest));
}

/// Dies between the call and the commit of its answer: everything of the first life is dropped at once.
#[test]
fn a_call_whose_answer_was_lost_is_made_again_under_its_key() {
    let first_life = tokio::runtime::Runtime::new().unwrap();
    let place = first_life.block_on(Place::chosen());
    let hanging = Script::hanging();
    let calls = Arc::clone(&hanging);
    let instance = first_life.block_on(async {
        let store = place.open(1).await;
        let journey = publish(store.as_ref(), &draft()).await;
        let clock = Arc::new(ManualClock::new(START));
        let runtime = Runtime::start(store, calls, clock, NewNode::alone()).await.unwrap();
        let started = runtime.start_instance(request(journey, 1)).await.unwrap();
        hanging.called.notified().await;
        started.instance
    });
    first_life.shutdown_background();

    let second_life = tokio::runtime::Runtime::new().unwrap();
    second_life.block_on(async {
        let store = place.open(2).await;
        let script = Script::of([]);
        let clock = Arc::new(ManualClock::new(START.plus(1)));
        let runtime =
            Runtime::start(Arc::clone(&store), Arc::clone(&script) as _, clock, NewNode::alone())
                .await
                .unwrap();
        let rest = runtime.wait_for_rest(instance, PATIENCE).await.unwrap().unwrap();
        assert_eq!((rest.status, rest.is_at_rest), (Status::Running, true));
        assert_eq!(
            script.keys(),
            hanging.keys(),
            "the same key and attempt as the call that was lost"
        );
        let tasks = store.tasks(Filter::open(Queue::All), Paging::first(9)).await.unwrap().items;
        assert_eq!(tasks.len(), 1);
    });
}

#[tokio::test]
async fn a_stopping_runtime_takes_nothing_in() {
    let house = house(Script::of([])).await;
    let started = house.start(1).await;
    house.runtime.shutdown(PATIENCE).await;
    let refused = house.runtime.start_instance(request(house.journey, 2)).await;
    assert!(matches!(refused, Err(StartError::ShuttingDown)));
    let event = Event::Cancelled { reason: String::new(), by: String::new() };
    let refused = house.runtime.deliver(started.instance, event).await;
    assert!(matches!(refused, Err(DeliverError::ShuttingDown)));
}

#[tokio::test]
async fn a_draft_alone_starts_nothing() {
    let house = house(Script::of([])).await;
    let unpublished = house.store.create_journey(&draft(), START).await.unwrap();
    let refused = house.runtime.start_instance(request(unpublished, 1)).await;
    assert!(matches!(refused, Err(StartError::NotPublished)));
    let missing = StartRequest { version: Which::Number(9), ..request(house.journey, 1) };
    assert!(matches!(house.runtime.start_instance(missing).await, Err(StartError::Unusable(_))));
}

mod children;
mod messages;
mod moving;
mod pressure;
mod shadow;
mod starting;
mod stuck;
