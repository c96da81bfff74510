//! The people of the workspace.

use axum::{Json, extract::State, http::StatusCode};
use store::directory::{self, ChangedUser, Made, NewUser, UserChange};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{ChangeUser, Created, Page, Role, User};

use crate::{
    app::App,
    auth::{caller::Caller, password},
    extract::{self, Body, Paging, Path, Query, check_name, page},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change))
}

/// Everyone who may sign in, oldest first.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(Paging),
    responses((status = 200, body = Page<User>)))]
async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Result<Json<Page<User>>> {
    let users = app.store().users(paging.of()?).await?;
    Ok(Json(page(users, show)))
}

/// Let someone sign in.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = wire::NewUser,
    responses((status = 201, body = Created), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<wire::NewUser>,
) -> Result<(StatusCode, Json<Created>)> {
    check_email("/email", &asked.email)?;
    check_name("/name", &asked.name)?;
    if let Some(weakness) = password::weakness(&asked.password) {
        return Err(Problem::field("/password", weakness));
    }
    let user = NewUser {
        email: asked.email.trim().to_lowercase(),
        name: asked.name,
        role: stored_role(asked.role),
        password_hash: app.passwords().hash(asked.password).await?,
    };
    match app.store().create_user(&user, app.now()).await? {
        Made::Made(id) => {
            app.audit(&caller, "user.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        Made::Taken | Made::Unknown(_) => {
            Err(Problem::new(Kind::Conflict, format!("{} is a user already", user.email)))
        }
    }
}

/// One user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = User), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<User>> {
    let user = app.store().user(extract::id("user", &id)?).await?;
    Ok(Json(show(user.ok_or_else(|| Problem::not_found("user", &id))?)))
}

/// Change a user's name, role or password. A workspace keeps at least one administrator.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "users", params(("id" = String, Path)),
    request_body = ChangeUser,
    responses((status = 200, body = User), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<ChangeUser>,
) -> Result<Json<User>> {
    let user = extract::id("user", &id)?;
    if let Some(name) = &asked.name {
        check_name("/name", name)?;
    }
    let password_hash = match asked.password {
        None => None,
        Some(password) => {
            if let Some(weakness) = password::weakness(&password) {
                return Err(Problem::field("/password", weakness));
            }
            Some(app.passwords().hash(password).await?)
        }
    };
    let role = asked.role.map(stored_role);
    let change = UserChange { name: asked.name, role, password_hash };
    match app.store().change_user(user, &change).await? {
        None => Err(Problem::not_found("user", &id)),
        Some(ChangedUser::User(changed)) => {
            app.audit(&caller, "user.change", &user).await?;
            Ok(Json(show(changed)))
        }
        Some(ChangedUser::LastAdmin) => {
            let detail = "this is the last administrator: make someone else one first";
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}

/// Refuses what cannot be an e-mail address.
pub(crate) fn check_email(pointer: &str, email: &str) -> Result<()> {
    let email = email.trim();
    let is_address = email
        .split_once('@')
        .is_some_and(|(who, at)| !who.is_empty() && !at.is_empty() && !at.contains('@'));
    let is_line = !email.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if is_address && is_line && email.len() <= 254 {
        return Ok(());
    }
    Err(Problem::field(pointer, "not an e-mail address"))
}

/// A stored role as clients read it.
pub(crate) fn role(role: directory::Role) -> Role {
    match role {
        directory::Role::Admin => Role::Admin,
        directory::Role::Designer => Role::Designer,
        directory::Role::Member => Role::Member,
    }
}

/// A client's role as it is stored.
pub(crate) fn stored_role(role: Role) -> directory::Role {
    match role {
        Role::Admin => directory::Role::Admin,
        Role::Designer => directory::Role::Designer,
        Role::Member => directory::Role::Member,
    }
}

fn show(user: directory::User) -> User {
    User {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        role: role(user.role),
        teams: user.teams,
        created_at: user.created_at.to_rfc3339(),
    }
}
