//! What connectors say of themselves.

use crate::check_sentence;
use intake::manifest::Manifest;
use serde_json::{Value, json};

pub(crate) const WORDS: &[&str] = &[
    "wit",
    "1.0.0",
    "id",
    "version",
    "publisher",
    "title",
    "auth",
    "key",
    "config",
    "operations",
    "needs",
    "http",
    "host",
    "origin_of",
    "secrets",
    "name",
    "required",
    "header",
    "kv_bytes",
    "idempotent",
    "input",
    "output",
    "crm",
    "add",
    "type",
    "object",
    "properties",
    "*.example.com",
];

pub(crate) fn holds(input: &[u8]) {
    let manifest = match Manifest::parse(input) {
        Ok(manifest) => manifest,
        Err(error) => return check_sentence(&error.to_string()),
    };
    let written = serde_json::to_vec(&manifest).expect("a manifest can be written");
    assert_eq!(Manifest::parse(&written).ok().as_ref(), Some(&manifest), "written, it is the same");
    let mut names: Vec<&str> =
        manifest.operations.iter().map(|operation| operation.name.as_str()).collect();
    for name in &names {
        assert!(manifest.operation(name).is_some_and(|operation| operation.name == *name));
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), manifest.operations.len(), "no two operations have one name");
    check_secrets(&manifest);
}

/// What it calls a secret is never left in clear.
fn check_secrets(manifest: &Manifest) {
    let needed = manifest.needs.secrets.iter().map(|secret| secret.name.clone());
    let mut config = Value::Object(needed.map(|name| (name, json!("hush"))).collect());
    let taken = manifest.take_secrets(&mut config);
    assert_eq!(config, json!({}), "{taken:?}");
    assert!(manifest.needs.secrets.iter().all(|secret| taken.contains_key(&secret.name)));
}
