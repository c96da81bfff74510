//! All automation of the repository, as verbs of `cargo xtask`.

mod bench;
mod command;
mod connectors;
mod demo;
mod messages;
mod pictures;
mod setup;
mod test;
mod tidy;
mod torture;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Builds, tests and shows Waymark; sets up what is missing and says so first.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Set up, build and serve a filled, temporary workspace; Ctrl-C ends it.
    Demo {
        /// Passed on to `waymark demo`, for example `--listen 127.0.0.1:8080`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Set up what tests need, build, and run the whole suite.
    Test {
        /// Passed on to every test binary, for example a part of a test's name.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run the tests that take hours: the suite's, many times over, as fast as the machine can.
    Torture {
        /// Which and how much, for example `--only lives,kills --seeds 100000`; without any, the figures go into docs/reliability.md.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build everything as it is shipped and measure what it costs.
    Bench {
        /// Passed on to the benchmark, for example `--only w1 --rounds 1`; without any, the results go into docs/performance.md.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build the designer into `dist/`, hashed, compressed and within its size budget.
    Web {
        /// Build quickly for work at the designer: hardly optimised, no size budget.
        #[arg(long)]
        dev: bool,
    },
    /// Collect what the designer says into `designer/messages/waymark.pot`, for translators.
    Messages,
    /// Build the connectors under `plugins/` as components into `target/connectors/`.
    Connectors,
    /// Hold the pictures that browser tests take against those that are kept.
    Pictures {
        /// Keep them as they are now instead, and the README's.
        #[arg(long)]
        new: bool,
        /// Passed on to every test binary, for example a part of a test's name; then only what these tests see is meant.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check what the compiler cannot: architecture, file sizes, names, licences, digests.
    Tidy {
        /// Record the digests of migrations and interfaces that are new.
        #[arg(long)]
        bless_new: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<()> {
    let workspace = Workspace::find()?;
    match verb {
        Verb::Demo { arguments } => demo::serve(&workspace, &arguments),
        Verb::Test { arguments } => test::run(&workspace, &arguments),
        Verb::Torture { arguments } => torture::run(&workspace, &arguments),
        Verb::Bench { arguments } => bench::run(&workspace, &arguments),
        Verb::Web { dev: false } => web::build(&workspace, web::Profile::Release),
        Verb::Web { dev: true } => web::build(&workspace, web::Profile::Dev),
        Verb::Messages => messages::write_template(&workspace),
        Verb::Connectors => connectors::build(&workspace),
        Verb::Pictures { new: false, arguments } => pictures::compare(&workspace, &arguments),
        Verb::Pictures { new: true, arguments } => pictures::keep(&workspace, &arguments),
        Verb::Tidy { bless_new: false } => tidy::check(&workspace),
        Verb::Tidy { bless_new: true } => tidy::bless_new(&workspace),
    }
}
