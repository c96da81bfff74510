//! `waymark demo`: a temporary workspace with people, customers, a connector and a published journey.

use std::{env, fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use journey::{Draft, Severity};
use mock_systems::MockSystems;
use runtime::{Opener, Runtime, StartRequest, Which};
use serde_json::json;
use store::{
    JourneyId, Paging,
    accounts::Search,
    connectors::{NewConnection, Pace},
    directory::{NewTeam, NewUser, Role},
    journeys::{Mode, NewVersion},
    nodes::NewNode,
};

use super::{
    End,
    import::Import,
    serve::{self, LISTEN},
};
use crate::{
    auth::{password, secret},
    config::Place,
    connectors::Connectors,
    http, schemas,
    seal::Sealer,
    telemetry::{self, LogFormat},
    workspace::Workspace,
};

const CUSTOMERS: &[u8] = include_bytes!("../../../examples/data/telco-customers.csv");
const MAPPING: &[u8] = include_bytes!("../../../examples/data/telco-accounts.json");
const ONBOARDING: &[u8] = include_bytes!("../../../examples/journeys/onboarding.json");

/// The people of the demo, and what each may do.
const PEOPLE: [(&str, &str, Role); 3] = [
    ("admin@example.com", "Ada Admin", Role::Admin),
    ("designer@example.com", "Dana Designer", Role::Designer),
    ("member@example.com", "Mo Member", Role::Member),
];

/// The trigger of the example journey by which customers arrive.
const ARRIVES: &str = "hook";
/// How many customers arrive at once.
const ARRIVING: u32 = 60;
/// How long one of them may take until it ends or waits for a person.
const SETTLED: Duration = Duration::from_secs(5);

/// What `demo` takes.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "WAYMARK_LISTEN", default_value_t = LISTEN)]
    listen: SocketAddr,
    /// Folder with the connectors to install, as `NAME.wasm`.
    #[arg(long, env = "WAYMARK_CONNECTORS_DIR", value_name = "DIR")]
    connectors: Option<PathBuf>,
    /// What is logged, in the syntax of `RUST_LOG`.
    #[arg(long, env = "WAYMARK_LOG", default_value = "warn")]
    log: String,
}

/// Fills a temporary workspace and serves it until a signal asks for the end; then the workspace is gone.
pub(crate) fn run(demo: Demo) -> Result<End> {
    telemetry::log(&demo.log, LogFormat::Text)?;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let place = Place { data: Some(folder.path().to_owned()), database_url: None };
    serve::on_threads(async {
        let listener = serve::listen(demo.listen).await?;
        let workspace = Workspace::open(&place).await?;
        let connectors = workspace.connectors()?;
        let systems = MockSystems::start().await.context("the mock systems do not start")?;
        let journey = fill(&workspace, &connectors, &systems, demo.connectors).await?;
        let runtime = serve::runtime(&workspace, &connectors, None, NewNode::alone()).await?;
        if let Some(journey) = journey {
            open(&workspace, &runtime, journey).await?;
        }
        let transport = secret::Transport::Plain;
        serve::until_stopped(workspace, connectors, runtime, listener, transport).await
    })
}

async fn fill(
    workspace: &Workspace,
    connectors: &Arc<Connectors>,
    systems: &MockSystems,
    folder: Option<PathBuf>,
) -> Result<Option<JourneyId>> {
    let store = workspace.store.as_ref();
    add_people(workspace).await?;
    let (import, _) = Import::prepare(CUSTOMERS, MAPPING)?;
    let sums = import.write(store, workspace.clock.as_ref(), &ProgressBar::hidden()).await?;
    println!("{} customers imported", sums.created);
    println!("mock CRM, billing, dispatch and vendor portal at {}", systems.url());
    let Some(folder) = folder else {
        println!("no connectors: name their folder with --connectors, then start again");
        return Ok(None);
    };
    add_crm(workspace, connectors, systems, &folder.join("crm.wasm")).await?;
    publish(workspace).await.map(Some)
}

async fn add_people(workspace: &Workspace) -> Result<()> {
    let (store, now) = (workspace.store.as_ref(), workspace.clock.now());
    let generated = secret::generate("").context("the system gives no randomness")?;
    // Chosen anew each time: a demo may be shown on a network.
    let password = env::var("WAYMARK_DEMO_PASSWORD").unwrap_or(generated[..12].to_owned());
    let password_hash = password::hash_now(&password).context("argon2 does not work")?;
    for (email, name, role) in PEOPLE {
        let (email, name) = (email.to_owned(), name.to_owned());
        println!("sign in as {email} with {password} ({})", role.word());
        let user = NewUser { email, name, role, password_hash: password_hash.clone() };
        store.create_user(&user, now).await?;
    }
    let team = NewTeam {
        name: "onboarding".to_owned(),
        members: PEOPLE.iter().map(|(email, _, _)| (*email).to_owned()).collect(),
        lead: Some(PEOPLE[1].0.to_owned()),
        calendar: None,
    };
    store.create_team(&team, now).await?;
    Ok(())
}

async fn add_crm(
    workspace: &Workspace,
    connectors: &Arc<Connectors>,
    systems: &MockSystems,
    file: &PathBuf,
) -> Result<()> {
    let component = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    connectors.install(component).await.with_context(|| format!("{}", file.display()))?;
    let sealed = workspace.sealer.seal(&Sealer::connection("crm"), b"{}")?;
    let connection = NewConnection {
        name: "crm".to_owned(),
        connector: "crm".to_owned(),
        config: json!({ "base_url": systems.url() }),
        secret_names: Vec::new(),
        sealed_secrets: sealed,
        grants: json!({ "hosts": [systems.url()], "allow_private": ["127.0.0.0/8"] }),
        pace: Pace::default(),
        for_tests: true,
    };
    workspace.store.create_connection(&connection, workspace.clock.now()).await?;
    Ok(())
}

/// Publishes the example journey.
async fn publish(workspace: &Workspace) -> Result<JourneyId> {
    let (store, now) = (workspace.store.as_ref(), workspace.clock.now());
    let draft: Draft = serde_json::from_slice(ONBOARDING).context("the example journey")?;
    let journey = store.create_journey(&draft, now).await?;
    let known = http::workspace::gather(store, workspace.clock.now()).await?;
    let diagnostics = schemas::check(&draft, Some(&known));
    if let Some(error) = diagnostics.iter().find(|one| one.severity == Severity::Error) {
        bail!("the example journey does not check: {}", error.message);
    }
    let found = store.draft(journey).await?.context("the example journey is gone")?;
    let version = NewVersion {
        draft,
        revision: found.revision,
        mode: Mode::Live,
        note: "The demo".to_owned(),
        by: PEOPLE[1].0.to_owned(),
        review: None,
    };
    store.publish(journey, &version, now).await?;
    println!("the journey 'Customer onboarding' is published");
    Ok(journey)
}

/// Lets the first customers arrive, so that there is something to see and to do.
async fn open(workspace: &Workspace, runtime: &Runtime, journey: JourneyId) -> Result<()> {
    let accounts = workspace.store.accounts(&Search::default(), Paging::first(ARRIVING)).await?;
    for account in accounts.items {
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: Some(ARRIVES.to_owned()),
            account: Some(account.id.to_string()),
            input: json!({ "id": account.external_id }),
            dedupe_key: None,
            opener: Opener::Itself,
        };
        runtime.start_and_wait(request, SETTLED).await?;
    }
    println!(
        "{ARRIVING} customers have arrived; those of high value wait for a call, in the inbox"
    );
    Ok(())
}
