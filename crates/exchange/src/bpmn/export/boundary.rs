//! Ports that BPMN draws as events on the border of a node: timers, failures, and what ends a wait.

use super::super::words;
use journey::{draft::Node, ports::Role};
use serde_json::Value;

/// An event on the border of a node.
pub(super) struct Boundary {
    pub(super) id: String,
    /// The port whose edges leave by it.
    pub(super) port: String,
    pub(super) event: Event,
}

pub(super) enum Event {
    /// Fires after a while; a text for people when it is business time.
    Timer {
        after: String,
        interrupting: bool,
    },
    Condition {
        text: String,
    },
    Error,
}

/// The ports of a node that become events on its border.
pub(super) fn of(node: &Node) -> Vec<(String, Event)> {
    let mut events = Vec::new();
    if let Some(text) = awaited(node) {
        events.push(("out".to_owned(), Event::Condition { text }));
    }
    for port in words::few_ports(node) {
        let event = match port.role {
            Role::Timer { after } => {
                Event::Timer { after: duration(after), interrupting: interrupts(node, port.name) }
            }
            Role::Timeout if words::element(node) == "receiveTask" => {
                Event::Timer { after: duration(node.settings.get("timeout")), interrupting: true }
            }
            Role::Failure => Event::Error,
            Role::Timeout
            | Role::Way
            | Role::Outcome { .. }
            | Role::Every
            | Role::Condition
            | Role::Otherwise => continue,
        };
        events.push((port.name.to_owned(), event));
    }
    events
}

/// The condition that ends a wait which can come too late; a message ends it by itself.
fn awaited(node: &Node) -> Option<String> {
    if words::element(node) != "receiveTask" {
        return None;
    }
    node.settings.get("condition").and_then(Value::as_str).map(words::clean)
}

fn interrupts(node: &Node, timer: &str) -> bool {
    let timers = node.settings.get("timers").and_then(Value::as_array);
    let mut found = timers.into_iter().flatten();
    let found = found.find(|one| one.get("id").and_then(Value::as_str) == Some(timer));
    found.and_then(|one| one.get("interrupting")) != Some(&Value::Bool(false))
}

/// A duration as a text: ISO 8601, of business time without its calendar.
pub(super) fn duration(value: Option<&Value>) -> String {
    let text = match value {
        Some(Value::Object(business)) => business.get("business").and_then(Value::as_str),
        Some(Value::String(text)) => Some(text.as_str()),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => None,
    };
    words::clean(text.unwrap_or_default())
}
