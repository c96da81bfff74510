//! `waymark instance`: how instances stand, and what people do to them, beside a running server or without one.

mod state;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, builder::NonEmptyStringValueParser};
use journey::{Event, Position, effect::Failure, instance::On};
use runtime::{DeliverError, Runtime, Standing};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{InstanceId, instances::Stored};

use super::{End, Output, print};
use crate::{
    config::{Place, Unusable},
    workspace::Workspace,
};

/// Who acts by the command line, as records and the audit log have it.
const BY: &str = "command line";

/// What can be done with instances.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show how an instance stands.
    Show(Named),
    /// Print how an instance stood after one of its records.
    State(state::State),
    /// Cancel an instance; what it did is undone where its actions say how.
    Cancel {
        #[command(flatten)]
        named: Named,
        /// Why, for its records.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
    },
    /// Try a failed step again.
    Retry(AtNode),
    /// Leave a failed step by one of its ports.
    Skip(WithOutcome),
    /// End an instance at a failed step, with an outcome of your choice.
    End(WithOutcome),
    /// Add an item to a for-each that still waits.
    AddItem {
        #[command(flatten)]
        at: AtNode,
        /// The item, as JSON.
        item: String,
    },
}

/// An instance of a workspace.
#[derive(Args)]
pub(crate) struct Named {
    #[command(flatten)]
    place: Place,
    /// Id of the instance, `ins_…`.
    id: InstanceId,
}

/// A node at which an instance stands.
#[derive(Args)]
pub(crate) struct AtNode {
    #[command(flatten)]
    named: Named,
    /// Id of the node.
    #[arg(long)]
    node: String,
}

/// A node, and an outcome.
#[derive(Args)]
pub(crate) struct WithOutcome {
    #[command(flatten)]
    at: AtNode,
    /// The port to leave by, or the outcome to end with.
    #[arg(long)]
    outcome: String,
}

/// Runs a command on instances.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::Show(named) => {
            let found = Found::to_look_at(&named).await?;
            show(found.id, &Standing::of_stored(&found.stored), Some(&found.stored), output);
            Ok(End::Well)
        }
        Command::State(asked) => state::run(asked, output).await,
        Command::Cancel { named, reason } => {
            let found = Found::of(&named).await?;
            found.deliver(Event::Cancelled { reason, by: BY.to_owned() }, output).await
        }
        Command::Retry(at) => {
            let (found, position) = at.incident().await?;
            found.deliver(Event::IncidentRetried { position, by: BY.to_owned() }, output).await
        }
        Command::Skip(WithOutcome { at, outcome }) => {
            let (found, position) = at.incident().await?;
            let event = Event::IncidentSkipped { position, by: BY.to_owned(), outcome };
            found.deliver(event, output).await
        }
        Command::End(WithOutcome { at, outcome }) => {
            let (found, position) = at.incident().await?;
            let event = Event::IncidentEnded { position, by: BY.to_owned(), outcome };
            found.deliver(event, output).await
        }
        Command::AddItem { at, item } => {
            let item = serde_json::from_str::<Value>(&item).context("the item is no JSON");
            let item = item.map_err(|error| Unusable::because(&error))?;
            let (found, position) = at.find(|on| matches!(on, On::Children { .. })).await?;
            found.deliver(Event::ItemAdded { position, item, by: BY.to_owned() }, output).await
        }
    }
}

impl AtNode {
    /// Where the node's step has failed.
    async fn incident(&self) -> Result<(Found, Position)> {
        self.find(|on| matches!(on, On::Incident { .. })).await
    }

    async fn find(&self, fits: impl Fn(&On) -> bool) -> Result<(Found, Position)> {
        let found = Found::of(&self.named).await?;
        let mut waits = found.stored.state.waits().iter();
        let wait = waits.find(|wait| wait.node == self.node && fits(&wait.on));
        let Some(position) = wait.map(|wait| wait.position) else {
            bail!("the instance does not wait at '{}' for this", self.node);
        };
        Ok((found, position))
    }
}

/// An instance that was found.
struct Found {
    workspace: Workspace,
    id: InstanceId,
    stored: Stored,
}

impl Found {
    async fn of(named: &Named) -> Result<Self> {
        Self::in_workspace(Workspace::open(&named.place).await?, named.id).await
    }

    async fn to_look_at(named: &Named) -> Result<Self> {
        Self::in_workspace(Workspace::open_to_look(&named.place).await?, named.id).await
    }

    async fn in_workspace(workspace: Workspace, id: InstanceId) -> Result<Self> {
        let stored = workspace.store.instance(id).await?;
        let stored = stored.with_context(|| format!("there is no instance {id}"))?;
        Ok(Self { workspace, id, stored })
    }

    async fn deliver(self, event: Event, output: Output) -> Result<End> {
        let (store, clock) = (&self.workspace.store, &self.workspace.clock);
        let runtime = Runtime::beside(Arc::clone(store), Arc::clone(clock));
        match runtime.deliver(self.id, event).await {
            Ok(standing) => {
                show(self.id, &standing, None, output);
                Ok(End::Well)
            }
            Err(DeliverError::Rejected(rejection)) => bail!("{rejection}"),
            Err(error) => Err(error.into()),
        }
    }
}

fn show(id: InstanceId, standing: &Standing, stored: Option<&Stored>, output: Output) {
    let status = json!(standing.status);
    let word = status.as_str().unwrap_or_default();
    let waits = stored.map_or(&[][..], |stored| stored.state.waits());
    let nodes: Vec<&str> = waits.iter().map(|wait| wait.node.as_str()).collect();
    let incidents: Vec<(&str, &Failure)> = waits
        .iter()
        .filter_map(|wait| match &wait.on {
            On::Incident { failure, .. } => Some((wait.node.as_str(), failure)),
            _ => None,
        })
        .collect();
    let outcome = standing.outcome.as_deref().unwrap_or_default();
    let mut text = format!("{id}\t{word}\t{outcome}\t{}", nodes.join(", ")).trim_end().to_owned();
    for (node, Failure { code, message, .. }) in &incidents {
        text += &format!("\n  {node} failed: {} ({code})", message.trim());
    }
    let value = json!({
        "id": id.to_string(), "status": status, "outcome": standing.outcome, "waits": nodes,
        "incidents": incidents.iter().map(|(node, failure)| json!({ "node": node, "failure": failure })).collect::<Vec<_>>(),
    });
    print(output, &text, &value);
}
