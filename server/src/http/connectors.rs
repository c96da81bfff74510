//! Connectors: WebAssembly components that reach other systems.

use axum::{
    Json,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use store::connectors;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Connector, Page};

use crate::{
    app::App,
    auth::caller::Caller,
    connectors::InstallError,
    extract::{self, Paging, Path, Query, page},
    limits,
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, install))
        .layer(DefaultBodyLimit::max(limits::COMPONENT_BYTES))
        .routes(routes!(uninstall))
}

/// Installed connectors, oldest first.
#[utoipa::path(get, path = "/api/v1/connectors", tag = "connectors", params(Paging),
    responses((status = 200, body = Page<Connector>)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Connector>>> {
    let connectors = app.store().connectors(paging.of()?).await?;
    Ok(Json(page(connectors, show)))
}

/// Install a connector from its component; one of the same name is replaced.
#[utoipa::path(post, path = "/api/v1/connectors", tag = "connectors",
    request_body(content = Vec<u8>, content_type = "application/wasm"),
    responses((status = 201, body = Connector), (status = 413, body = wire::Problem),
        (status = 415, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn install(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Connector>)> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/wasm") {
        let detail = "send the component with `Content-Type: application/wasm`";
        return Err(Problem::new(Kind::UnsupportedMedia, detail));
    }
    let component = body.map_err(extract::unreadable)?;
    let installed = app.connectors().install(component.to_vec()).await;
    let id = installed.map_err(|error| match error {
        InstallError::Unfit(why) => Problem::field("", why),
        InstallError::Store(failure) => failure.into(),
        InstallError::Broken(why) => Problem::internal(&why),
    })?;
    app.audit(&caller, "connector.install", &id).await?;
    let connector = app.store().connector(id).await?;
    let connector = connector.ok_or_else(|| Problem::not_found("connector", &id.to_string()))?;
    Ok((StatusCode::CREATED, Json(show(connector))))
}

/// Uninstall a connector; steps that call it become incidents.
#[utoipa::path(delete, path = "/api/v1/connectors/{id}", tag = "connectors", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn uninstall(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let connector = extract::id("connector", &id)?;
    if !app.connectors().uninstall(connector).await? {
        return Err(Problem::not_found("connector", &id));
    }
    app.audit(&caller, "connector.uninstall", &connector).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn show(connector: connectors::Connector) -> Connector {
    let needs = connector.manifest["needs"].clone();
    Connector {
        id: connector.id.to_string(),
        name: connector.name,
        version: connector.version,
        digest: connector.digest,
        manifest: connector.manifest,
        needs,
        installed_at: connector.installed_at.to_rfc3339(),
    }
}
