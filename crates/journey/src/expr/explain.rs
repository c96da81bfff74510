//! Why a condition holds or does not: clause by clause, with what each read and what would have to be different.
#![expect(clippy::wildcard_enum_match_arm, reason = "only some operations have sides or members")]

use super::{
    EvalError, Expression, Scope,
    code::Op,
    eval::{Evaluator, shown},
    print,
    value::{List, Val},
};
use crate::{document, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod change;

#[cfg(test)]
mod tests;

/// Longest text of a value in a sentence, in characters.
const SHOWN: usize = 80;
/// Most steps that copying a value that was read may take; a larger one is described instead.
const COPIED: u64 = 1_000;
/// Most steps one explanation may take: as many as this many whole expressions.
const EXPRESSIONS: u64 = 20;

/// What became of a condition, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// `None` when it has no value; then `error` says why.
    pub holds: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What all must hold: the sides of the outermost `&&`, or the whole condition.
    pub clauses: Vec<Clause>,
    /// Place of the first clause that does not hold, or has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_failing: Option<usize>,
    /// The least that would have to be different for the condition to hold: one sentence of all `changes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_change: Option<String>,
    /// The same, clause by clause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// One side of an `&&`, or one alternative of an `||`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// As CEL.
    pub text: String,
    /// `None` when it has no value; then `error` says why.
    pub holds: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub reads: Vec<Read>,
    /// The sides of an `||`, one of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Clause>,
}

/// What a clause read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// Such as `account.health`.
    pub path: String,
    /// In words, such as `62`, `'gold'`, `missing` or `a list of 300`.
    pub shown: String,
    /// Left out when it is missing or large.
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub value: Option<Value>,
}

/// Something that would have to be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The field, or the part of the condition that is computed.
    pub path: String,
    /// What it is; left out when it is missing or large.
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<Value>,
    /// What it would have to be, in words, such as `below 50`.
    pub to: String,
    /// A value the field could have, when one is known.
    #[serde(
        default,
        deserialize_with = "document::there",
        skip_serializing_if = "Option::is_none"
    )]
    pub example: Option<Value>,
    /// Such as `account.health would have to be below 50 (it is 62).`
    pub sentence: String,
}

impl Expression {
    /// Why the condition holds or does not in a scope.
    ///
    /// An expression that is no condition is explained too: it has no value as one, and its error says so.
    pub fn explain(&self, scope: &Scope<'_>) -> Explanation {
        let (holds, error) = apart(self.holds(scope));
        let mut explainer = Explainer {
            evaluator: Evaluator::new(scope),
            left: EXPRESSIONS * limits::EXPRESSION_STEPS,
        };
        let parts = sides(&self.root, |op| match op {
            Op::And(pair) => Some(pair),
            _ => None,
        });
        let clauses: Vec<_> = parts.iter().map(|part| explainer.clause(part)).collect();
        if holds == Some(true) {
            return Explanation {
                holds,
                error,
                clauses,
                first_failing: None,
                smallest_change: None,
                changes: Vec::new(),
            };
        }
        let failing = |clause: &Clause| clause.holds != Some(true);
        let changes: Vec<_> = parts
            .iter()
            .zip(&clauses)
            .filter(|(_, clause)| failing(clause))
            .flat_map(|(part, _)| explainer.changes(part, true))
            .collect();
        Explanation {
            holds,
            error,
            first_failing: clauses.iter().position(failing),
            clauses,
            smallest_change: together(&changes),
            changes,
        }
    }
}

/// Several changes as one sentence.
fn together(changes: &[Change]) -> Option<String> {
    let parts: Vec<_> =
        changes.iter().map(|change| change.sentence.trim_end_matches('.')).collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join(", and ")))
}

/// The sides of a row of one operator, from the left; an operation that is not that operator is its own side.
fn sides<'a>(op: &'a Op, of: impl Fn(&'a Op) -> Option<&'a [Op; 2]>) -> Vec<&'a Op> {
    let (mut sides, mut open) = (Vec::new(), vec![op]);
    while let Some(op) = open.pop() {
        match of(op) {
            Some([a, b]) => open.extend([b, a]),
            None => sides.push(op),
        }
    }
    sides
}

