//! Reading a checklist in Markdown, line by line.

use super::{Outline, Phase, Task, append, cues};
use crate::{ImportError, limits};

/// What a line is.
enum Line<'a> {
    Blank,
    Fence,
    Heading { level: usize, text: &'a str },
    Item { indent: usize, is_ticked: bool, text: &'a str },
    Text(&'a str),
}

/// What a text says, while it is read.
#[derive(Default)]
struct Reader {
    outline: Outline,
    /// How far the items that are open are indented, outermost first.
    indents: Vec<usize>,
    is_in_fence: bool,
    /// Whether text belongs to the newest task.
    is_below_item: bool,
    ticked: Option<usize>,
}

pub(super) fn read(text: &str) -> Result<Outline, ImportError> {
    let title = title(text);
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        reader.line(at + 1, line, title)?;
    }
    if let Some(line) = reader.ticked {
        reader.outline.leave(
            line,
            ("item", ""),
            "Some items are ticked off; in the journey they are open, each time anew.",
        );
    }
    if reader.outline.tasks == 0 {
        return Err(ImportError::Unfit(
            "There is no list in the text. Write each task as an item: “- [ ] Call the customer”."
                .to_owned(),
        ));
    }
    Ok(reader.outline)
}

/// The line of the heading that names the journey: the only one of the first level, before any item.
fn title(text: &str) -> Option<usize> {
    let mut tops = Vec::new();
    let (mut first_item, mut is_in_fence) = (usize::MAX, false);
    for (at, line) in text.lines().enumerate() {
        match kind(line) {
            Line::Fence => is_in_fence = !is_in_fence,
            Line::Heading { level: 1, .. } if !is_in_fence => tops.push(at + 1),
            Line::Item { .. } if !is_in_fence => first_item = first_item.min(at + 1),
            Line::Heading { .. } | Line::Item { .. } | Line::Blank | Line::Text(_) => {}
        }
    }
    tops.first().copied().filter(|line| tops.len() == 1 && *line < first_item)
}

impl Reader {
    fn line(&mut self, at: usize, line: &str, title: Option<usize>) -> Result<(), ImportError> {
        let kind = kind(line);
        if self.is_in_fence && !matches!(kind, Line::Fence) {
            self.text(line);
            return Ok(());
        }
        match kind {
            Line::Blank => {}
            Line::Fence => self.is_in_fence = !self.is_in_fence,
            Line::Heading { text, .. } if title == Some(at) => {
                self.outline.title = Some(self.outline.name(at, &plain(text)));
            }
            Line::Heading { text, .. } => self.heading(at, text),
            Line::Item { indent, is_ticked, text } => {
                if is_ticked {
                    self.ticked.get_or_insert(at);
                }
                self.item(at, indent, text)?;
            }
            Line::Text(text) => {
                let is_apart = !line.starts_with([' ', '\t']);
                self.is_below_item = self.is_below_item && !is_apart;
                self.text(text);
            }
        }
        Ok(())
    }

    fn heading(&mut self, at: usize, text: &str) {
        self.indents.clear();
        self.is_below_item = false;
        let name = self.outline.name(at, &plain(text));
        self.outline.phases.push(Phase { name, line: at, ..Phase::default() });
    }

    fn item(&mut self, at: usize, indent: usize, text: &str) -> Result<(), ImportError> {
        while self.indents.last().is_some_and(|open| *open >= indent) {
            self.indents.pop();
        }
        let is_below = !self.indents.is_empty();
        self.indents.push(indent);
        self.is_below_item = true;
        let (text, links) = unlinked(text);
        let read = cues::read(&plain(&text));
        let name = self.outline.name(at, &read.title);
        if let Some(words) = &read.unread {
            let sentence = "When it is due is not understood, so it stays in the title; write it as “due 3 days” or “due 2 business days”.";
            self.outline.leave(at, ("due", words), sentence);
        }
        if name.is_empty() {
            self.outline.leave(at, ("item", ""), "The item is empty, so it is left out.");
            return Ok(());
        }
        let is_box = is_below && read.owner.is_none() && read.due.is_none();
        if let Some(task) = self.outline.task().filter(|_| is_box) {
            for link in &links {
                append(&mut task.instructions, link);
            }
            if task.boxes.len() < limits::FIELDS {
                task.boxes.push(name);
            } else {
                self.outline.leave(
                    at,
                    ("item", &name),
                    "A task has too many boxes to tick already, so this one is left out.",
                );
            }
            return Ok(());
        }
        let mut task = Task { line: at, name, owner: read.owner, due: read.due, ..Task::default() };
        for link in &links {
            append(&mut task.instructions, link);
        }
        self.outline.add(task)
    }

    /// A text: instructions of a task, a note of a phase, or the description of the journey.
    fn text(&mut self, text: &str) {
        let text = text.trim_end();
        let is_below_item = self.is_below_item;
        if let Some(task) = self.outline.task().filter(|_| is_below_item) {
            append(&mut task.instructions, text.trim_start());
        } else if self.outline.phases.is_empty() {
            append(&mut self.outline.description, text);
        } else {
            append(&mut self.outline.phase().note, text);
        }
    }
}

fn kind(line: &str) -> Line<'_> {
    let text = line.trim();
    if text.is_empty() {
        return Line::Blank;
    }
    if text.starts_with("```") || text.starts_with("~~~") {
        return Line::Fence;
    }
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level) && text[level..].starts_with([' ', '\t']) {
        return Line::Heading { level, text: text[level..].trim().trim_end_matches('#').trim() };
    }
    // A rule across the page says nothing.
    if text.len() >= 3
        && ["-", "*", "_"]
            .iter()
            .any(|mark| text.replace([' ', '\t'], "").replace(mark, "").is_empty())
    {
        return Line::Blank;
    }
    let Some(rest) = behind_bullet(text) else { return Line::Text(text) };
    let spaces = line.chars().take_while(|letter| letter.is_whitespace());
    let indent = spaces.map(|letter| if letter == '\t' { 4 } else { 1 }).sum();
    let unticked = rest.strip_prefix("[ ]").or_else(|| rest.strip_prefix("[]"));
    let ticked = rest.strip_prefix("[x]").or_else(|| rest.strip_prefix("[X]"));
    let is_ticked = ticked.is_some();
    Line::Item { indent, is_ticked, text: unticked.or(ticked).unwrap_or(rest).trim() }
}

/// What follows `- `, `* `, `+ `, `1. ` or `1) `.
fn behind_bullet(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = if (1..=9).contains(&digits) {
        text[digits..].strip_prefix(['.', ')'])?
    } else {
        text.strip_prefix(['-', '*', '+'])?
    };
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| rest.trim())
}

/// A text without the marks of emphasis and code.
fn plain(text: &str) -> String {
    text.replace("**", "").replace("__", "").replace(['`', '*'], "").replace("~~", "")
}

/// A text with the words of its links, and where these lead.
fn unlinked(text: &str) -> (String, Vec<String>) {
    let (mut left, mut links, mut rest) = (String::new(), Vec::new(), text);
    while let Some(middle) = rest.find("](") {
        let (open, length) = (rest[..middle].rfind('['), rest[middle..].find(')'));
        let (Some(open), Some(length)) = (open, length) else { break };
        let words = &rest[open + 1..middle];
        left.push_str(rest[..open].trim_end_matches('!'));
        left.push_str(words);
        links.push(format!("{words}: {}", &rest[middle + 2..middle + length]));
        rest = &rest[middle + length + 1..];
    }
    left.push_str(rest);
    (left, links)
}
