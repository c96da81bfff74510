//! The one line under a node's name.

use super::{duration, rrule::Plan};
use journey::{Draft, draft::Node};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// What a node does, in one line.
pub fn summary(draft: &Draft, node: &Node) -> String {
    let text = |field: &str| text(&node.settings, field);
    match node.kind.as_str() {
        "trigger" => node.settings.get("on").map(trigger).unwrap_or_default(),
        "task" => task(node),
        "approval" => approval(node),
        "handoff" => handoff(node),
        "action" => call(node),
        "ai_check" => ai_check(node),
        "decision" => decision(draft, node),
        "parallel" => match ways(draft, node) {
            0 => "Draw its branches".to_owned(),
            ways => counted(ways, "branch", "branches"),
        },
        "join" => join(node),
        "for_each" => for_each(draft, node),
        "wait" => wait(node),
        "journey" => sub_journey(node),
        "set" => set(node),
        "milestone" => milestone(node),
        "notify" => notify(node),
        "end" if flag(node, "everything", Unsaid::No) => {
            format!("{} · ends everything", text("outcome"))
        }
        "end" => text("outcome").to_owned(),
        "note" => text("text").to_owned(),
        other => other.to_owned(),
    }
}

/// An owner rule in words.
pub fn owner(rule: &Value) -> String {
    let text = |field: &str| member(rule, field);
    match text("rule") {
        "account_owner" => "Account owner".to_owned(),
        "team" => or(text("team"), "Choose a team"),
        "user" => or(text("user"), "Choose a person"),
        "expression" => "By expression".to_owned(),
        "" => "No owner".to_owned(),
        other => other.to_owned(),
    }
}

/// What a flag is taken for where the draft does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaid {
    Yes,
    No,
}

fn trigger(on: &Value) -> String {
    let text = |field: &str| member(on, field);
    match text("type") {
        "manual" => "Started by a person".to_owned(),
        "webhook" => format!("Webhook · {}", text("hook")),
        "event" => format!("Event · {}", or(text("event"), "choose one")),
        "change" => change(on),
        "schedule" => Plan::read(text("rrule"))
            .map_or_else(|| or(text("rrule"), "Say how often"), |plan| plan.say()),
        "date" => date(on),
        "segment" => {
            let word = if text("change") == "left" { "leaves" } else { "enters" };
            format!("Account {word} {}", or(text("segment"), "a segment"))
        }
        "health" => format!("Health becomes {}", or(text("to"), "…")),
        "journey" => "Started by another journey".to_owned(),
        other => other.to_owned(),
    }
}

fn change(on: &Value) -> String {
    let shown = |field: &str| on.get(field).map(crate::words::shown);
    let field = or(member(on, "field"), "a field");
    match (shown("from"), shown("to")) {
        (Some(from), Some(to)) => format!("{field}: {from} → {to}"),
        (None, Some(to)) => format!("{field} becomes {to}"),
        (Some(from), None) => format!("{field} is no longer {from}"),
        (None, None) => format!("{field} changes"),
    }
}

fn date(on: &Value) -> String {
    let field = or(member(on, "field"), "a date");
    match on.get("before") {
        Some(before) => format!("{} before {field}", duration::describe(before)),
        None => format!("On {field}"),
    }
}

fn task(node: &Node) -> String {
    with_due(node, node.settings.get("owner").map(owner).unwrap_or_default())
}

fn approval(node: &Node) -> String {
    let who = node.settings.get("owner").map(owner).unwrap_or_default();
    match node.settings.get("quorum").and_then(Value::as_u64) {
        Some(quorum) if quorum > 1 => with_due(node, format!("{quorum} of {who}")),
        _ => with_due(node, who),
    }
}

fn handoff(node: &Node) -> String {
    let team = |field: &str| or(text(&node.settings, field), "choose a team");
    with_due(node, format!("{} → {}", team("from_team"), team("to_team")))
}

fn with_due(node: &Node, who: String) -> String {
    match node.settings.get("sla").and_then(|sla| sla.get("due")) {
        Some(due) => format!("{who} · {}", duration::describe(due)),
        None => who,
    }
}

fn call(node: &Node) -> String {
    let text = |field: &str| text(&node.settings, field);
    match (text("connection"), text("operation")) {
        ("", _) => "Choose a connection".to_owned(),
        (connection, "") => format!("{connection} · choose an operation"),
        (connection, operation) => format!("{connection} · {operation}"),
    }
}

