//! Lives of a store from seeds, told to memory and to both databases; each must answer alike.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many lives are told to each database.
    #[arg(long, default_value_t = 1_000)]
    differences: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut lives = field.tests(Tests::Libraries, "answers_as_memory_does");
    Field::measure(lives.env("WAYMARK_TEST_SEEDS", format!("0+{}", amounts.differences)))
}
