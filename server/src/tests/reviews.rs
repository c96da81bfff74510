//! Reviews by a second person, and publishing that waits for one.

use store::connectors::{NewConnection, NewConnector};

use super::*;

/// A journey that depends on one thing of each kind.
fn draft(name: &str) -> Value {
    let at = |x: u32| json!({ "x": x, "y": 0 });
    json!({
        "format": 1, "name": name,
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": at(0), "on": { "type": "manual" } },
            { "id": "call", "kind": "action", "name": "Call", "position": at(200), "connection": "crm", "operation": "upsert", "input": {} },
            { "id": "ask", "kind": "task", "name": "Ask", "position": at(400), "title": "Ask", "owner": { "rule": "team", "team": "CS" },
              "sla": { "due": { "business": "P2D", "calendar": "uk" }, "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "below", "kind": "journey", "name": "Below", "position": at(600), "journey": "Below" },
            { "id": "end", "kind": "end", "name": "End", "position": at(800), "outcome": "done" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "call" },
            { "id": "e2", "from": "call", "to": "ask" },
            { "id": "e3", "from": "ask", "port": "done", "to": "below" },
            { "id": "e4", "from": "below", "to": "end" }
        ]
    })
}

fn below() -> Value {
    let at = |x: u32| json!({ "x": x, "y": 0 });
    json!({
        "format": 1, "name": "Below",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": at(0), "on": { "type": "journey" } },
            { "id": "end", "kind": "end", "name": "End", "position": at(200), "outcome": "done" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "end" }]
    })
}

fn calendar(to: &str) -> Value {
    let monday = json!([{ "from": "09:00", "to": to }]);
    json!({ "name": "uk", "time_zone": "Europe/London", "hours": { "monday": monday } })
}

struct House {
    server: Server,
    admin: String,
    /// Draws and asks.
    ana: String,
    /// Decides.
    bo: String,
    /// May not publish.
    mia: String,
    /// Address of the journey.
    journey: String,
    /// Address of the journey it calls.
    below: String,
}

async fn house() -> House {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let ana = server.user("ana@example.com", Role::Designer).await;
    let bo = server.user("bo@example.com", Role::Designer).await;
    let mia = server.user("mia@example.com", Role::Member).await;
    install(&server, "sha256:a", "1.0.0").await;
    let connection = NewConnection {
        name: "crm".to_owned(),
        connector: "crm".to_owned(),
        config: json!({}),
        grants: json!({}),
        ..NewConnection::default()
    };
    let made = server.store.create_connection(&connection, server.now()).await.unwrap();
    assert!(matches!(made, Made::Made(_)), "{made:?}");
    let team = json!({ "name": "CS", "members": ["mia@example.com"] });
    server.post(&admin, "/api/v1/teams", team).await.expect(201);
    server.post(&admin, "/api/v1/calendars", calendar("17:00")).await.expect(201);
    let below = make(&server, &admin, below()).await;
    let live = json!({ "mode": "live" });
    server.post(&admin, &format!("{below}/versions"), live).await.expect(201);
    let journey = make(&server, &ana, draft("Reviewed")).await;
    House { server, admin, ana, bo, mia, journey, below }
}

async fn install(server: &Server, digest: &str, version: &str) {
    let operation = json!({ "name": "upsert", "title": "", "input": { "type": "object" }, "output": {}, "idempotent": true });
    let connector = NewConnector {
        name: "crm".to_owned(),
        version: version.to_owned(),
        digest: digest.to_owned(),
        manifest: json!({ "operations": [operation] }),
        component: Vec::new(),
    };
    server.store.install(&connector, server.now()).await.unwrap();
}

async fn make(server: &Server, token: &str, draft: Value) -> String {
    let body = json!({ "name": draft["name"], "draft": draft });
    let made = server.post(token, "/api/v1/journeys", body).await.expect(201);
    format!("/api/v1/journeys/{}", made.body["id"].as_str().unwrap())
}

