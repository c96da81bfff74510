//! A server that ends itself before and after everything that crosses to a disk, a database or another system loses nothing and does nothing twice.

mod deeds;
mod drawings;
mod life;
mod lines;
mod people;
mod planning;
mod running;

use anyhow::{Result, ensure};
use deeds::Deed;
use life::Life;
use std::collections::BTreeMap;

/// How often each place is deadly, in the suite and when nothing else is asked for.
const DEATHS: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_at_any_failpoint_loses_nothing() -> Result<()> {
    dies_everywhere(Life::begin(&[]).await?, "SQLite").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_at_any_failpoint_loses_nothing_on_postgres() -> Result<()> {
    let environment = [("WAYMARK_DATABASE_URL", scratch::database().await)];
    dies_everywhere(Life::begin(&environment).await?, "PostgreSQL").await
}

async fn dies_everywhere(mut life: Life, database: &str) -> Result<()> {
    let mut places: BTreeMap<String, Deed> = BTreeMap::new();
    for deed in Deed::ALL {
        for place in life.reached_by(deed).await? {
            places.entry(place).or_insert(deed);
        }
    }
    let never = life.never_reached(&places);
    ensure!(never.is_empty(), "no deed reaches these: {never:#?}");
    let rounds = deaths();
    for round in 0..rounds {
        for (place, deed) in &places {
            // Another one of the times that a place is reached.
            life.die_at(place, 1 + round % 3, *deed).await?;
        }
    }
    let judged = life.end().await?;
    println!("figure: places to die at, {database}: {}", places.len());
    println!("figure: deaths at them, {database}: {}", places.len() as u64 * rounds);
    println!("figure: acknowledged meanwhile, none lost, {database}: {}", judged.acknowledged);
    println!("figure: effects outside, none twice, {database}: {}", judged.effects);
    Ok(())
}

fn deaths() -> u64 {
    let asked = std::env::var("WAYMARK_TEST_DEATHS").ok();
    asked.and_then(|deaths| deaths.parse().ok()).unwrap_or(DEATHS)
}
