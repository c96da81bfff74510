//! The kinds a person can put on the canvas: their names, what finds them, and what a new one holds.

mod fresh;

pub use fresh::{create, is_called_as_new};

use crate::messages::{Text, t, text};
use journey::Draft;
use std::collections::{HashMap, HashSet};

/// One entry of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As the draft names it.
    pub id: &'static str,
    pub title: Text,
    pub category: Category,
    /// One line saying what it is for.
    pub hint: Text,
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
            Self::Start => t!("Start"),
            Self::Work => t!("Work"),
            Self::Flow => t!("Flow"),
            Self::Finish => t!("Finish"),
        }
    }
}

const fn kind(
    id: &'static str,
    title: Text,
    category: Category,
    hint: Text,
    also: &'static str,
) -> Kind {
    Kind { id, title, category, hint, also }
}

/// Every kind of the file format, in the palette's order.
pub const KINDS: [Kind; 17] = [
    kind(
        "trigger",
        text!("Trigger"),
        Category::Start,
        text!("What opens the journey"),
        "start begin webhook manual form event schedule date segment health change",
    ),
    kind(
        "task",
        text!("Task"),
        Category::Work,
        text!("Something a person does"),
        "human todo assign form owner sla call",
    ),
    kind(
        "approval",
        text!("Approval"),
        Category::Work,
        text!("Somebody says yes or no"),
        "human approve reject sign off quorum four eyes discount",
    ),
    kind(
        "handoff",
        text!("Handoff"),
        Category::Work,
        text!("Pass it to another team"),
        "human hand over transfer sales onboarding accept send back team",
    ),
    kind(
        "action",
        text!("Action"),
        Category::Work,
        text!("A connector does it"),
        "connector api call crm integration automatic",
    ),
    kind(
        "ai_check",
        text!("AI check"),
        Category::Work,
        text!("A model judges, a person decides when it is unsure"),
        "llm model verdict score confidence review automatic",
    ),
    kind(
        "notify",
        text!("Notify"),
        Category::Work,
        text!("Tell somebody"),
        "email message send app alert mail customer slack",
    ),
    kind(
        "set",
        text!("Set"),
        Category::Work,
        text!("Store a value"),
        "assign variable field account update",
    ),
    kind(
        "decision",
        text!("Decision"),
        Category::Flow,
        text!("Choose a way by a condition or a table"),
        "if else branch condition choose split table rules dmn",
    ),
    kind(
        "parallel",
        text!("Parallel"),
        Category::Flow,
        text!("Go several ways at once"),
        "fork split branches together",
    ),
    kind(
        "join",
        text!("Join"),
        Category::Flow,
        text!("Wait for branches to meet"),
        "merge gather all any",
    ),
    kind(
        "for_each",
        text!("For each"),
        Category::Flow,
        text!("Do the same for every item of a list"),
        "loop list items repeat multiple each many",
    ),
    kind(
        "wait",
        text!("Wait"),
        Category::Flow,
        text!("Until a time or until something happens"),
        "delay timer pause sleep days event message condition",
    ),
    kind(
        "journey",
        text!("Sub-journey"),
        Category::Flow,
        text!("Run another journey"),
        "call subprocess child reuse nested",
    ),
    kind(
        "milestone",
        text!("Milestone"),
        Category::Finish,
        text!("Mark what was reached"),
        "stage lifecycle reached progress goal",
    ),
    kind(
        "end",
        text!("End"),
        Category::Finish,
        text!("The journey is over"),
        "finish stop done outcome",
    ),
    kind(
        "note",
        text!("Note"),
        Category::Finish,
        text!("A remark for colleagues"),
        "comment sticky text",
    ),
];

/// The palette's entry for a kind; `None` for a kind this designer does not offer.
pub fn find(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

/// How a kind is called; a kind nobody knows is called what the draft calls it.
pub fn title(id: &str) -> &str {
    find(id).map_or(id, |kind| kind.title.said())
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
    found.sort_by_key(|kind| !kind.title.said().to_lowercase().starts_with(&search));
    found
}

/// The first id made of `stem` and a number that no node and no edge of the draft has.
pub fn fresh_id(draft: &Draft, stem: &str) -> String {
    FreshIds::of(draft).next(stem)
}

/// Ids for many that are new to a draft.
#[derive(Debug)]
pub struct FreshIds<'a> {
    known: HashSet<&'a str>,
    /// How far each stem has been counted.
    counted: HashMap<String, u32>,
}

impl<'a> FreshIds<'a> {
    /// Ids that no node and no edge of the draft has.
    pub fn of(draft: &'a Draft) -> Self {
        let nodes = draft.nodes.iter().map(|node| node.id.as_str());
        let edges = draft.edges.iter().map(|edge| edge.id.as_str());
        Self { known: nodes.chain(edges).collect(), counted: HashMap::new() }
    }

    /// The next one made of `stem` and a number, which is given once.
    pub fn next(&mut self, stem: &str) -> String {
        let counted = self.counted.entry(stem.to_owned()).or_default();
        loop {
            *counted += 1;
            let id = format!("{stem}{counted}");
            if !self.known.contains(id.as_str()) {
                return id;
            }
        }
    }
}
