//! What of a draft is said in BPMN's own words. Writing says it so; reading compares with it to see what somebody changed.

use journey::{
    draft::{Draft, Edge, Node, Point},
    limits,
    ports::{DEFAULT, Port, Role, ports},
};
use serde_json::Value;

/// The width and height of a card of the designer: tasks and calls are drawn like that.
pub(super) const CARD: (f64, f64) = (220.0, 70.0);
const NOTE: (f64, f64) = (220.0, 110.0);
const EVENT: (f64, f64) = (36.0, 36.0);
const GATEWAY: (f64, f64) = (50.0, 50.0);

/// The language of our expressions, as `expressionLanguage` names it.
pub(super) const CEL: &str = "https://cel.dev";

/// The element that a node becomes.
pub(super) fn element(node: &Node) -> &'static str {
    let setting = |name: &str| node.settings.get(name).filter(|value| !value.is_null());
    match node.kind.as_str() {
        "trigger" => "startEvent",
        "task" | "approval" | "handoff" => "userTask",
        "action" | "ai_check" => "serviceTask",
        "notify" => "sendTask",
        "set" => "scriptTask",
        "decision" if setting("table").is_some() => "businessRuleTask",
        "decision" if setting("mode").is_some_and(|mode| mode == "inclusive") => "inclusiveGateway",
        "decision" => "exclusiveGateway",
        "parallel" => "parallelGateway",
        "join" if setting("need").is_none_or(|need| need == "all") => "parallelGateway",
        "join" => "complexGateway",
        "for_each" if setting("body").is_some_and(Value::is_object) => "subProcess",
        "for_each" | "journey" => "callActivity",
        "wait" if setting("timeout").is_some() => "receiveTask",
        "wait" => "intermediateCatchEvent",
        "milestone" => "intermediateThrowEvent",
        "end" => "endEvent",
        "note" => "textAnnotation",
        _ => "task",
    }
}

/// The width and height an element is drawn with.
pub(super) fn size(element: &str) -> (f64, f64) {
    match element {
        "textAnnotation" => NOTE,
        name if name.ends_with("Event") => EVENT,
        name if name.ends_with("Gateway") => GATEWAY,
        _ => CARD,
    }
}

/// Where the shape of an element stands whose card stands there: small ones in the middle of the card.
pub(super) fn corner(element: &str, card: Point) -> Point {
    let (x, y) = inset(element);
    Point { x: card.x + x, y: card.y + y }
}

/// How far the shape of an element lies inside its card.
pub(super) fn inset(element: &str) -> (f64, f64) {
    let (width, height) = size(element);
    ((CARD.0 - width).max(0.0) / 2.0, (CARD.1 - height).max(0.0) / 2.0)
}

/// A text without the characters that no XML file can hold.
pub(super) fn clean(text: &str) -> String {
    let fits = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|letter| if fits(letter) { letter } else { '\u{fffd}' }).collect()
}

/// What stands below a node's name for people: what to do, or the words of a note.
pub(super) fn documentation(node: &Node) -> Option<String> {
    let member = match node.kind.as_str() {
        "task" | "approval" | "handoff" => "instructions",
        _ => return None,
    };
    node.settings.get(member).and_then(Value::as_str).map(clean)
}

/// The words of a note.
pub(super) fn note(node: &Node) -> String {
    clean(node.settings.get("text").and_then(Value::as_str).unwrap_or_default())
}

/// What an edge is called on the drawing.
pub(super) fn label(node: &Node, edge: &Edge) -> Option<String> {
    if let Some(label) = &edge.label {
        return Some(clean(label));
    }
    let is_way = matches!(node.kind.as_str(), "task" | "approval" | "handoff" | "ai_check")
        || is_table(node);
    let label = few_ports(node).into_iter().find(|port| port.name == edge.port()).and_then(
        |port| match port.role {
            Role::Outcome { label } if !label.is_empty() => Some(label.to_owned()),
            Role::Outcome { .. } | Role::Way if is_way => Some(port.name.to_owned()),
            _ => None,
        },
    );
    label.map(|label| clean(&label))
}

/// The condition an edge is taken under: its own, or that the node was left by its port.
pub(super) fn condition(node: &Node, edge: &Edge) -> Option<String> {
    if is_default(node, edge) {
        return None;
    }
    if let Some(when) = &edge.when {
        return Some(clean(when));
    }
    let ports = few_ports(node);
    let is_outcome = |role: Role<'_>| matches!(role, Role::Outcome { .. } | Role::Way);
    if ports.iter().filter(|port| is_outcome(port.role)).count() < 2 {
        return None;
    }
    let port = ports.iter().find(|port| port.name == edge.port() && is_outcome(port.role))?;
    let said = if is_table(node) {
        format!("port == '{}'", port.name)
    } else {
        format!("nodes.{}.outcome == '{}'", node.id, port.name)
    };
    Some(clean(&said))
}

/// Whether an edge is the one a choice takes when nothing else holds.
pub(super) fn is_default(node: &Node, edge: &Edge) -> bool {
    node.kind == "decision" && edge.port() == DEFAULT
}

/// The ports of a node; none of one that has more than any journey that runs.
pub(super) fn few_ports(node: &Node) -> Vec<Port<'_>> {
    let lists = [node.settings.get("outcomes"), node.settings.get("timers")];
    let rules = node.settings.get("table").and_then(|table| table.get("rules"));
    let is_longer = |list: Option<&Value>, limit| {
        list.and_then(Value::as_array).is_some_and(|list| list.len() > limit)
    };
    let is_too_long = lists.into_iter().any(|list| is_longer(list, limits::OUTCOMES))
        || is_longer(rules, limits::TABLE);
    if is_too_long { Vec::new() } else { ports(node) }
}

fn is_table(node: &Node) -> bool {
    element(node) == "businessRuleTask"
}

/// What a journey says of itself as a whole: a draft without nodes, edges and lanes.
pub(super) fn frame(draft: &Draft) -> Draft {
    Draft {
        format: draft.format,
        name: draft.name.clone(),
        description: draft.description.clone(),
        variables: draft.variables.clone(),
        nodes: Vec::new(),
        edges: Vec::new(),
        lanes: Vec::new(),
        groups: draft.groups.clone(),
        exits: draft.exits.clone(),
        settings: draft.settings.clone(),
        tests: draft.tests.clone(),
        unknown: draft.unknown.clone(),
    }
}
