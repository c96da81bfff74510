//! The kinds a person can put on the canvas: their names, what finds them, and what a new one holds.

mod fresh;

pub use fresh::{create, is_called_as_new};

use journey::Draft;

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

/// Every kind of the file format, in the palette's order.
pub const KINDS: [Kind; 17] = [
    kind(
        "trigger",
        "Trigger",
        Category::Start,
        "What opens the journey",
        "start begin webhook manual form event schedule date segment health change",
    ),
    kind(
        "task",
        "Task",
        Category::Work,
        "Something a person does",
        "human todo assign form owner sla call",
    ),
    kind(
        "approval",
        "Approval",
        Category::Work,
        "Somebody says yes or no",
        "human approve reject sign off quorum four eyes discount",
    ),
    kind(
        "handoff",
        "Handoff",
        Category::Work,
        "Pass it to another team",
        "human hand over transfer sales onboarding accept send back team",
    ),
    kind(
        "action",
        "Action",
        Category::Work,
        "A connector does it",
        "connector api call crm integration automatic",
    ),
    kind(
        "ai_check",
        "AI check",
        Category::Work,
        "A model judges, a person decides when it is unsure",
        "llm model verdict score confidence review automatic",
    ),
    kind(
        "notify",
        "Notify",
        Category::Work,
        "Tell somebody",
        "email message send app alert mail customer slack",
    ),
    kind("set", "Set", Category::Work, "Store a value", "assign variable field account update"),
    kind(
        "decision",
        "Decision",
        Category::Flow,
        "Choose a way by a condition or a table",
        "if else branch condition choose split table rules dmn",
    ),
    kind(
        "parallel",
        "Parallel",
        Category::Flow,
        "Go several ways at once",
        "fork split branches together",
    ),
    kind("join", "Join", Category::Flow, "Wait for branches to meet", "merge gather all any"),
    kind(
        "for_each",
        "For each",
        Category::Flow,
        "Do the same for every item of a list",
        "loop list items repeat multiple each many",
    ),
    kind(
        "wait",
        "Wait",
        Category::Flow,
        "Until a time or until something happens",
        "delay timer pause sleep days event message condition",
    ),
    kind(
        "journey",
        "Sub-journey",
        Category::Flow,
        "Run another journey",
        "call subprocess child reuse nested",
    ),
    kind(
        "milestone",
        "Milestone",
        Category::Finish,
        "Mark what was reached",
        "stage lifecycle reached progress goal",
    ),
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

/// The kinds a search finds; those it finds by their title come first.
pub fn found(search: &str) -> Vec<&'static Kind> {
    let mut found: Vec<&Kind> = KINDS.iter().filter(|kind| matches(kind, search)).collect();
    let search = search.trim().to_lowercase();
    found.sort_by_key(|kind| !kind.title.to_lowercase().starts_with(&search));
    found
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
