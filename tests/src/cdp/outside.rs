//! What happens around a page: files a person chooses, a network that is slow or keeps something back, the browser's cookies.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::page::Page;

impl Page {
    /// Chooses a file in a file field, as if it had been picked in the system's own dialog.
    pub async fn choose_file(&self, css: &str, path: &Path) -> Result<()> {
        let expression = format!("document.querySelector({})", json!(css));
        let there = format!("Boolean({expression})");
        self.wait_until(&format!("there is a file field `{css}`"), &there).await?;
        let field =
            self.session.call("Runtime.evaluate", json!({ "expression": expression })).await?;
        let field = field["result"]["objectId"].as_str().context("a field is an object")?;
        let choice = json!({ "files": [path], "objectId": field });
        self.session.call("DOM.setFileInputFiles", choice).await.map(drop)
    }

    /// Lets no request reach an address that contains `part`, as a proxy would that does not like it.
    pub async fn keep_back(&self, part: &str) -> Result<()> {
        self.session.call("Network.enable", json!({})).await?;
        let urls = json!({ "urls": [format!("*{part}*")] });
        self.session.call("Network.setBlockedURLs", urls).await.map(drop)
    }

    /// Lets the server have nothing at addresses that contain `part`, as if another version ran there by now.
    pub async fn lose(&self, part: &str) -> Result<()> {
        let (session, mut events) = (self.session.clone(), self.session.events());
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if event["method"] == "Fetch.requestPaused" {
                    let id = &event["params"]["requestId"];
                    let nothing = json!({ "requestId": id, "responseCode": 404 });
                    // Nobody waits for the answer once the page has gone elsewhere.
                    let _ = session.call("Fetch.fulfillRequest", nothing).await;
                }
            }
        });
        let patterns = json!({ "patterns": [{ "urlPattern": format!("*{part}*") }] });
        self.session.call("Fetch.enable", patterns).await.map(drop)
    }

    /// Lets the server have again what [`lose`](Self::lose) took away.
    pub async fn find_again(&self) -> Result<()> {
        self.session.call("Fetch.disable", json!({})).await.map(drop)
    }

    /// Makes every answer take at least this long; nothing makes it as fast as before.
    pub async fn answer_after(&self, latency: Duration) -> Result<()> {
        self.session.call("Network.enable", json!({})).await?;
        let conditions = json!({
            "offline": false, "latency": latency.as_millis(), "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.session.call("Network.emulateNetworkConditions", conditions).await.map(drop)
    }

    /// The cookies of the page's own server as a request carries them.
    pub async fn cookies(&self) -> Result<String> {
        let held = self.session.call("Network.getCookies", json!({})).await?;
        let held = held["cookies"].as_array().context("cookies are a list")?;
        let text = |cookie: &Value, part: &str| cookie[part].as_str().unwrap_or("").to_owned();
        let pair = |cookie: &Value| format!("{}={}", text(cookie, "name"), text(cookie, "value"));
        Ok(held.iter().map(pair).collect::<Vec<_>>().join("; "))
    }
}
