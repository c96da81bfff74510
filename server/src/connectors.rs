//! Connectors of this workspace: installed, kept compiled, and called for the runtime.

mod remembered;
mod shelf;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connector_compiler::Compiler;
use connector_host::{Call, Connection, Digest, Grants, Host};
use journey::{
    Timestamp,
    effect::{Failure, FailureKind},
};
use runtime::{CallRequest, Clock};
use secrecy::SecretString;
use serde_json::Value;
use store::{ConnectorId, Store, connectors::NewConnector};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{limits, seal::Sealer};
pub(crate) use remembered::Remembered;
use shelf::Shelf;

/// Runs the connectors of one workspace.
pub(crate) struct Connectors {
    store: Arc<dyn Store>,
    shelf: Arc<Shelf>,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    known: Mutex<HashMap<String, Known>>,
    /// Places for calls that somebody tries.
    tries: Semaphore,
}

/// A connection ready to be used, and when it was read.
#[derive(Clone)]
struct Known {
    connection: Arc<Connection>,
    digest: Digest,
    read_at: Timestamp,
}

/// Why a component was not installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// The file is at fault.
    #[error("{0}")]
    Unfit(String),
    /// We are.
    #[error(transparent)]
    Store(#[from] store::Failure),
    #[error("{0}")]
    Broken(String),
}

impl Connectors {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        host: Host,
        compiler: Compiler,
        sealer: Sealer,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shelf = Arc::new(Shelf::new(Arc::clone(&store), host, compiler));
        let tries = Semaphore::new(limits::TRIALS);
        Self { store, shelf, sealer, clock, known: Mutex::default(), tries }
    }

    /// Checks and compiles a component in a child process, loads it, and keeps it.
    pub(crate) async fn install(&self, component: Vec<u8>) -> Result<ConnectorId, InstallError> {
        let (digest, manifest) = self.shelf.put(&component).await?;
        let connector = NewConnector {
            name: manifest.id.clone(),
            version: manifest.version.clone(),
            digest: digest.to_string(),
            manifest: serde_json::to_value(&manifest)
                .map_err(|error| InstallError::Broken(error.to_string()))?,
            component,
        };
        let id = self.store.install(&connector, self.clock.now()).await?;
        self.forget();
        Ok(id)
    }

    /// Takes a connector out of the workspace; calls under way end by themselves, later ones become incidents.
    pub(crate) async fn uninstall(&self, id: ConnectorId) -> Result<bool, store::Failure> {
        let Some(connector) = self.store.connector(id).await? else { return Ok(false) };
        let was_there = self.store.uninstall(id).await?;
        self.forget();
        if let Ok(digest) = connector.digest.parse() {
            self.shelf.remove(&digest);
        }
        Ok(was_there)
    }

    /// Forgets the connections that were read: one that was changed or deleted is not used any more.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A connection by name, with its connector loaded.
    async fn find(&self, name: &str) -> Result<Known, Failure> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(known) = known
            && (0..limits::CONNECTION_MS).contains(&now.0.saturating_sub(known.read_at.0))
        {
            return Ok(known);
        }
        let known = self.read(name, now).await?;
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), known.clone());
        Ok(known)
    }

    async fn read(&self, name: &str, now: Timestamp) -> Result<Known, Failure> {
        let stored = self.store.connection_by_name(name).await.map_err(away)?;
        let stored = stored.ok_or_else(|| {
            permanent(
                "connection.missing",
                format!("There is no connection '{name}'. Add it, then try again."),
            )
        })?;
        let connector = self.store.connector_by_name(&stored.connector).await.map_err(away)?;
        let connector = connector.ok_or_else(|| not_installed(&stored.connector))?;
        let digest: Digest = connector
            .digest
            .parse()
            .map_err(|error| permanent("connector.not-installed", format!("{error}")))?;
        self.shelf.ensure(&stored.connector, digest).await?;
        let secrets = if stored.secret_names.is_empty() {
            BTreeMap::new()
        } else {
            let place = Sealer::connection(&stored.name);
            let sealed = self.sealer.open_sealed(&place, &stored.sealed_secrets);
            sealed
                .map_err(|error| permanent("connection.sealed", error.to_string()))
                .and_then(|text| read_secrets(&text))?
        };
        let grants = read_grants(&stored.grants)?;
        let connection = Connection::new(stored.name, stored.config, secrets, grants);
        Ok(Known { connection, digest, read_at: now })
    }
}

