//! Connections: a connector with its configuration, its secrets, what it may reach and how much it may be asked.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use connector_host::Manifest;
use journey::{Timestamp, effect::Failure};
use runtime::{
    Health,
    limits::{CALLS_AT_ONCE, CALLS_PER_SECOND},
};
use serde_json::Value;
use store::{
    connectors::{self, Pace},
    directory::Made,
};
use tokio::time::Instant;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    Breaker, Connection, ConnectionChange, ConnectionHealth, Created, Grants, NewConnection, Page,
    Trial, TrialFailure, Tried,
};

use crate::{
    app::App,
    auth::caller::Caller,
    connectors::Attempt,
    extract::{self, Body, Paging, Path, Query, check_name, page},
    problem::{Kind, Problem, Result},
    seal::Sealer,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(change, delete))
        .routes(routes!(try_operation))
}

/// Connections, oldest first, with how they are doing and without the values of their secrets.
#[utoipa::path(get, path = "/api/v1/connections", tag = "connections", params(Paging),
    responses((status = 200, body = Page<Connection>)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Connection>>> {
    let connections = app.store().connections(paging.of()?).await?;
    let health = app.runtime().connections();
    Ok(Json(page(connections, |connection| {
        let health = health.get(&connection.name).copied();
        show(connection, health)
    })))
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
            app.runtime().connections_changed().await?;
            app.audit(&caller, "connection.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        Made::Taken | Made::Unknown(_) => {
            let detail = format!("there is a connection '{}' already", connection.name);
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}

/// Change a connection; what is left out stays. Its calls go out by the new settings at once, also when they were held back.
#[utoipa::path(patch, path = "/api/v1/connections/{id}", tag = "connections", params(("id" = String, Path)), request_body = ConnectionChange,
    responses((status = 200, body = Connection), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<ConnectionChange>,
) -> Result<Json<Connection>> {
    let connection = extract::id("connection", &id)?;
    let missing = || Problem::not_found("connection", &id);
    let stored = app.store().connection(connection).await?.ok_or_else(missing)?;
    let changed = prepare(&app, merge(&app, stored, asked)?).await?;
    if app.store().change_connection(connection, &changed, app.now()).await?.is_none() {
        return Err(missing());
    }
    app.connectors().forget();
    app.runtime().connections_changed().await?;
    app.audit(&caller, "connection.change", &connection).await?;
    let stored = app.store().connection(connection).await?.ok_or_else(missing)?;
    let health = app.runtime().connections().get(&stored.name).copied();
    Ok(Json(show(stored, health)))
}

/// The whole connection as it is to be.
fn merge(
    app: &App,
    stored: connectors::Connection,
    asked: ConnectionChange,
) -> Result<NewConnection> {
    let place = Sealer::connection(&stored.name);
    let secrets = app.sealer().open_sealed(&place, &stored.sealed_secrets);
    let mut secrets: BTreeMap<String, String> = match secrets {
        Ok(secrets) => {
            serde_json::from_slice(&secrets).map_err(|error| Problem::internal(&error))?
        }
        // The server has a new key, and those who know the secrets give them again.
        Err(_) if stored.secret_names.is_empty() || !asked.secrets.is_empty() => BTreeMap::new(),
        Err(_) => {
            let detail = "its secrets were sealed with a key that is gone: give all of them with this change";
            return Err(Problem::new(Kind::Conflict, detail));
        }
    };
    secrets.extend(asked.secrets);
    Ok(NewConnection {
        name: stored.name,
        connector: stored.connector,
        config: asked.config.unwrap_or(stored.config),
        secrets,
        grants: asked
            .grants
            .unwrap_or_else(|| serde_json::from_value(stored.grants).unwrap_or_default()),
        calls_at_once: asked.calls_at_once.or(Some(stored.pace.calls_at_once)),
        calls_per_second: asked.calls_per_second.unwrap_or(stored.pace.calls_per_second),
        for_tests: asked.for_tests.unwrap_or(stored.for_tests),
    })
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
    app.runtime().connections_changed().await?;
    app.audit(&caller, "connection.delete", &connection).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Call one operation of a connection that is there for tests, at once and once. That the call fails is an answer.
#[utoipa::path(post, path = "/api/v1/connections/{id}/try", tag = "connections", params(("id" = String, Path)), request_body = Trial,
    responses((status = 200, body = Tried), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem), (status = 429, body = wire::Problem)))]
