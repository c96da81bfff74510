//! What drafts of this workspace may refer to.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use journey::{
    Timestamp, Workspace,
    calendar::Calendar,
    workspace::{Connection, Operation, fields_of},
};
use serde_json::Value;
use store::{Failure, Paging, Store, accounts::Search};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, cli::walk, problem::Result};

/// How many accounts are looked at to learn what accounts have.
const ACCOUNTS_LOOKED_AT: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Names and schemas that drafts may refer to, for checking as one draws.
#[utoipa::path(get, path = "/api/v1/workspace", tag = "workspace", responses((status = 200, body = Object)))]
async fn read(State(app): State<App>) -> Result<Json<Workspace>> {
    let some = Paging::first(ACCOUNTS_LOOKED_AT);
    let accounts = app.store().accounts(&Search::default(), some).await?.items;
    let account_fields = fields_of(accounts.into_iter().map(|account| account.fields));
    Ok(Json(Workspace { account_fields, ..gather(app.store(), app.now()).await? }))
}

/// Everything of the workspace that `check` may ask for.
pub(crate) async fn gather(store: &dyn Store, now: Timestamp) -> Result<Workspace, Failure> {
    let mut workspace = Workspace { now: Some(now), ..Workspace::default() };
    let mut operations = BTreeMap::new();
    walk(
        |paging| store.connectors(paging),
        |connector| {
            operations.insert(connector.name.clone(), operations_of(&connector.manifest));
        },
    )
    .await?;
    walk(
        |paging| store.connections(paging),
        |connection| {
            let operations = operations.get(&connection.connector).cloned().unwrap_or_default();
            let connector = connection.connector;
            workspace.connections.insert(connection.name, Connection { connector, operations });
        },
    )
    .await?;
    walk(
        |paging| store.teams(paging),
        |team| {
            workspace.teams.insert(team.name);
        },
    )
    .await?;
    walk(
        |paging| store.users(paging),
        |user| {
            workspace.users.insert(user.email);
        },
    )
    .await?;
    let calendars = store.calendars().await?.into_iter();
    workspace.calendars = calendars.map(|at| at.calendar.name().to_owned()).collect();
    workspace.calendars.insert(Calendar::standard().name().to_owned());
    walk(
        |paging| store.journeys(paging),
        |journey| {
            if journey.live_version.is_some() {
                workspace.journeys.insert(journey.id.to_string());
                if !workspace.journeys.insert(journey.name.clone()) {
                    workspace.shared_names.insert(journey.name);
                }
            }
        },
    )
    .await?;
    Ok(workspace)
}

fn operations_of(manifest: &Value) -> BTreeMap<String, Operation> {
    let operations = manifest["operations"].as_array().into_iter().flatten();
    let named = operations.filter_map(|operation| {
        let name = operation["name"].as_str()?.to_owned();
        let known = Operation {
            title: operation["title"].as_str().unwrap_or("").to_owned(),
            input: operation["input"].clone(),
            output: operation["output"].clone(),
            idempotent: operation["idempotent"].as_bool().unwrap_or(false),
        };
        Some((name, known))
    });
    named.collect()
}
