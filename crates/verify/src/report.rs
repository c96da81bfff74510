//! What a check says: for each invariant what was looked at and what was found, or why it was not checked.

use crate::limits;
use journey::Position;
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};
use store::InstanceId;

/// What must hold of every workspace, under the names the design gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Invariant {
    /// What was acknowledged is there, once.
    I1,
    /// The records have no gap and make the stored state.
    I2,
    /// One start, at most one end, nothing after it.
    I3,
    /// One result per position, and no orphan.
    I4,
    /// Results and the epochs they were granted in.
    I5,
    /// What arrived outside and what was intended.
    I6,
    /// Timers: once, never early.
    I7,
    /// The order within an account.
    I8,
    /// The chain of the audit log.
    I9,
    /// Bounded attempts, and no silent dead end.
    I10,
}

impl Invariant {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::I9,
        Self::I10,
    ];

    /// What it promises, as a sentence.
    pub fn promise(self) -> &'static str {
        match self {
            Self::I1 => "What was acknowledged is there, once.",
            Self::I2 => "The records of an instance have no gap and make its stored state.",
            Self::I3 => "An instance has one start, at most one end, and nothing after it.",
            Self::I4 => "A position has one result, and every wait has what will move it on.",
            Self::I5 => "A result carries the highest epoch granted before it.",
            Self::I6 => "What arrived outside was intended before, and every result arrived.",
            Self::I7 => "Timers fire once and never early.",
            Self::I8 => "Events of one account are handled in order.",
            Self::I9 => "The audit log's chain is unbroken.",
            Self::I10 => "Attempts are bounded, and what fails for good is seen.",
        }
    }
}

/// What became of checking one invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// It was checked.
    Checked {
        /// How many things it is about were looked at.
        looked_at: u64,
        /// How many violations were found.
        violations: u64,
        /// The first of them, a sentence each.
        examples: Vec<String>,
    },
    /// It was not checked, for this reason.
    NotChecked {
        /// The reason.
        why: String,
    },
}

/// One invariant and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Which one.
    pub invariant: Invariant,
    /// What it promises.
    pub promise: &'static str,
    /// What was found.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Instances that were looked at.
    pub instances: u64,
    /// Records that were folded.
    pub records: u64,
    /// Instances that moved on each time they were looked at, and so were not checked.
    pub busy: u64,
    /// What is wrong with the pages of the database, a sentence each. Nothing else is looked at then.
    pub damage: Vec<String>,
    /// All invariants, in order.
    pub invariants: Vec<Checked>,
    /// What this says nothing about.
    pub not_looked_at: Vec<&'static str>,
}

impl Report {
    /// Of a database whose pages are damaged: what is read from it need not be what was written.
    pub fn damaged(damage: Vec<String>) -> Self {
        let why = "the database is damaged";
        let all: Vec<(Invariant, &str)> =
            Invariant::ALL.into_iter().map(|invariant| (invariant, why)).collect();
        Self { damage, ..Tally::default().report(&all, Vec::new()) }
    }

    /// Whether nothing was violated. What was not checked does not count; see [`Report::invariants`].
    pub fn is_clean(&self) -> bool {
        self.damage.is_empty()
            && self.invariants.iter().all(|checked| match &checked.outcome {
                Outcome::Checked { violations, .. } => *violations == 0,
                Outcome::NotChecked { .. } => true,
            })
    }

    /// What became of one invariant.
    pub fn outcome(&self, invariant: Invariant) -> Option<&Outcome> {
        let checked = self.invariants.iter().find(|checked| checked.invariant == invariant);
        checked.map(|checked| &checked.outcome)
    }
}

