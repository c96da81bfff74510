//! Accounts from a table: what a mapping makes of each line, and why a line is rejected.

mod lines;
mod mapping;

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

pub use lines::Lines;
pub use mapping::{Mapping, Unfit};

/// A line that became an account, or did not.
pub type Line = Result<Accepted, Reject>;

/// An account and the line it stands on.
#[derive(Debug)]
pub struct Accepted {
    pub line: u64,
    pub account: Account,
}

/// An account as a line states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub external_id: String,
    pub name: String,
    pub segment: Option<String>,
    /// E-mail address of the owning user.
    pub owner: Option<String>,
    /// What it pays in a year.
    pub arr: Option<f64>,
    /// Custom fields.
    pub fields: Map<String, Value>,
}

/// A line that was not imported.
#[derive(Debug, PartialEq, Eq)]
pub struct Reject {
    pub line: u64,
    /// Empty when it is the line as a whole.
    pub column: String,
    pub reason: String,
}

/// Reads a table line by line.
pub struct Table<'a> {
    reader: Reader<&'a [u8]>,
    lines: Lines<'a>,
    mapping: Mapping,
}

impl<'a> Table<'a> {
    /// Reads the heading and looks up every column the mapping names.
    ///
    /// # Errors
    ///
    /// There is no heading that can be read, or a column is not in it.
    pub fn open(source: &'a [u8], mapping: Mapping) -> Result<Self, Unfit> {
        let mut reader = ReaderBuilder::new().from_reader(source);
        let heading = reader.headers().map_err(|error| Unfit(error.to_string()))?;
        let columns = heading.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned());
        let mapping = mapping.resolve(columns.collect())?;
        Ok(Self { reader, lines: Lines::of(source), mapping })
    }
}

impl Iterator for Table<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let mut record = ByteRecord::new();
        let before = self.reader.position().byte();
        match self.reader.read_byte_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line = self.lines.number(record.position().map_or(before, csv::Position::byte));
                Some(read(&self.mapping, line, &record))
            }
            Err(error) => {
                let line = self.lines.number(error.position().map_or(before, csv::Position::byte));
                let reason = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("the line has {len} columns, the heading {expected_len}")
                    }
                    _ => error.to_string(),
                };
                let is_over = matches!(error.kind(), csv::ErrorKind::Io(_));
                let reject = Reject { line, column: String::new(), reason };
                if is_over && self.reader.is_done() { None } else { Some(Err(reject)) }
            }
        }
    }
}

fn read(mapping: &Mapping, line: u64, record: &ByteRecord) -> Line {
    let cells: Result<Vec<&str>, _> = record.iter().map(std::str::from_utf8).collect();
    let cells = cells.map_err(|_| Reject {
        line,
        column: String::new(),
        reason: "the line is not UTF-8".to_owned(),
    })?;
    let account =
        mapping.apply(&cells).map_err(|(column, reason)| Reject { line, column, reason })?;
    Ok(Accepted { line, account })
}

/// The first line that is not UTF-8, counted from one; `None` when all are.
pub fn first_line_not_utf8(bytes: &[u8]) -> Option<usize> {
    let error = std::str::from_utf8(bytes).err()?;
    let before = &bytes[..error.valid_up_to()];
    Some(before.split(|byte| *byte == b'\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping() -> Mapping {
        Mapping::parse(
            json!({
                "external_id": "id",
                "name": "Customer {{ row.id }}",
                "fields": { "months": { "column": "tenure", "type": "number" }, "plan": "plan" },
                "segment": "row.tenure > 24 ? 'loyal' : 'new'"
            })
            .to_string()
            .as_bytes(),
        )
        .unwrap()
    }

    fn lines(text: &'static str) -> Vec<Line> {
        Table::open(text.as_bytes(), mapping()).unwrap().collect()
    }

    #[test]
    fn a_line_is_numbered_as_an_editor_shows_it_however_lines_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                ["\u{feff}id,tenure,plan", "", "A1,3", "A2,\"3\",\"a", "b\"", "", "A3,3"].join(end);
            let table = Table::open(text.as_bytes(), mapping()).unwrap();
            let numbers: Vec<u64> = table
                .map(|line| line.map_or_else(|reject| reject.line, |accepted| accepted.line))
                .collect();
            assert_eq!(numbers, [3, 4, 7], "{end:?}");
        }
    }

    #[test]
    fn a_line_becomes_an_account_with_typed_fields_and_a_segment() {
        let mut lines = lines("id,tenure,plan\nA1, 30 ,gold\n");
        let accepted = lines.remove(0).unwrap();
        assert_eq!(accepted.line, 2);
        let account = accepted.account;
        assert_eq!((account.external_id.as_str(), account.name.as_str()), ("A1", "Customer A1"));
        assert_eq!(account.fields["months"], json!(30.0));
        assert_eq!(account.fields["plan"], json!("gold"));
        assert_eq!(account.segment.as_deref(), Some("loyal"));
    }

    #[test]
    fn broken_lines_are_rejected_with_their_line_and_column_and_the_rest_goes_on() {
        let lines = lines("id,tenure,plan\nA1,3\nA2,soon,gold\n,3,gold\nA3,3,gold\n");
        let rejects: Vec<(u64, &str)> = lines
            .iter()
            .filter_map(|line| line.as_ref().err())
            .map(|reject| (reject.line, reject.column.as_str()))
            .collect();
        assert_eq!(rejects, [(2, ""), (3, "tenure"), (4, "id")]);
        assert_eq!(lines.iter().filter(|line| line.is_ok()).count(), 1);
    }

    #[test]
    fn a_mapping_of_a_missing_column_is_refused_before_anything_is_read() {
        let refused = Table::open("id,plan\n".as_bytes(), mapping());
        assert!(refused.is_err_and(|Unfit(why)| why.contains("tenure")));
    }

    #[test]
    fn the_first_line_in_another_encoding_is_named() {
        assert_eq!(first_line_not_utf8(b"a\nb\xe4\nc"), Some(2));
        assert_eq!(first_line_not_utf8("ä\n".as_bytes()), None);
    }
}
