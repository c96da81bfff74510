//! Journeys to begin with.

use axum::Json;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Gallery, Template};

use crate::{
    app::App,
    extract::Path,
    gallery,
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(templates)).routes(routes!(template))
}

/// The journeys that ship with the program, without their drafts.
#[utoipa::path(get, path = "/api/v1/gallery", tag = "journeys", responses((status = 200, body = Gallery)))]
async fn templates() -> Json<Gallery> {
    Json(Gallery { items: gallery::all() })
}

/// One of them, with its draft.
#[utoipa::path(get, path = "/api/v1/gallery/{slug}", tag = "journeys", params(("slug" = String, Path)),
    responses((status = 200, body = Template), (status = 404, body = wire::Problem)))]
async fn template(Path(slug): Path<String>) -> Result<Json<Template>> {
    let found = gallery::find(&slug);
    found.map(Json).ok_or_else(|| Problem::not_found("template", &slug))
}
