//! A host with the hostile connector installed, and systems for it to attack.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use connector_compiler::Compiler;
use connector_host::{
    Artefact, Call, Connection, Digest, Failure, Grants, Host, HostConfig, Limits, MemoryKv,
    Outcome,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How long a call may take that is not meant to run into its end.
const PATIENCE: Duration = Duration::from_mins(1);

/// The secret that no answer, log or record may hold.
pub(crate) const SECRET: &str = "s3cret-of-the/customer+\"quoted\"";

/// The hostile connector on a host of its own.
pub(crate) struct Stage {
    pub(crate) host: Host,
    digest: Digest,
}

impl Stage {
    /// With the limits every call has.
    pub(crate) async fn usual() -> Self {
        Self::limited(Limits::default()).await
    }

    /// With other limits.
    pub(crate) async fn limited(limits: Limits) -> Self {
        Self::with(|config| config.limits = limits).await
    }

    /// With a host set up otherwise.
    pub(crate) async fn with(change: impl FnOnce(&mut HostConfig)) -> Self {
        let mut config =
            HostConfig::new(None, [7; 32], Arc::new(MemoryKv::default()), || 1_760_000_000_000);
        change(&mut config);
        let host = Host::new(config).unwrap();
        let artefact = compile(&hostile()).await;
        let digest = artefact.digest();
        host.install(artefact).await.unwrap();
        Self { host, digest }
    }

    /// A call by a connection that may reach nothing.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Outcome {
        self.host.call(self.ask(operation, input, &connection(json!({}), &[], &[]))).await
    }

    /// A call by `connection`.
    pub(crate) async fn call_by(
        &self,
        connection: &Arc<Connection>,
        operation: &str,
        input: Value,
    ) -> Outcome {
        self.host.call(self.ask(operation, input, connection)).await
    }

    /// What a call consists of.
    pub(crate) fn ask(&self, operation: &str, input: Value, connection: &Arc<Connection>) -> Call {
        Call {
            digest: self.digest,
            connection: Arc::clone(connection),
            operation: operation.to_owned(),
            input: input.to_string(),
            idempotency_key: "key".to_owned(),
            attempt: 1,
            timeout: PATIENCE,
            traceparent: String::new(),
        }
    }

    /// The failure of a call, after which the next call is as good as ever.
    pub(crate) async fn failure(&self, operation: &str, input: Value) -> Failure {
        let failure = self.call(operation, input).await.result.unwrap_err();
        self.is_unharmed().await;
        failure
    }

    /// The host still answers.
    pub(crate) async fn is_unharmed(&self) {
        let echoed = self.call("echo", json!({ "still": "here" })).await;
        assert_eq!(echoed.result.unwrap(), json!({ "still": "here" }));
    }
}

/// Compiles in a child, as the server does.
pub(crate) async fn compile(component: &[u8]) -> Artefact {
    compiler().compile(component).await.unwrap()
}

/// The compiler as a child process.
pub(crate) fn compiler() -> Compiler {
    Compiler::new(env!("CARGO_BIN_EXE_connector-compiler"), ["compile"])
}

/// The built hostile connector.
pub(crate) fn hostile() -> Vec<u8> {
    let folder = std::env::var_os("WAYMARK_CONNECTORS_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/connectors")),
        PathBuf::from,
    );
    let path = folder.join("hostile.wasm");
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask connectors`", path.display()))
}

/// A connection that may reach `hosts`, and `private` ranges too.
pub(crate) fn connection(config: Value, hosts: &[&str], private: &[&str]) -> Arc<Connection> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let grants = Grants::parse(&owned(hosts), &owned(private)).unwrap();
    let secrets = BTreeMap::from([("token".to_owned(), SecretString::from(SECRET))]);
    Connection::new("target", config, secrets, grants)
}

/// A system of the outside, on loopback.
pub(crate) struct Outside {
    pub(crate) url: String,
    asked: Arc<AtomicUsize>,
}

impl Outside {
    /// Starts it; it ends with the test.
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&asked);
        let count = move |request: axum::extract::Request, next: axum::middleware::Next| {
            counting.fetch_add(1, Ordering::SeqCst);
            next.run(request)
        };
        let router = Router::new()
            .route("/echo", get(echo))
            .route(
                "/redirect",
                get(|| async {
                    (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/")])
                }),
            )
            .route("/large", get(|| async { "x".repeat(9 << 20) }))
            .route(
                "/compressed",
                get(|| async { ([(header::CONTENT_ENCODING, "gzip")], "not really") }),
            )
            .route("/never", get(|| async { std::future::pending::<()>().await }))
            .layer(axum::middleware::from_fn(count));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn place(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Its port.
    pub(crate) fn port(&self) -> &str {
        self.place().rsplit(':').next().unwrap()
    }

    /// How many requests have reached it.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A connection that is configured for `path` and may reach it.
    pub(crate) fn connection(&self, path: &str) -> Arc<Connection> {
        let config = json!({ "url": format!("{}{path}", self.url) });
        connection(config, &[self.place()], &["127.0.0.0/8"])
    }
}

/// Answers with what it was sent.
async fn echo(headers: HeaderMap) -> impl IntoResponse {
    let sent: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    sent.join("\n")
}
