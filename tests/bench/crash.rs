//! W4: the server is ended between two instructions while clients start journeys, and started again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tests::crm;
use tests::server::Client;
use tests::stage::Stage;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::figure::{Figure, Report, as_float};
use crate::w1::{self, Kept};

const CLIENTS: usize = 16;
/// How long the clients ask before the end.
const ASKED: Duration = Duration::from_secs(10);
/// For so long no call arrives before everything counts as done.
const QUIET: Duration = Duration::from_secs(4);

/// Measures what is lost, stuck and done twice, each round on a workspace of its own.
pub(crate) async fn measure(report: &mut Report, rounds: u32, kept: Kept) -> Result<()> {
    let part = match kept {
        Kept::File => "W4",
        Kept::Postgres => "W4 on PostgreSQL",
    };
    let (mut lost, mut stuck, mut twice) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut stage = kept.stage().await?;
        stage.publish("w1").await?;
        let mut asking = ask(&stage)?;
        sleep(ASKED).await;
        stage.server.kill()?;
        let mut acknowledged = Vec::new();
        while let Some(keys) = asking.join_next().await {
            acknowledged.extend(keys?);
        }
        stage.server.restart().await?;
        settle(&stage).await?;
        let (missing, repeated) = w1::wrong(&stage, &acknowledged).await?;
        lost.push(as_float(missing));
        twice.push(as_float(repeated));
        stuck.push(as_float(unfinished(&stage).await?));
    }
    let add = |report: &mut Report, what, unit, values| {
        report.add(Figure::new(part, what, unit, values).at_most(0.0));
    };
    add(report, "acknowledged journeys lost after kill -9", "journeys", lost);
    add(report, "journeys stuck after the restart", "journeys", stuck);
    add(report, "calls that had their effect twice", "calls", twice);
    Ok(())
}

/// Clients that start journeys until the server is gone; each gives the keys of those it was told of.
fn ask(stage: &Stage) -> Result<JoinSet<Vec<String>>> {
    let (client, numbers) = (stage.server.stranger()?, Arc::new(AtomicU64::new(0)));
    let mut asking = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, numbers) = (client.clone(), Arc::clone(&numbers));
        asking.spawn(async move {
            let mut acknowledged = Vec::new();
            loop {
                let key = format!("j{}", numbers.fetch_add(1, Ordering::Relaxed));
                match w1::start(client.clone(), key).await {
                    Ok(key) => acknowledged.push(key),
                    Err(_) => return acknowledged,
                }
            }
        });
    }
    Ok(asking)
}

/// Waits until no call has arrived for a while.
async fn settle(stage: &Stage) -> Result<()> {
    let mock = Client::new(stage.mock.url())?;
    let mut seen = None;
    loop {
        let effects = mock.get("/counts").await?.expect(200)?;
        let now = effects["items"].as_array().context("the mock lists its counts")?.len();
        if seen == Some(now) {
            return Ok(());
        }
        seen = Some(now);
        sleep(QUIET).await;
    }
}

/// How many instances there are beyond those whose last call has arrived.
async fn unfinished(stage: &Stage) -> Result<u64> {
    let effects = crm::effects(&stage.mock).await?;
    let noted: BTreeSet<&str> = effects
        .keys()
        .filter(|(operation, _)| operation == "note")
        .map(|(_, id)| id.as_str())
        .collect();
    let (mut instances, mut cursor) = (0, String::new());
    loop {
        let page = stage.admin.get(&format!("/api/v1/instances?limit=500{cursor}")).await?;
        let page = page.expect(200)?;
        instances += page["items"].as_array().context("a page has items")?.len() as u64;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(instances.saturating_sub(noted.len() as u64)),
        }
    }
}
