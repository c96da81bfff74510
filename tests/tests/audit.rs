//! Every change over the API is written down: who did what to what. A new route that changes something fails here until it is.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::document::Document;
use tests::filled::Filled;
use tests::server::{ADMIN, Client, DESIGNER, MEMBER, PASSWORD};
use tests::stage::connectors;

/// Routes that are no reading by their method and still change nothing.
const CHANGING_NOTHING: [(&str, &str); 1] = [("POST", "/api/v1/journeys/check")];

/// What changes only how far one has read, which is nobody else's business.
const ONES_OWN: [(&str, &str); 1] = [("POST", "/api/v1/notices/seen")];

/// Watches the log while changes are made.
struct Watch {
    admin: Client,
    seen: BTreeSet<String>,
    covered: BTreeSet<(String, String)>,
}

/// A change and what the log must say of it.
struct Change<'a> {
    route: (&'a str, &'a str),
    request: RequestBuilder,
    status: u16,
    action: &'a str,
    actor: &'a str,
}

impl Watch {
    async fn start(admin: &Client) -> Result<Self> {
        let mut watch =
            Self { admin: admin.clone(), seen: BTreeSet::new(), covered: BTreeSet::new() };
        watch.news().await?;
        Ok(watch)
    }

    /// What was written down since the last time.
    async fn news(&mut self) -> Result<Vec<Value>> {
        let page = self.admin.get("/api/v1/audit?limit=500").await?.expect(200)?;
        let entries = page["items"].as_array().context("items")?.clone();
        let is_new =
            |entry: &Value| self.seen.insert(entry["id"].as_str().unwrap_or_default().to_owned());
        Ok(entries.into_iter().filter(is_new).collect())
    }

    /// Makes a change and finds it in the log, once; gives the answer.
    async fn expect(&mut self, change: Change<'_>) -> Result<Value> {
        let Change { route: (method, path), request, status, action, actor } = change;
        let answer = self.admin.send(request).await?.expect(status);
        let answer = answer.with_context(|| format!("{method} {path}"))?;
        let news = self.news().await?;
        let told: Vec<(&str, &str)> = news
            .iter()
            .filter_map(|entry| Some((entry["action"].as_str()?, entry["actor"].as_str()?)))
            .collect();
        ensure!(told == [(action, actor)], "{method} {path} is written down as {told:?}");
        let object = news[0]["object"].as_str().unwrap_or_default();
        ensure!(!object.is_empty(), "it says what it was done to: {news:?}");
        self.covered.insert((method.to_owned(), path.to_owned()));
        Ok(answer)
    }

    /// A change of the administrator's with a JSON body.
    async fn did(
        &mut self,
        route: (&str, &str),
        at: &str,
        body: Value,
        (status, action): (u16, &str),
    ) -> Result<Value> {
        let method = Method::from_bytes(route.0.as_bytes())?;
        let request = self.admin.request(method, at);
        let request = if body.is_null() { request } else { request.json(&body) };
        self.expect(Change { route, request, status, action, actor: ADMIN.email }).await
    }
}

fn id(value: &Value) -> Result<String> {
    Ok(value["id"].as_str().with_context(|| format!("an id: {value}"))?.to_owned())
}

#[tokio::test]
async fn every_change_is_written_down_once() -> Result<()> {
    let filled = Filled::new(&[]).await?;
    let mut watch = Watch::start(&filled.stage.admin).await?;
    sessions(&filled, &mut watch).await?;
    people(&filled, &mut watch).await?;
    journeys(&filled, &mut watch).await?;
    hooks(&filled, &mut watch).await?;
    tasks(&filled, &mut watch).await?;
    instances(&filled, &mut watch).await?;
    calendars(&mut watch).await?;
    handed_over(&mut watch).await?;
    versions(&mut watch).await?;
    below(&mut watch).await?;
    reviews(&filled, &mut watch).await?;
    backtests(&mut watch).await?;
    connections(&filled, &mut watch).await?;
    drained(&mut watch).await?;

    let mut covered = watch.covered;
    let left_out = CHANGING_NOTHING.into_iter().chain(ONES_OWN);
    covered.extend(left_out.map(|(method, path)| (method.to_owned(), path.to_owned())));
    let routes = Document::read(&filled.stage.admin).await?.routes()?;
    let changing: BTreeSet<(String, String)> = routes
        .into_iter()
        .filter(|route| route.method != "GET")
        .map(|route| (route.method, route.path))
        .collect();
    let missing: Vec<_> = changing.difference(&covered).collect();
    ensure!(missing.is_empty(), "nobody knows whether these are written down: {missing:?}");
    ensure!(covered == changing, "these are gone: {:?}", covered.difference(&changing));
    Ok(())
}

