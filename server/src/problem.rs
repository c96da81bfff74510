//! What goes wrong as a client sees it: the one place that maps errors to HTTP.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use journey::{Diagnostic, Rejection};
use runtime::{DeliverError, NotAdmitted, StartError};
use store::FailureKind;
use wire::FieldError;

use crate::limits;

/// Every type of problem; each has a heading in `docs/problems.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    MalformedBody,
    InvalidBody,
    InvalidQuery,
    TooLarge,
    TooSlow,
    HeadersTooLarge,
    UnsupportedMedia,
    NotSignedIn,
    WrongCredentials,
    Forbidden,
    AnotherPerson,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    Conflict,
    StaleDraft,
    IfMatchRequired,
    KeyReused,
    AtWork,
    AnswerLost,
    NotPublishable,
    ReviewNeeded,
    InvalidSignature,
    Overloaded,
    Unavailable,
    Internal,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 26] = [
        Self::MalformedBody,
        Self::InvalidBody,
        Self::InvalidQuery,
        Self::TooLarge,
        Self::TooSlow,
        Self::HeadersTooLarge,
        Self::UnsupportedMedia,
        Self::NotSignedIn,
        Self::WrongCredentials,
        Self::Forbidden,
        Self::AnotherPerson,
        Self::CrossSite,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::StaleDraft,
        Self::IfMatchRequired,
        Self::KeyReused,
        Self::AtWork,
        Self::AnswerLost,
        Self::NotPublishable,
        Self::ReviewNeeded,
        Self::InvalidSignature,
        Self::Overloaded,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The last part of the problem's `type`.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::MalformedBody => "malformed-body",
            Self::InvalidBody => "invalid-body",
            Self::InvalidQuery => "invalid-query",
            Self::TooLarge => "too-large",
            Self::TooSlow => "too-slow",
            Self::HeadersTooLarge => "headers-too-large",
            Self::UnsupportedMedia => "unsupported-media",
            Self::NotSignedIn => "not-signed-in",
            Self::WrongCredentials => "wrong-credentials",
            Self::Forbidden => "forbidden",
            Self::AnotherPerson => "another-person",
            Self::CrossSite => "cross-site",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict => "conflict",
            Self::StaleDraft => "stale-draft",
            Self::IfMatchRequired => "if-match-required",
            Self::KeyReused => "key-reused",
            Self::AtWork => "at-work",
            Self::AnswerLost => "answer-lost",
            Self::NotPublishable => "not-publishable",
            Self::ReviewNeeded => "review-needed",
            Self::InvalidSignature => "invalid-signature",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The status it is answered with.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::MalformedBody | Self::InvalidQuery => StatusCode::BAD_REQUEST,
            Self::InvalidBody | Self::KeyReused | Self::NotPublishable => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotSignedIn | Self::WrongCredentials | Self::InvalidSignature => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden | Self::AnotherPerson | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::AtWork | Self::AnswerLost | Self::ReviewNeeded => {
                StatusCode::CONFLICT
            }
            Self::StaleDraft => StatusCode::PRECONDITION_FAILED,
            Self::IfMatchRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::Overloaded => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What it is called in words.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::MalformedBody => "The body is not JSON",
            Self::InvalidBody => "The body does not have the expected members",
            Self::InvalidQuery => "The address or a header is not valid",
            Self::TooLarge => "The body is over its limit",
            Self::TooSlow => "The body stood still",
            Self::HeadersTooLarge => "The headers are over their limit",
            Self::UnsupportedMedia => "The content type is not one this address takes",
            Self::NotSignedIn => "Sign in first",
            Self::WrongCredentials => "The e-mail address or the password is wrong",
            Self::Forbidden => "Your role may not do this",
            Self::AnotherPerson => "Somebody else has to do this",
            Self::CrossSite => "The request came from a page of another site",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "The address does not take this method",
            Self::Conflict => "Its present state does not allow this",
            Self::StaleDraft => "Someone saved a newer draft",
            Self::IfMatchRequired => "Say which draft this one replaces",
            Self::KeyReused => "The idempotency key was used for another request",
            Self::AtWork => "The first request under this idempotency key is still at work",
            Self::AnswerLost => "It was done when it was asked for first, and its answer was lost",
            Self::NotPublishable => "The draft has errors",
            Self::ReviewNeeded => "A review by a second person comes first",
            Self::InvalidSignature => "The webhook's signature does not hold",
            Self::Overloaded => "Too much at once",
            Self::Unavailable => "The workspace cannot be reached just now",
            Self::Internal => "Something broke on our side",
        }
    }

    /// What to do about it, for a problem that has no sentence of its own.
    fn advice(self) -> &'static str {
        match self {
            Self::MalformedBody => "send a body that is JSON",
            Self::InvalidBody => "send the members that the API's description names",
            Self::InvalidQuery => "mend the address or the header and send it again",
            Self::TooLarge => "send less at once",
            Self::TooSlow => "send the request again, without a pause in its body",
            Self::HeadersTooLarge => "send fewer or shorter headers",
            Self::UnsupportedMedia => "send the content type that the API's description names",
            Self::NotSignedIn => "send the cookie of a session or `Authorization: Bearer TOKEN`",
            Self::WrongCredentials => "check both, or ask an administrator for a new password",
            Self::Forbidden => "ask an administrator",
            Self::AnotherPerson => "ask another person who may",
            Self::CrossSite => "use Waymark's own pages, or a token instead of a cookie",
            Self::NotFound => "check the address",
            Self::MethodNotAllowed => "use a method that the API's description names",
            Self::Conflict => "read it again",
            Self::StaleDraft => "read the draft again and repeat your changes on it",
            Self::IfMatchRequired => {
                "send the `ETag` of the draft you read as `If-Match`, or `If-Match: *` to replace any"
            }
            Self::KeyReused => "use a new `Idempotency-Key` for a new request",
            Self::AnswerLost => "look at what it has done before you ask for more, with a new key",
            Self::NotPublishable => "mend what the diagnostics name, then publish again",
            Self::ReviewNeeded => "ask for a review of the draft",
            Self::InvalidSignature => "sign the delivery with the hook's secret",
            Self::AtWork | Self::Overloaded | Self::Unavailable => {
                "come back after `Retry-After` seconds"
            }
            Self::Internal => "the cause is in the server's log under the answer's `x-request-id`",
        }
    }
}

