//! Two stores with ids from one seed answer every question alike: long random lives of a workspace, told to memory and to a database.
//!
//! A life is made by telling memory one deed after the other, so that a deed can be about what is there. Then the same deeds are told to the
//! other store, which must answer each as memory did, and at the end all that is kept must be the same.

use crate::{Memory, Store};
use deed::Deed;
use futures_util::{FutureExt, StreamExt, stream};
use std::{fmt::Write as _, future::Future, ops::Range, sync::Arc};
use world::World;

mod commits;
mod deed;
mod dice;
mod inventory;
mod journeys;
mod people;
mod running;
mod things;
mod world;

/// How many deeds a life has.
const DEEDS: usize = 60;

/// How many lives are told side by side; most of a life a store waits for its disk.
const AT_ONCE: usize = 4;

/// Names the seeds to try instead: the first, and how many, as `1000+500`.
const SEEDS: &str = "WAYMARK_TEST_SEEDS";

/// A deed and what memory said to it.
struct Told {
    deed: Deed,
    answer: String,
}

/// A life and what memory kept of it.
struct Life {
    told: Vec<Told>,
    kept: Vec<String>,
}

/// Where two stores differ.
struct Difference {
    /// How many deeds it takes.
    deeds: usize,
    expected: String,
    found: String,
}

/// Tells each seed's life to a new store, with ids made like memory's, and panics at the first difference.
pub(crate) async fn agrees_with_memory<F, G>(
    database: &str,
    seeds: Range<u64>,
    open: impl Fn() -> F,
) where
    F: Future<Output = (Arc<dyn Store>, G)>,
{
    let seeds = asked_for().unwrap_or(seeds);
    let lives = stream::iter(seeds.clone());
    lives.for_each_concurrent(AT_ONCE, |seed| agrees_about(seed, &open)).await;
    println!("figure: lives told to {database} as to memory: {}", seeds.end - seeds.start);
}

async fn agrees_about<F, G>(seed: u64, open: &impl Fn() -> F)
where
    F: Future<Output = (Arc<dyn Store>, G)>,
{
    let life = Life::of(seed, DEEDS);
    let Some(mut shortest) = differs(&life, open).await else { return };
    // What is kept is compared when all is told, so it may have been different long before.
    while let Some(fewer) = shortest.deeds.checked_sub(1)
        && let Some(earlier) = differs(&Life::of(seed, fewer), open).await
    {
        shortest = earlier;
    }
    panic!("{}", report(seed, &life, &shortest));
}

fn asked_for() -> Option<Range<u64>> {
    let seeds = std::env::var(SEEDS).ok()?;
    let (first, many) = seeds.split_once('+')?;
    let first = first.parse().ok()?;
    Some(first..first + many.parse::<u64>().ok()?)
}

impl Life {
    fn of(seed: u64, deeds: usize) -> Self {
        let memory: Arc<dyn Store> = Arc::new(Memory::new(1));
        let mut world = World::new(seed, Arc::clone(&memory));
        let mut told = Vec::with_capacity(deeds);
        for number in 0..deeds {
            let deed = world.next(number);
            let answer = deed.done_to(Arc::clone(&memory));
            let answer = answer.now_or_never().expect("memory answers when it is first asked");
            told.push(Told { deed, answer });
        }
        let kept = inventory::of(memory.as_ref()).now_or_never();
        Self { told, kept: kept.expect("memory answers when it is first asked") }
    }
}

async fn differs<F, G>(life: &Life, open: &impl Fn() -> F) -> Option<Difference>
where
    F: Future<Output = (Arc<dyn Store>, G)>,
{
    let (store, _guard) = open().await;
    for (number, Told { deed, answer }) in life.told.iter().enumerate() {
        let found = deed.done_to(Arc::clone(&store)).await;
        if found != *answer {
            let expected = answer.clone();
            return Some(Difference { deeds: number + 1, expected, found });
        }
    }
    let kept = inventory::of(store.as_ref()).await;
    store.close().await;
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("\n")
    };
    (kept != life.kept).then(|| Difference {
        deeds: life.told.len(),
        expected: only(&life.kept, &kept),
        found: only(&kept, &life.kept),
    })
}

fn report(seed: u64, life: &Life, difference: &Difference) -> String {
    let mut report = format!("seed {seed}, after {} deeds:\n", difference.deeds);
    for Told { deed, answer } in &life.told[..difference.deeds] {
        let _ = writeln!(report, "- {}\n    {answer}", deed.text);
    }
    let Difference { expected, found, .. } = difference;
    report + &format!("memory:\n{expected}\nthe other:\n{found}\n")
}
