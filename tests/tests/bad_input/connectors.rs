//! Files that are no connector, in each way a file can be none.

use std::fs;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::server::{Answer, Client};
use tests::stage::{Stage, connectors};

async fn install(admin: &Client, wasm: Vec<u8>) -> Result<Answer> {
    let request = admin.request(Method::POST, "/api/v1/connectors");
    admin.send(request.header(CONTENT_TYPE, "application/wasm").body(wasm)).await
}

async fn installed(admin: &Client) -> Result<Value> {
    Ok(admin.get("/api/v1/connectors").await?.expect(200)?["items"].clone())
}

#[tokio::test]
async fn a_file_that_is_no_connector_is_refused_in_words_and_the_installed_one_stays() -> Result<()>
{
    let stage = Stage::set().await?;
    let before = installed(&stage.admin).await?;
    let good = fs::read(connectors().join("crm.wasm"))?;
    let mut damaged = good.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let cases = [
        ("nothing", Vec::new()),
        ("text", b"this is no component at all".to_vec()),
        ("half of a head", b"\0asm".to_vec()),
        ("a core module", b"\0asm\x01\0\0\0".to_vec()),
        ("an empty component", b"\0asm\x0d\0\x01\0".to_vec()),
        ("a truncated component", good[..good.len() / 2].to_vec()),
        ("a component without its last byte", good[..good.len() - 1].to_vec()),
        ("a damaged component", damaged),
    ];
    for (what, wasm) in cases {
        let problem = install(&stage.admin, wasm).await?.problem(422, "invalid-body");
        let problem = problem.with_context(|| what.to_owned())?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        ensure!(detail.split(' ').count() >= 4, "{what} is refused in a sentence: {detail}");
        ensure!(!detail.contains('\n') && detail.len() < 400, "{what}: one line: {detail}");
        ensure!(installed(&stage.admin).await? == before, "{what} changed what is installed");
    }
    let too_large = install(&stage.admin, vec![0; 33 << 20]).await?;
    too_large.problem(413, "too-large")?;
    ensure!(installed(&stage.admin).await? == before, "the installed connector stays");
    it_still_works(&stage).await
}

async fn it_still_works(stage: &Stage) -> Result<()> {
    stage.publish("w1").await?;
    let body =
        json!({ "id": "c1", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let request = stage.admin.request(Method::POST, "/hooks/w1").header("prefer", "wait=30");
    let started = stage.admin.send(request.json(&body)).await?.expect(200)?;
    let id = started["instances"][0]["id"].as_str().context("an id")?;
    let instance = stage.admin.get(&format!("/api/v1/instances/{id}")).await?.expect(200)?;
    ensure!(instance["status"] == "running", "{instance}");
    Ok(())
}

#[tokio::test]
async fn a_connection_that_cannot_work_is_refused() -> Result<()> {
    let stage = Stage::set().await?;
    let connection = |config: Value, grants: Value| json!({ "name": "other", "connector": "crm", "config": config, "grants": grants });
    let config = json!({ "base_url": "http://127.0.0.1:1" });
    for (body, pointer) in [
        (connection(json!({}), json!({})), "/config/base_url"),
        (connection(json!({ "base_url": 7 }), json!({})), "/config/base_url"),
        (connection(config.clone(), json!({ "hosts": ["not a host"] })), "/grants"),
        (connection(config.clone(), json!({ "allow_private": ["everything"] })), "/grants"),
        (connection(json!({ "base_url": "http://a", "token": 7 }), json!({})), "/config/token"),
        (
            json!({ "name": "x", "connector": "crm", "config": config, "secrets": { "tokn": "x" } }),
            "/secrets/tokn",
        ),
        (json!({ "name": "x", "connector": "none" }), "/connector"),
    ] {
        let problem = stage.admin.post("/api/v1/connections", &body).await?;
        let problem = problem.problem(422, "invalid-body").with_context(|| body.to_string())?;
        ensure!(problem["errors"][0]["pointer"] == pointer, "{body}: {problem}");
    }
    let taken = json!({ "name": "crm", "connector": "crm", "config": config });
    stage.admin.post("/api/v1/connections", &taken).await?.problem(409, "conflict")?;
    Ok(())
}
