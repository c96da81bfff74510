//! The servers that share a workspace.

use axum::{Json, extract::State, http::StatusCode};
use store::nodes::Node;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Path},
    limits,
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(drain))
}

/// Servers that share the workspace, then those that ended last.
#[utoipa::path(get, path = "/api/v1/nodes", tag = "nodes", responses((status = 200, body = Vec<wire::Node>)))]
async fn list(State(app): State<App>) -> Result<Json<Vec<wire::Node>>> {
    let nodes = app.store().nodes(limits::ENDED_NODES).await?;
    Ok(Json(nodes.into_iter().map(show).collect()))
}

/// Ask a server to take up nothing new, before it is stopped: it goes on answering, and `/readyz` tells a load balancer to leave it out.
#[utoipa::path(post, path = "/api/v1/nodes/{id}/drain", tag = "nodes", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn drain(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let node = extract::id("node", &id)?;
    if !app.store().drain(node).await? {
        return Err(Problem::not_found("node", &id));
    }
    app.audit(&caller, "node.drain", &node).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A node as clients see it.
pub(crate) fn show(node: Node) -> wire::Node {
    wire::Node {
        id: node.id.to_string(),
        name: node.name,
        version: node.version,
        state: node.state.word().to_owned(),
        joined_at: node.joined_at.to_rfc3339(),
        lapses_at: node.lapses_at.to_rfc3339(),
        ended_at: node.ended_at.map(journey::Timestamp::to_rfc3339),
        slots: node.slots,
        work: node.work,
    }
}
