//! The CRM connector: keeps a customer's record in step with its journey.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use waymark_sdk::{Call, Connector, Failure, http, secrets};

#[derive(Deserialize, JsonSchema)]
struct Config {
    /// Where the CRM answers, without a trailing slash.
    #[schemars(url)]
    base_url: String,
    /// Kept as a secret: it is moved out of the configuration when the connection is saved.
    #[serde(rename = "token")]
    #[schemars(extend("writeOnly" = true))]
    _token: Option<String>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Customer {
    /// The customer's id in the CRM.
    id: Id,
    /// What the customer is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Where the customer is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// How the customer is treated.
    #[serde(skip_serializing_if = "Option::is_none")]
    segment: Option<String>,
    /// Everything else, sent as it is.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Note {
    /// The customer's id in the CRM.
    id: Id,
    /// What the note says.
    text: String,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Happening {
    /// The customer's id in the CRM.
    id: Id,
    /// What happened, sent as it is.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

fn build() -> Connector<Config> {
    Connector::new("crm", env!("CARGO_PKG_VERSION"))
        .title("CRM")
        .publisher("Waymark")
        .reaches_config_url("base_url")
        .optional_secret("token", "authorization")
        .operation("upsert", "Create or update a customer", |call, customer: Customer| {
            post(call, "upsert", &customer.id, &customer)
        })
        .operation("note", "Add a note to a customer", |call, note: Note| {
            post(call, "note", &note.id, &note)
        })
        .operation("fire", "Tell the CRM that something happened", |call, it: Happening| {
            post(call, "fire", &it.id, &it)
        })
}

waymark_sdk::connector!(build);

fn post(
    call: &Call<Config>,
    operation: &str,
    id: &Id,
    input: &impl Serialize,
) -> Result<Value, Failure> {
    let id = match id {
        Id::Number(number) => number.to_string(),
        // URL parsers resolve a lone dot segment away, even one written as %2E.
        Id::Text(text) if matches!(text.as_str(), "" | "." | "..") => {
            return Err(Failure::invalid_input(format!("`{text}` cannot be an id")));
        }
        Id::Text(text) => path_segment(text),
    };
    let url = format!("{}/crm/{operation}/{id}", call.config.base_url.trim_end_matches('/'));
    let mut request = http::post(&url).idempotent().json(input)?;
    if let Some(token) = secrets::reference("token") {
        request = request.bearer(&token);
    }
    request.send()?.ok()?.json()
}

/// `text` as one segment of a path: whatever it holds, it cannot name another path.
fn path_segment(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'.' => {
                out.push(char::from(byte))
            }
            _ => write!(out, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::path_segment;

    #[test]
    fn an_id_cannot_leave_its_path_segment() {
        assert_eq!(path_segment("7590-VHVEG"), "7590-VHVEG");
        assert_eq!(path_segment("../admin?x#y"), "..%2Fadmin%3Fx%23y");
    }
}
