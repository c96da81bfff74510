//! What comes in beside what a handler reads: headers that are too large, and bodies that nobody wants any more.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    app::App,
    limits,
    problem::{Kind, Problem},
};

/// Refuses headers over their limit, and reads a refused body to its end: a client that is still sending would otherwise meet a closed
/// connection instead of its answer.
pub(super) async fn take_in(request: Request, next: Next) -> Response {
    if header_bytes(request.headers()) > limits::HEADER_BYTES {
        return Problem::from(Kind::HeadersTooLarge).into_response();
    }
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let (back, mut left) = oneshot::channel();
    // Whoever asks first whether to send need not be read when the answer is no.
    let is_asking = parts.headers.contains_key(header::EXPECT);
    let lent = Lent { body: Some(body.into_data_stream()), back: Some(back), is_asking };
    let response = next.run(Request::from_parts(parts, Body::from_stream(lent))).await;
    if let Ok(left) = left.try_recv() {
        // However it ends, the answer is due now.
        let _ = timeout(Duration::from_secs(limits::DRAIN_S), read(left)).await;
    }
    response
}

/// What brings new work is refused while there is no room for it, before anything of it is read, looked up or written.
pub(super) async fn keep_pace(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let brings_work =
        request.method() == Method::POST && route.is_some_and(|route| BRING_WORK.contains(&route));
    match app.runtime().has_room() {
        Err(refusal) if brings_work => Problem::from(refusal).into_response(),
        Ok(()) | Err(_) => next.run(request).await,
    }
}

/// Where starts, deliveries and events come in.
const BRING_WORK: [&str; 3] =
    ["/hooks/{slug}", "/api/v1/journeys/{id}/instances", "/api/v1/events"];

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

async fn read(mut left: BodyDataStream) {
    let mut bytes = 0;
    while let Some(Ok(chunk)) = left.next().await {
        bytes += chunk.len();
        if bytes > limits::DRAIN_BYTES {
            return;
        }
    }
}

/// A body that comes back when it was not read to its end.
struct Lent {
    body: Option<BodyDataStream>,
    back: Option<oneshot::Sender<BodyDataStream>>,
    is_asking: bool,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_asking = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = polled {
            self.body = None;
        }
        polled
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (false, Some(body), Some(back)) =
            (self.is_asking, self.body.take(), self.back.take())
        {
            // Nobody takes it back once the answer has gone out.
            let _ = back.send(body);
        }
    }
}
