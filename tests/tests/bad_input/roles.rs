//! Who may do what: every route and every role.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::document::Document;
use tests::raw;
use tests::server::{ADMIN, Client, DESIGNER, MEMBER, Person, Server};

/// The least role that may; a stranger is less than all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    Stranger,
    Member,
    Designer,
    Admin,
}
use Least::{Admin, Designer, Member, Stranger};

const TABLE: &[(&str, &str, Least)] = &[
    ("GET", "/healthz", Stranger),
    ("GET", "/readyz", Stranger),
    ("GET", "/metrics", Stranger),
    ("GET", "/api/openapi.json", Stranger),
    ("GET", "/api/docs", Stranger),
    ("GET", "/problems/{name}", Stranger),
    ("POST", "/hooks/{slug}", Stranger),
    ("POST", "/api/v1/session", Stranger),
    ("GET", "/api/v1/session", Member),
    ("DELETE", "/api/v1/session", Member),
    ("GET", "/api/v1/workspace", Member),
    ("GET", "/api/v1/stream", Member),
    ("GET", "/api/v1/gallery", Member),
    ("GET", "/api/v1/gallery/{slug}", Member),
    ("GET", "/api/v1/journeys", Member),
    ("POST", "/api/v1/journeys", Designer),
    ("GET", "/api/v1/journeys/schema", Member),
    ("POST", "/api/v1/journeys/check", Member),
    ("GET", "/api/v1/journeys/{id}", Member),
    ("POST", "/api/v1/journeys/import", Designer),
    ("GET", "/api/v1/journeys/{id}/export", Member),
    ("GET", "/api/v1/journeys/{id}/draft", Member),
    ("PUT", "/api/v1/journeys/{id}/draft", Designer),
    ("GET", "/api/v1/journeys/{id}/versions", Member),
    ("POST", "/api/v1/journeys/{id}/versions", Designer),
    ("GET", "/api/v1/journeys/{id}/versions/{number}", Member),
    ("POST", "/api/v1/journeys/{id}/instances", Member),
    ("GET", "/api/v1/instances", Member),
    ("GET", "/api/v1/instances/{id}", Member),
    ("GET", "/api/v1/instances/{id}/records", Member),
    ("POST", "/api/v1/instances/{id}/cancel", Designer),
    ("POST", "/api/v1/instances/{id}/retry", Designer),
    ("POST", "/api/v1/instances/{id}/skip", Designer),
    ("GET", "/api/v1/tasks", Member),
    ("GET", "/api/v1/tasks/{id}", Member),
    ("POST", "/api/v1/tasks/{id}/claim", Member),
    ("POST", "/api/v1/tasks/{id}/release", Member),
    ("POST", "/api/v1/tasks/{id}/complete", Member),
    ("GET", "/api/v1/notices", Member),
    ("POST", "/api/v1/notices/seen", Member),
    ("GET", "/api/v1/accounts", Member),
    ("POST", "/api/v1/accounts", Designer),
    ("GET", "/api/v1/accounts/{id}", Member),
    ("PATCH", "/api/v1/accounts/{id}", Designer),
    ("GET", "/api/v1/users", Member),
    ("POST", "/api/v1/users", Admin),
    ("GET", "/api/v1/users/{id}", Member),
    ("PATCH", "/api/v1/users/{id}", Admin),
    ("GET", "/api/v1/teams", Member),
    ("POST", "/api/v1/teams", Admin),
    ("GET", "/api/v1/teams/{id}", Member),
    ("PATCH", "/api/v1/teams/{id}", Admin),
    ("GET", "/api/v1/tokens", Member),
    ("POST", "/api/v1/tokens", Member),
    ("DELETE", "/api/v1/tokens/{id}", Member),
    ("GET", "/api/v1/hooks", Designer),
    ("POST", "/api/v1/hooks", Designer),
    ("DELETE", "/api/v1/hooks/{slug}", Designer),
    ("GET", "/api/v1/connectors", Member),
    ("POST", "/api/v1/connectors", Admin),
    ("DELETE", "/api/v1/connectors/{id}", Admin),
    ("GET", "/api/v1/connections", Member),
    ("POST", "/api/v1/connections", Admin),
    ("DELETE", "/api/v1/connections/{id}", Admin),
    ("GET", "/api/v1/journeys/{id}/versions/{number}/flow", Member),
    ("GET", "/api/v1/journeys/{id}/versions/{number}/flow/visits", Member),
    ("GET", "/api/v1/journeys/{id}/versions/{number}/would-have", Member),
    ("GET", "/api/v1/journeys/{id}/versions/{number}/would-have/summary", Member),
    ("POST", "/api/v1/journeys/{id}/versions/{number}/would-have/{row}/mark", Member),
    ("POST", "/api/v1/journeys/{id}/versions/{number}/promote", Designer),
    ("GET", "/api/v1/journeys/{id}/versions/{number}/diff/{other}", Member),
    ("GET", "/api/v1/journeys/{id}/reviews", Member),
    ("POST", "/api/v1/journeys/{id}/reviews", Designer),
    ("GET", "/api/v1/reviews", Member),
    ("GET", "/api/v1/reviews/{id}", Member),
    ("POST", "/api/v1/reviews/{id}/decide", Designer),
    ("POST", "/api/v1/reviews/{id}/withdraw", Designer),
    ("GET", "/api/v1/backtests", Member),
    ("POST", "/api/v1/backtests", Designer),
    ("GET", "/api/v1/backtests/{id}", Member),
    ("GET", "/api/v1/backtests/{id}/runs", Member),
    ("GET", "/api/v1/backtests/{id}/runs/export", Member),
    ("POST", "/api/v1/backtests/{id}/cancel", Designer),
    ("GET", "/api/v1/settings", Member),
    ("PUT", "/api/v1/settings", Admin),
    ("GET", "/api/v1/journeys/{id}/migrations", Member),
    ("POST", "/api/v1/journeys/{id}/migrations", Designer),
    ("GET", "/api/v1/journeys/{id}/migrations/{migration}", Member),
    ("GET", "/api/v1/journeys/{id}/migrations/{migration}/instances", Member),
    ("POST", "/api/v1/journeys/{id}/migrations/{migration}/roll-back", Designer),
    ("GET", "/api/v1/journeys/{id}/why", Member),
    ("GET", "/api/v1/instances/{id}/state", Member),
    ("POST", "/api/v1/instances/{id}/end", Designer),
    ("POST", "/api/v1/instances/{id}/items", Designer),
    ("POST", "/api/v1/tasks/{id}/delegate", Member),
    ("POST", "/api/v1/tasks/{id}/send-back", Member),
    ("GET", "/api/v1/tasks/{id}/sla", Member),
    ("POST", "/api/v1/tasks/{id}/sla", Member),
    ("GET", "/api/v1/events", Member),
    ("POST", "/api/v1/events", Designer),
    ("GET", "/api/v1/events/{id}", Member),
    ("GET", "/api/v1/calendars", Member),
    ("POST", "/api/v1/calendars", Designer),
    ("GET", "/api/v1/calendars/{name}", Member),
    ("PUT", "/api/v1/calendars/{name}", Designer),
    ("DELETE", "/api/v1/calendars/{name}", Designer),
    ("POST", "/api/v1/calendars/{name}/import", Designer),
    ("PATCH", "/api/v1/connections/{id}", Admin),
    ("POST", "/api/v1/connections/{id}/try", Designer),
    ("GET", "/api/v1/nodes", Admin),
    ("POST", "/api/v1/nodes/{id}/drain", Admin),
    ("GET", "/api/v1/audit", Admin),
    ("GET", "/api/v1/audit/head", Admin),
];

