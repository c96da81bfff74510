//! Lives from seeds: each comes to a sound end, and each can be lived again to the letter.

use simulation::{Life, live};
use std::{ops::Range, panic, thread};

/// Names the seeds to try instead: the first, and how many, as `1000+500`. One alone shows its trace.
const SEEDS: &str = "WAYMARK_TEST_SEEDS";

/// How many threads live lives; one life is on one.
const AT_ONCE: u64 = 2;

#[test]
fn every_life_comes_to_a_sound_end() {
    let seeds = asked_for().unwrap_or(0..1_000);
    let alone = seeds.end - seeds.start == 1;
    let lives: Vec<_> = (0..AT_ONCE)
        .map(|part| {
            let seeds = seeds.clone();
            thread::spawn(move || {
                let mut sums = (0, 0);
                for seed in seeds.filter(|seed| seed % AT_ONCE == part) {
                    let life = sound(seed, alone);
                    sums = (sums.0 + life.instances, sums.1 + life.effects);
                }
                sums
            })
        })
        .collect();
    let mut sums = (0, 0);
    for part in lives {
        let (instances, effects) = part.join().unwrap_or_else(|why| panic::resume_unwind(why));
        sums = (sums.0 + instances, sums.1 + effects);
    }
    println!("figure: lives lived: {}", seeds.end - seeds.start);
    println!("figure: instances in them: {}", sums.0);
    println!("figure: effects of theirs: {}", sums.1);
    assert!(alone || (sums.0 > 0 && sums.1 > 0), "lives in which nothing happens prove nothing");
}

#[test]
fn a_seed_is_lived_again_to_the_letter() {
    let seeds = asked_for().map_or(0..50, |seeds| seeds.start..seeds.end.min(seeds.start + 50));
    for seed in seeds {
        let (first, again) = (live(seed), live(seed));
        if first.digest != again.digest {
            let differ =
                first.trace.lines().zip(again.trace.lines()).find(|(one, other)| one != other);
            panic!("seed {seed} was lived in two ways, which part at {differ:?}");
        }
    }
}

fn sound(seed: u64, alone: bool) -> Life {
    let life = live(seed);
    if alone {
        println!("{}\nseed {seed}: {}", life.trace, life.digest);
    }
    let findings = life.findings.join("\n");
    assert!(
        findings.is_empty(),
        "seed {seed} ({SEEDS}={seed}+1 shows all of it), digest {}:\n{findings}",
        life.digest
    );
    life
}

fn asked_for() -> Option<Range<u64>> {
    let asked = std::env::var(SEEDS).ok()?;
    let (first, count) = asked.split_once('+')?;
    let (first, count) = (first.parse::<u64>().ok()?, count.parse::<u64>().ok()?);
    Some(first..first + count)
}
