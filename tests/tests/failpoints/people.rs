//! Deeds with people, their teams and tokens, and accounts.

use std::fs;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::server::{MEMBER, PASSWORD};

use crate::life::{World, find, text};
use crate::lines;

/// Someone new, who is given another name and another password, signs in and signs out.
pub(crate) async fn people(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let email = format!("p{number}@example.com");
    let person = json!({ "email": email, "name": "New", "role": "member", "password": PASSWORD });
    let made = admin.post("/api/v1/users", &person).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let id = text(&find(admin, "/api/v1/users", "email", &email).await?, "id")?;
    world.keep(format!("/api/v1/users/{id}"));
    admin
        .patch(&format!("/api/v1/users/{id}"), &json!({ "name": "Renamed" }))
        .await?
        .expect(200)?;
    let reset = ["user", "reset-password", "--email", &email, "--password-stdin"];
    lines::with_password(world, &reset)?;
    let mut person = world.stage.server.stranger()?;
    person.sign_in(&email, PASSWORD).await?;
    person.delete("/api/v1/session").await?.expect(204).map(drop)
}

/// A team that somebody joins.
pub(crate) async fn teams(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let name = format!("team-{number}");
    let made = admin.post("/api/v1/teams", &json!({ "name": name, "members": [] })).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let id = text(&find(admin, "/api/v1/teams", "name", &name).await?, "id")?;
    world.keep(format!("/api/v1/teams/{id}"));
    let joined = json!({ "members": [MEMBER.email] });
    admin.patch(&format!("/api/v1/teams/{id}"), &joined).await?.expect(200).map(drop)
}

/// A token that is used and revoked.
pub(crate) async fn tokens(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let made = json!({ "name": format!("token-{number}") });
    let made = admin.post("/api/v1/tokens", &made).await?.expect(201)?;
    let program = world.stage.server.stranger()?.with_token(&text(&made, "token")?);
    program.get("/api/v1/workspace").await?.expect(200)?;
    admin.delete(&format!("/api/v1/tokens/{}", text(&made, "id")?)).await?.expect(204).map(drop)
}

/// An account that is made, changed and imported over.
pub(crate) async fn accounts(world: &World, number: u64) -> Result<()> {
    let admin = &world.stage.admin;
    let external = format!("A-{number}");
    let made = json!({ "external_id": external, "name": "Acme" });
    let made = admin.post("/api/v1/accounts", &made).await?;
    ensure!([201, 409].contains(&made.status), "{}: {}", made.status, made.body);
    let found = find(admin, "/api/v1/accounts", "external_id", &external).await?;
    let path = format!("/api/v1/accounts/{}", text(&found, "id")?);
    world.keep(path.clone());
    let change = admin.request(Method::PATCH, &path).header("if-match", "*");
    admin.send(change.json(&json!({ "name": "Acme & Co" }))).await?.expect(200)?;
    let table = world.folder.path().join(format!("accounts-{number}.csv"));
    fs::write(&table, format!("id,name\n{external},Imported\nB-{number},New\n"))?;
    let mapping = world.folder.path().join("mapping.json");
    fs::write(&mapping, json!({ "external_id": "id", "name": "name" }).to_string())?;
    let (table, mapping) = (table.display().to_string(), mapping.display().to_string());
    lines::run(world, &["import", "accounts", &table, "--mapping", &mapping])
}