async fn try_operation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<Trial>,
) -> Result<Json<Tried>> {
    let connection = extract::id("connection", &id)?;
    let stored = app.store().connection(connection).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("connection", &id))?;
    if !stored.for_tests {
        let detail = format!("the connection '{}' is not there for tests", stored.name);
        return Err(Problem::new(Kind::Conflict, detail));
    }
    let connector = find_connector(&app, &stored.connector).await?;
    let manifest: Manifest =
        serde_json::from_value(connector.manifest).map_err(|error| Problem::internal(&error))?;
    let operation = manifest.operations.iter().find(|known| known.name == asked.operation);
    let Some(operation) = operation else {
        let message = format!("the connector '{}' has no such operation", stored.connector);
        return Err(Problem::field("/operation", message));
    };
    extract::check_schema("/input", &operation.input, &asked.input)?;
    let Some(_place) = app.connectors().place_to_try() else {
        return Err(Problem::new(Kind::Overloaded, "others try operations just now"));
    };
    // What it does outside cannot be taken back, so who did it is written down before.
    app.audit(&caller, "connection.try", &connection).await?;
    let trial = Attempt { connection: stored.name, operation: asked.operation, input: asked.input };
    let begin = Instant::now();
    let (output, failure) = match app.connectors().attempt(trial).await {
        Ok(output) => (output, None),
        Err(failure) => (Value::Null, Some(told(failure))),
    };
    let took_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(Tried { output, failure, took_ms }))
}

fn told(Failure { kind, code, message, .. }: Failure) -> TrialFailure {
    let kind = serde_json::to_value(kind).ok();
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    TrialFailure { kind, code, message }
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
    let pace = pace(asked.calls_at_once, asked.calls_per_second)?;
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
        pace,
        for_tests: asked.for_tests,
    })
}

/// How much the other side may be asked, within limits.
fn pace(calls_at_once: Option<u32>, calls_per_second: Option<f64>) -> Result<Pace> {
    let calls_at_once = calls_at_once.unwrap_or(Pace::default().calls_at_once);
    if !(1..=CALLS_AT_ONCE).contains(&calls_at_once) {
        return Err(Problem::field("/calls_at_once", format!("1 to {CALLS_AT_ONCE}")));
    }
    if let Some(rate) = calls_per_second
        && !CALLS_PER_SECOND.contains(&rate)
    {
        let (least, most) = CALLS_PER_SECOND.into_inner();
        return Err(Problem::field("/calls_per_second", format!("{least} to {most}")));
    }
    Ok(Pace { calls_at_once, calls_per_second })
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

fn show(connection: connectors::Connection, health: Option<Health>) -> Connection {
    Connection {
        id: connection.id.to_string(),
        name: connection.name,
        connector: connection.connector,
        config: connection.config,
        secrets: connection.secret_names,
        grants: serde_json::from_value(connection.grants).unwrap_or_default(),
        calls_at_once: connection.pace.calls_at_once,
        calls_per_second: connection.pace.calls_per_second,
        for_tests: connection.for_tests,
        health: health.map(show_health).unwrap_or_default(),
        created_at: connection.created_at.to_rfc3339(),
    }
}

fn show_health(health: Health) -> ConnectionHealth {
    let (breaker, since, asked_again_at) = match health.breaker {
        runtime::Breaker::Closed => (Breaker::Closed, None, None),
        runtime::Breaker::Open { since, until } => (Breaker::Open, Some(since), Some(until)),
        runtime::Breaker::HalfOpen { since } => (Breaker::HalfOpen, Some(since), None),
    };
    let words = |time: Option<Timestamp>| time.map(Timestamp::to_rfc3339);
    ConnectionHealth {
        breaker,
        since: words(since),
        asked_again_at: words(asked_again_at),
        told_to_wait_until: words(health.told_to_wait_until),
    }
}
