//! A secret is used and never told: not in the log, however much is logged, not in an answer, not in a file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::document::Document;
use tests::filled::Filled;
use tests::server::{ADMIN, Client, DESIGNER, MEMBER};
use tests::stage::Stage;
use tests::webhook::{self, Delivery};

const IN_CONFIG: &str = "conn-secret-in-config-5f1c9a7e";
const IN_SECRETS: &str = "conn-secret-in-secrets-83b2d4c6";
const USER_PASSWORD: &str = "password of a new user 19e7";
const RESET_PASSWORD: &str = "password after a reset 77c0";
const WRONG_PASSWORD: &str = "password that is wrong 4d2b";

/// What must not be found, and what it is.
type Secret = (&'static str, String);

#[tokio::test]
async fn no_secret_is_logged_answered_or_kept_in_the_clear() -> Result<()> {
    let mut filled = Filled::new(&[("WAYMARK_LOG", "trace".to_owned())]).await?;
    let mut secrets: Vec<Secret> = vec![
        ("a connection's secret in its config", IN_CONFIG.to_owned()),
        ("a connection's secret", IN_SECRETS.to_owned()),
        ("a password", USER_PASSWORD.to_owned()),
        ("a new password", RESET_PASSWORD.to_owned()),
        ("a wrong password", WRONG_PASSWORD.to_owned()),
        (
            "a session",
            filled.stage.admin.cookie().context("a cookie")?.replace("waymark_session=", ""),
        ),
    ];
    connect(&filled.stage).await?;
    secrets.extend(sign_in_and_fail(&filled.stage).await?);
    secrets.extend(make_token(&filled.stage).await?);
    secrets.extend(make_hook(&filled).await?);

    answers_hold_none(&filled, &secrets).await?;
    let log = filled.stage.server.log();
    ensure!(log.contains("\"level\":\"TRACE\""), "everything is logged");
    files_hold_none(filled.stage.server.data(), &secrets)?;
    // What was only in memory is on disk after a good end, what was only on its way after a bad one.
    filled.stage.server.kill()?;
    files_hold_none(filled.stage.server.data(), &secrets)?;
    filled.stage.server.restart().await?;
    answers_hold_none(&filled, &secrets).await?;
    filled.stage.server.stop().await?;
    files_hold_none(filled.stage.server.data(), &secrets)
}

/// Two connections with a secret each, called well and badly.
async fn connect(stage: &Stage) -> Result<()> {
    let url = stage.mock.url();
    let grants =
        json!({ "hosts": [url.trim_start_matches("http://")], "allow_private": ["127.0.0.0/8"] });
    for (name, config, secrets) in [
        ("by-config", json!({ "base_url": url, "token": IN_CONFIG }), json!({})),
        ("by-secrets", json!({ "base_url": url }), json!({ "token": IN_SECRETS })),
    ] {
        let connection = json!({ "name": name, "connector": "crm", "config": config, "secrets": secrets, "grants": grants });
        stage.admin.post("/api/v1/connections", &connection).await?.expect(201)?;
        call(stage, name).await?;
        let control = Client::new(stage.mock.url())?;
        let refuse = json!({ "error_status": 400, "fail_next": 1 });
        ensure!(control.put("/control", &refuse).await?.status < 300, "the mock is set");
        call(stage, name).await?;
    }
    Ok(())
}

/// A journey of one call through this connection.
async fn call(stage: &Stage, connection: &str) -> Result<()> {
    let draft = json!({
        "format": 1, "name": connection,
        "nodes": [
            { "id": "start", "kind": "trigger", "on": { "type": "manual" } },
            { "id": "note", "kind": "action", "connection": connection, "operation": "note",
              "input": { "id": "'c1'", "text": "'hello'" }, "retry": { "attempts": 1 } },
            { "id": "done", "kind": "end", "outcome": "done" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "note" }, { "id": "e2", "from": "note", "to": "done" }]
    });
    let body = json!({ "name": connection, "draft": draft });
    let made = stage.admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    let journey = format!("/api/v1/journeys/{}", made["id"].as_str().context("an id")?);
    stage
        .admin
        .post(&format!("{journey}/versions"), &json!({ "mode": "live" }))
        .await?
        .expect(201)?;
    let start = stage.admin.request(Method::POST, &format!("{journey}/instances"));
    let start = start.header("prefer", "wait=30").json(&json!({}));
    stage.admin.send(start).await?.expect(200)?;
    Ok(())
}

async fn sign_in_and_fail(stage: &Stage) -> Result<Vec<Secret>> {
    let user = json!({ "email": "new@example.com", "name": "New", "role": "member", "password": USER_PASSWORD });
    let made = stage.admin.post("/api/v1/users", &user).await?.expect(201)?;
    let mut client = stage.server.stranger()?;
    client.sign_in("new@example.com", USER_PASSWORD).await?;
    ensure!(
        client.clone().sign_in("new@example.com", WRONG_PASSWORD).await.is_err(),
        "it is wrong"
    );
    let path = format!("/api/v1/users/{}", made["id"].as_str().context("an id")?);
    stage.admin.patch(&path, &json!({ "password": RESET_PASSWORD })).await?.expect(200)?;
    client.sign_in("new@example.com", RESET_PASSWORD).await?;
    let session = client.cookie().context("a cookie")?.replace("waymark_session=", "");
    Ok(vec![("another session", session)])
}

/// A token made twice under one key: its answer is kept to be given again.
async fn make_token(stage: &Stage) -> Result<Vec<Secret>> {
    let make =
        || stage.admin.request(Method::POST, "/api/v1/tokens").header("idempotency-key", "one");
    let first = stage.admin.send(make().json(&json!({ "name": "ci" }))).await?.expect(201)?;
    let again = stage.admin.send(make().json(&json!({ "name": "ci" }))).await?.expect(201)?;
    ensure!(first == again, "the first answer is given again");
    let token = first["token"].as_str().context("a token")?.to_owned();
    stage.server.stranger()?.with_token(&token).get("/api/v1/session").await?.expect(200)?;
    Ok(vec![("a token", token)])
}

async fn make_hook(filled: &Filled) -> Result<Vec<Secret>> {
    let stage = &filled.stage;
    let hook = json!({ "slug": "sealed", "journey": filled.ids.get("/api/v1/journeys/")? });
    let made = stage.admin.post("/api/v1/hooks", &hook).await?.expect(201)?;
    let secret = made["secret"].as_str().context("a secret")?.to_owned();
    let body =
        json!({ "id": "c2", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let body = body.to_string();
    let delivery = Delivery { id: "msg_1", sent: webhook::now()?, body: &body };
    let request = stage.admin.request(Method::POST, "/hooks/sealed");
    stage.admin.send(delivery.sign(request, &secret)?).await?.expect(202)?;
    let bare = secret.trim_start_matches("whsec_").to_owned();
    Ok(vec![("a hook's secret", secret), ("a hook's key", bare)])
}

async fn answers_hold_none(filled: &Filled, secrets: &[Secret]) -> Result<()> {
    let routes = Document::read(&filled.stage.admin).await?.routes()?;
    for person in [MEMBER, DESIGNER, ADMIN] {
        let client = filled.stage.server.sign_in(person).await?;
        for route in
            routes.iter().filter(|route| route.method == "GET" && route.path != "/api/v1/stream")
        {
            let address = filled.ids.fit(route);
            let answer = client.get(&address).await?;
            let text = format!("{:?} {}", answer.headers, answer.body);
            let found = secrets.iter().find(|(_, secret)| text.contains(secret.as_str()));
            ensure!(found.is_none(), "GET {address} as {} tells {:?}", person.role, found);
        }
        let incidents = client.get("/api/v1/instances?status=incident").await?.expect(200)?;
        for incident in incidents["items"].as_array().into_iter().flatten() {
            let path = format!("/api/v1/instances/{}", incident["id"].as_str().context("an id")?);
            let (detail, records) =
                (client.get(&path).await?, client.get(&format!("{path}/records")).await?);
            holds_none(&[detail.body, records.body], secrets)?;
        }
        ensure!(incidents["items"].as_array().is_some_and(|items| items.len() == 2), "{incidents}");
    }
    Ok(())
}

fn holds_none(values: &[Value], secrets: &[Secret]) -> Result<()> {
    for value in values {
        let text = value.to_string();
        let found = secrets.iter().find(|(_, secret)| text.contains(secret.as_str()));
        ensure!(found.is_none(), "{found:?} in {value}");
    }
    Ok(())
}

fn files_hold_none(folder: &Path, secrets: &[Secret]) -> Result<()> {
    let files = files(folder)?;
    ensure!(files.iter().any(|file| file.ends_with("waymark.sqlite")), "{files:?}");
    for file in files {
        let bytes = fs::read(&file)?;
        for (what, secret) in secrets {
            let at = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
            if let Some(at) = at {
                let around = &bytes[at.saturating_sub(200)..(at + 200).min(bytes.len())];
                let around = String::from_utf8_lossy(around);
                anyhow::bail!("{what} lies in {}: {around}", file.display());
            }
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// With a new key nothing that the old one sealed can be read: secrets are given anew, in the place they had.
#[tokio::test]
async fn a_connection_takes_its_secrets_anew_when_their_key_is_lost() -> Result<()> {
    let mut stage = Stage::set().await?;
    let connection = json!({
        "name": "sealed", "connector": "crm", "config": { "base_url": stage.mock.url() },
        "secrets": { "token": IN_SECRETS }, "grants": { "hosts": [], "allow_private": [] },
    });
    let made = stage.admin.post("/api/v1/connections", &connection).await?.expect(201)?;
    let path = format!("/api/v1/connections/{}", made["id"].as_str().context("an id")?);
    let draft = json!({ "name": "Signed" });
    let journey = stage.admin.post("/api/v1/journeys", &draft).await?.expect(201)?;
    let hook = json!({ "slug": "signed", "journey": journey["id"] });
    stage.admin.post("/api/v1/hooks", &hook).await?.expect(201)?;
    stage.server.stop().await?;
    fs::remove_file(stage.server.data().join("secrets.key"))?;
    stage.server.restart_with(&["--new-key"]).await?;
    let admin = stage.server.sign_in(ADMIN).await?;

    let refused = admin.patch(&path, &json!({ "calls_at_once": 3 })).await?.expect(409)?;
    let why = refused["detail"].as_str().unwrap_or_default();
    ensure!(why.contains("sealed with a key that is gone"), "{refused}");
    let anew = json!({ "secrets": { "token": "another" } });
    admin.patch(&path, &anew).await?.expect(200)?;
    admin.patch(&path, &json!({ "calls_at_once": 3 })).await?.expect(200)?;
    // Nothing of one without secrets was lost, and each of the others was named.
    let held = admin.get("/api/v1/connections").await?.expect(200)?;
    let crm = held["items"].as_array().into_iter().flatten().find(|one| one["name"] == "crm");
    let crm = crm.and_then(|crm| crm["id"].as_str()).context("an id")?;
    let change = json!({ "calls_at_once": 3 });
    admin.patch(&format!("/api/v1/connections/{crm}"), &change).await?.expect(200)?;
    let log = stage.server.log();
    let named = |what: &str| log.contains(&format!("the secrets of {what} were sealed with a key"));
    ensure!(named("the connection 'sealed'") && named("the hook 'signed'"), "{log}");
    ensure!(!named("the connection 'crm'"), "{log}");
    // What is sent there is kept by whoever sends it until there is a secret again.
    let sent = stage.server.stranger()?.post("/hooks/signed", &json!({})).await?;
    let refused = sent.problem(503, "unavailable")?;
    ensure!(
        refused["detail"].as_str().is_some_and(|why| why.contains("make it again")),
        "{refused}"
    );
    Ok(())
}
