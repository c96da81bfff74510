//! Published versions, which never change.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use journey::{
    Draft, Severity,
    diff::{Diff, diff},
};
use store::{
    JourneyId, ReviewId,
    journeys::{self, DraftAt, NewVersion},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Mode, Page, Publish, Published, Version};

use super::journeys::{Expected, expected, stale};
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, page},
    problem::{Kind, Problem, Result},
    reviewing::{self, Ruling, Sought},
    schemas,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, publish))
        .routes(routes!(read))
        .routes(routes!(compare))
}

/// Versions of a journey, newest first.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions", tag = "versions",
    params(("id" = String, Path), Paging),
    responses((status = 200, body = Page<Version>), (status = 404, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Version>>> {
    let journey = extract::id("journey", &id)?;
    if app.store().journey(journey).await?.is_none() {
        return Err(Problem::not_found("journey", &id));
    }
    let versions = app.store().versions(journey, paging.of()?).await?;
    Ok(Json(page(versions, |version| Version {
        id: version.id.to_string(),
        number: version.number,
        mode: shown_mode(version.mode),
        note: version.note,
        published_at: version.published_at.to_rfc3339(),
        published_by: version.published_by,
        draft: None,
    })))
}

/// Publish the saved draft: the one that `If-Match` names, or without it whichever is there.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/versions", tag = "versions",
    params(("id" = String, Path)), request_body = Publish,
    responses((status = 201, body = Published), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 412, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn publish(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(asked): Body<Publish>,
) -> Result<(StatusCode, Json<Published>)> {
    let journey = extract::id("journey", &id)?;
    let mode = stored_mode(asked.mode);
    let DraftAt { draft, revision } = publishable(&app, journey, mode, &headers).await?;
    let review = may_publish(&app, journey, mode, Sought::Revision(revision)).await?;
    let note = asked.note.unwrap_or_default();
    let version = NewVersion { draft, revision, mode, note, by: caller.0.email.clone(), review };
    let published = app.store().publish(journey, &version, app.now()).await?;
    match published.ok_or_else(|| Problem::not_found("journey", &id))? {
        journeys::Published::LostRace { current } => Err(stale(current, revision)),
        journeys::Published::Version { id: version, number } => {
            app.published(journey, review);
            app.audit(&caller, "journey.publish", &version).await?;
            Ok((StatusCode::CREATED, Json(Published { id: version.to_string(), number })))
        }
    }
}

/// The saved draft, when it is the one that `If-Match` names and nothing is wrong with it.
pub(super) async fn publishable(
    app: &App,
    journey: JourneyId,
    mode: journeys::Mode,
    headers: &HeaderMap,
) -> Result<DraftAt> {
    let found = app.store().draft(journey).await?;
    let found = found.ok_or_else(|| Problem::not_found("journey", &journey.to_string()))?;
    if let Some(Expected::Revision(named)) = expected(headers)?
        && named != found.revision
    {
        return Err(stale(found.revision, named));
    }
    let workspace = super::workspace::gather(app.store(), app.now()).await?;
    let (draft, mut diagnostics) = schemas::check_apart(found.draft, workspace).await?;
    if mode == journeys::Mode::Live {
        diagnostics.extend(app.slugs().taken(app.store(), journey, &draft, app.now()).await?);
    }
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(Problem::not_publishable(diagnostics));
    }
    Ok(DraftAt { draft, ..found })
}

/// The review that something is published under, when the workspace lets it be published.
pub(super) async fn may_publish(
    app: &App,
    journey: JourneyId,
    mode: journeys::Mode,
    sought: Sought<'_>,
) -> Result<Option<ReviewId>> {
    match reviewing::rule(app.store(), journey, mode, sought).await? {
        Ruling::Free(review) => Ok(review),
        Ruling::Refused(why) => Err(Problem::new(Kind::ReviewNeeded, why)),
    }
}

/// One version, with what was published.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path)),
    responses((status = 200, body = Version), (status = 404, body = wire::Problem)))]
async fn read(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<Version>> {
    let found =
        app.store().version(extract::id("journey", &id)?, extract::id("version", &number)?).await?;
    let version = found.ok_or_else(|| Problem::not_found("version", &number))?;
    Ok(Json(Version {
        id: version.id.to_string(),
        number: version.number,
        mode: shown_mode(version.mode),
        note: version.note,
        published_at: version.published_at.to_rfc3339(),
        published_by: version.published_by,
        draft: Some(version.draft),
    }))
}

/// What turns one version into another, in words and as data to draw; either may be `draft`.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}/diff/{other}", tag = "versions",
    params(("id" = String, Path), ("number" = String, Path), ("other" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = wire::Problem)))]
async fn compare(
    State(app): State<App>,
    Path((id, number, other)): Path<(String, String, String)>,
) -> Result<Json<Diff>> {
    let journey = extract::id("journey", &id)?;
    let from = drawn(&app, journey, &number).await?;
    let to = drawn(&app, journey, &other).await?;
    Ok(Json(schemas::apart(move || diff(&from, &to)).await?))
}

/// The draft of a version, or the one that is not published.
async fn drawn(app: &App, journey: JourneyId, name: &str) -> Result<Draft> {
    let unknown = || Problem::not_found("version", name);
    if name == "draft" {
        return Ok(app.store().draft(journey).await?.ok_or_else(unknown)?.draft);
    }
    let found = app.store().version(journey, extract::id("version", name)?).await?;
    Ok(found.ok_or_else(unknown)?.draft)
}

pub(super) fn shown_mode(mode: journeys::Mode) -> Mode {
    match mode {
        journeys::Mode::Live => Mode::Live,
        journeys::Mode::Shadow => Mode::Shadow,
    }
}

pub(super) fn stored_mode(mode: Mode) -> journeys::Mode {
    match mode {
        Mode::Live => journeys::Mode::Live,
        Mode::Shadow => journeys::Mode::Shadow,
    }
}
