//! `waymark serve`: the composition root of a running server.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use runtime::{Perform, Runtime};
use store::nodes::{NewNode, Sealing, Succeeds};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::End;
use crate::{
    app::{App, Parts},
    at_work::AtWork,
    auth::{password::Passwords, secret::Transport},
    config::{self, File, LEASES, Location, Place},
    connectors::Connectors,
    foothold::Foothold,
    housekeeping, http, limits, listening,
    lock::Lock,
    mail::Mailer,
    outside::Outside,
    slugs::Slugs,
    telemetry::{self, LogFormat},
    workspace::Workspace,
};

/// Where the server listens when nothing says otherwise.
pub(crate) const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// What `serve` takes.
#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address to listen on; port 0 picks a free one. 127.0.0.1:8080 when left out.
    #[arg(long, env = "WAYMARK_LISTEN")]
    listen: Option<SocketAddr>,
    /// Settings file; the command line and the environment come before it.
    #[arg(long, env = "WAYMARK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// What people know this server by among those that share a PostgreSQL database; its host and port when left out, so that two on one host that listen on the same port of different addresses need names.
    #[arg(long, env = "WAYMARK_NODE_NAME", value_name = "NAME")]
    node_name: Option<String>,
    /// Seconds after which the others take over from a server that is not heard of: 2 to 60, 10 when left out.
    #[arg(long, env = "WAYMARK_NODE_LEASE", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(LEASES))]
    node_lease: Option<u64>,
    /// The key that sealed the workspace's secrets is lost: goes on with the one in the folder. Secrets of connections and hooks have to be set again.
    #[arg(long)]
    new_key: bool,
    /// The workspace was moved elsewhere, and is to go on here, as it was before that.
    #[arg(long)]
    take_back: bool,
    /// Clients reach the server by TLS, through a proxy: session cookies are `Secure`.
    #[arg(long, env = "WAYMARK_BEHIND_TLS")]
    behind_tls: bool,
    /// What is logged, in the syntax of `RUST_LOG`.
    #[arg(long, env = "WAYMARK_LOG")]
    log: Option<String>,
    /// How log lines look.
    #[arg(long, env = "WAYMARK_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

/// Serves until a signal asks for the end.
pub(crate) fn run(serve: Serve) -> Result<End> {
    let file = serve.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
    let filter = serve.log.or(file.log).unwrap_or_else(|| "info".to_owned());
    telemetry::log(&filter, serve.log_format.or(file.log_format).unwrap_or_default())?;
    let place = Place {
        data: serve.place.data.or(file.data),
        database_url: serve.place.database_url.or(file.database_url),
    };
    let mailer =
        config::mail(file.smtp_url, file.mail_from)?.as_ref().map(Mailer::new).transpose()?;
    let listen = serve.listen.or(file.listen).unwrap_or(LISTEN);
    let is_behind_tls = serve.behind_tls || file.behind_tls == Some(true);
    let transport = if is_behind_tls { Transport::Tls } else { Transport::Plain };
    let named = serve.node_name.or(file.node_name);
    let lease = serve.node_lease.or(file.node_lease).map(Duration::from_secs);
    let sealing = if serve.new_key { Sealing::Anew } else { Sealing::AsBefore };
    on_threads(async {
        // What can refuse does so before the schema is brought up to date.
        let (_, location) = Workspace::found(&place)?;
        let _lock = Lock::take(&location)?;
        let listener = self::listen(listen).await?;
        let workspace = Workspace::open_sealing(&place, sealing).await?;
        if serve.take_back {
            workspace.take_back().await?;
        }
        workspace.refuse_moved().await?;
        for lost in workspace.lost_secrets().await? {
            tracing::warn!(
                "the secrets of {lost} were sealed with a key that is gone: they have to be given anew"
            );
        }
        for doubt in workspace.database.doubts().await? {
            tracing::warn!("{doubt}");
        }
        let connectors = workspace.connectors()?;
        let node = NewNode { sealing, ..node(&workspace, named, lease, listener.local_addr()?) };
        let runtime = runtime(&workspace, &connectors, mailer, node).await?;
        until_stopped(workspace, connectors, runtime, listener, transport).await
    })
}

