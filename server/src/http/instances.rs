//! Instances: what they are doing and what they have done.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use journey::{
    Record, Status, Wait,
    effect::Ending,
    instance::{Child, ChildState, On},
};
use serde::Deserialize;
use store::{
    InstanceId, JourneyId, TaskId,
    instances::{AccountRef, Filter, Summary},
    journeys::Mode,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    Cancelling, ChildView, Created, InstanceDetail, InstanceSummary, Page, RecordView,
    StartInstance, StartedInstance, WaitView,
};

use super::{idempotency, prefer};
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, page},
    problem::{Kind, Problem, Result},
    starting::{Opening, Trigger},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(records))
}

/// Which instances are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Journey id.
    journey: Option<String>,
    /// Account id or external id.
    account: Option<String>,
    /// `running`, `incident`, `ended` or `cancelled`.
    status: Option<String>,
    /// Id of the instance above.
    parent: Option<String>,
    /// `live`, which is meant when neither it nor `parent` is given, or `shadow`.
    mode: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Instances, newest first.
#[utoipa::path(get, path = "/api/v1/instances", tag = "instances", params(Wanted),
    responses((status = 200, body = Page<InstanceSummary>), (status = 400, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<InstanceSummary>>> {
    let nothing = || Json(Page { items: Vec::new(), next_cursor: None });
    let mode = mode(&wanted)?;
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let mut filter = Filter {
        status: wanted.status.as_deref().map(status).transpose()?,
        mode,
        ..Filter::default()
    };
    if let Some(journey) = &wanted.journey {
        let Ok(journey) = journey.parse::<JourneyId>() else { return Ok(nothing()) };
        filter.journey = Some(journey);
    }
    if let Some(account) = &wanted.account {
        let Some(account) = super::accounts::find(&app, account).await? else {
            return Ok(nothing());
        };
        filter.account = Some(account.id);
    }
    if let Some(parent) = &wanted.parent {
        let Ok(parent) = parent.parse::<InstanceId>() else { return Ok(nothing()) };
        filter.parent = Some(parent);
    }
    let instances = app.store().instances(filter, paging).await?;
    Ok(Json(page(instances, show)))
}

/// Start an instance of the live version.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/instances", tag = "instances", params(("id" = String, Path)),
    request_body = StartInstance,
    responses((status = 202, body = Created), (status = 200, body = StartedInstance), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn start(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(asked): Body<StartInstance>,
) -> Result<Response> {
    let journey: JourneyId = extract::id("journey", &id)?;
    app.store().journey(journey).await?.ok_or_else(|| Problem::not_found("journey", &id))?;
    let key = headers.contains_key(idempotency::KEY).then(|| idempotency::key(&headers));
    let key = key.transpose()?.map(|key| format!("{}:{key}", caller.0.id));
    let input = extract::object("/input", asked.input)?;
    let trigger = Trigger::Manual(caller.0.email);
    let opening = Opening { journey, trigger, account: asked.account, input, key };
    let wait = prefer::wait(&headers);
    let started = app.open(opening, wait).await?;
    if wait.is_some() {
        return Ok(Json(started).into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(Created { id: started.id })).into_response())
}

/// One instance: where it stands and what it knows.
#[utoipa::path(get, path = "/api/v1/instances/{id}", tag = "instances", params(("id" = String, Path)),
    responses((status = 200, body = InstanceDetail), (status = 404, body = wire::Problem)))]
pub(super) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<InstanceDetail>> {
    let instance: InstanceId = extract::id("instance", &id)?;
    let missing = || Problem::not_found("instance", &id);
    let summary = app.store().instance_summary(instance).await?.ok_or_else(missing)?;
    let stored = app.store().instance(instance).await?.ok_or_else(missing)?;
    let state = &stored.state;
    // What was read first may be older: how it stands and what it waits for are told of one moment.
    let outcome = state.outcome().map(str::to_owned);
    let summary =
        Summary { status: state.status(), outcome, version: stored.life.version, ..summary };
    Ok(Json(InstanceDetail {
        summary: show(summary),
        cancelling: state
            .cancelling()
            .map(|(reason, by)| Cancelling { reason: reason.to_owned(), by: by.to_owned() }),
        waits: state.waits().iter().map(|wait| show_wait(instance, wait)).collect(),
        variables: state.vars().clone(),
        input: state.input().clone(),
        sequence: state.sequence(),
    }))
}

/// What happened to an instance, in order.
#[utoipa::path(get, path = "/api/v1/instances/{id}/records", tag = "instances",
    params(("id" = String, Path), Paging),
    responses((status = 200, body = Page<RecordView>), (status = 404, body = wire::Problem)))]
