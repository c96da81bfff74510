//! `waymark node`: the servers that share a workspace.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use store::NodeId;

use super::{End, Output, print};
use crate::{config::Place, http::nodes::show, limits, workspace::Workspace};

/// What can be done with servers that share a workspace.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the servers that share the workspace, then those that ended last.
    List(#[command(flatten)] Place),
    /// Ask a server to take up nothing new, before it is stopped.
    Drain(Drain),
}

/// What `node drain` takes.
#[derive(Args)]
pub(crate) struct Drain {
    #[command(flatten)]
    place: Place,
    /// The server's id, as `node list` shows it.
    id: NodeId,
}

/// Runs a command on servers.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::List(place) => list(&place, output).await,
        Command::Drain(drain) => self::drain(drain, output).await,
    }
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(place).await?;
    for node in workspace.store.nodes(limits::ENDED_NODES).await? {
        let node = show(node);
        let text = format!(
            "{}\t{}\t{}\t{}\t{} slots\t{} in hand",
            node.id, node.name, node.version, node.state, node.slots, node.work
        );
        print(output, &text, &serde_json::to_value(&node)?);
    }
    Ok(End::Well)
}

async fn drain(asked: Drain, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(&asked.place).await?;
    let node = asked.id;
    if !workspace.store.drain(node).await? {
        bail!("no server that lives is {node}");
    }
    workspace.audit("node.drain", &node).await?;
    print(output, &format!("{node} takes up nothing new"), &json!({ "id": node.to_string() }));
    Ok(End::Well)
}
