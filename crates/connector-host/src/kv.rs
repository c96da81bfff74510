use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

/// Where connectors' key-value pairs are kept, apart for each connection.
#[async_trait]
pub trait KvStore: Send + Sync {
    /// The value under `key`, unless it has lapsed by `now_ms`.
    async fn get(&self, connection: &str, key: &str, now_ms: u64)
    -> Result<Option<String>, String>;
    /// Keeps a pair, refusing what would exceed `quota` bytes of keys and values together.
    async fn set(&self, connection: &str, pair: Pair, quota: u64) -> Result<(), String>;
    /// Forgets `key`.
    async fn delete(&self, connection: &str, key: &str) -> Result<(), String>;
}

/// One key and its value.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
    /// Unix time in milliseconds at which it is gone.
    pub lapses_ms: Option<u64>,
    /// Unix time in milliseconds now.
    pub now_ms: u64,
}

const SHARDS: usize = 16;

/// A key-value store that lives as long as the process.
#[derive(Default)]
pub struct MemoryKv {
    hasher: RandomState,
    shards: [Mutex<HashMap<String, HashMap<String, Kept>>>; SHARDS],
}

struct Kept {
    value: String,
    lapses_ms: Option<u64>,
}

impl Kept {
    fn lives(&self, now_ms: u64) -> bool {
        self.lapses_ms.is_none_or(|lapses| now_ms < lapses)
    }
}

impl MemoryKv {
    fn shard(&self, connection: &str) -> MutexGuard<'_, HashMap<String, HashMap<String, Kept>>> {
        // A shard index needs only the low bits of the hash.
        #[expect(clippy::cast_possible_truncation, reason = "the remainder is below SHARDS")]
        let index = (self.hasher.hash_one(connection) % SHARDS as u64) as usize;
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KvStore for MemoryKv {
    async fn get(
        &self,
        connection: &str,
        key: &str,
        now_ms: u64,
    ) -> Result<Option<String>, String> {
        let shard = self.shard(connection);
        let kept = shard.get(connection).and_then(|pairs| pairs.get(key));
        Ok(kept.filter(|kept| kept.lives(now_ms)).map(|kept| kept.value.clone()))
    }

    async fn set(&self, connection: &str, pair: Pair, quota: u64) -> Result<(), String> {
        let mut shard = self.shard(connection);
        let pairs = shard.entry(connection.to_owned()).or_default();
        pairs.retain(|_, kept| kept.lives(pair.now_ms));
        let others = pairs
            .iter()
            .filter(|(key, _)| **key != pair.key)
            .map(|(key, kept)| key.len() + kept.value.len())
            .sum::<usize>();
        let wanted = others + pair.key.len() + pair.value.len();
        if wanted as u64 > quota {
            return Err(format!("{wanted} bytes would be kept; the manifest asks for {quota}"));
        }
        pairs.insert(pair.key, Kept { value: pair.value, lapses_ms: pair.lapses_ms });
        Ok(())
    }

    async fn delete(&self, connection: &str, key: &str) -> Result<(), String> {
        if let Some(pairs) = self.shard(connection).get_mut(connection) {
            pairs.remove(key);
        }
        Ok(())
    }
}