async fn sessions(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let server = &filled.stage.server;
    let path = "/api/v1/session";
    let sign_in = server.stranger()?.request(Method::POST, path);
    let request = sign_in.json(&json!({ "email": MEMBER.email, "password": PASSWORD }));
    let change = Change {
        route: ("POST", path),
        request,
        status: 204,
        action: "session.open",
        actor: MEMBER.email,
    };
    watch.expect(change).await?;
    let member = server.sign_in(MEMBER).await?;
    watch.news().await?;
    let request = member.request(Method::DELETE, path);
    let change = Change {
        route: ("DELETE", path),
        request,
        status: 204,
        action: "session.close",
        actor: MEMBER.email,
    };
    watch.expect(change).await?;
    Ok(())
}

async fn people(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let user = json!({ "email": "new@example.com", "name": "New", "role": "member", "password": PASSWORD });
    let user =
        watch.did(("POST", "/api/v1/users"), "/api/v1/users", user, (201, "user.create")).await?;
    let at = format!("/api/v1/users/{}", id(&user)?);
    let change = json!({ "name": "Newer" });
    watch.did(("PATCH", "/api/v1/users/{id}"), &at, change, (200, "user.change")).await?;
    let team = json!({ "name": "ops", "members": ["new@example.com"] });
    let team =
        watch.did(("POST", "/api/v1/teams"), "/api/v1/teams", team, (201, "team.create")).await?;
    let at = format!("/api/v1/teams/{}", id(&team)?);
    let change = json!({ "lead": ADMIN.email });
    watch.did(("PATCH", "/api/v1/teams/{id}"), &at, change, (200, "team.change")).await?;
    let token = json!({ "name": "audited" });
    let token = watch
        .did(("POST", "/api/v1/tokens"), "/api/v1/tokens", token, (201, "token.create"))
        .await?;
    let at = format!("/api/v1/tokens/{}", id(&token)?);
    watch.did(("DELETE", "/api/v1/tokens/{id}"), &at, Value::Null, (204, "token.revoke")).await?;
    let account = json!({ "external_id": "B1", "name": "Beta" });
    watch
        .did(("POST", "/api/v1/accounts"), "/api/v1/accounts", account, (201, "account.create"))
        .await?;
    let change = json!({ "segment": "smb" });
    watch
        .did(
            ("PATCH", "/api/v1/accounts/{id}"),
            "/api/v1/accounts/B1",
            change,
            (200, "account.change"),
        )
        .await?;
    let nothing = filled.stage.admin.patch("/api/v1/accounts/nobody", &json!({})).await?;
    nothing.problem(404, "not-found")?;
    ensure!(watch.news().await?.is_empty(), "what was refused is not written down as done");
    Ok(())
}

