//! Lists asked for wrongly, and things that are not there.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tests::document::Document;
use tests::server::{ADMIN, Server};

#[tokio::test]
async fn a_bad_limit_or_cursor_is_refused_on_every_list() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let made = admin.post("/api/v1/journeys", &json!({ "name": "One" })).await?.expect(201)?;
    let journey = made["id"].as_str().context("an id")?;
    let lists = Document::read(&admin).await?.lists()?;
    ensure!(lists.len() >= 12, "there are more lists than {lists:?}");
    // What lies under something else than a journey is not there to be listed.
    let is_there = |list: &&String| {
        let below = list.strip_prefix("/api/v1/journeys/{id}").unwrap_or(list);
        !below.contains('{')
    };
    for list in lists.iter().filter(is_there) {
        let path = list.replace("{id}", journey);
        for query in [
            "limit=0",
            "limit=501",
            "limit=-1",
            "limit=many",
            "limit=",
            "limit=99999999999999999999",
            "limit=1&limit=2",
            "cursor=%FF",
            "cursor=no%20such%20cursor!",
            "cursor=jrn_!",
            "cursor=%00",
        ] {
            let answer = admin.get(&format!("{path}?{query}")).await?;
            answer.problem(400, "invalid-query").with_context(|| format!("{path}?{query}"))?;
        }
        let page = admin.get(&format!("{path}?limit=500")).await?.expect(200)?;
        ensure!(page["items"].is_array() && page.get("next_cursor").is_some(), "{path}: {page}");
    }
    for query in ["tasks?queue=theirs", "tasks?status=lost", "instances?status=lost"] {
        admin.get(&format!("/api/v1/{query}")).await?.problem(400, "invalid-query")?;
    }
    for query in
        ["tasks?account=nobody&queue=all", "instances?account=nobody", "instances?journey=none"]
    {
        let page = admin.get(&format!("/api/v1/{query}")).await?.expect(200)?;
        ensure!(page["items"] == json!([]), "{query}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_list_is_walked_without_gap_or_repetition() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let made = admin.post("/api/v1/journeys", &json!({ "name": "J" })).await?.expect(201)?;
    for number in 0..7 {
        let hook = json!({ "slug": format!("hook-{number}"), "journey": made["id"] });
        admin.post("/api/v1/hooks", &hook).await?.expect(201)?;
    }
    for (list, key, count) in [("hooks", "slug", 7), ("audit", "id", 12), ("users", "id", 3)] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = admin.get(&format!("/api/v1/{list}?limit=2{cursor}")).await?.expect(200)?;
            let items = page["items"].as_array().context("items")?;
            ensure!(items.len() <= 2, "{page}");
            seen.extend(items.iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let all = seen.len();
        seen.sort();
        seen.dedup();
        ensure!(seen.len() == count && all == count, "{list}: {seen:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_not_found() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let nothing = json!({});
    let cases = [
        ("GET", "journeys/jrn_0000000000001", &nothing),
        ("GET", "journeys/jrn_0000000000001/draft", &nothing),
        ("GET", "journeys/jrn_0000000000001/versions", &nothing),
        ("GET", "journeys/jrn_0000000000001/versions/1", &nothing),
        ("POST", "journeys/jrn_0000000000001/versions", &json!({ "mode": "live" })),
        ("POST", "journeys/jrn_0000000000001/instances", &nothing),
        ("GET", "instances/ins_0000000000001", &nothing),
        ("GET", "instances/ins_0000000000001/records", &nothing),
        ("POST", "instances/ins_0000000000001/cancel", &json!({ "reason": "x" })),
        ("POST", "instances/ins_0000000000001/retry", &nothing),
        ("POST", "instances/ins_0000000000001/skip", &json!({ "node": "x", "outcome": "x" })),
        ("GET", "tasks/tsk_00000000000010000001", &nothing),
        ("POST", "tasks/tsk_00000000000010000001/claim", &nothing),
        ("POST", "tasks/tsk_00000000000010000001/release", &nothing),
        ("POST", "tasks/tsk_00000000000010000001/complete", &json!({ "outcome": "x" })),
        ("GET", "accounts/nobody", &nothing),
        ("PATCH", "accounts/nobody", &nothing),
        ("GET", "users/usr_0000000000001", &nothing),
        ("PATCH", "users/usr_0000000000001", &nothing),
        ("GET", "teams/tea_0000000000001", &nothing),
        ("PATCH", "teams/tea_0000000000001", &nothing),
        ("DELETE", "tokens/tok_0000000000001", &nothing),
        ("DELETE", "hooks/none", &nothing),
        ("DELETE", "connectors/con_0000000000001", &nothing),
        ("DELETE", "connections/cnx_0000000000001", &nothing),
    ];
    for (method, path, body) in cases {
        let method = Method::from_bytes(method.as_bytes())?;
        // Each id as it could be, one of another kind, and none at all.
        let id = path.split('/').nth(1).context("an id")?;
        for other in [id, "usr_zzzzzzzzzzzzz", "none", "0", "%20", "jrn_%C3%A9"] {
            let path = format!("/api/v1/{}", path.replacen(id, other, 1));
            let answer = admin.send(admin.request(method.clone(), &path).json(body)).await?;
            answer.problem(404, "not-found").with_context(|| format!("{method} {path}"))?;
        }
    }
    let draft = admin.request(Method::PUT, "/api/v1/journeys/jrn_0000000000001/draft");
    let draft = draft.header("if-match", "*").json(&json!({ "format": 1, "name": "x" }));
    admin.send(draft).await?.problem(404, "not-found")?;
    admin.post("/hooks/none", &nothing).await?.problem(404, "not-found")?;
    for path in ["/api/v1/none", "/api/v2/journeys", "/api", "/problems/none", "/api/v1/journeys/"]
    {
        let answer = admin.get(path).await?;
        answer.problem(404, "not-found").with_context(|| path.to_owned())?;
    }
    Ok(())
}
