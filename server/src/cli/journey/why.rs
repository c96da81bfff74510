//! `waymark journey why`: what stood in the way of a start.

use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use runtime::Runtime;
use store::EventId;

use super::{End, Named, Output};
use crate::{cli::print, why, workspace::Workspace};

/// What `journey why` takes.
#[derive(Args)]
pub(crate) struct Why {
    #[command(flatten)]
    named: Named,
    /// The account, by its id or external id.
    #[arg(long)]
    account: String,
    /// The event, `evt_…`; the last that each trigger listens for when left out.
    #[arg(long)]
    event: Option<EventId>,
}

/// Explains how the journey's triggers stand towards the account.
pub(crate) async fn run(asked: Why, output: Output) -> Result<End> {
    let (journey, event) = (asked.named.id, asked.event);
    let workspace = Workspace::open_to_look(&asked.named.place).await?;
    let store = workspace.store.as_ref();
    store.list_triggers_anew(workspace.clock.now()).await?;
    store.journey(journey).await?.with_context(|| format!("there is no journey {journey}"))?;
    let account = match asked.account.parse() {
        Ok(id) => store.account(id).await?,
        Err(_) => store.account_by_external_id(&asked.account).await?,
    };
    let account = account.with_context(|| format!("there is no account '{}'", asked.account))?;
    let runtime = Runtime::beside(Arc::clone(&workspace.store), Arc::clone(&workspace.clock));
    let triggers = runtime.why(journey, &account, event).await?;
    let why = why::complete(store, journey, &account, triggers).await?;
    print(output, &why::tell(&why), &serde_json::to_value(&why)?);
    Ok(End::Well)
}
