//! Every route the server names of itself, given everything a client should not send.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::document::{Document, Route};
use tests::filled::{Filled, Ids};
use tests::raw;
use tests::server::{ADMIN, Client, DESIGNER, MEMBER, Person, Server};

/// What may stand where an id is expected.
const PARTS: [&str; 16] = [
    "none",
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "%ff%fe",
    "%",
    "%C3%A9%E6%BC%A2%F0%9F%98%80",
    "'%20OR%201=1;%20--",
    "-1",
    "18446744073709551616",
    "jrn_zzzzzzzzzzzzz",
    "tsk_zzzzzzzzzzzzzzzzzzzz",
    "%7B%22a%22:1%7D",
];

/// Someone who asks, and their token.
struct Caller {
    name: &'static str,
    client: Client,
    headers: Vec<String>,
}

fn callers(server: &Server) -> Result<Vec<Caller>> {
    let stranger = Caller { name: "stranger", client: server.stranger()?, headers: Vec::new() };
    let mut callers = vec![stranger];
    for person in [MEMBER, ADMIN] {
        let token = token(server, person)?;
        callers.push(Caller {
            name: person.role,
            client: server.stranger()?.with_token(&token),
            headers: vec![format!("Authorization: Bearer {token}")],
        });
    }
    Ok(callers)
}

fn token(server: &Server, person: Person) -> Result<String> {
    let output = server.command(&["token", "create", "--user", person.email, "--name", "walk"])?;
    let printed = String::from_utf8(output.stdout)?;
    Ok(printed.lines().last().context("the token is the last line")?.to_owned())
}

/// No answer is a failure of ours, and every refusal is a whole problem.
fn judge(status: u16, content: &str, body: &Value) -> Result<()> {
    ensure!(status < 500, "{status}: {body}");
    if (400..500).contains(&status) {
        ensure!(content == "application/problem+json", "{status} as {content}: {body}");
        ensure!(body["status"] == status, "{body}");
        for member in ["type", "title", "detail"] {
            let text = body[member].as_str().unwrap_or_default();
            ensure!(!text.is_empty() && text.len() < 2_000, "{member} of {status}: {body}");
        }
    }
    Ok(())
}

