//! Reading requests: each way a body or an address can be wrong has its own answer.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
};
use std::{error::Error, fmt::Display, str::FromStr};

use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::FieldError;

use crate::{
    limits,
    problem::{Kind, Problem},
    schemas,
};

/// A JSON body, read into `T`.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_json(request.headers())?;
        if request.headers().contains_key(header::CONTENT_ENCODING) {
            let detail = "send the body as it is, without `Content-Encoding`";
            return Err(Problem::new(Kind::UnsupportedMedia, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unreadable)?;
        // A reader of members would take a list for them, one after the other.
        if bytes.trim_ascii_start().starts_with(b"[") {
            let _: Value = read_json(&bytes)?;
            return Err(Problem::field("", "it must be an object, not a list"));
        }
        read_json(&bytes).map(Self)
    }
}

/// The variable parts of the address, read into `T`.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let path = path.map_err(|_| Problem::new(Kind::NotFound, "the address is not UTF-8"))?;
        Ok(Self(path.0))
    }
}

/// A query string, read into `T`.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        let query = query.map_err(|error| Problem::new(Kind::InvalidQuery, error.body_text()))?;
        Ok(Self(query.0))
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// At most this many items, 1 to 500; 50 when left out.
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl Paging {
    /// The page of the store's list.
    pub(crate) fn of<C: FromStr>(&self) -> Result<store::Paging<C>, Problem> {
        let unknown = || Problem::new(Kind::InvalidQuery, "`cursor` is not one this list gave");
        let after = self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| unknown()));
        Ok(store::Paging::new(after.transpose()?, self.limit()?))
    }

    /// The number of items of this page.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(limits::PAGE_DEFAULT),
            Some(limit @ 1..=limits::PAGE_MOST) => Ok(limit),
            Some(_) => Err(Problem::new(
                Kind::InvalidQuery,
                format!("`limit` is from 1 to {}", limits::PAGE_MOST),
            )),
        }
    }
}

/// A page of the store's list as clients read it.
pub(crate) fn page<T, C: Display, W>(
    page: store::Page<T, C>,
    show: impl FnMut(T) -> W,
) -> wire::Page<W> {
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    wire::Page { items: page.items.into_iter().map(show).collect(), next_cursor }
}

/// Reads an id; what is no id is not found.
pub(crate) fn id<I: FromStr>(what: &str, text: &str) -> Result<I, Problem> {
    text.parse().map_err(|_| Problem::not_found(what, text))
}

/// Reads JSON: text that is none is malformed with its line, members that do not fit are named by pointer.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        FieldError { pointer, message: error.inner().to_string() }
    });
    // Whether the text is JSON at all comes first: a reader of members stops at the first that does not fit.
    match (read, reader.end()) {
        (Ok(value), Ok(())) => Ok(value),
        (read, _) => match (serde_json::from_slice::<Value>(bytes), read) {
            (Err(error), _) => Err(Problem::new(Kind::MalformedBody, error.to_string())),
            (Ok(_), Err(error)) => Err(Problem::fields(vec![error])),
            (Ok(_), Ok(value)) => Ok(value),
        },
    }
}

/// The JSON pointer of where a reader stopped.
pub(crate) fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn expect_json(headers: &axum::http::HeaderMap) -> Result<(), Problem> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = named.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let is_json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    Err(Problem::new(Kind::UnsupportedMedia, "send `Content-Type: application/json`"))
}

/// Refuses a value that does not fit its JSON Schema, naming every member that is wrong.
pub(crate) fn check_schema(pointer: &str, schema: &Value, value: &Value) -> Result<(), Problem> {
    if schema.is_null() {
        return Ok(());
    }
    match schemas::compile(schema) {
        Ok(validator) => fit(pointer, &validator, value),
        Err(error) => {
            // Published before schemas were checked: work goes on, unchecked.
            tracing::warn!(%error, "nothing can be checked by a schema that is none");
            Ok(())
        }
    }
}

/// Refuses a value that does not fit, naming every member that is wrong.
pub(crate) fn fit(
    pointer: &str,
    compiled: &schemas::Compiled,
    value: &Value,
) -> Result<(), Problem> {
    let misfits = schemas::misfits(pointer, compiled, value);
    if misfits.is_empty() { Ok(()) } else { Err(Problem::fields(misfits)) }
}

/// Why the bytes of a body could not be had.
pub(crate) fn unreadable(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Kind::TooLarge, "the body is larger than this address takes")
    } else if Stalled::is_cause_of(&rejection) {
        Problem::new(Kind::TooSlow, Stalled.to_string())
    } else {
        Problem::new(Kind::MalformedBody, rejection.body_text())
    }
}

/// Why a body was not read to its end: nothing more of it came.
#[derive(Debug, thiserror::Error)]
#[error("nothing more of the body came for {} seconds", limits::BODY.as_secs())]
pub(crate) struct Stalled;

impl Stalled {
    fn is_cause_of(error: &(dyn Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| (*error).source()).any(<dyn Error>::is::<Self>)
    }
}

/// A member that is an object; one that is not there is an empty one.
pub(crate) fn object(pointer: &str, value: Value) -> Result<Value, Problem> {
    match value {
        Value::Null => Ok(Value::Object(serde_json::Map::new())),
        Value::Object(_) => Ok(value),
        _ => Err(Problem::field(pointer, "it must be an object")),
    }
}

/// Refuses a name that is empty, too long or not one line.
pub(crate) fn check_name(pointer: &str, name: &str) -> Result<(), Problem> {
    let characters = name.chars().count();
    if name.trim().is_empty() || characters > limits::NAME_CHARACTERS {
        let message = format!("1 to {} characters", limits::NAME_CHARACTERS);
        return Err(Problem::field(pointer, message));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::field(pointer, "one line without control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_body_names_its_line() {
        let problem = read_json::<wire::SignIn>(b"{\n  \"email\": \n}").unwrap_err();
        assert_eq!(problem.kind(), Kind::MalformedBody);
        assert!(format!("{problem:?}").contains("line 3"), "{problem:?}");
    }

    #[test]
    fn a_wrong_type_names_its_pointer() {
        let body = br#"{"name":"a/b","draft":{"format":1,"name":"x","nodes":[{"id":7}]}}"#;
        let problem = read_json::<wire::NewJourney>(body).unwrap_err();
        assert_eq!(problem.kind(), Kind::InvalidBody);
        assert!(problem.errors()[0].pointer.starts_with("/draft"), "{problem:?}");
        let missing = read_json::<wire::SignIn>(br#"{"email":"a@b.c"}"#).unwrap_err();
        assert_eq!(missing.kind(), Kind::InvalidBody);
    }

    #[test]
    fn text_after_the_body_is_malformed() {
        let problem = read_json::<serde_json::Value>(b"{} {}").unwrap_err();
        assert_eq!(problem.kind(), Kind::MalformedBody);
    }

    #[test]
    fn a_page_is_never_larger_than_its_limit() {
        let paging = |limit| Paging { limit, cursor: None };
        assert_eq!(paging(None).limit().unwrap(), limits::PAGE_DEFAULT);
        assert_eq!(paging(Some(500)).limit().unwrap(), 500);
        assert!(paging(Some(501)).limit().is_err());
        assert!(paging(Some(0)).limit().is_err());
    }
}
