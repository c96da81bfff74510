//! The one line under a node's name.

use super::{duration, rrule::Plan};
use crate::messages::{plural, t};
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
            0 => t!("Draw its branches").to_owned(),
            ways => plural!(ways, "{count} branch", "{count} branches"),
        },
        "join" => join(node),
        "for_each" => for_each(draft, node),
        "wait" => wait(node),
        "journey" => sub_journey(node),
        "set" => set(node),
        "milestone" => milestone(node),
        "notify" => notify(node),
        "end" if flag(node, "everything", Unsaid::No) => {
            t!("{outcome} · ends everything", outcome = text("outcome"))
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
        "account_owner" => t!("Account owner").to_owned(),
        "team" => or(text("team"), t!("Choose a team")),
        "user" => or(text("user"), t!("Choose a person")),
        "expression" => t!("By expression").to_owned(),
        "" => t!("No owner").to_owned(),
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
        "manual" => t!("Started by a person").to_owned(),
        "webhook" => t!("Webhook · {name}", name = text("hook")),
        "event" => t!("Event · {name}", name = or(text("event"), t!("choose one"))),
        "change" => change(on),
        "schedule" => Plan::read(text("rrule"))
            .map_or_else(|| or(text("rrule"), t!("Say how often")), |plan| plan.say()),
        "date" => date(on),
        "segment" => {
            let segment = or(text("segment"), t!("a segment"));
            if text("change") == "left" {
                t!("Account leaves {segment}", segment)
            } else {
                t!("Account enters {segment}", segment)
            }
        }
        "health" => t!("Health becomes {to}", to = or(text("to"), "…")),
        "journey" => t!("Started by another journey").to_owned(),
        other => other.to_owned(),
    }
}

fn change(on: &Value) -> String {
    let shown = |field: &str| on.get(field).map(crate::words::shown);
    let field = or(member(on, "field"), t!("a field"));
    match (shown("from"), shown("to")) {
        (Some(from), Some(to)) => format!("{field}: {from} → {to}"),
        (None, Some(to)) => t!("{field} becomes {to}", field, to),
        (Some(from), None) => t!("{field} is no longer {from}", field, from),
        (None, None) => t!("{field} changes", field),
    }
}

fn date(on: &Value) -> String {
    let field = or(member(on, "field"), t!("a date"));
    let Some(before) = on.get("before") else { return t!("On {field}", field) };
    t!("{time} before {field}", time = duration::describe(before), field)
}

fn task(node: &Node) -> String {
    with_due(node, node.settings.get("owner").map(owner).unwrap_or_default())
}

fn approval(node: &Node) -> String {
    let who = node.settings.get("owner").map(owner).unwrap_or_default();
    match node.settings.get("quorum").and_then(Value::as_u64) {
        Some(quorum) if quorum > 1 => with_due(node, t!("{quorum} of {who}", quorum, who)),
        _ => with_due(node, who),
    }
}

fn handoff(node: &Node) -> String {
    let team = |field: &str| or(text(&node.settings, field), t!("choose a team"));
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
        ("", _) => t!("Choose a connection").to_owned(),
        (connection, "") => t!("{connection} · choose an operation", connection),
        (connection, operation) => format!("{connection} · {operation}"),
    }
}

fn ai_check(node: &Node) -> String {
    match node.settings.get("threshold").and_then(Value::as_f64) {
        Some(part) => t!(
            "{call} · sure from {percent} %",
            call = call(node),
            percent = (part * 100.0).round()
        ),
        None => call(node),
    }
}

fn decision(draft: &Draft, node: &Node) -> String {
    if let Some(table) = node.settings.get("table") {
        let rules = table.get("rules").and_then(Value::as_array).map_or(0, Vec::len);
        return if member(table, "hit") == "collect" {
            plural!(rules, "{count} rule, all that hold", "{count} rules, all that hold")
        } else {
            plural!(rules, "{count} rule, the first", "{count} rules, the first")
        };
    }
    if ways(draft, node) == 0 {
        return t!("Draw its ways").to_owned();
    }
    let inclusive = text(&node.settings, "mode") == "inclusive";
    let which = if inclusive { t!("Every way that holds") } else { t!("The first way that holds") };
    which.to_owned()
}

fn join(node: &Node) -> String {
    let goes_on = match node.settings.get("need") {
        Some(Value::Number(count)) => t!("Goes on when {number} have arrived", number = count),
        Some(Value::String(any)) if any == "any" => t!("Goes on with the first").to_owned(),
        _ => t!("Goes on when all have arrived").to_owned(),
    };
    if flag(node, "cancel_rest", Unsaid::No) {
        t!("{goes_on}, ends the rest", goes_on)
    } else {
        goes_on
    }
}

fn for_each(draft: &Draft, node: &Node) -> String {
    let text = |field: &str| text(&node.settings, field);
    let item = or(text("as"), t!("item"));
    let body = match node.settings.get("body") {
        Some(Value::String(name)) => or(name, t!("choose what to do")),
        Some(part) => {
            let from = member(part, "from");
            draft
                .node(from)
                .map_or_else(|| or(from, t!("choose what to do")), |node| node.name.clone())
        }
        None => t!("choose what to do").to_owned(),
    };
    if text("mode") == "sequence" {
        t!("Each {item}: {body}, one by one", item, body)
    } else {
        t!("Each {item}: {body}, all at once", item, body)
    }
}

fn wait(node: &Node) -> String {
    let text = |field: &str| node.settings.get(field).and_then(Value::as_str);
    let at_most = node.settings.get("timeout").map(duration::describe);
    let waits = if let Some(duration) = node.settings.get("for") {
        t!("For {time}", time = duration::describe(duration))
    } else if let Some(until) = text("until") {
        t!("Until {time}", time = until)
    } else if let Some(event) = node.settings.get("event") {
        t!("For event {name}", name = or(member(event, "name"), "…"))
    } else if let Some(condition) = text("condition") {
        t!("Until {time}", time = or(condition, "…"))
    } else {
        t!("For something to happen").to_owned()
    };
    at_most.map_or(waits.clone(), |most| t!("{waits}, at most {most}", waits, most))
}

fn sub_journey(node: &Node) -> String {
    let name = or(text(&node.settings, "journey"), t!("Choose a journey"));
    let version = match node.settings.get("version") {
        Some(Value::Number(number)) => format!(" v{number}"),
        _ => String::new(),
    };
    if flag(node, "wait", Unsaid::Yes) {
        format!("{name}{version}")
    } else {
        t!("{journey} · goes on at once", journey = format!("{name}{version}"))
    }
}

fn set(node: &Node) -> String {
    let rows = node.settings.get("assign").and_then(Value::as_array).map(Vec::as_slice);
    match rows.unwrap_or_default() {
        [] => t!("Nothing yet").to_owned(),
        [one] => format!("{} = {}", member(one, "to"), member(one, "value")),
        several => plural!(several.len(), "{count} value", "{count} values"),
    }
}

fn milestone(node: &Node) -> String {
    let reached = or(text(&node.settings, "milestone"), t!("Name it"));
    match text(&node.settings, "stage") {
        "" => reached,
        stage => t!("{reached} · stage {stage}", reached, stage),
    }
}

fn notify(node: &Node) -> String {
    let to = match node.settings.get("to") {
        Some(Value::String(expression)) => or(expression, t!("nobody yet")),
        Some(rule) => owner(rule),
        None => t!("nobody yet").to_owned(),
    };
    let by = match text(&node.settings, "channel") {
        "app" => t!("In the app"),
        "email" => t!("By email"),
        "" => t!("Choose a channel"),
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
