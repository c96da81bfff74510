//! What people do to instances: cancel them, decide what becomes of a failed step, add an item.

use axum::{Json, extract::State};
use journey::{Event, Position, Rejection, Wait, instance::On};
use runtime::DeliverError;
use store::InstanceId;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AddItem, Cancel, EndInstance, InstanceDetail, Skip};

use super::instances;
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Path, check_name},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cancel))
        .routes(routes!(retry))
        .routes(routes!(skip))
        .routes(routes!(end))
        .routes(routes!(add_item))
}

/// End an instance for a reason.
#[utoipa::path(post, path = "/api/v1/instances/{id}/cancel", tag = "instances", params(("id" = String, Path)),
    request_body = Cancel,
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<Cancel>,
) -> Result<Json<InstanceDetail>> {
    check_name("/reason", &asked.reason)?;
    let instance = extract::id("instance", &id)?;
    let event = Event::Cancelled { reason: asked.reason, by: caller.0.email.clone() };
    app.deliver(instance, event).await?;
    instances::read(State(app), Path(id)).await
}

/// Try every failed step again.
#[utoipa::path(post, path = "/api/v1/instances/{id}/retry", tag = "instances", params(("id" = String, Path)),
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn retry(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<InstanceDetail>> {
    let (instance, incidents) = incidents(&app, &id).await?;
    if incidents.is_empty() {
        return Err(Problem::new(Kind::Conflict, "the instance has no incident"));
    }
    for (position, _) in incidents {
        let by = caller.0.email.clone();
        app.deliver(instance, Event::IncidentRetried { position, by }).await?;
    }
    instances::read(State(app), Path(id)).await
}

/// Leave a failed step by one of its ports.
#[utoipa::path(post, path = "/api/v1/instances/{id}/skip", tag = "instances", params(("id" = String, Path)),
    request_body = Skip,
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn skip(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<Skip>,
) -> Result<Json<InstanceDetail>> {
    let (instance, position) = incident(&app, &id, &asked.node).await?;
    let by = caller.0.email.clone();
    let event = Event::IncidentSkipped { position, by, outcome: asked.outcome };
    app.deliver(instance, event).await?;
    instances::read(State(app), Path(id)).await
}

/// End an instance at a failed step, with an outcome of your choice.
#[utoipa::path(post, path = "/api/v1/instances/{id}/end", tag = "instances", params(("id" = String, Path)),
    request_body = EndInstance,
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<EndInstance>,
) -> Result<Json<InstanceDetail>> {
    check_name("/outcome", &asked.outcome)?;
    let (instance, position) = incident(&app, &id, &asked.node).await?;
    let by = caller.0.email.clone();
    app.deliver(instance, Event::IncidentEnded { position, by, outcome: asked.outcome }).await?;
    instances::read(State(app), Path(id)).await
}

/// Add an item to a for-each that still waits.
#[utoipa::path(post, path = "/api/v1/instances/{id}/items", tag = "instances", params(("id" = String, Path)),
    request_body = AddItem,
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn add_item(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<AddItem>,
) -> Result<Json<InstanceDetail>> {
    let waits = |wait: &Wait| wait.node == asked.node && matches!(wait.on, On::Children { .. });
    let (instance, found) = positions(&app, &id, waits).await?;
    let nothing = || {
        let detail = format!("'{}' does not wait for items now", asked.node);
        Problem::new(Kind::Conflict, detail)
    };
    let (position, _) = found.into_iter().next().ok_or_else(nothing)?;
    let by = caller.0.email.clone();
    let added =
        app.runtime().deliver(instance, Event::ItemAdded { position, item: asked.item, by });
    added.await.map_err(|error| match error {
        DeliverError::Rejected(Rejection::InvalidInput { pointer, message }) => {
            Problem::field(pointer, message)
        }
        error => Problem::from(error),
    })?;
    instances::read(State(app), Path(id)).await
}

/// The failed steps of an instance.
async fn incidents(app: &App, id: &str) -> Result<(InstanceId, Vec<(Position, String)>)> {
    positions(app, id, |wait| matches!(wait.on, On::Incident { .. })).await
}

/// Where the step of a node has failed.
async fn incident(app: &App, id: &str, node: &str) -> Result<(InstanceId, Position)> {
    let (instance, incidents) = incidents(app, id).await?;
    let found = incidents.into_iter().find(|(_, failed)| failed == node);
    let missing = || Problem::new(Kind::Conflict, format!("'{node}' has no incident"));
    Ok((instance, found.ok_or_else(missing)?.0))
}

/// Where an instance waits in a certain way, with the nodes.
async fn positions(
    app: &App,
    id: &str,
    fits: impl Fn(&Wait) -> bool,
) -> Result<(InstanceId, Vec<(Position, String)>)> {
    let instance = extract::id("instance", id)?;
    let stored = app.store().instance(instance).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("instance", id))?;
    let waits = stored.state.waits().iter().filter(|wait| fits(wait));
    Ok((instance, waits.map(|wait| (wait.position, wait.node.clone())).collect()))
}
