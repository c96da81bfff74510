//! The content lines of an iCalendar file: unfolded, and cut into name, parameters and value.

/// A line of content, which may take several lines of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins in the file, counted from 1.
    pub(super) number: usize,
    pub(super) bytes: Vec<u8>,
}

/// A content line taken apart; names are in capitals.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) value: String,
}

/// The lines of a file. A line that begins with a space or tab goes on with the one before; it may do so within a
/// character, so bytes are joined before they are read as text.
pub(super) fn unfold(file: &[u8]) -> Vec<Line> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut lines: Vec<Line> = Vec::new();
    for (place, line) in file.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line, lines.last_mut()) {
            ([b' ' | b'\t', rest @ ..], Some(last)) => last.bytes.extend_from_slice(rest),
            ([], _) => {}
            (line, _) => lines.push(Line { number: place + 1, bytes: line.to_vec() }),
        }
    }
    lines
}

/// Takes a line apart; `None` when it is none of iCalendar.
pub(super) fn read(text: &str) -> Option<Content> {
    let colon = outside_quotes(text, ':')?;
    let (head, value) = (&text[..colon], &text[colon + 1..]);
    let mut parts = Vec::new();
    let mut rest = head;
    while let Some(semicolon) = outside_quotes(rest, ';') {
        parts.push(&rest[..semicolon]);
        rest = &rest[semicolon + 1..];
    }
    parts.push(rest);
    let name = parts.first()?.trim().to_ascii_uppercase();
    let parameters = parts[1..]
        .iter()
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| {
            (name.trim().to_ascii_uppercase(), value.trim().trim_matches('"').to_owned())
        })
        .collect();
    Some(Content { name, parameters, value: value.to_owned() })
}

/// The text of a value, with its escapes undone.
pub(super) fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push(' '),
                Some(escaped) => text.push(escaped),
                None => {}
            },
            plain => text.push(plain),
        }
    }
    text
}

/// Where a character first stands outside double quotes.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(place, character)| {
        quoted ^= character == '"';
        (character == wanted && !quoted).then_some(place)
    })
}
