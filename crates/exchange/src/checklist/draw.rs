//! Drawing what a checklist says: a start by hand, the tasks in rows from left to right, an end.

use super::{Outline, Phase, Task, cues::Owner, name};
use crate::{
    Imported,
    ids::{Ids, of_text},
};
use journey::{
    draft::{Draft, Edge, Node, Point},
    format::FORMAT,
};
use serde_json::{Map, Value, json};

/// From one card to the next, and from one row to the next.
const STEP: (f64, f64) = (290.0, 220.0);
const MARGIN: f64 = 40.0;
/// Most cards of a row.
const ROW: u32 = 8;

/// A drawing that grows to the right and downwards.
struct Pen {
    draft: Draft,
    ids: Ids,
    column: u32,
    row: u32,
    /// The node drawn last and the port it is left by.
    last: Option<(String, &'static str)>,
}

pub(super) fn draw(called: &str, mut outline: Outline) -> Imported {
    say_what_was_assumed(&mut outline);
    let title = outline.title.take().filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| name(called));
    let title = if title.is_empty() { "Checklist".to_owned() } else { title };
    let description = (!outline.description.is_empty()).then(|| outline.description.clone());
    let draft = Draft { format: FORMAT, name: title, description, ..Draft::default() };
    let mut pen = Pen { draft, ids: Ids::default(), column: 0, row: 0, last: None };
    pen.step("trigger", "Start", json!({ "on": { "type": "manual" } }), "out");
    let phases = std::mem::take(&mut outline.phases);
    for phase in &phases {
        pen.phase(phase, &mut outline);
    }
    pen.step("end", "Done", json!({ "outcome": "done" }), "out");
    let mut left_out = outline.left_out;
    left_out.sort_by_key(|left| left.line);
    Imported { draft: pen.draft, left_out }
}

/// What a list leaves open is filled in, and said once.
fn say_what_was_assumed(outline: &mut Outline) {
    let tasks = || outline.phases.iter().flat_map(|phase| &phase.tasks);
    let without_owner = tasks().filter(|task| task.owner.is_none());
    let (owner, owners) =
        (without_owner.clone().next().map(|task| task.line), without_owner.count());
    let without_due = tasks().filter(|task| task.due.is_none());
    let (due, dues) = (without_due.clone().next().map(|task| task.line), without_due.count());
    if let Some(line) = owner {
        outline.leave(line, ("owner", ""), format!("The list does not say who does it, so the owner of the account gets the task. Tasks like that: {owners}."));
    }
    if let Some(line) = due {
        outline.leave(line, ("due", ""), format!("The list does not say when it is due, so it is due in two business days. Tasks like that: {dues}."));
    }
}

impl Pen {
    fn phase(&mut self, phase: &Phase, outline: &mut Outline) {
        if phase.tasks.is_empty() {
            if phase.note.is_empty() {
                outline.leave(
                    phase.line,
                    ("heading", &phase.name),
                    "There is no task below the heading, so it is left out.",
                );
                return;
            }
            outline.leave(
                phase.line,
                ("heading", &phase.name),
                "There is no task below the heading; what stands there is a note.",
            );
        }
        if self.column > 1 {
            self.new_row();
        }
        if !phase.note.is_empty() {
            self.note(phase);
        }
        for task in &phase.tasks {
            self.task(task);
        }
        if !phase.name.is_empty() && !phase.tasks.is_empty() {
            self.step("milestone", &phase.name, json!({ "milestone": phase.name }), "out");
        }
    }

    fn new_row(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    /// Where the next card stands; a row that is full is followed by another.
    fn place(&mut self) -> Point {
        if self.column >= ROW {
            self.new_row();
        }
        let point = Point {
            x: MARGIN + STEP.0 * f64::from(self.column),
            y: MARGIN + STEP.1 * f64::from(self.row),
        };
        self.column += 1;
        point
    }

    fn note(&mut self, phase: &Phase) {
        let text = [phase.name.as_str(), phase.note.as_str()].join("\n");
        let (id, position) = (self.ids.free("note"), self.place());
        let settings = settings(json!({ "text": text.trim() }));
        self.draft.nodes.push(Node {
            id,
            kind: "note".to_owned(),
            position,
            settings,
            ..Node::default()
        });
    }

    fn task(&mut self, task: &Task) {
        let owner = task.owner.as_ref().unwrap_or(&Owner::OfAccount).rule();
        let due =
            task.due.as_ref().map_or_else(|| json!({ "business": "P2D" }), super::Due::duration);
        let mut said = json!({
            "owner": owner,
            "sla": { "due": due, "escalation": [{ "at": "breach", "do": "notify", "to": owner }] },
            "outcomes": [{ "id": "done", "label": "Done" }],
        });
        if !task.instructions.is_empty() {
            said["instructions"] = json!(task.instructions);
        }
        if !task.boxes.is_empty() {
            said["form"] = form(&task.boxes);
        }
        self.step("task", &task.name, said, "done");
    }

    /// Draws a node behind the last one; ways out of it leave by `port`.
    fn step(&mut self, kind: &str, called: &str, said: Value, port: &'static str) {
        let id = self.ids.free(&of_text(called, kind));
        let position = self.place();
        let (kind, name) = (kind.to_owned(), called.to_owned());
        let settings = settings(said);
        let node = Node { id: id.clone(), kind, name, position, settings, ..Node::default() };
        self.draft.nodes.push(node);
        if let Some((from, port)) = self.last.replace((id.clone(), port)) {
            let number = self.draft.edges.len() + 1;
            let port = (port != "out").then(|| port.to_owned());
            self.draft.edges.push(Edge {
                id: format!("e{number}"),
                from,
                port,
                to: id,
                ..Edge::default()
            });
        }
    }
}

/// A form with a box to tick for each of these.
fn form(boxes: &[String]) -> Value {
    let mut ids = Ids::default();
    let properties: Map<String, Value> = boxes
        .iter()
        .map(|title| {
            (ids.free(&of_text(title, "item")), json!({ "type": "boolean", "title": title }))
        })
        .collect();
    json!({ "type": "object", "properties": properties })
}

fn settings(said: Value) -> Map<String, Value> {
    match said {
        Value::Object(settings) => settings,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
