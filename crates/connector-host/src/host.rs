use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use failpoints::Point;
use intake::manifest::{Manifest, ManifestError};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::describe::{ask, link};
use crate::egress::Egress;
use crate::engine::{Ticker, pooled};
use crate::limits;
use crate::run::{Version, perform};
use crate::seal;
use crate::state::Services;
use crate::weight::{Weight, while_light};
use crate::{Call, DescribeError, Digest, Failure, FailureKind, KvStore, Limits, Outcome, Usage};

/// How a host is set up.
pub struct HostConfig {
    /// Where sealed compiled code is kept; None keeps it in memory only.
    pub cache: Option<PathBuf>,
    /// The key compiled code is sealed under. Whoever has it can make this process run any machine code.
    pub cache_key: [u8; 32],
    /// Calls that may run at once.
    pub slots: u32,
    /// Threads that calls go on on which turn out to be heavy, apart from everything else.
    pub threads: usize,
    /// What each call may use.
    pub limits: Limits,
    /// Where connectors keep their pairs.
    pub kv: Arc<dyn KvStore>,
    /// Unix time in milliseconds.
    pub clock: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl HostConfig {
    /// A host with the usual limits, whose connectors keep their pairs in `kv`; `clock` gives Unix time in milliseconds.
    pub fn new(
        cache: Option<PathBuf>,
        cache_key: [u8; 32],
        kv: Arc<dyn KvStore>,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
        let limits = Limits::default();
        HostConfig {
            cache,
            cache_key,
            slots: limits::SLOTS,
            threads,
            limits,
            kv,
            clock: Box::new(clock),
        }
    }
}

/// What a compiler made of a component.
pub struct Artefact {
    digest: Digest,
    manifest: Manifest,
    code: Vec<u8>,
}

impl Artefact {
    /// The result of compiling the component `digest`. The code is machine code that the host will run: it must come
    /// from `connector-compiler`, never from outside.
    pub fn from_compiler(digest: Digest, manifest: Manifest, code: Vec<u8>) -> Self {
        Artefact { digest, manifest, code }
    }

