//! How instances went through a version of a journey.

use axum::{Json, extract::State};
use journey::{Timestamp, passage::Visit};
use serde::Deserialize;
use std::cmp::Reverse;
use store::{InstanceId, JourneyId, journeys::Version};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Flow, FlowVisit, FlowVisits};

use super::instances;
use crate::{
    app::App,
    extract::{self, Path, Query},
    flow::{self, Of, Ways},
    limits,
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(flow_of)).routes(routes!(visits))
}

/// Since when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// Only instances that started since then, as RFC 3339.
    since: Option<String>,
}

/// Whose visits.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Id of the step.
    node: String,
    /// Which of its visits; all when left out.
    #[serde(default)]
    #[param(inline)]
    which: wire::Visits,
    /// Only of instances that started since then, as RFC 3339.
    since: Option<String>,
}

/// How instances went through a version: how many came to each step and are there, how long they stayed, what failed or came too late, and
/// along which edges they went. Living instances (5,000 at most) and the newest (2,000 at most) are looked at; instances of parts that run
/// below others are among them.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}/flow", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path), Since),
    responses((status = 200, body = Flow), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn flow_of(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
    Query(wanted): Query<Since>,
) -> Result<Json<Flow>> {
    let at = app.now();
    let (version, ways) = gather(&app, (&id, &number), wanted.since.as_deref()).await?;
    let (nodes, edges) = ways.figures();
    Ok(Json(Flow {
        version: version.number,
        at: at.to_rfc3339(),
        instances: ways.of.len() as u64,
        complete: ways.is_all,
        nodes,
        edges,
    }))
}

/// The visits behind a figure of a step, the longest first, a hundred at most.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}/flow/visits", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path), Wanted),
    responses((status = 200, body = FlowVisits), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn visits(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<FlowVisits>> {
    let now = app.now();
    let (version, ways) = gather(&app, (&id, &number), wanted.since.as_deref()).await?;
    if version.draft.node(&wanted.node).is_none() {
        return Err(Problem::not_found("step", &wanted.node));
    }
    let mut visits: Vec<_> = ways.visits(&wanted.node, wanted.which).collect();
    visits.sort_by_key(|(id, visit)| (Reverse(took(visit, now)), Reverse(*id)));
    let total = visits.len() as u64;
    visits.truncate(limits::FLOW_VISITS);
    let mut items = Vec::with_capacity(visits.len());
    for (id, visit) in visits {
        items.extend(show(&app, id, visit, now).await?);
    }
    Ok(Json(FlowVisits { items, total }))
}

async fn gather(
    app: &App,
    (id, number): (&str, &str),
    since: Option<&str>,
) -> Result<(Version, Ways)> {
    let journey: JourneyId = extract::id("journey", id)?;
    let since = since.map(moment).transpose()?;
    let version = app.store().version(journey, extract::id("version", number)?).await?;
    let version = version.ok_or_else(|| Problem::not_found("version", number))?;
    let ways = flow::gather(app.store(), Of { journey, version: &version, since }).await?;
    Ok((version, ways))
}

fn moment(text: &str) -> Result<Timestamp> {
    Timestamp::from_rfc3339(text).ok_or_else(|| {
        let detail = format!("`since`: '{text}' is no time as RFC 3339 writes it");
        Problem::new(Kind::InvalidQuery, detail)
    })
}

fn took(visit: &Visit, now: Timestamp) -> u64 {
    let lasts = || u64::try_from(now.0 - visit.entered_at.0).unwrap_or(0);
    visit.took_ms().unwrap_or_else(lasts)
}

async fn show(
    app: &App,
    id: InstanceId,
    visit: &Visit,
    now: Timestamp,
) -> Result<Option<FlowVisit>> {
    let summary = app.store().instance_summary(id).await?;
    Ok(summary.map(|summary| FlowVisit {
        instance: instances::show(summary),
        entered_at: visit.entered_at.to_rfc3339(),
        left_at: visit.left_at.map(Timestamp::to_rfc3339),
        took_ms: took(visit, now),
        breached: visit.is_breached,
        failed: visit.has_failed,
    }))
}
