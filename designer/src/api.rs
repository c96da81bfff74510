//! Talking to the server: every answer is what was asked for or a problem a person can read.

use crate::messages::t;
use gloo_net::http::{Request, RequestBuilder, Response};
use leptos::prelude::{Callable, Callback};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::Cell;
use wire::Problem;

/// What a call gives.
pub type Answer<T> = Result<T, Problem>;

/// The type of the problem that says nobody is signed in.
const NOT_SIGNED_IN: &str = "/problems/not-signed-in";

thread_local! {
    static SIGNED_OUT: Cell<Option<Callback<Problem>>> = const { Cell::new(None) };
}

/// Whatever call it is that meets a session that is over, `tell` hears of it.
pub fn when_signed_out(tell: Callback<Problem>) {
    SIGNED_OUT.set(Some(tell));
}

/// Something two people can edit, with the tag it had when it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<T> {
    pub value: T,
    pub etag: String,
}

/// Reads one thing.
pub async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    body(send(Request::get(&url(path))).await?).await
}

/// Reads one thing and the tag that a later write must name.
pub async fn get_tagged<T: DeserializeOwned>(path: &str) -> Answer<Tagged<T>> {
    let response = send(Request::get(&url(path))).await?;
    let etag = response.headers().get("etag").unwrap_or_default();
    Ok(Tagged { value: body(response).await?, etag })
}

/// Writes over what had the tag `etag`; gives the new tag.
pub async fn put_tagged<B: Serialize>(path: &str, value: &B, etag: &str) -> Answer<String> {
    let request = Request::put(&url(path)).header("if-match", etag);
    let response = sent(request.json(value).map_err(unreadable)?.send().await).await?;
    Ok(response.headers().get("etag").unwrap_or_default())
}

/// Writes over one thing that is as a whole; gives what it is then.
pub async fn put<B: Serialize, T: DeserializeOwned>(path: &str, value: &B) -> Answer<T> {
    let request = Request::put(&url(path)).json(value).map_err(unreadable)?;
    body(sent(request.send().await).await?).await
}

/// Makes or does something; a repeat after a lost answer is recognised by its key.
pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, value: &B) -> Answer<T> {
    body(post_response(path, value).await?).await
}

/// Does something with what has the tag `etag`, and with nothing that came after it.
pub async fn post_tagged<B: Serialize, T: DeserializeOwned>(
    path: &str,
    value: &B,
    etag: &str,
) -> Answer<T> {
    let request = Request::post(&url(path)).header("if-match", etag);
    let request = request.header("idempotency-key", &fresh_key());
    body(sent(request.json(value).map_err(unreadable)?.send().await).await?).await
}

/// Changes what a part is given of; the rest stays.
pub async fn patch<B: Serialize, T: DeserializeOwned>(path: &str, value: &B) -> Answer<T> {
    let request = Request::patch(&url(path)).json(value).map_err(unreadable)?;
    body(sent(request.send().await).await?).await
}

/// Does something whose answer nobody reads.
pub async fn order<B: Serialize>(path: &str, value: &B) -> Answer<()> {
    post_response(path, value).await.map(drop)
}

/// Sends a file as it is, as content of type `kind`.
pub async fn upload<T: DeserializeOwned>(
    path: &str,
    kind: &str,
    file: &web_sys::File,
) -> Answer<T> {
    let request = Request::post(&url(path)).header("content-type", kind);
    let request = request.header("idempotency-key", &fresh_key());
    let request = request.body(wasm_bindgen::JsValue::from(file.clone())).map_err(unreadable)?;
    body(sent(request.send().await).await?).await
}

/// Removes something.
pub async fn delete(path: &str) -> Answer<()> {
    send(Request::delete(&url(path))).await.map(drop)
}

/// A value as it stands in a query or a path.
pub fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

async fn post_response<B: Serialize>(path: &str, value: &B) -> Answer<Response> {
    let request = Request::post(&url(path)).header("idempotency-key", &fresh_key());
    sent(request.json(value).map_err(unreadable)?.send().await).await
}

async fn send(request: RequestBuilder) -> Answer<Response> {
    sent(request.send().await).await
}

async fn sent(response: Result<Response, gloo_net::Error>) -> Answer<Response> {
    let response = response.map_err(|_| away())?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let problem: Problem = serde_json::from_str(&text).unwrap_or_else(|_| unnamed(status));
    if let Some(tell) = SIGNED_OUT.get().filter(|_| problem.kind == NOT_SIGNED_IN) {
        tell.run(problem.clone());
    }
    Err(problem)
}

async fn body<T: DeserializeOwned>(response: Response) -> Answer<T> {
    response.json().await.map_err(unreadable)
}

fn url(path: &str) -> String {
    format!("/api/v1{path}")
}

fn fresh_key() -> String {
    format!("ui-{}-{}", js_sys::Date::now(), js_sys::Math::random())
}

fn away() -> Problem {
    problem(
        0,
        t!("The server cannot be reached"),
        t!("Check your connection, then try again. Nothing you entered is lost."),
    )
}

fn unnamed(status: u16) -> Problem {
    problem(
        status,
        t!("The server could not answer"),
        &t!("It answered with status {status}. Try again in a moment.", status),
    )
}

fn unreadable(error: gloo_net::Error) -> Problem {
    let detail = t!("Reload the page: it may be older than the server. ({error})", error);
    problem(0, t!("The answer could not be read"), &detail)
}

/// What a call says when nobody is signed in.
pub fn signed_out() -> Problem {
    Problem { kind: NOT_SIGNED_IN.to_owned(), ..problem(401, t!("Sign in first"), "") }
}

/// A problem the browser itself found.
pub fn problem(status: u16, title: &str, detail: &str) -> Problem {
    Problem {
        kind: "about:blank".to_owned(),
        title: title.to_owned(),
        status,
        detail: Some(detail.to_owned()),
        errors: Vec::new(),
        diagnostics: Vec::new(),
        current_etag: None,
        your_etag: None,
    }
}
