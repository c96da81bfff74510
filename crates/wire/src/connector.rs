//! Connectors and connections.

use serde::{Deserialize, Serialize};

/// An installed connector: also the answer to installing one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connector {
    pub id: String,
    pub name: String,
    pub version: String,
    /// `sha256:…` of the component.
    pub digest: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub manifest: serde_json::Value,
    /// What it asks to reach, from its manifest.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub needs: serde_json::Value,
    pub installed_at: String,
}

/// `POST /api/v1/connections`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConnection {
    pub name: String,
    /// Connector name or id.
    pub connector: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: serde_json::Value,
    #[serde(default)]
    pub secrets: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub grants: Grants,
    /// Calls going out at the same time; 64 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_at_once: Option<u32>,
    /// Calls going out in a second; as many as there are when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_second: Option<f64>,
    /// Whether designers may try operations with it: what is behind it is there for that.
    #[serde(default)]
    pub for_tests: bool,
}

/// `PATCH /api/v1/connections/{id}`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub config: Option<serde_json::Value>,
    /// Secrets to be replaced; those not named stay.
    #[serde(default)]
    pub secrets: std::collections::BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_at_once: Option<u32>,
    /// `null` takes the limit away.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub calls_per_second: Option<Option<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_tests: Option<bool>,
}

/// A member that is there, if only as `null`.
fn named<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    member: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(member).map(Some)
}

/// What an operator lets a connection reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grants {
    /// `host` or `host:port`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// CIDR ranges of private or loopback addresses that may be reached.
    #[serde(default)]
    pub allow_private: Vec<String>,
}

/// A connection, without its secrets' values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connection {
    pub id: String,
    pub name: String,
    pub connector: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub config: serde_json::Value,
    /// Names of the secrets that are set.
    pub secrets: Vec<String>,
    pub grants: Grants,
    /// Calls going out at the same time.
    pub calls_at_once: u32,
    /// Calls going out in a second; as many as there are when `null`.
    pub calls_per_second: Option<f64>,
    /// Whether designers may try operations with it.
    pub for_tests: bool,
    pub health: ConnectionHealth,
    pub created_at: String,
}

/// `POST /api/v1/connections/{id}/try`: one call, at once and once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Trial {
    pub operation: String,
    /// What the operation is given.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub input: serde_json::Value,
}

/// How a call that was tried went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tried {
    /// What the operation gave; `null` when it failed.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub output: serde_json::Value,
    /// Why it failed; `null` when it did not.
    pub failure: Option<TrialFailure>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// Why a call that was tried failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrialFailure {
    /// `invalid_input`, `auth`, `not_found`, `conflict`, `rate_limited`, `transient`, `permanent` or `internal`.
    pub kind: String,
    /// From the connector or its host, such as `http.404`.
    pub code: String,
    pub message: String,
}

/// Whether a connection is called, as the server that answers sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionHealth {
    pub breaker: Breaker,
    /// Since when it is not closed.
    pub since: Option<String>,
    /// When it is asked again with one call, while it is open.
    pub asked_again_at: Option<String>,
    /// Until when the other side wants to be left alone.
    pub told_to_wait_until: Option<String>,
}

/// Whether calls go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Breaker {
    /// Calls go out.
    #[default]
    Closed,
    /// The other side did not answer time and again: calls wait.
    Open,
    /// One call is out, or the next one will be, to see whether it answers again.
    HalfOpen,
}