impl House {
    async fn need_reviews(&self) {
        let settings = json!({ "publishing_live_needs_review": true });
        self.server.ask(&self.admin, Method::PUT, "/api/v1/settings", settings).await.expect(200);
    }

    /// The address of a review that Ana asks for.
    async fn ask(&self, mode: &str) -> String {
        let asked = json!({ "mode": mode, "note": "please" });
        let path = format!("{}/reviews", self.journey);
        let made = self.server.post(&self.ana, &path, asked).await.expect(201);
        format!("/api/v1/reviews/{}", made.body["id"].as_str().unwrap())
    }

    async fn decide(&self, token: &str, review: &str, decision: &str, comment: &str) -> Answer {
        let body = json!({ "decision": decision, "comment": comment });
        self.server.post(token, &format!("{review}/decide"), body).await
    }

    async fn approved(&self, mode: &str) -> String {
        let review = self.ask(mode).await;
        self.decide(&self.bo, &review, "approve", "").await.expect(204);
        review
    }

    async fn publish(&self, mode: &str) -> Answer {
        let path = format!("{}/versions", self.journey);
        self.server.post(&self.ana, &path, json!({ "mode": mode })).await
    }

    async fn save(&self, token: &str, draft: Value) {
        let request = Request::put(format!("{}/draft", self.journey))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "*");
        self.server.send(request.body(Body::from(draft.to_string())).unwrap()).await.expect(204);
    }

    async fn read(&self, review: &str) -> Value {
        self.server.get(&self.mia, review).await.expect(200).body
    }
}

fn why(answer: &Answer) -> &str {
    answer.body["detail"].as_str().unwrap()
}

#[tokio::test]
async fn a_review_freezes_the_draft_and_all_that_it_names() {
    let house = house().await;
    let review = house.ask("live").await;
    house.save(&house.ana, draft("Renamed")).await;
    let read = house.read(&review).await;
    assert_eq!((&read["draft"]["name"], &read["saved_since"]), (&json!("Reviewed"), &json!(true)));
    assert_eq!((&read["live_version"], &read["review"]["revision"]), (&Value::Null, &json!(1)));
    assert_eq!(read["review"]["journey_name"], "Renamed");
    assert_eq!(
        (&read["review"]["note"], &read["review"]["state"]),
        (&json!("please"), &json!("open"))
    );
    let found: Vec<_> = read["depends_on"].as_array().unwrap().iter().collect();
    let told: Vec<_> = found
        .iter()
        .map(|one| ["kind", "name", "reviewed"].map(|member| one[member].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["journey", "Below", "version 1"],
            ["connection", "crm", "crm 1.0.0, used for upsert"],
            ["team", "CS", "keeps no hours of its own"],
            ["calendar", "uk", "in Europe/London"],
        ]
    );
    assert!(found.iter().all(|one| one["changed"].is_null()), "{read}");
    let open = house.server.get(&house.mia, "/api/v1/reviews?limit=1").await.expect(200);
    assert_eq!(open.body["items"][0]["asked_by"], "ana@example.com");
    let path = format!("{}/reviews", house.journey);
    let of_journey = house.server.get(&house.mia, &path).await.expect(200);
    assert_eq!(of_journey.body["items"], open.body["items"]);
}

