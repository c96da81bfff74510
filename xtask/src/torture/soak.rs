//! Servers that work on for long while much goes wrong, and must be as they were; then calls of one account that heap up beside those of others.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many minutes a shift lasts on each database; both at once.
    #[arg(long, default_value_t = 30)]
    shift_minutes: u64,
    /// How many calls of one account wait before those of others.
    #[arg(long, default_value_t = 400_000)]
    backlog: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut shifts = field.tests(Tests::File("soak"), "");
    shifts.env("WAYMARK_TEST_SOAK_S", (amounts.shift_minutes * 60).to_string());
    let mut figures = Field::measure(&mut shifts)?;
    let mut busy = field.tests(Tests::Libraries, "a_large_backlog_of_one_account_lets_others_by");
    busy.env("WAYMARK_TEST_BACKLOG", amounts.backlog.to_string());
    for store in ["sqlite", "postgres"] {
        figures.extend(Field::measure(busy.env("WAYMARK_TEST_STORE", store))?);
    }
    Ok(figures)
}
