//! A workspace with a runtime, an outside that answers by a script, and a hand that damages what is kept.

use crate::{AuditHead, Evidence, Invariant, Outcome, Report, verify};
use async_trait::async_trait;
use journey::{
    Draft, Event, Instance, Position, Record, Status, Timestamp,
    effect::{Failure, FailureKind},
};
use runtime::{CallRequest, Mail, ManualClock, Opener, Perform, Runtime, StartRequest, Which};
use scratch::Place;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{
    InstanceId, JourneyId, Paging, Store, TaskId,
    audit::Seal,
    instances::Filter,
    journeys::{Mode, NewVersion},
    nodes::NewNode,
};

pub(crate) const START: Timestamp = Timestamp(1_760_000_000_000);
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const ADA: &str = "ada@x.y";

/// The outside: it keeps what arrives.
pub(crate) struct Outside {
    clock: ManualClock,
    answers: Mutex<HashMap<String, Vec<FailureKind>>>,
    arrived: Mutex<Vec<Value>>,
}

#[async_trait]
impl Perform for Outside {
    /// An operation called `hang` never answers; others succeed once what they are to answer is used up.
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        let CallRequest { idempotency_key: key, operation, .. } = request;
        let failing = self.answers.lock().unwrap().get_mut(&operation).and_then(Vec::pop);
        if let Some(kind) = failing {
            let (code, message) = ("http.503".to_owned(), "the other side is away".to_owned());
            return Err(Failure { kind, code, message, retry_after_ms: None });
        }
        let at = runtime::Clock::now(&self.clock).0;
        let line = json!({ "key": key, "operation": operation, "at": at });
        self.arrived.lock().unwrap().push(line);
        if operation == "hang" {
            std::future::pending::<()>().await;
        }
        Ok(json!({ "ok": true }))
    }

    async fn send(&self, _: Mail) -> Result<(), Failure> {
        Ok(())
    }
}

