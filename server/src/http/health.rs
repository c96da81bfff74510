//! Whether the program lives, may be sent work, and how it does.

use axum::{extract::State, http::header, response::IntoResponse};
use journey::Status;
use store::Failure;
use tokio::time::timeout;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    figures, limits,
    problem::{Kind, Problem},
};

/// Most waiting events that are counted.
const COUNTED: u32 = 100_000;

/// Most due work of one kind that is counted, and most instances that stand alike.
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
    if app.runtime().is_unheard() {
        return Err(Problem::new(
            Kind::Unavailable,
            "the database does not make durable what this server writes",
        ));
    }
    app.store().ping().await?;
    Ok("ready\n")
}

/// Figures in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, body = String)))]
async fn metrics(State(app): State<App>) -> impl IntoResponse {
    // While the database is away or takes its time, the other figures are shown all the same.
    let asking = timeout(limits::FIGURES, show_stored(&app));
    if !matches!(asking.await, Ok(Ok(()))) {
        tracing::debug!("the figures of what is stored are those of before");
    }
    let runtime = app.runtime();
    figures::show_connections(&runtime.connections(), app.now());
    figures::show_servers(runtime.serving());
    metrics::counter!("waymark_instance_transactions_total").absolute(runtime.transactions());
    let shown = app.render_metrics() + &figures::render_program();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], shown)
}

/// What the database says.
async fn show_stored(app: &App) -> Result<(), Failure> {
    let (store, now) = (app.store(), app.now());
    figures::show_events(store.events_backlog(COUNTED).await?, now);
    figures::show_work(&store.backlog(now, WORK_COUNTED).await?, now);
    let running = store.count_instances(Status::Running, WORK_COUNTED).await?;
    let incidents = store.count_instances(Status::Incident, WORK_COUNTED).await?;
    figures::show_instances(running, incidents);
    Ok(())
}
