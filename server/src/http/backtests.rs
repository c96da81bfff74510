//! Back-tests: what a draft would have done, had it been live for some time.

mod table;

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
};
use backtest::Question;
use journey::{Draft, Severity, Timestamp};
use serde::Deserialize;
use store::{
    BacktestId, JourneyId, Paging as Pages,
    backtests::{BROKEN_OFF, Backtest, End, NewBacktest, State as Stands},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AskBacktest, BacktestInFull, BacktestRun, BacktestState, Created, Page};

use super::journeys::{check_size, read_draft_value};
use crate::{
    app::App,
    auth::caller::Caller,
    backtesting::{self, BadTime},
    extract::{self, Body, Paging, Path, Query, page},
    limits,
    problem::{Kind, Problem, Result},
    schemas,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    let drafts = OpenApiRouter::new()
        .routes(routes!(list, ask))
        .layer(DefaultBodyLimit::max(journey::limits::DRAFT_BYTES + limits::DRAFT_ENVELOPE_BYTES));
    drafts
        .routes(routes!(read))
        .routes(routes!(runs))
        .routes(routes!(cancel))
        .merge(table::routes())
}

/// Which back-tests.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Id of a journey; those of all when left out.
    journey: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Which instances.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedRuns {
    /// Id of a step: those that came there.
    node: Option<String>,
    /// Those that ended so.
    outcome: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Which instances, however many they are.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Narrowed {
    /// Id of a step: those that came there.
    node: Option<String>,
    /// Those that ended so.
    outcome: Option<String>,
}

impl Narrowed {
    fn takes(&self, run: &BacktestRun) -> bool {
        let came = |node: &String| run.stays.iter().any(|stay| stay.node == *node);
        self.node.as_ref().is_none_or(came)
            && self.outcome.as_ref().is_none_or(|outcome| run.outcome.as_ref() == Some(outcome))
    }
}

/// Back-tests, newest first. Of a journey the newest 20 are kept.
#[utoipa::path(get, path = "/api/v1/backtests", tag = "backtests", params(Wanted),
    responses((status = 200, body = Page<wire::Backtest>), (status = 400, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<wire::Backtest>>> {
    let journey = wanted.journey.as_deref().map(|id| extract::id("journey", id)).transpose()?;
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let found = app.store().backtests(journey, paging).await?;
    let now = app.now();
    Ok(Json(page(found, |backtest| show(backtest, now))))
}

/// Ask what a draft would have done, had it been live for some time.
///
/// It runs as a shadow does, on what the workspace remembers of that time: nothing reaches anyone, and what people and outside systems
/// would have answered is assumed. Read it until it is `done`.
#[utoipa::path(post, path = "/api/v1/backtests", tag = "backtests", request_body = AskBacktest,
    responses((status = 202, body = Created), (status = 404, body = wire::Problem), (status = 413, body = wire::Problem),
        (status = 422, body = wire::Problem), (status = 429, body = wire::Problem)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<AskBacktest>,
) -> Result<(StatusCode, Json<Created>)> {
    let (from, to) = backtesting::span((&asked.from, &asked.to), app.now()).map_err(unfit)?;
    let journey = asked.journey.as_deref().map(|id| extract::id("journey", id)).transpose()?;
    let draft = draft(&app, journey, &asked).await?;
    let place = backtesting::Place::take().ok_or_else(|| {
        let detail = format!("{} back-tests run or wait already", limits::BACKTESTS);
        Problem::new(Kind::Overloaded, detail)
    })?;
    let by = caller.0.email.clone();
    let new = NewBacktest { journey, draft: draft.clone(), from, to, by };
    let id = app.store().keep_backtest(&new, app.now()).await?;
    app.audit(&caller, "backtest.ask", &id).await?;
    backtesting::begin(&app, (id, place), Question { journey, draft, from, to });
    Ok((StatusCode::ACCEPTED, Json(Created { id: id.to_string() })))
}

fn unfit(why: BadTime) -> Problem {
    let pointer = match &why {
        BadTime::From(_) => "/from",
        BadTime::To(_) | BadTime::Nothing | BadTime::TooLong => "/to",
    };
    Problem::field(pointer, why.to_string())
}

/// What is to be tried: it must have no errors.
async fn draft(app: &App, journey: Option<JourneyId>, asked: &AskBacktest) -> Result<Draft> {
    let saved = match journey {
        None => None,
        Some(id) => {
            let found = app.store().draft(id).await?;
            Some(found.ok_or_else(|| Problem::not_found("journey", &id.to_string()))?.draft)
        }
    };
    let draft = match &asked.draft {
        Some(draft) => read_draft_value("/draft", draft)?,
        None => {
            saved.ok_or_else(|| Problem::field("/journey", "name a journey, or give a draft"))?
        }
    };
    check_size(&draft)?;
    let workspace = super::workspace::gather(app.store(), app.now()).await?;
    let (draft, mut diagnostics) = schemas::check_apart(draft, workspace).await?;
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    if diagnostics.is_empty() { Ok(draft) } else { Err(Problem::not_publishable(diagnostics)) }
}

/// One back-test, with what was tried and, once it is done, what came of it.
#[utoipa::path(get, path = "/api/v1/backtests/{id}", tag = "backtests", params(("id" = String, Path)),
    responses((status = 200, body = BacktestInFull), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<BacktestInFull>> {
    let (key, backtest) = find(&app, &id).await?;
    let draft = app.store().backtest_draft(key).await?;
    let summary = app.store().backtest_summary(key).await?;
    Ok(Json(BacktestInFull {
        backtest: show(backtest, app.now()),
        draft: draft.ok_or_else(|| Problem::not_found("back-test", &id))?,
        summary: summary
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| Problem::internal(&error))?,
    }))
}

/// How the instances of a back-test would have gone one by one, in the order in which they started: the first 5,000 at most.
#[utoipa::path(get, path = "/api/v1/backtests/{id}/runs", tag = "backtests", params(("id" = String, Path), WantedRuns),
    responses((status = 200, body = Page<BacktestRun>), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn runs(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(wanted): Query<WantedRuns>,
) -> Result<Json<Page<BacktestRun>>> {
    let (id, _) = find(&app, &id).await?;
    let asked = Paging { limit: wanted.limit, cursor: wanted.cursor }.of::<u32>()?;
    let narrowed = Narrowed { node: wanted.node, outcome: wanted.outcome };
    let most = asked.limit() as usize;
    let (mut items, mut after) = (Vec::new(), asked.after);
    loop {
        let found = app.store().backtest_runs(id, Pages::new(after, limits::PAGE_MOST)).await?;
        for (number, run) in found.items {
            let run: BacktestRun =
                serde_json::from_value(run).map_err(|error| Problem::internal(&error))?;
            if !narrowed.takes(&run) {
                continue;
            }
            if items.len() == most {
                let next_cursor = after.map(|last| last.to_string());
                return Ok(Json(Page { items, next_cursor }));
            }
            after = Some(number);
            items.push(run);
        }
        let Some(next) = found.next else { return Ok(Json(Page { items, next_cursor: None })) };
        after = Some(next);
    }
}

/// Stop a back-test; one that is over stays as it is.
#[utoipa::path(post, path = "/api/v1/backtests/{id}/cancel", tag = "backtests", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let (key, _) = find(&app, &id).await?;
    if !app.store().end_backtest(key, &End::Cancelled, app.now()).await? {
        return Err(Problem::new(Kind::Conflict, "it is over already"));
    }
    app.audit(&caller, "backtest.cancel", &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, id: &str) -> Result<(BacktestId, Backtest)> {
    let key = extract::id("back-test", id)?;
    let found = app.store().backtest(key).await?;
    Ok((key, found.ok_or_else(|| Problem::not_found("back-test", id))?))
}

fn show(backtest: Backtest, now: Timestamp) -> wire::Backtest {
    let is_broken_off = backtest.is_broken_off(now);
    let (state, failure) = match backtest.state {
        // The next that is asked of this journey ends it for good.
        Stands::Running if is_broken_off => (BacktestState::Failed, Some(BROKEN_OFF.to_owned())),
        Stands::Running => (BacktestState::Running, None),
        Stands::Done => (BacktestState::Done, None),
        Stands::Failed => (BacktestState::Failed, backtest.failure),
        Stands::Cancelled => (BacktestState::Cancelled, None),
    };
    wire::Backtest {
        id: backtest.id.to_string(),
        journey: backtest.journey.map(|journey| journey.to_string()),
        name: backtest.name,
        from: backtest.from.to_rfc3339(),
        to: backtest.to.to_rfc3339(),
        asked_at: backtest.asked_at.to_rfc3339(),
        asked_by: backtest.asked_by,
        state,
        done: backtest.done,
        of: backtest.of,
        ended_at: backtest.ended_at.map(Timestamp::to_rfc3339),
        failure,
    }
}