pub(crate) struct House {
    pub(crate) place: Place,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) runtime: Runtime,
    pub(crate) clock: ManualClock,
    outside: Arc<Outside>,
    files: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::at(Place::chosen().await).await
    }

    pub(crate) async fn at(place: Place) -> Self {
        let store = place.open(1).await;
        let clock = ManualClock::new(START);
        let outside = Arc::new(Outside {
            clock: clock.clone(),
            answers: Mutex::default(),
            arrived: Mutex::default(),
        });
        let performer: Arc<dyn Perform> = Arc::clone(&outside) as _;
        let runtime = Runtime::start(
            Arc::clone(&store),
            performer,
            Arc::new(clock.clone()),
            NewNode::alone(),
        );
        let runtime = runtime.await.unwrap();
        Self { place, store, runtime, clock, outside, files: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        runtime::Clock::now(&self.clock)
    }

    /// The next calls of an operation fail, the last of these first.
    pub(crate) fn fail(&self, operation: &str, kinds: &[FailureKind]) {
        self.outside.answers.lock().unwrap().insert(operation.to_owned(), kinds.to_vec());
    }

    pub(crate) async fn publish(&self, draft: &Draft) -> JourneyId {
        let id = self.store.create_journey(draft, self.now()).await.unwrap();
        self.publish_as(id, Mode::Live).await;
        id
    }

    /// Publishes the drawing once more.
    pub(crate) async fn publish_as(&self, id: JourneyId, mode: Mode) {
        let found = self.store.draft(id).await.unwrap().unwrap();
        let (note, by) = (String::new(), ADA.to_owned());
        let version = NewVersion {
            draft: found.draft,
            revision: found.revision,
            mode,
            note,
            by,
            review: None,
        };
        self.store.publish(id, &version, self.now()).await.unwrap().unwrap();
        self.runtime.published(id);
    }

    pub(crate) async fn open(&self, journey: JourneyId, input: Value) -> InstanceId {
        self.open_as(journey, input, None).await
    }

    pub(crate) async fn open_as(
        &self,
        journey: JourneyId,
        input: Value,
        key: Option<&str>,
    ) -> InstanceId {
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: None,
            account: None,
            input,
            dedupe_key: key.map(str::to_owned),
            opener: Opener::Person(ADA.to_owned()),
        };
        self.runtime.start_instance(request).await.unwrap().instance
    }

    /// The instances below another, once there are so many.
    pub(crate) async fn children(&self, parent: InstanceId, count: usize) -> Vec<InstanceId> {
        let filter = Filter { parent: Some(parent), ..Filter::default() };
        for _ in 0..2_000 {
            let page = self.store.instances(filter, Paging::first(9)).await.unwrap();
            if page.items.len() == count {
                return page.items.into_iter().rev().map(|one| one.id).collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{parent} never had {count} below it");
    }

    /// Brings a delivery to the hook of a journey's trigger.
    pub(crate) async fn deliver_hook(&self, journey: JourneyId, input: Value) -> InstanceId {
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: Some("begin".to_owned()),
            account: None,
            input,
            dedupe_key: Some("delivery-1".to_owned()),
            opener: Opener::Hook("orders".to_owned()),
        };
        self.runtime.start_instance(request).await.unwrap().instance
    }

    pub(crate) async fn state(&self, id: InstanceId) -> Instance {
        self.store.instance(id).await.unwrap().unwrap().state
    }

    /// Waits until an instance stands like that.
    pub(crate) async fn until(&self, id: InstanceId, stands: impl Fn(&Instance) -> bool) {
        for _ in 0..2_000 {
            if stands(&self.state(id).await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{id} never came there: {:?}", self.state(id).await);
    }

    pub(crate) async fn until_at(&self, id: InstanceId, node: &str) -> Position {
        self.until(id, |state| state.waits().iter().any(|wait| wait.node == node)).await;
        let state = self.state(id).await;
        state.waits().iter().find(|wait| wait.node == node).unwrap().position
    }

    pub(crate) async fn until_over(&self, id: InstanceId) {
        self.until(id, Instance::is_over).await;
    }

    pub(crate) async fn until_incident(&self, id: InstanceId) {
        self.until(id, |state| state.status() == Status::Incident).await;
    }

    pub(crate) async fn deliver(&self, id: InstanceId, event: Event) {
        self.runtime.deliver(id, event).await.unwrap();
    }

    pub(crate) async fn claim(&self, id: InstanceId, position: Position, by: &str) {
        self.deliver(id, Event::TaskClaimed { position, by: by.to_owned() }).await;
    }

    /// Claims a task and completes it.
    pub(crate) async fn complete(&self, task: TaskId, by: &str, outcome: &str) {
        let (position, by) = (task.position, by.to_owned());
        self.claim(task.instance, position, &by).await;
        let (person, form) = (json!({ "role": "admin", "teams": ["CS"] }), json!({}));
        let outcome = outcome.to_owned();
        let done = Event::TaskCompleted { position, by, person, outcome, form };
        self.deliver(task.instance, done).await;
    }

    pub(crate) async fn records(&self, id: InstanceId) -> Vec<Record> {
        self.store.records(id, Paging::first(500)).await.unwrap().items
    }

    /// What has arrived outside.
    pub(crate) fn arrived(&self) -> Vec<Value> {
        self.outside.arrived.lock().unwrap().clone()
    }

    /// A file of these lines.
    pub(crate) fn file(&self, name: &str, lines: &[Value]) -> PathBuf {
        let path = self.files.path().join(name);
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        path
    }

    pub(crate) async fn verify(&self) -> Report {
        self.verify_with(&Evidence { now: Some(self.now()), ..Evidence::default() }).await
    }

    pub(crate) async fn verify_with(&self, evidence: &Evidence) -> Report {
        verify(self.store.as_ref(), evidence).await.unwrap()
    }

    /// Seals the audit log; its head, as someone outside would keep it.
    pub(crate) async fn head(&self) -> AuditHead {
        self.store.seal_audit(self.now()).await.unwrap();
        let Seal { number, hash, .. } = self.store.audit_head().await.unwrap().unwrap();
        AuditHead { number, hash }
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn damage(&self, statement: &str) {
        assert!(self.tear(statement).await > 0, "nothing was damaged");
    }

    /// As [`Self::damage`], also if it changes no row; how many it does.
    pub(crate) async fn tear(&self, statement: &str) -> u64 {
        let statement = AssertSqlSafe(statement.to_owned());
        match self.place.file() {
            Ok(file) => {
                let address = format!("sqlite://{}", file.display());
                let mut hand = SqliteConnection::connect(&address).await.unwrap();
                sqlx::query(statement).execute(&mut hand).await.unwrap().rows_affected()
            }
            Err(address) => {
                let mut hand = PgConnection::connect(address).await.unwrap();
                sqlx::query(statement).execute(&mut hand).await.unwrap().rows_affected()
            }
        }
    }

    /// Gives an instance another history that folds to its state, as if it had happened.
    pub(crate) async fn rewrite(&self, id: InstanceId, change: impl FnOnce(&mut Vec<Record>)) {
        let mut records = self.records(id).await;
        change(&mut records);
        let mut state = Instance::new();
        self.damage(&format!("DELETE FROM records WHERE instance = {}", id.number())).await;
        for (number, record) in (0..).zip(&mut records) {
            record.sequence = number;
            state.apply(record).unwrap();
            self.add_record(id, number, &serde_json::to_value(&*record).unwrap()).await;
        }
        self.set_state(id, &serde_json::to_value(&state).unwrap()).await;
    }

    pub(crate) async fn add_record(&self, id: InstanceId, number: u64, body: &Value) {
        let (id, slot, body) = (id.number(), slot(id), quoted(body));
        self.damage(&format!(
            "INSERT INTO records (slot, instance, sequence, node, body) VALUES ({slot}, {id}, {number}, 0, {body})"
        ))
        .await;
    }

    /// Writes a state and the columns beside it.
    pub(crate) async fn set_state(&self, id: InstanceId, state: &Value) {
        let outcome = state["outcome"].as_str().map_or("NULL".to_owned(), |it| format!("'{it}'"));
        let (status, sequence) = (state["status"].as_str().unwrap(), &state["sequence"]);
        self.damage(&format!(
            "UPDATE instances SET state = {}, status = '{status}', outcome = {outcome}, sequence = {sequence} WHERE id = {}",
            quoted(state),
            id.number()
        ))
        .await;
    }
}

pub(crate) fn slot(id: InstanceId) -> i64 {
    id.number() % 1_024
}

pub(crate) fn quoted(value: &Value) -> String {
    format!("'{}'", value.to_string().replace('\'', "''"))
}

/// What was found of an invariant.
pub(crate) fn found(report: &Report, invariant: Invariant) -> (u64, &[String]) {
    match report.outcome(invariant).unwrap() {
        Outcome::Checked { violations, examples, .. } => (*violations, examples),
        Outcome::NotChecked { .. } => (0, &[]),
    }
}

/// Exactly this invariant is violated, once, and what names it is told.
pub(crate) fn assert_found(report: &Report, invariant: Invariant, named: &str) {
    assert_told(report, invariant, named);
    assert_eq!(found(report, invariant).0, 1, "{report}");
}

/// Exactly this invariant is violated, and each sentence names it.
pub(crate) fn assert_told(report: &Report, invariant: Invariant, named: &str) {
    for other in Invariant::ALL {
        let (violations, examples) = found(report, other);
        assert_eq!(violations > 0, other == invariant, "{other:?}\n{report}");
        assert!(examples.iter().all(|sentence| sentence.contains(named)), "{named}\n{report}");
    }
}
