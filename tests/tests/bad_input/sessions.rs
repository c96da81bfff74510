//! Sessions that are over, never were, or are used from another site.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use journey::Timestamp;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Database, Directory};
use tests::server::{ADMIN, MEMBER, PASSWORD, Server};
use tests::webhook;
use tokio::time::Instant;

const WHO: &str = "/api/v1/session";

#[tokio::test]
async fn a_session_that_was_closed_or_has_expired_is_none() -> Result<()> {
    let server = Server::start().await?;
    let member = server.sign_in(MEMBER).await?;
    member.get(WHO).await?.expect(200)?;
    member.delete(WHO).await?.expect(204)?;
    member.get(WHO).await?.problem(401, "not-signed-in")?;

    let store = Database::open(&server.database(), 1).await?;
    let user = store.user_by_email(MEMBER.email).await?.context("a user")?.user;
    let now = Timestamp(webhook::now()? * 1000);
    for (secret, expires, status) in [("still-open", 60_000, 200), ("run-out", -1, 401)] {
        let hash = Sha256::digest(secret.as_bytes()).into();
        store.open_session(&hash, user.id, now, now.plus(expires)).await?;
        let client = server.stranger()?.with_cookie(&format!("waymark_session={secret}"));
        let answer = client.get(WHO).await?;
        ensure!(answer.status == status, "{secret}: {}", answer.body);
        if status == 401 {
            answer.problem(401, "not-signed-in")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_its_user() -> Result<()> {
    let server = Server::start().await?;
    let (admin, member) = (server.sign_in(ADMIN).await?, server.sign_in(MEMBER).await?);
    let me = member.get(WHO).await?.expect(200)?;
    let user = format!("/api/v1/users/{}", me["user"].as_str().context("an id")?);
    let new = json!({ "password": "another long password" });
    member.patch(&user, &new).await?.problem(403, "forbidden")?;
    admin.patch(&user, &new).await?.expect(200)?;
    member.get(WHO).await?.problem(401, "not-signed-in")?;
    let mut again = server.stranger()?;
    ensure!(again.sign_in(MEMBER.email, PASSWORD).await.is_err(), "the old one is of no use");
    again.sign_in(MEMBER.email, "another long password").await
}

#[tokio::test]
async fn a_role_taken_away_is_gone_at_once_and_one_administrator_stays() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let me = admin.get(WHO).await?.expect(200)?;
    let myself = format!("/api/v1/users/{}", me["user"].as_str().context("an id")?);
    let demoted = json!({ "role": "member" });
    admin.patch(&myself, &demoted).await?.problem(409, "conflict")?;
    let second = json!({ "email": "second@example.com", "name": "Second", "role": "admin", "password": PASSWORD });
    admin.post("/api/v1/users", &second).await?.expect(201)?;
    admin.patch(&myself, &demoted).await?.expect(200)?;
    admin.get("/api/v1/audit").await?.problem(403, "forbidden")?;
    Ok(())
}

#[tokio::test]
async fn made_up_credentials_are_refused_alike() -> Result<()> {
    let server = Server::start().await?;
    let stranger = server.stranger()?;
    for cookie in
        ["waymark_session=", "waymark_session=made-up", "other=1", "waymark_session=\"; DROP"]
    {
        stranger.clone().with_cookie(cookie).get(WHO).await?.problem(401, "not-signed-in")?;
    }
    for token in ["wmk_made-up", "", "a b c"] {
        stranger.clone().with_token(token).get(WHO).await?.problem(401, "not-signed-in")?;
    }
    let basic = stranger.request(Method::GET, WHO).header("authorization", "Basic YTpi");
    stranger.send(basic).await?.problem(401, "not-signed-in")?;
    let sign_in = |email: &str, password: &str| json!({ "email": email, "password": password });
    let mut seen = Vec::new();
    for body in [
        sign_in(MEMBER.email, "the wrong password"),
        sign_in("nobody@example.com", PASSWORD),
        sign_in("", ""),
        sign_in(MEMBER.email, &"x".repeat(100_000)),
    ] {
        seen.push(stranger.post(WHO, &body).await?.problem(401, "wrong-credentials")?);
    }
    ensure!(seen.iter().all(|problem| *problem == seen[0]), "one answer for all: {seen:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_is_asked_to_come_back_and_harms_nobody_else() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let wrong = json!({ "email": MEMBER.email, "password": "the wrong password" });
    let flood: Vec<_> = (0..300)
        .map(|_| {
            let (stranger, wrong) = (server.stranger()?, wrong.clone());
            Ok(tokio::spawn(async move { stranger.post(WHO, &wrong).await }))
        })
        .collect::<Result<_>>()?;
    let asked = Instant::now();
    admin.get(WHO).await?.expect(200)?;
    ensure!(asked.elapsed() < Duration::from_secs(5), "others wait {:?}", asked.elapsed());
    let mut turned_away = 0;
    for one in flood {
        let answer = one.await??;
        if answer.status == 429 {
            ensure!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
            answer.problem(429, "overloaded")?;
            turned_away += 1;
        } else {
            answer.problem(401, "wrong-credentials")?;
        }
    }
    ensure!(turned_away > 0, "nobody was turned away");
    server.sign_in(MEMBER).await?;
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookie() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let cookie = admin.cookie().context("a session")?.to_owned();
    let forged = |origin: Option<&str>, site: Option<&str>| {
        // A client without a session of its own sends no origin of its own.
        let request = server.stranger()?.request(Method::POST, "/api/v1/journeys");
        let mut request = request.header("cookie", &cookie).json(&json!({ "name": "Theirs" }));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        anyhow::Ok(request.timeout(Duration::from_secs(10)))
    };
    for (origin, site) in [
        (Some("https://evil.example"), None),
        (Some("null"), None),
        (Some("https://evil.example"), Some("cross-site")),
        (None, Some("cross-site")),
        (None, Some("same-site")),
    ] {
        admin.send(forged(origin, site)?).await?.problem(403, "cross-site")?;
    }
    let sign_in = server.stranger()?.request(Method::POST, WHO);
    let sign_in = sign_in
        .header("origin", "https://evil.example")
        .json(&json!({ "email": ADMIN.email, "password": PASSWORD }));
    admin.send(sign_in).await?.problem(403, "cross-site")?;
    let journeys = admin.get("/api/v1/journeys").await?.expect(200)?;
    ensure!(journeys["items"] == json!([]), "nothing was made: {journeys}");
    let ours = server.url().to_owned();
    admin.send(forged(Some(&ours), None)?).await?.expect(201)?;
    admin.send(forged(None, Some("same-origin"))?).await?.expect(201)?;
    Ok(())
}
