//! What the interface says of itself: OpenAPI, and the page on problems.

use axum::{
    Json,
    http::header,
    response::{Html, IntoResponse},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    extract::Path,
    problem::{self, Problem},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(openapi))
        .routes(routes!(page))
        .routes(routes!(explain_problem))
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "documents", responses((status = 200, body = Object)))]
async fn openapi() -> impl IntoResponse {
    Json(super::document())
}

/// Every address of the interface on one page.
#[utoipa::path(get, path = "/api/docs", tag = "documents",
    responses((status = 200, content_type = "text/html", body = String)))]
async fn page() -> Html<String> {
    let mut rows = String::new();
    let document = super::document();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let summary = operation["summary"].as_str().unwrap_or("");
            let method = method.to_uppercase();
            rows.push_str(&format!(
                "<tr><td>{method}<td><code>{path}</code><td>{}\n",
                escape(summary)
            ));
        }
    }
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Waymark API</title>\
         <h1>Waymark API</h1><p>The whole description is <a href=openapi.json>openapi.json</a> (OpenAPI 3.1).\
         <table><thead><tr><th>Method<th>Address<th>What it does<tbody>\n{rows}</table>"
    ))
}

/// What a type of problem means.
#[utoipa::path(get, path = "/problems/{name}", tag = "documents", params(("name" = String, Path)),
    responses((status = 200, content_type = "text/markdown", body = String), (status = 404, body = wire::Problem)))]
async fn explain_problem(Path(name): Path<String>) -> Result<impl IntoResponse, Problem> {
    let section = problem::explain(&name).ok_or_else(|| Problem::not_found("problem", &name))?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], section))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
