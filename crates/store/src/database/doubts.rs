//! Why what is acknowledged may be less safe than it should be.

use super::Database;
use crate::{
    Failure,
    failure::Doing,
    sql::{Dialect, query_as},
};

impl Database {
    /// What the settings of a PostgreSQL server leave to luck, a sentence each; SQLite's are ours.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn doubts(&self) -> Result<Vec<&'static str>, Failure> {
        if self.reader.dialect() == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let settings: Vec<(String, String)> = query_as(
            "SELECT name::TEXT, setting::TEXT FROM pg_settings
             WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names')",
        )
        .fetch_all(&self.reader)
        .await
        .doing("ask how durable the database is")?;
        Ok(settings.iter().filter_map(|(name, setting)| doubt(name, setting)).collect())
    }
}

fn doubt(name: &str, setting: &str) -> Option<&'static str> {
    match (name, setting) {
        ("fsync", "off") => Some(
            "PostgreSQL's fsync is off: what was acknowledged, and the whole database, may be lost with the machine's power",
        ),
        ("full_page_writes", "off") => Some(
            "PostgreSQL's full_page_writes is off: a crash of the machine may damage the database",
        ),
        ("synchronous_commit", "off") => Some(
            "PostgreSQL's synchronous_commit is off: what was acknowledged in the last moments is lost when it crashes",
        ),
        ("synchronous_commit", "local") => Some(
            "PostgreSQL's synchronous_commit is local: what was acknowledged in the last moments is lost when a standby takes over",
        ),
        ("synchronous_standby_names", "") => Some(
            "PostgreSQL has no synchronous standby: what was acknowledged is as safe as one machine's disk",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_loses_something_is_told() {
        for (name, bad, good) in [
            ("fsync", "off", "on"),
            ("full_page_writes", "off", "on"),
            ("synchronous_commit", "off", "remote_apply"),
            ("synchronous_commit", "local", "on"),
            ("synchronous_standby_names", "", "ANY 1 (a, b)"),
        ] {
            assert!(doubt(name, bad).is_some_and(|sentence| sentence.contains("PostgreSQL")));
            assert_eq!(doubt(name, good), None);
        }
    }

    #[tokio::test]
    async fn a_server_without_a_standby_is_doubted() {
        let address = scratch::database().await;
        let database = Database::connect(&address, 1).await.unwrap();
        let doubts = database.doubts().await.unwrap();
        assert!(doubts.iter().any(|doubt| doubt.contains("no synchronous standby")), "{doubts:?}");
    }
}
