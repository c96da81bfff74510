//! What connectors remember between calls, in the workspace's store.

use std::sync::Arc;

use async_trait::async_trait;
use connector_host::{KvStore, Pair};
use journey::Timestamp;
use store::{ConnectionId, Store, connectors::ConnectionValue};

/// Pairs of connections, durable and gone with their connection.
pub(crate) struct Remembered {
    store: Arc<dyn Store>,
}

impl Remembered {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    async fn id(&self, connection: &str) -> Result<ConnectionId, String> {
        let found = self.store.connection_by_name(connection).await.map_err(words)?;
        let id = found.map(|connection| connection.id);
        id.ok_or_else(|| format!("the connection '{connection}' is gone"))
    }
}

#[async_trait]
impl KvStore for Remembered {
    async fn get(
        &self,
        connection: &str,
        key: &str,
        now_ms: u64,
    ) -> Result<Option<String>, String> {
        let id = self.id(connection).await?;
        let value = self.store.connection_value(id, key, time(now_ms)).await.map_err(words)?;
        value.map(|value| String::from_utf8(value).map_err(words)).transpose()
    }

    async fn set(&self, connection: &str, pair: Pair, quota: u64) -> Result<(), String> {
        let id = self.id(connection).await?;
        let expires = pair.lapses_ms.map(time);
        let value = ConnectionValue { key: pair.key, value: pair.value.into_bytes(), expires };
        let kept = self.store.keep_connection_value(id, &value, quota, time(pair.now_ms)).await;
        if kept.map_err(words)? {
            return Ok(());
        }
        Err(format!("no room for `{}`: the manifest asks for {quota} bytes in all", value.key))
    }

    async fn delete(&self, connection: &str, key: &str) -> Result<(), String> {
        let id = self.id(connection).await?;
        self.store.forget_connection_value(id, key).await.map_err(words)
    }
}

fn time(milliseconds: u64) -> Timestamp {
    Timestamp(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{Connectors, Database, connectors::NewConnection};

    const NOW_MS: u64 = 1_760_000_000_000;

    fn pair(value: &str, lapses_ms: Option<u64>) -> Pair {
        Pair { key: "cursor".to_owned(), value: value.to_owned(), lapses_ms, now_ms: NOW_MS }
    }

    #[tokio::test]
    async fn what_a_connector_remembers_outlives_the_process_and_not_its_connection() {
        let folder = tempfile::tempdir().unwrap();
        let open = async || Database::open(&folder.path().join("w.sqlite"), 1).await.unwrap();
        let store = Arc::new(open().await);
        let connection = NewConnection { name: "crm".to_owned(), ..NewConnection::default() };
        store.create_connection(&connection, time(NOW_MS)).await.unwrap();
        let remembered = Remembered::new(store.clone());
        remembered.set("crm", pair("page 7", None), 100).await.unwrap();
        let refused = remembered.set("crm", pair("page 8", None), 5).await.unwrap_err();
        assert!(refused.contains("5 bytes"), "{refused}");
        store.close().await;

        let store = Arc::new(open().await);
        let remembered = Remembered::new(store.clone());
        let read = remembered.get("crm", "cursor", NOW_MS).await;
        assert_eq!(read.unwrap().as_deref(), Some("page 7"));
        remembered.set("crm", pair("page 9", Some(NOW_MS + 5)), 100).await.unwrap();
        assert_eq!(remembered.get("crm", "cursor", NOW_MS + 5).await.unwrap(), None);
        remembered.delete("crm", "cursor").await.unwrap();
        let id = store.connection_by_name("crm").await.unwrap().unwrap().id;
        store.delete_connection(id).await.unwrap();
        let gone = remembered.get("crm", "cursor", NOW_MS).await.unwrap_err();
        assert!(gone.contains("'crm' is gone"), "{gone}");
    }
}
