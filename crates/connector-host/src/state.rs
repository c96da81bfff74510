//! What the host keeps for one call, and the limits that hold inside it.

use std::collections::VecDeque;
use std::sync::Arc;

use intake::manifest::Manifest;
use tokio::time::Instant;
use wasmtime::ResourceLimiter;

use crate::call::{Connection, LogLine, Usage};
use crate::egress::Egress;
use crate::failure::kill;
use crate::limits::{self, Limits};
use crate::secret::{Placeholders, Scrubber};
use crate::weight::Weight;
use crate::{Call, KvStore};

/// What all calls share.
pub(crate) struct Services {
    pub(crate) limits: Limits,
    pub(crate) egress: Egress,
    pub(crate) kv: Arc<dyn KvStore>,
    pub(crate) clock: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// The host's side of one call.
pub(crate) struct State {
    pub(crate) services: Arc<Services>,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) connection: Arc<Connection>,
    pub(crate) idempotency_key: String,
    pub(crate) traceparent: String,
    pub(crate) attempt: u32,
    pub(crate) deadline: Instant,
    pub(crate) deadline_ms: u64,
    pub(crate) usage: Usage,
    pub(crate) logs: VecDeque<LogLine>,
    /// The message and place of a panic, told before the trap that follows it.
    pub(crate) panic: Option<String>,
    pub(crate) memory_refused: bool,
    pub(crate) placeholders: Option<Placeholders>,
    pub(crate) scrubber: Scrubber,
    memory: usize,
    weight: Weight,
}

/// Why the host stops a connector from inside one of its calls to the host.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {why}")]
pub(crate) struct Killed {
    pub(crate) code: &'static str,
    pub(crate) why: String,
}

impl State {
    pub(crate) fn new(
        services: Arc<Services>,
        manifest: Arc<Manifest>,
        call: &Call,
        weight: Weight,
    ) -> Self {
        let wall = call.timeout.min(services.limits.wall);
        let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
        State {
            deadline: Instant::now() + wall,
            deadline_ms: (services.clock)().saturating_add(wall_ms),
            scrubber: Scrubber::new(&call.connection),
            services,
            manifest,
            connection: Arc::clone(&call.connection),
            idempotency_key: call.idempotency_key.clone(),
            traceparent: call.traceparent.clone(),
            attempt: call.attempt,
            usage: Usage::default(),
            logs: VecDeque::new(),
            panic: None,
            memory_refused: false,
            placeholders: None,
            memory: 0,
            weight,
        }
    }

    /// Counts one call to the host.
    pub(crate) fn count_host_call(&mut self) -> Result<(), Killed> {
        self.usage.host_calls += 1;
        let limit = self.services.limits.host_calls;
        over(u64::from(self.usage.host_calls), u64::from(limit), kill::CALLS, "calls to the host")
    }

    /// Counts bytes of HTTP bodies.
    pub(crate) fn count_io(&mut self, bytes: usize) -> Result<(), Killed> {
        self.usage.io_bytes += bytes as u64;
        over(
            self.usage.io_bytes,
            self.services.limits.io,
            kill::IO_BYTES,
            "bytes of requests and answers",
        )
    }

    /// Counts one CPU tick.
    pub(crate) fn count_tick(&mut self) -> Result<(), Killed> {
        self.usage.ticks += 1;
        // Time that passed while an answer was waited for is counted as one tick, too.
        if self.usage.ticks as usize > 1 + self.usage.requests.len() {
            self.weight.mark_heavy();
        }
        let limit = self.services.limits.cpu_ticks;
        over(u64::from(self.usage.ticks), u64::from(limit), kill::CPU, "ticks (10 ms) of CPU time")
    }

    /// Counts and keeps a log line; the oldest make room.
    pub(crate) fn keep_log(&mut self, level: &'static str, message: String) -> Result<(), Killed> {
        self.usage.log_bytes += message.len() as u64;
        over(self.usage.log_bytes, self.services.limits.log, kill::IO_BYTES, "bytes of log")?;
        if self.logs.len() == limits::LOG_LINES {
            self.logs.pop_front();
        }
        let message = self.scrubber.text(message);
        tracing::debug!(connection = %self.connection.name, connector = %self.manifest.id, level, "the connector wrote a log line");
        self.logs.push_back(LogLine { level, message: shortened(message) });
        Ok(())
    }
}

fn over(used: u64, limit: u64, code: &'static str, what: &str) -> Result<(), Killed> {
    if used > limit {
        Err(Killed { code, why: format!("the call used more than {limit} {what}") })
    } else {
        Ok(())
    }
}

/// `text`, cut at a character's edge to what is kept of a message.
pub(crate) fn shortened(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(limits::MESSAGE_BYTES));
    text
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.memory.saturating_add(desired.saturating_sub(current));
        if wanted > self.services.limits.memory {
            self.memory_refused = true;
            return Ok(false);
        }
        self.memory = wanted;
        self.usage.peak_memory = self.usage.peak_memory.max(wanted);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= limits::TABLE_ELEMENTS)
    }
}
