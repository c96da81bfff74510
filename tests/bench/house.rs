//! W1 without its outside: the runtime and the store in this process, with calls that are answered at once. What W1 costs beyond this is
//! HTTP, connectors, and the wake-ups between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use journey::{Draft, Timestamp, effect::Failure};
use runtime::{CallRequest, Mail, Opener, Perform, Runtime, StartRequest, SystemClock, Which};
use serde_json::{Value, json};
use store::{
    Database, JourneyId, Store,
    journeys::{Mode, NewVersion},
    nodes::NewNode,
};
use tests::stage::example_draft;
use tokio::time::Instant;

use crate::clients::{Load, ask};
use crate::figure::{Figure, Report, as_float};
use crate::process;
use crate::w1::Kept;

const CLIENTS: usize = 16;
/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long a journey may take to its task.
const PATIENCE: Duration = Duration::from_secs(30);

/// A CRM that answers at once.
struct Crm;

#[async_trait]
impl Perform for Crm {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        let health = request.idempotency_key.len() % 100;
        Ok(json!({ "ok": true, "crmId": request.idempotency_key, "health": health }))
    }

    async fn send(&self, _: Mail) -> Result<(), Failure> {
        Ok(())
    }
}

/// Measures for `rounds` of so many seconds.
pub(crate) async fn measure(
    report: &mut Report,
    rounds: u32,
    seconds: u64,
    kept: Kept,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (part, database) = match kept {
        Kept::File => ("house", Database::open(&folder.path().join("house.sqlite"), 1).await?),
        Kept::Postgres => {
            ("house on PostgreSQL", Database::connect(&scratch::database().await, 1).await?)
        }
    };
    let store: Arc<dyn Store> = Arc::new(database);
    let journey = publish(store.as_ref()).await?;
    let runtime =
        Runtime::start(store, Arc::new(Crm), Arc::new(SystemClock::default()), NewNode::alone())
            .await?;
    round(&runtime, journey, WARM_UP).await?;
    let (mut cpu, mut transactions, mut rate) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (spent, written) = (process::cpu_seconds(std::process::id())?, runtime.transactions());
        let load = round(&runtime, journey, Duration::from_secs(seconds)).await?;
        let spent = process::cpu_seconds(std::process::id())? - spent;
        cpu.push(spent * 1000.0 / load.count());
        transactions.push(as_float(runtime.transactions() - written) / load.count());
        rate.push(load.rate());
    }
    let name = format!("CPU of runtime and store per journey, {CLIENTS} clients");
    report.add(Figure::new(part, name, "ms", cpu));
    report.add(Figure::new(part, "transactions per journey", "", transactions));
    report.add(Figure::new(part, "journeys per second", "1/s", rate));
    runtime.shutdown(PATIENCE).await;
    Ok(())
}

async fn publish(store: &dyn Store) -> Result<JourneyId> {
    let draft: Draft = serde_json::from_value(example_draft("w1")?)?;
    let now: Timestamp = process::now();
    let id = store.create_journey(&draft, now).await?;
    let version = NewVersion {
        draft,
        revision: 1,
        mode: Mode::Live,
        note: String::new(),
        by: "bench@example.com".to_owned(),
        review: None,
    };
    store.publish(id, &version, now).await?.context("the journey is there")?;
    Ok(id)
}

async fn round(runtime: &Runtime, journey: JourneyId, time: Duration) -> Result<Load<()>> {
    let (until, numbers) = (Instant::now() + time, Arc::new(AtomicU64::new(0)));
    let next = move || (Instant::now() < until).then(|| numbers.fetch_add(1, Ordering::Relaxed));
    let runtime = runtime.clone();
    ask(CLIENTS, next, move |number| {
        let runtime = runtime.clone();
        async move {
            let request = StartRequest {
                journey,
                version: Which::Live,
                trigger: Some("hook".to_owned()),
                account: None,
                input: json!({
                    "id": format!("j{number}"), "segment": "enterprise", "account": " Bench Ltd ", "email": "B@EXAMPLE.COM", "arr": 600,
                }),
                dedupe_key: None,
                opener: Opener::Hook("w1".to_owned()),
            };
            let started = runtime.start_and_wait(request, PATIENCE).await?;
            let standing = started.standing.context("it came to rest")?;
            ensure!(standing.status == journey::Status::Running, "it is not at its task");
            Ok(())
        }
    })
    .await
}
