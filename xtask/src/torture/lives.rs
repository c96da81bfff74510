//! Lives of a workspace from seeds; a seed that fails says how it is lived again.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many lives are lived, each from a seed of its own.
    #[arg(long, default_value_t = 200_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut lives = field.tests(Tests::File("seeds"), "every_life_comes_to_a_sound_end");
    let seeds = format!("{}+{}", amounts.from, amounts.seeds);
    Field::measure(lives.env("WAYMARK_TEST_SEEDS", seeds))
}
