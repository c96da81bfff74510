//! Connections: a connector with its configuration, its secrets and what it may reach.

use axum::{Json, extract::State, http::StatusCode};
use connector_host::Manifest;
use serde_json::Value;
use store::{connectors, directory::Made};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Connection, Created, Grants, NewConnection, Page};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, check_name, page},
    problem::{Kind, Problem, Result},
    seal::Sealer,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// Connections, oldest first, without the values of their secrets.
#[utoipa::path(get, path = "/api/v1/connections", tag = "connections", params(Paging),
    responses((status = 200, body = Page<Connection>)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Connection>>> {
    let connections = app.store().connections(paging.of()?).await?;
    Ok(Json(page(connections, show)))
}

/// Make a connection. Its secrets are sealed and never shown again.
#[utoipa::path(post, path = "/api/v1/connections", tag = "connections", request_body = NewConnection,
    responses((status = 201, body = Created), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewConnection>,
) -> Result<(StatusCode, Json<Created>)> {
    let connection = prepare(&app, asked).await?;
    match app.store().create_connection(&connection, app.now()).await? {
        Made::Made(id) => {
            app.audit(&caller, "connection.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        Made::Taken | Made::Unknown(_) => {
            let detail = format!("there is a connection '{}' already", connection.name);
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}

/// Delete a connection; steps that use it become incidents.
#[utoipa::path(delete, path = "/api/v1/connections/{id}", tag = "connections", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let connection = extract::id("connection", &id)?;
    if !app.store().delete_connection(connection).await? {
        return Err(Problem::not_found("connection", &id));
    }
    app.connectors().forget();
    app.audit(&caller, "connection.delete", &connection).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Checks what was asked against the connector, and seals the secrets.
async fn prepare(app: &App, asked: NewConnection) -> Result<connectors::NewConnection> {
    check_name("/name", &asked.name)?;
    let connector = find_connector(app, &asked.connector).await?;
    let manifest: Manifest =
        serde_json::from_value(connector.manifest).map_err(|error| Problem::internal(&error))?;
    let mut config = if asked.config.is_null() {
        Value::Object(serde_json::Map::default())
    } else {
        asked.config
    };
    let mut secrets = asked.secrets;
    secrets.extend(manifest.take_secrets(&mut config));
    extract::check_schema("/config", &manifest.config, &config)?;
    let missing = manifest
        .needs
        .secrets
        .iter()
        .find(|need| need.required && !secrets.contains_key(&need.name));
    if let Some(missing) = missing {
        let pointer = format!("/secrets/{}", missing.name);
        return Err(Problem::field(pointer, "the connector cannot work without it"));
    }
    let is_known = |name: &&String| manifest.needs.secrets.iter().any(|need| need.name == **name);
    if let Some(unknown) = secrets.keys().find(|name| !is_known(name)) {
        let message = "the connector has no use for a secret of this name";
        return Err(Problem::field(format!("/secrets/{unknown}"), message));
    }
    check_grants(&asked.grants)?;
    let names = secrets.keys().cloned().collect();
    let text = serde_json::to_vec(&secrets).map_err(|error| Problem::internal(&error))?;
    let sealed = app.sealer().seal(&Sealer::connection(&asked.name), &text);
    Ok(connectors::NewConnection {
        sealed_secrets: sealed.map_err(|error| Problem::internal(&error))?,
        name: asked.name,
        connector: connector.name,
        config,
        secret_names: names,
        grants: serde_json::to_value(asked.grants).map_err(|error| Problem::internal(&error))?,
    })
}

async fn find_connector(app: &App, asked: &str) -> Result<connectors::Connector> {
    let found = match asked.parse() {
        Ok(id) => app.store().connector(id).await?,
        Err(_) => app.store().connector_by_name(asked).await?,
    };
    found
        .ok_or_else(|| Problem::field("/connector", format!("no connector '{asked}' is installed")))
}

fn check_grants(grants: &Grants) -> Result<()> {
    connector_host::Grants::parse(&grants.hosts, &grants.allow_private)
        .map(|_| ())
        .map_err(|error| Problem::field("/grants", error.to_string()))
}

fn show(connection: connectors::Connection) -> Connection {
    Connection {
        id: connection.id.to_string(),
        name: connection.name,
        connector: connection.connector,
        config: connection.config,
        secrets: connection.secret_names,
        grants: serde_json::from_value(connection.grants).unwrap_or_default(),
        created_at: connection.created_at.to_rfc3339(),
    }
}
