//! Secrets are used, never seen: a reference stands for the value until the request leaves the host.

use crate::bindings::waymark::connector::secrets;
use crate::{Failure, FailureKind};

/// A placeholder for a secret; put it where the value belongs.
#[derive(Clone, Debug)]
pub struct Reference(pub(crate) String);

/// A reference to the secret `name`, or None when the connection has none of that name.
pub fn reference(name: &str) -> Option<Reference> {
    secrets::use_ref(name).ok().map(Reference)
}

/// The HMAC of `data` under the secret `name`; `algorithm` is `sha256` or `sha512`.
pub fn hmac(name: &str, algorithm: &str, data: &[u8]) -> Result<Vec<u8>, Failure> {
    secrets::hmac(name, algorithm, data)
        .map_err(|message| Failure::new(FailureKind::Auth, "secret.unusable", message))
}
