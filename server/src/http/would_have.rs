//! What shadow versions would have done, what people think of it, and making one live.

use axum::{Json, extract::State, http::StatusCode};
use journey::Severity;
use serde::Deserialize;
use store::{
    JourneyId,
    journeys::{Mode, Promotion},
    would_have::{self, Filter, IsMarked, Kind, Mark},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{MarkIt, Marked, Page, Promote, Published, Tally, Week, WouldHave};

use super::versions::may_publish;
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, page},
    problem::{self, Problem, Result},
    reviewing::Sought,
    schemas,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(would_have))
        .routes(routes!(summary))
        .routes(routes!(mark))
        .routes(routes!(promote))
}

/// Which of it is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `started`, `call`, `task`, `message`, `write`, `notice` or `child`.
    kind: Option<String>,
    /// `right`, `wrong`, `dont_care` or `unmarked`.
    mark: Option<String>,
    /// Account id or external id.
    account: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What a shadow version would have done, newest first.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}/would-have", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path), Wanted),
    responses((status = 200, body = Page<WouldHave>), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn would_have(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<WouldHave>>> {
    let (journey, version) = shadow(&app, &id, &number).await?;
    let mut filter = Filter {
        kind: wanted.kind.as_deref().map(kind).transpose()?,
        mark: wanted.mark.as_deref().map(marked).transpose()?,
        account: None,
    };
    if let Some(account) = &wanted.account {
        let Some(account) = super::accounts::find(&app, account).await? else {
            return Ok(Json(Page { items: Vec::new(), next_cursor: None }));
        };
        filter.account = Some(account.id);
    }
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let found = app.store().would_have(journey, version, filter, paging).await?;
    Ok(Json(page(found, show)))
}

/// How much a shadow version would have done, by kind, by mark and by week.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/versions/{number}/would-have/summary", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path)),
    responses((status = 200, body = Tally), (status = 404, body = wire::Problem)))]
async fn summary(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
) -> Result<Json<Tally>> {
    let (journey, version) = shadow(&app, &id, &number).await?;
    let tally = app.store().tally(journey, version).await?;
    let word = |mark: Option<Mark>| mark.map_or("unmarked", Mark::word).to_owned();
    let weeks = tally.weeks.into_iter();
    Ok(Json(Tally {
        total: tally.kinds.iter().map(|(_, count)| count).sum(),
        kinds: tally.kinds.iter().map(|(kind, count)| (kind.word().to_owned(), *count)).collect(),
        marks: tally.marks.iter().map(|(mark, count)| (word(*mark), *count)).collect(),
        weeks: weeks.map(|(from, count)| Week { from: from.to_rfc3339(), count }).collect(),
    }))
}

