//! `waymark journey`: drafts as files, and what is published of them.

mod cases;
pub(super) mod check;
mod file;
mod versions;
mod why;
mod would_have;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use journey::Severity;
use serde_json::json;
use store::{
    JourneyId, Paging, ReviewId, Store,
    journeys::{Mode, NewVersion, Published, Summary},
};

use super::{End, Output, print, walk};
use crate::{
    config::Place,
    http,
    reviewing::{self, Ruling, Sought},
    schemas,
    slugs::Slugs,
    workspace::Workspace,
};

/// What can be done with journeys.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check a draft: exit 0 when clean, 1 with errors, 2 when it cannot be read.
    Check {
        /// The draft, as JSON.
        file: PathBuf,
    },
    /// Play the test cases of a draft: exit 0 when all hold, 1 when one fails, 2 when it cannot be read.
    Test {
        /// The draft, as JSON.
        file: PathBuf,
    },
    /// List the journeys of a workspace.
    List(#[command(flatten)] Place),
    /// Make a journey from a draft, a BPMN file or a checklist.
    Import(file::Import),
    /// Print the draft of a journey.
    Export(file::Export),
    /// Publish the draft of a journey.
    Publish(Publish),
    /// Explain why a journey started for an account, or did not.
    Why(why::Why),
    /// List what a shadow version would have done.
    WouldHave(would_have::Listed),
    /// Make a shadow version live.
    Promote(would_have::OfVersion),
    /// Say what a version changes.
    Diff(versions::Compare),
    /// Move the living instances of one version to another.
    Migrate(versions::Migrate),
}

/// A journey of a workspace.
#[derive(Args)]
pub(crate) struct Named {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Id of the journey, `jrn_…`.
    pub(crate) id: JourneyId,
}

/// What `journey publish` takes.
#[derive(Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    named: Named,
    /// Instances only write down what they would do.
    #[arg(long)]
    shadow: bool,
}

/// Runs a command on journeys.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Check { file } => Ok(check::run(&file, output)),
        Command::Test { file } => Ok(cases::run(&file, output)),
        Command::List(place) => list(&place, output).await,
        Command::Import(asked) => file::import(asked, output).await,
        Command::Export(asked) => file::export(asked).await,
        Command::Publish(publish) => self::publish(publish, output).await,
        Command::Why(asked) => why::run(asked, output).await,
        Command::WouldHave(listed) => would_have::list(listed, output).await,
        Command::Promote(of) => would_have::promote(of, output).await,
        Command::Diff(asked) => versions::compare(asked, output).await,
        Command::Migrate(asked) => versions::migrate(asked, output).await,
    }
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(place).await?;
    let store = workspace.store.as_ref();
    walk(
        |paging: Paging<_>| store.journeys(paging),
        |journey: Summary| {
            let live = journey.live_version.map_or("draft".to_owned(), |live| format!("v{live}"));
            let text =
                format!("{}\t{live}\t{} running\t{}", journey.id, journey.running, journey.name);
            let value = json!({
                "id": journey.id.to_string(), "name": journey.name,
                "live_version": journey.live_version, "running": journey.running,
            });
            print(output, &text, &value);
        },
    )
    .await?;
    Ok(End::Well)
}

async fn publish(asked: Publish, output: Output) -> Result<End> {
    let id = asked.named.id;
    let workspace = Workspace::open(&asked.named.place).await?;
    let store = workspace.store.as_ref();
    let found = store.draft(id).await?.with_context(|| format!("there is no journey {id}"))?;
    let known = http::workspace::gather(store, workspace.clock.now()).await?;
    let mut diagnostics = schemas::check(&found.draft, Some(&known));
    if !asked.shadow {
        let now = workspace.clock.now();
        diagnostics.extend(Slugs::default().taken(store, id, &found.draft, now).await?);
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        check::tell(&diagnostics, output);
        return Ok(End::Found);
    }
    let mode = if asked.shadow { Mode::Shadow } else { Mode::Live };
    let review = may_publish(store, id, mode, Sought::Revision(found.revision)).await?;
    let version = NewVersion {
        draft: found.draft,
        revision: found.revision,
        mode,
        note: String::new(),
        by: "command line".to_owned(),
        review,
    };
    let published = store.publish(id, &version, workspace.clock.now()).await?;
    match published.with_context(|| format!("there is no journey {id}"))? {
        Published::LostRace { .. } => bail!("the draft was saved just now; publish again"),
        Published::Version { id, number } => {
            workspace.audit("journey.publish", &id).await?;
            let value = json!({ "id": id.to_string(), "number": number });
            print(output, &format!("{id} version {number}"), &value);
            Ok(End::Well)
        }
    }
}

/// The review that something is published under, when the workspace lets it be published.
async fn may_publish(
    store: &dyn Store,
    journey: JourneyId,
    mode: Mode,
    sought: Sought<'_>,
) -> Result<Option<ReviewId>> {
    match reviewing::rule(store, journey, mode, sought).await? {
        Ruling::Free(review) => Ok(review),
        Ruling::Refused(why) => bail!(why),
    }
}
