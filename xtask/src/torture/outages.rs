//! Databases that crash, are cut off or have no room while clients work, and a workspace with many living instances that moves to PostgreSQL.

use anyhow::Result;

use super::field::{Field, Tests};
use super::figure::Figure;

/// How much of it.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Amounts {
    /// How often PostgreSQL crashes, every 5 to 40 seconds.
    #[arg(long, default_value_t = 60)]
    crashes: u64,
    /// For how many seconds a server is cut off from PostgreSQL, with commas between them; each by silence and by an end of its connections.
    #[arg(long, default_value = "1,10,60")]
    cuts: String,
    /// How often there is no room on the disk.
    #[arg(long, default_value_t = 20)]
    full_disks: u64,
    /// How many living instances move.
    #[arg(long, default_value_t = 100_000)]
    moved: u64,
}

pub(super) fn run(amounts: &Amounts, field: &Field) -> Result<Vec<Figure>> {
    let mut outages = field.tests(Tests::File("outages"), "");
    outages.arg("--test-threads=1").env("WAYMARK_TEST_CRASHES", amounts.crashes.to_string());
    outages.env("WAYMARK_TEST_CRASH_EVERY_MS", "5000,40000,17000,29000");
    outages.env("WAYMARK_TEST_CUTS_S", &amounts.cuts);
    outages.env("WAYMARK_TEST_FULL_DISKS", amounts.full_disks.to_string());
    let mut figures = Field::measure(&mut outages)?;
    let mut moves = field.tests(Tests::File("copying"), "moves_to_postgres");
    figures.extend(Field::measure(moves.env("WAYMARK_TEST_MOVED", amounts.moved.to_string()))?);
    Ok(figures)
}
