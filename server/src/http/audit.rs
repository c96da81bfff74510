//! The audit log: who did what.

use axum::{Json, extract::State};
use store::audit::{Entry, Seal};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AuditEntry, Page};

use crate::{
    app::App,
    extract::{Paging, Query, page},
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(head))
}

/// The newest seal of the log: kept elsewhere, it shows whether a line was changed or removed since. `waymark verify --audit-head NUMBER:HASH` does.
#[utoipa::path(get, path = "/api/v1/audit/head", tag = "audit",
    responses((status = 200, body = wire::AuditSeal), (status = 404, body = wire::Problem)))]
async fn head(State(app): State<App>) -> Result<Json<wire::AuditSeal>> {
    let head = app.store().audit_head().await?;
    let Seal { number, lines, hash, at } =
        head.ok_or_else(|| Problem::not_found("seal", "head"))?;
    Ok(Json(wire::AuditSeal { number, lines, hash, at: at.to_rfc3339() }))
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(Paging),
    responses((status = 200, body = Page<AuditEntry>)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AuditEntry>>> {
    let entries = app.store().audit(paging.of()?).await?;
    Ok(Json(page(entries, |Entry { id, deed }| AuditEntry {
        id: id.to_string(),
        at: deed.at.to_rfc3339(),
        actor: deed.actor,
        action: deed.action,
        object: deed.object,
        detail: deed.detail,
    })))
}
