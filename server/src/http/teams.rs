//! Teams, which claim tasks.

use axum::{Json, extract::State, http::StatusCode};
use store::directory::{self, ChangedTeam, Made, Named, TeamChange, Unknown};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{ChangeTeam, Created, NewTeam, Page, Patch, Team};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, check_name, page},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change))
}

/// Every team, oldest first.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", params(Paging),
    responses((status = 200, body = Page<Team>)))]
async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Result<Json<Page<Team>>> {
    let teams = app.store().teams(paging.of()?).await?;
    Ok(Json(page(teams, show)))
}

/// Make a team of users.
#[utoipa::path(post, path = "/api/v1/teams", tag = "teams", request_body = NewTeam,
    responses((status = 201, body = Created), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewTeam>,
) -> Result<(StatusCode, Json<Created>)> {
    check_name("/name", &asked.name)?;
    let team = directory::NewTeam {
        name: asked.name,
        members: asked.members.into_iter().map(lower).collect(),
        lead: asked.lead.map(lower),
        calendar: asked.calendar,
    };
    match app.store().create_team(&team, app.now()).await? {
        Made::Made(id) => {
            app.runtime().calendars_changed();
            app.audit(&caller, "team.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        Made::Taken => {
            Err(Problem::new(Kind::Conflict, format!("there is a team '{}' already", team.name)))
        }
        Made::Unknown(unknown) => Err(none_such(&team.members, &unknown)),
    }
}

/// One team.
#[utoipa::path(get, path = "/api/v1/teams/{id}", tag = "teams", params(("id" = String, Path)),
    responses((status = 200, body = Team), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Team>> {
    let team = app.store().team(extract::id("team", &id)?).await?;
    Ok(Json(show(team.ok_or_else(|| Problem::not_found("team", &id))?)))
}

/// Change who is in a team, who leads it and whose hours it keeps.
#[utoipa::path(patch, path = "/api/v1/teams/{id}", tag = "teams", params(("id" = String, Path)),
    request_body = ChangeTeam,
    responses((status = 200, body = Team), (status = 404, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<ChangeTeam>,
) -> Result<Json<Team>> {
    let team = extract::id("team", &id)?;
    let change = TeamChange {
        members: asked.members.map(|members| members.into_iter().map(lower).collect()),
        lead: named(asked.lead, lower),
        calendar: named(asked.calendar, |calendar| calendar),
    };
    match app.store().change_team(team, &change).await? {
        None => Err(Problem::not_found("team", &id)),
        Some(ChangedTeam::Team(changed)) => {
            app.runtime().calendars_changed();
            app.audit(&caller, "team.change", &team).await?;
            Ok(Json(show(changed)))
        }
        Some(ChangedTeam::Unknown(unknown)) => {
            Err(none_such(change.members.as_deref().unwrap_or_default(), &unknown))
        }
    }
}

fn lower(email: String) -> String {
    email.trim().to_lowercase()
}

fn named(patch: Patch<String>, written: impl FnOnce(String) -> String) -> Named {
    match patch {
        Patch::Keep => Named::Stays,
        Patch::Clear => Named::Nothing,
        Patch::To(name) => Named::Is(written(name)),
    }
}

fn none_such(members: &[String], unknown: &Unknown) -> Problem {
    match unknown {
        Unknown::User(email) => {
            let place = members.iter().position(|member| member == email);
            let pointer = place.map_or("/lead".to_owned(), |place| format!("/members/{place}"));
            Problem::field(pointer, format!("{email} is no user"))
        }
        Unknown::Calendar(name) => {
            Problem::field("/calendar", format!("there is no calendar '{name}'"))
        }
    }
}

fn show(team: directory::Team) -> Team {
    let directory::Team { id, name, members, lead, calendar } = team;
    Team { id: id.to_string(), name, members, lead, calendar }
}