/// A refusal or a failure on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    diagnostics: Vec<Diagnostic>,
    /// The draft's present tag and the one the client sent.
    tags: Option<Box<(String, String)>>,
}

/// What a handler gives.
pub(crate) type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// A problem with a sentence of its own.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::from(kind) }
    }

    /// There is no `what` with this id, or the caller may not know of it.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(Kind::NotFound, format!("there is no {what} '{id}'"))
    }

    /// One member of the body is wrong.
    pub(crate) fn field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), message: message.into() }])
    }

    /// Several members of the body are wrong.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map(|error| {
            let at = if error.pointer.is_empty() { "the body" } else { &error.pointer };
            format!("{at}: {}", error.message)
        });
        Self { detail, errors, ..Self::from(Kind::InvalidBody) }
    }

    /// The same problem for a delivery, whose body is the input itself.
    pub(crate) fn of_a_delivery(self) -> Self {
        if self.errors.is_empty() {
            return self;
        }
        let errors = self.errors.into_iter().map(|error| {
            let pointer = error.pointer.strip_prefix("/input").unwrap_or("").to_owned();
            FieldError { pointer, ..error }
        });
        Self::fields(errors.collect())
    }

    /// The draft cannot be published.
    pub(crate) fn not_publishable(diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, ..Self::from(Kind::NotPublishable) }
    }

    /// The client's draft was read before the present one was saved.
    pub(crate) fn stale(current: String, yours: String) -> Self {
        Self { tags: Some(Box::new((current, yours))), ..Self::from(Kind::StaleDraft) }
    }

    /// Logs the cause, which the client does not see.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed on our side");
        Self::from(Kind::Internal)
    }

    #[cfg(test)]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    fn body(self) -> wire::Problem {
        let (current_etag, your_etag) = self.tags.map(|tags| *tags).unzip();
        wire::Problem {
            kind: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: Some(self.detail.map_or(self.kind.advice().to_owned(), shortened)),
            errors: self
                .errors
                .into_iter()
                .map(|error| FieldError { message: shortened(error.message), ..error })
                .collect(),
            diagnostics: self.diagnostics,
            current_etag,
            your_etag,
        }
    }
}

/// A sentence may repeat what the client sent: as much of it as helps to find the mistake.
fn shortened(text: String) -> String {
    match text.char_indices().nth(limits::SENTENCE_CHARACTERS) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), diagnostics: Vec::new(), tags: None }
    }
}

impl From<store::Failure> for Problem {
    fn from(failure: store::Failure) -> Self {
        Self::from(&failure)
    }
}

