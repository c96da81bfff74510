//! `waymark import`: accounts from a CSV file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use intake::table::{Accepted, Account, Mapping, Reject, Table, first_line_not_utf8};
use runtime::Clock;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{
    Store,
    accounts::{Progress, Statement, Upserted},
};

use super::{End, Output, print};
use crate::{config::Place, extract::check_name, limits, workspace::Workspace};

/// Accounts written in one transaction.
const BATCH: usize = 500;

/// What can be imported.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Accounts, by their external ids; running it again changes nothing twice.
    Accounts(Accounts),
}

/// What `import accounts` takes.
#[derive(Args)]
pub(crate) struct Accounts {
    #[command(flatten)]
    place: Place,
    /// The table: CSV in UTF-8 with a heading.
    file: PathBuf,
    /// What becomes of each column, as JSON.
    #[arg(long)]
    mapping: PathBuf,
}

/// What an import came to.
#[derive(Default)]
pub(crate) struct Sums {
    pub(crate) created: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    pub(crate) skipped: u64,
    pub(crate) rejected: usize,
}

/// Runs an import.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    let Command::Accounts(asked) = command;
    let (table, mapping) = match (read(&asked.file), read(&asked.mapping)) {
        (Ok(table), Ok(mapping)) => (table, mapping),
        (Err(error), _) | (_, Err(error)) => return Ok(End::Unreadable(error)),
    };
    if let Some(line) = first_line_not_utf8(&table) {
        let shown = asked.file.display();
        let error = anyhow!(
            "{shown} is not UTF-8: line {line} is in another encoding; convert the file, for example with iconv"
        );
        return Ok(End::Unreadable(error));
    }
    let workspace = Workspace::open(&asked.place).await?;
    let import = Import::prepare(&table, &mapping);
    let (import, rejects) = match import {
        Ok(ready) => ready,
        Err(error) => return Ok(End::Unreadable(error)),
    };
    let bar = progress_bar(import.accounts.len() as u64, output);
    let mut sums = import.write(workspace.store.as_ref(), workspace.clock.as_ref(), &bar).await?;
    bar.finish_and_clear();
    workspace.audit("account.import", &asked.file.display().to_string()).await?;
    sums.rejected = rejects.len();
    let kept = write_rejects(&asked.file, &rejects)?;
    tell(&sums, kept.as_deref(), output);
    Ok(End::Well)
}

/// A table that was read: its accounts by line, and where it stands.
pub(crate) struct Import {
    source: String,
    accounts: Vec<(u64, Statement)>,
}

impl Import {
    /// Reads the whole table.
    pub(crate) fn prepare(table: &[u8], mapping: &[u8]) -> Result<(Self, Vec<Reject>)> {
        let source =
            hex::encode(Sha256::new().chain_update(mapping).chain_update(table).finalize());
        let mapping = Mapping::parse(mapping).context("the mapping")?;
        let mut accounts = Vec::new();
        let mut rejects = Vec::new();
        for line in Table::open(table, mapping)? {
            match line {
                Ok(Accepted { line, account }) => match unfit(&account) {
                    None => accounts.push((line, statement(account))),
                    Some((column, reason)) => rejects.push(Reject { line, column, reason }),
                },
                Err(reject) => rejects.push(reject),
            }
        }
        Ok((Self { source, accounts }, rejects))
    }

    /// Writes what is not in yet, batch by batch, each with how far it came.
    pub(crate) async fn write(
        self,
        store: &dyn Store,
        clock: &dyn Clock,
        bar: &ProgressBar,
    ) -> Result<Sums> {
        let done = store.import_progress(&self.source).await?;
        let mut sums = Sums::default();
        let total = self.accounts.len();
        let left: Vec<_> = self.accounts.into_iter().filter(|(line, _)| *line > done).collect();
        sums.skipped = (total - left.len()) as u64;
        bar.inc(sums.skipped);
        for batch in left.chunks(BATCH) {
            let line = batch.last().map_or(done, |(line, _)| *line);
            let progress = Progress { source: self.source.clone(), line };
            let statements: Vec<Statement> =
                batch.iter().map(|(_, statement)| statement.clone()).collect();
            let upserted = store.upsert_accounts(&statements, Some(&progress), clock.now()).await?;
            for one in upserted {
                match one {
                    Upserted::Created(_) => sums.created += 1,
                    Upserted::Changed(_) => sums.changed += 1,
                    Upserted::Unchanged(_) => sums.unchanged += 1,
                }
            }
            bar.inc(batch.len() as u64);
        }
        Ok(sums)
    }
}

/// Which member the interface would refuse, and why.
fn unfit(account: &Account) -> Option<(String, String)> {
    let named = [("external_id", &account.external_id), ("name", &account.name)];
    let (member, _) = named.into_iter().find(|(_, text)| check_name("", text).is_err())?;
    let reason = format!("{member} is one line of 1 to {} characters", limits::NAME_CHARACTERS);
    Some((member.to_owned(), reason))
}

fn statement(account: Account) -> Statement {
    let Account { external_id, name, segment, owner, arr, fields } = account;
    Statement { external_id, name, segment, owner, arr, fields }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn progress_bar(total: u64, output: Output) -> ProgressBar {
    match output {
        Output::Json => ProgressBar::hidden(),
        Output::Text => {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} accounts, {eta} left");
            ProgressBar::new(total)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }
    }
}

/// Writes `FILE.rejects.csv`, or removes an older one when nothing was rejected.
fn write_rejects(file: &Path, rejects: &[Reject]) -> Result<Option<PathBuf>> {
    let path = file.with_extension("rejects.csv");
    if rejects.is_empty() {
        if path.exists() {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
        return Ok(None);
    }
    let mut writer = csv::Writer::from_path(&path).with_context(|| path.display().to_string())?;
    writer.write_record(["line", "column", "reason"])?;
    for reject in rejects {
        let line = reject.line.to_string();
        writer.write_record([line.as_str(), &reject.column, &reject.reason])?;
    }
    writer.flush()?;
    Ok(Some(path))
}

fn tell(sums: &Sums, rejects: Option<&Path>, output: Output) {
    let shown = rejects.map(|path| path.display().to_string());
    let mut text = format!(
        "{} created, {} changed, {} unchanged, {} already in, {} rejected",
        sums.created, sums.changed, sums.unchanged, sums.skipped, sums.rejected
    );
    if let Some(shown) = &shown {
        text.push_str(&format!(" (see {shown})"));
    }
    let value = json!({
        "created": sums.created, "changed": sums.changed, "unchanged": sums.unchanged,
        "already_in": sums.skipped, "rejected": sums.rejected, "rejects": shown,
    });
    print(output, &text, &value);
}