async fn is_well(server: &Server) -> Result<()> {
    server.stranger()?.get("/readyz").await?.expect(200)?;
    for line in server.log().lines() {
        ensure!(!line.contains("panicked") && !line.contains("\"level\":\"ERROR\""), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn no_address_breaks_the_server() -> Result<()> {
    let server = Server::start().await?;
    let long = "x".repeat(5_000);
    let routes = Document::read(&server.stranger()?).await?.routes()?;
    for caller in callers(&server)? {
        for route in routes.iter().filter(|route| route.is_variable()) {
            for part in PARTS.into_iter().chain([long.as_str()]) {
                let line = format!("{} {}", route.method, route.with(part));
                let mut headers = caller.headers.clone();
                headers.push("Content-Length: 0".to_owned());
                let answer = raw::send(server.url(), &line, &headers).await?;
                let shown = || format!("{line} as {}", caller.name);
                judge(answer.status, answer.content_type(), &answer.body).with_context(shown)?;
                ensure!(answer.status >= 400, "{} is {}", shown(), answer.status);
            }
        }
    }
    for target in
        ["/..%2f..%2fetc%2fpasswd", "/../../etc/passwd", "/assets/%00", "/%ff", "//", "/a//b.js"]
    {
        let answer = raw::send(server.url(), &format!("GET {target}"), &[]).await?;
        judge(answer.status, answer.content_type(), &answer.body).context(target)?;
        ensure!(!answer.head.contains("root:"), "{target}");
    }
    is_well(&server).await
}

#[tokio::test]
async fn the_document_is_whole() -> Result<()> {
    let server = Server::start().await?;
    let document = Document::read(&server.stranger()?).await?;
    let mut names = BTreeSet::new();
    for (path, methods) in document.value()["paths"].as_object().context("paths")? {
        let in_braces: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        for (method, operation) in methods.as_object().context("methods")? {
            let name = operation["operationId"].as_str().context("a name")?;
            ensure!(names.insert(name.to_owned()), "{name} is the name of two operations");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let of_path = parameters.filter(|parameter| parameter["in"] == "path");
            let named: BTreeSet<&str> =
                of_path.filter_map(|parameter| parameter["name"].as_str()).collect();
            ensure!(named == in_braces, "{method} {path} describes {named:?}");
            let responses = operation["responses"].as_object().context("responses")?;
            let is_whole = |one: &Value| {
                one["description"].is_string() && one.get("content").is_none_or(Value::is_object)
            };
            ensure!(responses.values().all(is_whole), "{method} {path}: {responses:?}");
            let refused = &operation["responses"]["default"]["content"];
            ensure!(refused["application/problem+json"].is_object(), "{method} {path} may refuse");
            ensure!(
                operation["summary"].as_str().is_some_and(|text| text.len() > 5),
                "{method} {path}"
            );
        }
    }
    resolves(document.value(), document.value())
}

/// Every reference leads somewhere.
fn resolves(document: &Value, part: &Value) -> Result<()> {
    if let Some(to) = part["$ref"].as_str() {
        let found = document.pointer(to.trim_start_matches('#'));
        ensure!(found.is_some(), "{to} leads nowhere");
    }
    let members = part.as_object().into_iter().flat_map(|members| members.values());
    let items = part.as_array().into_iter().flatten();
    members.chain(items).try_for_each(|part| resolves(document, part))
}

#[tokio::test]
async fn no_query_breaks_the_server() -> Result<()> {
    let server = Server::start().await?;
    let long = "x".repeat(5_000);
    let routes = Document::read(&server.stranger()?).await?.routes()?;
    let asked = routes.iter().filter(|route| !route.query.is_empty()).count();
    ensure!(asked >= 12, "lists have queries: {asked}");
    for caller in callers(&server)? {
        for route in &routes {
            for name in route.query.iter().map(String::as_str).chain(["sort", "%00"]) {
                for value in PARTS.into_iter().chain([
                    long.as_str(),
                    "",
                    "1&limit=2",
                    "acc_0000000000001.%00",
                ]) {
                    if route.method != "GET" || route.path == "/api/v1/stream" {
                        continue;
                    }
                    let line = format!("GET {}?{name}={value}", route.with("none"));
                    let answer = raw::send(server.url(), &line, &caller.headers).await?;
                    let shown = || format!("{line} as {}", caller.name);
                    judge(answer.status, answer.content_type(), &answer.body)
                        .with_context(shown)?;
                }
            }
        }
    }
    is_well(&server).await
}

#[tokio::test]
async fn no_body_breaks_the_server() -> Result<()> {
    let server = Server::start().await?;
    let document = Document::read(&server.stranger()?).await?;
    for caller in callers(&server)? {
        for route in document.routes()? {
            let mut texts: Vec<String> =
                ["", "{", "[]", "null", "7", "\"x\"", "{}", "\u{feff}{}", "{\"a\":1}{\"b\":2}"]
                    .map(str::to_owned)
                    .into();
            let wrong = route.body.as_ref().map(|schema| document.wrong_bodies(schema));
            texts.extend(wrong.into_iter().flatten().map(|body| body.to_string()));
            for text in texts {
                let shown = || {
                    let shown: String = text.chars().take(200).collect();
                    format!("{} {} {shown} as {}", route.method, route.path, caller.name)
                };
                send(&caller.client, &route, &text).await.with_context(shown)?;
            }
        }
    }
    is_well(&server).await
}

async fn send(client: &Client, route: &Route, text: &str) -> Result<()> {
    if route.path == "/api/v1/stream" {
        return Ok(());
    }
    let method = Method::from_bytes(route.method.as_bytes())?;
    let request = client.request(method, &route.with("none"));
    let request = match text {
        "" => request,
        text => request.header(CONTENT_TYPE, "application/json").body(text.to_owned()),
    };
    let answer = client.send(request).await?;
    let content = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    judge(answer.status, content.unwrap_or_default(), &answer.body)
}

#[tokio::test]
async fn what_the_document_does_not_name_is_not_there() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.stranger()?.with_token(&token(&server, ADMIN)?);
    let document = Document::read(&admin).await?;
    let printed = server_document(&server)?;
    ensure!(*document.value() == printed, "the command line prints the same document");
    let routes = document.routes()?;
    let paths: BTreeSet<&str> = routes.iter().map(|route| route.path.as_str()).collect();
    for path in &paths {
        let methods: Vec<&str> = routes
            .iter()
            .filter(|route| route.path == *path)
            .map(|route| route.method.as_str())
            .collect();
        let at = routes
            .iter()
            .find(|route| route.path == *path)
            .context("a path has a route")?
            .with("none");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
            if methods.contains(&method) {
                continue;
            }
            let answer =
                admin.send(admin.request(Method::from_bytes(method.as_bytes())?, &at)).await?;
            answer.problem(405, "method-not-allowed").with_context(|| format!("{method} {at}"))?;
        }
        if !is_named(&paths, &format!("{path}/beyond")) && path.starts_with("/api/") {
            let answer = admin.get(&format!("{at}/beyond")).await?;
            answer.problem(404, "not-found").with_context(|| format!("{at}/beyond"))?;
        }
    }
    Ok(())
}

/// Whether the document has an address of this shape.
fn is_named(paths: &BTreeSet<&str>, address: &str) -> bool {
    let address: Vec<&str> = address.split('/').collect();
    paths.iter().any(|path| {
        let path: Vec<&str> = path.split('/').collect();
        path.len() == address.len()
            && path.iter().zip(&address).all(|(part, asked)| part.starts_with('{') || part == asked)
    })
}

fn server_document(server: &Server) -> Result<Value> {
    let output = std::process::Command::new(tests::server::waymark()?).arg("openapi").output()?;
    ensure!(output.status.success(), "openapi beside {}", server.url());
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn a_get_changes_nothing() -> Result<()> {
    let Filled { stage, ids } = Filled::new(&[]).await?;
    let document = Document::read(&stage.admin).await?;
    let before = dump(&stage.admin, &document, &ids).await?;
    ensure!(
        before.len() >= 13
            && before
                .iter()
                .all(|(path, list)| path.ends_with("/migrations") || list["items"] != json!([])),
        "something of everything is there: {before:#?}"
    );
    for person in [MEMBER, DESIGNER] {
        // Signing in is written down; what is compared is read after it.
        let client = stage.server.sign_in(person).await?;
        let before = dump(&stage.admin, &document, &ids).await?;
        for route in document.routes()?.iter().filter(|route| route.method == "GET") {
            for address in [ids.fit(route), route.with("none")] {
                if route.path == "/api/v1/stream" {
                    continue;
                }
                let answer = client.get(&address).await?;
                ensure!(answer.status < 500, "{address}: {}", answer.body);
                let head = client.send(client.request(Method::HEAD, &address)).await?;
                ensure!(head.status == answer.status && head.body == Value::Null, "HEAD {address}");
            }
        }
        let after = dump(&stage.admin, &document, &ids).await?;
        ensure!(after == before, "reading as {} changed something: {after:#?}", person.role);
    }
    Ok(())
}

/// Every list there is.
async fn dump(admin: &Client, document: &Document, ids: &Ids) -> Result<BTreeMap<String, Value>> {
    let mut dump = BTreeMap::new();
    // What lies under an event or a migration is nothing when there is none.
    let is_there = |path: &String| {
        !["/api/v1/events/{id}", "{migration}", "/would-have"]
            .iter()
            .any(|part| path.contains(part))
    };
    for path in document.lists()?.into_iter().filter(is_there) {
        let list = Route { method: "GET".to_owned(), path, query: Vec::new(), body: None };
        let all = if list.path == "/api/v1/tasks" { "&queue=all" } else { "" };
        let address = format!("{}?limit=500{all}", ids.fit(&list));
        dump.insert(list.path, admin.get(&address).await?.expect(200)?);
    }
    Ok(dump)
}
