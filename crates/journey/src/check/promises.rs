//! What a node must promise: that late work reaches a person, that waiting ends, that failures and repetitions do no harm.

use super::{
    Diagnostic,
    drawing::{Drawing, Drawn},
    loops,
    names::Names,
    report::{Place, Report},
};
use crate::{draft::Node, ports::Role};
use serde_json::{Map, Value, json};

pub(super) fn check(drawing: &Drawing<'_>, names: &Names<'_>, report: &Report) {
    let settings = drawing.draft.settings.as_ref();
    let on_failure = settings.and_then(|settings| settings.get("on_failure"));
    let repeated = repeated(drawing);
    for (at, drawn) in drawing.nodes.iter().enumerate() {
        match drawn.node.kind.as_str() {
            "task" | "approval" | "handoff" => escalation(drawn.node, report),
            "wait" => time_out(drawn.node, report),
            "action" | "ai_check" => {
                if on_failure.is_none() {
                    error_path(drawing, drawn, report);
                }
                repetition(drawn.node, names, report);
            }
            "notify" if reaches_customers(drawn.node) => {
                quiet_hours(drawing, drawn.node, report);
                if repeated[at] {
                    cap(drawn.node, report);
                }
            }
            _ => {}
        }
    }
}

/// A task that is late must come to somebody's notice.
fn escalation(node: &Node, report: &Report) {
    let Some(sla) = node.settings.get("sla").and_then(Value::as_object) else { return };
    let ladder = match sla.get("escalation") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(ladder)) => ladder.as_slice(),
        Some(_) => return,
    };
    let place = Place::Node(&node.id);
    let Some(last) = ladder.last() else {
        let message = "When this is late, nobody is told; add a step to the escalation that notifies a person or a team.";
        let mut found =
            Diagnostic::warning("escalation-without-person", place, message).on("/sla/escalation");
        if let Some(owner) = node.settings.get("owner").filter(|owner| ends_in_somebody(owner)) {
            let step = json!({"at": "breach", "do": "notify", "to": owner});
            found = found.fix("Tell the owner when it is late", &with_step(node, sla, step));
        }
        return report.add(found);
    };
    if last.get("to").is_some_and(|to| !ends_in_somebody(to)) {
        let message = "The last step of the escalation may find nobody to tell; give it a fallback team or user.";
        let field = format!("/sla/escalation/{}/to", ladder.len() - 1);
        report.add(Diagnostic::warning("escalation-without-person", place, message).on(field));
    }
}

/// Whether an owner rule or its last fallback names a team or a user.
fn ends_in_somebody(mut rule: &Value) -> bool {
    while let Some(fallback) = rule.get("fallback").filter(|fallback| fallback.is_object()) {
        rule = fallback;
    }
    matches!(rule.get("rule").and_then(Value::as_str), Some("team" | "user"))
}

fn with_step(node: &Node, sla: &Map<String, Value>, step: Value) -> Node {
    let (mut node, mut sla) = (node.clone(), sla.clone());
    sla.insert("escalation".to_owned(), json!([step]));
    node.settings.insert("sla".to_owned(), Value::Object(sla));
    node
}

/// What the outside may never say must not be waited for without end.
fn time_out(node: &Node, report: &Report) {
    let is_set = |member: &str| node.settings.get(member).is_some_and(|value| !value.is_null());
    let outside = ["event", "condition"].into_iter().find(|member| is_set(member));
    if let Some(member) = outside.filter(|_| !is_set("timeout")) {
        let message = "It may be that this never comes, and then an instance waits here for ever; say with 'timeout' how long, and lead that way on.";
        let found = Diagnostic::warning("wait-without-timeout", Place::Node(&node.id), message);
        report.add(found.on(format!("/{member}")));
    }
}