async fn journeys(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let draft = tests::stage::example_draft("w1")?;
    let new = json!({ "name": "Audited" });
    let made = watch
        .did(("POST", "/api/v1/journeys"), "/api/v1/journeys", new, (201, "journey.create"))
        .await?;
    let import = ("POST", "/api/v1/journeys/import");
    let list = json!({ "format": "markdown", "name": "List", "text": "- [ ] Call the customer" });
    watch.did(import, import.1, list, (201, "journey.import")).await?;
    let at = format!("/api/v1/journeys/{}", id(&made)?);
    let request = watch.admin.request(Method::PUT, &format!("{at}/draft"));
    let mut manual = draft;
    manual["nodes"][0]["on"] = json!({ "type": "manual" });
    let request = request.header("if-match", "*").json(&manual);
    let route = ("PUT", "/api/v1/journeys/{id}/draft");
    watch
        .expect(Change { route, request, status: 204, action: "journey.save", actor: ADMIN.email })
        .await?;
    let publish = ("POST", "/api/v1/journeys/{id}/versions");
    watch
        .did(
            publish,
            &format!("{at}/versions"),
            json!({ "mode": "live" }),
            (201, "journey.publish"),
        )
        .await?;
    let start = ("POST", "/api/v1/journeys/{id}/instances");
    let input = json!({ "input": { "id": "c9", "segment": "smb", "account": "", "email": "a@b.c", "arr": 600 } });
    watch.did(start, &format!("{at}/instances"), input, (202, "instance.start")).await?;
    filled
        .stage
        .admin
        .post("/api/v1/journeys/check", &json!({ "draft": {} }))
        .await?
        .problem(422, "invalid-body")?;
    filled
        .stage
        .admin
        .post("/api/v1/journeys/check", &json!({ "draft": manual }))
        .await?
        .expect(200)?;
    ensure!(watch.news().await?.is_empty(), "a check changes nothing");
    Ok(())
}