impl fmt::Display for Report {
    /// A line for each invariant, and one below it for each violation that is kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instances, records, busy, damage, invariants, not_looked_at } = self;
        writeln!(f, "{instances} instances with {records} records were looked at.")?;
        if !damage.is_empty() {
            writeln!(f, "The database is DAMAGED: restore a backup.")?;
        }
        for what in damage {
            writeln!(f, "  {what}")?;
        }
        if *busy > 0 {
            writeln!(f, "{busy} of them moved on all the time and were not checked.")?;
        }
        for Checked { invariant, promise, outcome } in invariants {
            match outcome {
                Outcome::NotChecked { why } => {
                    writeln!(f, "{invariant:?} not checked: {why}")?;
                }
                Outcome::Checked { looked_at, violations: 0, .. } => {
                    writeln!(f, "{invariant:?} holds ({looked_at} looked at): {promise}")?;
                }
                Outcome::Checked { looked_at, violations, examples } => {
                    let times = match violations {
                        1 => "once".to_owned(),
                        many => format!("{many} times"),
                    };
                    writeln!(
                        f,
                        "{invariant:?} VIOLATED {times} ({looked_at} looked at): {promise}"
                    )?;
                    for example in examples {
                        writeln!(f, "  {example}")?;
                    }
                }
            }
        }
        for what in not_looked_at {
            writeln!(f, "Not looked at: {what}.")?;
        }
        Ok(())
    }
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Finding {
    pub(crate) invariant: Invariant,
    /// Names the instance, position or key.
    pub(crate) sentence: String,
}

/// What one look gave: how much was looked at, and what seems wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    /// What it is about, as the beginning of every sentence.
    about: String,
    looked_at: BTreeMap<Invariant, u64>,
    found: Vec<Finding>,
    pub(crate) records: u64,
}

impl Findings {
    pub(crate) fn about(id: InstanceId) -> Self {
        Self { about: format!("{id}: "), ..Self::default() }
    }

    pub(crate) fn looked(&mut self, invariant: Invariant) {
        *self.looked_at.entry(invariant).or_default() += 1;
    }

    pub(crate) fn found(&mut self, invariant: Invariant, what: impl fmt::Display) {
        let sentence = format!("{}{what}", self.about);
        self.found.push(Finding { invariant, sentence });
    }

    /// Something is wrong at a position.
    pub(crate) fn found_at(
        &mut self,
        invariant: Invariant,
        position: Position,
        what: impl fmt::Display,
    ) {
        self.found(invariant, format_args!("position {}: {what}", position.0));
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// Keeps what another look found as well.
    pub(crate) fn confirmed_by(&mut self, other: &Self) {
        let before: HashSet<&Finding> = other.found.iter().collect();
        self.found.retain(|finding| before.contains(finding));
    }
}

/// A report that grows.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) instances: u64,
    pub(crate) busy: u64,
    records: u64,
    invariants: BTreeMap<Invariant, Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    looked_at: u64,
    violations: u64,
    examples: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, findings: Findings) {
        self.records += findings.records;
        for (invariant, looked_at) in findings.looked_at {
            self.invariants.entry(invariant).or_default().looked_at += looked_at;
        }
        for Finding { invariant, sentence } in findings.found {
            let counted = self.invariants.entry(invariant).or_default();
            counted.violations += 1;
            if counted.examples.len() < limits::EXAMPLES {
                counted.examples.push(sentence);
            }
        }
    }

    /// Whether there was nothing to look at for an invariant, and nothing was found.
    pub(crate) fn is_untouched(&self, invariant: Invariant) -> bool {
        self.invariants
            .get(&invariant)
            .is_none_or(|counted| counted.looked_at == 0 && counted.violations == 0)
    }

    /// `missing` are those that could not be checked this time, and why.
    pub(crate) fn report(
        mut self,
        missing: &[(Invariant, &str)],
        not_looked_at: Vec<&'static str>,
    ) -> Report {
        let mut outcome = |invariant: Invariant| {
            let asked = missing.iter().find(|(one, _)| *one == invariant).map(|(_, why)| *why);
            if let Some(why) = asked {
                return Outcome::NotChecked { why: why.to_owned() };
            }
            let Counted { looked_at, violations, examples } =
                self.invariants.remove(&invariant).unwrap_or_default();
            Outcome::Checked { looked_at, violations, examples }
        };
        let invariants = Invariant::ALL
            .into_iter()
            .map(|invariant| Checked {
                invariant,
                promise: invariant.promise(),
                outcome: outcome(invariant),
            })
            .collect();
        let Self { instances, records, busy, .. } = self;
        Report { instances, records, busy, damage: Vec::new(), invariants, not_looked_at }
    }
}