async fn records(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RecordView>>> {
    let instance: InstanceId = extract::id("instance", &id)?;
    if app.store().instance_summary(instance).await?.is_none() {
        return Err(Problem::not_found("instance", &id));
    }
    let records = app.store().records(instance, paging.of()?).await?;
    Ok(Json(page(records, |record: Record| RecordView {
        sequence: record.sequence,
        at: record.at.to_rfc3339(),
        fact: record.fact,
    })))
}

/// The account something is about, as clients read it.
pub(crate) fn account(account: AccountRef) -> wire::AccountRef {
    wire::AccountRef {
        id: account.id.to_string(),
        external_id: account.external_id,
        name: account.name,
    }
}

fn mode(wanted: &Wanted) -> Result<Option<Mode>> {
    match wanted.mode.as_deref() {
        None if wanted.parent.is_some() => Ok(None),
        None => Ok(Some(Mode::Live)),
        Some(word) => Mode::from_word(word)
            .map(Some)
            .ok_or_else(|| Problem::new(Kind::InvalidQuery, "`mode` is `live` or `shadow`")),
    }
}

fn status(word: &str) -> Result<Status> {
    let words = BTreeMap::from([
        ("running", Status::Running),
        ("incident", Status::Incident),
        ("ended", Status::Ended),
        ("cancelled", Status::Cancelled),
    ]);
    words.get(word).copied().ok_or_else(|| {
        let detail = "`status` is `running`, `incident`, `ended` or `cancelled`";
        Problem::new(Kind::InvalidQuery, detail)
    })
}

pub(super) fn show(instance: Summary) -> InstanceSummary {
    InstanceSummary {
        id: instance.id.to_string(),
        journey: instance.journey.to_string(),
        journey_name: instance.journey_name,
        version: instance.version,
        account: instance.account.map(account),
        parent: instance.parent.map(|parent| parent.to_string()),
        mode: super::versions::shown_mode(instance.mode),
        status: instance.status,
        outcome: instance.outcome,
        started_at: instance.started_at.to_rfc3339(),
        updated_at: instance.updated_at.to_rfc3339(),
    }
}

pub(super) fn show_wait(instance: InstanceId, wait: &Wait) -> WaitView {
    let (kind, failure) = match &wait.on {
        On::Call { .. } => ("call", None),
        On::Task { .. } => ("task", None),
        On::Timer { .. } => ("timer", None),
        On::Join { .. } => ("join", None),
        On::Event { .. } => ("event", None),
        On::Condition { .. } => ("condition", None),
        On::Children { .. } => ("children", None),
        On::Turn => ("turn", None),
        On::Undo { .. } => ("undo", None),
        On::Incident { failure, .. } => ("incident", Some(failure)),
    };
    let task = TaskId { instance, position: wait.position };
    WaitView {
        position: wait.position.0,
        node: wait.node.clone(),
        kind: kind.to_owned(),
        since: wait.since.to_rfc3339(),
        due: wait.due().map(journey::Timestamp::to_rfc3339),
        code: failure.map(|failure| failure.code.clone()),
        message: failure.map(|failure| failure.message.clone()),
        task: (kind == "task").then(|| task.to_string()),
        children: match &wait.on {
            On::Children { children } => (0..).zip(children).map(show_child).collect(),
            On::Call { .. }
            | On::Task { .. }
            | On::Timer { .. }
            | On::Event { .. }
            | On::Condition { .. }
            | On::Turn
            | On::Undo { .. }
            | On::Join { .. }
            | On::Incident { .. } => Vec::new(),
        },
    }
}

fn show_child((index, child): (u32, &Child)) -> ChildView {
    let (state, instance, outcome, message) = match &child.state {
        ChildState::Ahead => ("ahead", None, None, None),
        ChildState::Asked => ("asked", None, None, None),
        ChildState::Running { instance } => ("running", Some(instance), None, None),
        ChildState::Over { ending } => match ending {
            Ending::Ended { outcome, .. } => ("ended", None, Some(outcome), None),
            Ending::Cancelled { reason } => ("cancelled", None, None, Some(reason)),
            Ending::NotStarted { message } => ("not_started", None, None, Some(message)),
        },
    };
    ChildView {
        index,
        state: state.to_owned(),
        instance: instance.cloned(),
        outcome: outcome.cloned(),
        message: message.cloned(),
    }
}
