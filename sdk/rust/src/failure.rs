use serde_json::Value;

pub use crate::bindings::waymark::connector::types::FailureKind;

/// Why an operation did not succeed; the kind decides whether it is tried again.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: FailureKind,
    code: String,
    message: String,
    retry_after_ms: Option<u64>,
    details: Option<Value>,
}

impl Failure {
    /// A failure of `kind`; `code` is for machines (`order.closed`), `message` for the person who reads the incident.
    pub fn new(kind: FailureKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Failure {
            kind,
            code: code.into(),
            message: message.into(),
            retry_after_ms: None,
            details: None,
        }
    }

    /// The input or the configuration is wrong: trying again cannot help.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(FailureKind::InvalidInput, "input.invalid", message)
    }

    /// The other system should not be asked again before this many milliseconds.
    #[must_use]
    pub fn retry_after_ms(mut self, wait: u64) -> Self {
        self.retry_after_ms = Some(wait);
        self
    }

    /// What a person may need to see, as JSON.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    #[doc(hidden)]
    pub fn into_wit(self) -> crate::bindings::waymark::connector::types::Failure {
        crate::bindings::waymark::connector::types::Failure {
            kind: self.kind,
            code: self.code,
            message: self.message,
            retry_after_ms: self.retry_after_ms,
            details: self.details.map(|details| details.to_string()),
        }
    }
}
