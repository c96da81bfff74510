//! A workspace on this machine: its folder, its store and its key.

use std::{
    fmt::Display,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Error, Result, anyhow, bail};
use connector_compiler::Compiler;
use connector_host::{Host, HostConfig};
use runtime::{Clock, SystemClock};
use serde_json::Value;
use store::{Database, Moved, Store, Upkeep, audit::Deed, nodes::Sealing};

use crate::{
    beside::{COMPILED, refuse_half_restored, refuse_lost},
    cli,
    config::{Location, Place},
    connectors::{Connectors, Remembered},
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
        if let Some(folder) = &place.data {
            let shown = folder.display();
            let location = place.database(folder)?;
            let file = match &location {
                Location::File(file) => file,
                Location::Postgres(_) => folder,
            };
            let seen = fs::metadata(folder).and_then(|_| fs::metadata(file));
            let seen = seen.map_err(|error| match error.kind() {
                ErrorKind::NotFound => anyhow!("there is no workspace in {shown}"),
                _ => Error::new(error).context(format!("{shown} cannot be looked into")),
            })?;
            if seen.is_file() && seen.len() == 0 {
                bail!("{location} is empty: it never was a workspace, or all of it was lost");
            }
        }
        Self::open_as(place, Sealing::AsBefore, Upkeep::Nothing).await
    }

    /// Opens the workspace at `place`, made if it is not there, to change something in it: where it was moved from that would come to nothing.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let workspace = Self::open_as(place, Sealing::AsBefore, Upkeep::Make).await?;
        workspace.refuse_moved().await?;
        Ok(workspace)
    }

    /// As [`Self::open`], only to look at it: says so when it is what was left of one that was moved.
    pub(crate) async fn open_to_look(place: &Place) -> Result<Self> {
        let workspace = Self::open_as(place, Sealing::AsBefore, Upkeep::Make).await?;
        workspace.warn_of_moved().await?;
        Ok(workspace)
    }

    /// As [`Self::open`], brought up to date, wherever it was moved; a key that is lost is made anew when it is said that it is.
    pub(crate) async fn open_sealing(place: &Place, sealing: Sealing) -> Result<Self> {
        Self::open_as(place, sealing, Upkeep::Full).await
    }

    /// As [`Self::open`], to fill it with another's; it needs no key of its own yet.
    pub(crate) async fn open_to_fill(place: &Place) -> Result<Self> {
        Self::open_as(place, Sealing::Anew, Upkeep::Fill).await
    }

    /// Its folder, and where its database is or can be begun.
    pub(crate) fn found(place: &Place) -> Result<(PathBuf, Location)> {
        let folder = place.folder()?;
        let location = place.database(&folder)?;
        location.refuse_unfit()?;
        if let Location::File(file) = &location {
            refuse_half_restored(file)?;
            refuse_lost(&folder, file)?;
        }
        Ok((folder, location))
    }

    async fn open_as(place: &Place, sealing: Sealing, upkeep: Upkeep) -> Result<Self> {
        let (folder, location) = Self::found(place)?;
        let seed = seed()?;
        if upkeep == Upkeep::Full && sealing == Sealing::AsBefore {
            refuse_other_key(&folder, &location).await?;
        }
        let database = match &location {
            Location::File(file) => Database::open_as(file, seed, upkeep).await,
            Location::Postgres(address) => Database::connect_as(address, seed, upkeep).await,
        };
        let database = Arc::new(database.with_context(|| location.to_string())?);
        let key = folder.join(KEY);
        if sealing == Sealing::AsBefore && !key.exists() && database.sealed_with().await?.is_some()
        {
            bail!(
                "the {KEY} of this workspace is missing from {}: put it back, or start the server with --new-key if it is lost",
                folder.display()
            );
        }
        let sealer =
            Sealer::open(&key).with_context(|| format!("the key file in {}", folder.display()))?;
        let (store, clock) = (Arc::clone(&database) as _, Arc::new(SystemClock::default()));
        Ok(Self { folder, location, database, store, sealer, clock })
    }

    /// Refuses a workspace that was moved elsewhere, and would do everything a second time.
    pub(crate) async fn refuse_moved(&self) -> Result<()> {
        match self.database.moved().await? {
            Some(moved) => bail!(told(&moved)),
            None => Ok(()),
        }
    }

    /// Says so when this is what was left of a workspace that was moved elsewhere.
    pub(crate) async fn warn_of_moved(&self) -> Result<()> {
        if let Some(moved) = self.database.moved().await? {
            eprintln!("waymark: warning: this is what was left here: {}", told(&moved));
        }
        Ok(())
    }

    /// What has secrets that the key of this workspace does not open.
    pub(crate) async fn lost_secrets(&self) -> Result<Vec<String>> {
        let mut lost = Vec::new();
        let is_lost = |place: &str, sealed: &[u8]| self.sealer.open_sealed(place, sealed).is_err();
        cli::walk(
            |paging| self.store.connections(paging),
            |connection| {
                let place = Sealer::connection(&connection.name);
                let has_any = !connection.secret_names.is_empty();
                if has_any && is_lost(&place, &connection.sealed_secrets) {
                    lost.push(format!("the connection '{}'", connection.name));
                }
            },
        )
        .await?;
        for hook in self.store.hooks().await? {
            if hook.sealed_secret.is_some_and(|sealed| is_lost(&Sealer::hook(&hook.slug), &sealed))
            {
                lost.push(format!("the hook '{}'", hook.slug));
            }
        }
        Ok(lost)
    }

    /// Goes on here, whether or not the workspace was moved elsewhere.
    pub(crate) async fn take_back(&self) -> Result<()> {
        if self.database.moved().await?.is_none() {
            return Ok(());
        }
        self.database.mark_moved(None).await?;
        self.audit("workspace.take_back", &self.location).await
    }

    /// Writes down what was done on the command line.
    pub(crate) async fn audit(&self, action: &str, object: &(dyn Display + Sync)) -> Result<()> {
        audit(self.store.as_ref(), action, object).await
    }

    /// The connectors of the workspace, compiled by this program as its own child.
    pub(crate) fn connectors(&self) -> Result<Arc<Connectors>> {
        let clock = Arc::clone(&self.clock);
        let now = move || u64::try_from(clock.now().0).unwrap_or(0);
        let cache = Some(self.folder.join(COMPILED));
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

/// Refuses a key that did not seal the secrets of a file before that is brought up to date: who is refused finds it as it was.
async fn refuse_other_key(folder: &Path, location: &Location) -> Result<()> {
    let Location::File(file) = location else { return Ok(()) };
    let before = Database::sealed_with_before(file).await;
    let Some(before) = before.with_context(|| location.to_string())? else { return Ok(()) };
    let (key, shown) = (folder.join(KEY), folder.display());
    if !key.exists() {
        bail!(
            "the {KEY} of this workspace is missing from {shown}: put it back, or start the server with --new-key if it is lost"
        );
    }
    let sealer = Sealer::open(&key).with_context(|| format!("the key file in {shown}"))?;
    if sealer.fingerprint() != before {
        bail!(
            "the {KEY} in {shown} is not the one that sealed the secrets of this workspace: put that one there, or start the server with --new-key if it is lost"
        );
    }
    Ok(())
}

/// What became of a workspace that was moved.
fn told(Moved { target, at, is_done }: &Moved) -> String {
    let at = at.to_rfc3339();
    if target.is_empty() {
        format!(
            "a restore or a move into this database began at {at} and did not come to its end: run it again, or start a server here with --take-back to begin with an empty workspace"
        )
    } else if *is_done {
        format!(
            "this workspace was moved to {target} at {at}: serve it there, or start a server here with --take-back to go on with what was here before"
        )
    } else {
        format!(
            "a move of this workspace to {target} began at {at} and did not come to its end: run `waymark move` again, or start a server here with --take-back to go on here"
        )
    }
}

/// Writes down in a store what was done on the command line.
pub(crate) async fn audit(
    store: &dyn Store,
    action: &str,
    object: &(dyn Display + Sync),
) -> Result<()> {
    let deed = Deed {
        actor: "command line".to_owned(),
        action: action.to_owned(),
        object: object.to_string(),
        detail: Value::Null,
        at: SystemClock::default().now(),
    };
    store.write_down(&deed).await?;
    Ok(())
}

/// What keeps the ids of this process apart from those of others.
pub(crate) fn seed() -> Result<u64> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).context("the system gives no randomness")?;
    Ok(u64::from_le_bytes(seed))
}
