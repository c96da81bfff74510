//! What a new node of each kind is called and holds.

use super::fresh_id;
use crate::messages::t;
use journey::{
    Draft,
    draft::{Node, Point},
};
use serde_json::{Map, Value, json};

/// A new node of a kind, holding settings that work as they are wherever that is possible.
pub fn create(draft: &Draft, kind: &str, position: Point) -> Node {
    let id = fresh_id(draft, kind);
    let nth = draft.nodes.iter().filter(|node| node.kind == kind).count();
    let name = match kind {
        "trigger" | "note" => name(kind).to_owned(),
        _ => numbered(name(kind), nth),
    };
    Node { id, kind: kind.to_owned(), name, position, settings: settings(kind), ..Node::default() }
}

/// Whether a node of a kind is still called what a new one is called.
pub fn is_called_as_new(kind: &str, called: &str) -> bool {
    let rest = called.strip_prefix(name(kind));
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().parse::<usize>().is_ok())
}

fn name(kind: &str) -> &str {
    match kind {
        "trigger" => t!("Journey starts"),
        "task" => t!("New task"),
        "approval" => t!("Approve"),
        "handoff" => t!("Hand over"),
        "action" => t!("New action"),
        "ai_check" => t!("Check by AI"),
        "decision" => t!("Which way?"),
        "parallel" => t!("At the same time"),
        "join" => t!("When all are done"),
        "for_each" => t!("For each item"),
        "wait" => t!("Wait a day"),
        "journey" => t!("Another journey"),
        "set" => t!("Store a value"),
        "milestone" => t!("Milestone"),
        "notify" => t!("Tell the owner"),
        "end" => t!("Done"),
        "note" => "",
        other => other,
    }
}

fn numbered(name: &str, before: usize) -> String {
    if before == 0 { name.to_owned() } else { format!("{name} {}", before + 1) }
}

fn settings(kind: &str) -> Map<String, Value> {
    let value = match kind {
        "trigger" => json!({ "on": { "type": "manual" } }),
        "task" | "approval" | "handoff" => human(kind),
        "action" => call(),
        "ai_check" => ai_check(),
        "decision" => json!({ "mode": "exclusive" }),
        "join" => json!({ "need": "all" }),
        "for_each" => json!({ "items": "", "as": "item", "mode": "parallel", "max": 100 }),
        "wait" => json!({ "for": "P1D" }),
        "journey" => json!({ "journey": "", "version": "latest", "input": {}, "wait": true }),
        "set" => json!({ "assign": [] }),
        "milestone" => json!({ "milestone": "reached" }),
        "notify" => json!({
            "channel": "app",
            "to": { "rule": "account_owner" },
            "subject": t!("News about {{ account.name }}"),
            "body": "",
        }),
        "end" => json!({ "outcome": "completed" }),
        "note" => json!({ "text": "" }),
        _ => json!({}),
    };
    value.as_object().cloned().unwrap_or_default()
}

fn human(kind: &str) -> Value {
    let sla = json!({ "due": { "business": "P2D" } });
    match kind {
        "approval" => json!({ "owner": { "rule": "account_owner" }, "sla": sla }),
        "handoff" => json!({
            "from_team": "",
            "to_team": "",
            "fields": {
                "type": "object",
                "properties": { "summary": { "type": "string" } },
                "required": ["summary"],
                "x-order": ["summary"],
            },
            "sla": sla,
        }),
        _ => json!({
            "owner": { "rule": "account_owner" },
            "sla": sla,
            "outcomes": [{ "id": "done", "label": t!("Done") }],
        }),
    }
}

fn call() -> Value {
    json!({
        "connection": "",
        "operation": "",
        "input": {},
        "timeout": "PT30S",
        "retry": { "attempts": 5, "backoff": "PT1S", "max": "PT5M" },
    })
}

fn ai_check() -> Value {
    let mut check = call();
    check["timeout"] = json!("PT2M");
    check["retry"]["attempts"] = json!(3);
    check["verdict"] = json!({ "type": "object", "properties": {} });
    check["threshold"] = json!(0.8);
    check
}