#[tokio::test]
async fn each_role_may_exactly_what_the_table_says_of_every_route() -> Result<()> {
    let server = Server::start().await?;
    ensure!(routes(&server).await? == table(), "the table and the document name the same routes");
    for (role, person) in
        [(Stranger, None), (Member, Some(MEMBER)), (Designer, Some(DESIGNER)), (Admin, Some(ADMIN))]
    {
        for (method, route, least) in TABLE {
            let path = route.replace(['{', '}'], "");
            let client = caller(&server, person)?;
            let (status, kind) = ask(&client, &server, method, &path).await?;
            let refused = match (status, kind.as_str()) {
                (401, "/problems/not-signed-in") => ensured(role == Stranger)?,
                (403, "/problems/forbidden") => ensured(role != Stranger)?,
                _ => false,
            };
            ensure!(refused == (role < *least), "{method} {path} as {role:?}: {status} {kind}");
        }
    }
    Ok(())
}

/// Signed in anew for each request: one of them signs out.
fn caller(server: &Server, person: Option<Person>) -> Result<Client> {
    let Some(person) = person else { return server.stranger() };
    let output = server.command(&["token", "create", "--user", person.email, "--name", "roles"])?;
    let printed = String::from_utf8(output.stdout)?;
    let token = printed.lines().last().context("the token is the last line")?;
    Ok(server.stranger()?.with_token(token))
}

async fn ask(client: &Client, server: &Server, method: &str, path: &str) -> Result<(u16, String)> {
    if path == "/api/v1/stream" {
        let token = client.token().map(|token| format!("Authorization: Bearer {token}"));
        let headers: Vec<String> = token.into_iter().collect();
        let answer = raw::send(server.url(), &format!("{method} {path}"), &headers).await?;
        return Ok((answer.status, answer.body["type"].as_str().unwrap_or_default().to_owned()));
    }
    let answer = client.send(client.request(Method::from_bytes(method.as_bytes())?, path)).await?;
    Ok((answer.status, answer.body["type"].as_str().unwrap_or_default().to_owned()))
}

fn ensured(is_so: bool) -> Result<bool> {
    ensure!(is_so, "a stranger is told to sign in, everyone else that they may not");
    Ok(true)
}

async fn routes(server: &Server) -> Result<BTreeSet<(String, String)>> {
    let routes = Document::read(&server.stranger()?).await?.routes()?;
    Ok(routes.into_iter().map(|route| (route.method, route.path)).collect())
}

fn table() -> BTreeSet<(String, String)> {
    TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect()
}

#[tokio::test]
async fn a_member_sees_only_the_tasks_and_tokens_that_are_theirs() -> Result<()> {
    let server = Server::start().await?;
    let (admin, member) = (server.sign_in(ADMIN).await?, server.sign_in(MEMBER).await?);
    member.get("/api/v1/tasks?queue=all").await?.problem(403, "forbidden")?;
    let theirs = admin.post("/api/v1/tokens", &json!({ "name": "theirs" })).await?.expect(201)?;
    let token = format!("/api/v1/tokens/{}", theirs["id"].as_str().context("an id")?);
    member.delete(&token).await?.problem(404, "not-found")?;
    let seen = member.get("/api/v1/tokens").await?.expect(200)?;
    ensure!(seen["items"] == json!([]), "{seen}");
    admin.delete(&token).await?.expect(204)?;
    Ok(())
}
