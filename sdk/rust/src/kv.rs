//! A small store that outlives the call, one per connection, within the manifest's quota.

use crate::bindings::waymark::connector::kv;
use crate::{Failure, FailureKind};

/// The value under `key`, if there is one.
pub fn get(key: &str) -> Result<Option<String>, Failure> {
    kv::get(key).map_err(refused)
}

/// Keeps `value` under `key`, for `ttl_s` seconds when given.
pub fn set(key: &str, value: &str, ttl_s: Option<u32>) -> Result<(), Failure> {
    kv::set(key, value, ttl_s).map_err(refused)
}

/// Forgets `key`.
pub fn delete(key: &str) -> Result<(), Failure> {
    kv::delete(key).map_err(refused)
}

fn refused(message: String) -> Failure {
    Failure::new(FailureKind::Permanent, "kv.refused", message)
}
