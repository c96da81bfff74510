//! What a connector says of itself, as it lies in its component.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits;

/// The custom section of a component that holds its manifest.
pub const SECTION: &str = "waymark:manifest";

/// What a connector says of itself: read without running it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the interface it was built for.
    pub wit: String,
    /// Its name in connections and journeys.
    pub id: String,
    /// Its own version.
    pub version: String,
    /// Who made it.
    #[serde(default)]
    pub publisher: String,
    /// Its name for people.
    #[serde(default)]
    pub title: String,
    /// How it signs in: none, key, basic, oauth2.
    #[serde(default)]
    pub auth: String,
    /// JSON Schema of a connection's configuration.
    pub config: Value,
    /// What it can do.
    pub operations: Vec<Operation>,
    /// What it must be allowed.
    #[serde(default)]
    pub needs: Needs,
}

/// One thing a connector can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its name in journeys.
    pub name: String,
    /// Its name for people.
    #[serde(default)]
    pub title: String,
    /// Whether a second call under the same key changes nothing.
    #[serde(default)]
    pub idempotent: bool,
    /// JSON Schema of its input.
    pub input: Value,
    /// JSON Schema of its output.
    pub output: Value,
}

/// What a connector must be allowed; the operator's grants can only narrow it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Needs {
    /// Where it sends requests.
    #[serde(default)]
    pub http: Vec<HttpNeed>,
    /// The secrets it uses.
    #[serde(default)]
    pub secrets: Vec<SecretNeed>,
    /// What it keeps in its key-value store.
    #[serde(default)]
    pub kv_bytes: u64,
}

/// One place a connector sends requests to: a host, or the origin of a URL in the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpNeed {
    /// A host, exact or with one leading wildcard label; `*` leaves the choice to the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The field of the configuration that holds the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_of: Option<String>,
}

/// One secret, and the one header it may leave in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretNeed {
    /// Its name in the connection.
    pub name: String,
    /// Whether the connector cannot work without it.
    #[serde(default)]
    pub required: bool,
    /// The header it may be placed in.
    pub header: String,
}

/// Why a manifest is refused.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Larger than any honest manifest.
    #[error("the manifest has {0} bytes; at most {max} are allowed", max = limits::MANIFEST_BYTES)]
    TooLarge(usize),
    /// Not JSON, or not of the manifest's shape.
    #[error("the manifest cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Built for an interface this host does not serve.
    #[error(
        "the connector was built for version {0} of the connector interface; this Waymark serves 1.0.0"
    )]
    Interface(String),
    /// A name that could not stand in a journey or a URL.
    #[error("`{0}` is not a name: use lower-case letters, digits, `-` and `_`, at most 64")]
    Name(String),
    /// Nothing to call.
    #[error("the manifest lists no operation")]
    NoOperation,
    /// Two operations under one name.
    #[error("the manifest lists the operation `{0}` twice")]
    Twice(String),
}

impl Manifest {
    /// Reads and checks a manifest.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        if json.len() > limits::MANIFEST_BYTES {
            return Err(ManifestError::TooLarge(json.len()));
        }
        let manifest: Manifest = serde_json::from_slice(json)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// Moves what the manifest calls a secret out of a configuration, so that it is never kept in clear.
    pub fn take_secrets(&self, config: &mut Value) -> BTreeMap<String, String> {
        let Some(fields) = config.as_object_mut() else { return BTreeMap::new() };
        let names = self.needs.secrets.iter().map(|secret| secret.name.clone());
        names
            .filter_map(|name| {
                // What is no text stays, for the configuration's schema to refuse.
                let text = fields.get(&name)?.as_str()?.to_owned();
                fields.remove(&name);
                Some((name, text))
            })
            .collect()
    }

    fn check(&self) -> Result<(), ManifestError> {
        if self.wit != "1.0.0" {
            return Err(ManifestError::Interface(self.wit.clone()));
        }
        if self.operations.is_empty() {
            return Err(ManifestError::NoOperation);
        }
        let names = std::iter::once(&self.id)
            .chain(self.operations.iter().map(|operation| &operation.name));
        if let Some(name) = names.into_iter().find(|name| !is_name(name)) {
            return Err(ManifestError::Name(name.clone()));
        }
        let mut seen = std::collections::BTreeSet::new();
        match self.operations.iter().find(|operation| !seen.insert(&operation.name)) {
            Some(twice) => Err(ManifestError::Twice(twice.name.clone())),
            None => Ok(()),
        }
    }
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
    };
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}
