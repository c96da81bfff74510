//! Time travel: how an instance stood after any of its records.

use axum::{Json, extract::State};
use journey::{Record, explain};
use serde::Deserialize;
use store::InstanceId;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::InstanceState;

use super::instances::show_wait;
use crate::{
    app::App,
    extract::{self, Path, Query},
    history,
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(state))
}

/// When it is to be shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct When {
    /// Number of a record; the last one when left out.
    at: Option<u64>,
}

/// How an instance stood right after one of its records, with the way it had taken.
#[utoipa::path(get, path = "/api/v1/instances/{id}/state", tag = "instances", params(("id" = String, Path), When),
    responses((status = 200, body = InstanceState), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn state(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(when): Query<When>,
) -> Result<Json<InstanceState>> {
    let instance: InstanceId = extract::id("instance", &id)?;
    let records = history::records(app.store(), instance, when.at).await?;
    let Some(last) = records.last() else { return Err(Problem::not_found("instance", &id)) };
    Ok(Json(stood(instance, &records, when.at.unwrap_or(last.sequence))?))
}

/// How an instance stood after the record numbered `at`.
fn stood(instance: InstanceId, records: &[Record], at: u64) -> Result<InstanceState> {
    let state = explain::state_at(records, at).map_err(|why| match why {
        explain::NoState::Beyond { .. } => Problem::new(Kind::InvalidQuery, why.to_string()),
        explain::NoState::Corrupt(_) => Problem::internal(&why),
    })?;
    let known: Vec<_> = records.iter().filter(|record| record.sequence <= at).cloned().collect();
    let time = known.last().map(|record| record.at).unwrap_or_default();
    Ok(InstanceState {
        at,
        time: time.to_rfc3339(),
        status: state.status(),
        outcome: state.outcome().map(str::to_owned),
        waits: state.waits().iter().map(|wait| show_wait(instance, wait)).collect(),
        variables: state.vars().clone(),
        input: state.input().clone(),
        nodes: serde_json::to_value(state.nodes()).map_err(|error| Problem::internal(&error))?,
        path: explain::path(&known),
    })
}
