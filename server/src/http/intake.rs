//! What comes in beside what a handler reads: headers that are too large, and bodies that stand still or that nobody wants any more.

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
use tokio::{
    sync::oneshot,
    time::{Sleep, sleep, timeout},
};

use crate::{
    app::App,
    extract::Stalled,
    limits,
    problem::{Kind, Problem},
};

/// Refuses headers over their limit, and reads a refused body to its end: a client that is still sending would otherwise meet a closed
/// connection instead of its answer.
pub(super) async fn take_in(request: Request, next: Next) -> Response {
    take_in_within(limits::BODY, request, next).await
}

/// As [`take_in`], with the time for which a body may stand still.
async fn take_in_within(patience: Duration, request: Request, next: Next) -> Response {
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
    let body = Some(body.into_data_stream());
    let lent = Lent { body, patience, still: None, back: Some(back), is_asking };
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

/// A body that comes back when it was not read to its end, and ends when nothing more of it comes.
struct Lent {
    body: Option<BodyDataStream>,
    patience: Duration,
    /// For how much longer it may stand still.
    still: Option<Pin<Box<Sleep>>>,
    back: Option<oneshot::Sender<BodyDataStream>>,
    is_asking: bool,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_asking = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        match polled {
            Poll::Ready(Some(Ok(_))) => self.still = None,
            Poll::Ready(None | Some(Err(_))) => self.body = None,
            Poll::Pending => {
                let patience = self.patience;
                let still = self.still.get_or_insert_with(|| Box::pin(sleep(patience)));
                if still.as_mut().poll(context).is_ready() {
                    self.body = None;
                    return Poll::Ready(Some(Err(axum::Error::new(Stalled))));
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract;
    use axum::{Router, extract::rejection::BytesRejection, middleware, routing::post};
    use futures_util::stream;
    use tower::ServiceExt;

    const SHORT: Duration = Duration::from_millis(800);

    async fn receive(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
        body.map_err(extract::unreadable)
    }

    async fn send(pieces: impl Stream<Item = &'static str> + Send + 'static) -> Response {
        let impatient = |request, next| take_in_within(SHORT, request, next);
        let router = Router::new().route("/", post(receive)).layer(middleware::from_fn(impatient));
        let body = Body::from_stream(pieces.map(|piece| Ok::<_, axum::Error>(Bytes::from(piece))));
        router.oneshot(Request::post("/").body(body).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_refused_and_a_slow_one_is_not() {
        let stalled = send(stream::iter(["{"]).chain(stream::pending())).await;
        assert_eq!(stalled.status(), 408);
        let slow = stream::iter(["a"; 8]).then(|piece| async move {
            sleep(SHORT / 4).await;
            piece
        });
        assert_eq!(send(slow).await.status(), 200);
    }
}
