use serde::Serialize;
use serde_json::Value;

/// What `describe` answers; the host reads the same fields.
#[derive(Serialize)]
pub(crate) struct Manifest {
    pub(crate) wit: &'static str,
    pub(crate) id: &'static str,
    pub(crate) version: &'static str,
    pub(crate) publisher: &'static str,
    pub(crate) title: &'static str,
    pub(crate) auth: &'static str,
    pub(crate) config: Value,
    pub(crate) operations: Vec<OperationManifest>,
    pub(crate) needs: Needs,
}

#[derive(Serialize)]
pub(crate) struct OperationManifest {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) idempotent: bool,
    pub(crate) input: Value,
    pub(crate) output: Value,
}

#[derive(Clone, Default, Serialize)]
pub(crate) struct Needs {
    pub(crate) http: Vec<HttpNeed>,
    pub(crate) secrets: Vec<SecretNeed>,
    pub(crate) kv_bytes: u64,
}

#[derive(Clone, Serialize)]
pub(crate) struct HttpNeed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin_of: Option<&'static str>,
}

#[derive(Clone, Serialize)]
pub(crate) struct SecretNeed {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) header: &'static str,
}
