//! What the mock CRM says of a customer and has been asked about them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::mock::Mock;
use crate::server::Client;

/// How often each operation of the CRM had an effect, by operation and customer.
pub async fn effects(mock: &Mock) -> Result<BTreeMap<(String, String), u64>> {
    let counts = Client::new(mock.url())?.get("/counts").await?.expect(200)?;
    let counts = counts["items"].as_array().context("the mock lists its counts")?;
    counts
        .iter()
        .filter(|count| count["system"] == "crm")
        .map(|count| {
            let text = |member: &str| count[member].as_str().context("a word").map(str::to_owned);
            let effects = count["effects"].as_u64().context("a count")?;
            Ok(((text("operation")?, text("id")?), effects))
        })
        .collect()
}

/// Every call that arrived, as `waymark verify --sink` reads them.
pub async fn arrived(mock: &Mock) -> Result<Vec<Value>> {
    let client = Client::new(mock.url())?;
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = client.get(&format!("/calls?limit=10000&after={after}")).await?.expect(200)?;
        let calls = page["items"].as_array().context("the mock lists its calls")?;
        let line = |call: &Value| json!({ "key": call["key"], "operation": call["operation"] });
        all.extend(calls.iter().filter(|call| call["key"].is_string()).map(line));
        match page["next_after"].as_u64() {
            Some(next) => after = next,
            None => return Ok(all),
        }
    }
}

/// The health the CRM gives a customer. Ask a mock that no journey uses: asking is a call like any other.
pub async fn health(client: &Client, customer: &str) -> Result<u64> {
    let path = format!("/crm/upsert/{customer}");
    let answer = client.post(&path, &json!({})).await?.expect(200)?;
    answer["health"].as_u64().with_context(|| format!("no health in {answer}"))
}
