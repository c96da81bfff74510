//! What the runtime knows of connections: read before their first call and again now and then, and how they are doing.

use crate::{Runtime, gates::Health, limits, runtime::Inner};
use journey::Timestamp;
use std::collections::BTreeMap;
use store::{Failure, commits::Commit, work::Job};

impl Runtime {
    /// So many servers work on the workspace: each takes its share of what a connection may be asked.
    pub fn share(&self, nodes: u32) {
        self.inner.hands.gates.share(nodes, self.inner.clock.now());
        self.inner.wake.notify_one();
    }

    /// How connections are doing that were called since the start, by name, as this process sees it; [`crate::MAIL_SERVER`] is the mail server.
    pub fn connections(&self) -> BTreeMap<String, Health> {
        let now = self.inner.clock.now();
        let all = self.inner.hands.gates.all();
        all.into_iter().map(|(name, gate)| (name, gate.health(now))).collect()
    }

    /// Says that connections were changed, so that they are called by their new settings at once.
    ///
    /// # Errors
    ///
    /// The store cannot be read; the settings are read again a moment later.
    pub async fn connections_changed(&self) -> Result<(), Failure> {
        self.inner.read_connections(self.inner.clock.now()).await?;
        self.inner.wake.notify_one();
        Ok(())
    }
}

impl Inner {
    /// Reads the settings of connections that are not known yet.
    pub(crate) async fn know_connections<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        for name in names {
            if self.hands.gates.get(name).is_none() {
                self.hands.gates.learn(name, self.store.pace(name).await?, now);
            }
        }
        Ok(())
    }

    /// As [`Self::know_connections`]; what cannot be known now waits in the store until it is.
    pub(crate) async fn know_the_connections_of(&self, commit: &Commit, now: Timestamp) {
        let names = commit.work.iter().filter_map(|work| match &work.job {
            Job::Call(call) if work.due <= now => Some(call.connection.as_str()),
            Job::Call(_)
            | Job::Timer(_)
            | Job::Send(_)
            | Job::StartChild(_)
            | Job::Assume(_)
            | Job::StopChildren { .. }
            | Job::Report { .. } => None,
        });
        if let Err(failure) = self.know_connections(names, now).await {
            tracing::warn!(error = %failure, "a connection's settings were not read; its calls wait");
        }
    }

    /// Reads the settings of known connections again when they may have changed.
    pub(crate) async fn read_connections_again(&self, now: Timestamp) -> Result<(), Failure> {
        let is_time = self.hands.gates.read_at() <= now.plus(-limits::CONNECTIONS_MS);
        if is_time { self.read_connections(now).await } else { Ok(()) }
    }

    async fn read_connections(&self, now: Timestamp) -> Result<(), Failure> {
        let gates = &self.hands.gates;
        for name in gates.called() {
            gates.learn(&name, self.store.pace(&name).await?, now);
        }
        gates.set_read_at(now);
        Ok(())
    }
}
