//! Who gets in, and what each role may do.

use super::*;

fn sign_in(email: &str, password: &str) -> Request<Body> {
    let body = json!({ "email": email, "password": password }).to_string();
    Request::post("/api/v1/session")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap()
}

async fn cookie(server: &Server, email: &str) -> String {
    let answer = server.send(sign_in(email, PASSWORD)).await.expect(204);
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

fn with_cookie(method: Method, path: &str, cookie: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::COOKIE, cookie)
}

#[tokio::test]
async fn a_session_lasts_until_it_is_closed_or_expires() {
    let server = Server::start().await;
    server.user("ann@example.com", Role::Designer).await;
    let cookie = cookie(&server, "ANN@example.com").await;
    let who = || with_cookie(Method::GET, "/api/v1/session", &cookie).body(Body::empty()).unwrap();
    let answer = server.send(who()).await.expect(200);
    assert_eq!(answer.body["email"], "ann@example.com");
    assert_eq!(answer.body["role"], "designer");

    server.wait(crate::limits::SESSION_MS + 1);
    let answer = server.send(who()).await.expect(401);
    assert_eq!(answer.problem(), "not-signed-in");
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let server = Server::start().await;
    server.user("ann@example.com", Role::Member).await;
    let cookie = cookie(&server, "ann@example.com").await;
    let out = with_cookie(Method::DELETE, "/api/v1/session", &cookie);
    server.send(out.body(Body::empty()).unwrap()).await.expect(204);
    let who = with_cookie(Method::GET, "/api/v1/session", &cookie);
    server.send(who.body(Body::empty()).unwrap()).await.expect(401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let server = Server::start().await;
    server.user("ann@example.com", Role::Member).await;
    let wrong = server.send(sign_in("ann@example.com", "not the password")).await.expect(401);
    let unknown = server.send(sign_in("bob@example.com", PASSWORD)).await.expect(401);
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.problem(), "wrong-credentials");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookie() {
    let server = Server::start().await;
    server.user("ann@example.com", Role::Admin).await;
    let cookie = cookie(&server, "ann@example.com").await;
    let make = |origin: &str| {
        with_cookie(Method::POST, "/api/v1/journeys", &cookie)
            .header(header::HOST, "waymark.example")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json!({ "name": "Theirs" }).to_string()))
            .unwrap()
    };
    let answer = server.send(make("https://evil.example")).await.expect(403);
    assert_eq!(answer.problem(), "cross-site");
    server.send(make("https://waymark.example")).await.expect(201);
}

#[tokio::test]
async fn every_route_has_a_row_and_every_row_a_route() {
    let document = http::document();
    let mut routes = std::collections::BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows = permission::TABLE
        .iter()
        .map(|(method, path, _)| (method.to_string(), (*path).to_owned()))
        .collect();
    assert_eq!(routes, rows);
}

#[tokio::test]
async fn each_role_gets_through_exactly_where_its_row_says() {
    let server = Server::start().await;
    let mut callers = vec![(None, String::new())];
    for (name, role) in [("m", Role::Member), ("d", Role::Designer), ("a", Role::Admin)] {
        callers.push((Some(role), server.user(&format!("{name}@example.com"), role).await));
    }
    for (method, route, access) in permission::TABLE {
        if *route == "/api/v1/stream" || (*route == "/api/v1/session" && method == Method::DELETE) {
            continue;
        }
        for (role, token) in &callers {
            let path = route.replace(['{', '}'], "");
            let answer = server.ask(token, method.clone(), &path, Value::Null).await;
            let is_refused = matches!(answer.problem(), "not-signed-in" | "forbidden");
            let may = match (access, role) {
                (Access::Public, _) => true,
                (Access::AtLeast(_), None) => false,
                (access, Some(role)) => access.allows(*role),
            };
            assert_eq!(!is_refused, may, "{method} {route} as {role:?}: {}", answer.status);
        }
    }
}
