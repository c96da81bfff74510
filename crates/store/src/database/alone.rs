//! One server at a time on a PostgreSQL database.

use crate::{Failure, failure::Doing, limits};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions, query_scalar};
use std::{str::FromStr, time::Duration};
use tokio::time::timeout;

const DOING: &str = "take the database for one server";

/// The advisory lock whose holder serves.
const SERVING: i64 = 0x7365_7276;

/// How soon it is asked again.
const AGAIN: Duration = Duration::from_millis(100);

/// The right to serve the workspace in a PostgreSQL database, for as long as the connection that holds it lives.
#[derive(Debug)]
pub struct Alone {
    _holding: PgConnection,
}

impl Alone {
    /// Takes the right; `None` when another process has it.
    ///
    /// # Errors
    ///
    /// The address is none, or the server is not reached.
    pub async fn take(address: &str) -> Result<Option<Self>, Failure> {
        let mut connection = PgConnectOptions::from_str(address)
            .doing(DOING)?
            .application_name("waymark, serving")
            .connect()
            .await
            .doing(DOING)?;
        // Whoever was killed a moment ago may still be known to the server.
        let deadline = Duration::from_millis(limits::BUSY_TIMEOUT_MS);
        let taken = timeout(deadline, async {
            loop {
                let taken = query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
                    .bind(SERVING)
                    .fetch_one(&mut connection)
                    .await;
                match taken {
                    Ok(true) => return Ok(()),
                    Ok(false) => tokio::time::sleep(AGAIN).await,
                    Err(error) => return Err(error),
                }
            }
        });
        if let Ok(taken) = taken.await {
            taken.doing(DOING)?;
            return Ok(Some(Self { _holding: connection }));
        }
        connection.close().await.doing(DOING)?;
        Ok(None)
    }
}
