//! W1 on servers that share a PostgreSQL: whether a journey costs them the same however many they are.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::Result;
use tests::cluster::Cluster;

use crate::figure::{Figure, Report, median};
use crate::process;
use crate::w1;

const PART: &str = "W1 on several servers";
/// As many for each server: a server that is added brings its work with it.
const CLIENTS_EACH: usize = 16;
/// All in all, however many servers share them.
const CLIENTS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);

/// Measures one server and three, each on a workspace of its own; the clients ask them in turn.
pub(crate) async fn measure(report: &mut Report, rounds: u32, seconds: u64) -> Result<()> {
    let mut alone: Option<f64> = None;
    for count in [1, 3] {
        let cluster = Cluster::of(count).await?;
        cluster.stage.publish("w1").await?;
        let numbers = Arc::new(AtomicU64::new(0));
        let mut cost = async |clients: usize| {
            round(&cluster, clients, &numbers, WARM_UP).await?;
            let mut costs = Vec::new();
            for _ in 0..rounds {
                costs.push(round(&cluster, clients, &numbers, Duration::from_secs(seconds)).await?);
            }
            let name =
                format!("CPU of all servers per journey, servers: {count}, clients: {clients}");
            report.add(Figure::new(PART, name, "ms", costs.clone()));
            anyhow::Ok(median(&costs))
        };
        let costs = cost(CLIENTS_EACH * count).await?;
        let Some(alone) = alone.replace(costs) else { continue };
        let shared = cost(CLIENTS).await?;
        let named = |clients: usize, costs: f64| {
            let name = format!("servers: {count}, clients: {clients}, by one with {CLIENTS_EACH}");
            Figure::new(PART, name, "×", vec![costs / alone])
        };
        report.add(named(CLIENTS_EACH * count, costs).at_most(1.2));
        report.add(named(CLIENTS, shared));
    }
    Ok(())
}

/// CPU milliseconds of all servers for a journey, over a while.
async fn round(
    cluster: &Cluster,
    clients: usize,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> Result<f64> {
    let before = spent(cluster)?;
    let load = w1::round_on(&cluster.strangers()?, clients, numbers, time).await?;
    Ok((spent(cluster)? - before) * 1000.0 / load.count())
}

/// CPU seconds of all servers until now.
fn spent(cluster: &Cluster) -> Result<f64> {
    cluster.ids().into_iter().map(process::cpu_seconds).sum()
}