async fn hooks(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let journey = filled.ids.get("/api/v1/journeys/")?;
    let hook = json!({ "slug": "audited", "journey": journey });
    watch.did(("POST", "/api/v1/hooks"), "/api/v1/hooks", hook, (201, "hook.create")).await?;
    watch
        .did(
            ("DELETE", "/api/v1/hooks/{slug}"),
            "/api/v1/hooks/audited",
            Value::Null,
            (204, "hook.delete"),
        )
        .await?;
    let open = json!({ "slug": "open", "journey": journey, "signed": false });
    watch
        .did(("POST", "/api/v1/hooks"), "/api/v1/hooks", open, (201, "hook.create-unsigned"))
        .await?;
    let body =
        json!({ "id": "c8", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let deliver = || {
        let sender = filled.stage.server.stranger()?;
        anyhow::Ok(
            sender.request(Method::POST, "/hooks/open").header("webhook-id", "m1").json(&body),
        )
    };
    let route = ("POST", "/hooks/{slug}");
    watch
        .expect(Change {
            route,
            request: deliver()?,
            status: 202,
            action: "hook.deliver",
            actor: "hook open",
        })
        .await?;
    watch.admin.send(deliver()?).await?.expect(202)?;
    ensure!(watch.news().await?.is_empty(), "a delivery sent again changes nothing");
    Ok(())
}

async fn tasks(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let task = format!("/api/v1/tasks/{}", filled.ids.get("/api/v1/tasks/")?);
    let outcome = filled.stage.admin.get(&task).await?.expect(200)?["outcomes"][0]["id"].clone();
    let claim = ("POST", "/api/v1/tasks/{id}/claim");
    watch.did(claim, &format!("{task}/claim"), Value::Null, (200, "task.claim")).await?;
    let release = ("POST", "/api/v1/tasks/{id}/release");
    watch.did(release, &format!("{task}/release"), Value::Null, (200, "task.release")).await?;
    let member = filled.stage.server.sign_in(MEMBER).await?;
    watch.news().await?;
    let change = |path: &'static str, action: &'static str, body: Value| Change {
        route: ("POST", path),
        request: member
            .request(Method::POST, &path.replace("/api/v1/tasks/{id}", &task))
            .json(&body),
        status: 200,
        action,
        actor: MEMBER.email,
    };
    watch.expect(change("/api/v1/tasks/{id}/claim", "task.claim", json!({}))).await?;
    let complete = json!({ "outcome": outcome, "form": { "notes": "all is well", "goal": "x" } });
    watch.expect(change("/api/v1/tasks/{id}/complete", "task.complete", complete.clone())).await?;
    member.post(&format!("{task}/complete"), &complete).await?.problem(409, "conflict")?;
    ensure!(watch.news().await?.is_empty(), "a second completion changes nothing");
    Ok(())
}

/// Incidents come from a connection that is not there any more.
async fn instances(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let stage = &filled.stage;
    let page = stage.admin.get("/api/v1/connections").await?.expect(200)?;
    let at = format!("/api/v1/connections/{}", id(&page["items"][0])?);
    watch
        .did(("DELETE", "/api/v1/connections/{id}"), &at, Value::Null, (204, "connection.delete"))
        .await?;
    let body =
        json!({ "id": "c7", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let start = stage.admin.request(Method::POST, "/hooks/w1").header("prefer", "wait=30");
    let started = stage.admin.send(start.json(&body)).await?.expect(200)?;
    watch.news().await?;
    let instance = format!("/api/v1/instances/{}", id(&started["instances"][0])?);
    let detail = stage.admin.get(&instance).await?.expect(200)?;
    ensure!(detail["status"] == "incident", "{detail}");
    let node = detail["waits"][0]["node"].clone();
    let retry = ("POST", "/api/v1/instances/{id}/retry");
    watch.did(retry, &format!("{instance}/retry"), Value::Null, (200, "instance.retry")).await?;
    stage.rest(&id(&started["instances"][0])?).await?;
    let skip = json!({ "node": node, "outcome": "out" });
    let route = ("POST", "/api/v1/instances/{id}/skip");
    watch.did(route, &format!("{instance}/skip"), skip, (200, "instance.skip")).await?;
    let other = stage.admin.request(Method::POST, "/hooks/w1").header("prefer", "wait=30");
    let body =
        json!({ "id": "c6", "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    let other = stage.admin.send(other.json(&body)).await?.expect(200)?;
    watch.news().await?;
    let other = format!("/api/v1/instances/{}", id(&other["instances"][0])?);
    let node = stage.admin.get(&other).await?.expect(200)?["waits"][0]["node"].clone();
    let end = json!({ "node": node, "outcome": "given_up" });
    let route = ("POST", "/api/v1/instances/{id}/end");
    watch.did(route, &format!("{other}/end"), end, (200, "instance.end")).await?;
    let cancel = ("POST", "/api/v1/instances/{id}/cancel");
    let reason = json!({ "reason": "The customer left" });
    watch.did(cancel, &format!("{instance}/cancel"), reason, (200, "instance.cancel")).await?;
    Ok(())
}

async fn calendars(watch: &mut Watch) -> Result<()> {
    let path = "/api/v1/calendars";
    let hours = json!({ "monday": [{ "from": "09:00", "to": "17:00" }] });
    let calendar = json!({ "name": "uk", "time_zone": "Europe/London", "hours": hours });
    watch.did(("POST", path), path, calendar.clone(), (201, "calendar.create")).await?;
    let request = watch.admin.request(Method::PUT, "/api/v1/calendars/uk");
    let request = request.header("if-match", "*").json(&calendar);
    let route = ("PUT", "/api/v1/calendars/{name}");
    let (action, actor) = ("calendar.save", ADMIN.email);
    watch.expect(Change { route, request, status: 204, action, actor }).await?;
    let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let at = "/api/v1/calendars/uk/import?from=2026";
    let request = watch.admin.request(Method::POST, at).header(CONTENT_TYPE, "text/calendar");
    let route = ("POST", "/api/v1/calendars/{name}/import");
    let (request, action) = (request.body(file), "calendar.import");
    let taken = watch.expect(Change { route, request, status: 200, action, actor }).await?;
    ensure!(taken["added"] == 1, "{taken}");
    let route = ("DELETE", "/api/v1/calendars/{name}");
    let gone = (204, "calendar.delete");
    watch.did(route, "/api/v1/calendars/uk", Value::Null, gone).await?;
    let event =
        json!({ "key": "k1", "type": "usage.dropped", "at": "2026-11-25T10:00:00Z", "data": {} });
    let events = json!({ "events": [event] });
    let path = "/api/v1/events";
    watch.did(("POST", path), path, events.clone(), (202, "event.take-in")).await?;
    watch.admin.post(path, &events).await?.expect(202)?;
    ensure!(watch.news().await?.is_empty(), "an event sent again changes nothing");
    Ok(())
}

/// A journey that is published and started by hand; gives its address.
async fn published(watch: &mut Watch, name: &str, nodes: Value, edges: Value) -> Result<String> {
    let draft = json!({ "format": 1, "name": name, "nodes": nodes, "edges": edges });
    let new = json!({ "name": name, "draft": draft });
    let made = watch.admin.post("/api/v1/journeys", &new).await?.expect(201)?;
    let at = format!("/api/v1/journeys/{}", id(&made)?);
    let live = json!({ "mode": "live" });
    watch.admin.post(&format!("{at}/versions"), &live).await?.expect(201)?;
    watch.news().await?;
    Ok(at)
}

/// The address of an instance started by hand, when it has come to rest.
async fn started(watch: &mut Watch, journey: &str) -> Result<String> {
    let at = format!("{journey}/instances");
    let made = watch.admin.post(&at, &json!({ "input": {} })).await?.expect(202)?;
    let instance = format!("/api/v1/instances/{}", id(&made)?);
    for _ in 0..600 {
        let seen = watch.admin.get(&instance).await?.expect(200)?;
        if seen["waits"].as_array().is_some_and(|waits| !waits.is_empty()) {
            watch.news().await?;
            return Ok(instance);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("{instance} waits for nothing")
}

fn manual() -> Value {
    json!({ "id": "start", "kind": "trigger", "on": { "type": "manual" } })
}

async fn handed_over(watch: &mut Watch) -> Result<()> {
    let hand = json!({ "id": "hand", "kind": "handoff", "from_team": "ops", "to_team": "ops", "sla": { "due": "PT10H", "escalation": [] } });
    let nodes = json!([manual(), hand, { "id": "done", "kind": "end", "outcome": "done" }]);
    let edges = json!([
        { "id": "a", "from": "start", "to": "hand" },
        { "id": "b", "from": "hand", "port": "accepted", "to": "done" },
        { "id": "c", "from": "hand", "port": "sent_back", "to": "done" }
    ]);
    let journey = published(watch, "Handed over", nodes, edges).await?;
    for last in ["delegate", "send-back"] {
        let instance = started(watch, &journey).await?;
        let instance = instance.trim_start_matches("/api/v1/instances/").to_owned();
        let tasks = watch.admin.get("/api/v1/tasks?queue=all&limit=500").await?.expect(200)?;
        let tasks = tasks["items"].as_array().context("tasks")?.clone();
        let task = tasks.iter().find(|task| task["instance"] == instance.as_str());
        let task = format!("/api/v1/tasks/{}", id(task.context("its task")?)?);
        watch.admin.post(&format!("{task}/claim"), &json!({})).await?.expect(200)?;
        watch.news().await?;
        if last == "delegate" {
            let pause = json!({ "do": "pause", "reason": "waiting_on_customer" });
            let route = ("POST", "/api/v1/tasks/{id}/sla");
            watch.did(route, &format!("{task}/sla"), pause, (200, "task.sla")).await?;
            let to = json!({ "to": MEMBER.email });
            let route = ("POST", "/api/v1/tasks/{id}/delegate");
            watch.did(route, &format!("{task}/delegate"), to, (200, "task.delegate")).await?;
        } else {
            let reason = json!({ "reason": "the goal is missing" });
            let route = ("POST", "/api/v1/tasks/{id}/send-back");
            watch.did(route, &format!("{task}/send-back"), reason, (200, "task.complete")).await?;
        }
    }
    Ok(())
}

fn slow() -> (Value, Value) {
    let wait = json!({ "id": "w", "kind": "wait", "for": "P9D" });
    let nodes = json!([manual(), wait, { "id": "done", "kind": "end", "outcome": "done" }]);
    let edges = json!([{ "id": "a", "from": "start", "to": "w" }, { "id": "b", "from": "w", "to": "done" }]);
    (nodes, edges)
}

async fn versions(watch: &mut Watch) -> Result<()> {
    let (nodes, edges) = slow();
    let journey = published(watch, "Slow", nodes, edges).await?;
    let instance = started(watch, &journey).await?;
    let live = json!({ "mode": "live" });
    watch.admin.post(&format!("{journey}/versions"), &live).await?.expect(201)?;
    watch.news().await?;
    let looking = json!({ "from": 1, "to": 2, "dry_run": true });
    let at = format!("{journey}/migrations");
    let route = ("POST", "/api/v1/journeys/{id}/migrations");
    let looked = watch.did(route, &at, looking, (202, "journey.migrate")).await?;
    over(watch, &format!("{at}/{}", id(&looked)?)).await?;
    let moving = json!({ "from": 1, "to": 2 });
    let moved = watch.admin.post(&at, &moving).await?.expect(202)?;
    let moved = format!("{at}/{}", id(&moved)?);
    over(watch, &moved).await?;
    watch.news().await?;
    let back = json!({ "instance": instance.trim_start_matches("/api/v1/instances/") });
    let route = ("POST", "/api/v1/journeys/{id}/migrations/{migration}/roll-back");
    watch.did(route, &format!("{moved}/roll-back"), back, (204, "instance.migrate")).await?;
    shadow(watch, &journey).await
}

/// Waits until a migration has looked at every instance.
async fn over(watch: &Watch, migration: &str) -> Result<()> {
    for _ in 0..600 {
        let state = watch.admin.get(migration).await?.expect(200)?;
        if state["state"] != "running" {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("the migration does not end")
}

async fn shadow(watch: &mut Watch, journey: &str) -> Result<()> {
    let shadow = json!({ "mode": "shadow" });
    watch.admin.post(&format!("{journey}/versions"), &shadow).await?.expect(201)?;
    started(watch, journey).await?;
    let rows = format!("{journey}/versions/3/would-have");
    let mut row = None;
    for _ in 0..600 {
        let page = watch.admin.get(&rows).await?.expect(200)?;
        row = page["items"][0]["id"].as_str().map(str::to_owned);
        if row.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    watch.news().await?;
    let row = row.context("the shadow would have started")?;
    let route = ("POST", "/api/v1/journeys/{id}/versions/{number}/would-have/{row}/mark");
    let mark = json!({ "mark": "right" });
    watch.did(route, &format!("{rows}/{row}/mark"), mark, (204, "would-have.mark")).await?;
    let route = ("POST", "/api/v1/journeys/{id}/versions/{number}/promote");
    let at = format!("{journey}/versions/3/promote");
    watch.did(route, &at, json!({}), (201, "journey.promote")).await?;
    Ok(())
}

async fn reviews(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let second = filled.stage.server.sign_in(DESIGNER).await?;
    let (nodes, edges) = slow();
    let journey = published(watch, "Reviewed", nodes, edges).await?;
    for decision in ["withdraw", "approve", "send-back"] {
        let route = ("POST", "/api/v1/journeys/{id}/reviews");
        let asked = json!({ "mode": "live", "note": "please" });
        let made =
            watch.did(route, &format!("{journey}/reviews"), asked, (201, "review.ask")).await?;
        let at = format!("/api/v1/reviews/{}", id(&made)?);
        if decision == "withdraw" {
            let route = ("POST", "/api/v1/reviews/{id}/withdraw");
            let gone = (204, "review.withdraw");
            watch.did(route, &format!("{at}/withdraw"), Value::Null, gone).await?;
            continue;
        }
        let body = json!({ "decision": decision.replace('-', "_"), "comment": "read" });
        let change = Change {
            route: ("POST", "/api/v1/reviews/{id}/decide"),
            request: second.request(Method::POST, &format!("{at}/decide")).json(&body),
            status: 204,
            action: &format!("review.{decision}"),
            actor: DESIGNER.email,
        };
        watch.expect(change).await?;
    }
    let (path, settings) = ("/api/v1/settings", json!({ "publishing_live_needs_review": false }));
    watch.did(("PUT", path), path, settings, (200, "settings.change")).await?;
    Ok(())
}

/// One that would take long, and is stopped.
async fn backtests(watch: &mut Watch) -> Result<()> {
    let draft = json!({
        "format": 1, "name": "Every minute",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "schedule", "rrule": "FREQ=MINUTELY", "timezone": "UTC" } },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "done" }
        ],
        "edges": [{ "id": "a", "from": "start", "to": "done" }]
    });
    let question = json!({ "draft": draft, "from": "2017-01-01", "to": "2025-12-31" });
    let path = "/api/v1/backtests";
    let asked = watch.did(("POST", path), path, question, (202, "backtest.ask")).await?;
    let at = format!("{path}/{}/cancel", id(&asked)?);
    let route = ("POST", "/api/v1/backtests/{id}/cancel");
    watch.did(route, &at, Value::Null, (204, "backtest.cancel")).await?;
    Ok(())
}

async fn below(watch: &mut Watch) -> Result<()> {
    let each = json!({ "id": "each", "kind": "for_each", "items": "[1]", "as": "n", "body": "Slow", "mode": "parallel" });
    let nodes = json!([manual(), each, { "id": "done", "kind": "end", "outcome": "done" }]);
    let edges = json!([{ "id": "a", "from": "start", "to": "each" }, { "id": "b", "from": "each", "to": "done" }]);
    let journey = published(watch, "Each", nodes, edges).await?;
    let instance = started(watch, &journey).await?;
    let item = json!({ "node": "each", "item": 2 });
    let route = ("POST", "/api/v1/instances/{id}/items");
    watch.did(route, &format!("{instance}/items"), item, (200, "instance.add-item")).await?;
    Ok(())
}

/// The last of all: the server takes up nothing new.
async fn drained(watch: &mut Watch) -> Result<()> {
    let nodes = watch.admin.get("/api/v1/nodes").await?.expect(200)?;
    let at = format!("/api/v1/nodes/{}/drain", id(&nodes[0])?);
    watch.did(("POST", "/api/v1/nodes/{id}/drain"), &at, Value::Null, (204, "node.drain")).await?;
    Ok(())
}

async fn connections(filled: &Filled, watch: &mut Watch) -> Result<()> {
    let connection = json!({ "name": "again", "connector": "crm", "config": { "base_url": "http://127.0.0.1:1" } });
    let path = "/api/v1/connections";
    let made = watch.did(("POST", path), path, connection, (201, "connection.create")).await?;
    let (route, at) = (("PATCH", "/api/v1/connections/{id}"), format!("{path}/{}", id(&made)?));
    let change = json!({ "calls_at_once": 3, "for_tests": true });
    watch.did(route, &at, change, (200, "connection.change")).await?;
    let route = ("POST", "/api/v1/connections/{id}/try");
    let trial = json!({ "operation": "note", "input": { "id": "c1", "text": "hello" } });
    watch.did(route, &format!("{at}/try"), trial, (200, "connection.try")).await?;
    let path = "/api/v1/connectors";
    let wasm = fs::read(connectors().join("crm.wasm"))?;
    let request =
        watch.admin.request(Method::POST, path).header(CONTENT_TYPE, "application/wasm").body(wasm);
    let change = Change {
        route: ("POST", path),
        request,
        status: 201,
        action: "connector.install",
        actor: ADMIN.email,
    };
    watch.expect(change).await?;
    let at = format!("{path}/{}", filled.stage.crm);
    watch
        .did(("DELETE", "/api/v1/connectors/{id}"), &at, Value::Null, (204, "connector.uninstall"))
        .await?;
    Ok(())
}
