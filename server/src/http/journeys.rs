//! Journeys, their drafts and what is wrong with them.

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use journey::Draft;
use serde_json::Value;
use store::{JourneyId, journeys::Saved};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{CheckDraft, Checked, Created, JourneySummary, NewJourney, Page};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, check_name, page},
    limits,
    problem::{Kind, Problem, Result},
    schemas,
};

/// Format of the drafts this server writes.
const FORMAT: u32 = 1;
/// How often a save over any draft is tried against others' saves.
const BLIND_SAVES: u32 = 8;

pub(super) fn routes() -> OpenApiRouter<App> {
    let drafts = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(check))
        .routes(routes!(read_draft, save_draft))
        .layer(DefaultBodyLimit::max(journey::limits::DRAFT_BYTES + limits::DRAFT_ENVELOPE_BYTES));
    drafts.routes(routes!(read)).routes(routes!(schema))
}

/// Journeys, newest first.
#[utoipa::path(get, path = "/api/v1/journeys", tag = "journeys", params(Paging),
    responses((status = 200, body = Page<JourneySummary>)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<JourneySummary>>> {
    let journeys = app.store().journeys(paging.of()?).await?;
    Ok(Json(page(journeys, show)))
}

/// Make a journey, empty or from a draft.
#[utoipa::path(post, path = "/api/v1/journeys", tag = "journeys", request_body = NewJourney,
    responses((status = 201, body = Created), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewJourney>,
) -> Result<(StatusCode, Json<Created>)> {
    check_name("/name", &asked.name)?;
    let draft = Draft {
        name: asked.name,
        ..asked.draft.unwrap_or_else(|| Draft { format: FORMAT, ..Draft::default() })
    };
    check_size(&draft)?;
    let id = app.store().create_journey(&draft, app.now()).await?;
    app.audit(&caller, "journey.create", &id).await?;
    Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
}

/// One journey.
#[utoipa::path(get, path = "/api/v1/journeys/{id}", tag = "journeys", params(("id" = String, Path)),
    responses((status = 200, body = JourneySummary), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<JourneySummary>> {
    let journey = app.store().journey(extract::id("journey", &id)?).await?;
    Ok(Json(show(journey.ok_or_else(|| Problem::not_found("journey", &id))?)))
}

/// Say everything that is wrong with a draft in this workspace.
#[utoipa::path(post, path = "/api/v1/journeys/check", tag = "journeys", request_body = CheckDraft,
    responses((status = 200, body = Checked), (status = 413, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn check(State(app): State<App>, Body(asked): Body<CheckDraft>) -> Result<Json<Checked>> {
    let draft: Draft = read_draft_value("/draft", &asked.draft)?;
    check_size(&draft)?;
    let workspace = super::workspace::gather(app.store(), app.now()).await?;
    let (_, diagnostics) = schemas::check_apart(draft, workspace).await?;
    Ok(Json(Checked { diagnostics }))
}

/// JSON Schema of the draft, file format 1.
#[utoipa::path(get, path = "/api/v1/journeys/schema", tag = "journeys", responses((status = 200, body = Object)))]
async fn schema() -> Json<Value> {
    Json(journey::schema())
}

/// The draft, with the tag a save of it must name.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/draft", tag = "journeys", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 304), (status = 404, body = wire::Problem)))]
async fn read_draft(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<axum::response::Response> {
    let found = app.store().draft(extract::id("journey", &id)?).await?;
    let found = found.ok_or_else(|| Problem::not_found("journey", &id))?;
    let tag = tag(found.revision);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let body = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Json(found.draft).into_response()
    };
    Ok(([(header::ETAG, tag)], body).into_response())
}

/// Save the draft over the one that `If-Match` names; one saved by someone else since is not overwritten.
#[utoipa::path(put, path = "/api/v1/journeys/{id}/draft", tag = "journeys", params(("id" = String, Path)),
    request_body = Object,
    responses((status = 204), (status = 404, body = wire::Problem), (status = 412, body = wire::Problem),
        (status = 413, body = wire::Problem), (status = 422, body = wire::Problem), (status = 428, body = wire::Problem)))]
async fn save_draft(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(draft): Body<Draft>,
) -> Result<impl IntoResponse> {
    check_size(&draft)?;
    // A name is empty while it is being written.
    if !draft.name.is_empty() {
        check_name("/name", &draft.name)?;
    }
    let journey = extract::id("journey", &id)?;
    let revision = match expected(&headers)?.ok_or(Kind::IfMatchRequired)? {
        Expected::Revision(expected) => match save(&app, journey, &draft, expected).await? {
            Saved::Revision(revision) => revision,
            Saved::LostRace { current } => return Err(stale(current, expected)),
        },
        Expected::Any => overwrite(&app, journey, &draft).await?,
    };
    app.audit(&caller, "journey.save", &journey).await?;
    Ok((StatusCode::NO_CONTENT, [(header::ETAG, tag(revision))]))
}

async fn save(app: &App, id: JourneyId, draft: &Draft, expected: u64) -> Result<Saved> {
    let saved = app.store().save_draft(id, draft, expected, app.now()).await?;
    saved.ok_or_else(|| Problem::not_found("journey", &id.to_string()))
}

/// Saves over whatever is there.
async fn overwrite(app: &App, id: JourneyId, draft: &Draft) -> Result<u64> {
    let present = app.store().draft(id).await?;
    let present = present.ok_or_else(|| Problem::not_found("journey", &id.to_string()))?;
    let mut expected = present.revision;
    for _ in 0..BLIND_SAVES {
        match save(app, id, draft, expected).await? {
            Saved::Revision(revision) => return Ok(revision),
            Saved::LostRace { current } => expected = current,
        }
    }
    Err(Problem::new(Kind::Overloaded, "the draft is being saved by many others at once"))
}

/// The refusal of a save or a publishing made from an older draft.
pub(super) fn stale(current: u64, yours: u64) -> Problem {
    Problem::stale(text(current), text(yours))
}

fn text(revision: u64) -> String {
    format!("\"{revision}\"")
}

fn tag(revision: u64) -> HeaderValue {
    HeaderValue::from_str(&text(revision)).expect("digits in quotes are a header value")
}

/// Which draft a request means.
pub(super) enum Expected {
    Revision(u64),
    Any,
}

/// What `If-Match` names; `None` without it.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Expected>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().unwrap_or("").trim();
    if value == "*" {
        return Ok(Some(Expected::Any));
    }
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        // A tag that we never gave matches nothing, and revision 0 never exists.
        Some(tag) => Ok(Some(Expected::Revision(tag.parse().unwrap_or(0)))),
        None => Err(Problem::new(Kind::InvalidQuery, "`If-Match` takes one tag in quotes")),
    }
}

/// Refuses drafts that the journey crate would not read.
pub(super) fn check_size(draft: &Draft) -> Result<()> {
    let within =
        draft.nodes.len() <= journey::limits::NODES && draft.edges.len() <= journey::limits::EDGES;
    if within {
        return Ok(());
    }
    let detail = format!(
        "a draft has at most {} nodes and {} edges",
        journey::limits::NODES,
        journey::limits::EDGES
    );
    Err(Problem::new(Kind::TooLarge, detail))
}

pub(super) fn read_draft_value(pointer: &str, value: &Value) -> Result<Draft> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = extract::pointer(error.path());
        Problem::field(format!("{pointer}{inner}"), error.inner().to_string())
    })
}

fn show(journey: store::journeys::Summary) -> JourneySummary {
    JourneySummary {
        id: journey.id.to_string(),
        name: journey.name,
        description: journey.description,
        live_version: journey.live_version,
        running: journey.running,
        unpublished_changes: journey.unpublished_changes,
        created_at: journey.created_at.to_rfc3339(),
        updated_at: journey.updated_at.to_rfc3339(),
    }
}
