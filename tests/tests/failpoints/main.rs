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
use failpoints::Point;
use life::Life;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a place is deadly in the suite.
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
    let rounds = deaths();
    let mut places: BTreeMap<String, Vec<(Duration, Deed)>> = BTreeMap::new();
    for deed in Deed::ALL {
        let (places_of_it, took) = life.reached_by(deed).await?;
        // What dies between two answers of a database leaves nothing behind: that is seen when there is time for it.
        let is_wanted =
            |place: &String| !life::is_luck(place) && (rounds > 1 || !place.starts_with("amid "));
        for place in places_of_it.into_iter().filter(is_wanted) {
            places.entry(place).or_default().push((took, deed));
        }
    }
    // The quickest first.
    for deeds in places.values_mut() {
        deeds.sort();
    }
    let never = Life::never_reached(|place| places.contains_key(place));
    ensure!(never.is_empty(), "no deed reaches these: {never:#?}");
    let mut died = 0_u64;
    for round in 0..rounds {
        for (place, deeds) in
            places.iter().filter(|(place, _)| rounds > 1 || is_turn(place, database))
        {
            // Another one of the times that a place is reached.
            life.die_at(place, 1 + round % 3, deeds).await?;
            died += 1;
        }
    }
    let judged = life.end().await?;
    println!("figure: places to die at that are reached, {database}: {}", places.len());
    println!("figure: servers that died at one of these places, {database}: {died}");
    println!(
        "figure: instances acknowledged meanwhile, none lost, {database}: {}",
        judged.acknowledged
    );
    println!("figure: effects outside, none twice, {database}: {}", judged.effects);
    Ok(())
}

/// The suite has no time for every place on both databases: each point has one of its places on either.
fn is_turn(place: &str, database: &str) -> bool {
    let is_even =
        Point::ALL.iter().position(|point| place.ends_with(point.name())).unwrap_or(0) % 2 == 0;
    (place.starts_with("after ") == is_even) == (database == "SQLite")
}

fn deaths() -> u64 {
    let asked = std::env::var("WAYMARK_TEST_DEATHS").ok();
    asked.and_then(|deaths| deaths.parse().ok()).unwrap_or(DEATHS)
}
