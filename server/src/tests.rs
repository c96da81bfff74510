//! The real router over a workspace in a temporary folder, with a clock that stands still until a test moves it.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use connector_compiler::Compiler;
use connector_host::{Host, HostConfig};
use journey::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use runtime::{Clock, ManualClock, Perform, Runtime};
use serde_json::{Value, json};
use store::{
    Database, Store,
    directory::{Made, NewUser, Role},
    nodes::NewNode,
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{
    app::{App, Parts},
    at_work::AtWork,
    auth::{
        password::{Passwords, hash_now},
        permission::{self, Access},
        secret::{self, Transport},
    },
    connectors::{Connectors, Remembered},
    foothold::Foothold,
    http,
    mail::Mailer,
    outside::Outside,
    seal::Sealer,
    slugs::Slugs,
};

mod door;
mod events;
mod migrating;
mod moving;
mod notices;
mod pressure;
mod resources;
mod reviews;
mod running;
mod shadow;

pub(crate) const PASSWORD: &str = "a long enough password";

/// A server without a socket.
pub(crate) struct Server {
    router: Router,
    store: Arc<dyn Store>,
    clock: ManualClock,
    _folder: TempDir,
}

fn connectors(store: &Arc<dyn Store>, sealer: &Sealer, clock: &ManualClock) -> Arc<Connectors> {
    let kv = Arc::new(Remembered::new(Arc::clone(store)));
    let config = HostConfig { slots: 2, threads: 1, ..HostConfig::new(None, [7; 32], kv, || 0) };
    // No test of the router compiles a connector; the built binary's tests do.
    let compiler = Compiler::new("/nonexistent", ["compile"]);
    let host = Host::new(config).unwrap();
    Arc::new(Connectors::new(
        Arc::clone(store),
        host,
        compiler,
        sealer.clone(),
        Arc::new(clock.clone()),
    ))
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with_mail(None).await
    }

    /// With a mail server, if there is one.
    pub(crate) async fn with_mail(mailer: Option<Mailer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("waymark.sqlite");
        let store: Arc<dyn Store> = Arc::new(Database::open(&file, 7).await.unwrap());
        let clock = ManualClock::new(Timestamp(1_700_000_000_000));
        let sealer = Sealer::open(&folder.path().join("secrets.key")).unwrap();
        let connectors = connectors(&store, &sealer, &clock);
        let time: Arc<dyn Clock> = Arc::new(clock.clone());
        let performer: Arc<dyn Perform> =
            Arc::new(Outside { connectors: Arc::clone(&connectors), mailer });
        let runtime =
            Runtime::start(Arc::clone(&store), performer, Arc::clone(&time), NewNode::alone())
                .await
                .unwrap();
        let app = App::new(Parts {
            at_work: AtWork::default(),
            store: Arc::clone(&store),
            clock: time,
            runtime,
            connectors,
            slugs: Slugs::default(),
            passwords: Passwords::new(),
            sealer,
            transport: Transport::Plain,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            stopping: CancellationToken::new(),
            foothold: Foothold::default(),
        });
        Self { router: http::router(app), store, clock, _folder: folder }
    }

    pub(crate) fn wait(&self, milliseconds: i64) {
        self.clock.advance(milliseconds);
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes a user and gives a token that acts as them.
    pub(crate) async fn user(&self, email: &str, role: Role) -> String {
        let user = NewUser {
            email: email.to_owned(),
            name: email.to_owned(),
            role,
            password_hash: hash_now(PASSWORD).unwrap(),
        };
        let Made::Made(id) = self.store.create_user(&user, self.now()).await.unwrap() else {
            panic!("{email} is taken");
        };
        let token = secret::generate(secret::TOKEN_PREFIX).unwrap();
        self.store.create_token(id, "test", &secret::hash(&token), self.now()).await.unwrap();
        token
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A request as the user behind `token`; a body that is null is none.
    pub(crate) async fn ask(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(token, Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.ask(token, Method::POST, path, body).await
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        if status >= 400 {
            assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
            assert_eq!(self.body["status"], status, "{}", self.body);
        }
        self
    }

    pub(crate) fn problem(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or("");
        kind.strip_prefix("/problems/").unwrap_or(kind)
    }
}
