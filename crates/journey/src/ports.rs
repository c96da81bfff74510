//! Where edges leave a node and whether they may arrive at it: one rule for checking, running and drawing.

use crate::{check::table_ports, draft::Node};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The port of the way a decision takes when no condition holds.
pub const DEFAULT: &str = "default";

/// A place on a node that edges leave by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Port<'a> {
    /// As edges name it.
    pub name: &'a str,
    pub role: Role<'a>,
}

/// What it means to leave by a port.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role<'a> {
    /// The way on.
    Way,
    /// What a person completes a task with; the label may be empty.
    Outcome { label: &'a str },
    /// The way that opens when a task has waited this long; `None` when the draft does not say.
    Timer { after: Option<&'a Value> },
    /// The way a failure takes; without an edge it becomes an incident.
    Failure,
    /// The way for when nothing came in time; it may stay without an edge.
    Timeout,
    /// Every edge that leaves here is taken, whatever port it names.
    Every,
    /// Every edge that leaves here has a condition, whatever port it names.
    Condition,
    /// The way for when no condition holds.
    Otherwise,
}

impl Role<'_> {
    /// Whether any number of edges may leave here, by any name.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Every | Self::Condition)
    }

    /// Whether a journey with nothing leaving here cannot be published.
    #[must_use]
    pub fn must_lead_on(self) -> bool {
        !matches!(self, Self::Failure | Self::Timeout)
    }
}

/// Every port of a node, in the order they are drawn and no name twice. A kind nobody knows has one way on.
#[must_use]
pub fn ports(node: &Node) -> Vec<Port<'_>> {
    let way = |name| Port { name, role: Role::Way };
    let failure = Port { name: "error", role: Role::Failure };
    match node.kind.as_str() {
        "end" | "note" => Vec::new(),
        "task" => task(node),
        "approval" => with_timers(node, ["approved", "rejected"].map(way)),
        "handoff" => with_timers(node, ["accepted", "sent_back"].map(way)),
        "ai_check" => vec![way("passed"), way("failed"), way("unsure")],
        "action" | "for_each" | "journey" => vec![way("out"), failure],
        "decision" if node.settings.contains_key("table") => table(node),
        "decision" => vec![
            Port { name: DEFAULT, role: Role::Otherwise },
            Port { name: "out", role: Role::Condition },
        ],
        "parallel" => vec![Port { name: "out", role: Role::Every }],
        "wait" if node.settings.contains_key("timeout") => {
            vec![way("out"), Port { name: "timeout", role: Role::Timeout }]
        }
        _ => vec![way("out")],
    }
}

/// Whether an instance can stay at a node of a kind, so that it can take too long.
#[must_use]
pub fn holds(kind: &str) -> bool {
    matches!(
        kind,
        "task"
            | "approval"
            | "handoff"
            | "action"
            | "ai_check"
            | "join"
            | "for_each"
            | "wait"
            | "journey"
    )
}

/// Whether edges may arrive at nodes of a kind.
#[must_use]
pub fn takes_edges(kind: &str) -> bool {
    !matches!(kind, "trigger" | "note")
}

/// A decision table leaves by what its rules name, and by the default way.
fn table(node: &Node) -> Vec<Port<'_>> {
    let rules = table_ports(&node.settings).unwrap_or_default().into_iter();
    let mut ports: Vec<_> =
        rules.filter(|name| *name != DEFAULT).map(|name| Port { name, role: Role::Way }).collect();
    ports.push(Port { name: DEFAULT, role: Role::Otherwise });
    ports
}

fn with_timers<'a>(node: &'a Node, ways: [Port<'a>; 2]) -> Vec<Port<'a>> {
    let mut ports = Vec::from(ways);
    for port in timers(node) {
        if !ports.iter().any(|other| other.name == port.name) {
            ports.push(port);
        }
    }
    ports
}

fn timers(node: &Node) -> impl Iterator<Item = Port<'_>> {
    entries(node, "timers").filter_map(|timer| {
        Some(Port { name: name(timer)?, role: Role::Timer { after: timer.get("after") } })
    })
}

fn task(node: &Node) -> Vec<Port<'_>> {
    let outcomes = entries(node, "outcomes").filter_map(|outcome| {
        let label = outcome.get("label").and_then(Value::as_str).unwrap_or_default();
        Some(Port { name: name(outcome)?, role: Role::Outcome { label } })
    });
    let mut seen = HashSet::new();
    outcomes.chain(timers(node)).filter(|port| seen.insert(port.name)).collect()
}

/// Whether a node is left by a port when a timer of its own fires.
pub(crate) fn is_timer(node: &Node, port: &str) -> bool {
    let is_one = ["task", "approval", "handoff"].contains(&node.kind.as_str())
        && timers(node).any(|timer| timer.name == port);
    // An outcome of the same name was there first.
    is_one
        && ports(node)
            .iter()
            .any(|known| known.name == port && matches!(known.role, Role::Timer { .. }))
}

fn entries<'a>(node: &'a Node, list: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    let list = node.settings.get(list).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

fn name(entry: &Map<String, Value>) -> Option<&str> {
    entry.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(kind: &str, settings: &Value) -> Node {
        let settings = settings.as_object().cloned().unwrap_or_default();
        Node { id: "n".to_owned(), kind: kind.to_owned(), settings, ..Node::default() }
    }

    #[test]
    fn a_tasks_outcomes_and_timers_are_ports_once_each() {
        let task = node(
            "task",
            &json!({
                "outcomes": [{"id": "yes", "label": "Yes"}, {"id": "no"}, {"id": "yes"}, {"id": ""}, 7],
                "timers": [{"id": "late", "after": "P1D"}, {"id": "no", "after": "P2D"}],
            }),
        );
        let after = json!("P1D");
        let want = [
            Port { name: "yes", role: Role::Outcome { label: "Yes" } },
            Port { name: "no", role: Role::Outcome { label: "" } },
            Port { name: "late", role: Role::Timer { after: Some(&after) } },
        ];
        assert_eq!(ports(&task), want);
        assert_eq!(ports(&node("task", &json!({"outcomes": "no list"}))), []);
    }

    #[test]
    fn only_a_wait_for_something_can_come_too_late() {
        let names = |settings: Value| {
            let node = node("wait", &settings);
            ports(&node).iter().map(|port| port.name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(json!({"for": "P1D"})), ["out"]);
        assert_eq!(names(json!({"condition": "true", "timeout": "P1D"})), ["out", "timeout"]);
    }
}
