//! Version 1.0.0 of the interface, as the host offers it.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Sha256, Sha512};

use crate::egress::{Answered, FetchError, Outgoing};
use crate::kv::Pair;
use crate::limits;
use crate::secret::Placeholders;
use crate::state::State;

wasmtime::component::bindgen!({
    path: "../../sdk/wit/v1.0.0",
    world: "connector",
    imports: { default: async | trappable },
    exports: { default: async },
});

pub(crate) use waymark::connector::types;
use waymark::connector::{call, clock, http, kv, log, random, secrets};

/// The interfaces a connector may import; any other import is refused at install.
pub const IMPORTS: [&str; 8] = [
    "waymark:connector/types@1.0.0",
    "waymark:connector/call@1.0.0",
    "waymark:connector/log@1.0.0",
    "waymark:connector/clock@1.0.0",
    "waymark:connector/random@1.0.0",
    "waymark:connector/kv@1.0.0",
    "waymark:connector/secrets@1.0.0",
    "waymark:connector/http@1.0.0",
];

impl types::Host for State {}

impl call::Host for State {
    async fn connection(&mut self) -> wasmtime::Result<String> {
        self.count_host_call()?;
        Ok(self.connection.name.clone())
    }

    async fn config(&mut self) -> wasmtime::Result<String> {
        self.count_host_call()?;
        Ok(self.connection.config_json.clone())
    }

    async fn idempotency_key(&mut self) -> wasmtime::Result<String> {
        self.count_host_call()?;
        Ok(self.idempotency_key.clone())
    }

    async fn attempt(&mut self) -> wasmtime::Result<u32> {
        self.count_host_call()?;
        Ok(self.attempt)
    }

    async fn deadline_ms(&mut self) -> wasmtime::Result<u64> {
        self.count_host_call()?;
        Ok(self.deadline_ms)
    }

    async fn traceparent(&mut self) -> wasmtime::Result<String> {
        self.count_host_call()?;
        Ok(self.traceparent.clone())
    }
}

impl log::Host for State {
    async fn write(
        &mut self,
        level: log::Level,
        message: String,
        fields: String,
    ) -> wasmtime::Result<()> {
        self.count_host_call()?;
        if let Some(place) = panic_place(&fields) {
            let told = self.scrubber.text(format!("{message} ({place})"));
            self.panic = Some(crate::state::shortened(told));
        }
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
            log::Level::Error => "error",
        };
        let line = if fields.is_empty() { message } else { format!("{message} {fields}") };
        Ok(self.keep_log(level, line)?)
    }
}

/// Where a panic happened, when these are the fields that an SDK's panic hook writes.
fn panic_place(fields: &str) -> Option<String> {
    if !fields.contains("waymark.panic") {
        return None;
    }
    let fields: serde_json::Value = serde_json::from_str(fields).ok()?;
    fields
        .get("waymark.panic")?
        .as_bool()?
        .then(|| fields["location"].as_str().unwrap_or("somewhere").to_owned())
}

impl clock::Host for State {
    async fn now_ms(&mut self) -> wasmtime::Result<u64> {
        self.count_host_call()?;
        Ok((self.services.clock)())
    }
}

