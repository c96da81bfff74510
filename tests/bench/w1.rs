//! W1, webhook onboarding: one request starts ten steps, two of them connector calls, and is answered when the task is durably there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::crm;
use tests::server::Client;
use tests::stage::Stage;
use tokio::time::Instant;

use crate::clients::{Load, ask};
use crate::database::Cluster;
use crate::figure::{Figure, Report, as_float};
use crate::process;

/// Where the workspace is kept.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    /// In a file, by the server itself.
    File,
    /// In PostgreSQL, whose CPU is counted apart.
    Postgres,
}

impl Kept {
    fn part(self) -> &'static str {
        match self {
            Self::File => "W1",
            Self::Postgres => "W1 on PostgreSQL",
        }
    }

    /// The most that a journey should cost the server, in milliseconds.
    fn target(self) -> f64 {
        match self {
            Self::File => 0.25,
            Self::Postgres => 0.35,
        }
    }

    pub(crate) async fn stage(self) -> Result<Stage> {
        match self {
            Self::File => Stage::set().await,
            Self::Postgres => Stage::set_on_postgres().await,
        }
    }
}
/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(2);

/// The values of all rounds with one number of clients.
#[derive(Default)]
struct Rounds {
    cpu: Vec<f64>,
    database: Vec<f64>,
    transactions: Vec<f64>,
    rate: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

/// Measures W1 with 16 and with 64 clients, each on a workspace of its own.
pub(crate) async fn measure(
    report: &mut Report,
    rounds: u32,
    seconds: u64,
    kept: Kept,
) -> Result<()> {
    for clients in [16, 64] {
        let stage = kept.stage().await?;
        stage.publish("w1").await?;
        let cluster = match kept {
            Kept::File => None,
            Kept::Postgres => Some(Cluster::of(stage.server.database_url()).await?),
        };
        let before = process::bytes_in(stage.server.data())?;
        let numbers = Arc::new(AtomicU64::new(0));
        let mut keys = round(&stage, clients, &numbers, WARM_UP).await?.answers;
        let mut measured = Rounds::default();
        for _ in 0..rounds {
            let spent = Spent::so_far(&stage, cluster.as_ref()).await?;
            let load = round(&stage, clients, &numbers, Duration::from_secs(seconds)).await?;
            let now = Spent::so_far(&stage, cluster.as_ref()).await?;
            measured.cpu.push((now.server - spent.server) * 1000.0 / load.count());
            measured.database.push((now.database - spent.database) * 1000.0 / load.count());
            measured.transactions.push((now.transactions - spent.transactions) / load.count());
            measured.rate.push(load.rate());
            measured.p50.push(load.latency(0.5));
            measured.p99.push(load.latency(0.99));
            keys.extend(load.answers);
        }
        let bytes = process::bytes_in(stage.server.data())? - before;
        let mut add = |figure: Figure| report.add(figure);
        let figure = |what: &str, unit, values| {
            Figure::new(kept.part(), format!("{what}, {clients} clients"), unit, values)
        };
        let cpu = figure("CPU of the server per journey", "ms", measured.cpu);
        add(cpu.at_most(kept.target()));
        if cluster.is_some() {
            add(figure("CPU of the database per journey", "ms", measured.database));
        }
        add(figure("transactions per journey", "", measured.transactions));
        add(figure("journeys per second", "1/s", measured.rate));
        add(figure("latency, median", "ms", measured.p50));
        add(figure("latency, 99th percentile", "ms", measured.p99));
        let resident = process::resident_mib(stage.server.id(), "VmHWM")?;
        add(figure("resident at its highest", "MiB", vec![resident]));
        if cluster.is_none() {
            let bytes = as_float(bytes) / as_float(keys.len() as u64);
            add(figure("disk per journey", "bytes", vec![bytes]));
        }
        let (lost, twice) = wrong(&stage, &keys).await?;
        add(figure("lost", "journeys", vec![as_float(lost)]).at_most(0.0));
        add(figure("called twice in effect", "calls", vec![as_float(twice)]).at_most(0.0));
    }
    Ok(())
}

/// What the server and its database have used until now.
struct Spent {
    /// CPU seconds.
    server: f64,
    /// CPU seconds.
    database: f64,
    transactions: f64,
}

impl Spent {
    async fn so_far(stage: &Stage, cluster: Option<&Cluster>) -> Result<Self> {
        Ok(Self {
            server: process::cpu_seconds(stage.server.id())?,
            database: cluster.map(Cluster::cpu_seconds).transpose()?.unwrap_or_default(),
            transactions: transactions(stage).await?,
        })
    }
}

/// Transactions that the server has written for instances.
async fn transactions(stage: &Stage) -> Result<f64> {
    let answer = reqwest::get(format!("{}/metrics", stage.server.url())).await?;
    let text = answer.error_for_status()?.text().await?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("waymark_instance_transactions_total "));
    Ok(line.context("the server counts its transactions")?.trim().parse()?)
}

/// Starts journeys for a while; gives the keys of those that stood at their task when the answer came.
pub(crate) async fn round(
    stage: &Stage,
    clients: usize,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> Result<Load<String>> {
    round_on(&[stage.server.stranger()?], clients, numbers, time).await
}

/// As [`round`], on several servers in turn.
pub(crate) async fn round_on(
    servers: &[Client],
    clients: usize,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> Result<Load<String>> {
    let (numbers, until, servers) = (numbers.clone(), Instant::now() + time, servers.to_vec());
    let turns = AtomicUsize::new(0);
    let next = move || {
        (Instant::now() < until).then(|| format!("j{}", numbers.fetch_add(1, Ordering::Relaxed)))
    };
    let answer = move |key| {
        let turn = turns.fetch_add(1, Ordering::Relaxed) % servers.len();
        start(servers[turn].clone(), key)
    };
    ask(clients, next, answer).await
}

pub(crate) async fn start(client: Client, key: String) -> Result<String> {
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
pub(crate) async fn wrong(stage: &Stage, keys: &[String]) -> Result<(u64, u64)> {
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
