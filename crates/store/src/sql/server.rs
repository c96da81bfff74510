//! A PostgreSQL that may be away: nobody waits long for a connection once it is known to be.

use super::Error;
use crate::limits;
use sqlx::{PgPool, Postgres, Transaction, pool::PoolConnection};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// Connections to it; all that are made of one another know together whether it is away.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pool: PgPool,
    is_away: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, is_away: Arc::default() }
    }

    /// Other connections to the same server.
    pub(crate) fn beside(&self, pool: PgPool) -> Self {
        Self { pool, is_away: Arc::clone(&self.is_away) }
    }

    /// The connections themselves, for what waits as long as it takes.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn lend(&self) -> Result<PoolConnection<Postgres>, Error> {
        self.waiting_for(self.pool.acquire()).await
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.waiting_for(self.pool.begin()).await
    }

    pub(super) async fn begin_with(
        &self,
        begin: &'static str,
    ) -> Result<Transaction<'static, Postgres>, Error> {
        self.waiting_for(self.pool.begin_with(begin)).await
    }

    async fn waiting_for<T>(
        &self,
        lent: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Error> {
        let lent = timeout(self.patience(), lent).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        self.is_away.store(matches!(lent, Err(sqlx::Error::PoolTimedOut)), Ordering::Relaxed);
        Ok(lent?)
    }

    fn patience(&self) -> Duration {
        if self.is_away.load(Ordering::Relaxed) {
            limits::PATIENCE_WHILE_AWAY
        } else {
            limits::PATIENCE
        }
    }
}