fn ai_check(node: &Node) -> String {
    match node.settings.get("threshold").and_then(Value::as_f64) {
        Some(part) => format!("{} · sure from {:.0} %", call(node), part * 100.0),
        None => call(node),
    }
}

fn decision(draft: &Draft, node: &Node) -> String {
    if let Some(table) = node.settings.get("table") {
        let rules = table.get("rules").and_then(Value::as_array).map_or(0, Vec::len);
        let which = if member(table, "hit") == "collect" { "all that hold" } else { "the first" };
        return format!("{}, {which}", counted(rules, "rule", "rules"));
    }
    if ways(draft, node) == 0 {
        return "Draw its ways".to_owned();
    }
    let inclusive = text(&node.settings, "mode") == "inclusive";
    let which = if inclusive { "Every way that holds" } else { "The first way that holds" };
    which.to_owned()
}

fn join(node: &Node) -> String {
    let goes_on = match node.settings.get("need") {
        Some(Value::Number(count)) => format!("Goes on when {count} have arrived"),
        Some(Value::String(any)) if any == "any" => "Goes on with the first".to_owned(),
        _ => "Goes on when all have arrived".to_owned(),
    };
    if flag(node, "cancel_rest", Unsaid::No) { goes_on + ", ends the rest" } else { goes_on }
}

fn for_each(draft: &Draft, node: &Node) -> String {
    let text = |field: &str| text(&node.settings, field);
    let item = or(text("as"), "item");
    let body = match node.settings.get("body") {
        Some(Value::String(name)) => or(name, "choose what to do"),
        Some(part) => {
            let from = member(part, "from");
            draft.node(from).map_or_else(|| or(from, "choose what to do"), |node| node.name.clone())
        }
        None => "choose what to do".to_owned(),
    };
    let how = if text("mode") == "sequence" { "one by one" } else { "all at once" };
    format!("Each {item}: {body}, {how}")
}

fn wait(node: &Node) -> String {
    let text = |field: &str| node.settings.get(field).and_then(Value::as_str);
    let at_most = node.settings.get("timeout").map(duration::describe);
    let waits = if let Some(duration) = node.settings.get("for") {
        format!("For {}", duration::describe(duration))
    } else if let Some(until) = text("until") {
        format!("Until {until}")
    } else if let Some(event) = node.settings.get("event") {
        format!("For event {}", or(member(event, "name"), "…"))
    } else if let Some(condition) = text("condition") {
        format!("Until {}", or(condition, "…"))
    } else {
        "For something to happen".to_owned()
    };
    at_most.map_or(waits.clone(), |most| format!("{waits}, at most {most}"))
}

fn sub_journey(node: &Node) -> String {
    let name = or(text(&node.settings, "journey"), "Choose a journey");
    let version = match node.settings.get("version") {
        Some(Value::Number(number)) => format!(" v{number}"),
        _ => String::new(),
    };
    let waits = if flag(node, "wait", Unsaid::Yes) { "" } else { " · goes on at once" };
    format!("{name}{version}{waits}")
}

fn set(node: &Node) -> String {
    let rows = node.settings.get("assign").and_then(Value::as_array).map(Vec::as_slice);
    match rows.unwrap_or_default() {
        [] => "Nothing yet".to_owned(),
        [one] => format!("{} = {}", member(one, "to"), member(one, "value")),
        several => counted(several.len(), "value", "values"),
    }
}

fn milestone(node: &Node) -> String {
    let reached = or(text(&node.settings, "milestone"), "Name it");
    match text(&node.settings, "stage") {
        "" => reached,
        stage => format!("{reached} · stage {stage}"),
    }
}

fn notify(node: &Node) -> String {
    let to = match node.settings.get("to") {
        Some(Value::String(expression)) => or(expression, "nobody yet"),
        Some(rule) => owner(rule),
        None => "nobody yet".to_owned(),
    };
    let by = match text(&node.settings, "channel") {
        "app" => "In the app",
        "email" => "By email",
        "" => "Choose a channel",
        connection => connection,
    };
    format!("{by} · {to}")
}

fn ways(draft: &Draft, node: &Node) -> usize {
    draft.edges.iter().filter(|edge| edge.from == node.id).count()
}

fn flag(node: &Node, field: &str, unsaid: Unsaid) -> bool {
    node.settings.get(field).and_then(Value::as_bool).unwrap_or(unsaid == Unsaid::Yes)
}

fn text<'a>(settings: &'a serde_json::Map<String, Value>, field: &str) -> &'a str {
    settings.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn member<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn or(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
