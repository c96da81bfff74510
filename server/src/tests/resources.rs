//! What each resource promises, and what it says of bad input.

use super::*;

fn draft(name: &str) -> Value {
    json!({
        "format": 1, "name": name,
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": { "type": "manual" } },
            { "id": "done", "kind": "end", "name": "Done", "position": { "x": 200, "y": 0 }, "outcome": "done" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "done" }]
    })
}

async fn put(server: &Server, token: &str, path: &str, tag: Option<&str>, body: Value) -> Answer {
    let mut request = Request::put(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(tag) = tag {
        request = request.header(header::IF_MATCH, tag);
    }
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_draft_saved_over_a_newer_one_is_refused_with_both_tags() {
    let server = Server::start().await;
    let token = server.user("dee@example.com", Role::Designer).await;
    let made = server
        .post(&token, "/api/v1/journeys", json!({ "name": "Onboarding", "draft": draft("x") }))
        .await
        .expect(201);
    let path = format!("/api/v1/journeys/{}/draft", made.body["id"].as_str().unwrap());
    let read = server.get(&token, &path).await.expect(200);
    assert_eq!(read.body["name"], "Onboarding");
    let tag = read.headers[header::ETAG].to_str().unwrap().to_owned();

    let saved = put(&server, &token, &path, Some(&tag), draft("First")).await.expect(204);
    let newer = saved.headers[header::ETAG].to_str().unwrap().to_owned();
    let lost = put(&server, &token, &path, Some(&tag), draft("Second")).await.expect(412);
    assert_eq!(lost.body["current_etag"], newer.as_str());
    assert_eq!(lost.body["your_etag"], tag.as_str());
    assert_eq!(server.get(&token, &path).await.body["name"], "First");
    put(&server, &token, &path, Some("no quotes"), draft("Third")).await.expect(400);
}

#[tokio::test]
async fn malformed_wrong_and_oversized_bodies_each_have_their_answer() {
    let server = Server::start().await;
    let token = server.user("dee@example.com", Role::Designer).await;
    let send = async |body: Vec<u8>, kind: &str| {
        let request = Request::post("/api/v1/journeys")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind);
        server.send(request.body(Body::from(body)).unwrap()).await
    };
    let json = "application/json";
    let malformed = send(b"{\"name\":".to_vec(), json).await.expect(400);
    assert!(malformed.body["detail"].as_str().unwrap().contains("line 1"), "{}", malformed.body);
    let wrong = send(b"{\"name\":7}".to_vec(), json).await.expect(422);
    assert_eq!(wrong.body["errors"][0]["pointer"], "/name");
    send(b"name=x".to_vec(), "application/x-www-form-urlencoded").await.expect(415);
    send(vec![b' '; 10 << 20], json).await.expect(413);
    send(b"{\"name\":\" \"}".to_vec(), json).await.expect(422);
}

#[tokio::test]
async fn publishing_answers_with_what_is_wrong() {
    let server = Server::start().await;
    let token = server.user("dee@example.com", Role::Designer).await;
    let mut broken = draft("Broken");
    broken["nodes"][1]["kind"] = json!("no_such_kind");
    let made = server
        .post(&token, "/api/v1/journeys", json!({ "name": "Broken", "draft": broken.clone() }))
        .await
        .expect(201);
    let id = made.body["id"].as_str().unwrap();
    let checked =
        server.post(&token, "/api/v1/journeys/check", json!({ "draft": broken })).await.expect(200);
    assert_ne!(checked.body["diagnostics"], json!([]));
    let versions = format!("/api/v1/journeys/{id}/versions");
    let refused = server.post(&token, &versions, json!({ "mode": "live" })).await.expect(422);
    assert_eq!(refused.problem(), "not-publishable");
    assert_eq!(refused.body["diagnostics"], checked.body["diagnostics"]);

    let path = format!("/api/v1/journeys/{id}/draft");
    put(&server, &token, &path, None, draft("Blind")).await.expect(428);
    put(&server, &token, &path, Some("*"), draft("Mended")).await.expect(204);
    let published = server.post(&token, &versions, json!({ "mode": "live" })).await.expect(201);
    assert_eq!(published.body["number"], 1);
    let version = server.get(&token, &format!("{versions}/1")).await.expect(200);
    assert_eq!(version.body["draft"]["name"], "Mended");
    assert_eq!(version.body["published_by"], "dee@example.com");
    server.get(&token, &format!("{versions}/2")).await.expect(404);
}

#[tokio::test]
async fn a_repeated_request_with_its_key_gets_the_first_answer() {
    let server = Server::start().await;
    let token = server.user("dee@example.com", Role::Designer).await;
    let make = async |key: &str, name: &str| {
        let request = Request::post("/api/v1/journeys")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        let body = Body::from(json!({ "name": name }).to_string());
        server.send(request.body(body).unwrap()).await
    };
    let first = make("k1", "One").await.expect(201);
    let again = make("k1", "One").await.expect(201);
    assert_eq!(first.body, again.body);
    let other = make("k1", "Two").await.expect(422);
    assert_eq!(other.problem(), "key-reused");
    make("k2", "").await.expect(422);
    make("k2", "Two").await.expect(201);
    let list = server.get(&token, "/api/v1/journeys").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn accounts_page_without_gaps_and_are_found_by_either_id() {
    let server = Server::start().await;
    let token = server.user("dee@example.com", Role::Designer).await;
    for number in 0..7 {
        let body = json!({ "external_id": format!("C{number}"), "name": format!("Customer {number}"), "fields": { "tenure": number } });
        server.post(&token, "/api/v1/accounts", body).await.expect(201);
    }
    let mut names = Vec::new();
    let mut path = "/api/v1/accounts?limit=3".to_owned();
    loop {
        let page = server.get(&token, &path).await.expect(200);
        assert_eq!(page.body["total"], 7);
        names.extend(page.body["items"].as_array().unwrap().iter().map(|one| one["name"].clone()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/api/v1/accounts?limit=3&cursor={}", cursor.replace(' ', "%20"));
    }
    let expected: Vec<Value> = (0..7).map(|number| json!(format!("Customer {number}"))).collect();
    assert_eq!(names, expected);
    let found = server.get(&token, "/api/v1/accounts?q=customer%204").await.expect(200);
    assert_eq!(found.body["total"], 1);
    let account = server.get(&token, "/api/v1/accounts/C4").await.expect(200);
    let path = format!("/api/v1/accounts/{}", account.body["id"].as_str().unwrap());
    let changed = server
        .ask(&token, Method::PATCH, &path, json!({ "segment": "high_value" }))
        .await
        .expect(200);
    assert_eq!(changed.body["segment"], "high_value");
    server.get(&token, "/api/v1/accounts?limit=0").await.expect(400);
    server.get(&token, "/api/v1/accounts?cursor=nonsense").await.expect(400);
    let taken = json!({ "external_id": "C4", "name": "Again" });
    server.post(&token, "/api/v1/accounts", taken).await.expect(409);
}

#[tokio::test]
async fn a_token_works_until_it_is_revoked_by_its_owner() {
    let server = Server::start().await;
    let ann = server.user("ann@example.com", Role::Member).await;
    let bob = server.user("bob@example.com", Role::Member).await;
    let made = server.post(&ann, "/api/v1/tokens", json!({ "name": "ci" })).await.expect(201);
    let token = made.body["token"].as_str().unwrap();
    let path = format!("/api/v1/tokens/{}", made.body["id"].as_str().unwrap());
    let who = server.get(token, "/api/v1/session").await.expect(200);
    assert_eq!(who.body["email"], "ann@example.com");
    server.ask(&bob, Method::DELETE, &path, Value::Null).await.expect(404);
    server.ask(&ann, Method::DELETE, &path, Value::Null).await.expect(204);
    server.get(token, "/api/v1/session").await.expect(401);
}

#[tokio::test]
async fn teams_are_made_of_users_and_users_of_strong_passwords() {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let user = |password: &str| json!({ "email": "New@Example.com", "name": "New", "role": "member", "password": password });
    let weak = server.post(&admin, "/api/v1/users", user("short")).await.expect(422);
    assert_eq!(weak.body["errors"][0]["pointer"], "/password");
    server.post(&admin, "/api/v1/users", user(PASSWORD)).await.expect(201);
    server.post(&admin, "/api/v1/users", user(PASSWORD)).await.expect(409);
    let team = |member: &str| json!({ "name": "onboarding", "members": [member] });
    let unknown =
        server.post(&admin, "/api/v1/teams", team("nobody@example.com")).await.expect(422);
    assert_eq!(unknown.body["errors"][0]["pointer"], "/members/0");
    server.post(&admin, "/api/v1/teams", team("new@example.com")).await.expect(201);
    let workspace = server.get(&admin, "/api/v1/workspace").await.expect(200);
    assert_eq!(workspace.body["teams"], json!(["onboarding"]));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_and_not_a_page() {
    let server = Server::start().await;
    let token = server.user("ann@example.com", Role::Member).await;
    server.get(&token, "/api/v1/no-such-thing").await.expect(404);
    server.get(&token, "/api/v1/journeys/nonsense").await.expect(404);
    server.ask(&token, Method::PUT, "/api/v1/users", json!({})).await.expect(405);
    let health = server.get("", "/healthz").await;
    assert_eq!(health.status, StatusCode::OK);
    assert!(health.headers.contains_key("x-request-id"));
}
