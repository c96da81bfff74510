//! The interface, tried by a program that knows it only by its description.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;
use crate::setup;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How many examples each operation is given at most.
    #[arg(long, default_value_t = 500)]
    examples: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut tries = field.tests(Tests::File("description"), "the_interface_answers");
    tries.env(setup::SCHEMATHESIS, setup::schemathesis(field.workspace())?);
    Field::measure(tries.env("WAYMARK_TEST_EXAMPLES", amounts.examples.to_string()))
}
