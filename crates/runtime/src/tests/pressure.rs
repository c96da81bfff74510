//! Connections that hang, fail, are slow or want to be left alone, and backlogs: what they hold up and what they do not.

use super::*;
use crate::{Breaker, Health};
use journey::effect::Call;
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Slot,
    commits::{Commit, EntryRule, Guard},
    connectors::{NewConnection, Pace},
    directory::Made,
    instances::Life,
    nodes::NewNode,
    work::{Job, Lane, NewWork},
};

/// How the other sides of connections behave; well unless it says otherwise.
#[derive(Default)]
struct World {
    moods: Mutex<BTreeMap<String, Mood>>,
    seen: Mutex<Vec<CallRequest>>,
}

#[derive(Clone, Copy)]
enum Mood {
    Hangs,
    Fails,
    Slow,
    Refuses,
    /// Asks, so many calls long, to be left alone for a minute.
    Busy(u32),
}

#[async_trait]
impl Perform for World {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        let mood = {
            self.seen.lock().unwrap().push(request.clone());
            let mut moods = self.moods.lock().unwrap();
            let mood = moods.get(&request.connection).copied();
            if let Some(Mood::Busy(calls)) = mood {
                moods.insert(request.connection, Mood::Busy(calls.saturating_sub(1)));
            }
            mood
        };
        match mood {
            Some(Mood::Hangs) => std::future::pending().await,
            Some(Mood::Fails) => fails(FailureKind::Transient),
            Some(Mood::Refuses) => fails(FailureKind::Permanent),
            Some(Mood::Busy(1..)) => fails(FailureKind::RateLimited)
                .map_err(|failure| Failure { retry_after_ms: Some(60_000), ..failure }),
            Some(Mood::Slow) => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(json!({ "ok": true }))
            }
            Some(Mood::Busy(0)) | None => Ok(json!({ "ok": true })),
        }
    }

    async fn send(&self, _: Mail) -> Result<(), Failure> {
        Ok(())
    }
}

impl World {
    fn is(&self, connection: &str, mood: Mood) {
        self.moods.lock().unwrap().insert(connection.to_owned(), mood);
    }

    fn is_well(&self, connection: &str) {
        self.moods.lock().unwrap().remove(connection);
    }

    fn calls(&self, connection: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|call| call.connection == connection).count()
    }
}

/// As [`draft`], through another connection; a call may take a second.
fn through(connection: &str) -> Draft {
    let mut through = draft();
    through.name = format!("Through {connection}");
    let action = through.nodes.iter_mut().find(|node| node.id == "upsert").unwrap();
    action.settings["connection"] = json!(connection);
    action.settings["timeout"] = json!("PT1S");
    action.settings["retry"] = json!({ "attempts": 5, "backoff": "PT1S", "max": "PT5M" });
    through
}

struct Town {
    house: House,
    world: Arc<World>,
}

impl Town {
    async fn new() -> Self {
        let world = Arc::new(World::default());
        let place = Place::chosen().await;
        let store = place.open(1).await;
        let journey = publish(store.as_ref(), &through("crm")).await;
        let clock = ManualClock::new(START);
        let performer = Arc::clone(&world) as _;
        let runtime = Runtime::start(
            Arc::clone(&store),
            performer,
            Arc::new(clock.clone()),
            NewNode::alone(),
        )
        .await
        .unwrap();
        Self { house: House { runtime, store, clock, journey, place }, world }
    }

    async fn journey(&self, connection: &str) -> JourneyId {
        publish(self.house.store.as_ref(), &through(connection)).await
    }

    async fn start(&self, journey: JourneyId, instances: u32) -> Vec<InstanceId> {
        let mut starting = tokio::task::JoinSet::new();
        for id in 0..instances {
            let (runtime, request) = (self.house.runtime.clone(), request(journey, id));
            starting.spawn(async move { runtime.start_instance(request).await.unwrap().instance });
        }
        starting.join_all().await
    }

    async fn are_at_rest(&self, instances: &[InstanceId]) {
        for instance in instances {
            let rest = self.house.runtime.wait_for_rest(*instance, PATIENCE).await.unwrap();
            assert!(rest.is_some_and(|at| at.is_at_rest && at.status == Status::Running));
        }
    }

