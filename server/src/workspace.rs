//! A workspace on this machine: its folder, its store and its key.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use connector_compiler::Compiler;
use connector_host::{Host, HostConfig};
use runtime::{Clock, SystemClock};
use serde_json::Value;
use store::{Database, Store, audit::Deed};

use crate::{
    cli,
    config::{Location, Place},
    connectors::{Connectors, Remembered},
    lock, network,
    seal::Sealer,
};

/// The file of the key that seals secrets, in the folder.
pub(crate) const KEY: &str = "secrets.key";

/// An opened workspace; a running server may have it open as well.
pub(crate) struct Workspace {
    pub(crate) folder: PathBuf,
    pub(crate) location: Location,
    pub(crate) database: Arc<Database>,
    /// The database, as everyone else knows it.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Sealer,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Workspace {
    /// Opens the workspace at `place`, which must be there: what is only looked at or copied is not made by a slip of the hand.
    pub(crate) async fn open_existing(place: &Place) -> Result<Self> {
        let folder = place.data.as_deref().filter(|folder| folder.join(KEY).exists());
        let is_there = match folder.map(|folder| place.database(folder)).transpose()? {
            Some(Location::File(file)) => file.exists(),
            Some(Location::Postgres(_)) => true,
            None => place.data.is_none(),
        };
        if !is_there {
            let shown = place.data.as_deref().unwrap_or(Path::new("")).display();
            bail!("there is no workspace in {shown}");
        }
        Self::open(place).await
    }

    /// Opens the workspace at `place`, made if it is not there.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let folder = place.folder()?;
        let location = place.database(&folder)?;
        if let Location::File(file) = &location {
            let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            network::refuse(beside.unwrap_or(Path::new(".")))?;
            lock::refuse_links(file)?;
        }
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).context("the system gives no randomness")?;
        let seed = u64::from_le_bytes(seed);
        let database = match &location {
            Location::File(file) => Database::open(file, seed).await,
            Location::Postgres(address) => Database::connect(address, seed).await,
        };
        let database = Arc::new(database.with_context(|| location.to_string())?);
        let sealer = Sealer::open(&folder.join(KEY))
            .with_context(|| format!("the key file in {}", folder.display()))?;
        let (store, clock) = (Arc::clone(&database) as _, Arc::new(SystemClock::default()));
        Ok(Self { folder, location, database, store, sealer, clock })
    }

    /// Writes down what was done on the command line.
    pub(crate) async fn audit(&self, action: &str, object: &(dyn Display + Sync)) -> Result<()> {
        let deed = Deed {
            actor: "command line".to_owned(),
            action: action.to_owned(),
            object: object.to_string(),
            detail: Value::Null,
            at: self.clock.now(),
        };
        self.store.write_down(&deed).await?;
        Ok(())
    }

    /// The connectors of the workspace, compiled by this program as its own child.
    pub(crate) fn connectors(&self) -> Result<Arc<Connectors>> {
        let clock = Arc::clone(&self.clock);
        let now = move || u64::try_from(clock.now().0).unwrap_or(0);
        let cache = Some(self.folder.join("compiled"));
        let kv = Arc::new(Remembered::new(Arc::clone(&self.store)));
        let config = HostConfig::new(cache, self.sealer.derive("compiled connectors"), kv, now);
        let host = Host::new(config).context("connectors cannot be run")?;
        let program = std::env::current_exe().context("this program cannot find itself")?;
        Ok(Arc::new(Connectors::new(
            Arc::clone(&self.store),
            host,
            Compiler::new(program, [cli::COMPILE]),
            self.sealer.clone(),
            Arc::clone(&self.clock),
        )))
    }
}
