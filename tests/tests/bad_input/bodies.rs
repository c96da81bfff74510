//! Bodies that are no JSON, have wrong, missing or unknown members, or are too large.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::document::Document;
use tests::raw;
use tests::server::{ADMIN, Client, Server};

/// Every address that takes a JSON body.
const TAKING: [(&str, &str); 39] = [
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/journeys"),
    ("POST", "/api/v1/journeys/check"),
    ("POST", "/api/v1/journeys/import"),
    ("PUT", "/api/v1/journeys/{journey}/draft"),
    ("POST", "/api/v1/journeys/{journey}/versions"),
    ("POST", "/api/v1/journeys/{journey}/reviews"),
    ("POST", "/api/v1/reviews/{any}/decide"),
    ("PUT", "/api/v1/settings"),
    ("POST", "/api/v1/backtests"),
    ("POST", "/api/v1/journeys/{journey}/instances"),
    ("POST", "/api/v1/instances/{any}/cancel"),
    ("POST", "/api/v1/instances/{any}/skip"),
    ("POST", "/api/v1/instances/{any}/end"),
    ("POST", "/api/v1/instances/{any}/items"),
    ("POST", "/api/v1/tasks/{any}/complete"),
    ("POST", "/api/v1/tasks/{any}/delegate"),
    ("POST", "/api/v1/tasks/{any}/send-back"),
    ("POST", "/api/v1/tasks/{any}/sla"),
    ("POST", "/api/v1/notices/seen"),
    ("POST", "/api/v1/events"),
    ("POST", "/api/v1/calendars"),
    ("PUT", "/api/v1/calendars/{any}"),
    ("POST", "/api/v1/journeys/{journey}/migrations"),
    ("POST", "/api/v1/journeys/{journey}/migrations/{any}/roll-back"),
    ("POST", "/api/v1/journeys/{journey}/versions/1/promote"),
    ("POST", "/api/v1/journeys/{journey}/versions/1/would-have/{any}/mark"),
    ("POST", "/api/v1/accounts"),
    ("PATCH", "/api/v1/accounts/{any}"),
    ("POST", "/api/v1/users"),
    ("PATCH", "/api/v1/users/{any}"),
    ("POST", "/api/v1/teams"),
    ("PATCH", "/api/v1/teams/{any}"),
    ("POST", "/api/v1/tokens"),
    ("POST", "/api/v1/hooks"),
    ("POST", "/api/v1/connections"),
    ("PATCH", "/api/v1/connections/{any}"),
    ("POST", "/api/v1/connections/{any}/try"),
    ("POST", "/hooks/open"),
];

struct Bench {
    server: Server,
    admin: Client,
    journey: String,
}

/// A server with one journey and an account called A1.
async fn bench() -> Result<Bench> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let made = admin.post("/api/v1/journeys", &json!({ "name": "First" })).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?.to_owned();
    let account = json!({ "external_id": "A1", "name": "Acme" });
    admin.post("/api/v1/accounts", &account).await?.expect(201)?;
    Ok(Bench { server, admin, journey })
}

impl Bench {
    fn path(&self, route: &str) -> String {
        route.replace("{journey}", &self.journey).replace("{any}", "A1")
    }

    async fn send(&self, method: &str, route: &str, text: &str) -> Result<tests::server::Answer> {
        let method = Method::from_bytes(method.as_bytes())?;
        self.admin.send_text(method, &self.path(route), text).await
    }
}

