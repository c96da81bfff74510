//! Who is calling: found once, at the door, and allowed or refused by the route's row.

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use store::directory::{Role, User};

use super::{
    origin,
    permission::{self, Access},
    secret,
};
use crate::{
    app::App,
    problem::{Kind, Problem},
};

/// The user a request acts for.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) User);

impl Caller {
    /// Whether tasks and journeys of every team are theirs to see.
    pub(crate) fn sees_all_teams(&self) -> bool {
        match self.0.role {
            Role::Admin | Role::Designer => true,
            Role::Member => false,
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.0.role == Role::Admin
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Kind::NotSignedIn.into())
    }
}

/// Lets a request through to its route when the table says so.
pub(crate) async fn authorize(
    State(app): State<App>,
    matched: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let access = permission::of(request.method(), matched.as_str());
    let found = match access {
        None => Err(Kind::Forbidden.into()),
        Some(Access::Public) => Ok(None),
        Some(access) => {
            let (method, headers) = (request.method().clone(), request.headers().clone());
            admit(&app, access, &method, &headers).await.map(Some)
        }
    };
    match found {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn admit(
    app: &App,
    access: Access,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let is_by_cookie = bearer(headers).is_none() && session(headers).is_some();
    if is_by_cookie && !origin::is_ours(method, headers) {
        return Err(Kind::CrossSite.into());
    }
    let user = who_asks(app, headers).await?;
    let user = user.ok_or(Kind::NotSignedIn)?;
    if access.allows(user.role) { Ok(Caller(user)) } else { Err(Kind::Forbidden.into()) }
}

/// Whose token or session a request carries, if there is one still; a token comes before a session.
///
/// # Errors
///
/// The store cannot say.
pub(crate) async fn who_asks(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<User>, store::Failure> {
    match (bearer(headers), session(headers)) {
        (Some(token), _) => app.store().user_by_token(&secret::hash(token), app.now()).await,
        (None, Some(session)) => {
            app.store().user_by_session(&secret::hash(session), app.now()).await
        }
        (None, None) => Ok(None),
    }
}

/// The session secret a request carries.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies.filter_map(|value| value.to_str().ok()).find_map(secret::from_cookies)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
