//! The HTTP interface: one file per resource.

pub(crate) mod accounts;
mod audit;
mod backtests;
mod calendars;
mod connections;
mod connectors;
mod description;
mod documents;
pub(crate) mod events;
mod exchange;
mod flow;
mod gallery;
mod health;
mod history;
mod hooks;
mod idempotency;
pub(crate) mod instances;
mod intake;
mod journeys;
pub(crate) mod migrations;
mod moves;
pub(crate) mod nodes;
mod notices;
mod observe;
mod prefer;
mod promises;
mod reviews;
mod session;
mod settings;
mod stream;
mod tasks;
mod teams;
mod tokens;
pub(crate) mod users;
mod versions;
mod why;
pub(crate) mod workspace;
mod would_have;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use description::document;

use crate::{
    app::App,
    assets,
    auth::caller,
    limits,
    problem::{Kind, Problem},
};

/// Every resource, with what OpenAPI says of it.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(health::routes())
        .merge(documents::routes())
        .merge(session::routes())
        .merge(workspace::routes())
        .merge(journeys::routes())
        .merge(exchange::routes())
        .merge(gallery::routes())
        .merge(versions::routes())
        .merge(reviews::routes())
        .merge(settings::routes())
        .merge(flow::routes())
        .merge(why::routes())
        .merge(would_have::routes())
        .merge(migrations::routes())
        .merge(backtests::routes())
        .merge(instances::routes())
        .merge(history::routes())
        .merge(moves::routes())
        .merge(tasks::routes())
        .merge(notices::routes())
        .merge(hooks::routes())
        .merge(events::routes())
        .merge(stream::routes())
        .merge(accounts::routes())
        .merge(users::routes())
        .merge(teams::routes())
        .merge(tokens::routes())
        .merge(connectors::routes())
        .merge(connections::routes())
        .merge(promises::routes())
        .merge(calendars::routes())
        .merge(nodes::routes())
        .merge(audit::routes())
}

/// The whole interface: resources for programs, and the designer for everything else.
pub(crate) fn router(app: App) -> Router {
    let (routes, _) = resources().split_for_parts();
    routes
        .route_layer(middleware::from_fn_with_state(app.clone(), idempotency::answer_once))
        .route_layer(middleware::from_fn_with_state(app.clone(), caller::authorize))
        .route_layer(middleware::from_fn_with_state(app.clone(), intake::keep_pace))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .fallback(assets::serve)
        .method_not_allowed_fallback(async || Problem::from(Kind::MethodNotAllowed))
        .layer(middleware::from_fn(intake::take_in))
        .layer(middleware::from_fn(observe::request))
        .with_state(app)
}