impl random::Host for State {
    async fn bytes(&mut self, n: u32) -> wasmtime::Result<Vec<u8>> {
        self.count_host_call()?;
        let mut bytes = vec![0; n.min(limits::RANDOM_BYTES) as usize];
        getrandom::fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl kv::Host for State {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, String>> {
        self.count_host_call()?;
        let now_ms = (self.services.clock)();
        Ok(self.services.kv.get(&self.connection.name, &key, now_ms).await)
    }

    async fn set(
        &mut self,
        key: String,
        value: String,
        ttl_s: Option<u32>,
    ) -> wasmtime::Result<Result<(), String>> {
        self.count_host_call()?;
        let now_ms = (self.services.clock)();
        let lapses_ms = ttl_s.map(|seconds| now_ms.saturating_add(u64::from(seconds) * 1000));
        let pair = Pair { key, value, lapses_ms, now_ms };
        Ok(self.services.kv.set(&self.connection.name, pair, self.manifest.needs.kv_bytes).await)
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), String>> {
        self.count_host_call()?;
        Ok(self.services.kv.delete(&self.connection.name, &key).await)
    }
}

impl State {
    fn secret_of(&self, name: &str) -> Result<&secrecy::SecretString, String> {
        if !self.manifest.needs.secrets.iter().any(|need| need.name == name) {
            return Err(format!("the manifest does not ask for a secret `{name}`"));
        }
        self.connection
            .secrets
            .get(name)
            .ok_or_else(|| format!("the connection has no secret `{name}`"))
    }
}

impl secrets::Host for State {
    async fn use_ref(&mut self, name: String) -> wasmtime::Result<Result<String, String>> {
        self.count_host_call()?;
        if let Err(why) = self.secret_of(&name) {
            return Ok(Err(why));
        }
        let placeholders = match self.placeholders.take() {
            Some(made) => made,
            None => Placeholders::new()?,
        };
        Ok(Ok(self.placeholders.insert(placeholders).of(&name)))
    }

    async fn hmac(
        &mut self,
        name: String,
        algorithm: String,
        data: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, String>> {
        self.count_host_call()?;
        let signed = self.secret_of(&name).and_then(|secret| {
            let key = secret.expose_secret().as_bytes();
            match algorithm.as_str() {
                "sha256" => sign::<Hmac<Sha256>>(key, &data),
                "sha512" => sign::<Hmac<Sha512>>(key, &data),
                other => Err(format!("`{other}` is not offered: use sha256 or sha512")),
            }
        });
        Ok(signed)
    }
}

fn sign<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Result<Vec<u8>, String> {
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|error| error.to_string())?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}

impl http::Host for State {
    async fn fetch(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::Error>> {
        self.count_host_call()?;
        let body = request.body.clone().unwrap_or_default().into_bytes();
        let (head, bytes) = match self.exchange(request, body).await? {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let Ok(body) = String::from_utf8(bytes) else {
            return Ok(Err(http::Error::Other("the answer is not text: fetch it as bytes".into())));
        };
        Ok(Ok(http::Response { body, ..head }))
    }

    async fn fetch_bytes(
        &mut self,
        request: http::Request,
        body: Vec<u8>,
    ) -> wasmtime::Result<Result<(http::Response, Vec<u8>), http::Error>> {
        self.count_host_call()?;
        self.exchange(request, body).await
    }
}

type Exchanged = Result<(http::Response, Vec<u8>), http::Error>;

impl State {
    async fn exchange(
        &mut self,
        request: http::Request,
        body: Vec<u8>,
    ) -> wasmtime::Result<Exchanged> {
        if self.usage.requests.len() >= self.services.limits.requests as usize {
            return Ok(Err(http::Error::Budget));
        }
        self.count_io(body.len())?;
        let timeout = self.request_timeout(&request.options);
        let outgoing =
            Outgoing { method: request.method, url: request.url, headers: request.headers, body };
        let services = std::sync::Arc::clone(&self.services);
        let answer = services.egress.fetch(self, outgoing, timeout).await;
        Ok(match answer {
            Ok(answer) => {
                self.count_io(answer.body.len())?;
                Ok(self.lower(answer))
            }
            Err(error) => Err(self.lower_error(error)),
        })
    }

    /// Without a time-out of its own, a request ends a little before the call, so that the connector can still say what happened.
    fn request_timeout(&self, options: &str) -> Duration {
        let asked = serde_json::from_str::<serde_json::Value>(options)
            .ok()
            .and_then(|options| options.get("timeout_ms")?.as_u64());
        let remaining = self.deadline.saturating_duration_since(tokio::time::Instant::now());
        asked.map_or(remaining * 9 / 10, Duration::from_millis)
    }

    fn lower(&self, answer: Answered) -> (http::Response, Vec<u8>) {
        let headers = answer
            .headers
            .into_iter()
            .map(|(name, value)| (name, self.scrubber.text(value)))
            .collect();
        (
            http::Response { status: answer.status, headers, body: String::new() },
            self.scrubber.bytes(answer.body),
        )
    }

    fn lower_error(&self, error: FetchError) -> http::Error {
        match error {
            FetchError::Denied(why) => {
                tracing::warn!(connection = %self.connection.name, connector = %self.manifest.id, "a request was denied: {why}");
                http::Error::Denied(why)
            }
            FetchError::Timeout => http::Error::Timeout,
            FetchError::TooLarge(limit) => http::Error::TooLarge(limit),
            FetchError::Connect(why) => http::Error::Connect(self.scrubber.text(why)),
            FetchError::Tls(why) => http::Error::Tls(why),
            FetchError::Other(why) => http::Error::Other(self.scrubber.text(why)),
        }
    }
}