#[tokio::test]
async fn a_second_person_decides_and_only_who_asked_withdraws() {
    let house = house().await;
    let review = house.ask("live").await;
    let again = json!({ "mode": "live" });
    let path = format!("{}/reviews", house.journey);
    let busy = house.server.post(&house.bo, &path, again.clone()).await.expect(409);
    assert!(why(&busy).contains("is open"), "{}", busy.body);
    house.server.post(&house.mia, &path, again.clone()).await.expect(403);
    house.decide(&house.mia, &review, "approve", "").await.expect(403);
    let own = house.decide(&house.ana, &review, "approve", "").await.expect(403);
    assert_eq!(own.problem(), "another-person");
    let foreign = format!("{review}/withdraw");
    let foreign = house.server.post(&house.bo, &foreign, Value::Null).await.expect(403);
    assert_eq!(foreign.problem(), "another-person");
    house.decide(&house.bo, &review, "send_back", " ").await.expect(422);
    house.decide(&house.bo, &review, "send_back", &"x".repeat(2_001)).await.expect(422);
    house.decide(&house.bo, &review, "send_back", "too fast").await.expect(204);
    let late = house.decide(&house.admin, &review, "approve", "").await.expect(409);
    assert_eq!(why(&late), "bo@example.com has sent it back already");
    let withdrawn = format!("{review}/withdraw");
    house.server.post(&house.ana, &withdrawn, Value::Null).await.expect(409);
    let read = house.read(&review).await;
    assert_eq!(read["review"]["comment"], "too fast");

    // Who drew it does not decide, whoever asked.
    house.save(&house.bo, draft("Drawn by Bo")).await;
    let review = house.ask("live").await;
    let drew = house.decide(&house.bo, &review, "approve", "").await.expect(403);
    assert_eq!(drew.problem(), "another-person");
    house.server.post(&house.ana, &format!("{review}/withdraw"), Value::Null).await.expect(204);
    assert_eq!(house.read(&review).await["review"]["state"], "withdrawn");
    house.server.get(&house.mia, "/api/v1/reviews/rev_0000000000000").await.expect(404);
    house.server.get(&house.mia, "/api/v1/reviews?cursor=here").await.expect(400);
}

#[tokio::test]
async fn what_is_not_publishable_is_not_reviewed() {
    let house = house().await;
    let mut broken = draft("Broken");
    broken["nodes"][1]["connection"] = json!("nowhere");
    house.save(&house.ana, broken).await;
    let path = format!("{}/reviews", house.journey);
    let asked = json!({ "mode": "live" });
    let refused = house.server.post(&house.ana, &path, asked.clone()).await.expect(422);
    assert_eq!(refused.problem(), "not-publishable");
    let request = Request::post(&path)
        .header(header::AUTHORIZATION, format!("Bearer {}", house.ana))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, "\"1\"");
    let stale = house.server.send(request.body(Body::from(asked.to_string())).unwrap()).await;
    assert_eq!(stale.expect(412).problem(), "stale-draft");
}

#[tokio::test]
async fn publishing_live_waits_for_an_approval_of_this_revision_when_the_workspace_says_so() {
    let house = house().await;
    let settings = house.server.get(&house.mia, "/api/v1/settings").await.expect(200);
    assert_eq!(settings.body["publishing_live_needs_review"], false);
    house.publish("live").await.expect(201);
    house.need_reviews().await;
    let refused = house.publish("live").await.expect(409);
    assert_eq!(refused.problem(), "review-needed");
    house.publish("shadow").await.expect(201);
    let review = house.ask("live").await;
    let open = house.publish("live").await.expect(409);
    assert!(why(&open).contains("is open"), "{}", open.body);
    house.decide(&house.bo, &review, "approve", "fine").await.expect(204);
    house.save(&house.ana, draft("Later")).await;
    house.publish("live").await.expect(409);

    let shadow = house.approved("shadow").await;
    house.publish("live").await.expect(409);
    house.publish("shadow").await.expect(201);
    assert_eq!(house.read(&shadow).await["review"]["version"], 3);
    let review = house.approved("live").await;
    let published = house.publish("live").await.expect(201);
    let read = house.read(&review).await;
    assert_eq!(
        (&read["review"]["state"], &read["review"]["version"]),
        (&json!("published"), &published.body["number"])
    );
    house.publish("live").await.expect(409);
}

