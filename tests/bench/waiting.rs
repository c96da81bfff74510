//! W2: instances that wait for one instant and then make one call each: what they cost while they wait, how soon they are called, and
//! whether W1 costs the same beside them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use journey::Timestamp;
use serde_json::json;
use store::Store;
use tests::server::Client;
use tests::stage::Stage;
use tokio::time::{Instant, sleep};

use crate::database;
use crate::drafts;
use crate::figure::{Figure, Report, as_float, median};
use crate::process;
use crate::stock::{self, Mould};
use crate::w1::{self, Kept};

/// How many wait; the first is what growth is measured from.
const STOCKS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// How many are due at the same instant.
const DUE: u32 = 10_000;
/// How long before that instant the server is started, and how late it may have called them all.
const AHEAD: Duration = Duration::from_secs(8);
const GRACE: Duration = Duration::from_mins(2);
const CLIENTS: usize = 16;
/// Further away than any run is long.
const YEAR_MS: i64 = 365 * 86_400_000;
/// How long a server rests before its memory is read.
const REST: Duration = Duration::from_secs(2);

/// Measures every stock on a workspace of its own; W1 beside it for `rounds` of so many seconds.
pub(crate) async fn measure(
    report: &mut Report,
    rounds: u32,
    seconds: u64,
    kept: Kept,
) -> Result<()> {
    let part = part(kept);
    let mut first: Option<f64> = None;
    for stock in STOCKS {
        let mut waiting = Waiting::set(kept).await?;
        waiting.fill(report, stock).await?;
        waiting.restart_to_first_call(report, stock).await?;
        let resident = process::resident_mib(waiting.stage.server.id(), "VmRSS")?;
        let name = format!("resident at rest, {stock} waiting");
        report.add(Figure::new(part, name, "MiB", vec![resident]).at_most(300.0));
        let cpu = waiting.w1(rounds, seconds).await?;
        let median = median(&cpu);
        let name = format!("CPU of the server per W1 journey, {CLIENTS} clients, {stock} waiting");
        report.add(Figure::new(part, name, "ms", cpu));
        match first {
            None => first = Some(median),
            Some(cpu) => {
                let name = format!("the same by that with {} waiting", STOCKS[0]);
                report.add(Figure::new(part, name, "×", vec![median / cpu]).at_most(1.2));
            }
        }
        waiting.due_at_once(report, stock).await?;
    }
    Ok(())
}

fn part(kept: Kept) -> &'static str {
    match kept {
        Kept::File => "W2",
        Kept::Postgres => "W2 on PostgreSQL",
    }
}

/// A workspace with the journey that waits and the one that is measured beside it.
struct Waiting {
    kept: Kept,
    stage: Stage,
    mould: Mould,
    mock: Client,
    made: u32,
}

impl Waiting {
    async fn set(kept: Kept) -> Result<Self> {
        let stage = kept.stage().await?;
        stage.publish("w1").await?;
        let mould = Mould::publish(&stage, &drafts::waiting()?).await?;
        let mock = Client::new(stage.mock.url())?;
        Ok(Self { kept, stage, mould, mock, made: 0 })
    }

    /// Writes the stock while the server is down, as the server itself would.
    async fn fill(&mut self, report: &mut Report, stock: u32) -> Result<()> {
        let part = part(self.kept);
        self.stage.server.stop().await?;
        let before = self.bytes().await?;
        let begin = Instant::now();
        let now = process::now();
        self.write(stock, now.plus(YEAR_MS)).await?;
        let took = begin.elapsed().as_secs_f64();
        let bytes = self.bytes().await? - before;
        let name = format!("disk per waiting instance, {stock} waiting");
        let bytes = as_float(bytes) / f64::from(stock);
        report.add(Figure::new(part, name, "bytes", vec![bytes]).at_most(1024.0));
        let name = format!("waiting instances written per second by the store, {stock}");
        report.add(Figure::new(part, name, "1/s", vec![f64::from(stock) / took]));
        // One is due, to see how soon it is called.
        self.write(1, now).await
    }

    /// What the workspace takes on the disk.
    async fn bytes(&self) -> Result<u64> {
        match self.kept {
            Kept::File => process::bytes_in(self.stage.server.data()),
            Kept::Postgres => database::bytes(self.stage.server.database_url()).await,
        }
    }

    /// Instances that wait until `due`.
    async fn write(&mut self, count: u32, due: Timestamp) -> Result<()> {
        let store = stock::open(&self.stage, self.kept, 7 + u64::from(self.made)).await?;
        let (made, now, at) = (self.made, process::now(), due.to_rfc3339());
        self.made += count;
        stock::write(&store, count, |number| {
            let input = json!({ "id": format!("w{}", made + number), "at": at });
            self.mould.begin(&store, input, None, now)
        })
        .await?;
        store.close().await;
        Ok(())
    }

    async fn restart_to_first_call(&mut self, report: &mut Report, stock: u32) -> Result<()> {
        let part = part(self.kept);
        let begin = Instant::now();
        self.stage.server.restart().await?;
        self.called(1).await?;
        let took = begin.elapsed().as_secs_f64();
        let name = format!("start of the server to its first call, {stock} waiting");
        report.add(Figure::new(part, name, "s", vec![took]).at_most(2.0));
        sleep(REST).await;
        Ok(())
    }

    async fn w1(&self, rounds: u32, seconds: u64) -> Result<Vec<f64>> {
        let numbers = Arc::new(AtomicU64::new(0));
        w1::round(&self.stage, CLIENTS, &numbers, REST).await?;
        let mut cpu = Vec::new();
        for _ in 0..rounds {
            let spent = process::cpu_seconds(self.stage.server.id())?;
            let time = Duration::from_secs(seconds);
            let load = w1::round(&self.stage, CLIENTS, &numbers, time).await?;
            let spent = process::cpu_seconds(self.stage.server.id())? - spent;
            cpu.push(spent * 1000.0 / load.count());
        }
        Ok(cpu)
    }

    async fn due_at_once(&mut self, report: &mut Report, stock: u32) -> Result<()> {
        let part = part(self.kept);
        self.stage.server.stop().await?;
        let ahead_ms = i64::try_from(AHEAD.as_millis())?;
        // Writing them takes its time as well.
        let due = process::now().plus(ahead_ms + i64::from(DUE) / 4);
        self.write(DUE, due).await?;
        self.mock.delete("/calls").await?.expect(204)?;
        self.stage.server.restart().await?;
        ensure!(process::now() < due, "the machine was too slow: they are due already");
        self.called(u64::from(DUE)).await?;
        let late = Duration::from_millis(u64::try_from(process::now().0 - due.0)?);
        let name = format!("{DUE} due at once, until the last was called, {stock} waiting");
        report.add(Figure::new(part, name, "s", vec![late.as_secs_f64()]).at_most(2.0));
        Ok(())
    }

    /// Waits until the CRM has been called so often.
    async fn called(&self, calls: u64) -> Result<()> {
        let until = Instant::now() + AHEAD + GRACE;
        let path = format!("/calls?limit=1&after={}", calls - 1);
        while Instant::now() < until {
            let answer = self.mock.get(&path).await?.expect(200)?;
            if answer["items"].as_array().context("the mock lists its calls")?.len() == 1 {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        bail!("fewer than {calls} calls after {GRACE:?}:\n{}", self.stage.server.log())
    }
}
