//! `waymark journey diff` and `waymark journey migrate`: what a version changes, and who moves to it.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use journey::{Draft, diff::diff, migrate::Mapping};
use serde_json::{Value, json};
use store::{
    JourneyId, MigrationId, Store,
    journeys::Mode,
    migrations::{Begun, NewMigration, Purpose, State},
};

use super::{End, Named, Output, print};
use crate::{config::Unusable, http::migrations::misfits, workspace::Workspace};

/// How often, and how many times, a migration is looked at before its id is printed as it stands.
const LOOK_MS: u64 = 250;
const LOOKS: u32 = 48;

/// What `journey diff` takes.
#[derive(Args)]
pub(crate) struct Compare {
    #[command(flatten)]
    named: Named,
    /// Number of a version, or `draft`.
    from: String,
    /// Number of another version, or `draft`.
    to: String,
}

/// What `journey migrate` takes.
#[derive(Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    named: Named,
    /// Number of the version the instances follow.
    #[arg(long)]
    from: u64,
    /// Number of the live version they are to follow.
    #[arg(long)]
    to: u64,
    /// Nodes and variables that have another name there, as JSON.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Only look at every instance; move none.
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn compare(asked: Compare, output: Output) -> Result<End> {
    let id = asked.named.id;
    let workspace = Workspace::open_to_look(&asked.named.place).await?;
    let store = workspace.store.as_ref();
    let (from, to) = (drawn(store, id, &asked.from).await?, drawn(store, id, &asked.to).await?);
    let found = diff(&from, &to);
    match output {
        Output::Json => print(output, "", &serde_json::to_value(&found)?),
        Output::Text => {
            for change in &found.changes {
                print(output, &change.sentence, &Value::Null);
            }
        }
    }
    Ok(End::Well)
}

async fn drawn(store: &dyn Store, id: JourneyId, name: &str) -> Result<Draft> {
    if name == "draft" {
        let found = store.draft(id).await?;
        return Ok(found.with_context(|| format!("there is no journey {id}"))?.draft);
    }
    let number = name.parse().with_context(|| format!("'{name}' is no version and not `draft`"));
    let number = number.map_err(|error| Unusable::because(&error))?;
    let found = store.version(id, number).await?;
    Ok(found.with_context(|| format!("there is no version {number} of {id}"))?.draft)
}

pub(super) async fn migrate(asked: Migrate, output: Output) -> Result<End> {
    let journey = asked.named.id;
    let mapping = match asked.mapping.as_deref().map(read) {
        None => Mapping::default(),
        Some(Ok(mapping)) => mapping,
        Some(Err(error)) => return Ok(End::Unreadable(error)),
    };
    let workspace = Workspace::open(&asked.named.place).await?;
    let store = workspace.store.as_ref();
    check(store, journey, (asked.from, asked.to), &mapping).await?;
    let purpose = if asked.dry_run { Purpose::Preview } else { Purpose::Move };
    let by = "command line".to_owned();
    let migration = NewMigration { journey, from: asked.from, to: asked.to, mapping, purpose, by };
    match store.create_migration(&migration, workspace.clock.now()).await? {
        Begun::Busy(other) => bail!("its instances are being moved already, by {other}"),
        Begun::Migration(id) => {
            workspace.audit("journey.migrate", &id).await?;
            tell(store, id, output).await
        }
    }
}

fn read(file: &std::path::Path) -> Result<Mapping> {
    let text = std::fs::read(file).with_context(|| file.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| file.display().to_string())
}

async fn check(
    store: &dyn Store,
    journey: JourneyId,
    (from, to): (u64, u64),
    mapping: &Mapping,
) -> Result<()> {
    if from == to {
        bail!("name another version than the one they follow");
    }
    let mut drafts = Vec::new();
    for number in [from, to] {
        let found = store.version(journey, number).await?;
        let version =
            found.with_context(|| format!("there is no version {number} of {journey}"))?;
        if version.mode == Mode::Shadow {
            bail!("version {number} only writes down what it would do");
        }
        drafts.push(version.draft);
    }
    let problems = misfits(&drafts, (from, to), mapping);
    if !problems.is_empty() {
        let sentences: Vec<_> = problems.into_iter().map(|problem| problem.sentence).collect();
        bail!("the mapping does not fit: {}", sentences.join(" "));
    }
    Ok(())
}

/// Waits a while for the server that does the work, and tells how far it is.
async fn tell(store: &dyn Store, id: MigrationId, output: Output) -> Result<End> {
    let mut looks = 0;
    loop {
        let found = store.migration(id).await?.with_context(|| format!("{id} is gone"))?;
        if found.state == State::Running && looks < LOOKS {
            looks += 1;
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
            continue;
        }
        let outcomes = store.outcomes(id).await?;
        let counts: Vec<_> =
            outcomes.iter().map(|(word, count)| format!("{count} {word}")).collect();
        let (state, note) = (found.state.word(), &found.note);
        let text = match found.state {
            State::Running => format!("{id} is running; the server of the workspace does it"),
            State::Done => format!("{id} is done: {}", counts.join(", ")),
            State::Failed => format!("{id} failed: {note}"),
        };
        let value =
            json!({ "id": id.to_string(), "state": state, "note": note, "outcomes": outcomes });
        print(output, &text, &value);
        return Ok(if found.state == State::Failed { End::Found } else { End::Well });
    }
}