/// A failure that no retry cures goes somewhere, or the draft says that it becomes an incident.
fn error_path(drawing: &Drawing<'_>, drawn: &Drawn<'_>, report: &Report) {
    let is_failure = |name: &str| {
        let mut ports = drawn.ports.iter().flatten();
        ports.any(|port| port.name == name && matches!(port.role, Role::Failure))
    };
    let has_failure = drawn.ports.iter().flatten().any(|port| matches!(port.role, Role::Failure));
    let is_led_on = drawn.out.iter().any(|edge| is_failure(drawing.edges[*edge].edge.port()));
    if has_failure && !is_led_on {
        let message = "When this fails for good it becomes an incident that somebody has to look at; lead the error way on, or say so for the whole journey with \"on_failure\": \"incident\" in its settings.";
        report.warning("action-without-error-path", Place::Node(&drawn.node.id), message);
    }
}

/// A call may reach the other side twice: after a lost answer it is made again.
fn repetition(node: &Node, names: &Names<'_>, report: &Report) {
    let text = |member: &str| node.settings.get(member).and_then(Value::as_str);
    let known = names.workspace.zip(text("connection")).zip(text("operation"));
    let operation = known.and_then(|((workspace, connection), operation)| {
        workspace.connections.get(connection)?.operations.get(operation)
    });
    let is_acknowledged = node.settings.get("repeat_acknowledged") == Some(&Value::Bool(true));
    let is_undone = node.settings.get("undo").is_some_and(Value::is_object);
    if operation.is_none_or(|operation| operation.idempotent) || is_acknowledged || is_undone {
        return;
    }
    let mut accepted = node.clone();
    accepted.settings.insert("repeat_acknowledged".to_owned(), Value::Bool(true));
    let message = "The connector says that doing this twice is not the same as doing it once, and a call whose answer is lost is made again; say how it is undone, or accept that it can happen twice.";
    report.add(
        Diagnostic::error("repeat-not-safe", Place::Node(&node.id), message)
            .on("/operation")
            .fix("Accept that it can happen twice", &accepted),
    );
}

/// Whether a message leaves the house for whoever an expression names; owner rules name colleagues.
fn reaches_customers(node: &Node) -> bool {
    let text = |member: &str| node.settings.get(member).and_then(Value::as_str);
    text("to").is_some() && text("channel").is_some_and(|channel| channel != "app")
}

fn lacks(node: &Node, member: &str) -> bool {
    node.settings.get(member).is_none_or(Value::is_null)
}

/// A message to a customer goes out while their day lasts.
fn quiet_hours(drawing: &Drawing<'_>, node: &Node, report: &Report) {
    if !lacks(node, "hours") {
        return;
    }
    let message = "This goes to whoever the expression names at any hour of the day and night; say with 'hours' in which calendar's hours it may go out.";
    let mut found =
        Diagnostic::warning("notify-without-hours", Place::Node(&node.id), message).on("/hours");
    let settings = drawing.draft.settings.as_ref();
    let calendar = settings.and_then(|settings| settings.get("calendar")?.as_str());
    let mut held = node.clone();
    held.settings.insert("hours".to_owned(), json!(calendar.unwrap_or("standard")));
    found = found.fix("Send it in working hours only", &held);
    report.add(found);
}

/// A message that a loop or a list repeats stops somewhere.
fn cap(node: &Node, report: &Report) {
    if !lacks(node, "cap") {
        return;
    }
    let mut capped = node.clone();
    capped.settings.insert("cap".to_owned(), json!(1));
    let message = "A loop or a for-each leads through here, so one person can get this again and again; say with 'cap' how many one gets in 24 hours.";
    report.add(
        Diagnostic::warning("notify-without-cap", Place::Node(&node.id), message)
            .on("/cap")
            .fix("One a day at most", &capped),
    );
}

/// For each node whether one instance can come there again, or is there once for each item.
fn repeated(drawing: &Drawing<'_>) -> Vec<bool> {
    let knots = loops::knots(drawing, |_| true);
    let mut repeated = vec![false; drawing.nodes.len()];
    for line in drawing.edges.iter().filter(|line| knots[line.from] == knots[line.to]) {
        (repeated[line.from], repeated[line.to]) = (true, true);
    }
    for (_, from, _) in drawing.ranges() {
        for (at, is_reached) in drawing.reached_from(from).into_iter().enumerate() {
            repeated[at] |= is_reached;
        }
    }
    repeated
}
