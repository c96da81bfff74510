//! What Waymark costs: the work of its targets on the built programs, as a table and as JSON. `cargo xtask bench` runs it.

mod browser;
mod clients;
mod crash;
mod database;
mod drafts;
mod engine;
mod figure;
mod house;
mod machine;
mod onboarding;
mod process;
mod start;
mod w1;
mod waiting;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use figure::Report;
use w1::Kept;

/// The server's own allocator, so that the engine is measured as it runs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the programs that `WAYMARK_BIN` and `MOCK_SYSTEMS_BIN` name.
#[derive(Parser)]
struct Arguments {
    /// Only these parts; all when none is named.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// How often everything is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each round of W1 lasts, in seconds.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Writes the results as JSON into this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes the results as a table into this page, between its marks.
    #[arg(long)]
    page: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What the machine can do, for comparison.
    Machine,
    /// The pure engine.
    Engine,
    /// Coming up, resting, and the browser's first load.
    Start,
    /// What the designer costs a browser.
    Browser,
    /// W1 without HTTP and connectors, in this process.
    House,
    /// The same with the workspace in PostgreSQL.
    HousePostgres,
    /// Webhook onboarding: ten steps, two of them connector calls.
    W1,
    /// The same with the workspace in PostgreSQL.
    W1Postgres,
    /// Many instances that wait.
    W2,
    /// The server ended between two instructions.
    W4,
    /// The example on all its customers.
    Onboarding,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wants = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut report = Report::default();
    if wants(Part::Machine) {
        machine::measure(&mut report, arguments.rounds).await?;
    }
    if wants(Part::Engine) {
        engine::measure(&mut report, arguments.rounds)?;
    }
    if wants(Part::Start) {
        start::measure(&mut report, arguments.rounds).await?;
    }
    if wants(Part::Browser) {
        browser::measure(&mut report, arguments.rounds).await?;
    }
    if wants(Part::House) {
        house::measure(&mut report, arguments.rounds, arguments.seconds, Kept::File).await?;
    }
    if wants(Part::HousePostgres) {
        house::measure(&mut report, arguments.rounds, arguments.seconds, Kept::Postgres).await?;
    }
    if wants(Part::W1) {
        w1::measure(&mut report, arguments.rounds, arguments.seconds, Kept::File).await?;
    }
    if wants(Part::W1Postgres) {
        w1::measure(&mut report, arguments.rounds, arguments.seconds, Kept::Postgres).await?;
    }
    if wants(Part::W2) {
        waiting::measure(&mut report, arguments.rounds, arguments.seconds).await?;
    }
    if wants(Part::W4) {
        crash::measure(&mut report, arguments.rounds).await?;
    }
    if wants(Part::Onboarding) {
        onboarding::measure(&mut report, arguments.rounds).await?;
    }
    println!("{}", report.table());
    let json = report.json();
    println!("{json:#}");
    if let Some(path) = &arguments.json {
        std::fs::write(path, format!("{json:#}\n"))?;
    }
    if let Some(path) = &arguments.page {
        report.write_into(path)?;
    }
    Ok(())
}