/// Say what you think of something a shadow version would have done.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/versions/{number}/would-have/{row}/mark", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path), ("row" = String, Path)), request_body = MarkIt,
    responses((status = 204), (status = 404, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn mark(
    State(app): State<App>,
    caller: Caller,
    Path((id, number, row)): Path<(String, String, String)>,
    Body(asked): Body<MarkIt>,
) -> Result<StatusCode> {
    let (journey, version) = shadow(&app, &id, &number).await?;
    let found = extract::id("row", &row)?;
    let note = asked.note.unwrap_or_default();
    if note.len() > crate::limits::NOTE_BYTES {
        let most = crate::limits::NOTE_BYTES;
        return Err(Problem::field("/note", format!("a note is at most {most} bytes")));
    }
    let marked = asked.mark.map(|mark| would_have::Marked {
        mark: stored_mark(mark),
        note,
        by: caller.0.email.clone(),
        at: app.now(),
    });
    if !app.store().mark((journey, version), found, marked.as_ref()).await? {
        return Err(Problem::not_found("row", &row));
    }
    app.audit(&caller, "would-have.mark", &found).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a shadow version live, as a new version with the same draft; what ran for it ends.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/versions/{number}/promote", tag = "versions",
    params(("id" = String, Path), ("number" = u64, Path)), request_body = Promote,
    responses((status = 201, body = Published), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn promote(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(String, String)>,
    Body(asked): Body<Promote>,
) -> Result<(StatusCode, Json<Published>)> {
    let (journey, version) = shadow(&app, &id, &number).await?;
    let missing = || Problem::not_found("version", &number);
    let found = app.store().version(journey, version).await?.ok_or_else(missing)?;
    let workspace = super::workspace::gather(app.store(), app.now()).await?;
    let (draft, mut diagnostics) = schemas::check_apart(found.draft, workspace).await?;
    diagnostics.extend(app.slugs().taken(app.store(), journey, &draft, app.now()).await?);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(Problem::not_publishable(diagnostics));
    }
    let review = may_publish(&app, journey, Mode::Live, Sought::Drawing(&draft)).await?;
    let (note, by) = (asked.note.unwrap_or_default(), caller.0.email.clone());
    let promotion = Promotion { note, by, review };
    let promoted = app.store().promote(journey, version, &promotion, app.now()).await?;
    let replaced = || {
        let detail = format!(
            "version {number} is a shadow no more: a version published since has taken its place"
        );
        Problem::new(problem::Kind::Conflict, detail)
    };
    let (promoted, number) = promoted.ok_or_else(replaced)?;
    app.published(journey, review);
    app.audit(&caller, "journey.promote", &promoted).await?;
    Ok((StatusCode::CREATED, Json(Published { id: promoted.to_string(), number })))
}

/// The shadow version an address names.
async fn shadow(app: &App, id: &str, number: &str) -> Result<(JourneyId, u64)> {
    let missing = || Problem::not_found("version", number);
    let journey = extract::id("journey", id)?;
    let version: u64 = extract::id("version", number)?;
    let found = app.store().version(journey, version).await?.ok_or_else(missing)?;
    match found.mode {
        Mode::Shadow => Ok((journey, version)),
        Mode::Live => {
            let detail = format!("version {number} is live: it acts, and takes no notes");
            Err(Problem::new(problem::Kind::Conflict, detail))
        }
    }
}

fn kind(word: &str) -> Result<Kind> {
    Kind::from_word(word).ok_or_else(|| {
        let detail = "`kind` is `started`, `call`, `task`, `message`, `write`, `notice` or `child`";
        Problem::new(problem::Kind::InvalidQuery, detail)
    })
}

fn marked(word: &str) -> Result<IsMarked> {
    if word == "unmarked" {
        return Ok(IsMarked::Not);
    }
    Mark::from_word(word).map(IsMarked::As).ok_or_else(|| {
        let detail = "`mark` is `right`, `wrong`, `dont_care` or `unmarked`";
        Problem::new(problem::Kind::InvalidQuery, detail)
    })
}

fn show(row: would_have::WouldHave) -> WouldHave {
    WouldHave {
        id: row.id.to_string(),
        instance: row.instance.to_string(),
        node: row.deed.node,
        account: row.account.map(super::instances::account),
        at: row.at.to_rfc3339(),
        kind: row.deed.kind.word().to_owned(),
        summary: row.deed.summary,
        body: row.deed.body,
        marked: row.marked.map(|marked| Marked {
            mark: shown_mark(marked.mark),
            note: marked.note,
            by: marked.by,
            at: marked.at.to_rfc3339(),
        }),
    }
}

fn shown_mark(mark: Mark) -> wire::Mark {
    match mark {
        Mark::Right => wire::Mark::Right,
        Mark::Wrong => wire::Mark::Wrong,
        Mark::DontCare => wire::Mark::DontCare,
    }
}

fn stored_mark(mark: wire::Mark) -> Mark {
    match mark {
        wire::Mark::Right => Mark::Right,
        wire::Mark::Wrong => Mark::Wrong,
        wire::Mark::DontCare => Mark::DontCare,
    }
}