    fn health(&self, connection: &str) -> Option<Health> {
        self.house.runtime.connections().get(connection).copied()
    }

    fn breaker(&self, connection: &str) -> Breaker {
        self.health(connection).map_or(Breaker::Closed, |health| health.breaker)
    }

    /// Nothing more comes of the present moment: the loops had time, several times over, to do what they would.
    async fn settles(&self) {
        let mut before = None;
        loop {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let now = Some((self.world.seen.lock().unwrap().len(), self.house.runtime.jobs()));
            if before == now {
                return;
            }
            before = now;
        }
    }
}

async fn connect(
    store: &dyn Store,
    calls_at_once: u32,
    calls_per_second: Option<f64>,
) -> NewConnection {
    let (name, connector) = ("crm".to_owned(), "crm".to_owned());
    let pace = Pace { calls_at_once, calls_per_second };
    let connection = NewConnection { name, connector, pace, ..NewConnection::default() };
    let made = store.create_connection(&connection, START).await.unwrap();
    assert!(matches!(made, Made::Made(_)));
    connection
}

#[tokio::test]
async fn others_go_on_beside_a_connection_that_hangs_one_that_fails_and_one_that_is_slow() {
    let town = Town::new().await;
    let mut held_up = Vec::new();
    for (connection, mood) in [("hung", Mood::Hangs), ("down", Mood::Fails), ("slow", Mood::Slow)] {
        town.world.is(connection, mood);
        held_up.push(town.start(town.journey(connection).await, 300).await);
    }
    let well = town.start(town.house.journey, 100).await;
    town.are_at_rest(&well).await;
    assert_eq!(town.world.calls("crm"), 100);
    town.are_at_rest(&held_up[2]).await;
    town.house.until(async || matches!(town.breaker("hung"), Breaker::Open { .. })).await;
    town.settles().await;
    assert!(matches!(town.breaker("down"), Breaker::Open { .. }));
    assert_eq!((town.breaker("slow"), town.breaker("crm")), (Breaker::Closed, Breaker::Closed));
    assert!(town.world.calls("hung") <= 128 && town.world.calls("down") <= 128);
    let backlog = town.house.store.backlog(START, 1_000).await.unwrap();
    assert!(backlog["call"].waiting >= 300, "they wait in the store: {backlog:?}");
}

#[tokio::test]
async fn an_outage_of_ten_minutes_is_waited_for_and_then_made_up_for() {
    let town = Town::new().await;
    town.world.is("crm", Mood::Fails);
    let instances = town.start(town.house.journey, 200).await;
    town.house.until(async || matches!(town.breaker("crm"), Breaker::Open { .. })).await;
    for _ in 0..60 {
        town.settles().await;
        town.house.clock.advance(10_000);
    }
    town.settles().await;
    let failed = town.world.calls("crm");
    assert!(failed < 200, "{failed} calls for nothing");
    let now = START.plus(600_000);
    let late = town.house.store.backlog(now, 1_000).await.unwrap()["call"];
    assert_eq!((late.waiting, late.oldest), (200, Some(START)), "how far it is behind is seen");
    let Breaker::Open { since, .. } = town.breaker("crm") else { panic!("it is not over") };
    assert_eq!(since, START);
    town.world.is_well("crm");
    for _ in 0..12 {
        town.house.clock.advance(10_000);
        town.settles().await;
    }
    town.are_at_rest(&instances).await;
    assert_eq!(town.breaker("crm"), Breaker::Closed);
    assert_eq!(town.world.calls("crm"), failed + 200, "each once more");
    assert_eq!(town.house.the_tasks().await.len(), 99, "as many as a page takes");
}

#[tokio::test]
async fn a_refusal_does_not_count_as_an_outage() {
    let town = Town::new().await;
    town.world.is("crm", Mood::Refuses);
    let refused = town.start(town.house.journey, 30).await;
    for instance in &refused {
        town.house.until(async || town.house.status(*instance).await == Status::Incident).await;
    }
    assert_eq!((town.world.calls("crm"), town.breaker("crm")), (30, Breaker::Closed));
    assert_eq!(town.health("crm").unwrap().ended.refused, 30);
}

