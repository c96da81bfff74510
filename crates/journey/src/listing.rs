//! What the triggers of a draft listen to, as a registry lists them: found again by what happened, without compiling a journey.

use crate::{
    Draft,
    draft::Node,
    journey::{Membership, Opens},
};
use serde_json::Value;

/// One trigger of a draft, as a registry lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The node's id.
    pub node: String,
    pub kind: Kind,
    /// What it listens to among those of its kind; empty when all of a kind listen to the same.
    pub name: String,
}

/// The types of triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Manual,
    Webhook,
    Event,
    Change,
    Schedule,
    Date,
    Segment,
    Health,
    Journey,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Manual,
        Self::Webhook,
        Self::Event,
        Self::Change,
        Self::Schedule,
        Self::Date,
        Self::Segment,
        Self::Health,
        Self::Journey,
    ];

    /// The `type` of the draft's `on`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Webhook => "webhook",
            Self::Event => "event",
            Self::Change => "change",
            Self::Schedule => "schedule",
            Self::Date => "date",
            Self::Segment => "segment",
            Self::Health => "health",
            Self::Journey => "journey",
        }
    }

    /// Reads the word; `None` when it is another.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The triggers of a draft; one that cannot be read is left out, as `check` reports it.
pub fn listed(draft: &Draft) -> Vec<Listed> {
    draft.nodes.iter().filter(|node| node.kind == "trigger").filter_map(list).collect()
}

fn list(node: &Node) -> Option<Listed> {
    let on = node.settings.get("on")?;
    let text = |member: &str| on.get(member).and_then(Value::as_str);
    let kind = Kind::from_word(text("type")?)?;
    let name = match kind {
        Kind::Manual | Kind::Journey => String::new(),
        Kind::Webhook => text("hook")?.to_owned(),
        Kind::Event => text("event")?.to_owned(),
        Kind::Change => of_change(text("object")?, text("field")?),
        Kind::Schedule => text("for_each").unwrap_or_default().to_owned(),
        Kind::Date => text("field")?.to_owned(),
        Kind::Segment => match text("change")? {
            "entered" => of_segment(text("segment")?, Membership::Entered),
            "left" => of_segment(text("segment")?, Membership::Left),
            _ => return None,
        },
        Kind::Health => text("to")?.to_owned(),
    };
    Some(Listed { node: node.id.clone(), kind, name })
}

/// The name under which triggers on changes of a field are listed.
pub fn of_change(object: &str, field: &str) -> String {
    format!("{object}.{field}")
}

/// The name under which triggers on entering or leaving a segment are listed.
pub fn of_segment(segment: &str, change: Membership) -> String {
    match change {
        Membership::Entered => format!("entered {segment}"),
        Membership::Left => format!("left {segment}"),
    }
}

/// The members, all texts, that the data of events with a meaning of their own must have; empty for other events.
pub fn needed_data(event: &str) -> &'static [&'static str] {
    match event {
        "segment.entered" | "segment.left" => &["segment"],
        "health.changed" => &["to"],
        _ => &[],
    }
}

impl Opens<'_> {
    /// How a trigger that listens to this is listed.
    pub fn listing(&self) -> (Kind, String) {
        match *self {
            Self::Manual => (Kind::Manual, String::new()),
            Self::Webhook { hook, .. } => (Kind::Webhook, hook.to_owned()),
            Self::Event { event } => (Kind::Event, event.to_owned()),
            Self::Change { object, field } => (Kind::Change, of_change(object, field)),
            Self::Schedule { for_each, .. } => {
                (Kind::Schedule, for_each.unwrap_or_default().to_owned())
            }
            Self::Date { field, .. } => (Kind::Date, field.to_owned()),
            Self::Segment { segment, change } => (Kind::Segment, of_segment(segment, change)),
            Self::Health { to } => (Kind::Health, to.to_owned()),
            Self::Journey => (Kind::Journey, String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::listed;
    use crate::{Draft, check};
    use serde_json::json;

    #[test]
    fn a_draft_lists_its_triggers_as_the_compiled_journey_does() {
        let trigger = |id: &str, on: serde_json::Value| json!({ "id": id, "kind": "trigger", "name": id, "on": on });
        let mut nodes = vec![
            trigger("a", json!({ "type": "manual" })),
            trigger("b", json!({ "type": "webhook", "hook": "paid" })),
            trigger(
                "c",
                json!({ "type": "event", "event": "signed", "when": "event.amount > 1.0" }),
            ),
            trigger(
                "d",
                json!({ "type": "change", "object": "account", "field": "stage", "to": "live" }),
            ),
            trigger(
                "e",
                json!({ "type": "schedule", "rrule": "FREQ=DAILY", "timezone": "Europe/Berlin", "for_each": "gold" }),
            ),
            trigger("f", json!({ "type": "date", "field": "ends" })),
            trigger("g", json!({ "type": "segment", "segment": "gold", "change": "left" })),
            trigger("h", json!({ "type": "health", "to": "red" })),
            trigger("i", json!({ "type": "journey" })),
        ];
        let edges: Vec<_> = nodes
            .iter()
            .map(|node| json!({ "id": format!("e_{}", node["id"].as_str().unwrap()), "from": node["id"], "to": "end" }))
            .collect();
        nodes.push(json!({ "id": "end", "kind": "end", "name": "End", "outcome": "done" }));
        let draft: Draft = serde_json::from_value(
            json!({ "format": 1, "name": "All", "nodes": nodes, "edges": edges }),
        )
        .unwrap();
        let (journey, diagnostics) = check(&draft, None);
        let journey = journey.unwrap_or_else(|| panic!("{diagnostics:?}"));
        let compiled: Vec<_> = journey
            .triggers()
            .map(|trigger| (trigger.id().to_owned(), trigger.opens().listing()))
            .collect();
        let drawn: Vec<_> =
            listed(&draft).into_iter().map(|one| (one.node, (one.kind, one.name))).collect();
        assert_eq!(drawn, compiled);
        assert_eq!(drawn.len(), 9);
    }

    #[test]
    fn what_cannot_be_read_is_not_listed() {
        let on = |on: serde_json::Value| -> Draft {
            serde_json::from_value(json!({ "format": 1, "name": "x", "nodes": [{ "id": "a", "kind": "trigger", "on": on }] }))
                .unwrap()
        };
        for wrong in [
            json!(null),
            json!({}),
            json!({ "type": "nope" }),
            json!({ "type": "event" }),
            json!({ "type": "segment", "segment": "x", "change": "sat" }),
        ] {
            assert_eq!(listed(&on(wrong)), []);
        }
    }
}
