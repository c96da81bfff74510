//! HTTP through the host, which checks every request against what the operator granted.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bindings::waymark::connector::http as wit;
use crate::secrets::Reference;
use crate::{Failure, FailureKind};

/// A request being built.
#[derive(Debug)]
#[must_use = "a request leaves only when it is sent"]
pub struct Request {
    inner: wit::Request,
}

/// An answer from the other system, whatever its status.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

/// A GET request.
pub fn get(url: &str) -> Request {
    request("GET", url)
}

/// A POST request.
pub fn post(url: &str) -> Request {
    request("POST", url)
}

/// A PUT request.
pub fn put(url: &str) -> Request {
    request("PUT", url)
}

/// A request with any method.
pub fn request(method: &str, url: &str) -> Request {
    let inner = wit::Request {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        options: String::new(),
    };
    Request { inner }
}

impl Request {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.inner.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs in with a secret as bearer token.
    pub fn bearer(self, token: &Reference) -> Self {
        let value = format!("Bearer {}", token.0);
        self.header("authorization", &value)
    }

    /// Makes a second delivery harmless: sends the call's idempotency key.
    pub fn idempotent(self) -> Self {
        let key = crate::idempotency_key();
        self.header("idempotency-key", &key)
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, Failure> {
        let text = serde_json::to_string(body)
            .map_err(|error| Failure::invalid_input(error.to_string()))?;
        self.inner.body = Some(text);
        Ok(self.header("content-type", "application/json"))
    }

    /// Gives up after this many milliseconds; without it, shortly before the call's own deadline.
    pub fn timeout_ms(mut self, timeout: u64) -> Self {
        self.inner.options = format!("{{\"timeout_ms\":{timeout}}}");
        self
    }

    /// Sends it and waits for the answer.
    pub fn send(self) -> Result<Response, Failure> {
        let answer = wit::fetch(&self.inner).map_err(|error| unreached(&error))?;
        Ok(Response { status: answer.status, headers: answer.headers, body: answer.body })
    }
}

impl Response {
    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Itself when the status is 2xx, else the failure that status means.
    pub fn ok(self) -> Result<Self, Failure> {
        let kind = match self.status {
            200..=299 => return Ok(self),
            401 | 403 => FailureKind::Auth,
            404 => FailureKind::NotFound,
            409 => FailureKind::Conflict,
            429 => FailureKind::RateLimited,
            400 | 422 => FailureKind::InvalidInput,
            408 | 500..=599 => FailureKind::Transient,
            _ => FailureKind::Permanent,
        };
        let excerpt: String = self.body.chars().take(300).collect();
        let failure = Failure::new(
            kind,
            format!("http.{}", self.status),
            match excerpt.trim() {
                "" => format!("the system answered {}", self.status),
                said => format!("the system answered {}: {said}", self.status),
            },
        );
        let wait =
            self.header("retry-after").and_then(|seconds| seconds.trim().parse::<u64>().ok());
        Err(match wait {
            Some(seconds) => failure.retry_after_ms(seconds.saturating_mul(1000)),
            None => failure,
        })
    }

    /// The body as JSON of type `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|error| {
            Failure::new(
                FailureKind::Permanent,
                "answer.invalid",
                format!("the answer is not the JSON expected: {error}"),
            )
        })
    }
}

fn unreached(error: &wit::Error) -> Failure {
    let (kind, code, message) = match error {
        wit::Error::Denied(why) => (FailureKind::Permanent, "http.denied", why.clone()),
        wit::Error::Timeout => {
            (FailureKind::Transient, "http.timeout", "the system did not answer in time".to_owned())
        }
        wit::Error::TooLarge(limit) => (
            FailureKind::Permanent,
            "http.too-large",
            format!("the answer is larger than {limit} bytes"),
        ),
        wit::Error::Budget => {
            (FailureKind::Permanent, "http.budget", "the call has used up its requests".to_owned())
        }
        wit::Error::Connect(why) => (FailureKind::Transient, "http.connect", why.clone()),
        wit::Error::Tls(why) => (FailureKind::Permanent, "http.tls", why.clone()),
        wit::Error::Other(why) => (FailureKind::Permanent, "http.other", why.clone()),
    };
    Failure::new(kind, code, message)
}