#[tokio::test]
async fn a_changed_connection_is_asked_again_at_once() {
    let town = Town::new().await;
    let connection = connect(town.house.store.as_ref(), 64, None).await;
    town.world.is("crm", Mood::Fails);
    let instances = town.start(town.house.journey, 100).await;
    town.house.until(async || matches!(town.breaker("crm"), Breaker::Open { .. })).await;
    town.settles().await;
    town.world.is_well("crm");
    let before = town.world.calls("crm");
    town.house.runtime.connections_changed().await.unwrap();
    town.settles().await;
    assert_eq!(town.world.calls("crm"), before, "nothing was changed");
    let id = town.house.store.connection_by_name("crm").await.unwrap().unwrap().id;
    town.house.store.change_connection(id, &connection, START).await.unwrap();
    town.house.runtime.connections_changed().await.unwrap();
    town.house.until(async || town.world.calls("crm") > before).await;
    assert_eq!(town.breaker("crm"), Breaker::Closed);
    town.house.clock.advance(2_000);
    town.are_at_rest(&instances).await;
}

#[tokio::test]
async fn who_wants_to_be_left_alone_is() {
    let town = Town::new().await;
    town.world.is("crm", Mood::Busy(1));
    let first = town.start(town.house.journey, 1).await;
    let is_told = || town.health("crm").is_some_and(|crm| crm.told_to_wait_until.is_some());
    town.house.until(async || is_told()).await;
    let rest = town.start(town.house.journey, 20).await;
    town.settles().await;
    town.house.clock.advance(59_000);
    town.settles().await;
    assert_eq!(town.world.calls("crm"), 1, "nobody calls, and no attempt is used up");
    let until = town.health("crm").unwrap().told_to_wait_until;
    assert_eq!(until, Some(START.plus(60_000)));
    town.house.clock.advance(1_000);
    town.are_at_rest(&rest).await;
    town.are_at_rest(&first).await;
    assert_eq!(town.world.calls("crm"), 22);
    assert_eq!(town.house.count(first[0], "call_retried").await, 0, "it was put off, not refused");
}

/// However often the other side wants to be left alone, nothing fails for it, and after each pause one call asks whether it still does.
#[tokio::test]
async fn a_side_that_is_busy_for_long_refuses_nobody() {
    let town = Town::new().await;
    town.world.is("crm", Mood::Busy(40));
    let instances = town.start(town.house.journey, 20).await;
    for _ in 0..45 {
        town.settles().await;
        town.house.clock.advance(60_000);
    }
    town.are_at_rest(&instances).await;
    let calls = town.world.calls("crm");
    assert_eq!(calls, 60, "each is answered once, and forty times somebody was told to wait");
    for instance in instances {
        assert_eq!(town.house.count(instance, "call_failed").await, 0);
    }
}

#[tokio::test]
async fn calls_go_out_no_faster_and_no_more_at_once_than_the_connection_says() {
    let town = Town::new().await;
    connect(town.house.store.as_ref(), 3, Some(2.0)).await;
    let instances = town.start(town.house.journey, 12).await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        town.settles().await;
        seen.push(town.world.calls("crm"));
        town.house.clock.advance(500);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    assert!(town.health("crm").unwrap().rate_waits > 0);
    town.house.runtime.share(2);
    town.settles().await;
    let before = town.world.calls("crm");
    for _ in 0..4 {
        town.house.clock.advance(500);
        town.settles().await;
    }
    let shared = town.world.calls("crm") - before;
    assert!(shared <= 3, "half as fast, beside another server: {shared}");
    for _ in 0..20 {
        town.house.clock.advance(500);
        town.settles().await;
    }
    town.are_at_rest(&instances).await;
    assert_eq!(town.world.calls("crm"), 12);

    town.world.is("crm", Mood::Hangs);
    town.house.runtime.share(1);
    town.start(town.house.journey, 9).await;
    for _ in 0..20 {
        town.house.clock.advance(100);
        town.settles().await;
    }
    assert!(town.world.calls("crm") <= 15, "three at once");
}

