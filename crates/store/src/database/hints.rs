//! What nodes on PostgreSQL tell each other outside of any transaction of theirs.

use super::Database;
use crate::{
    Failure,
    failure::Doing,
    sql::{Builder, Pool},
};
use failpoints::Point;
use sqlx::postgres::PgListener;
use tokio::sync::Mutex;

/// Where nodes hear of each other.
const CHANNEL: &str = "waymark";

/// The ear of a node; it listens from the first time it is asked.
#[derive(Debug, Default)]
pub(super) struct Ear(Mutex<Option<PgListener>>);

impl Ear {
    /// Gives its connection back, which closing would wait for.
    pub(super) async fn close(&self) {
        self.0.lock().await.take();
    }
}

impl Database {
    pub(super) async fn tell(&self, hints: &[String]) -> Result<(), Failure> {
        if hints.is_empty() || matches!(self.keeper, Pool::File(_)) {
            return Ok(());
        }
        let mut query = Builder::new("SELECT pg_notify('");
        query.push(CHANNEL).push("', hint) FROM (");
        query.push_values(hints, |mut row, hint| {
            row.push_bind(hint);
        });
        query.push(") AS told (hint)");
        query.build().execute_alone(&self.keeper, Point::Tell).await?;
        Ok(())
    }

    pub(super) async fn listen(&self) -> Result<String, Failure> {
        let doing = "hear other nodes";
        let Pool::Postgres(server) = &self.keeper else {
            return std::future::pending().await;
        };
        let mut ear = self.ear.0.lock().await;
        if ear.is_none() {
            let mut listener = PgListener::connect_with(server.pool()).await.doing(doing)?;
            listener.listen(CHANNEL).await.doing(doing)?;
            *ear = Some(listener);
        }
        let Some(listener) = ear.as_mut() else { return std::future::pending().await };
        match listener.recv().await {
            Ok(heard) => Ok(heard.payload().to_owned()),
            Err(error) => {
                *ear = None;
                Err(Failure::of_sql(doing, error))
            }
        }
    }
}
