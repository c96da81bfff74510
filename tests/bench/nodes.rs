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
const CLIENTS: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);

/// Measures one server and three, each on a workspace of its own; the clients ask them in turn.
pub(crate) async fn measure(report: &mut Report, rounds: u32, seconds: u64) -> Result<()> {
    let mut alone: Option<f64> = None;
    for count in [1, 3] {
        let cluster = Cluster::of(count).await?;
        cluster.stage.publish("w1").await?;
        let (clients, numbers) = (cluster.strangers()?, Arc::new(AtomicU64::new(0)));
        w1::round_on(&clients, CLIENTS, &numbers, WARM_UP).await?;
        let mut cpu = Vec::new();
        for _ in 0..rounds {
            let before = spent(&cluster)?;
            let time = Duration::from_secs(seconds);
            let load = w1::round_on(&clients, CLIENTS, &numbers, time).await?;
            cpu.push((spent(&cluster)? - before) * 1000.0 / load.count());
        }
        let costs = median(&cpu);
        let name = format!("CPU of all servers per journey, {CLIENTS} clients, servers: {count}");
        report.add(Figure::new(PART, name, "ms", cpu));
        match alone {
            None => alone = Some(costs),
            Some(alone) => {
                let name = format!("servers: {count}, by that of one");
                report.add(Figure::new(PART, name, "×", vec![costs / alone]).at_most(1.2));
            }
        }
    }
    Ok(())
}

/// CPU seconds of all servers until now.
fn spent(cluster: &Cluster) -> Result<f64> {
    cluster.ids().into_iter().map(process::cpu_seconds).sum()
}
