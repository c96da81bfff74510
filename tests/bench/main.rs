//! What Waymark costs: the work of its targets on the built programs, as a table and as JSON. `cargo xtask bench` runs it.

mod backtest;
mod browser;
mod canvas;
mod clients;
mod connector;
mod crash;
mod database;
mod drafts;
mod engine;
mod figure;
mod house;
mod lists;
mod machine;
mod nodes;
mod onboarding;
mod process;
mod start;
mod stock;
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
    /// A connector call that reaches nothing outside.
    Connector,
    /// Coming up, resting, and the browser's first load.
    Start,
    /// What the designer costs a browser.
    Browser,
    /// What a large drawing costs a browser for each frame.
    Canvas,
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
    /// The same with the workspace in PostgreSQL.
    W2Postgres,
    /// The server ended between two instructions.
    W4,
    /// The same with the workspace in PostgreSQL.
    W4Postgres,
    /// Lists that grow.
    Lists,
    /// The same with the workspace in PostgreSQL.
    ListsPostgres,
    /// W1 on one server and on three.
    Nodes,
    /// The example on all its customers.
    Onboarding,
    /// What a year would have been.
    Backtest,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wants = |part: &Part| arguments.only.is_empty() || arguments.only.contains(part);
    let mut report = Report::default();
    for part in Part::value_variants().iter().copied().filter(wants) {
        part.measure(&mut report, arguments.rounds, arguments.seconds).await?;
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

impl Part {
    async fn measure(self, report: &mut Report, rounds: u32, seconds: u64) -> Result<()> {
        match self {
            Self::Machine => machine::measure(report, rounds).await,
            Self::Engine => engine::measure(report, rounds),
            Self::Connector => connector::measure(report, rounds).await,
            Self::Start => start::measure(report, rounds).await,
            Self::Browser => browser::measure(report, rounds).await,
            Self::Canvas => canvas::measure(report, rounds).await,
            Self::House => house::measure(report, rounds, seconds, Kept::File).await,
            Self::HousePostgres => house::measure(report, rounds, seconds, Kept::Postgres).await,
            Self::W1 => w1::measure(report, rounds, seconds, Kept::File).await,
            Self::W1Postgres => w1::measure(report, rounds, seconds, Kept::Postgres).await,
            Self::W2 => waiting::measure(report, rounds, seconds, Kept::File).await,
            Self::W2Postgres => waiting::measure(report, rounds, seconds, Kept::Postgres).await,
            Self::W4 => crash::measure(report, rounds, Kept::File).await,
            Self::W4Postgres => crash::measure(report, rounds, Kept::Postgres).await,
            Self::Lists => lists::measure(report, rounds, Kept::File).await,
            Self::ListsPostgres => lists::measure(report, rounds, Kept::Postgres).await,
            Self::Nodes => nodes::measure(report, rounds, seconds).await,
            Self::Onboarding => onboarding::measure(report, rounds).await,
            Self::Backtest => backtest::measure(report, rounds).await,
        }
    }
}
