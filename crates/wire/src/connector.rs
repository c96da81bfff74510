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
    pub created_at: String,
}
