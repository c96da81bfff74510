//! Expressions: CEL, parsed once and evaluated purely, with every step counted.
//!
//! The `cel` crate parses; the tree is compiled to a small one of our own, in which names are resolved and functions are
//! known, and evaluated over borrowed JSON. An expression can neither run for ever nor build a value without bound.
//!
//! Beyond the language's own rules: an integral JSON number is an `int`, and `int` and `double` mix in arithmetic, because
//! JSON does not tell `9` from `9.0`. A member that is missing is an error that names its path; `has(…)` asks first.

use crate::{Timestamp, instance::Left, limits};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

mod code;
mod compile;
pub mod completion;
pub mod condition;
mod eval;
pub mod explain;
mod functions;
mod macros;
mod moment;
mod operators;
mod print;
pub mod types;
mod value;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

pub(crate) use code::Reads;
use eval::Evaluator;
pub use explain::Explanation;
pub use types::{ProblemKind, Type, TypeProblem, TypeScope};

/// A parsed expression; evaluating it changes nothing and needs nothing but a [`Scope`].
#[derive(Clone, Debug)]
pub struct Expression {
    source: Arc<str>,
    root: Arc<code::Op>,
}

/// Why a text is not an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    pub message: String,
    /// 1-based column in the text, when it is known.
    pub column: Option<usize>,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// The path of what was read.
    #[error("'{0}' is missing")]
    Missing(String),
    #[error("{0}")]
    Type(String),
    #[error("{0} is out of range")]
    Range(&'static str),
    #[error("division by zero")]
    DivisionByZero,
    #[error("the expression takes more than {limit} steps")]
    Budget { limit: u64 },
}

/// What an expression can read: names and what they stand for.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// By place in [`code::NAMES`].
    known: [Option<Root<'a>>; code::NAMES.len()],
    others: Vec<(&'a str, Root<'a>)>,
    steps: u64,
}

/// What one root name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root<'a> {
    Json(&'a Value),
    Object(&'a Map<String, Value>),
    Nodes(&'a BTreeMap<String, Left>),
    Time(Timestamp),
}

impl<'a> Scope<'a> {
    /// A scope in which each name stands for a JSON value.
    pub fn new(roots: &[(&'a str, &'a Value)]) -> Self {
        let empty = Self {
            known: [None; code::NAMES.len()],
            others: Vec::new(),
            steps: limits::EXPRESSION_STEPS,
        };
        roots.iter().fold(empty, |scope, (name, value)| scope.with(name, Root::Json(value)))
    }

    /// The same scope with a time added, readable as a timestamp.
    #[must_use]
    pub fn with_time(self, name: &'a str, at: Timestamp) -> Self {
        self.with(name, Root::Time(at))
    }

    pub(crate) fn with(mut self, name: &'a str, root: Root<'a>) -> Self {
        match code::place(name) {
            Some(place) => self.known[place] = Some(root),
            None => self.others.push((name, root)),
        }
        self
    }

    fn root(&self, name: &code::Name) -> Option<Root<'a>> {
        match name.place {
            Some(place) => self.known[place],
            None => {
                self.others.iter().find(|(other, _)| *other == name.text).map(|(_, root)| *root)
            }
        }
    }
}

impl Expression {
    /// The text it is, when it is nothing else.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match &*self.root {
            code::Op::Literal(code::Literal::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// It is too long, nested too deeply, not CEL, or calls a function that does not exist.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        let root = compile::compile(source)?;
        Ok(Self { source: source.into(), root: Arc::new(root) })
    }

    /// The value of the expression.
    ///
    /// # Errors
    ///
    /// It reads what is missing, mixes types that do not mix, leaves a number's range, or takes too many steps.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        let mut evaluator = Evaluator::new(scope);
        let value = evaluator.eval(&self.root)?;
        evaluator.into_json(&value)
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    ///
    /// As [`Expression::evaluate`], or its value is neither true nor false.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        let mut evaluator = Evaluator::new(scope);
        let value = evaluator.eval(&self.root)?;
        if let value::Val::Bool(holds) = value {
            return Ok(holds);
        }
        let kind = value.type_name();
        Err(EvalError::Type(format!("the condition gives {kind}, not true or false")))
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of its value where names have these types, and everything in it that cannot succeed.
    ///
    /// Nothing is reported of what nothing is known about; an expression without a problem may still fail on a value that is missing.
    pub fn type_in(&self, scope: &TypeScope) -> (Type, Vec<TypeProblem>) {
        types::infer(&self.root, scope)
    }

    /// Paths that are there when the condition holds: it asks for them with `has`.
    pub(crate) fn shows(&self) -> Vec<Vec<String>> {
        self.root.shows(true)
    }

    /// Paths that are there when the condition does not hold.
    pub(crate) fn shows_unless(&self) -> Vec<Vec<String>> {
        self.root.shows(false)
    }

    /// Every path it reads from a root, as far as it is written out.
    pub(crate) fn reads(&self) -> Vec<Reads> {
        self.root.reads()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
