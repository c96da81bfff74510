//! Tests that take longer than anyone waits for a change: the same as the suite's, many times over, in optimised code that still checks itself.

mod description;
mod differential;
mod failpoints;
mod field;
mod figure;
mod fuzz;
mod kills;
mod lives;
mod outages;
mod soak;

use anyhow::{Result, bail};
use clap::{Parser, ValueEnum};

use crate::command::announce;
use crate::test::cluster::Cluster;
use crate::workspace::Workspace;
use crate::{connectors, setup};
use field::Field;
use figure::{Figure, Figures};

/// Which tests, and how much of them.
#[derive(Parser)]
#[command(name = "cargo xtask torture --", no_binary_name = true)]
struct Torture {
    /// Only these parts, with commas between them; all when left out.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Puts the figures into docs/reliability.md, also when not everything ran as it does by itself.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    lives: lives::Amounts,
    #[command(flatten)]
    differential: differential::Amounts,
    #[command(flatten)]
    failpoints: failpoints::Amounts,
    #[command(flatten)]
    kills: kills::Amounts,
    #[command(flatten)]
    description: description::Amounts,
    #[command(flatten)]
    fuzz: fuzz::Amounts,
    #[command(flatten)]
    outages: outages::Amounts,
    #[command(flatten)]
    soak: soak::Amounts,
}

/// What can be run by itself; the order is the one they are run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Lives of a workspace from seeds, in memory.
    Lives,
    /// Stores on both databases that must answer as the one in memory does.
    Differential,
    /// Servers that end themselves at each failpoint.
    Failpoints,
    /// Servers that are killed at any moment, with many effects outside.
    Kills,
    /// A program that knows the interface only by its description.
    Description,
    /// Random inputs for everything that reads what strangers write.
    Fuzz,
    /// Databases that crash, are cut off or have no room.
    Outages,
    /// Long shifts in which much goes wrong, and a busy account beside others.
    Soak,
}

impl Part {
    /// As it is named after `--only` and in the table.
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, torture: &Torture, field: &Field) -> Result<Vec<Figure>> {
        match self {
            Self::Lives => lives::run(&torture.lives, field),
            Self::Differential => differential::run(&torture.differential, field),
            Self::Failpoints => failpoints::run(&torture.failpoints, field),
            Self::Kills => kills::run(&torture.kills, field),
            Self::Description => description::run(&torture.description, field),
            Self::Fuzz => fuzz::run(&torture.fuzz, field),
            Self::Outages => outages::run(&torture.outages, field),
            Self::Soak => soak::run(&torture.soak, field),
        }
    }
}

/// Runs the parts one after the other, whatever becomes of them, and shows their figures; fails when one failed.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let torture = Torture::try_parse_from(arguments)?;
    let parts: &[Part] =
        if torture.only.is_empty() { Part::value_variants() } else { &torture.only };
    let cluster = Cluster::start(&setup::postgres()?)?;
    connectors::build(workspace)?;
    let field = Field::prepare(workspace, &cluster)?;
    let (mut figures, mut failed) = (Figures::default(), Vec::new());
    let is_recorded = torture.record || arguments.is_empty();
    for part in parts {
        announce(&format!("torture: {}", part.name()));
        match part.run(&torture, &field) {
            Ok(seen) => {
                figures.add(&part.name(), seen);
                // After each, so that hours are not lost with the last.
                if is_recorded {
                    figures.write_into(&workspace.root().join("docs/reliability.md"))?;
                }
            }
            Err(error) => {
                eprintln!("error: {}: {error:#}", part.name());
                failed.push(part.name());
            }
        }
    }
    println!("\n{}", figures.table());
    if !failed.is_empty() {
        bail!("these did not hold: {}", failed.join(", "));
    }
    Ok(())
}
