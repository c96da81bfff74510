use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use crate::{Digest, Failure, Grants};

/// A connector's configured credentials and what they may reach; shared by all its calls.
pub struct Connection {
    pub(crate) name: String,
    pub(crate) config: Value,
    pub(crate) config_json: String,
    pub(crate) secrets: BTreeMap<String, SecretString>,
    pub(crate) grants: Grants,
}

impl Connection {
    /// A connection called `name`, its secrets apart from its configuration.
    pub fn new(
        name: impl Into<String>,
        config: Value,
        secrets: BTreeMap<String, SecretString>,
        grants: Grants,
    ) -> Arc<Self> {
        Arc::new(Connection {
            name: name.into(),
            config_json: config.to_string(),
            config,
            secrets,
            grants,
        })
    }
}

/// One operation to perform.
#[derive(Clone)]
pub struct Call {
    /// Which connector.
    pub digest: Digest,
    /// With whose credentials.
    pub connection: Arc<Connection>,
    /// Which of its operations.
    pub operation: String,
    /// JSON, as its schema says.
    pub input: String,
    /// Under which this effect is done once, however often it is attempted.
    pub idempotency_key: String,
    /// From 1.
    pub attempt: u32,
    /// How long the caller waits for the answer.
    pub timeout: Duration,
    /// W3C trace context, or empty.
    pub traceparent: String,
}

/// How a call went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, or why there is none.
    pub result: Result<Value, Failure>,
    /// What it cost.
    pub usage: Usage,
    /// What the connector told, scrubbed of secrets.
    pub logs: Vec<LogLine>,
}

/// What a call used.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Usage {
    /// CPU ticks of 10 ms in which it was seen running.
    pub ticks: u32,
    /// The most linear memory it had, in bytes.
    pub peak_memory: usize,
    /// Calls to the host.
    pub host_calls: u32,
    /// Bytes of HTTP bodies, both ways.
    pub io_bytes: u64,
    /// Bytes logged.
    pub log_bytes: u64,
    /// Microseconds spent waiting for a free slot.
    pub queued_us: u64,
    /// Microseconds from slot to answer.
    pub ran_us: u64,
    /// Every request that left.
    pub requests: Vec<RequestRecord>,
}

/// One request a connector sent.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRecord {
    /// To whom.
    pub host: String,
    /// For what, without the query.
    pub path: String,
    /// What came back; None when nothing did.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub bytes: u64,
}

/// One line a connector logged.
#[derive(Clone, Debug, Serialize)]
pub struct LogLine {
    /// debug, info, warn or error.
    pub level: &'static str,
    /// What it says.
    pub message: String,
}
