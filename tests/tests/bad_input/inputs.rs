//! What journeys take in: inputs of their triggers and answers of their forms, by the schemas their drafts give.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{ADMIN, Client, Server};

/// A trigger, a task for the administrator, an end.
fn draft(on: &Value, input: &Value, form: &Value) -> Value {
    json!({
        "format": 1, "name": "Taking",
        "nodes": [
            { "id": "start", "kind": "trigger", "on": on, "input": input },
            { "id": "ask", "kind": "task", "name": "Ask", "title": "Ask",
              "owner": { "rule": "user", "user": ADMIN.email },
              "sla": { "due": "PT8H", "escalation": [] }, "form": form,
              "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "end", "kind": "end", "outcome": "asked" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "ask" },
            { "id": "e2", "from": "ask", "port": "done", "to": "end" }
        ]
    })
}

async fn make(admin: &Client, draft: &Value) -> Result<String> {
    let body = json!({ "name": "Taking", "draft": draft });
    let made = admin.post("/api/v1/journeys", &body).await?.expect(201)?;
    Ok(format!("/api/v1/journeys/{}", made["id"].as_str().context("an id")?))
}

async fn publish(admin: &Client, draft: &Value) -> Result<String> {
    let journey = make(admin, draft).await?;
    admin.post(&format!("{journey}/versions"), &json!({ "mode": "live" })).await?.expect(201)?;
    Ok(journey)
}

fn schema() -> Value {
    json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {
            "id": { "type": "string", "minLength": 1 },
            "seats": { "type": "integer", "minimum": 1 },
            "tags": { "type": "array", "items": { "type": "string", "pattern": "^[a-z]+$" } }
        }
    })
}

