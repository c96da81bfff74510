//! Shadow versions over the interface: their notes, marks and promotion.

use super::*;

fn telling() -> Value {
    json!({
        "format": 1, "name": "Telling",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": { "type": "manual" } },
            { "id": "tell", "kind": "notify", "name": "Tell", "position": { "x": 200, "y": 0 }, "channel": "app",
              "to": { "rule": "team", "team": "CS" }, "body": "Hello" },
            { "id": "end", "kind": "end", "name": "End", "position": { "x": 400, "y": 0 }, "outcome": "told" }
        ],
        "edges": [{ "id": "e1", "from": "start", "to": "tell" }, { "id": "e2", "from": "tell", "to": "end" }]
    })
}

struct Shadowed {
    server: Server,
    admin: String,
    member: String,
    /// Address of the versions; the first is live, the second a shadow.
    versions: String,
    journey: String,
}

async fn shadowed() -> Shadowed {
    let server = Server::start().await;
    let admin = server.user("root@example.com", Role::Admin).await;
    let member = server.user("mia@example.com", Role::Member).await;
    let team = json!({ "name": "CS", "members": ["mia@example.com"] });
    server.post(&admin, "/api/v1/teams", team).await.expect(201);
    let body = json!({ "name": "Telling", "draft": telling() });
    let made = server.post(&admin, "/api/v1/journeys", body).await.expect(201);
    let journey = made.body["id"].as_str().unwrap().to_owned();
    let versions = format!("/api/v1/journeys/{journey}/versions");
    for mode in ["live", "shadow"] {
        server.post(&admin, &versions, json!({ "mode": mode })).await.expect(201);
    }
    Shadowed { server, admin, member, versions, journey }
}

impl Shadowed {
    async fn start(&self) {
        let start = format!("/api/v1/journeys/{}/instances", self.journey);
        self.server.post(&self.admin, &start, json!({ "input": {} })).await.expect(202);
    }

    /// The notes of the shadow version, once there are so many.
    async fn notes(&self, count: usize) -> Vec<Value> {
        for _ in 0..400 {
            let path = format!("{}/2/would-have", self.versions);
            let page = self.server.get(&self.member, &path).await.expect(200);
            let items = page.body["items"].as_array().unwrap().clone();
            if items.len() == count {
                return items;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{count} notes never came")
    }
}

#[tokio::test]
async fn a_start_by_hand_reaches_the_shadow_beside_the_live_version() {
    let house = shadowed().await;
    house.start().await;
    let notes = house.notes(2).await;
    let summaries: Vec<&str> = notes.iter().map(|note| note["summary"].as_str().unwrap()).collect();
    assert_eq!(summaries, ["Would tell the team 'CS': Hello", "Would start at 'start'"]);
    let list = async |query: &str| {
        let path = format!("/api/v1/instances{query}");
        house.server.get(&house.admin, &path).await.expect(200).body["items"].clone()
    };
    let live = list("").await;
    assert_eq!((live.as_array().unwrap().len(), &live[0]["mode"]), (1, &json!("live")));
    let shadow = list("?mode=shadow").await;
    assert_eq!((shadow.as_array().unwrap().len(), &shadow[0]["outcome"]), (1, &json!("told")));
    house.server.get(&house.admin, "/api/v1/instances?mode=neither").await.expect(400);
}

#[tokio::test]
async fn notes_are_marked_by_anyone_and_narrowed_by_what_is_known() {
    let house = shadowed().await;
    house.start().await;
    let notes = house.notes(2).await;
    let of = |rest: &str| format!("{}/2/would-have{rest}", house.versions);
    let mark = of(&format!("/{}/mark", notes[0]["id"].as_str().unwrap()));
    house
        .server
        .post(&house.member, &mark, json!({ "mark": "wrong", "note": "late" }))
        .await
        .expect(204);
    let wrong = house.server.get(&house.admin, &of("?mark=wrong")).await.expect(200);
    assert_eq!(wrong.body["items"][0]["marked"]["by"], "mia@example.com");
    house.server.post(&house.member, &mark, json!({ "mark": "perhaps" })).await.expect(422);
    let long = json!({ "mark": "right", "note": "x".repeat(2_001) });
    house.server.post(&house.member, &mark, long).await.expect(422);
    let elsewhere = of("/wld_0000000000000/mark");
    house.server.post(&house.member, &elsewhere, json!({ "mark": "right" })).await.expect(404);
    house.server.get(&house.member, &of("?kind=deed")).await.expect(400);
    house.server.get(&house.member, &of("?mark=perhaps")).await.expect(400);
    house.server.get(&house.member, &of("?cursor=here")).await.expect(400);
    let stranger = house.server.get(&house.member, &of("?account=nobody")).await.expect(200);
    assert_eq!(stranger.body["items"], json!([]));
    house.server.post(&house.member, &mark, json!({ "mark": null })).await.expect(204);
    let tally = house.server.get(&house.member, &of("/summary")).await.expect(200);
    assert_eq!(
        (&tally.body["total"], &tally.body["marks"]),
        (&json!(2), &json!({ "unmarked": 2 }))
    );
}

#[tokio::test]
async fn only_a_shadow_is_promoted_and_only_by_those_who_publish() {
    let house = shadowed().await;
    let promote = |number: &str| format!("{}/{number}/promote", house.versions);
    house.server.post(&house.member, &promote("2"), json!({})).await.expect(403);
    house.server.post(&house.admin, &promote("1"), json!({})).await.expect(409);
    house.server.post(&house.admin, &promote("9"), json!({})).await.expect(404);
    house.server.get(&house.admin, &format!("{}/1/would-have", house.versions)).await.expect(409);
    let promoted = house
        .server
        .post(&house.admin, &promote("2"), json!({ "note": "it was right" }))
        .await
        .expect(201);
    assert_eq!(promoted.body["number"], 3);
    let third = house.server.get(&house.admin, &format!("{}/3", house.versions)).await.expect(200);
    assert_eq!(
        (&third.body["mode"], &third.body["note"]),
        (&json!("live"), &json!("it was right"))
    );
    let journey = format!("/api/v1/journeys/{}", house.journey);
    let journey = house.server.get(&house.admin, &journey).await.expect(200);
    assert_eq!(journey.body["live_version"], 3);
    house.start().await;
    let live = house.server.get(&house.admin, "/api/v1/instances").await.expect(200);
    assert_eq!(live.body["items"][0]["version"], 3);
}
