//! One target, led by what its inputs reach in the code. Its arguments are libFuzzer's.
#![no_main]

use fuzz::{Dice, Target};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use std::sync::OnceLock;

/// Names the target.
const TARGET: &str = "WAYMARK_FUZZ_TARGET";

static CHOSEN: OnceLock<Target> = OnceLock::new();

fn target() -> Target {
    *CHOSEN.get_or_init(|| {
        let name = std::env::var(TARGET).unwrap_or_default();
        Target::named(&name).unwrap_or_else(|| panic!("{TARGET} names no target: '{name}'"))
    })
}

fuzz_target!(|input: &[u8]| target().take(input));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    let mut dice = Dice::new(u64::from(seed));
    if dice.one_in(2) {
        return fuzzer_mutate(data, size, most);
    }
    let made = target().mutate(&data[..size], &data[..size], &mut dice);
    let length = made.len().min(most);
    data[..length].copy_from_slice(&made[..length]);
    length
});
