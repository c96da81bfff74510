//! What journeys tell people inside the product; each reads their own.

use axum::{Json, extract::State, http::StatusCode};
use journey::Timestamp;
use store::notices::{AboutTask, Concerned, Notice};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{NoticeTask, Notices, SeeNotices};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Body, Paging, Query, page},
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(see))
}

/// What you and your teams were told, newest first, and how much of it you have not seen.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notices", params(Paging),
    responses((status = 200, body = Notices), (status = 400, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Notices>> {
    let whom = Concerned { person: caller.0.email.clone(), teams: caller.0.teams.clone() };
    let seen = app.store().seen_until(&whom.person).await?.unwrap_or_default();
    let found = app.store().notices(&whom, paging.of()?).await?;
    let unseen = app.store().unseen(&whom, seen).await?;
    let wire::Page { items, next_cursor } = page(found, |notice| show(&caller, seen, notice));
    Ok(Json(Notices { items, next_cursor, unseen }))
}

/// Say up to when you have seen what you were told; what you have seen already stays seen.
#[utoipa::path(post, path = "/api/v1/notices/seen", tag = "notices", request_body = SeeNotices,
    responses((status = 204), (status = 422, body = wire::Problem)))]
async fn see(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<SeeNotices>,
) -> Result<StatusCode> {
    let until = Timestamp::from_rfc3339(&asked.until)
        .ok_or_else(|| Problem::field("/until", "a time such as 2026-01-31T09:00:00Z"))?;
    // Nobody has seen what is not there yet.
    app.store().see(&caller.0.email, until.min(app.now())).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn show(caller: &Caller, seen: Timestamp, notice: Notice) -> wire::Notice {
    let task = notice.task.filter(|task| may_open(caller, task));
    wire::Notice {
        id: notice.id.to_string(),
        about: notice.about,
        at: notice.at.to_rfc3339(),
        instance: notice.id.instance.to_string(),
        journey: notice.journey.to_string(),
        journey_name: notice.journey_name,
        account: notice.account.map(super::instances::account),
        task: task.map(|task| NoticeTask { id: task.id.to_string(), open: task.is_open }),
        person: notice.person,
        team: notice.team,
        unseen: notice.at > seen,
    }
}

/// Whether the caller may know of the task: theirs, their teams', or any for those who see all teams.
fn may_open(caller: &Caller, task: &AboutTask) -> bool {
    super::tasks::may_see(caller, [&task.holder], task.team.as_deref())
}
