//! `waymark instance state`: how an instance stood after one of its records.

use anyhow::{Context, Result};
use clap::Args;
use journey::explain;
use serde_json::json;
use store::InstanceId;

use super::{End, Output, print};
use crate::{config::Place, history, workspace::Workspace};

/// What `instance state` takes.
#[derive(Args)]
pub(crate) struct State {
    #[command(flatten)]
    place: Place,
    /// Id of the instance, `ins_…`.
    id: InstanceId,
    /// Number of a record; the last one when left out.
    #[arg(long)]
    at: Option<u64>,
}

/// Prints it.
pub(super) async fn run(asked: State, output: Output) -> Result<End> {
    let id = asked.id;
    let workspace = Workspace::open_to_look(&asked.place).await?;
    let records = history::records(workspace.store.as_ref(), id, asked.at).await?;
    let last = records.last().with_context(|| format!("there is no instance {id}"))?;
    let at = asked.at.unwrap_or(last.sequence);
    let stood = explain::state_at(&records, at)?;
    let mut text = format!("{id} after record {at}: {}", word(stood.status()));
    for wait in stood.waits() {
        let due = wait.due().map(|due| format!(", due {}", due.to_rfc3339())).unwrap_or_default();
        text += &format!("\n  at {} since {}{due}", wait.node, wait.since.to_rfc3339());
    }
    for (name, value) in stood.vars() {
        text += &format!("\n  {name} = {value}");
    }
    print(output, &text, &json!({ "id": id.to_string(), "at": at, "state": stood }));
    Ok(End::Well)
}

fn word(status: journey::Status) -> &'static str {
    match status {
        journey::Status::Running => "running",
        journey::Status::Incident => "incident",
        journey::Status::Ended => "ended",
        journey::Status::Cancelled => "cancelled",
    }
}
