//! The socket: takes connections, serves HTTP on them, and parts with those that keep it waiting.

mod files;
mod pulse;
#[cfg(test)]
mod tests;
mod watched;

use std::{
    convert::Infallible,
    io::{Error, ErrorKind},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body};
use futures_util::FutureExt;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::limits;
pub(crate) use files::allow_most;
pub(crate) use pulse::Patience;
use pulse::Pulse;
use watched::{Answered, Watched};

/// What clients are given.
pub(crate) const PATIENCE: Patience = Patience { head: limits::HEAD, idle: limits::IDLE };

/// Serves every connection of `listener`, until `stopping` is cancelled and the requests under way have their answers.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stopping: CancellationToken,
) {
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    let begin = |stream| {
        let (router, stopping, open) = (router.clone(), stopping.clone(), open.clone());
        tokio::spawn(async move {
            connection(stream, router, patience, stopping).await;
            drop(open);
        });
    };
    let mut complaints = Complaints::default();
    while let Some(taken) = stopping.run_until_cancelled(listener.accept()).await {
        match taken {
            Ok((stream, _)) => begin(stream),
            Err(error) => complaints.about(&error).await,
        }
    }
    // Who stands in line believes to be connected: closing the socket would tear what they have sent.
    for _ in 0..limits::LINE {
        let Ok(Ok((stream, _))) = timeout(limits::LINE_WAIT, listener.accept()).await else {
            break;
        };
        begin(stream);
    }
    drop((listener, open));
    closed.recv().await;
}

/// Serves one connection until either side is done with it.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    patience: Patience,
    stopping: CancellationToken,
) {
    let pulse = Arc::new(Pulse::new(patience));
    let watched = TokioIo::new(Watched::new(stream, Arc::clone(&pulse)));
    let asked = Arc::clone(&pulse);
    let service = service_fn(move |request: Request<Incoming>| {
        let under_way = Pulse::request(&asked, request.version());
        let answering = router.clone().oneshot(request.map(Body::new));
        answering.map(move |answer| {
            answer.map(|answer| answer.map(|body| Answered::new(body, under_way)))
        })
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut serving = pin!(builder.serve_connection(watched, service));
    let mut leaving = pin!(leave(&stopping, &pulse).fuse());
    let mut overdue = pin!(pulse.overdue());
    loop {
        tokio::select! {
            biased;
            ended = &mut serving => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection broke");
                }
                return;
            }
            () = &mut leaving => serving.as_mut().graceful_shutdown(),
            () = &mut overdue => return,
        }
    }
}

/// Waits until a connection takes no further requests. One that is new has sent its first, most likely, which is not read yet.
async fn leave(stopping: &CancellationToken, pulse: &Pulse) {
    stopping.cancelled().await;
    if pulse.is_new() {
        sleep(limits::FIRST_REQUEST).await;
    }
}

/// What is said of connections that cannot be taken.
#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
}

impl Complaints {
    /// Says it once in a while, and lets time pass in which another connection may end.
    async fn about(&mut self, error: &Error) {
        if is_theirs(error) {
            return;
        }
        if self.last.is_none_or(|last| last.elapsed() >= limits::COMPLAINTS_EVERY) {
            self.last = Some(Instant::now());
            tracing::error!(
                %error,
                "no connections can be taken just now; if too many files are open, let the program open more (`LimitNOFILE=` of systemd, `ulimit -n`)"
            );
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Whether whoever wanted to connect has gone away again.
fn is_theirs(error: &Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
