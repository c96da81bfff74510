//! Drafts: what cannot be published is said place by place, and no save is lost to another.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{Answer, Client, DESIGNER, Server};
use tokio::time::{Instant, sleep};

fn node(id: &str, kind: &str, settings: &Value) -> Value {
    let mut node = json!({ "id": id, "kind": kind, "name": id, "position": { "x": 0, "y": 0 } });
    for (name, value) in settings.as_object().into_iter().flatten() {
        node[name] = value.clone();
    }
    node
}

fn edge(id: &str, from: &str, to: &str) -> Value {
    json!({ "id": id, "from": from, "to": to })
}

/// From a manual start straight to the end.
fn straight(name: &str) -> Value {
    json!({
        "format": 1, "name": name,
        "nodes": [
            node("start", "trigger", &json!({ "on": { "type": "manual" } })),
            node("done", "end", &json!({ "outcome": "done" })),
        ],
        "edges": [edge("e1", "start", "done")],
    })
}

async fn make(designer: &Client, draft: &Value) -> Result<String> {
    let body = json!({ "name": draft["name"], "draft": draft });
    let made = designer.post("/api/v1/journeys", &body).await?.expect(201)?;
    Ok(format!("/api/v1/journeys/{}", made["id"].as_str().context("an id")?))
}

async fn save(
    designer: &Client,
    journey: &str,
    tag: Option<&str>,
    draft: &Value,
) -> Result<Answer> {
    let mut request = designer.request(Method::PUT, &format!("{journey}/draft")).json(draft);
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    designer.send(request).await
}

fn tag(answer: &Answer) -> Result<String> {
    Ok(answer.headers.get("etag").context("a draft has a tag")?.to_str()?.to_owned())
}

/// The code and place of each error.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let diagnostics = problem["diagnostics"].as_array().into_iter().flatten();
    diagnostics
        .filter(|one| one["severity"] == "error")
        .filter_map(|one| {
            let place = one["node"].as_str().or(one["edge"].as_str()).unwrap_or("");
            Some((one["code"].as_str()?, place))
        })
        .collect()
}

/// A loop that nothing ever leaves in time: no wait, no task, no call.
fn endless() -> Value {
    let mut endless = straight("Endless");
    endless["nodes"] = json!([
        node("start", "trigger", &json!({ "on": { "type": "manual" } })),
        node("again", "set", &json!({ "set": { "x": "1" } })),
        node("which", "decision", &json!({})),
        node("done", "end", &json!({ "outcome": "done" })),
    ]);
    endless["variables"] = json!({ "type": "object", "properties": { "x": { "type": "number" } } });
    endless["edges"] = json!([
        edge("e1", "start", "again"),
        edge("e2", "again", "which"),
        { "id": "e3", "from": "which", "to": "done", "when": "1 == 2" },
        { "id": "e4", "from": "which", "port": "default", "to": "again" },
    ]);
    endless
}