/// Values that do not fit [`schema`], and the pointer of what is wrong.
fn misfits() -> [(Value, &'static str); 7] {
    [
        (json!({}), "/id"),
        (json!({ "id": 7 }), "/id"),
        (json!({ "id": "" }), "/id"),
        (json!({ "id": "a", "seats": 0 }), "/seats"),
        (json!({ "id": "a", "seats": "two" }), "/seats"),
        (json!({ "id": "a", "tags": ["good", "BAD"] }), "/tags/1"),
        (json!({ "id": "a", "colour": "green" }), "/colour"),
    ]
}

async fn nothing_was_started(admin: &Client) -> Result<()> {
    let instances = admin.get("/api/v1/instances").await?.expect(200)?;
    ensure!(instances["items"] == json!([]), "{instances}");
    Ok(())
}

#[tokio::test]
async fn a_schema_that_is_none_is_not_published_and_its_place_is_named() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let manual = json!({ "type": "manual" });
    let fine = json!({ "type": "object" });
    for (wrong, place) in [
        (json!({ "type": "strnig" }), "/type"),
        (json!({ "type": "object", "properties": 7 }), "/properties"),
        (json!({ "type": "object", "required": "a" }), "/required"),
        (json!({ "properties": { "a": { "minLength": -1 } } }), "/properties/a/minLength"),
        (json!({ "properties": { "a": { "pattern": "(" } } }), "/properties/a/pattern"),
        (json!({ "properties": { "a": { "$ref": "http://127.0.0.1:1/a" } } }), ""),
    ] {
        let as_form = draft(&manual, &fine, &wrong);
        let as_input = draft(&manual, &wrong, &fine);
        let mut as_variables = draft(&manual, &fine, &fine);
        as_variables["variables"] = wrong.clone();
        for (draft, node, member) in [
            (as_form, json!("ask"), "form"),
            (as_input, json!("start"), "input"),
            (as_variables, Value::Null, "variables"),
        ] {
            let journey = make(&admin, &draft).await?;
            let publish =
                admin.post(&format!("{journey}/versions"), &json!({ "mode": "live" })).await?;
            let refused = publish.problem(422, "not-publishable");
            let refused = refused.with_context(|| format!("{wrong} as {member}"))?;
            let field = format!("/{member}{place}");
            let diagnostics = refused["diagnostics"].as_array().context("diagnostics")?;
            let is_named = diagnostics.iter().any(|one| {
                one["code"] == "bad-value"
                    && one.get("node").unwrap_or(&Value::Null) == &node
                    && one["field"].as_str().is_some_and(|at| at.starts_with(&field))
            });
            ensure!(is_named, "{field} of {node} is not named: {refused}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_input_that_does_not_fit_starts_nothing() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let fine = json!({ "type": "object" });
    let manual = publish(&admin, &draft(&json!({ "type": "manual" }), &schema(), &fine)).await?;
    let hook = json!({ "type": "webhook", "hook": "taking", "signed": false });
    publish(&admin, &draft(&hook, &schema(), &fine)).await?;
    for (input, pointer) in misfits() {
        let start = admin.post(&format!("{manual}/instances"), &json!({ "input": input })).await?;
        let refused = start.problem(422, "invalid-body").with_context(|| input.to_string())?;
        let at = format!("/input{pointer}");
        ensure!(refused["errors"][0]["pointer"] == at, "{input}: {refused}");
        let delivered = admin.post("/hooks/taking", &input).await?;
        let refused = delivered.problem(422, "invalid-body").with_context(|| input.to_string())?;
        ensure!(refused["errors"][0]["pointer"] == pointer, "{input}: {refused}");
    }
    for odd in [json!([1]), json!("x"), json!(7), json!(true)] {
        let start = admin.post(&format!("{manual}/instances"), &json!({ "input": odd })).await?;
        let refused = start.problem(422, "invalid-body").with_context(|| odd.to_string())?;
        ensure!(refused["errors"][0]["pointer"] == "/input", "{odd}: {refused}");
    }
    let start = json!({ "input": { "id": "a" }, "account": "nobody" });
    let unknown = admin.post(&format!("{manual}/instances"), &start).await?;
    let unknown = unknown.problem(422, "invalid-body")?;
    ensure!(unknown["errors"][0]["pointer"] == "/account", "{unknown}");
    let deep = (0..70).fold(json!("x"), |inner, _| json!([inner]));
    let deep = admin.post("/hooks/taking", &json!({ "id": "a", "tags": deep })).await?;
    deep.problem(422, "invalid-body")?;
    nothing_was_started(&admin).await?;
    let good = json!({ "id": "a", "seats": 2, "tags": ["good"] });
    admin.post("/hooks/taking", &good).await?.expect(202)?;
    admin.post(&format!("{manual}/instances"), &json!({ "input": good })).await?.expect(202)?;
    Ok(())
}

#[tokio::test]
async fn answers_that_do_not_fit_their_form_complete_nothing() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let manual = json!({ "type": "manual" });
    let journey = publish(&admin, &draft(&manual, &json!({}), &schema())).await?;
    let start = admin.request(Method::POST, &format!("{journey}/instances"));
    admin.send(start.header("prefer", "wait=10").json(&json!({}))).await?.expect(200)?;
    let tasks = admin.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let task = format!("/api/v1/tasks/{}", tasks["items"][0]["id"].as_str().context("an id")?);
    let complete = format!("{task}/complete");
    admin.post(&format!("{task}/claim"), &json!({})).await?.expect(200)?;
    for (form, pointer) in misfits() {
        let refused = admin.post(&complete, &json!({ "outcome": "done", "form": form })).await?;
        let refused = refused.problem(422, "invalid-body").with_context(|| form.to_string())?;
        let at = format!("/form{pointer}");
        ensure!(refused["errors"][0]["pointer"] == at, "{form}: {refused}");
    }
    let unknown = json!({ "outcome": "nope", "form": { "id": "a" } });
    let unknown = admin.post(&complete, &unknown).await?.problem(422, "invalid-body")?;
    ensure!(unknown["errors"][0]["pointer"] == "/outcome", "{unknown}");
    let standing = admin.get(&task).await?.expect(200)?;
    ensure!(standing["status"] == "claimed", "nothing has changed: {standing}");
    let right = json!({ "outcome": "done", "form": { "id": "a" } });
    admin.post(&complete, &right).await?.expect(200)?;
    for (verb, body) in [("complete", right), ("claim", json!({})), ("release", json!({}))] {
        let late = admin.post(&format!("{task}/{verb}"), &body).await?;
        late.problem(409, "conflict").with_context(|| verb.to_owned())?;
    }
    Ok(())
}
