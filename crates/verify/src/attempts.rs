//! I10: a call is tried as often as its node allows, and a failure that stands is seen.

use crate::report::{Findings, Invariant::I10};
use journey::{Fact, Instance, Journey, Position, Record, effect::FailureKind, limits};
use std::collections::BTreeMap;

/// The attempts of an instance's calls.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    /// The highest attempt at each node of the version that is followed.
    highest: BTreeMap<String, (Position, u32)>,
    /// The call that the last record says has failed.
    failed: Option<(Position, FailureKind)>,
}

impl Attempts {
    /// `before` is the instance as it was before the record, where that is known.
    pub(crate) fn record(
        &mut self,
        record: &Record,
        before: Option<&Instance>,
        findings: &mut Findings,
    ) {
        if let Some(failed) = self.failed.take() {
            follow(failed, record, findings);
        }
        let (position, attempt) = match &record.fact {
            Fact::CallFailed { position, failure, attempt } => {
                findings.looked(I10);
                self.failed = Some((*position, failure.kind));
                (*position, *attempt)
            }
            Fact::CallRetried { position, attempt, .. } => (*position, *attempt),
            _ => return,
        };
        let wait = before.and_then(|before| before.wait(position));
        let node = wait.map(|wait| wait.node.clone()).unwrap_or_default();
        let highest = self.highest.entry(node).or_insert((position, attempt));
        if attempt > highest.1 {
            *highest = (position, attempt);
        }
    }

    /// A record is missing: what follows the last one is not known.
    pub(crate) fn skip(&mut self) {
        self.failed = None;
    }

    /// The instance goes on with another version, or its records are over.
    pub(crate) fn close_version(&mut self, journey: Option<&Journey>, findings: &mut Findings) {
        for (node, (position, attempt)) in std::mem::take(&mut self.highest) {
            let allowed = journey.and_then(|journey| journey.attempts(&node));
            let allowed = allowed.unwrap_or(limits::ATTEMPTS);
            if attempt > allowed {
                findings.found_at(
                    I10,
                    position,
                    format_args!("the call of '{node}' came to attempt {attempt} of {allowed}"),
                );
            }
        }
    }

    pub(crate) fn close(&mut self, findings: &mut Findings) {
        if let Some((position, _)) = self.failed.take() {
            findings.found_at(I10, position, "its call failed, and nothing followed from that");
        }
    }
}

/// A step that takes in a failure says at once what follows from it.
fn follow((position, kind): (Position, FailureKind), record: &Record, findings: &mut Findings) {
    let number = record.sequence;
    match &record.fact {
        Fact::CallRetried { position: at, .. } if *at == position => {
            if !kind.is_retryable() {
                findings.found_at(
                    I10,
                    position,
                    format_args!("record {number}: its call is made again, which cannot help"),
                );
            }
        }
        Fact::IncidentRaised { position: at, .. } | Fact::Judged { position: at, .. }
            if *at == position => {}
        Fact::Left { position: at, edges } if *at == position && !edges.is_empty() => {}
        _ => findings.found_at(
            I10,
            position,
            format_args!(
                "its call failed for good, and record {number} is neither an incident nor a way out"
            ),
        ),
    }
}