/// A call that belongs to no instance.
pub(crate) struct Attempt {
    pub(crate) connection: String,
    pub(crate) operation: String,
    pub(crate) input: Value,
}

impl Connectors {
    /// A place for a call that somebody tries; `None` while others have all of them.
    pub(crate) fn place_to_try(&self) -> Option<SemaphorePermit<'_>> {
        self.tries.try_acquire().ok()
    }

    /// Calls a connector for somebody who waits for the answer; never the same as another call.
    pub(crate) async fn attempt(&self, asked: Attempt) -> Result<Value, Failure> {
        let known = self.find(&asked.connection).await?;
        let mut key = [0; 16];
        getrandom::fill(&mut key)
            .map_err(|error| permanent("host.randomness", error.to_string()))?;
        let call = Call {
            digest: known.digest,
            connection: known.connection,
            operation: asked.operation,
            input: asked.input.to_string(),
            idempotency_key: format!("try:{}", hex::encode(key)),
            attempt: 1,
            timeout: limits::TRIAL,
            traceparent: String::new(),
        };
        self.shelf.host().call(call).await.result.map_err(failure)
    }

    /// Calls a connector.
    pub(crate) async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        let known = self.find(&request.connection).await?;
        let call = Call {
            digest: known.digest,
            connection: known.connection,
            operation: request.operation,
            input: request.input.to_string(),
            idempotency_key: request.idempotency_key,
            attempt: request.attempt,
            timeout: Duration::from_millis(request.timeout_ms),
            traceparent: String::new(),
        };
        self.shelf.host().call(call).await.result.map_err(failure)
    }
}

fn read_secrets(text: &[u8]) -> Result<BTreeMap<String, SecretString>, Failure> {
    let secrets: BTreeMap<String, String> = serde_json::from_slice(text)
        .map_err(|error| permanent("connection.sealed", error.to_string()))?;
    Ok(secrets.into_iter().map(|(name, secret)| (name, secret.into())).collect())
}

fn read_grants(grants: &Value) -> Result<Grants, Failure> {
    let unreadable = |why: String| permanent("connection.grants", why);
    let grants: wire::Grants =
        serde_json::from_value(grants.clone()).map_err(|error| unreadable(error.to_string()))?;
    Grants::parse(&grants.hosts, &grants.allow_private)
        .map_err(|error| unreadable(error.to_string()))
}

fn not_installed(connector: &str) -> Failure {
    let message =
        format!("The connector '{connector}' is not installed. Install it, then try again.");
    permanent("connector.not-installed", message)
}

fn permanent(code: &str, message: String) -> Failure {
    let code = code.to_owned();
    Failure { kind: FailureKind::Permanent, code, message, retry_after_ms: None }
}

fn away(failure: store::Failure) -> Failure {
    let message = failure.to_string();
    let code = "store.unavailable".to_owned();
    Failure { kind: FailureKind::Transient, code, message, retry_after_ms: None }
}

fn failure(failure: connector_host::Failure) -> Failure {
    use connector_host::FailureKind as Kind;
    let kind = match failure.kind {
        Kind::InvalidInput => FailureKind::InvalidInput,
        Kind::Auth => FailureKind::Auth,
        Kind::NotFound => FailureKind::NotFound,
        Kind::Conflict => FailureKind::Conflict,
        Kind::RateLimited => FailureKind::RateLimited,
        Kind::Transient => FailureKind::Transient,
        Kind::Permanent => FailureKind::Permanent,
        Kind::Internal => FailureKind::Internal,
    };
    let connector_host::Failure { code, message, retry_after_ms, .. } = failure;
    Failure { kind, code, message, retry_after_ms }
}