#[tokio::test]
async fn what_changed_since_the_review_keeps_it_from_being_published() {
    let house = house().await;
    house.need_reviews().await;
    let review = house.approved("live").await;
    let blocked = async |change: &str| {
        let refused = house.publish("live").await.expect(409);
        assert_eq!(refused.problem(), "review-needed");
        assert!(why(&refused).contains(change), "{}", refused.body);
        let read = house.read(&review).await;
        let told: Vec<_> = read["depends_on"].as_array().unwrap().iter().collect();
        let told: Vec<_> = told.iter().filter_map(|one| one["changed"].as_str()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(change), "{told:?}");
    };
    install(&house.server, "sha256:b", "1.1.0").await;
    blocked("the connector 'crm' of the connection 'crm' was replaced: 1.0.0 then, 1.1.0 now")
        .await;
    install(&house.server, "sha256:a", "1.0.0").await;

    let uk = "/api/v1/calendars/uk";
    let save = async |to: &str| {
        let request = Request::put(uk)
            .header(header::AUTHORIZATION, format!("Bearer {}", house.admin))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, "*");
        let body = Body::from(calendar(to).to_string());
        house.server.send(request.body(body).unwrap()).await.expect(204);
    };
    save("18:00").await;
    blocked("the calendar 'uk' was changed").await;
    save("17:00").await;

    let team = house.server.get(&house.admin, "/api/v1/teams").await.expect(200);
    let team = format!("/api/v1/teams/{}", team.body["items"][0]["id"].as_str().unwrap());
    let keep = async |calendar: Value| {
        let body = json!({ "calendar": calendar });
        house.server.ask(&house.admin, Method::PATCH, &team, body).await.expect(200);
    };
    keep(json!("uk")).await;
    blocked("the team 'CS' keeps the hours of another calendar").await;
    keep(Value::Null).await;

    let versions = format!("{}/versions", house.below);
    let below_reviewed = json!({ "publishing_live_needs_review": false });
    house
        .server
        .ask(&house.admin, Method::PUT, "/api/v1/settings", below_reviewed)
        .await
        .expect(200);
    house.server.post(&house.admin, &versions, json!({ "mode": "live" })).await.expect(201);
    house.need_reviews().await;
    blocked("the journey 'Below' has version 2, not 1").await;
    house.approved("live").await;
    house.publish("live").await.expect(201);
}

#[tokio::test]
async fn a_shadow_goes_live_only_after_a_review_too() {
    let house = house().await;
    house.publish("shadow").await.expect(201);
    house.need_reviews().await;
    let promote = format!("{}/versions/1/promote", house.journey);
    let refused = house.server.post(&house.ana, &promote, json!({})).await.expect(409);
    assert_eq!(refused.problem(), "review-needed");
    let review = house.approved("live").await;
    house.server.post(&house.ana, &promote, json!({})).await.expect(201);
    let read = house.read(&review).await;
    assert_eq!(
        (&read["review"]["state"], &read["review"]["version"]),
        (&json!("published"), &json!(2))
    );
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_does() {
    let house = house().await;
    let review = house.ask("live").await;
    let (one, other) = tokio::join!(
        house.decide(&house.bo, &review, "approve", ""),
        house.decide(&house.admin, &review, "send_back", "no"),
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let lost = if one.status.as_u16() == 409 { one } else { other };
    let winner = house.read(&review).await["review"]["decided_by"].as_str().unwrap().to_owned();
    assert!(why(&lost).starts_with(&winner), "{}", lost.body);
}

#[tokio::test]
async fn only_administrators_change_the_settings() {
    let house = house().await;
    let settings = json!({ "publishing_live_needs_review": true });
    let path = "/api/v1/settings";
    house.server.ask(&house.ana, Method::PUT, path, settings.clone()).await.expect(403);
    house.server.ask(&house.admin, Method::PUT, path, json!({})).await.expect(422);
    let set = house.server.ask(&house.admin, Method::PUT, path, settings.clone()).await.expect(200);
    assert_eq!(set.body, settings);
    let audit = house.server.get(&house.admin, "/api/v1/audit?limit=1").await.expect(200);
    let line = &audit.body["items"][0];
    assert_eq!(
        (&line["action"], &line["detail"]["value"]),
        (&json!("settings.change"), &json!(true))
    );
}
