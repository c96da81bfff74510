//! The journeys that the deeds start.

use anyhow::Result;
use serde_json::{Value, json};
use tests::server::MEMBER;
use tests::stage::{TEAM, example_draft};

/// Those that all deeds share, each published once.
pub(crate) fn shared() -> Result<Vec<(&'static str, Value)>> {
    Ok(vec![
        ("w1", example_draft("w1")?),
        ("won", won()),
        ("letter", letter()),
        ("dates", dates()),
        ("picky", picky()),
    ])
}

/// A journey of one node after another, each left by this port.
pub(crate) fn line(name: &str, nodes: &[(&str, Value)]) -> Value {
    let edges: Vec<_> = nodes
        .windows(2)
        .enumerate()
        .map(|(place, pair)| {
            let port = pair[0].0;
            let mut edge = json!({ "id": format!("e{place}"), "from": pair[0].1["id"], "to": pair[1].1["id"] });
            if !port.is_empty() {
                edge["port"] = json!(port);
            }
            edge
        })
        .collect();
    let nodes: Vec<_> = nodes.iter().map(|(_, node)| node).collect();
    json!({ "format": 1, "name": name, "nodes": nodes, "edges": edges })
}

/// A task for the team, called so.
pub(crate) fn task(id: &str) -> Value {
    json!({ "id": id, "kind": "task", "name": id, "title": "Call", "owner": { "rule": "team", "team": TEAM },
        "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }], "assume": { "after": "PT1S" } })
}

/// A trigger that a person pulls.
pub(crate) fn manual() -> Value {
    json!({ "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } })
}

/// The end.
pub(crate) fn end() -> Value {
    json!({ "id": "end", "kind": "end", "name": "End", "outcome": "success" })
}

/// An event starts it; it calls the CRM, changes the account, sends mail, tells people, and waits a moment.
fn won() -> Value {
    let won = json!({ "id": "won", "kind": "trigger", "name": "Won", "on": { "type": "event", "event": "deal.won" } });
    let upsert = json!({ "id": "upsert", "kind": "action", "name": "Tell the CRM", "connection": "crm", "operation": "upsert",
        "input": { "id": "'won-' + account.external_id" } });
    let mark = json!({ "id": "mark", "kind": "set", "name": "Mark", "assign": [{ "to": "account.plan", "value": "'gold'" }] });
    let tell = json!({ "id": "tell", "kind": "notify", "name": "Tell", "channel": "app", "to": { "rule": "team", "team": TEAM }, "body": "Won" });
    let pause = json!({ "id": "pause", "kind": "wait", "name": "Pause", "for": "PT1S" });
    line(
        "Won deals",
        &[("", won), ("", upsert), ("", mark), ("", mail()), ("", tell), ("", pause), ("", end())],
    )
}

/// A delivery starts it; it sends mail.
fn letter() -> Value {
    let start = json!({ "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "webhook", "hook": "letter", "signed": false } });
    line("Letter", &[("", start), ("", mail()), ("", end())])
}

/// A delivery does not start it.
fn picky() -> Value {
    let on = json!({ "type": "webhook", "hook": "picky", "signed": false });
    let start = json!({ "id": "start", "kind": "trigger", "name": "Start", "on": on, "entry": { "condition": "1 > 2" } });
    line("Picky", &[("", start), ("", end())])
}

fn mail() -> Value {
    json!({ "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": { "rule": "user", "user": MEMBER.email },
        "subject": "Hello", "body": "Hello" })
}

/// A date in a field of the account starts it.
pub(crate) fn dates() -> Value {
    let due = json!({ "id": "due", "kind": "trigger", "name": "Due", "on": { "type": "date", "field": "due" } });
    line("Dates", &[("", due), ("", end())])
}
