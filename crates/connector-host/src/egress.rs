//! The one guarded way out: every request is checked, goes to a checked address, and is never redirected by itself.

mod connect;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use failpoints::Point;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ipnet::IpNet;
use url::Url;

use crate::call::RequestRecord;
use crate::limits;
use crate::state::State;
use connect::{Guarded, Refused, tls_config};

type Pool = Client<Guarded, Full<Bytes>>;

/// Clients by the private ranges they may reach: a connection kept for one grant never serves another.
pub(crate) struct Egress {
    pools: RwLock<HashMap<Vec<IpNet>, Pool>>,
    tls: Arc<tokio_rustls::rustls::ClientConfig>,
}

/// A request as the connector wrote it.
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer as it came.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum FetchError {
    Denied(String),
    Timeout,
    TooLarge(u64),
    Connect(String),
    Tls(String),
    Other(String),
}

impl Egress {
    pub(crate) fn new() -> Result<Self, tokio_rustls::rustls::Error> {
        Ok(Egress { pools: RwLock::default(), tls: tls_config()? })
    }

    /// Sends a request for a call and records it.
    pub(crate) async fn fetch(
        &self,
        state: &mut State,
        outgoing: Outgoing,
        timeout: Duration,
    ) -> Result<Answered, FetchError> {
        let url = parse_url(&outgoing.url)?;
        state
            .connection
            .grants
            .check(&url, &state.manifest.needs.http, &state.connection.config)
            .map_err(FetchError::Denied)?;
        let request = build(state, outgoing, &url)?;
        let pool = self.pool(state.connection.grants.private_ranges());
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        state.usage.requests.push(RequestRecord {
            host,
            path: url.path().to_owned(),
            status: None,
            bytes: 0,
        });
        let limit = state.services.limits.response;
        let answer = tokio::time::timeout(timeout, exchange(&pool, request, limit))
            .await
            .unwrap_or(Err(FetchError::Timeout))?;
        if let Some(record) = state.usage.requests.last_mut() {
            record.status = Some(answer.status);
            record.bytes = answer.body.len() as u64;
        }
        Ok(answer)
    }

    fn pool(&self, ranges: &[IpNet]) -> Pool {
        if let Some(pool) = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(ranges) {
            return pool.clone();
        }
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(limits::IDLE_CONNECTIONS)
                .build(Guarded::new(ranges.into(), Arc::clone(&self.tls)))
        };
        pools.entry(ranges.to_vec()).or_insert_with(make).clone()
    }
}

fn parse_url(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text)
        .map_err(|error| FetchError::Other(format!("the URL cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::Denied(format!(
            "`{}` is not offered: use http or https",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Denied("a URL may not carry credentials".into()));
    }
    Ok(url)
}

fn build(state: &State, outgoing: Outgoing, url: &Url) -> Result<Request<Full<Bytes>>, FetchError> {
    let method = Method::from_bytes(outgoing.method.as_bytes())
        .ok()
        .filter(|method| *method != Method::CONNECT);
    let method =
        method.ok_or_else(|| FetchError::Other("the method is not one of HTTP's".into()))?;
    let mut request = Request::new(Full::new(Bytes::from(outgoing.body)));
    *request.method_mut() = method;
    *request.uri_mut() = url[..url::Position::AfterQuery]
        .parse()
        .map_err(|error| FetchError::Other(format!("the URL cannot be sent: {error}")))?;
    let headers = request.headers_mut();
    for (name, value) in outgoing.headers {
        add_header(state, headers, &name, &value)?;
    }
    // Secrets could not be found in a compressed answer.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!("Waymark/", env!("CARGO_PKG_VERSION"))));
    Ok(request)
}

/// Headers that belong to the connection, not to the request.
const OURS: [HeaderName; 9] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::ACCEPT_ENCODING,
    header::EXPECT,
];

fn add_header(
    state: &State,
    headers: &mut HeaderMap,
    name: &str,
    value: &str,
) -> Result<(), FetchError> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| FetchError::Other(format!("`{name}` is not a header's name")))?;
    if OURS.contains(&parsed) {
        return Err(FetchError::Other(format!("the header `{name}` is set by Waymark")));
    }
    let filled = match &state.placeholders {
        Some(placeholders) => placeholders
            .fill(name, value, &state.connection, &state.manifest.needs.secrets)
            .map_err(FetchError::Denied)?,
        None => value.to_owned(),
    };
    let mut value = HeaderValue::from_str(&filled).map_err(|_| {
        FetchError::Other(format!("the header `{name}` has characters a header cannot carry"))
    })?;
    value.set_sensitive(state.placeholders.is_some());
    headers.append(parsed, value);
    Ok(())
}

async fn exchange(
    pool: &Pool,
    request: Request<Full<Bytes>>,
    limit: usize,
) -> Result<Answered, FetchError> {
    let asked = failpoints::around(Point::Fetch, pool.request(request));
    let answer = asked.await.map_err(|error| why_unreached(&error))?;
    let (head, body): (_, Incoming) = Response::into_parts(answer);
    if head.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(FetchError::Other("the answer is compressed, though that was declined".into()));
    }
    let body = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            FetchError::TooLarge(limit as u64)
        } else {
            FetchError::Connect(format!("the answer broke off: {error}"))
        }
    })?;
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Ok(Answered {
        status: head.status.as_u16(),
        headers: head.headers.iter().map(text).collect(),
        body: body.to_bytes().into(),
    })
}

fn why_unreached(error: &hyper_util::client::legacy::Error) -> FetchError {
    let mut source = error.source();
    while let Some(inner) = source {
        match inner.downcast_ref::<Refused>() {
            Some(Refused::Address(why)) => return FetchError::Denied(why.clone()),
            Some(Refused::Tls(why)) => return FetchError::Tls(why.clone()),
            Some(Refused::Unreachable(why)) => return FetchError::Connect(why.clone()),
            None => source = inner.source(),
        }
    }
    FetchError::Connect(format!("the connection broke: {error}"))
}