#[tokio::test]
async fn a_draft_with_errors_is_kept_and_not_published_and_each_error_has_its_place() -> Result<()>
{
    let server = Server::start().await?;
    let designer = server.sign_in(DESIGNER).await?;
    let mut dangling = straight("Dangling");
    dangling["edges"] = json!([
        edge("e1", "start", "done"),
        edge("e2", "start", "nowhere"),
        edge("e3", "ghost", "done")
    ]);
    let mut unknown = straight("Unknown");
    unknown["nodes"][1]["kind"] = json!("teleport");
    unknown["colour"] = json!("green");
    let mut twice = straight("Twice");
    twice["nodes"][1]["id"] = json!("start");
    let empty = json!({ "format": 1, "name": "Empty" });
    let mut later = straight("Later");
    later["format"] = json!(99);
    for (draft, expected) in [
        (dangling, [("dangling-edge", "e2"), ("dangling-edge", "e3")].as_slice()),
        (endless(), &[("endless-loop", "again")]),
        (unknown, &[("unknown-kind", "done")]),
        (twice, &[("duplicate-id", "start")]),
        (empty, &[("no-trigger", ""), ("no-end", "")]),
        (later, &[("unknown-format", "")]),
    ] {
        let journey = make(&designer, &draft).await?;
        let checked = designer.post("/api/v1/journeys/check", &json!({ "draft": draft })).await?;
        let publish =
            designer.post(&format!("{journey}/versions"), &json!({ "mode": "live" })).await?;
        let refused = publish.problem(422, "not-publishable")?;
        ensure!(checked.expect(200)?["diagnostics"] == refused["diagnostics"], "{refused}");
        let found = errors(&refused);
        for one in expected {
            ensure!(found.contains(one), "{one:?} is not among {found:?} of {}", draft["name"]);
        }
        let kept = designer.get(&format!("{journey}/draft")).await?.expect(200)?;
        ensure!(
            kept["edges"] == *draft.get("edges").unwrap_or(&json!([])),
            "kept as it was: {kept}"
        );
        let versions = designer.get(&format!("{journey}/versions")).await?.expect(200)?;
        ensure!(versions["items"] == json!([]), "{versions}");
        designer
            .post(&format!("{journey}/instances"), &json!({}))
            .await?
            .problem(409, "conflict")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_draft_of_ten_megabytes_is_refused_and_the_old_one_stays() -> Result<()> {
    let server = Server::start().await?;
    let designer = server.sign_in(DESIGNER).await?;
    let journey = make(&designer, &straight("Kept")).await?;
    let before = designer.get(&format!("{journey}/draft")).await?;
    let mut large = straight("Large");
    large["description"] = json!("x".repeat(10 << 20));
    for _ in 0..3 {
        let refused = save(&designer, &journey, Some(&tag(&before)?), &large).await?;
        refused.problem(413, "too-large")?;
    }
    let wordy = straight(&"x".repeat(201));
    let wordy = save(&designer, &journey, Some(&tag(&before)?), &wordy).await?;
    wordy.problem(422, "invalid-body")?;
    let mut crowded = straight("Crowded");
    let nodes: Vec<Value> =
        (0..5_001).map(|n| json!({ "id": format!("n{n}"), "kind": "end" })).collect();
    crowded["nodes"] = json!(nodes);
    save(&designer, &journey, Some(&tag(&before)?), &crowded).await?.problem(413, "too-large")?;
    let after = designer.get(&format!("{journey}/draft")).await?;
    ensure!(tag(&after)? == tag(&before)? && after.body == before.body, "the old draft is there");
    Ok(())
}

/// As many steps as a draft may have, each reading two others.
fn enormous() -> Value {
    let count = 4_000;
    let steps = (0..count).map(|n| {
        let reads = |by: usize| format!("nodes.n{}.output.x", n * by % count);
        let input = json!({ "a": reads(7), "b": reads(13) });
        node(
            &format!("n{n}"),
            "action",
            &json!({ "connection": "crm", "operation": "note", "input": input }),
        )
    });
    let ways = (1..count).map(|n| edge(&format!("e{n}"), &format!("n{}", n - 1), &format!("n{n}")));
    let mut draft = straight("Enormous");
    draft["nodes"].as_array_mut().into_iter().for_each(|nodes| nodes.extend(steps.clone()));
    draft["edges"] = ways.collect();
    draft
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enormous_drafts_under_check_do_not_keep_others_waiting() -> Result<()> {
    let server = Server::start().await?;
    let designer = server.sign_in(DESIGNER).await?;
    let body = json!({ "draft": enormous() });
    let checks: Vec<_> = (0..4)
        .map(|_| {
            let (designer, body) = (designer.clone(), body.clone());
            tokio::spawn(async move { designer.post("/api/v1/journeys/check", &body).await })
        })
        .collect();
    let mut longest = Duration::ZERO;
    while checks.iter().any(|check| !check.is_finished()) {
        let asked = Instant::now();
        designer.get("/api/v1/session").await?.expect(200)?;
        longest = longest.max(asked.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
    ensure!(longest < Duration::from_secs(2), "somebody waited {longest:?}");
    for check in checks {
        let checked = check.await??.expect(200)?;
        ensure!(checked["diagnostics"].as_array().is_some_and(|all| !all.is_empty()), "{checked}");
    }
    Ok(())
}

#[tokio::test]
async fn a_draft_saved_over_a_newer_one_is_refused_with_both_tags() -> Result<()> {
    let server = Server::start().await?;
    let designer = server.sign_in(DESIGNER).await?;
    let journey = make(&designer, &straight("First")).await?;
    let first = tag(&designer.get(&format!("{journey}/draft")).await?)?;
    let saved = save(&designer, &journey, Some(&first), &straight("Second")).await?;
    let second = tag(&saved)?;
    saved.expect(204)?;
    let stale = save(&designer, &journey, Some(&first), &straight("Stale")).await?;
    let stale = stale.problem(412, "stale-draft")?;
    ensure!(stale["current_etag"] == second && stale["your_etag"] == first, "{stale}");
    let blind = save(&designer, &journey, None, &straight("Blind")).await?;
    blind.problem(428, "if-match-required")?;
    for tag in ["7", "no quotes", ""] {
        let odd = save(&designer, &journey, Some(tag), &straight("Odd")).await?;
        odd.problem(400, "invalid-query")?;
    }
    let foreign = save(&designer, &journey, Some("\"ours\""), &straight("Foreign")).await?;
    foreign.problem(412, "stale-draft")?;
    let kept = designer.get(&format!("{journey}/draft")).await?;
    ensure!(kept.body["name"] == "Second" && tag(&kept)? == second, "{}", kept.body);
    save(&designer, &journey, Some("*"), &straight("Any")).await?.expect(204)?;
    Ok(())
}
