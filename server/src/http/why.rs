//! Why a journey started for an account, or did not.

use axum::{Json, extract::State};
use runtime::NoAnswer;
use serde::Deserialize;
use store::JourneyId;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Why;

use super::accounts;
use crate::{
    app::App,
    extract::{self, Path, Query},
    problem::{Kind, Problem, Result},
    why,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(why))
}

/// Whom it is about.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Account id or external id.
    account: String,
    /// The event it is explained for; the last that each trigger listens for when left out.
    event: Option<String>,
}

/// Why the journey's triggers started it for an account or did not: what stood in the way first, the values seen, and the least that would
/// have to change.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/why", tag = "journeys", params(("id" = String, Path), Wanted),
    responses((status = 200, body = Why), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn why(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Why>> {
    let journey: JourneyId = extract::id("journey", &id)?;
    app.store().journey(journey).await?.ok_or_else(|| Problem::not_found("journey", &id))?;
    let account = accounts::find(&app, &wanted.account).await?;
    let account = account.ok_or_else(|| {
        let detail = format!("`account`: there is no account '{}'", wanted.account);
        Problem::new(Kind::InvalidQuery, detail)
    })?;
    let event = wanted.event.as_deref().map(|event| extract::id("event", event)).transpose()?;
    let triggers =
        app.runtime().why(journey, &account, event).await.map_err(|none| match none {
            NoAnswer::NoEvent => {
                Problem::not_found("event", wanted.event.as_deref().unwrap_or_default())
            }
            NoAnswer::Failure(failure) => failure.as_ref().into(),
        })?;
    Ok(Json(why::complete(app.store(), journey, &account, triggers).await?))
}
