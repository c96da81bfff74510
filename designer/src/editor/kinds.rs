//! The kinds a person can put on the canvas: their names, what finds them, and what a new one holds.

use journey::{
    Draft,
    draft::{Node, Point},
};
use serde_json::{Map, Value, json};

/// One entry of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As the draft names it.
    pub id: &'static str,
    pub title: &'static str,
    pub category: Category,
    /// One line saying what it is for.
    pub hint: &'static str,
    /// Other words people search for.
    pub also: &'static str,
}

/// A heading of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Start,
    Work,
    Flow,
    Finish,
}

impl Category {
    /// Every heading in the order it is shown.
    pub const ALL: [Self; 4] = [Self::Start, Self::Work, Self::Flow, Self::Finish];

    /// The heading's words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Work => "Work",
            Self::Flow => "Flow",
            Self::Finish => "Finish",
        }
    }
}

const fn kind(
    id: &'static str,
    title: &'static str,
    category: Category,
    hint: &'static str,
    also: &'static str,
) -> Kind {
    Kind { id, title, category, hint, also }
}

/// Every kind the engine runs, in the palette's order.
pub const KINDS: [Kind; 10] = [
    kind(
        "trigger",
        "Trigger",
        Category::Start,
        "What opens the journey",
        "start begin webhook manual form event",
    ),
    kind(
        "task",
        "Task",
        Category::Work,
        "Something a person does",
        "human todo assign form owner sla approval",
    ),
    kind(
        "action",
        "Action",
        Category::Work,
        "A connector does it",
        "connector api call crm integration automatic",
    ),
    kind("set", "Set", Category::Work, "Store a value", "assign variable field account update"),
    kind(
        "decision",
        "Decision",
        Category::Flow,
        "Choose a way by a condition",
        "if else branch condition choose split",
    ),
    kind(
        "parallel",
        "Parallel",
        Category::Flow,
        "Go several ways at once",
        "fork split branches together",
    ),
    kind("join", "Join", Category::Flow, "Wait for branches to meet", "merge gather all any"),
    kind("wait", "Wait", Category::Flow, "Let time pass", "delay timer pause sleep until days"),
    kind("end", "End", Category::Finish, "The journey is over", "finish stop done outcome"),
    kind("note", "Note", Category::Finish, "A remark for colleagues", "comment sticky text"),
];

/// The palette's entry for a kind; `None` for a kind this designer does not offer.
pub fn find(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

/// How a kind is called; a kind nobody knows is called what the draft calls it.
pub fn title(id: &str) -> &str {
    find(id).map_or(id, |kind| kind.title)
}

/// Whether a search finds this kind: every word typed begins a word of its title, hint or other names.
pub fn matches(kind: &Kind, search: &str) -> bool {
    let text = format!("{} {} {}", kind.title, kind.hint, kind.also).to_lowercase();
    let words = search.to_lowercase();
    words
        .split_whitespace()
        .all(|typed| text.split_whitespace().any(|word| word.starts_with(typed)))
}

/// The first id made of `stem` and a number that no node and no edge of the draft has, nor `taken`.
pub fn fresh_id(draft: &Draft, stem: &str, taken: &[String]) -> String {
    (1..=u32::MAX)
        .map(|number| format!("{stem}{number}"))
        .find(|id| {
            draft.node(id).is_none()
                && draft.edges.iter().all(|edge| edge.id != *id)
                && !taken.contains(id)
        })
        .unwrap_or_else(|| stem.to_owned())
}

/// A new node of a kind, holding settings that work as they are wherever that is possible.
pub fn create(draft: &Draft, kind: &str, position: Point) -> Node {
    let id = fresh_id(draft, kind, &[]);
    let nth = draft.nodes.iter().filter(|node| node.kind == kind).count();
    let name = match kind {
        "trigger" => "Journey starts".to_owned(),
        "task" => numbered("New task", nth),
        "action" => numbered("New action", nth),
        "decision" => numbered("Which way?", nth),
        "parallel" => numbered("At the same time", nth),
        "join" => numbered("When all are done", nth),
        "wait" => numbered("Wait a day", nth),
        "set" => numbered("Store a value", nth),
        "end" => numbered("Done", nth),
        "note" => String::new(),
        other => other.to_owned(),
    };
    Node { id, kind: kind.to_owned(), name, position, settings: settings(kind), lane: None }
}

fn numbered(name: &str, before: usize) -> String {
    if before == 0 { name.to_owned() } else { format!("{name} {}", before + 1) }
}

fn settings(kind: &str) -> Map<String, Value> {
    let value = match kind {
        "trigger" => json!({ "on": { "type": "manual" } }),
        "task" => json!({
            "owner": { "rule": "account_owner" },
            "sla": { "due": "PT48H" },
            "outcomes": [{ "id": "done", "label": "Done" }],
        }),
        "action" => json!({
            "connection": "",
            "operation": "",
            "input": {},
            "timeout": "PT30S",
            "retry": { "attempts": 5, "backoff": "PT1S", "max": "PT5M" },
        }),
        "decision" => json!({ "mode": "exclusive" }),
        "join" => json!({ "need": "all" }),
        "wait" => json!({ "for": "PT24H" }),
        "set" => json!({ "assign": [] }),
        "end" => json!({ "outcome": "completed" }),
        "note" => json!({ "text": "" }),
        _ => json!({}),
    };
    value.as_object().cloned().unwrap_or_default()
}
