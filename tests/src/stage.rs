//! A workspace ready for journeys: the crm connector installed, a connection to the mock systems, a team, an example published.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::mock::Mock;
use crate::server::{ADMIN, Client, MEMBER, Server};

/// The team that the examples' tasks go to.
pub const TEAM: &str = "onboarding";

/// A server beside the outside systems its journeys call.
pub struct Stage {
    /// The product.
    pub server: Server,
    /// The world around it.
    pub mock: Mock,
    /// A signed-in administrator.
    pub admin: Client,
    /// The id of the installed crm connector.
    pub crm: String,
}

impl Stage {
    /// Starts both and connects them.
    pub async fn set() -> Result<Self> {
        Self::set_in(&[]).await
    }

    /// Starts both and connects them; the server keeps its workspace in a new PostgreSQL database.
    pub async fn set_on_postgres() -> Result<Self> {
        Self::set_in(&[("WAYMARK_DATABASE_URL", scratch::database().await)]).await
    }

    /// Starts both and connects them; the server has these variables in its environment.
    pub async fn set_in(environment: &[(&'static str, String)]) -> Result<Self> {
        let (server, mock) = (Server::start_in(environment).await?, Mock::start()?);
        let admin = server.sign_in(ADMIN).await?;
        let crm = install_crm(&admin).await?;
        let connection = json!({
            "name": "crm",
            "connector": "crm",
            "config": { "base_url": mock.url() },
            "grants": { "hosts": [host(mock.url())], "allow_private": ["127.0.0.0/8"] },
        });
        admin.post("/api/v1/connections", &connection).await?.expect(201)?;
        let team = json!({ "name": TEAM, "members": [MEMBER.email] });
        admin.post("/api/v1/teams", &team).await?.expect(201)?;
        Ok(Self { server, mock, admin, crm })
    }

    /// Starts the live version of a journey for an account, by its external id; gives the instance's id.
    pub async fn start(&self, journey: &str, account: &str) -> Result<String> {
        let path = format!("/api/v1/journeys/{journey}/instances");
        let body = json!({ "account": account, "input": {} });
        let started = self.admin.post(&path, &body).await?.expect(202)?;
        Ok(started["id"].as_str().context("a started instance has an id")?.to_owned())
    }

    /// Publishes the example journey of that name and gives its id.
    pub async fn publish(&self, example: &str) -> Result<String> {
        self.publish_draft(&example_draft(example)?).await
    }

    /// Publishes a journey and gives its id.
    pub async fn publish_draft(&self, draft: &Value) -> Result<String> {
        let body = json!({ "name": draft["name"], "draft": draft });
        let made = self.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
        let id = made["id"].as_str().context("a created journey has an id")?.to_owned();
        let path = format!("/api/v1/journeys/{id}/versions");
        self.admin.post(&path, &json!({ "mode": "live" })).await?.expect(201)?;
        Ok(id)
    }

    /// Waits until an instance has ended or waits for a person, and gives how it stands.
    pub async fn rest(&self, instance: &str) -> Result<Value> {
        let path = format!("/api/v1/instances/{instance}");
        let until = Instant::now() + REST;
        loop {
            let seen = self.admin.get(&path).await?.expect(200)?;
            let waits = seen["waits"].as_array().context("an instance says what it waits for")?;
            if seen["status"] != "running" || waits.iter().any(|wait| wait["kind"] == "task") {
                return Ok(seen);
            }
            ensure!(Instant::now() < until, "{instance} did not come to rest: {seen}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// How long an instance may take to come to rest.
const REST: Duration = Duration::from_mins(2);

/// An example journey as it ships.
pub fn example_draft(name: &str) -> Result<Value> {
    let path = root().join("examples/journeys").join(name).with_extension("json");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// The folder with the built connectors.
pub fn connectors() -> PathBuf {
    std::env::var_os("WAYMARK_CONNECTORS_DIR")
        .map_or_else(|| root().join("target/connectors"), PathBuf::from)
}

async fn install_crm(admin: &Client) -> Result<String> {
    let path = connectors().join("crm.wasm");
    let wasm = fs::read(&path)
        .with_context(|| format!("{}: run `cargo xtask connectors`", path.display()))?;
    let request = admin.request(Method::POST, "/api/v1/connectors");
    let request = request.header(CONTENT_TYPE, "application/wasm").body(wasm);
    let made = admin.send(request).await?.expect(201)?;
    Ok(made["id"].as_str().context("an installed connector has an id")?.to_owned())
}

fn host(url: &str) -> &str {
    url.trim_start_matches("http://")
}
