//! The connectors that are ready to run, each made so once however many calls find it missing.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use connector_compiler::{CompileError, Compiler};
use connector_host::{Artefact, Digest, Host, Manifest};
use journey::effect::Failure;
use store::Store;

use super::{InstallError, away, not_installed, permanent};

/// What was compiled, in memory and on the disk of this server.
pub(super) struct Shelf {
    store: Arc<dyn Store>,
    host: Host,
    compiler: Compiler,
    /// Held by whoever gets a connector ready.
    turns: Mutex<HashMap<Digest, Arc<tokio::sync::Mutex<()>>>>,
}

impl Shelf {
    pub(super) fn new(store: Arc<dyn Store>, host: Host, compiler: Compiler) -> Self {
        Self { store, host, compiler, turns: Mutex::default() }
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// Checks and compiles a component in a child process, and loads it; what it is called, and what it says of itself.
    pub(super) async fn put(&self, component: &[u8]) -> Result<(Digest, Manifest), InstallError> {
        let artefact = self.compile(component).await?;
        let what = (artefact.digest(), artefact.manifest().clone());
        self.load(artefact).await?;
        Ok(what)
    }

    /// Forgets a connector.
    pub(super) fn remove(&self, digest: &Digest) {
        self.host.unload(digest);
        self.turns().remove(digest);
    }

    /// Sees to it that a connector is ready. A call that has no time to wait for it leaves it to be made ready for the next.
    pub(super) async fn ensure(
        self: &Arc<Self>,
        name: &str,
        digest: Digest,
    ) -> Result<(), Failure> {
        if self.host.manifest(&digest).is_some() {
            return Ok(());
        }
        let (shelf, name) = (Arc::clone(self), name.to_owned());
        let ready = tokio::spawn(async move { shelf.get_ready(&name, digest).await });
        ready.await.unwrap_or_else(|error| Err(permanent("connector.broken", error.to_string())))
    }

    async fn get_ready(&self, name: &str, digest: Digest) -> Result<(), Failure> {
        let turn = Arc::clone(self.turns().entry(digest).or_default());
        let _turn = turn.lock().await;
        if self.host.manifest(&digest).is_some() || self.take_kept(name, &digest) {
            return Ok(());
        }
        let component = self.store.component(name).await.map_err(away)?;
        let component = component.ok_or_else(|| not_installed(name))?;
        let put = self.put(&component.bytes).await;
        put.map(drop).map_err(|error| permanent("connector.broken", error.to_string()))
    }

    /// Takes a connector as it was kept on this disk, if it was.
    fn take_kept(&self, name: &str, digest: &Digest) -> bool {
        match self.host.load(digest) {
            Ok(kept) => kept.is_some(),
            Err(error) => {
                tracing::warn!(%error, connector = name, "compiling a connector again");
                false
            }
        }
    }

    async fn compile(&self, component: &[u8]) -> Result<Artefact, InstallError> {
        self.compiler.compile(component).await.map_err(|error| match error {
            CompileError::Child(error) => InstallError::Broken(error.to_string()),
            CompileError::Check(_) | CompileError::Invalid(_) | CompileError::TooCostly => {
                InstallError::Unfit(error.to_string())
            }
        })
    }

    async fn load(&self, artefact: Artefact) -> Result<(), InstallError> {
        match self.host.install(artefact).await {
            Ok(()) => Ok(()),
            Err(error @ connector_host::InstallError::Keep { .. }) => {
                tracing::warn!(%error, "this connector runs now, and has to be compiled again at the next start");
                Ok(())
            }
            Err(
                error @ (connector_host::InstallError::Load(_)
                | connector_host::InstallError::Describe(_)
                | connector_host::InstallError::Differs),
            ) => Err(InstallError::Unfit(error.to_string())),
        }
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<Digest, Arc<tokio::sync::Mutex<()>>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
