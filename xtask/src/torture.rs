//! Tests that take longer than anyone waits for a change: the same as the suite's, many times over.

use anyhow::Result;

use crate::command::{self, announce};
use crate::workspace::Workspace;

/// Which tests, and how much of them.
#[derive(clap::Args)]
pub(crate) struct Torture {
    /// How many lives are lived, each from a seed of its own.
    #[arg(long, default_value_t = 1_000_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
}

/// Lives lives in optimised code; a seed that fails says how it is lived again.
pub(crate) fn run(workspace: &Workspace, torture: &Torture) -> Result<()> {
    let Torture { seeds, from } = torture;
    announce(&format!("living {seeds} lives"));
    let mut lives = command::cargo(workspace.root());
    lives.args(["test", "--profile", "torture", "--package", "simulation", "--test", "seeds"]);
    lives.args(["--", "--nocapture", "every_life_comes_to_a_sound_end"]);
    command::run(lives.env("WAYMARK_TEST_SEEDS", format!("{from}+{seeds}")))
}
