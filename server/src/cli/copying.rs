//! `waymark backup`, `waymark restore` and `waymark move`: a whole workspace from one database to another.

mod ending;
mod part;

use std::{fmt, fs::File, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use failpoints::Point;
use serde_json::json;
use store::{Copied, Database, Moved, Store};

use self::part::Part;
use super::{End, Output, complain, print};
use crate::{
    config::{Location, Place},
    lock::Lock,
    seal::Sealer,
    workspace::{KEY, Workspace, audit, seed},
};

const RESTORE: &str = "workspace.restore";

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
    let folder = asked.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("there is no folder {} for the backup", folder.display());
    }
    let workspace = Workspace::open_existing(&asked.place).await?;
    // What was left behind looks like a workspace, and is older every day.
    workspace.refuse_moved().await?;
    let part = Part::of(&asked.file)?;
    let rows =
        fill(&workspace, &part, &shown).await.with_context(|| format!("the file {shown}"))?;
    let ended = failpoints::at_once(Point::EndBackup, || ending::write(&part.path()));
    ended.with_context(|| format!("the file {shown}"))?;
    let named = failpoints::at_once(Point::NameBackup, || part.name());
    named.with_context(|| format!("the file {shown}"))?;
    // The file is whole: what it is needed for may be that nothing can be written into the workspace any more.
    if let Err(error) = workspace.audit("workspace.backup", &shown).await {
        complain(&error.context("the backup is whole, and is missing in the audit log"));
    }
    let text = format!("{rows} rows in {shown}; keep {KEY} of the folder apart from it");
    print(output, &text, &json!({ "file": shown, "rows": rows }));
    Ok(End::Well)
}

/// Writes all of the workspace into the part of a backup; how many rows it has.
async fn fill(workspace: &Workspace, part: &Part, shown: &str) -> Result<u64> {
    let target = Database::open(&part.path(), 0).await?;
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
    let backup = ending::open(&asked.file);
    let backup = backup.with_context(|| format!("the file {shown} cannot be read"))?;
    let folder = asked.place.folder()?;
    let location = asked.place.database(&folder)?;
    location.refuse_unfit()?;
    let key = folder.join(KEY);
    if !asked.without_key && !key.exists() {
        bail!(
            "put the {KEY} of that workspace into {} first: without it the secrets of connections and hooks cannot be read (--without-key restores the rest)",
            folder.display()
        );
    }
    // A backup of an older release is brought up to date apart from where it goes.
    let part = match &location {
        Location::File(file) => Part::of(file)?,
        Location::Postgres(_) => Part::of(&folder.join("restored"))?,
    };
    ending::copy(backup, &part.path()).with_context(|| format!("the file {shown}"))?;
    let source = Database::open(&part.path(), seed()?).await;
    let source = source.with_context(|| format!("what was unpacked of the file {shown}"))?;
    let sealed_with = source.sealed_with().await?;
    let is_another = || anyhow::Ok(Some(Sealer::open(&key)?.fingerprint()) != sealed_with);
    if !asked.without_key && sealed_with.is_some() && is_another()? {
        bail!(
            "the {KEY} in {} is not the one that sealed the secrets in {shown}: put that one there (--without-key restores the rest)",
            folder.display()
        );
    }
    let rows = match &location {
        Location::File(_) => as_file(&source, part, &shown).await?,
        Location::Postgres(_) => into_server(&source, &asked.place, &shown).await?,
    };
    print(output, &format!("{rows} rows in {location}"), &json!({ "rows": rows }));
    Ok(End::Well)
}

/// Makes what was unpacked a workspace by giving it its name; how many rows it has.
async fn as_file(source: &Database, part: Part, shown: &str) -> Result<u64> {
    let rows = source.rows().await?;
    audit(source, RESTORE, &shown).await?;
    let settled = source.settle().await;
    source.close().await;
    settled?;
    File::open(part.path()).and_then(|file| file.sync_all()).context("the database")?;
    failpoints::at_once(Point::NameRestored, || part.name()).context("the database")?;
    Ok(rows)
}

/// Copies what was unpacked into an empty PostgreSQL database; how many rows it has.
async fn into_server(source: &Database, place: &Place, shown: &str) -> Result<u64> {
    let workspace = Workspace::open_to_fill(place).await?;
    if !workspace.database.is_empty().await? {
        bail!(filled(&workspace.location));
    }
    let _lock = Lock::take_alone(&workspace).await?;
    mark_unfilled(&workspace).await?;
    let copied = source.copy_to(&workspace.database).await;
    source.close().await;
    let rows = rows(copied?, &workspace.location.to_string())?;
    workspace.audit(RESTORE, &shown).await?;
    Ok(rows)
}

/// Copies a workspace that no server has into another database.
pub(crate) async fn relocate(asked: Move, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(&asked.place).await?;
    let _from = Lock::take_alone(&workspace).await?;
    let to = Place { data: asked.place.data, database_url: Some(asked.to) };
    let (target, at) = (to.database(&workspace.folder)?.to_string(), workspace.clock.now());
    // A move that broke off may have brought all of it there: it goes on to there and nowhere else.
    let begun = workspace.database.moved().await?;
    let is_repeated = begun.is_some_and(|moved| !moved.is_done && moved.target == target);
    if !is_repeated {
        workspace.refuse_moved().await?;
    }
    if is_same(&to.database(&workspace.folder)?, &workspace.location) {
        bail!("the workspace is there already");
    }
    let to = Workspace::open_to_fill(&to).await?;
    let _to = Lock::take_alone(&to).await?;
    if to.database.is_empty().await? {
        mark_unfilled(&to).await?;
    }
    let rows = match workspace.database.move_to(&to.database, &target, at).await? {
        Copied::NotEmpty if is_repeated => bail!(
            "there is something in {target} already: what a move before this one brought there, if it is the same; check it with `waymark verify`, and serve it there"
        ),
        copied => rows(copied, &target)?,
    };
    // Whoever reads the mark from before takes the move for one that did not come to its end, and serves nothing either.
    if let Err(failure) =
        workspace.database.mark_moved(Some(&Moved { target, at, is_done: true })).await
    {
        complain(&failure.into());
    }
    to.audit("workspace.move", &to.location).await?;
    let text = format!(
        "{rows} rows in {}; serve it from there from now on: what it was in stays as it is, and is served only with --take-back",
        to.location
    );
    print(output, &text, &json!({ "rows": rows }));
    Ok(End::Well)
}

/// Whether two places are one, however they are written.
fn is_same(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::File(one), Location::File(other)) => {
            let (whole_one, whole_other) = (one.canonicalize(), other.canonicalize());
            one == other || matches!((whole_one, whole_other), (Ok(one), Ok(other)) if one == other)
        }
        (one, other) => one == other,
    }
}

/// Until all of it is here it is no workspace to be served.
async fn mark_unfilled(workspace: &Workspace) -> Result<()> {
    let at = workspace.clock.now();
    let coming = Moved { target: String::new(), at, is_done: false };
    Ok(workspace.database.mark_moved(Some(&coming)).await?)
}

fn rows(copied: Copied, target: &str) -> Result<u64> {
    match copied {
        Copied::Rows(rows) => Ok(rows),
        Copied::NotEmpty => bail!(filled(&target)),
    }
}

fn filled(target: &dyn fmt::Display) -> String {
    format!("there is something in {target} already; name an empty one")
}
