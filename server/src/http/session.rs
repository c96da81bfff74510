//! Signing in and out.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use store::directory::User;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Session, SignIn};

use crate::{
    app::App,
    auth::{
        caller::{self, Caller},
        origin, secret,
    },
    extract::Body,
    limits,
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, who, sign_out))
}

/// Sign in; the session travels in a cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn,
    responses((status = 204), (status = 401, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn sign_in(
    State(app): State<App>,
    method: axum::http::Method,
    headers: HeaderMap,
    Body(asked): Body<SignIn>,
) -> Result<impl IntoResponse> {
    if !origin::is_ours(&method, &headers) {
        return Err(Kind::CrossSite.into());
    }
    let found = app.store().user_by_email(asked.email.trim()).await?;
    let (user, hash) = found.map(|found| (found.user, found.password_hash)).unzip();
    let is_right = app.passwords().verify(asked.password, hash).await?;
    let user = user.filter(|_| is_right).ok_or(Kind::WrongCredentials)?;
    let session = secret::generate("").map_err(|error| Problem::internal(&error))?;
    let now = app.now();
    let expires = now.plus(limits::SESSION_MS);
    app.store().open_session(&secret::hash(&session), user.id, now, expires).await?;
    app.audit(&Caller(user.clone()), "session.open", &user.id).await?;
    tracing::info!(user.id = %user.id, "signed in");
    let cookie = secret::cookie(&session, limits::SESSION_MS / 1000, app.transport());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = Session), (status = 401, body = wire::Problem)))]
async fn who(caller: Caller) -> Json<Session> {
    let User { id, email, name, role, teams, .. } = caller.0;
    Json(Session { user: id.to_string(), email, name, role: super::users::role(role), teams })
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), (status = 401, body = wire::Problem)))]
async fn sign_out(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse> {
    if let Some(session) = caller::session(&headers) {
        app.store().close_session(&secret::hash(session)).await?;
        app.audit(&caller, "session.close", &caller.0.id).await?;
    }
    let cookie = secret::cookie("", 0, app.transport());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}
