//! Server-sent events: hints that something changed, for the pages that show it.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt, stream};
use runtime::Change as Happened;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Change;

use crate::{app::App, auth::caller::who_asks, limits};

/// How often a silent stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(changes))
}

/// Changes as they become durable; clients read again what they show.
#[utoipa::path(get, path = "/api/v1/stream", tag = "stream",
    responses((status = 200, content_type = "text/event-stream", body = Change)))]
async fn changes(
    State(app): State<App>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = told(app.runtime().subscribe(), app.stopping().clone());
    let told = told.take_until(shut_out(app, headers));
    let events = told.map(|change| {
        let event = Event::default().json_data(&change);
        Ok(event.unwrap_or_else(|_| Event::default().comment("a change that cannot be told")))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

/// Returns once the listener's session or token is gone: other servers and the command line end them, too.
async fn shut_out(app: App, headers: HeaderMap) {
    loop {
        sleep(limits::LISTENER_AGAIN).await;
        // Whoever cannot be asked about goes on: it is the database that is away.
        if let Ok(None) = who_asks(&app, &headers).await {
            return;
        }
    }
}

/// What a listener is told, until the server stops.
fn told(changes: Receiver<Happened>, stopping: CancellationToken) -> impl Stream<Item = Change> {
    stream::unfold((changes, stopping), |(mut changes, stopping)| async move {
        let heard = tokio::select! {
            heard = changes.recv() => heard,
            () = stopping.cancelled() => return None,
        };
        let change = match heard {
            Ok(Happened::Instance { id, journey }) => {
                Change::Instance { id: id.to_string(), journey: journey.to_string() }
            }
            Ok(Happened::Task { id }) => Change::Task { id: id.to_string() },
            Ok(Happened::Account { id }) => Change::Account { id: id.to_string() },
            Ok(Happened::Notice { instance }) => Change::Notice { instance: instance.to_string() },
            Ok(Happened::Review { id, journey }) => {
                Change::Review { id: id.to_string(), journey: journey.to_string() }
            }
            Err(RecvError::Lagged(_)) => Change::Everything,
            Err(RecvError::Closed) => return None,
        };
        Some((change, (changes, stopping)))
    })
}
