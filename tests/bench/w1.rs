//! W1, webhook onboarding: one request starts ten steps, six automatic, two connector calls and a task, and is answered when the task is durably there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::crm;
use tests::server::Client;
use tests::stage::Stage;
use tokio::time::Instant;

use crate::clients::{Load, ask};
use crate::figure::{Figure, Report};
use crate::process;

const PART: &str = "W1";
/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// The values of all rounds with one number of clients.
#[derive(Default)]
struct Rounds {
    cpu: Vec<f64>,
    rate: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

/// Measures W1 with 16 and with 64 clients, each on a workspace of its own.
pub(crate) async fn measure(report: &mut Report, rounds: u32, seconds: u64) -> Result<()> {
    for clients in [16, 64] {
        let stage = Stage::set().await?;
        stage.publish("w1").await?;
        let before = process::bytes_in(stage.server.data())?;
        let numbers = Arc::new(AtomicU64::new(0));
        let mut keys = round(&stage, clients, &numbers, WARM_UP).await?.answers;
        let mut measured = Rounds::default();
        for _ in 0..rounds {
            let cpu = process::cpu_seconds(stage.server.id())?;
            let load = round(&stage, clients, &numbers, Duration::from_secs(seconds)).await?;
            let cpu = process::cpu_seconds(stage.server.id())? - cpu;
            measured.cpu.push(cpu * 1000.0 / load.count());
            measured.rate.push(load.rate());
            measured.p50.push(load.latency(0.5));
            measured.p99.push(load.latency(0.99));
            keys.extend(load.answers);
        }
        add(report, clients, measured);
        let resident = process::resident_mib(stage.server.id(), "VmHWM")?;
        let bytes = process::bytes_in(stage.server.data())? - before;
        report.add(figure(clients, "resident at its highest", "MiB", vec![resident]));
        let bytes = as_float(bytes) / as_float(keys.len() as u64);
        report.add(figure(clients, "disk per journey", "bytes", vec![bytes]));
        let (lost, twice) = wrong(&stage, &keys).await?;
        report.add(figure(clients, "lost", "journeys", vec![as_float(lost)]).at_most(0.0));
        report.add(
            figure(clients, "called twice in effect", "calls", vec![as_float(twice)]).at_most(0.0),
        );
    }
    Ok(())
}

fn add(report: &mut Report, clients: usize, rounds: Rounds) {
    report.add(figure(clients, "CPU of the server per journey", "ms", rounds.cpu).at_most(1.0));
    report.add(figure(clients, "journeys per second", "1/s", rounds.rate));
    report.add(figure(clients, "latency, median", "ms", rounds.p50));
    report.add(figure(clients, "latency, 99th percentile", "ms", rounds.p99));
}

fn figure(clients: usize, what: &str, unit: &'static str, values: Vec<f64>) -> Figure {
    Figure::new(PART, format!("{what}, {clients} clients"), unit, values)
}

/// Starts journeys for a while; gives the keys of those that stood at their task when the answer came.
async fn round(
    stage: &Stage,
    clients: usize,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> Result<Load<String>> {
    let client = stage.server.stranger()?;
    let (numbers, until) = (numbers.clone(), Instant::now() + time);
    let next = move || {
        (Instant::now() < until).then(|| format!("j{}", numbers.fetch_add(1, Ordering::Relaxed)))
    };
    ask(clients, next, move |key| start(client.clone(), key)).await
}

async fn start(client: Client, key: String) -> Result<String> {
    let body = json!({
        "id": key, "segment": "enterprise", "account": " Bench Ltd ", "email": "B@EXAMPLE.COM", "arr": 600,
    });
    let request = client.request(Method::POST, "/hooks/w1").header("prefer", "wait=30").json(&body);
    let answer = client.send(request).await?.expect(200)?;
    let status = &answer["instances"][0]["status"];
    ensure!(status == "running", "{key} is not at its task: {answer}");
    Ok(key)
}

/// How many acknowledged journeys did not reach the CRM, and how many calls had more than one effect.
async fn wrong(stage: &Stage, keys: &[String]) -> Result<(u64, u64)> {
    let effects = crm::effects(&stage.mock).await?;
    let reached = |operation: &str| -> BTreeSet<&str> {
        effects.keys().filter(|(one, _)| one == operation).map(|(_, id)| id.as_str()).collect()
    };
    let (upserted, noted) = (reached("upsert"), reached("note"));
    let lost =
        keys.iter().filter(|key| !upserted.contains(key.as_str()) || !noted.contains(key.as_str()));
    let twice = effects.values().filter(|effects| **effects > 1);
    let open: Value =
        stage.admin.get("/api/v1/instances?status=incident&limit=1").await?.expect(200)?;
    ensure!(open["items"].as_array().is_some_and(Vec::is_empty), "an incident: {open}");
    Ok((lost.count() as u64, twice.count() as u64))
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes far below 2⁵²")]
fn as_float(count: u64) -> f64 {
    count as f64
}
