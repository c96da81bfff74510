//! Reading a checklist from a table: a heading, and a row for each task.

use super::{
    Outline, Phase, Task, append,
    cues::{Due, Owner, Unit},
};
use crate::{ImportError, limits, shown};
use csv::{ReaderBuilder, StringRecord, Trim};
use intake::table::Lines;

/// What a column says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Title,
    Owner,
    Due(Unit),
    Phase,
    Description,
}

/// Columns by the names people give them, the likelier ones first.
const NAMES: [(Column, &[&str]); 6] = [
    (
        Column::Title,
        &[
            "title",
            "task",
            "task name",
            "step",
            "item",
            "activity",
            "to do",
            "todo",
            "name",
            "subject",
        ],
    ),
    (Column::Owner, &["owner", "team", "assignee", "assigned to", "responsible", "who", "role"]),
    (
        Column::Due(Unit::BusinessDays),
        &["business days", "working days", "due (business days)", "due business days"],
    ),
    (
        Column::Due(Unit::Days),
        &["due", "days", "due in", "due days", "due (days)", "sla", "deadline", "duration"],
    ),
    (Column::Phase, &["phase", "stage", "section", "milestone", "group"]),
    (
        Column::Description,
        &["description", "instructions", "details", "notes", "note", "comment", "comments"],
    ),
];

pub(super) fn read(text: &str) -> Result<Outline, ImportError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let unreadable =
        |error: csv::Error| ImportError::Unfit(format!("The table cannot be read: {error}"));
    let heading = reader.headers().map_err(unreadable)?.clone();
    let mut outline = Outline::default();
    let columns = columns(&heading, &mut outline)?;
    let mut lines = Lines::of(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let byte = record.position().map_or(0, csv::Position::byte);
        let line = usize::try_from(lines.number(byte)).unwrap_or(usize::MAX);
        row(&mut outline, &columns, (line, &record))?;
    }
    if outline.tasks == 0 {
        return Err(ImportError::Unfit("The table has no row with a task in it.".to_owned()));
    }
    Ok(outline)
}

/// What parts the columns: what the first line has most of, outside of quotes.
fn delimiter(text: &str) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted && counts.iter().any(|(_, count)| *count > 0) => break,
            byte if !is_quoted => {
                counts
                    .iter_mut()
                    .filter(|(part, _)| *part == byte)
                    .for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or(b',', |(part, count)| if *count == 0 { b',' } else { *part })
}

/// What each column says; the first of several that say the same.
fn columns(
    heading: &StringRecord,
    outline: &mut Outline,
) -> Result<Vec<Option<Column>>, ImportError> {
    if heading.len() > limits::COLUMNS {
        let (columns, limit) = (heading.len(), limits::COLUMNS);
        return Err(ImportError::Unfit(format!(
            "The table has {columns} columns; the limit is {limit}."
        )));
    }
    let names: Vec<String> = heading
        .iter()
        .map(|name| name.trim().trim_start_matches('\u{feff}').to_lowercase().replace('_', " "))
        .collect();
    let mut columns = vec![None; names.len()];
    for (column, known) in NAMES {
        let is_due = |other: &Option<Column>| matches!(other, Some(Column::Due(_)));
        if matches!(column, Column::Due(_)) && columns.iter().any(is_due) {
            continue;
        }
        let found = known.iter().find_map(|known| names.iter().position(|name| name == known));
        if let Some(at) = found {
            columns[at] = Some(column);
        }
    }
    if !columns.contains(&Some(Column::Title)) {
        let found = shown(&names.join(", "));
        return Err(ImportError::Unfit(format!(
            "No column names the tasks: call one of them “title” or “task”. The first row has: {found}"
        )));
    }
    for (column, name) in columns.iter().zip(heading) {
        if column.is_none() && !name.is_empty() {
            outline.leave(
                1,
                ("column", name),
                "A task has no place for this column, so it is left out.",
            );
        }
    }
    Ok(columns)
}

fn row(
    outline: &mut Outline,
    columns: &[Option<Column>],
    (line, record): (usize, &StringRecord),
) -> Result<(), ImportError> {
    let mut task = Task { line, ..Task::default() };
    let mut phase = None;
    for (at, cell) in record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        match columns.get(at).copied().flatten() {
            Some(Column::Title) => task.name = outline.name(line, cell),
            Some(Column::Owner) => task.owner = Owner::read(cell),
            Some(Column::Due(unit)) => {
                task.due = Due::read(cell, Some(unit));
                if task.due.is_none() {
                    outline.leave(line, ("due", cell), "When it is due is not understood; write a number of days, “8h” or “2 business days”.");
                }
            }
            Some(Column::Phase) => phase = Some(outline.name(line, cell)),
            Some(Column::Description) => append(&mut task.instructions, cell),
            None if at >= columns.len() => {
                outline.leave(
                    line,
                    ("cell", cell),
                    "The row is longer than the first one, so this cell is left out.",
                );
            }
            None => {}
        }
    }
    if task.name.is_empty() {
        if record.iter().any(|cell| !cell.is_empty()) {
            outline.leave(line, ("row", ""), "The row names no task, so it is left out.");
        }
        return Ok(());
    }
    // An empty cell goes on with the phase above it.
    if let Some(phase) =
        phase.filter(|phase| outline.phases.last().is_none_or(|last| last.name != *phase))
    {
        outline.phases.push(Phase { name: phase, line, ..Phase::default() });
    }
    outline.add(task)
}
