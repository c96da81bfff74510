//! Tables of accounts: the mapping is the first line, the table the rest.

use crate::check_sentence;
use intake::table::{Mapping, Table, first_line_not_utf8};

pub(crate) const WORDS: &[&str] = &[
    "\"external_id\"",
    "\"name\"",
    "\"segment\"",
    "\"owner\"",
    "\"arr\"",
    "\"fields\"",
    "\"column\"",
    "\"type\"",
    "\"number\"",
    "\"integer\"",
    "\"boolean\"",
    "\"text\"",
    "\"value\"",
    "row.id",
    "{{ row.id }}",
    "row.n > 24 ? 'a' : 'b'",
    "id",
    "name",
    "plan",
    "tenure",
    "yes",
    "no",
    "1e400",
    "NaN",
    "-0",
    "9223372036854775808",
    "\"",
    "\"\"",
    ",",
    "\n",
    "\r\n",
    ";",
    "\u{feff}",
    " ",
    "{",
    "}",
    ":",
];

pub(crate) fn holds(input: &[u8]) {
    let at = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (mapping, table) = (&input[..at], input.get(at + 1..).unwrap_or_default());
    let lines = table.split(|byte| *byte == b'\n' || *byte == b'\r').count() as u64;
    if let Some(line) = first_line_not_utf8(table) {
        assert!((1..=lines).contains(&(line as u64)), "line {line} of {lines}");
    }
    let mapping = match Mapping::parse(mapping) {
        Ok(mapping) => mapping,
        Err(unfit) => return check_sentence(&unfit.to_string()),
    };
    let table = match Table::open(table, mapping) {
        Ok(table) => table,
        Err(unfit) => return check_sentence(&unfit.to_string()),
    };
    let mut before = 0;
    for read in table {
        let line = match read {
            Ok(accepted) => {
                let account = accepted.account;
                assert!(!account.external_id.is_empty() && !account.name.is_empty(), "{account:?}");
                assert!(account.arr.is_none_or(f64::is_finite), "{account:?}");
                accepted.line
            }
            Err(reject) => {
                check_sentence(&reject.reason);
                reject.line
            }
        };
        assert!(line > before && line <= lines, "line {line} of {lines} comes after {before}");
        before = line;
    }
}
