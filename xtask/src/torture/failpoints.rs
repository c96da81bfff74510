//! Servers that end themselves at each failpoint, again and again, on both databases.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How often a server dies at each failpoint.
    #[arg(long, default_value_t = 5)]
    deaths: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut deaths = field.tests(Tests::File("failpoints"), "");
    Field::measure(deaths.env("WAYMARK_TEST_DEATHS", amounts.deaths.to_string()))
}
