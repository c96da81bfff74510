//! What was seen, as a table between the marks of a page.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// Where a page's figures begin and end.
const MARKS: [&str; 2] = ["<!-- torture: begin -->", "<!-- torture: end -->"];

/// How a line begins in which a test tells a figure.
const TELLS: &str = "figure: ";

const HEAD: &str = "| part | what | seen | commit | day |\n|---|---|---:|---|---|\n";

/// One thing that was counted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) value: String,
}

/// Figures by part, in the order of the table.
#[derive(Default)]
pub(super) struct Figures(Vec<(String, Vec<Figure>)>);

impl Figure {
    /// Reads `figure: WHAT: VALUE`; test runners put words of their own before it.
    pub(super) fn told(line: &str) -> Option<Self> {
        let (_, told) = line.split_once(TELLS)?;
        let (what, value) = told.rsplit_once(": ")?;
        Some(Self { what: what.to_owned(), value: value.trim().to_owned() })
    }
}

impl Figures {
    pub(super) fn add(&mut self, part: &str, figures: Vec<Figure>) {
        self.0.push((part.to_owned(), figures));
    }

    /// All of them, as they were seen now.
    pub(super) fn table(&self) -> String {
        format!("{HEAD}{}", self.rows(&commit(), &today()))
    }

    /// Puts the figures between the marks of a page; those of parts that did not run stay as they are.
    pub(super) fn write_into(&self, page: &Path) -> Result<()> {
        let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
        let text = self
            .placed_in(&text, &commit(), &today())
            .with_context(|| format!("{} has no lines {}", page.display(), MARKS.join(" … ")))?;
        fs::write(page, text).with_context(|| page.display().to_string())
    }

    fn placed_in(&self, text: &str, commit: &str, day: &str) -> Option<String> {
        let [begin, end] = MARKS;
        let (before, rest) = text.split_once(begin)?;
        let (between, after) = rest.split_once(end)?;
        let kept = between.lines().filter(|line| self.is_kept(line));
        let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
        let rows = self.rows(commit, day);
        Some(format!("{before}{begin}\n\n{HEAD}{kept}{rows}\n{end}{after}"))
    }

    /// Whether a line is a figure of a part that was not run again.
    fn is_kept(&self, line: &str) -> bool {
        let Some(cells) = line.strip_prefix("| ") else { return false };
        let part = cells.split(" | ").next().unwrap_or_default();
        part != "part" && self.0.iter().all(|(ran, _)| ran != part)
    }

    fn rows(&self, commit: &str, day: &str) -> String {
        let figures = self.0.iter().flat_map(|(part, figures)| {
            figures.iter().map(move |figure| (part, &figure.what, &figure.value))
        });
        let row =
            |(part, what, value)| format!("| {part} | {what} | {value} | `{commit}` | {day} |\n");
        figures.map(row).collect()
    }
}

fn commit() -> String {
    asked("git", &["rev-parse", "--short", "HEAD"])
}

fn today() -> String {
    asked("date", &["-u", "+%F"])
}

/// What a program says; a figure without is still a figure.
fn asked(program: &str, arguments: &[&str]) -> String {
    let said = command::capture(Command::new(program).args(arguments));
    said.map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_told_in_a_line_of_its_own() {
        let told = Figure::told("test a ... figure: kills, SQLite: 2000");
        let figure = Figure { what: "kills, SQLite".to_owned(), value: "2000".to_owned() };
        assert_eq!(told, Some(figure));
        assert_eq!(Figure::told("test result: ok. 1 passed"), None);
    }

    #[test]
    fn figures_of_parts_that_did_not_run_stay() {
        let page = format!(
            "before\n{}\n\n{HEAD}| lives | lived | 7 | `old` | 2026-01-01 |\n| kills | kills | 1 | `old` | 2026-01-01 |\n\n{}\nafter\n",
            MARKS[0], MARKS[1]
        );
        let mut figures = Figures::default();
        let figure = Figure { what: "kills".to_owned(), value: "2".to_owned() };
        figures.add("kills", vec![figure]);
        let placed = figures.placed_in(&page, "new", "2026-02-02").unwrap_or_default();
        let expected = format!(
            "before\n{}\n\n{HEAD}| lives | lived | 7 | `old` | 2026-01-01 |\n| kills | kills | 2 | `new` | 2026-02-02 |\n\n{}\nafter\n",
            MARKS[0], MARKS[1]
        );
        assert_eq!(placed, expected);
    }
}
