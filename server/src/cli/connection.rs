//! `waymark connection`: how much connections may be asked. They are made over the interface, where their secrets are checked.

use anyhow::{Result, bail};
use clap::{Args, Subcommand, value_parser};
use runtime::limits::{CALLS_AT_ONCE, CALLS_PER_SECOND};
use serde_json::json;
use store::{
    Paging,
    connectors::{Connection, NewConnection, Pace},
};

use super::{End, Output, print, walk};
use crate::{config::Place, workspace::Workspace};

/// What can be done with connections.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List connections and how much each may be asked.
    List(#[command(flatten)] Place),
    /// Change how much a connection may be asked, and ask it again if it was left alone.
    Limit(Limit),
}

/// What `connection limit` takes.
#[derive(Args)]
pub(crate) struct Limit {
    #[command(flatten)]
    place: Place,
    /// What journeys call the connection.
    name: String,
    /// Calls going out at the same time.
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=i64::from(CALLS_AT_ONCE)))]
    calls_at_once: Option<u32>,
    /// Calls going out in a second, or `none` for as many as there are.
    #[arg(long, value_name = "N|none", value_parser = rate)]
    calls_per_second: Option<Rate>,
}

/// Calls in a second; `None` for as many as there are.
#[derive(Clone, Copy)]
struct Rate(Option<f64>);

fn rate(text: &str) -> Result<Rate, String> {
    let (least, most) = CALLS_PER_SECOND.into_inner();
    match text.parse::<f64>() {
        _ if text == "none" => Ok(Rate(None)),
        Ok(rate) if CALLS_PER_SECOND.contains(&rate) => Ok(Rate(Some(rate))),
        Ok(_) | Err(_) => Err(format!("it takes a number from {least} to {most}, or `none`")),
    }
}

/// Runs a command on connections.
pub(crate) async fn run(command: Command, output: Output) -> Result<End> {
    match command {
        Command::List(place) => list(&place, output).await,
        Command::Limit(asked) => limit(asked, output).await,
    }
}

async fn limit(asked: Limit, output: Output) -> Result<End> {
    let workspace = Workspace::open(&asked.place).await?;
    let found = workspace.store.connection_by_name(&asked.name).await?;
    let Some(found) = found else { bail!("there is no connection '{}'", asked.name) };
    let pace = Pace {
        calls_at_once: asked.calls_at_once.unwrap_or(found.pace.calls_at_once),
        calls_per_second: asked.calls_per_second.map_or(found.pace.calls_per_second, |rate| rate.0),
    };
    let id = found.id;
    let changed = with_pace(found, pace);
    workspace.store.change_connection(id, &changed, workspace.clock.now()).await?;
    workspace.audit("connection.change", &id).await?;
    say(output, &asked.name, &id.to_string(), pace);
    Ok(End::Well)
}

fn with_pace(connection: Connection, pace: Pace) -> NewConnection {
    let Connection {
        name, connector, config, secret_names, sealed_secrets, grants, for_tests, ..
    } = connection;
    NewConnection { name, connector, config, secret_names, sealed_secrets, grants, pace, for_tests }
}

async fn list(place: &Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(place).await?;
    let store = workspace.store.as_ref();
    walk(
        |paging: Paging<_>| store.connections(paging),
        |one: Connection| say(output, &one.name, &one.id.to_string(), one.pace),
    )
    .await?;
    Ok(End::Well)
}

fn say(output: Output, name: &str, id: &str, pace: Pace) {
    let Pace { calls_at_once, calls_per_second } = pace;
    let rate = calls_per_second.map_or("any number".to_owned(), |rate| rate.to_string());
    let text = format!("{id}\t{name}\t{calls_at_once} at once\t{rate} in a second");
    let value = json!({
        "id": id, "name": name, "calls_at_once": calls_at_once, "calls_per_second": calls_per_second,
    });
    print(output, &text, &value);
}
