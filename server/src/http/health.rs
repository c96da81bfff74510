//! Whether the program lives, may be sent work, and how it does.

use axum::{extract::State, http::header, response::IntoResponse};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    figures,
    problem::{Kind, Problem},
};

/// Most waiting events that are counted.
const COUNTED: u32 = 100_000;

/// Most due work of one kind that is counted.
const WORK_COUNTED: u32 = 10_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready)).routes(routes!(metrics))
}

/// The program lives.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = String)))]
async fn alive() -> &'static str {
    "ok\n"
}

/// The program may be sent work: its database is there and answers, and it is neither shutting down nor drained.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = String), (status = 503, body = wire::Problem)))]
async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.stopping().is_cancelled() {
        return Err(Problem::new(Kind::Unavailable, "the server is shutting down"));
    }
    if app.foothold().is_lost() {
        return Err(Problem::new(Kind::Unavailable, "the database was removed"));
    }
    if app.runtime().is_draining() {
        return Err(Problem::new(
            Kind::Unavailable,
            "the server takes up nothing new: send work to the others",
        ));
    }
    app.store().ping().await?;
    Ok("ready\n")
}

/// Figures in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, body = String)))]
async fn metrics(State(app): State<App>) -> impl IntoResponse {
    // Without the database the other figures are shown all the same.
    let now = app.now();
    if let Ok(backlog) = app.store().events_backlog(COUNTED).await {
        let waited_ms = backlog.oldest.map_or(0, |oldest| now.0.saturating_sub(oldest.0));
        metrics::gauge!("events_oldest_pending_seconds").set(figures::seconds(waited_ms));
        metrics::gauge!("events_pending")
            .set(f64::from(u32::try_from(backlog.waiting).unwrap_or(u32::MAX)));
    }
    if let Ok(backlog) = app.store().backlog(now, WORK_COUNTED).await {
        figures::show_work(&backlog, now);
    }
    figures::show_connections(&app.runtime().connections(), now);
    metrics::counter!("instance_transactions_total").absolute(app.runtime().transactions());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.render_metrics())
}
