//! Secrets within one call: a connector holds placeholders, the other system gets values, nothing brings one back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use intake::manifest::SecretNeed;
use memchr::memmem;
use secrecy::ExposeSecret;

use crate::call::Connection;
use crate::limits;

/// The placeholders of one call. The nonce keeps a placeholder from meaning anything elsewhere.
pub(crate) struct Placeholders {
    nonce: String,
}

impl Placeholders {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes)?;
        Ok(Placeholders { nonce: hex::encode(bytes) })
    }

    pub(crate) fn of(&self, name: &str) -> String {
        format!("{{{{waymark:{}:{name}}}}}", self.nonce)
    }

    /// `value` of the header `header` with placeholders replaced; Err when one stands where its secret may not go.
    pub(crate) fn fill(
        &self,
        header: &str,
        value: &str,
        connection: &Connection,
        needs: &[SecretNeed],
    ) -> Result<String, String> {
        let mut filled = value.to_owned();
        for need in needs {
            let placeholder = self.of(&need.name);
            if !filled.contains(&placeholder) {
                continue;
            }
            if !need.header.eq_ignore_ascii_case(header) {
                return Err(format!(
                    "the secret `{}` may leave only in the header `{}`, not in `{header}`",
                    need.name, need.header
                ));
            }
            let Some(secret) = connection.secrets.get(&need.name) else {
                return Err(format!("the connection has no secret `{}`", need.name));
            };
            filled = filled.replace(&placeholder, secret.expose_secret());
        }
        Ok(filled)
    }
}

/// Finds secrets, however an answer may have written them, and blots them out.
pub(crate) struct Scrubber {
    forms: Vec<(Vec<u8>, String)>,
}

impl Scrubber {
    pub(crate) fn new(connection: &Connection) -> Self {
        let long_enough = connection
            .secrets
            .iter()
            .filter(|(_, secret)| secret.expose_secret().len() >= limits::SCRUBBED_FROM);
        let mut forms: Vec<_> =
            long_enough.flat_map(|(name, secret)| forms_of(name, secret.expose_secret())).collect();
        // Longest first, so that no form leaves the tail of a longer one behind.
        forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        forms.dedup();
        Scrubber { forms }
    }

    pub(crate) fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for (form, blot) in &self.forms {
            bytes = replace(bytes, form, blot.as_bytes());
        }
        bytes
    }

    pub(crate) fn text(&self, mut text: String) -> String {
        for (form, blot) in &self.forms {
            if let Ok(form) = std::str::from_utf8(form)
                && text.contains(form)
            {
                text = text.replace(form, blot);
            }
        }
        text
    }
}

fn forms_of(name: &str, secret: &str) -> Vec<(Vec<u8>, String)> {
    let json = serde_json::Value::from(secret).to_string();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let forms = [
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        percent,
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex::encode(secret),
    ];
    forms.into_iter().map(|form| (form.into_bytes(), format!("[secret {name}]"))).collect()
}

fn replace(bytes: Vec<u8>, needle: &[u8], blot: &[u8]) -> Vec<u8> {
    let found: Vec<usize> = memmem::find_iter(&bytes, needle).collect();
    if found.is_empty() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in found {
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(blot);
        from = at + needle.len();
    }
    out.extend_from_slice(&bytes[from..]);
    out
}
