//! `Idempotency-Key`: the first answer is given again to a request that is repeated.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use failpoints::Point;
use sha2::{Digest, Sha256};
use store::idempotency::{Answer, Begun, Request as Asked, asking};

use crate::{
    app::App,
    auth::caller::Caller,
    extract, limits,
    problem::{Kind, Problem, Result},
};

/// The header that names a request.
pub(super) const KEY: &str = "idempotency-key";

/// Answers a keyed POST once: later ones with the same body get the first answer, others are refused.
pub(super) async fn answer_once(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    failpoints::around(Point::Answer, change(app, request, next)).await
}

async fn change(app: App, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    let is_keyed = request.method() == Method::POST && request.headers().contains_key(KEY);
    match caller {
        Some(caller) if is_keyed => {
            keyed(&app, &caller, request, next).await.unwrap_or_else(Problem::into_response)
        }
        _ => next.run(request).await,
    }
}

async fn keyed(app: &App, caller: &Caller, request: Request, next: Next) -> Result<Response> {
    let key = key(request.headers())?.to_owned();
    let (parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let body = Bytes::from_request(whole, &()).await.map_err(extract::unreadable)?;
    let asked = Asked {
        scope: format!("{} {}", caller.0.id, parts.uri.path()),
        key,
        hash: Sha256::digest(&body).into(),
    };
    let Some(_turn) = app.at_work().begin(&asked) else { return Err(Kind::AtWork.into()) };
    match app.store().begin_answer(&asked, app.now()).await? {
        Begun::New => {}
        Begun::AtWork => return Err(Kind::AtWork.into()),
        Begun::Done => return Err(Kind::AnswerLost.into()),
        Begun::OtherRequest => return Err(Kind::KeyReused.into()),
        Begun::Answered(answer) => return again(app, &asked, answer),
    }
    let finds_itself = finds_itself(parts.uri.path());
    let work = next.run(Request::from_parts(parts, Body::from(body)));
    let response = if finds_itself { work.await } else { asking(asked.clone(), work).await };
    if !response.status().is_success() {
        // What is not freed now is free all the same: no request is at it any more.
        if let Err(failure) = app.store().abandon_answer(&asked).await {
            tracing::warn!(error = %failure, "an idempotency key is not freed");
        }
        return Ok(response);
    }
    keep(app, &asked, response).await
}

/// Whether what is asked for there is found again under its key, and answered, by itself: starts and events.
fn finds_itself(path: &str) -> bool {
    let starts =
        path.strip_prefix("/api/v1/journeys/").is_some_and(|of| of.ends_with("/instances"));
    starts || path == "/api/v1/events"
}

/// Keeps the answer, sealed: it may hold a secret that is shown once.
async fn keep(app: &App, asked: &Asked, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|error| Problem::internal(&error))?;
    let sealed =
        app.sealer().seal(&place(asked), &body).map_err(|error| Problem::internal(&error))?;
    let answer = Answer { status: parts.status.as_u16(), body: sealed };
    app.store().finish_answer(asked, &answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(app: &App, asked: &Asked, answer: Answer) -> Result<Response> {
    let body = app.sealer().open_sealed(&place(asked), &answer.body);
    let body = body.map_err(|error| Problem::internal(&error))?;
    let status = StatusCode::from_u16(answer.status).map_err(|error| Problem::internal(&error))?;
    let mut response = (status, body).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

fn place(asked: &Asked) -> String {
    format!("answer/{}/{}", asked.scope, asked.key)
}

/// The key a request names.
pub(super) fn key(headers: &axum::http::HeaderMap) -> Result<&str> {
    let key = headers.get(KEY).and_then(|value| value.to_str().ok()).unwrap_or("");
    if key.is_empty() || key.len() > limits::KEY_BYTES {
        let detail =
            format!("`Idempotency-Key` has 1 to {} characters of ASCII", limits::KEY_BYTES);
        return Err(Problem::new(Kind::InvalidQuery, detail));
    }
    Ok(key)
}
