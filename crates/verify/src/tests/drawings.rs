//! The journeys that are lived.

use journey::Draft;
use serde_json::{Value, json};

fn draft(name: &str, nodes: &Value, edges: &[&str]) -> Draft {
    let edges: Vec<Value> =
        edges.iter().enumerate().map(|(number, edge)| way(number, edge)).collect();
    let draft = json!({ "format": 1, "name": name, "nodes": nodes, "edges": edges });
    serde_json::from_value(draft).unwrap()
}

/// `from:port>to`, or `from>to` out of the port `out`.
fn way(number: usize, edge: &str) -> Value {
    let (from, to) = edge.split_once('>').unwrap();
    let (from, port) = from.split_once(':').unwrap_or((from, "out"));
    json!({ "id": format!("e{number}"), "from": from, "port": port, "to": to })
}

fn begin() -> Value {
    json!({ "id": "begin", "kind": "trigger", "name": "Begin", "on": { "type": "manual" }, "account": "input.account" })
}

fn end() -> Value {
    json!({ "id": "end", "kind": "end", "name": "End", "outcome": "success" })
}

fn owner() -> Value {
    json!({ "rule": "team", "team": "CS" })
}

/// A call that is tried three times and can be undone, then a task with a reminder of its own and a ladder.
pub(crate) fn onboarding(operation: &str) -> Draft {
    let nodes = json!([
        begin(),
        { "id": "upsert", "kind": "action", "name": "Upsert", "connection": "crm", "operation": operation, "input": { "id": "input.id" },
          "timeout": "PT30S", "retry": { "attempts": 3, "backoff": "PT10S", "max": "PT5M" },
          "undo": { "operation": "remove", "input": { "id": "input.id" } } },
        { "id": "call", "kind": "task", "name": "Call", "owner": owner(), "outcomes": [{ "id": "done", "label": "Done" }],
          "sla": { "due": "PT8H", "escalation": [{ "at": "breach", "do": "reassign", "to": { "rule": "user", "user": "lead@x.y" } }] },
          "timers": [{ "id": "nudge", "after": "PT2H", "interrupting": false }] },
        { "id": "keep", "kind": "set", "name": "Keep", "assign": [{ "to": "vars.nudged", "value": "true" }] },
        { "id": "nudged", "kind": "end", "name": "Nudged", "outcome": "nudged" },
        end()
    ]);
    let ways = ["begin>upsert", "upsert>call", "call:done>end", "call:nudge>keep", "keep>nudged"];
    draft("Onboarding", &nodes, &ways)
}

/// Opened by an event and over at once.
pub(crate) fn opened_by(event: &str) -> Draft {
    let on = json!({ "type": "event", "event": event });
    let trigger = json!({ "id": "begin", "kind": "trigger", "name": "Begin", "on": on });
    draft("Opened", &json!([trigger, end()]), &["begin>end"])
}

/// A call whose failure has a way of its own.
pub(crate) fn fallible() -> Draft {
    let nodes = json!([
        begin(),
        { "id": "try", "kind": "action", "name": "Try", "connection": "crm", "operation": "try", "input": {},
          "retry": { "attempts": 2, "backoff": "PT0S", "max": "PT0S" } },
        { "id": "other", "kind": "end", "name": "Other", "outcome": "failed" },
        end()
    ]);
    draft("Fallible", &nodes, &["begin>try", "try>end", "try:error>other"])
}

/// One wait, then the end.
pub(crate) fn waiting(mut wait: Value) -> Draft {
    for (member, value) in [("id", "wait"), ("kind", "wait"), ("name", "Wait")] {
        wait[member] = json!(value);
    }
    let late = json!({ "id": "late", "kind": "end", "name": "Late", "outcome": "late" });
    let ways = ["begin>wait", "wait>end", "wait:timeout>late"];
    if wait.get("timeout").is_some() {
        return draft("Waiting", &json!([begin(), wait, late, end()]), &ways);
    }
    draft("Waiting", &json!([begin(), wait, end()]), &ways[..2])
}

pub(crate) fn for_event(timeout: &str) -> Draft {
    waiting(json!({ "timeout": timeout,
                    "event": { "name": "paid", "key": "event.order", "mine": "string(input.id)" } }))
}

/// Two branches that meet; one of them takes a day.
pub(crate) fn meeting() -> Draft {
    let nodes = json!([
        begin(),
        { "id": "both", "kind": "parallel", "name": "Both" },
        { "id": "pause", "kind": "wait", "name": "Pause", "for": "P1D" },
        { "id": "quick", "kind": "set", "name": "Quick", "assign": [{ "to": "vars.quick", "value": "true" }] },
        { "id": "meet", "kind": "join", "name": "Meet", "mode": "all" },
        end()
    ]);
    let ways = ["begin>both", "both>pause", "both>quick", "pause>meet", "quick>meet", "meet>end"];
    draft("Meeting", &nodes, &ways)
}

/// A task for each site, in a part of the drawing.
pub(crate) fn visits(mode: &str) -> Draft {
    let nodes = json!([
        begin(),
        { "id": "each", "kind": "for_each", "name": "Each site", "items": "input.sites", "as": "site", "max": 10,
          "body": { "from": "visit", "to": "visit" }, "mode": mode },
        end(),
        { "id": "visit", "kind": "task", "name": "Visit", "owner": owner(), "outcomes": [{ "id": "done", "label": "Done" }],
          "sla": { "due": "PT8H", "escalation": [] } }
    ]);
    draft("Visits", &nodes, &["begin>each", "each>end"])
}

/// Two must approve, then a team hands over to another.
pub(crate) fn deciding() -> Draft {
    let nodes = json!([
        begin(),
        { "id": "ok", "kind": "approval", "name": "Approve", "owner": owner(), "quorum": 2, "sla": { "due": "PT8H", "escalation": [] } },
        { "id": "hand", "kind": "handoff", "name": "Hand over", "from_team": "CS", "to_team": "Sales", "sla": { "due": "PT8H", "escalation": [] },
          "fields": { "type": "object", "properties": { "goal": { "type": "string" } }, "required": ["goal"] } },
        end()
    ]);
    let ways = [
        "begin>ok",
        "ok:approved>hand",
        "ok:rejected>end",
        "hand:accepted>end",
        "hand:sent_back>hand",
    ];
    draft("Deciding", &nodes, &ways)
}

/// A webhook with a key of its own, then a long wait.
pub(crate) fn delivered() -> Draft {
    let mut begin = begin();
    begin["on"] = json!({ "type": "webhook", "hook": "orders", "dedupe": "input.order" });
    let wait = json!({ "id": "wait", "kind": "wait", "name": "Wait", "for": "P1D" });
    draft("Delivered", &json!([begin, wait, end()]), &["begin>wait", "wait>end"])
}

/// A message to a team by e-mail, then the end.
pub(crate) fn mailing() -> Draft {
    let mail = json!({ "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": owner(), "subject": "S", "body": "B" });
    draft("Mailing", &json!([begin(), mail, end()]), &["begin>mail", "mail>end"])
}

/// Calls another journey, and waits for it or not.
pub(crate) fn calling(journey: &str, waits: bool) -> Draft {
    let call = json!({ "id": "below", "kind": "journey", "name": "Below", "journey": journey, "wait": waits,
                       "input": { "id": "input.id", "account": "''" } });
    draft("Calling", &json!([begin(), call, end()]), &["begin>below", "below>end"])
}
