//! `waymark`: the server and the command line of a workspace.

mod app;
mod assets;
mod at_work;
mod auth;
mod backtesting;
mod beside;
mod cli;
mod config;
mod connectors;
mod durable;
mod exchanging;
mod extract;
mod figures;
mod flow;
mod foothold;
mod gallery;
mod history;
mod housekeeping;
mod http;
mod limits;
mod listening;
mod lock;
mod mail;
mod network;
mod outside;
mod problem;
mod reviewing;
mod schemas;
mod seal;
mod slugs;
mod starting;
mod telemetry;
mod why;
mod workspace;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What a workspace holds is for its user alone, whatever that user's shell says.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    cli::run()
}
