//! What is told of every request: an id, a log line, its time; and that a handler's panic is an answer like any other.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::problem::Problem;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, answers it, and measures it by route.
pub(super) async fn request(request: Request, next: Next) -> Response {
    let started = tokio::time::Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or("designer").to_owned();
    let method = request.method().clone();
    let id = request_id();
    let span = tracing::info_span!("http.request", request.id = %id, %method, route);
    // A handler shares nothing that a panic could leave half written: what it changes, it changes in transactions.
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = answering.instrument(span.clone()).await;
    let mut response = answered.unwrap_or_else(|_| {
        span.in_scope(|| Problem::internal(&"a handler panicked").into_response())
    });
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("waymark_http_requests_total", &labels).increment(1);
    metrics::histogram!("waymark_http_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    span.in_scope(|| {
        let took_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(status, took_us, "answered");
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID.clone(), id);
    }
    response
}

fn request_id() -> String {
    let mut bits = [0; 8];
    // Without randomness requests cannot be told apart in the log, and are answered all the same.
    let _ = getrandom::fill(&mut bits);
    hex::encode(bits)
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::StatusCode, middleware, routing::get};
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_in_a_handler_is_a_problem() {
        let broken = async || -> &'static str { panic!("a promise was broken") };
        let router: Router =
            Router::new().route("/", get(broken)).layer(middleware::from_fn(super::request));
        let request = axum::http::Request::get("/").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("x-request-id"));
    }
}
