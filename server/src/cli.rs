//! The command line: what each command takes, and how its end is told.

mod backtest;
mod connection;
mod copying;
mod demo;
mod import;
mod instance;
mod journey;
mod node;
mod serve;
mod team;
mod token;
mod user;
mod verify;

use std::{
    io::{ErrorKind, Read, Write},
    pin::Pin,
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use serde_json::Value;
use store::{Failure, Page, Paging};

use crate::{
    config::{Place, Unusable},
    limits,
};

/// Customer journeys: drawn, published, run durably, finished by people.
#[derive(Parser)]
#[command(name = "waymark", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a workspace.
    Serve(serve::Serve),
    /// Serve a temporary workspace that is filled already.
    Demo(demo::Demo),
    /// Who may sign in: create, list, reset-password.
    #[command(subcommand)]
    User(user::Command),
    /// Teams that do tasks: create, list.
    #[command(subcommand)]
    Team(team::Command),
    /// Tokens of programs: create, list, revoke.
    #[command(subcommand)]
    Token(token::Command),
    /// Connections: list, limit.
    #[command(subcommand)]
    Connection(connection::Command),
    /// Journeys: check, list, import, export, publish, diff, migrate, why, would-have, promote.
    #[command(subcommand)]
    Journey(journey::Command),
    /// Instances: show, state, cancel, retry, skip, end, add-item.
    #[command(subcommand)]
    Instance(instance::Command),
    /// Say what a draft would have done, had it been live for some time.
    Backtest(backtest::Backtest),
    /// Import accounts from a CSV file.
    #[command(subcommand)]
    Import(import::Command),
    /// Servers that share the workspace: list, drain.
    #[command(subcommand)]
    Node(node::Command),
    /// Write the workspace into a file, also while a server runs.
    Backup(copying::Backup),
    /// Fill an empty workspace from a backup.
    Restore(copying::Restore),
    /// Take a workspace into another database, such as from SQLite to PostgreSQL.
    Move(copying::Move),
    /// Check that nothing was lost, also while a server runs.
    Verify(verify::Verify),
    /// Print the newest seal of the audit log, to be kept elsewhere and shown to `verify`.
    AuditHead(#[command(flatten)] Place),
    /// Compile the component on standard input; the server starts itself so, with limits.
    #[command(name = COMPILE, hide = true)]
    CompileConnector,
    /// Print the OpenAPI document.
    Openapi,
}

/// The hidden command by which the program compiles connectors in a child.
pub(crate) const COMPILE: &str = "compile-connector";

/// How a command that could do its work ended.
pub(crate) enum End {
    Well,
    /// Its work found something wrong.
    Found,
    /// Its input cannot be read.
    Unreadable(anyhow::Error),
}

/// How a command prints what it found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Text,
    Json,
}

/// Runs the command that was asked for; every failure is one line on standard error.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let output = if arguments.json { Output::Json } else { Output::Text };
    if matches!(arguments.command, Command::CompileConnector) {
        return connector_compiler::run_child();
    }
    match dispatch(arguments.command, output) {
        Ok(End::Well) => ExitCode::SUCCESS,
        Ok(End::Found) => ExitCode::from(1),
        Ok(End::Unreadable(error)) => refuse(&error, 2),
        Err(error) if error.is::<Unusable>() => refuse(&error, 2),
        Err(error) => refuse(&error, 1),
    }
}

/// Says in one line why a command did not do its work.
fn refuse(error: &anyhow::Error, code: u8) -> ExitCode {
    complain(error);
    ExitCode::from(code)
}

/// Says in one line what went wrong.
fn complain(error: &anyhow::Error) {
    let text = told(error);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    eprintln!("waymark: {}", lines.join("; "));
}

/// What went wrong and why, without what a cause says again.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !told.contains(&cause) {
            let joint = if told.is_empty() { "" } else { ": " };
            told = told + joint + &cause;
        }
    }
    told
}

/// Refuses a name the interface would refuse.
fn check_name(name: &str) -> Result<()> {
    if crate::extract::check_name("/name", name).is_err() {
        bail!("a name is one line of 1 to {} characters", limits::NAME_CHARACTERS);
    }
    Ok(())
}

fn dispatch(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Serve(serve) => serve::run(serve),
        Command::Demo(demo) => demo::run(demo),
        Command::User(command) => wait_for(user::run(command, output)),
        Command::Team(command) => wait_for(team::run(command, output)),
        Command::Token(command) => wait_for(token::run(command, output)),
        Command::Connection(command) => wait_for(connection::run(command, output)),
        Command::Journey(command) => wait_for(journey::run(command, output)),
        Command::Instance(command) => wait_for(instance::run(command, output)),
        Command::Backtest(asked) => wait_for(self::backtest::run(asked, output)),
        Command::Import(command) => wait_for(import::run(command, output)),
        Command::Node(command) => wait_for(node::run(command, output)),
        Command::Backup(backup) => wait_for(copying::backup(backup, output)),
        Command::Restore(restore) => wait_for(copying::restore(restore, output)),
        Command::Move(relocate) => wait_for(copying::relocate(relocate, output)),
        Command::AuditHead(place) => wait_for(self::verify::audit_head(place, output)),
        Command::Verify(verify) => wait_for(self::verify::run(verify, output)),
        Command::CompileConnector => bail!("compiling is a process of its own"),
        Command::Openapi => {
            say(&serde_json::to_string_pretty(&crate::http::document())?);
            Ok(End::Well)
        }
    }
}

fn wait_for(work: impl Future<Output = Result<End>>) -> Result<End> {
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
    threads.context("threads cannot be started")?.block_on(work)
}

/// Prints one finding.
fn print(output: Output, text: &str, value: &Value) {
    match output {
        Output::Text => say(text),
        Output::Json => say(&value.to_string()),
    }
}

/// Prints a line. A reader that has gone away, as `head` does, ends the program without a word.
fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        if error.kind() != ErrorKind::BrokenPipe {
            eprintln!("waymark: standard output: {error}");
        }
        std::process::exit(1);
    }
}

/// The password on standard input: all of it, without the line's end.
fn read_password() -> Result<String> {
    let mut text = String::new();
    let most = limits::PASSWORD_BYTES as u64 + 2;
    std::io::stdin().lock().take(most).read_to_string(&mut text).context("standard input")?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("no password came on standard input");
    }
    Ok(password.to_owned())
}

/// What the store will answer.
type Coming<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Walks a whole list of the store, page by page.
pub(crate) async fn walk<'a, T, C>(
    pages: impl Fn(Paging<C>) -> Coming<'a, Page<T, C>>,
    mut each: impl FnMut(T),
) -> Result<(), Failure> {
    let mut paging = Paging::first(store::limits::PAGE_ROWS);
    loop {
        let page = pages(paging).await?;
        page.items.into_iter().for_each(&mut each);
        let Some(next) = page.next else { return Ok(()) };
        paging = Paging::new(Some(next), store::limits::PAGE_ROWS);
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_a_cause_says_again_is_left_out() {
        let error = anyhow::anyhow!("refused (os error 111)");
        let error = error.context("no way: refused (os error 111)").context("the database");
        assert_eq!(told(&error), "the database: no way: refused (os error 111)");
    }
}
