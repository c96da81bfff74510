//! Tests that take longer than anyone waits for a change: the same as the suite's, many times over.

use anyhow::Result;
use clap::Parser;

use crate::command::{self, announce};
use crate::workspace::Workspace;

/// Which tests, and how much of them.
#[derive(Parser)]
#[command(name = "cargo xtask torture --", no_binary_name = true)]
struct Torture {
    /// How many lives are lived, each from a seed of its own.
    #[arg(long, default_value_t = 1_000_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
}

/// Lives lives in optimised code; a seed that fails says how it is lived again.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let Torture { seeds, from } = Torture::try_parse_from(arguments)?;
    announce(&format!("living {seeds} lives"));
    let mut lives = command::cargo(workspace.root());
    lives.args(["test", "--profile", "torture", "--package", "simulation", "--test", "seeds"]);
    lives.args(["--", "--nocapture", "every_life_comes_to_a_sound_end"]);
    command::run(lives.env("WAYMARK_TEST_SEEDS", format!("{from}+{seeds}")))
}
