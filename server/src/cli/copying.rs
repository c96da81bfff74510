//! `waymark backup`, `waymark restore` and `waymark move`: a whole workspace from one database to another.

mod ending;
mod part;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use failpoints::Point;
use serde_json::json;
use store::{Copied, Database, Store};

use self::part::Part;
use super::{End, Output, print};
use crate::{
    config::{Location, Place},
    durable::keep_name,
    lock::Lock,
    workspace::{KEY, Workspace},
};

/// What `backup` takes.
#[derive(Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The file to write; it must not be there.
    file: PathBuf,
}

/// What `restore` takes.
#[derive(Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    place: Place,
    /// The file that `backup` wrote.
    file: PathBuf,
    /// Restore although the key is not there: the secrets of connections and hooks stay unreadable.
    #[arg(long)]
    without_key: bool,
}

/// What `move` takes.
#[derive(Args)]
pub(crate) struct Move {
    #[command(flatten)]
    place: Place,
    /// Where the workspace goes: an empty database.
    #[arg(long, env = "WAYMARK_MOVE_TO", value_name = "URL", hide_env_values = true)]
    to: String,
}

/// Writes the workspace as it is at one moment into a file, also while a server runs.
pub(crate) async fn backup(asked: Backup, output: Output) -> Result<End> {
    let shown = asked.file.display().to_string();
    if asked.file.exists() {
        bail!("{shown} is there already");
    }
    let folder = asked.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("there is no folder {} for the backup", folder.display());
    }
    let workspace = Workspace::open_existing(&asked.place).await?;
    let part = Part::of(&asked.file);
    let rows =
        fill(&workspace, &part, &shown).await.with_context(|| format!("the file {shown}"))?;
    let ended = failpoints::at_once(Point::EndBackup, || ending::write(part.path()));
    ended.with_context(|| format!("the file {shown}"))?;
    let named = failpoints::at_once(Point::NameBackup, || fs::rename(part.path(), &asked.file));
    named.and_then(|()| keep_name(&asked.file)).with_context(|| format!("the file {shown}"))?;
    workspace.audit("workspace.backup", &shown).await?;
    let text = format!("{rows} rows in {shown}; keep {KEY} of the folder apart from it");
    print(output, &text, &json!({ "file": shown, "rows": rows }));
    Ok(End::Well)
}

/// Writes all of the workspace into the part of a backup; how many rows it has.
async fn fill(workspace: &Workspace, part: &Part, shown: &str) -> Result<u64> {
    let target = Database::open(part.path(), 0).await?;
    let copied = workspace.database.copy_to(&target).await;
    let settled = target.settle().await;
    target.close().await;
    let rows = rows(copied?, shown)?;
    settled?;
    Ok(rows)
}

/// Fills an empty workspace with what a backup holds.
pub(crate) async fn restore(asked: Restore, output: Output) -> Result<End> {
    let shown = asked.file.display().to_string();
    if !asked.file.is_file() {
        bail!("there is no file {shown}");
    }
    let folder = asked.place.folder()?;
    if !asked.without_key && !folder.join(KEY).exists() {
        bail!(
            "put the {KEY} of that workspace into {} first: without it the secrets of connections and hooks cannot be read (--without-key restores the rest)",
            folder.display()
        );
    }
    // A backup of an older release is brought up to date apart from it.
    let apart = tempfile::tempdir_in(&folder).context("there is no room beside the workspace")?;
    let copy = apart.path().join("backup");
    ending::copy(&asked.file, &copy).with_context(|| format!("the file {shown}"))?;
    let workspace = Workspace::open(&asked.place).await?;
    let _lock = Lock::take_alone(&workspace).await?;
    let source = Database::open(&copy, 0).await.with_context(|| format!("the file {shown}"))?;
    let copied = source.copy_to(&workspace.database).await;
    source.close().await;
    let rows = rows(copied?, &workspace.location.to_string())?;
    workspace.audit("workspace.restore", &shown).await?;
    let text = format!("{rows} rows in {}", workspace.location);
    print(output, &text, &json!({ "rows": rows }));
    Ok(End::Well)
}

/// Copies a workspace that no server has into another database.
pub(crate) async fn relocate(asked: Move, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(&asked.place).await?;
    let _from = Lock::take_alone(&workspace).await?;
    let to = Place { data: asked.place.data, database_url: Some(asked.to) };
    let to = Workspace::open(&to).await?;
    if to.location == workspace.location {
        bail!("the workspace is there already");
    }
    let _to = Lock::take_alone(&to).await?;
    let copied = workspace.database.copy_to(&to.database).await?;
    let rows = rows(copied, &to.location.to_string())?;
    to.audit("workspace.move", &to.location).await?;
    let from = match &workspace.location {
        Location::File(_) => "the file stays as it is",
        Location::Postgres(_) => "the database it was in stays as it is",
    };
    let text = format!("{rows} rows in {}; serve it from there from now on, {from}", to.location);
    print(output, &text, &json!({ "rows": rows }));
    Ok(End::Well)
}

fn rows(copied: Copied, target: &str) -> Result<u64> {
    match copied {
        Copied::Rows(rows) => Ok(rows),
        Copied::NotEmpty => bail!("there is something in {target} already; name an empty one"),
    }
}
