//! Teams, which claim tasks.

use axum::{Json, extract::State, http::StatusCode};
use store::directory::{self, Made};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Created, NewTeam, Page, Team};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Body, Paging, Query, check_name, page},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create))
}

/// Every team, oldest first.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams", params(Paging),
    responses((status = 200, body = Page<Team>)))]
async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Result<Json<Page<Team>>> {
    let teams = app.store().teams(paging.of()?).await?;
    Ok(Json(page(teams, |team| Team {
        id: team.id.to_string(),
        name: team.name,
        members: team.members,
        lead: team.lead,
    })))
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
    let lower = |email: String| email.trim().to_lowercase();
    let team = directory::NewTeam {
        name: asked.name,
        members: asked.members.into_iter().map(lower).collect(),
        lead: asked.lead.map(lower),
    };
    match app.store().create_team(&team, app.now()).await? {
        Made::Made(id) => {
            app.audit(&caller, "team.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        Made::Taken => {
            Err(Problem::new(Kind::Conflict, format!("there is a team '{}' already", team.name)))
        }
        Made::UnknownUser(email) => {
            let place = team.members.iter().position(|member| *member == email);
            let pointer = place.map_or("/lead".to_owned(), |place| format!("/members/{place}"));
            Err(Problem::field(pointer, format!("{email} is no user")))
        }
    }
}
