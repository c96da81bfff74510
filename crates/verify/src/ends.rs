//! I3: an instance has one start, its first record, at most one end, and nothing after it.

use crate::report::{Findings, Invariant::I3};
use journey::{Fact, Record};

/// The beginning and the end of an instance, as its records tell them.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    start: Option<u64>,
    end: Option<u64>,
}

impl Ends {
    pub(crate) fn record(&mut self, record: &Record, findings: &mut Findings) {
        let number = record.sequence;
        if let Some(end) = self.end {
            return findings.found(
                I3,
                format_args!("record {number} comes after its end, which is record {end}"),
            );
        }
        if is_start(&record.fact) {
            match self.start {
                None if number == 0 => {}
                None => findings.found(
                    I3,
                    format_args!("record {number} is its start, and not its first record"),
                ),
                Some(first) => {
                    findings.found(
                        I3,
                        format_args!(
                            "record {number} starts it again; it started with record {first}"
                        ),
                    );
                }
            }
            self.start = self.start.or(Some(number));
        }
        if is_end(&record.fact) {
            self.end = Some(number);
        }
    }

    pub(crate) fn close(&self, findings: &mut Findings) {
        findings.looked(I3);
        if self.start.is_none() {
            findings.found(I3, "none of its records is a start");
        }
    }
}

fn is_start(fact: &Fact) -> bool {
    matches!(fact, Fact::Started { .. } | Fact::StartedBelow { .. })
}

fn is_end(fact: &Fact) -> bool {
    matches!(fact, Fact::Ended { .. } | Fact::Cancelled { .. })
}
