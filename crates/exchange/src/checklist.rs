//! Checklists: lists of tasks as people keep them in Markdown or in a spreadsheet, made into a journey from a start by hand to an end.
//!
//! **Markdown.** A heading is a phase; the first one of the first level is the journey's name when it is the only one of that level. An item of a list is a
//! task (`- [ ]`, `-`, `*`, `+`, `1.`, `1)`), done in the order of the text. An item below another is a box to tick in that task's form, or a task of
//! its own right behind it when it names an owner or says when it is due. Text below an item is the task's instructions, text below a heading a note,
//! and text before everything the journey's description.
//!
//! **CSV.** The first row names the columns, whatever their case and order: `title` (or task, name, step, item, activity), `owner` (team, assignee,
//! responsible), `due` (days, business days, sla, deadline), `phase` (stage, section, milestone), `description` (instructions, details, notes).
//! Columns are parted by `,`, `;` or tabs. A row is a task.
//!
//! Behind the last task of a phase stands a milestone of its name. Owners and due dates are read from what people write: see [`cues`].

mod cues;
mod draw;
mod markdown;
mod table;

use crate::{ImportError, Imported, LeftOut, limits, shown, without_expressions};
use cues::{Due, Owner};

/// How a checklist is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Markdown,
    Csv,
}

/// Makes a draft of a checklist; `name` is what the journey is called when the text has no title.
///
/// The draft has no errors but those that only a workspace can know: whether a team or a person that the list names is there.
///
/// # Errors
///
/// It is beyond a limit, has no task in it, or no column that names tasks.
pub fn import(name: &str, text: &str, format: Format) -> Result<Imported, ImportError> {
    if text.len() > limits::CHECKLIST_BYTES {
        return Err(ImportError::TooLarge { bytes: text.len(), limit: limits::CHECKLIST_BYTES });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let outline = match format {
        Format::Markdown => markdown::read(text)?,
        Format::Csv => table::read(text)?,
    };
    Ok(draw::draw(name, outline))
}

/// What a checklist says.
#[derive(Debug, Default)]
struct Outline {
    title: Option<String>,
    description: String,
    phases: Vec<Phase>,
    left_out: Vec<LeftOut>,
    tasks: usize,
}

/// A part of a checklist; the first has no name when tasks come before any heading.
#[derive(Debug, Default)]
struct Phase {
    name: String,
    line: usize,
    note: String,
    tasks: Vec<Task>,
}

#[derive(Debug, Default)]
struct Task {
    line: usize,
    name: String,
    instructions: String,
    owner: Option<Owner>,
    due: Option<Due>,
    /// Boxes to tick.
    boxes: Vec<String>,
}

impl Outline {
    /// Adds a task to the newest phase.
    fn add(&mut self, task: Task) -> Result<(), ImportError> {
        self.tasks += 1;
        if self.tasks > limits::CHECKLIST_TASKS {
            return Err(ImportError::At {
                message: format!(
                    "the list has more than {} tasks; make several journeys of it",
                    limits::CHECKLIST_TASKS
                ),
                line: task.line,
                column: 1,
            });
        }
        self.phase().tasks.push(task);
        Ok(())
    }

    fn phase(&mut self) -> &mut Phase {
        if self.phases.is_empty() {
            self.phases.push(Phase::default());
        }
        let last = self.phases.len() - 1;
        &mut self.phases[last]
    }

    /// A name on one line; what is beyond the limit is left out, and said.
    fn name(&mut self, line: usize, text: &str) -> String {
        let name = name(text);
        if name.len() < text.trim().len() && name.chars().count() >= limits::NAME_CHARACTERS {
            let limit = limits::NAME_CHARACTERS;
            self.leave(
                line,
                ("name", text),
                format!("The name has more than {limit} letters; the rest is left out."),
            );
        }
        name
    }

    /// The newest task of the newest phase.
    fn task(&mut self) -> Option<&mut Task> {
        self.phases.last_mut()?.tasks.last_mut()
    }

    fn leave(&mut self, line: usize, (kind, name): (&str, &str), sentence: impl Into<String>) {
        if self.left_out.len() < limits::LEFT_OUT {
            self.left_out.push(LeftOut {
                line,
                id: String::new(),
                name: shown(name),
                kind: kind.to_owned(),
                sentence: sentence.into(),
            });
        }
    }
}

/// A name: one line, of limited length.
fn name(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(limits::NAME_CHARACTERS).collect()
}

/// Adds a line to a text.
fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&without_expressions(line));
}

#[cfg(test)]
mod tests;
