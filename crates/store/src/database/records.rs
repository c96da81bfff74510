//! Records as they lie in the database: those of a step in one row, under the number of its last.

use super::written::to_json;
use crate::{Failure, failure::Doing, sql};
use journey::{Fact, Record, Timestamp};
use serde::{Deserialize, Serialize};

const READING: &str = "read a row of records";

/// What was decided at one moment.
#[derive(Serialize)]
struct Moment<'a> {
    at: Timestamp,
    facts: Vec<&'a Fact>,
}

/// What a row may hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Moment {
        at: Timestamp,
        facts: Vec<Fact>,
    },
    /// As records were written before those of a step were kept together.
    One(Record),
}

/// A row to be written.
pub(super) struct Row {
    /// The number of its last record.
    pub(super) last: u64,
    pub(super) body: String,
}

/// Records in rows: one for each moment, and a new one where numbers are missing.
pub(super) fn rows(records: &[Record]) -> Result<Vec<Row>, Failure> {
    let moments =
        records.chunk_by(|one, next| one.at == next.at && next.sequence == one.sequence + 1);
    moments.filter_map(|moment| moment.last().map(|last| row(moment, last))).collect()
}

fn row(moment: &[Record], last: &Record) -> Result<Row, Failure> {
    let facts = moment.iter().map(|record| &record.fact).collect();
    Ok(Row { last: last.sequence, body: to_json(&Moment { at: last.at, facts })? })
}

/// The records of a row, in their order.
pub(super) fn read(row: &sql::Row) -> Result<Vec<Record>, Failure> {
    let (at, facts) = match row.json("body")? {
        Kept::Moment { at, facts } => (at, facts),
        Kept::One(record) => return Ok(vec![record]),
    };
    let next = row.count("sequence")?.saturating_add(1);
    let first = next.checked_sub(facts.len() as u64).doing(READING)?;
    let records = (first..next).zip(facts);
    Ok(records.map(|(sequence, fact)| Record { sequence, at, fact }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sequence: u64, at: i64) -> Record {
        let fact = Fact::VariableSet { name: "n".to_owned(), value: sequence.into() };
        Record { sequence, at: Timestamp(at), fact }
    }

    #[test]
    fn a_row_has_the_records_of_one_moment_without_a_gap() {
        let records = [record(3, 5), record(4, 5), record(6, 5), record(7, 8)];
        let rows = rows(&records).unwrap();
        let lasts: Vec<u64> = rows.iter().map(|row| row.last).collect();
        assert_eq!(lasts, [4, 6, 7]);
        assert!(rows[0].body.starts_with(r#"{"at":5,"facts":[{"fact":"variable_set","#));
        assert!(super::rows(&[]).unwrap().is_empty());
    }
}
