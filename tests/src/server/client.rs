//! An HTTP client that keeps a session or a token and reads JSON.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, ORIGIN, SET_COOKIE};
use reqwest::{Method, Request, RequestBuilder};
use serde_json::{Value, json};

/// How long any answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Someone who speaks to the API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: Option<String>,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The body as JSON; a body that is no JSON is a string, none is null.
    pub body: Value,
}

impl Answer {
    /// The body, if the status is the expected one.
    pub fn expect(self, status: u16) -> Result<Value> {
        if self.status != status {
            bail!("expected {status}, got {}: {}", self.status, self.body);
        }
        Ok(self.body)
    }

    /// The problem, if it is of this status and type and has the shape that RFC 9457 and docs/problems.md give it.
    pub fn problem(self, status: u16, kind: &str) -> Result<Value> {
        let content = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_whole = self.body["type"] == format!("/problems/{kind}")
            && self.body["status"] == status
            && ["title", "detail"]
                .iter()
                .all(|name| self.body[name].as_str().is_some_and(|text| !text.trim().is_empty()));
        if self.status != status || content != Some("application/problem+json") || !is_whole {
            bail!(
                "expected the problem {status} {kind}, got {} {content:?}: {}",
                self.status,
                self.body
            );
        }
        Ok(self.body)
    }
}

impl Client {
    /// A client of the server at `base` that is nobody yet.
    pub fn new(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { http, base: base.to_owned(), cookie: None, token: None })
    }

    /// Signs in and keeps the session's cookie.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Result<()> {
        let answer =
            self.post("/api/v1/session", &json!({ "email": email, "password": password })).await?;
        let cookie =
            answer.headers.get(SET_COOKIE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        answer.expect(204).with_context(|| format!("signing in as {email}"))?;
        let cookie = cookie.context("signing in sets a cookie")?;
        self.cookie = cookie.split(';').next().map(str::to_owned);
        Ok(())
    }

    /// The cookie of the session, if there is one.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// The token it carries, if it has one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same client with this cookie instead of its own.
    #[must_use]
    pub fn with_cookie(mut self, cookie: &str) -> Self {
        self.token = None;
        self.cookie = Some(cookie.to_owned());
        self
    }

    /// The same client with an API token instead of a session.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.cookie = None;
        self.token = Some(token.to_owned());
        self
    }

    /// The same client with the cookies of a browser.
    #[must_use]
    pub fn with_cookies(mut self, cookies: String) -> Self {
        self.token = None;
        self.cookie = Some(cookies);
        self
    }

    /// Asks for a resource.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends JSON to be acted on.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Replaces a resource.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Changes parts of a resource.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// Sends this text as JSON, whatever it is.
    pub async fn send_text(&self, method: Method, path: &str, text: &str) -> Result<Answer> {
        let request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(text.to_owned())).await
    }

    /// Removes a resource.
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request with this client's identity, to be given headers and a body of the test's own.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie).header(ORIGIN, &self.base);
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        request
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        self.execute(request.build()?).await
    }

    /// Sends a request that is complete.
    pub async fn execute(&self, request: Request) -> Result<Answer> {
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) if text.is_empty() => Value::Null,
            Err(_) => Value::String(text),
        };
        Ok(Answer { status, headers, body })
    }
}