/// How many calls of one account wait before those of others.
fn backlog() -> u32 {
    std::env::var("WAYMARK_TEST_BACKLOG")
        .ok()
        .and_then(|calls| calls.parse().ok())
        .unwrap_or(20_000)
}

/// Calls of one account's instance that are due since long.
async fn a_backlog(store: &dyn Store, journey: JourneyId) -> Lane {
    let mut state = serde_json::to_value(journey::Instance::new()).unwrap();
    (state["sequence"], state["status"]) = (json!(1), json!("running"));
    let record =
        json!({ "sequence": 0, "at": START.0, "fact": "variable_set", "name": "n", "value": 1 });
    let job = Job::Call(Call {
        connection: "crm".to_owned(),
        operation: "hot".to_owned(),
        input: Value::Null,
        timeout_ms: 1_000,
        attempt: 1,
    });
    let (due, instance) = (START.plus(-1_000), store.ids().instance(START, Slot::of("hot")));
    let lane = Lane::of(instance, journey, &job);
    let call = |position: u32| NewWork {
        position: Position(position),
        due,
        job: job.clone(),
        lease: None,
    };
    let commit = Commit {
        instance,
        life: Life {
            journey,
            version: 1,
            account: None,
            parent: None,
            shadow: None,
            started_at: START,
        },
        guard: Guard::New {
            trigger: "begin".to_owned(),
            dedupe_key: None,
            entry: EntryRule::default(),
        },
        state: serde_json::from_value(state).unwrap(),
        records: vec![serde_json::from_value(record).unwrap()],
        work: (1..=backlog()).map(call).collect(),
        done: None,
        left: Vec::new(),
        deaf: Vec::new(),
        tasks: Vec::new(),
        account_fields: serde_json::Map::new(),
        notices: Vec::new(),
        would_have: Vec::new(),
        overlay: serde_json::Map::new(),
        listens: Vec::new(),
        watches_account: false,
        deed: None,
        asked: None,
        cause: None,
        at: START,
    };
    assert_eq!(store.commit(&[commit]).await.unwrap(), [Ok(())]);
    lane
}

#[tokio::test]
async fn a_large_backlog_of_one_account_lets_others_by() {
    let place = Place::chosen().await;
    let store = place.open(1).await;
    let (hot, other) = (through("crm"), through("crm"));
    let hot = publish(store.as_ref(), &hot).await;
    let other = publish(store.as_ref(), &other).await;
    let lane = a_backlog(store.as_ref(), hot).await;
    connect(store.as_ref(), 4, None).await;
    let world = Arc::new(World::default());
    let clock = ManualClock::new(START);
    let performer = Arc::clone(&world) as _;
    let runtime =
        Runtime::start(Arc::clone(&store), performer, Arc::new(clock.clone()), NewNode::alone())
            .await
            .unwrap();
    let town = Town { house: House { runtime, store, clock, journey: hot, place }, world };
    town.house.until(async || town.world.calls("crm") > 40).await;
    let before = town.world.calls("crm");
    let mut beside = town.start(hot, 40).await;
    // Fewer than one in a hundred share a lane with the busy account.
    let busy = town.world.seen.lock().unwrap()[0].clone();
    beside.retain(|one| {
        let CallRequest { connection, operation, input, .. } = busy.clone();
        let call = Call { connection, operation, input, timeout_ms: 1, attempt: 1 };
        Lane::of(*one, hot, &Job::Call(call)) != lane
    });
    let others = [beside, town.start(other, 40).await].concat();
    assert!(others.len() > 75);
    town.are_at_rest(&others).await;
    let seen = town.world.seen.lock().unwrap();
    let keys: BTreeSet<_> = seen.iter().map(|call| &call.idempotency_key).collect();
    assert_eq!(keys.len(), seen.len(), "no call is made twice");
    let last = seen.iter().rposition(|call| others.contains(&call.instance)).unwrap() - before;
    let waiting = backlog();
    assert!(last < 240, "the last of 80 others was call {last}, with {waiting} waiting before it");
    let on = std::env::var("WAYMARK_TEST_STORE").unwrap_or_else(|_| "sqlite".to_owned());
    println!(
        "figure: calls after which 80 of others were out, {waiting} of one account waiting before them, {on}: {last}"
    );
}
