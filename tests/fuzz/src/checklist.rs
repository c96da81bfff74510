//! Checklists: Markdown or a table, as the first letter says.

use crate::check_sentence;
use exchange::checklist::{Format, import};
use journey::{Severity, check};

pub(crate) const WORDS: &[&str] = &[
    "# ",
    "## Phase\n",
    "- [ ] ",
    "- [x] ",
    "  - ",
    "\t* ",
    "1. ",
    "2) ",
    "```\n",
    "---\n",
    "\n",
    "\r\n",
    "(owner: team a)",
    "(owner: a@b.c)",
    "(due: 2 business days)",
    "(3d",
    ")",
    "@team",
    " due 3 days",
    " due in 1 week",
    " due ",
    "99999",
    "8h",
    "[a](b)",
    "**",
    "{{ x }}",
    "title",
    "task",
    "owner",
    "due",
    "days",
    "business days",
    "phase",
    "description",
    ",",
    ";",
    "\t",
    "\"",
    "\"\"",
    "\u{feff}",
    "ß",
    "İ",
];

pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let format = if text.starts_with(['#', '-']) { Format::Markdown } else { Format::Csv };
    let imported = match import("A list", &text, format) {
        Ok(imported) => imported,
        Err(error) => return check_sentence(&error.to_string()),
    };
    let lines = text.split(['\n', '\r']).count();
    for left in &imported.left_out {
        check_sentence(&left.sentence);
        assert!((1..=lines).contains(&left.line), "{left:?} of {lines}");
    }
    let (journey, found) = check(&imported.draft, None);
    let errors: Vec<_> = found.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(journey.is_some() && errors.is_empty(), "{errors:?}");
}