    /// The component it was made of.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the component says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The compiled code.
    pub fn into_code(self) -> Vec<u8> {
        self.code
    }
}

/// Why a host does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// wasmtime refused, usually for want of address space.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
    /// No threads.
    #[error("the connectors' threads do not start: {0}")]
    Threads(#[from] std::io::Error),
    /// No TLS.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// Why a connector is not installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It does not describe itself.
    #[error(transparent)]
    Describe(#[from] DescribeError),
    /// It says something else when asked than its manifest says.
    #[error(
        "the connector describes itself differently from the manifest in its file: build it again"
    )]
    Differs,
    /// The cache could not be written.
    #[error("the compiled connector cannot be kept at {path}: {source}")]
    Keep {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Why compiled code is not loaded; compiling the component again always helps.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Changed since it was sealed, or sealed under another key.
    #[error("the compiled connector was not made by this installation")]
    Seal,
    /// Made by another version of the engine, or not fitting the interface.
    #[error("the compiled connector does not fit this version: {0}")]
    Stale(String),
    /// Its manifest does not read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The file could not be read.
    #[error("the compiled connector cannot be read: {0}")]
    File(#[from] std::io::Error),
}

/// Runs connectors, and on threads of its own what takes long of that.
pub struct Host {
    shared: Arc<Shared>,
    // Taken only on drop: a runtime must be shut down without blocking when its owner is async.
    runtime: Option<Runtime>,
}

struct Shared {
    engine: Engine,
    ticker: Ticker,
    services: Arc<Services>,
    versions: RwLock<HashMap<Digest, Arc<Version>>>,
    slots: Semaphore,
    cache: Option<PathBuf>,
    cache_key: [u8; 32],
}

impl Host {
    /// Starts a host without connectors.
    pub fn new(config: HostConfig) -> Result<Self, StartError> {
        let engine = pooled(config.slots, config.limits.memory)
            .map_err(|error| StartError::Engine(format!("{error:#}")))?;
        let egress = Egress::new().map_err(|error| StartError::Tls(error.to_string()))?;
        let services =
            Services { limits: config.limits, egress, kv: config.kv, clock: config.clock };
        let shared = Shared {
            ticker: Ticker::start(engine.clone())?,
            engine,
            services: Arc::new(services),
            versions: RwLock::default(),
            slots: Semaphore::new(config.slots as usize),
            cache: config.cache,
            cache_key: config.cache_key,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads)
            .thread_name("connector")
            .enable_all()
            .build()?;
        Ok(Host { shared: Arc::new(shared), runtime: Some(runtime) })
    }

    /// Checks that an artefact describes itself as its manifest says, loads it, and keeps it sealed; one that cannot be kept is loaded all the same.
    pub async fn install(&self, artefact: Artefact) -> Result<(), InstallError> {
        let shared = Arc::clone(&self.shared);
        self.on_own_threads(async move { shared.install(artefact).await }).await
    }

    /// Loads a connector that was installed before; None when this host never kept it.
    pub fn load(&self, digest: &Digest) -> Result<Option<Manifest>, LoadError> {
        let Some(path) = self.shared.kept_at(digest) else { return Ok(None) };
        let sealed = match std::fs::read(path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let version = self.shared.open(digest, &sealed)?;
        let manifest = (*version.manifest).clone();
        self.shared.insert(*digest, version);
        Ok(Some(manifest))
    }

    /// Forgets a connector; calls that run go on.
    pub fn unload(&self, digest: &Digest) {
        self.shared.versions.write().unwrap_or_else(PoisonError::into_inner).remove(digest);
    }

    /// The manifest of a loaded connector.
    pub fn manifest(&self, digest: &Digest) -> Option<Arc<Manifest>> {
        self.shared.version(digest).map(|version| Arc::clone(&version.manifest))
    }

    /// Performs a call. Dropping the future ends it.
    pub async fn call(&self, call: Call) -> Outcome {
        let (shared, weight) = (Arc::clone(&self.shared), Weight::default());
        let span = tracing::debug_span!("connector.call", digest = %call.digest, operation = %call.operation, connection = %call.connection.name);
        let weighed = weight.clone();
        let call = async move { shared.call(call, weighed).await };
        let mut running = Box::pin(call.instrument(span));
        match while_light(&mut running, &weight).await {
            Some(outcome) => outcome,
            None => self.on_own_threads(running).await,
        }
    }

    async fn on_own_threads<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let runtime =
            self.runtime.as_ref().expect("the runtime is taken only when the host is dropped");
        let task = runtime.spawn(work);
        let _abandon = AbortOnDrop(task.abort_handle());
        match task.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Shared {
    fn version(&self, digest: &Digest) -> Option<Arc<Version>> {
        self.versions.read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    fn insert(&self, digest: Digest, version: Version) {
        self.versions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digest, Arc::new(version));
    }

    fn kept_at(&self, digest: &Digest) -> Option<PathBuf> {
        self.cache.as_ref().map(|folder| folder.join(format!("{}.cwasm", digest.hex())))
    }

    async fn install(&self, artefact: Artefact) -> Result<(), InstallError> {
        let manifest = serde_json::to_vec(&artefact.manifest)
            .map_err(ManifestError::from)
            .map_err(LoadError::from)?;
        let sealed = seal::seal(&self.cache_key, &artefact.digest, &manifest, &artefact.code);
        let version = self.open(&artefact.digest, &sealed)?;
        let described = {
            let _running = self.ticker.during_call();
            ask(&self.engine, &version.pre).await?
        };
        if Manifest::parse(described.as_bytes()).map_err(LoadError::from)? != artefact.manifest {
            return Err(InstallError::Differs);
        }
        self.insert(artefact.digest, version);
        let Some(path) = self.kept_at(&artefact.digest) else { return Ok(()) };
        keep(&path, &sealed).map_err(|source| InstallError::Keep { path, source })
    }

    #[expect(
        unsafe_code,
        reason = "deserialising runs machine code; the seal proves that this installation compiled it"
    )]
    fn open(&self, digest: &Digest, sealed: &[u8]) -> Result<Version, LoadError> {
        let opened = seal::open(&self.cache_key, digest, sealed).ok_or(LoadError::Seal)?;
        let manifest = Manifest::parse(opened.manifest)?;
        let stale = |error: wasmtime::Error| LoadError::Stale(format!("{error:#}"));
        let component =
            unsafe { Component::deserialize(&self.engine, opened.code) }.map_err(stale)?;
        let pre = link(&self.engine, &component).map_err(stale)?;
        Ok(Version { pre, manifest: Arc::new(manifest) })
    }

    async fn call(&self, call: Call, weight: Weight) -> Outcome {
        let refused = |kind, code, message: String| Outcome {
            result: Err(Failure::new(kind, code, message)),
            usage: Usage::default(),
            logs: Vec::new(),
        };
        let Some(version) = self.version(&call.digest) else {
            return refused(
                FailureKind::Permanent,
                "connector.not-installed",
                format!("no connector with the digest {} is installed", call.digest),
            );
        };
        if call.input.len() > limits::INPUT_BYTES {
            return refused(
                FailureKind::InvalidInput,
                "input.too-large",
                format!("the input has more than {} bytes", limits::INPUT_BYTES),
            );
        }
        let asked = Instant::now();
        let Ok(Ok(_slot)) = tokio::time::timeout(call.timeout, self.slots.acquire()).await else {
            return refused(
                FailureKind::Transient,
                "host.busy",
                "all places for connector calls were taken".into(),
            );
        };
        let queued = asked.elapsed();
        let _running = self.ticker.during_call();
        let mut outcome = perform(&self.engine, &self.services, &version, call, weight).await;
        outcome.usage.queued_us = microseconds(queued);
        outcome.usage.ran_us = microseconds(asked.elapsed().saturating_sub(queued));
        tell(&outcome);
        outcome
    }
}

fn tell(outcome: &Outcome) {
    let usage = &outcome.usage;
    let code = outcome.result.as_ref().err().map_or("ok", |failure| failure.code.as_str());
    tracing::debug!(
        outcome = code,
        ticks = usage.ticks,
        peak_memory = usage.peak_memory,
        host_calls = usage.host_calls,
        requests = usage.requests.len(),
        io_bytes = usage.io_bytes,
        queued_us = usage.queued_us,
        ran_us = usage.ran_us,
        "a connector call ended"
    );
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Files that are being written; each has a name of its own, since several calls may find a connector that is not kept yet.
static KEEPING: AtomicU64 = AtomicU64::new(0);

/// Writes beside and renames, so that a crash leaves the old file or the new one.
fn keep(path: &Path, sealed: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let number = KEEPING.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    failpoints::at_once(Point::WriteLoaded, || std::fs::write(&beside, sealed))?;
    failpoints::at_once(Point::NameLoaded, || std::fs::rename(beside, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keep_the_same_connector_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compiled/one.cwasm");
        let sealed = vec![7; 200_000];
        std::thread::scope(|scope| {
            let keeping: Vec<_> = (0..16).map(|_| scope.spawn(|| keep(&path, &sealed))).collect();
            for kept in keeping {
                kept.join().unwrap().unwrap();
            }
        });
        assert_eq!(std::fs::read(&path).unwrap(), sealed);
        let left = std::fs::read_dir(folder.path().join("compiled")).unwrap().count();
        assert_eq!(left, 1, "nothing is left beside it");
    }
}
