//! Servers that are killed at any moment until there were enough kills and enough effects outside, on both databases.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many kills there are on each database at least.
    #[arg(long, default_value_t = 500)]
    kills: u64,
    /// How many effects outside there are on each database at least.
    #[arg(long, default_value_t = 100_000)]
    effects: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut kills = field.tests(Tests::File("kill"), "what_was_acknowledged_survives");
    kills.arg("--test-threads=1").env("WAYMARK_TEST_KILLS", amounts.kills.to_string());
    Field::measure(kills.env("WAYMARK_TEST_EFFECTS", amounts.effects.to_string()))
}