fn apart(result: Result<bool, EvalError>) -> (Option<bool>, Option<String>) {
    match result {
        Ok(holds) => (Some(holds), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

struct Explainer<'a> {
    evaluator: Evaluator<'a>,
    /// Steps that are left for all that is still to be evaluated.
    left: u64,
}

impl<'a> Explainer<'a> {
    fn clause(&mut self, op: &'a Op) -> Clause {
        let alternatives = sides(op, |op| match op {
            Op::Or(pair) => Some(pair),
            _ => None,
        });
        let alternatives = match alternatives.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(|side| self.plain(side)).collect(),
        };
        Clause { alternatives, ..self.plain(op) }
    }

    fn plain(&mut self, op: &'a Op) -> Clause {
        let (holds, error) = apart(self.holds(op));
        let mut reads: Vec<Read> = Vec::new();
        for part in op.paths() {
            let (path, value) = match part {
                Op::Has(of, member) => (asked(part), self.member(of, member)),
                _ => (print::text(part, &[]), self.value(part).ok()),
            };
            if !reads.iter().any(|read| read.path == path) {
                let shown = value.as_ref().map_or_else(|| "missing".to_owned(), in_words);
                let value = value.and_then(|value| self.copy(&value));
                reads.push(Read { path, shown, value });
            }
        }
        Clause { text: print::text(op, &[]), holds, error, reads, alternatives: Vec::new() }
    }

    fn holds(&mut self, op: &'a Op) -> Result<bool, EvalError> {
        match self.value(op)? {
            Val::Bool(holds) => Ok(holds),
            other => Err(EvalError::Type(format!(
                "the condition gives {}, not true or false",
                other.type_name()
            ))),
        }
    }

    fn member(&mut self, of: &'a Op, member: &str) -> Option<Val<'a>> {
        match self.value(of).ok()? {
            Val::Map(map) => map.member(member),
            _ => None,
        }
    }

    /// Every part has the steps of a whole expression, as it would have alone, while the explanation has any left.
    fn value(&mut self, op: &'a Op) -> Result<Val<'a>, EvalError> {
        let steps = self.left.min(limits::EXPRESSION_STEPS);
        self.evaluator.steps = steps;
        let value = self.evaluator.eval(op);
        self.left -= steps - self.evaluator.steps;
        value
    }

    fn copy(&mut self, value: &Val<'a>) -> Option<Value> {
        self.evaluator.steps = COPIED;
        self.evaluator.json(value, 0).ok()
    }
}

/// The field that a `has` asks for.
fn asked(op: &Op) -> String {
    let text = print::text(op, &[]);
    text.strip_prefix("has(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&text).to_owned()
}

/// A value in a sentence.
fn in_words(value: &Val<'_>) -> String {
    match value {
        Val::Text(text) if text.chars().nth(SHOWN).is_some() => {
            let begin: String = text.chars().take(SHOWN).collect();
            format!("'{begin}…'")
        }
        Val::Text(text) => format!("'{}'", &**text),
        Val::List(list) => listed(list),
        Val::Map(map) => format!("an object of {}", map.len()),
        Val::Null
        | Val::Bool(_)
        | Val::Int(_)
        | Val::UInt(_)
        | Val::Double(_)
        | Val::Time(_)
        | Val::Span(_)
        | Val::Type(_) => shown(value),
    }
}

/// A short list of plain values item by item, any other by its length.
fn listed(list: &List<'_>) -> String {
    let is_plain = |item: &Val<'_>| !matches!(item, Val::List(_) | Val::Map(_));
    if (1..=8).contains(&list.len()) && list.iter().all(|item| is_plain(&item)) {
        let items: Vec<_> = list.iter().map(|item| in_words(&item)).collect();
        return format!("[{}]", items.join(", "));
    }
    format!("a list of {}", list.len())
}
