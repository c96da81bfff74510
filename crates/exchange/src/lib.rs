//! Journeys as other programs write and read them: BPMN 2.0, and checklists in Markdown or CSV.
//!
//! Nothing here has a clock, randomness or IO. Whatever a file is, the answer is a draft with a list of what it could not take along, or a
//! sentence that says what is wrong and where.

pub mod bpmn;
pub mod checklist;
mod ids;
pub mod limits;

use serde::Serialize;

use journey::Draft;

/// A draft made of somebody else's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// As far as the file has a counterpart. It may have errors that `check` finds.
    pub draft: Draft,
    /// What of the file is not, or not as it stood there, in the draft; in the order of the file.
    pub left_out: Vec<LeftOut>,
}

/// Something of a file that has no counterpart, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// Its id in the file; empty when it has none.
    pub id: String,
    /// What people call it; empty when it has no name.
    pub name: String,
    /// What the file calls such a thing: `dataObject`, `column`.
    pub kind: String,
    /// What became of it, for a person.
    pub sentence: String,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Larger than any honest file.
    #[error("the file has {bytes} bytes; the limit is {limit}")]
    TooLarge { bytes: usize, limit: usize },
    /// Something stands in it that cannot be; line and column count from 1, columns count letters.
    #[error("{message} (line {line}, column {column})")]
    At { message: String, line: usize, column: usize },
    /// It is something else as a whole.
    #[error("{0}")]
    Unfit(String),
}

/// Where a byte of a text stands: line and column from 1, as an editor shows them.
pub(crate) fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, 1 + before[start..].chars().count())
}

/// A text in which nothing is taken for an expression: no brace stands right behind another that opens.
pub(crate) fn without_expressions(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '{' && plain.ends_with('{') {
            plain.push(' ');
        }
        plain.push(letter);
    }
    plain
}

/// The beginning of a text, for a sentence.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    let start: String = text.chars().take(limits::SHOWN_CHARACTERS).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
