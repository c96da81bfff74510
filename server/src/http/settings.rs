//! What the workspace is set to.

use axum::{Json, extract::State};
use serde_json::json;
use store::audit::Deed;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Settings;

use crate::{app::App, auth::caller::Caller, extract::Body, problem::Result, reviewing};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read, change))
}

/// What the workspace is set to.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings", responses((status = 200, body = Settings)))]
async fn read(State(app): State<App>) -> Result<Json<Settings>> {
    Ok(Json(settings(&app).await?))
}

/// Set the workspace to something else.
#[utoipa::path(put, path = "/api/v1/settings", tag = "settings", request_body = Settings,
    responses((status = 200, body = Settings), (status = 422, body = wire::Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<Settings>,
) -> Result<Json<Settings>> {
    let is_needed = asked.publishing_live_needs_review;
    let value = if is_needed { reviewing::YES } else { reviewing::NO };
    app.store().set_setting(reviewing::NEEDED, value, app.now()).await?;
    let deed = Deed {
        actor: caller.0.email,
        action: "settings.change".to_owned(),
        object: reviewing::NEEDED.to_owned(),
        detail: json!({ "value": is_needed }),
        at: app.now(),
    };
    app.store().write_down(&deed).await?;
    Ok(Json(settings(&app).await?))
}

async fn settings(app: &App) -> Result<Settings> {
    Ok(Settings { publishing_live_needs_review: reviewing::is_needed(app.store()).await? })
}
