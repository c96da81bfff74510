//! The one line under a node's name.

use super::duration;
use journey::{Draft, draft::Node};
use serde_json::Value;

/// What a node does, in one line.
pub fn summary(draft: &Draft, node: &Node) -> String {
    let text = |field: &str| node.settings.get(field).and_then(Value::as_str).unwrap_or_default();
    match node.kind.as_str() {
        "trigger" => trigger(node),
        "task" | "approval" => task(node),
        "action" if text("connection").is_empty() => "Choose a connection".to_owned(),
        "action" if text("operation").is_empty() => {
            format!("{} · choose an operation", text("connection"))
        }
        "action" => format!("{} · {}", text("connection"), text("operation")),
        "decision" => decision(draft, node),
        "parallel" => {
            let ways = draft.edges.iter().filter(|edge| edge.from == node.id).count();
            if ways == 0 {
                "Draw its branches".to_owned()
            } else {
                counted(ways, "branch", "branches")
            }
        }
        "join" => match node.settings.get("need") {
            Some(Value::Number(n)) => format!("Goes on when {n} have arrived"),
            Some(Value::String(any)) if any == "any" => "Goes on with the first".to_owned(),
            _ => "Goes on when all have arrived".to_owned(),
        },
        "wait" => wait(node),
        "set" => set(node),
        "end" => text("outcome").to_owned(),
        "note" => text("text").to_owned(),
        other => other.to_owned(),
    }
}

fn trigger(node: &Node) -> String {
    let on = node.settings.get("on");
    let text =
        |field: &str| on.and_then(|on| on.get(field)).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "manual" => "Started by a person".to_owned(),
        "webhook" => format!("Webhook · {}", text("hook")),
        other => other.to_owned(),
    }
}

fn task(node: &Node) -> String {
    let owner = node.settings.get("owner").map(owner).unwrap_or_default();
    let due = node.settings.get("sla").and_then(|sla| sla.get("due")).map(duration::describe);
    match due {
        Some(due) => format!("{owner} · {due}"),
        None => owner,
    }
}

/// An owner rule in words.
pub fn owner(rule: &Value) -> String {
    let text = |field: &str| rule.get(field).and_then(Value::as_str).unwrap_or_default();
    match text("rule") {
        "account_owner" => "Account owner".to_owned(),
        "team" if text("team").is_empty() => "Choose a team".to_owned(),
        "team" => text("team").to_owned(),
        "user" if text("user").is_empty() => "Choose a person".to_owned(),
        "user" => text("user").to_owned(),
        "expression" => "By expression".to_owned(),
        "" => "No owner".to_owned(),
        other => other.to_owned(),
    }
}

fn decision(draft: &Draft, node: &Node) -> String {
    let ways = draft.edges.iter().filter(|edge| edge.from == node.id).count();
    let first = if node.settings.get("mode").and_then(Value::as_str) == Some("inclusive") {
        "Every way that holds"
    } else {
        "The first way that holds"
    };
    if ways == 0 { "Draw its ways".to_owned() } else { first.to_owned() }
}

fn wait(node: &Node) -> String {
    let text = |field: &str| node.settings.get(field).and_then(Value::as_str);
    if let Some(duration) = node.settings.get("for") {
        return format!("For {}", duration::describe(duration));
    }
    text("until")
        .map_or_else(|| "For something to happen".to_owned(), |until| format!("Until {until}"))
}

fn set(node: &Node) -> String {
    let rows = node
        .settings
        .get("assign")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    match rows {
        [] => "Nothing yet".to_owned(),
        [one] => {
            let text = |field: &str| one.get(field).and_then(Value::as_str).unwrap_or_default();
            format!("{} = {}", text("to"), text("value"))
        }
        several => counted(several.len(), "value", "values"),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