/// Runs a server's work on as many threads as there are processors.
pub(crate) fn on_threads(work: impl Future<Output = Result<()>>) -> Result<End> {
    listening::allow_most();
    let threads = tokio::runtime::Runtime::new().context("threads cannot be started")?;
    threads.block_on(work)?;
    threads.shutdown_timeout(Duration::from_secs(1));
    Ok(End::Well)
}

/// Takes the address.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// As what this server takes part.
fn node(
    workspace: &Workspace,
    named: Option<String>,
    lease: Option<Duration>,
    address: SocketAddr,
) -> NewNode {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    NewNode {
        name: named.unwrap_or_else(|| format!("{}:{}", host.trim(), address.port())),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key: workspace.sealer.fingerprint(),
        sealing: Sealing::AsBefore,
        lease: lease.unwrap_or(store::limits::NODE_LEASE),
        succeeds: match workspace.location {
            Location::File(_) => Succeeds::Everyone,
            Location::Postgres(_) => Succeeds::ItsName,
        },
    }
}

/// Starts the runtime of a workspace; it takes up what is due.
pub(crate) async fn runtime(
    workspace: &Workspace,
    connectors: &Arc<Connectors>,
    mailer: Option<Mailer>,
    node: NewNode,
) -> Result<Runtime> {
    let connectors = Arc::clone(connectors);
    let performer: Arc<dyn Perform> = Arc::new(Outside { connectors, mailer });
    let (store, clock) = (Arc::clone(&workspace.store), Arc::clone(&workspace.clock));
    Ok(Runtime::start(store, performer, clock, node).await?)
}

/// Serves a workspace until a signal asks for the end.
pub(crate) async fn until_stopped(
    workspace: Workspace,
    connectors: Arc<Connectors>,
    runtime: Runtime,
    listener: TcpListener,
    transport: Transport,
) -> Result<()> {
    let stopping = CancellationToken::new();
    let foothold = Foothold::on(&workspace.location)?;
    tokio::spawn(stop_on_signal(stopping.clone(), runtime.clone())?);
    let (store, clock) = (Arc::clone(&workspace.store), Arc::clone(&workspace.clock));
    tokio::spawn(housekeeping::seal(Arc::clone(&store), Arc::clone(&clock), stopping.clone()));
    tokio::spawn(housekeeping::run(store, clock, runtime.clone(), stopping.clone()));
    let app = App::new(Parts {
        at_work: AtWork::default(),
        store: Arc::clone(&workspace.store),
        clock: workspace.clock,
        runtime: runtime.clone(),
        connectors,
        slugs: Slugs::default(),
        passwords: Passwords::new(),
        sealer: workspace.sealer,
        transport,
        metrics: telemetry::measure()?,
        stopping: stopping.clone(),
        foothold: foothold.clone(),
    });
    println!("listening on http://{}", listener.local_addr()?);
    let router = http::router(app);
    let served = listening::serve(listener, router, listening::PATIENCE, stopping.clone());
    let overdue = async {
        stopping.cancelled().await;
        tokio::time::sleep(Duration::from_secs(limits::SHUTDOWN_REQUESTS_S)).await;
    };
    tokio::select! {
        () = served => {}
        () = overdue => tracing::warn!("requests still under way were cut off"),
        () = foothold.or_end() => {}
    }
    runtime.shutdown(Duration::from_secs(limits::SHUTDOWN_CALLS_S)).await;
    let closed = tokio::time::timeout(limits::SHUTDOWN_DATABASE, workspace.store.close()).await;
    if closed.is_err() {
        tracing::warn!("the database did not let go in time");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits for SIGTERM or SIGINT, then asks everything to stop.
fn stop_on_signal(
    stopping: CancellationToken,
    runtime: Runtime,
) -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stopping.cancel();
        runtime.stop_waiting();
    })
}
