//! The audit log: who did what.

use axum::{Json, extract::State};
use store::audit::Entry;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AuditEntry, Page};

use crate::{
    app::App,
    extract::{Paging, Query, page},
    problem::Result,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
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