#[tokio::test]
async fn text_that_is_no_json_is_malformed_with_its_line_everywhere() -> Result<()> {
    let bench = bench().await?;
    let routes = Document::read(&bench.admin).await?.routes()?;
    let taking = routes.iter().filter(|route| route.body.is_some()).count();
    ensure!(taking == TAKING.len(), "the test does not know every address: {routes:?}");
    for (method, route) in TAKING {
        // A hook first asks whether there is such a hook.
        if route.starts_with("/hooks/") {
            continue;
        }
        for text in ["{\n  \"name\": ", "", "nonsense", "{} {}", "{\"name\": \"\u{0}\"}"] {
            let answer = bench.send(method, route, text).await?;
            let problem = answer.problem(400, "malformed-body");
            let problem = problem.with_context(|| format!("{method} {route} {text:?}"))?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            ensure!(detail.contains("line "), "{method} {route}: {detail}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused_everywhere() -> Result<()> {
    let bench = bench().await?;
    for (method, route) in TAKING.into_iter().filter(|(_, route)| !route.starts_with("/hooks/")) {
        for text in [
            "[]",
            "[null, null]",
            " [\"a@b.c\", \"password\", [], {}]",
            "7",
            "\"x\"",
            "null",
            "true",
        ] {
            let answer = bench.send(method, route, text).await?;
            let problem = answer.problem(422, "invalid-body");
            let problem = problem.with_context(|| format!("{method} {route} {text}"))?;
            ensure!(problem["errors"][0]["pointer"] == "", "{method} {route} {text}: {problem}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_malformed() -> Result<()> {
    let bench = bench().await?;
    for bytes in [
        b"{\"name\":\"M\xfcller\"}".as_slice(),
        b"\xff\xfe{\0}\0",
        b"\0",
        b"{\"name\":\"\\ud800\"}",
    ] {
        let request = bench.admin.request(Method::POST, "/api/v1/journeys");
        let request = request.header(CONTENT_TYPE, "application/json").body(bytes);
        let answer = bench.admin.send(request).await?;
        answer.problem(400, "malformed-body").with_context(|| format!("{bytes:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn another_content_type_is_refused_everywhere() -> Result<()> {
    let bench = bench().await?;
    for (method, route) in TAKING.into_iter().filter(|(_, route)| !route.starts_with("/hooks/")) {
        let method = Method::from_bytes(method.as_bytes())?;
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let request = bench.admin.request(method.clone(), &bench.path(route));
            let answer = bench.admin.send(request.header(CONTENT_TYPE, kind).body("{}")).await?;
            answer
                .problem(415, "unsupported-media")
                .with_context(|| format!("{method} {route} as {kind}"))?;
        }
    }
    let zipped = bench.admin.request(Method::POST, "/api/v1/journeys");
    let zipped = zipped.header("content-encoding", "gzip").json(&json!({ "name": "x" }));
    bench.admin.send(zipped).await?.problem(415, "unsupported-media")?;
    let component = bench.admin.request(Method::POST, "/api/v1/connectors").json(&json!({}));
    bench.admin.send(component).await?.problem(415, "unsupported-media")?;
    Ok(())
}

/// Where a request goes, what it carries, and the pointer of what is wrong with it.
type Wrong = (&'static str, &'static str, Value, &'static str);

fn drafts_of_wrong_types() -> Vec<Wrong> {
    let draft = |member: &str, value: Value| {
        let mut draft = json!({ "format": 1, "name": "x", "nodes": [], "edges": [] });
        draft[member] = value;
        draft
    };
    let node = json!([{ "id": "a", "kind": "end" }, { "id": 7, "kind": "end" }]);
    let edge = json!([{ "id": "e", "from": "a", "to": ["b"] }]);
    vec![
        ("POST", "/api/v1/session", json!({ "email": 7, "password": "x" }), "/email"),
        ("POST", "/api/v1/journeys", json!({ "name": ["x"] }), "/name"),
        (
            "POST",
            "/api/v1/journeys",
            json!({ "name": "x", "draft": draft("nodes", node.clone()) }),
            "/draft/nodes/1/id",
        ),
        (
            "POST",
            "/api/v1/journeys/check",
            json!({ "draft": draft("nodes", node.clone()) }),
            "/draft/nodes/1/id",
        ),
        ("PUT", "/api/v1/journeys/{journey}/draft", draft("nodes", node), "/nodes/1/id"),
        ("PUT", "/api/v1/journeys/{journey}/draft", draft("edges", edge), "/edges/0/to"),
        ("PUT", "/api/v1/journeys/{journey}/draft", draft("format", json!("one")), "/format"),
        (
            "POST",
            "/api/v1/backtests",
            json!({ "from": "2026-01-01", "to": "2026-01-31", "draft": draft("edges", json!(7)) }),
            "/draft/edges",
        ),
        ("POST", "/api/v1/backtests", json!({ "from": 7, "to": "2026-01-31" }), "/from"),
        ("POST", "/api/v1/journeys/{journey}/versions", json!({ "mode": "loud" }), "/mode"),
        ("POST", "/api/v1/journeys/{journey}/reviews", json!({ "mode": "loud" }), "/mode"),
        ("POST", "/api/v1/reviews/{any}/decide", json!({ "decision": "maybe" }), "/decision"),
        (
            "PUT",
            "/api/v1/settings",
            json!({ "publishing_live_needs_review": "yes" }),
            "/publishing_live_needs_review",
        ),
        ("POST", "/api/v1/journeys/{journey}/instances", json!({ "account": 7 }), "/account"),
        ("POST", "/api/v1/instances/{any}/cancel", json!({ "reason": null }), "/reason"),
        ("POST", "/api/v1/instances/{any}/skip", json!({ "node": 1, "outcome": "x" }), "/node"),
        ("POST", "/api/v1/tasks/{any}/complete", json!({ "outcome": {} }), "/outcome"),
        (
            "POST",
            "/api/v1/accounts",
            json!({ "external_id": "x", "name": "x", "arr": "much" }),
            "/arr",
        ),
    ]
}

fn wrong_types() -> Vec<Wrong> {
    let connection =
        json!({ "name": "x", "connector": "crm", "config": {}, "grants": { "hosts": "all" } });
    let user = |role: Value| json!({ "email": "a@b.c", "name": "A", "role": role, "password": "long enough" });
    vec![
        (
            "POST",
            "/api/v1/accounts",
            json!({ "external_id": "x", "name": "x", "fields": [] }),
            "/fields",
        ),
        ("PATCH", "/api/v1/accounts/{any}", json!({ "arr": "much" }), "/arr"),
        ("PATCH", "/api/v1/accounts/{any}", json!({ "name": null }), "/name"),
        ("PATCH", "/api/v1/accounts/{any}", json!({ "external_id": "other" }), "/external_id"),
        ("PATCH", "/api/v1/accounts/{any}", json!({ "segment": 7 }), "/segment"),
        ("POST", "/api/v1/users", user(json!("king")), "/role"),
        ("PATCH", "/api/v1/users/{any}", json!({ "role": 7 }), "/role"),
        ("POST", "/api/v1/teams", json!({ "name": "x", "members": "me" }), "/members"),
        ("POST", "/api/v1/teams", json!({ "name": "x", "members": ["a@b.c", 7] }), "/members/1"),
        ("PATCH", "/api/v1/teams/{any}", json!({ "members": null, "lead": 7 }), "/lead"),
        ("POST", "/api/v1/tokens", json!({ "name": {} }), "/name"),
        (
            "POST",
            "/api/v1/hooks",
            json!({ "slug": "x", "journey": "x", "signed": "yes" }),
            "/signed",
        ),
        ("POST", "/api/v1/connections", connection, "/grants/hosts"),
    ]
}

#[tokio::test]
async fn a_member_of_the_wrong_type_is_named_by_its_pointer() -> Result<()> {
    let bench = bench().await?;
    for (method, route, body, pointer) in drafts_of_wrong_types().into_iter().chain(wrong_types()) {
        let answer = bench.send(method, route, &body.to_string()).await?;
        let problem = answer.problem(422, "invalid-body");
        let problem = problem.with_context(|| format!("{method} {route} {body}"))?;
        ensure!(problem["errors"][0]["pointer"] == pointer, "{method} {route} {body}: {problem}");
    }
    Ok(())
}

#[tokio::test]
async fn a_member_nobody_knows_is_named_and_a_missing_one_too() -> Result<()> {
    let bench = bench().await?;
    for (method, route) in TAKING {
        // These keep what they do not know: a draft, an account's own fields, a delivery.
        if route.ends_with("/draft")
            || route.starts_with("/hooks/")
            || route.ends_with("accounts/{any}")
        {
            continue;
        }
        let answer = bench.send(method, route, "{\"nmae\": \"x\"}").await?;
        let problem = answer.problem(422, "invalid-body");
        let problem = problem.with_context(|| format!("{method} {route}"))?;
        ensure!(problem["errors"][0]["pointer"] == "/nmae", "{method} {route}: {problem}");
    }
    for (route, body, missing) in [
        ("/api/v1/session", json!({ "email": "a@b.c" }), "password"),
        ("/api/v1/journeys", json!({}), "name"),
        ("/api/v1/journeys/{journey}/versions", json!({}), "mode"),
        ("/api/v1/journeys/{journey}/reviews", json!({}), "mode"),
        ("/api/v1/reviews/{any}/decide", json!({}), "decision"),
        ("/api/v1/backtests", json!({ "from": "2026-01-01" }), "to"),
        ("/api/v1/users", json!({ "email": "a@b.c", "name": "A", "role": "member" }), "password"),
        ("/api/v1/hooks", json!({ "slug": "x" }), "journey"),
    ] {
        let answer = bench.send("POST", route, &body.to_string()).await?;
        let problem = answer.problem(422, "invalid-body")?;
        let error = problem["errors"][0]["message"].as_str().unwrap_or_default();
        ensure!(error.contains(&format!("`{missing}`")), "{route}: {problem}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused_and_its_sender_sees_the_answer() -> Result<()> {
    let bench = bench().await?;
    let large = json!({ "name": "x".repeat(3 << 20) }).to_string();
    let huge = json!({ "name": "x".repeat(20 << 20) }).to_string();
    for (method, route) in TAKING {
        let path = bench.path(route);
        let drafts = ["/draft", "/check", "/import", "/journeys", "/backtests"];
        let is_draft = drafts.iter().any(|ending| path.ends_with(ending));
        let body = if is_draft { &huge } else { &large };
        let answer = bench.send(method, route, body).await;
        let answer = answer.with_context(|| format!("{method} {route} was cut off"))?;
        answer.problem(413, "too-large").with_context(|| format!("{method} {route}"))?;
    }
    let stranger = bench.server.stranger()?;
    for _ in 0..5 {
        let answer = stranger.send_text(Method::POST, "/api/v1/journeys", &huge).await;
        answer.context("a stranger was cut off")?.problem(401, "not-signed-in")?;
    }
    ensure!(bench.admin.get("/readyz").await?.status == 200, "the server serves on");
    Ok(())
}

#[tokio::test]
async fn headers_over_their_limit_are_refused() -> Result<()> {
    let server = Server::start().await?;
    let header = |bytes: usize| [format!("X-Long: {}", "x".repeat(bytes))];
    let fine = raw::send(server.url(), "GET /healthz", &header(60_000)).await?;
    ensure!(fine.status == 200, "{fine:?}");
    let refused = raw::send(server.url(), "GET /healthz", &header(100_000)).await?;
    ensure!(refused.status == 431, "{}", refused.status);
    ensure!(refused.head.contains("application/problem+json"), "{}", refused.head);
    ensure!(refused.body["type"] == "/problems/headers-too-large", "{}", refused.body);
    // Beyond what is read of a head at all, the status alone is answered.
    let beyond = raw::send(server.url(), "GET /healthz", &header(600_000)).await?;
    ensure!(beyond.status == 431, "{}", beyond.status);
    let many: Vec<String> = (0..500).map(|number| format!("X-{number}: x")).collect();
    let many = raw::send(server.url(), "GET /healthz", &many).await?;
    ensure!(many.status == 431, "{}", many.status);
    let fine = raw::send(server.url(), "GET /healthz", &[]).await?;
    ensure!(fine.status == 200, "{fine:?}");
    Ok(())
}

#[tokio::test]
async fn values_out_of_range_are_named() -> Result<()> {
    let bench = bench().await?;
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    bench
        .send(
            "POST",
            "/api/v1/accounts",
            &format!("{{\"external_id\":\"x\",\"name\":\"x\",\"fields\":{{\"a\":{deep}}}}}"),
        )
        .await?
        .problem(400, "malformed-body")?;
    let user = |email: &str, password: &str| json!({ "email": email, "name": "A", "role": "member", "password": password });
    let team = json!({ "name": "x", "members": ["nobody@example.com"] });
    let cases = [
        ("/api/v1/journeys", json!({ "name": " " }), "/name"),
        ("/api/v1/journeys", json!({ "name": "x".repeat(201) }), "/name"),
        ("/api/v1/journeys", json!({ "name": "a\nb" }), "/name"),
        ("/api/v1/accounts", json!({ "external_id": "", "name": "x" }), "/external_id"),
        ("/api/v1/accounts", json!({ "external_id": "a\u{0}b", "name": "x" }), "/external_id"),
        ("/api/v1/users", user("no address", "a long enough password"), "/email"),
        ("/api/v1/users", user("a@b.c", "short"), "/password"),
        ("/api/v1/teams", team, "/members/0"),
        ("/api/v1/hooks", json!({ "slug": "No Slug", "journey": "x" }), "/slug"),
        ("/api/v1/hooks", json!({ "slug": "x", "journey": "jrn_0000000000001" }), "/journey"),
        ("/api/v1/connections", json!({ "name": "x", "connector": "none" }), "/connector"),
        ("/api/v1/tokens", json!({ "name": "" }), "/name"),
    ];
    for (path, body, pointer) in cases {
        let problem = bench.send("POST", path, &body.to_string()).await?;
        let problem =
            problem.problem(422, "invalid-body").with_context(|| format!("{path} {body}"))?;
        ensure!(problem["errors"][0]["pointer"] == pointer, "{path} {body}: {problem}");
    }
    for (path, body) in [
        ("/api/v1/accounts", json!({ "external_id": "A1", "name": "Again" })),
        ("/api/v1/users", user(ADMIN.email, "a long enough password")),
    ] {
        bench.send("POST", path, &body.to_string()).await?.problem(409, "conflict")?;
    }
    Ok(())
}