impl From<&store::Failure> for Problem {
    fn from(failure: &store::Failure) -> Self {
        if failure.is_retryable() {
            tracing::warn!(%failure, "the database could not do a request's work");
            return match failure.kind() {
                FailureKind::Full => Self::new(Kind::Unavailable, FULL),
                FailureKind::NotWritable => Self::new(Kind::Unavailable, NOT_WRITABLE),
                FailureKind::Unknown if failure.is_late() => Self::new(Kind::Unavailable, LATE),
                FailureKind::Busy
                | FailureKind::Fenced
                | FailureKind::Silent
                | FailureKind::Unknown
                | FailureKind::Foreign
                | FailureKind::Encoding
                | FailureKind::NewerSchema
                | FailureKind::OlderSchema
                | FailureKind::Absent
                | FailureKind::Corrupt => Self::from(Kind::Unavailable),
            };
        }
        Self::internal(failure)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let message = rejection.to_string();
        match rejection {
            Rejection::UnknownOutcome(_) | Rejection::BadOutcome(_) => {
                Self::field("/outcome", message)
            }
            Rejection::InvalidForm { pointer, message } => {
                Self::field(format!("/form{pointer}"), message)
            }
            Rejection::InvalidInput { pointer, message } => {
                Self::field(format!("/input{pointer}"), message)
            }
            Rejection::NotAllowed { .. } => Self::new(Kind::Forbidden, message),
            Rejection::AlreadyStarted
            | Rejection::UnknownTrigger(_)
            | Rejection::Over
            | Rejection::NotWaiting(_)
            | Rejection::WrongEvent(_)
            | Rejection::NotAdmitted { .. }
            | Rejection::AlreadyClaimed { .. }
            | Rejection::NotAssignee { .. }
            | Rejection::Cancelling
            | Rejection::SlaRefused { .. }
            | Rejection::MovedOn
            | Rejection::Limit { .. } => Self::new(Kind::Conflict, message),
        }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        let message = error.to_string();
        match error {
            StartError::Rejected(rejection) => rejection.into(),
            StartError::UnknownAccount(_) => Self::field("/account", message),
            StartError::UnfitInput(_) => Self::field("/input", message),
            StartError::NotAdmitted(_)
            | StartError::NotPublished
            | StartError::Unusable(_)
            | StartError::NoTrigger(_)
            | StartError::AlreadyIn { .. }
            | StartError::CoolingDown { .. }
            | StartError::CapReached => Self::new(Kind::Conflict, message),
            StartError::Overloaded => Self::new(Kind::Overloaded, message),
            StartError::ShuttingDown => Self::new(Kind::Unavailable, message),
            StartError::Failure(failure) => failure.as_ref().into(),
        }
    }
}

impl From<NotAdmitted> for Problem {
    fn from(error: NotAdmitted) -> Self {
        let message = error.to_string();
        match error {
            NotAdmitted::Overloaded => Self::new(Kind::Overloaded, message),
            NotAdmitted::ShuttingDown | NotAdmitted::Unheard => {
                Self::new(Kind::Unavailable, message)
            }
        }
    }
}

impl From<DeliverError> for Problem {
    fn from(error: DeliverError) -> Self {
        let message = error.to_string();
        match error {
            DeliverError::NotFound => Self::new(Kind::NotFound, message),
            DeliverError::Rejected(rejection) => rejection.into(),
            DeliverError::Unusable(_) => Self::new(Kind::Conflict, message),
            DeliverError::Overloaded => Self::new(Kind::Overloaded, message),
            DeliverError::ShuttingDown => Self::new(Kind::Unavailable, message),
            DeliverError::Failure(failure) => failure.as_ref().into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.kind;
        let mut response = (kind.status(), Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match kind {
            Kind::AtWork | Kind::Overloaded | Kind::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Kind::NotSignedIn => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

/// For what PostgreSQL's standby has not confirmed.
const LATE: &str = "the database did not acknowledge this in time: it may have been done, or be done yet; send it again with the same key";

/// What a client reads while there is no room for what it sends.
const FULL: &str = "the disk of the database is full and nothing of this was kept: make room, and send it again with the same key";

/// What a client reads while the database only reads.
const NOT_WRITABLE: &str = "the database cannot be written and nothing of this was kept: send it again with the same key once it can";

/// The page that explains problems.
const PAGE: &str = include_str!("../../docs/problems.md");

/// The section of the page about one type; `None` when there is no such type.
pub(crate) fn explain(slug: &str) -> Option<&'static str> {
    let heading = format!("\n## {slug}\n");
    let start = PAGE.find(&heading)? + 1;
    let rest = &PAGE[start..];
    let end = rest[3..].find("\n## ").map_or(rest.len(), |end| end + 4);
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_heading_and_every_heading_a_type() {
        let headings: Vec<&str> =
            PAGE.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let slugs: Vec<&str> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(headings, slugs);
    }

    #[test]
    fn a_section_names_its_status_and_ends_before_the_next() {
        for kind in Kind::ALL {
            let (slug, status) = (kind.slug(), kind.status());
            let section = explain(slug).unwrap();
            assert!(section.contains(&format!("**{}.**", status.as_u16())), "{slug}");
            assert_eq!(section.matches("\n## ").count(), 0, "{slug}");
        }
        assert!(explain("no-such-problem").is_none());
    }
}
