//! A long shift in which much goes wrong: nothing is lost, and no server grows by it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tests::cluster::{Cluster, LEASE_S, signal};
use tests::load::Load;
use tests::postgres::Postgres;
use tests::stage::Stage;
use tests::wire::{State, Wire};
use tokio::time::{Instant, sleep};

/// How long a trouble lasts, and how long all is well after it.
const TURN: Duration = Duration::from_millis(700);

/// Longer than the lease of a server, so that the other one takes over what it holds.
const AWAY: Duration = Duration::from_secs(LEASE_S + 1);

/// How long it may take until clients are served again.
const RECOVERY: Duration = Duration::from_mins(1);

/// What memory may differ by between two quiet moments of one server, in MiB: what is left to fill of its caches, and pages its allocator keeps.
const MEMORY: f64 = 32.0;

/// What the log of an SQLite database, which is written over and over, may come to, in bytes.
const LOG: u64 = 64 << 20;

/// For how long each shift lasts: two rounds in the suite.
fn shift() -> Duration {
    let asked = std::env::var("WAYMARK_TEST_SOAK_S").ok();
    Duration::from_secs(asked.and_then(|seconds| seconds.parse().ok()).unwrap_or(0))
}

/// What a server has of the machine.
#[derive(Clone, Copy, Debug)]
struct Held {
    memory_mib: f64,
    files: f64,
}

/// What each server held at the end of each round.
#[derive(Default)]
struct Seen(Vec<Vec<Held>>);

impl Held {
    async fn by(server: &str) -> Result<Self> {
        let figures = reqwest::get(format!("{server}/metrics")).await?.text().await?;
        let figure = |name: &str| {
            let line = figures.lines().find_map(|line| line.strip_prefix(name));
            let value = line.with_context(|| format!("no {name} in {figures}"))?;
            value.trim().parse::<f64>().context("a figure is a number")
        };
        let memory_mib = figure("process_resident_memory_bytes ")? / f64::from(1 << 20);
        Ok(Self { memory_mib, files: figure("process_open_fds ")? })
    }
}

impl Seen {
    async fn look(&mut self, servers: &[&str]) -> Result<()> {
        let mut round = Vec::new();
        for server in servers {
            round.push(Held::by(server).await?);
        }
        self.0.push(round);
        Ok(())
    }

    /// The last quarter of the rounds has no more than the one before it: until then the caches fill, such as that of instances whose calls
    /// are out. Of few rounds it is the halves.
    fn has_not_grown(&self, database: &str) -> Result<()> {
        let warm = if self.0.len() < 8 { 0 } else { self.0.len() / 2 };
        let rounds = &self.0[warm..];
        let middle = rounds.len() / 2;
        let least = |rounds: &[Vec<Held>], server: usize, of: fn(&Held) -> f64| {
            rounds.iter().map(|round| of(&round[server])).fold(f64::INFINITY, f64::min)
        };
        for server in 0..rounds[0].len() {
            let both =
                |of| (least(&rounds[..middle], server, of), least(&rounds[middle..], server, of));
            let (memory, files) = (both(|held| held.memory_mib), both(|held| held.files));
            ensure!(
                memory.1 < memory.0 + MEMORY && files.1 < files.0 + 16.0,
                "it grows: {:?}",
                self.0
            );
            let server = server + 1;
            println!(
                "figure: memory of server {server}, before and at the end, {database}: {:.0} and {:.0} MiB",
                memory.0, memory.1
            );
            println!(
                "figure: open files of it likewise, {database}: {:.0} and {:.0}",
                files.0, files.1
            );
        }
        println!("figure: rounds of troubles, {database}: {}", self.0.len());
        Ok(())
    }
}

/// Until something is acknowledged again, and what has heaped up has had its time.
async fn all_is_well(load: &Load) -> Result<()> {
    let (before, until) = (load.acknowledged().await, Instant::now() + RECOVERY);
    while load.acknowledged().await <= before {
        ensure!(Instant::now() < until, "nothing is acknowledged any more");
        sleep(Duration::from_millis(50)).await;
    }
    sleep(TURN).await;
    Ok(())
}

/// The systems that journeys call are slow, and then take few calls.
async fn trouble_outside(stage: &Stage, load: &Load) -> Result<()> {
    stage.mock.slow_down(Duration::from_millis(700)).await?;
    sleep(TURN).await;
    stage.mock.limit(30).await?;
    sleep(TURN).await;
    stage.mock.slow_down(Duration::ZERO).await?;
    all_is_well(load).await
}

/// A server stands still for longer than its lease.
async fn standstill(server: u32, load: &Load) -> Result<()> {
    signal(server, Signal::STOP)?;
    sleep(AWAY).await;
    signal(server, Signal::CONT)?;
    all_is_well(load).await
}

async fn ends_well(load: Load, stage: &Stage, seen: &Seen, database: &str) -> Result<()> {
    let ledger = load.end().await?;
    ledger.holds(stage).await?;
    seen.has_not_grown(database)?;
    let starts = ledger.acknowledged.len();
    println!(
        "figure: starts acknowledged in a long shift, none lost or stuck, {database}: {starts}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_sqlite_outlives_a_long_shift_as_it_was() -> Result<()> {
    let stage = Stage::set().await?;
    stage.publish("w1").await?;
    let load = Load::begin(&[stage.server.stranger()?], 2);
    let (mut seen, end) = (Seen::default(), Instant::now() + shift());
    while Instant::now() < end || seen.0.len() < 2 {
        trouble_outside(&stage, &load).await?;
        standstill(stage.server.id(), &load).await?;
        seen.look(&[stage.server.url()]).await?;
        let log = std::fs::metadata(stage.server.data().join("waymark.sqlite-wal"))?.len();
        ensure!(log < LOG, "the log of the database has {log} bytes");
    }
    ends_well(load, &stage, &seen, "SQLite").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_postgres_outlive_a_long_shift_as_they_were() -> Result<()> {
    let database = Postgres::start()?;
    let wire = Wire::to(database.port()).await?;
    let lease = ("WAYMARK_NODE_LEASE", LEASE_S.to_string());
    let address = ("WAYMARK_DATABASE_URL", database.address_through(wire.port()));
    let stage = Stage::set_in(&[address, lease]).await?;
    stage.publish("w1").await?;
    let cluster = Cluster::beside(stage, &database.address()).await?;
    let (stage, other) = (&cluster.stage, &cluster.others[0]);
    let load = Load::begin(&cluster.strangers()?, 1);
    let (mut seen, end) = (Seen::default(), Instant::now() + shift());
    while Instant::now() < end || seen.0.len() < 2 {
        trouble_outside(stage, &load).await?;
        for server in cluster.ids() {
            standstill(server, &load).await?;
        }
        for state in [State::Silent, State::Cut] {
            wire.set(state);
            sleep(AWAY).await;
            wire.set(State::Whole);
            all_is_well(&load).await?;
        }
        database.crash()?;
        all_is_well(&load).await?;
        cluster.until_serving(2).await?;
        seen.look(&[stage.server.url(), other.url()]).await?;
    }
    ends_well(load, stage, &seen, "PostgreSQL").await
}
