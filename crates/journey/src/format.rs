//! The file format of drafts: reading text into a [`Draft`], and saying where it cannot be read.

use crate::{Draft, limits};
use serde::Deserialize;

/// The format this version writes.
pub const FORMAT: u32 = 1;

/// Why a text is not a draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the draft has {bytes} bytes; the limit is {}", limits::DRAFT_BYTES)]
    TooLarge { bytes: usize },
    /// Line and column count from 1.
    #[error("{message} at line {line}, column {column}")]
    Syntax { message: String, line: usize, column: usize },
    #[error("{}", wrong_version(*.format))]
    Format { format: u32 },
}

/// Reads a draft of any format that was ever published.
///
/// # Errors
///
/// It is too large, not JSON of the right shape (with its place), or of a format this version does not know.
pub fn read(bytes: &[u8]) -> Result<Draft, Unreadable> {
    if bytes.len() > limits::DRAFT_BYTES {
        return Err(Unreadable::TooLarge { bytes: bytes.len() });
    }
    let version: Version = parse(bytes)?;
    if version.format != FORMAT {
        return Err(Unreadable::Format { format: version.format });
    }
    parse(bytes)
}

/// The only member every format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Unreadable> {
    // serde_json refuses nesting deeper than 128 levels by itself.
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let message = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]).to_owned();
        Unreadable::Syntax { message, line, column }
    })
}

pub(crate) fn wrong_version(format: u32) -> String {
    if format > FORMAT {
        format!(
            "Format {format} is newer than this version of Waymark reads ({FORMAT}); update Waymark to open it."
        )
    } else {
        format!("There is no format {format}; drafts are of format {FORMAT}.")
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, read};

    #[test]
    fn a_draft_is_read_with_members_this_version_does_not_know() {
        let draft = read(br#"{"format": 1, "name": "N", "colour": "red", "nodes": [{"id": "a", "kind": "set", "x_y": 1}]}"#).unwrap();
        assert_eq!(draft.unknown["colour"], "red");
        assert_eq!(draft.nodes[0].settings["x_y"], 1);
        let again = serde_json::to_vec(&draft).unwrap();
        assert_eq!(read(&again).unwrap(), draft);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let error = read(b"{\"format\": 1,\n \"name\": }").unwrap_err();
        assert!(matches!(error, Unreadable::Syntax { line: 2, column: 10, .. }), "{error:?}");
        assert!(read(b"").is_err());
        assert!(read(b"[]").is_err());
        assert!(read(br#"{"format": 1, "name": 7}"#).is_err());
    }

    #[test]
    fn another_format_is_named() {
        let error = read(br#"{"format": 7, "steps": []}"#).unwrap_err();
        assert!(error.to_string().starts_with("Format 7 is newer than"), "{error}");
        assert_eq!(read(br#"{"format": 0}"#).unwrap_err(), Unreadable::Format { format: 0 });
    }

    #[test]
    fn a_draft_that_is_too_large_or_too_deep_is_refused() {
        assert!(matches!(
            read(&vec![b' '; 10_000_000]),
            Err(Unreadable::TooLarge { bytes: 10_000_000 })
        ));
        let deep = format!(
            r#"{{"format": 1, "name": "N", "variables": {}1{}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert!(matches!(read(deep.as_bytes()), Err(Unreadable::Syntax { .. })));
    }
}
